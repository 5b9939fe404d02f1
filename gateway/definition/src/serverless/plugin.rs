//! `plugins`: none is run, and what each would do to the service's API or code is said.
//!
//! Serverless: <https://www.serverless.com/plugins>

use crate::{
    Diagnostic,
    document::{Map, Node},
    read::Reading,
    shape,
};

/// What a plugin does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Effect {
    /// Nothing that concerns what is served here.
    None,
    /// It protects the API.
    Protects,
    /// It changes what the API answers.
    Changes(&'static str),
    /// It builds the code.
    Builds,
}

use Effect::{Builds, Changes, None as Nothing, Protects};

const PLUGINS: &[(&str, Effect)] = &[
    ("@hewmen/serverless-plugin-typescript", Builds),
    ("@silvermine/serverless-plugin-cloudfront-lambda-edge", Nothing),
    ("serverless-add-api-key", Changes("it makes API keys; write `provider.apiGateway.apiKeys`")),
    ("serverless-api-gateway-caching", Changes("it caches answers")),
    ("serverless-api-gateway-throttling", Changes("it sets limits of methods")),
    ("serverless-apigateway-service-proxy", Changes("it adds routes that lead to other services of AWS")),
    ("serverless-apigw-binary", Changes("it sets media types; write `provider.apiGateway.binaryMediaTypes`")),
    ("serverless-appsync-plugin", Changes("it adds a GraphQL API")),
    ("serverless-associate-waf", Protects),
    ("serverless-auto-swagger", Nothing),
    ("serverless-aws-alias", Changes("it makes stages of aliases")),
    ("serverless-aws-documentation", Nothing),
    ("serverless-basic-authentication", Protects),
    ("serverless-bundle", Builds),
    ("serverless-certificate-creator", Nothing),
    (
        "serverless-content-encoding",
        Changes("it compresses answers; write `provider.apiGateway.minimumCompressionSize`"),
    ),
    ("serverless-deployment-bucket", Nothing),
    ("serverless-domain-manager", Changes("it makes a domain for the API")),
    ("serverless-dotenv-plugin", Changes("it gives what `.env` holds to functions; write `provider.environment`")),
    ("serverless-dynamodb", Nothing),
    ("serverless-dynamodb-local", Nothing),
    ("serverless-esbuild", Builds),
    ("serverless-export-env", Nothing),
    ("serverless-finch", Nothing),
    ("serverless-go-plugin", Builds),
    ("serverless-iam-roles-per-function", Nothing),
    ("serverless-jetpack", Nothing),
    ("serverless-kms-secrets", Nothing),
    ("serverless-layers", Nothing),
    ("serverless-lift", Changes("its constructs are not made")),
    ("serverless-localstack", Nothing),
    ("serverless-log-forwarding", Nothing),
    ("serverless-nextjs-plugin", Builds),
    ("serverless-offline", Nothing),
    ("serverless-offline-dynamodb-streams", Nothing),
    ("serverless-offline-sns", Nothing),
    ("serverless-offline-sqs", Nothing),
    ("serverless-offline-ssm", Nothing),
    ("serverless-openapi-documenter", Nothing),
    ("serverless-optimize", Nothing),
    ("serverless-plugin-aws-alerts", Nothing),
    ("serverless-plugin-browserifier", Builds),
    ("serverless-plugin-canary-deployments", Nothing),
    ("serverless-plugin-custom-binary", Changes("it sets media types; write `provider.apiGateway.binaryMediaTypes`")),
    ("serverless-plugin-include-dependencies", Nothing),
    ("serverless-plugin-lambda-dead-letter", Nothing),
    ("serverless-plugin-log-retention", Nothing),
    ("serverless-plugin-monorepo", Nothing),
    ("serverless-plugin-optimize", Nothing),
    ("serverless-plugin-scripts", Nothing),
    ("serverless-plugin-split-stacks", Nothing),
    ("serverless-plugin-tracing", Nothing),
    ("serverless-plugin-typescript", Builds),
    ("serverless-plugin-warmup", Nothing),
    ("serverless-prune-plugin", Nothing),
    ("serverless-pseudo-parameters", Nothing),
    ("serverless-python-requirements", Nothing),
    ("serverless-reqvalidator-plugin", Nothing),
    ("serverless-rust", Builds),
    ("serverless-s3-local", Nothing),
    ("serverless-s3-sync", Nothing),
    ("serverless-stack-output", Nothing),
    ("serverless-stack-termination-protection", Nothing),
    ("serverless-step-functions", Changes("it makes state machines, and routes that lead to them")),
    ("serverless-vpc-plugin", Nothing),
    ("serverless-webpack", Builds),
    ("serverless-wsgi", Changes("it makes the handler of a WSGI app")),
];

/// The list of plugins; its second form names a folder beside it.
fn list(node: &Node) -> &Node {
    node.as_map().and_then(|map: &Map| map.get("modules")).unwrap_or(node)
}

/// Whether a plugin makes the REST API even when no event does: the service's own resources may add to it.
pub(super) fn makes_api(node: Option<&Node>) -> bool {
    let plugins = node.and_then(|node| list(node).as_list()).unwrap_or_default();
    plugins.iter().any(|plugin| plugin.as_text() == Some("serverless-apigateway-service-proxy"))
}

/// Says what the plugins of a service would do.
pub(super) fn check(reading: &mut Reading<'_>, node: Option<&Node>) {
    let Some(list) = node.map(list).filter(|list| !list.says_no()) else { return };
    for item in shape::list(&mut reading.findings, list).unwrap_or_default() {
        let Some(name) = shape::text(&mut reading.findings, item) else { continue };
        say(reading, item, &name);
    }
}

fn say(reading: &mut Reading<'_>, item: &Node, name: &str) {
    let place = item.place();
    let brief = shape::brief(name);
    let finding = match PLUGINS.iter().find(|(known, _)| *known == name).map(|(_, effect)| *effect) {
        Some(Nothing) => return,
        Some(Protects) => Diagnostic::error(&place, format!("the plugin `{brief}` is not run"))
            .help("what it protects is not served unprotected; take it out to serve without it"),
        Some(Changes(what)) => Diagnostic::warning(&place, format!("the plugin `{brief}` is not run")).help(what),
        Some(Builds) => Diagnostic::warning(&place, format!("the plugin `{brief}` is not run"))
            .help("it builds the code: functions are served as they lie beside the definition"),
        None => Diagnostic::warning(&place, format!("the plugin `{brief}` is not run"))
            .help("what it adds to the service is not served"),
    };
    reading.findings.push(finding);
}
