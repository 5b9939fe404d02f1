//! Compiles integrations with AWS's services.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/integration-request-basic-setup.html>

use super::method;
use crate::{
    header_rules,
    integration::{
        aws_service::{ActionHeader, ActionSent, AwsService},
        http::Http,
    },
};
use fanlight_aws_wire::{Protocol, Service};
use fanlight_definition::{
    Diagnostic,
    resources::{HttpMethod, Method, ServiceCall, ServiceTarget},
};
use http::HeaderValue;

/// The services that a host has sinks for.
const SERVED: [Service; 3] = [Service::Sqs, Service::Sns, Service::DynamoDb];

pub(super) fn compile(
    definition: &Method,
    (target, http_method): (&ServiceTarget, HttpMethod),
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<AwsService> {
    let integration = &definition.integration;
    let service = served(target).map_err(|fault| diagnostics.push(fault.at(definition))).ok();
    let action = service
        .map(|service| action(service, &target.call))
        .transpose()
        .map_err(|fault| diagnostics.push(fault.at(definition)))
        .ok();
    let uri = address(target);
    let server = method::http_proxy(integration, &uri, http_method, diagnostics);
    let transformation = method::transformation(definition, diagnostics);
    let mut server = server?;
    server.forbidden_mapping = method::forbidden(integration, header_rules::unmappable_for_lambda);
    let call = match &target.call {
        ServiceCall::Action(name) => format!("{}:action/{name}", target.service),
        ServiceCall::Path(path) => format!("{}:path/{path}", target.service),
    };
    Some(AwsService {
        service: service?,
        region: target.region.clone(),
        http: Http { server, timeout: method::timeout(integration), transformation: transformation? },
        action: action?.flatten(),
        target: call.into(),
    })
}

struct Fault {
    message: String,
    help: Option<String>,
}

impl Fault {
    fn new(message: String) -> Self {
        Self { message, help: None }
    }

    fn at(self, method: &Method) -> Diagnostic {
        let diagnostic = Diagnostic::error(&method.integration.place, self.message);
        match self.help {
            Some(help) => diagnostic.help(help),
            None => diagnostic,
        }
    }
}

fn served(target: &ServiceTarget) -> Result<Service, Fault> {
    let name = &target.service;
    if name.contains('{') {
        return Err(Fault::new(format!("a stage cannot choose the service of `{name}` here")));
    }
    Service::named(name).filter(|service| SERVED.contains(service)).ok_or_else(|| {
        let known = SERVED.map(|service| format!("`{}`", service.name())).join(", ");
        let help = Some(format!("the services here are {known}, and Lambda"));
        Fault { message: format!("an integration with `{name}` is not served yet"), help }
    })
}

/// Where the service would be called on AWS.
fn address(target: &ServiceTarget) -> String {
    let ServiceTarget { region, service, subdomain, call } = target;
    let subdomain = subdomain.as_ref().map(|name| format!("{name}.")).unwrap_or_default();
    let host = format!("https://{subdomain}{service}.{region}.amazonaws.com");
    match call {
        ServiceCall::Action(action) => format!("{host}/?Action={action}"),
        ServiceCall::Path(path) => format!("{host}/{path}"),
    }
}

/// The header that names the operation. Recorded on AWS: EventBridge is not told its operation by the URI, and SSM is
/// called in the Query protocol.
fn action(service: Service, call: &ServiceCall) -> Result<Option<ActionHeader>, Fault> {
    let ServiceCall::Action(action) = call else { return Ok(None) };
    let sent = match service {
        Service::DynamoDb | Service::Kinesis | Service::StepFunctions => ActionSent::Always,
        Service::Sqs => ActionSent::WithJson,
        Service::Sns | Service::EventBridge | Service::Ssm => return Ok(None),
        Service::S3 => return Err(Fault::new("Amazon S3 has no `action/`, only `path/`".to_owned())),
    };
    let Protocol::Json { version, target } = service.protocol() else { return Ok(None) };
    let name = action.split('&').next().unwrap_or_default();
    let header = |text: String| {
        HeaderValue::from_str(&text).ok().filter(|_| !name.contains('{')).ok_or_else(|| {
            Fault::new(format!("`{name}` is no operation: a request cannot choose one, and a header must hold it"))
        })
    };
    Ok(Some(ActionHeader {
        value: header(format!("{target}.{name}"))?,
        content_type: header(format!("application/x-amz-json-{version}"))?,
        sent,
    }))
}
