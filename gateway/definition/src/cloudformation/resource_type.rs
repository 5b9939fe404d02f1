//! Resource types: which are served, which are left out, and which guard something.

use crate::{Diagnostic, document::Node, read::Reading, shape, spelling};

/// What SAM knows.
const SERVERLESS: [&str; 13] = [
    "AWS::Serverless::Api",
    "AWS::Serverless::Application",
    "AWS::Serverless::CapacityProvider",
    "AWS::Serverless::Connector",
    "AWS::Serverless::Function",
    "AWS::Serverless::GraphQLApi",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
    "AWS::Serverless::MicroVMImage",
    "AWS::Serverless::NetworkConnector",
    "AWS::Serverless::SimpleTable",
    "AWS::Serverless::StateMachine",
    "AWS::Serverless::WebSocketApi",
];

const SERVED: [&str; 37] = [
    "AWS::ApiGateway::ApiKey",
    "AWS::ApiGateway::Authorizer",
    "AWS::ApiGateway::BasePathMapping",
    "AWS::ApiGateway::Deployment",
    "AWS::ApiGateway::DomainName",
    "AWS::ApiGateway::GatewayResponse",
    "AWS::ApiGateway::Method",
    "AWS::ApiGateway::Model",
    "AWS::ApiGateway::RequestValidator",
    "AWS::ApiGateway::Resource",
    "AWS::ApiGateway::RestApi",
    "AWS::ApiGateway::Stage",
    "AWS::ApiGateway::UsagePlan",
    "AWS::ApiGateway::UsagePlanKey",
    "AWS::ApiGateway::VpcLink",
    "AWS::ApiGatewayV2::Api",
    "AWS::ApiGatewayV2::ApiMapping",
    "AWS::ApiGatewayV2::Authorizer",
    "AWS::ApiGatewayV2::Deployment",
    "AWS::ApiGatewayV2::DomainName",
    "AWS::ApiGatewayV2::Integration",
    "AWS::ApiGatewayV2::Route",
    "AWS::ApiGatewayV2::Stage",
    "AWS::ApiGatewayV2::VpcLink",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Lambda::LayerVersion",
    "AWS::Lambda::Url",
    "AWS::SNS::Subscription",
    "AWS::SNS::Topic",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::Queue",
    "AWS::SQS::QueuePolicy",
    "AWS::Serverless::Api",
    "AWS::Serverless::Function",
    "AWS::Serverless::HttpApi",
    "AWS::Serverless::LayerVersion",
];

/// What nothing here needs: permissions, names of versions, places for logs, documentation.
const SILENT: [&str; 9] = [
    "AWS::ApiGateway::Account",
    "AWS::ApiGateway::DocumentationPart",
    "AWS::ApiGateway::DocumentationVersion",
    "AWS::CDK::Metadata",
    "AWS::CertificateManager::Certificate",
    "AWS::Lambda::Alias",
    "AWS::Lambda::Permission",
    "AWS::Lambda::Version",
    "AWS::Logs::LogGroup",
];

/// What changes an API's answers or addresses: leaving it out would serve something else.
const MISSING: [&str; 1] = ["AWS::ApiGateway::BasePathMappingV2"];

/// What protects an API: without it the API is not served.
const GUARDS: [&str; 5] = [
    "AWS::ApiGateway::ClientCertificate",
    "AWS::ApiGateway::DomainNameAccessAssociation",
    // Domains of this type are private.
    "AWS::ApiGateway::DomainNameV2",
    "AWS::WAFRegional::WebACLAssociation",
    "AWS::WAFv2::WebACLAssociation",
];

/// Says what is not served.
pub(super) fn check(reading: &mut Reading<'_>, node: &Node, kind: &str) {
    let place = node.place();
    if SERVED.contains(&kind) || SILENT.contains(&kind) || kind.starts_with("AWS::IAM::") {
        return;
    }
    if GUARDS.contains(&kind) {
        reading.findings.push(
            Diagnostic::error(&place, format!("`{kind}` is not enforced yet"))
                .help("what it protects is not served unprotected; take it out to serve without it"),
        );
        return;
    }
    if MISSING.contains(&kind) {
        reading.findings.error(&place, format!("`{kind}` is not served yet"));
        return;
    }
    let unknown_serverless = kind.starts_with("AWS::Serverless::") && !SERVERLESS.contains(&kind);
    let known = ["AWS::", "Alexa::", "Custom::"].iter().any(|prefix| kind.starts_with(prefix));
    if known && !unknown_serverless && kind.split("::").count() > 1 {
        reading.findings.warn(&place, format!("`{}` is not served yet", shape::brief(kind)));
        return;
    }
    let mut unknown = Diagnostic::error(&place, format!("unknown resource type `{}`", shape::brief(kind)));
    unknown.help = spelling::suggestion(kind, SERVERLESS);
    reading.findings.push(unknown);
}
