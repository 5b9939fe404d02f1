//! The spellings of a Lambda function or another service of AWS as an endpoint.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, `uri`

use super::{Scope, function_names};
use crate::{
    Diagnostic,
    document::Node,
    identifier,
    intrinsics::{Names, Target},
    read::Reading,
    resources::{ServiceCall, ServiceTarget},
    shape, spelling,
};
use std::borrow::Cow;

/// Our own short spelling: `function:Name`.
pub(super) const OWN_SCHEME: &str = "function:";

/// Names of the accepted form in messages.
const FORM: &str = "write `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function's ARN}/invocations`";
const SERVICE_FORM: &str =
    "write `arn:aws:apigateway:{region}:{service}:action/{action}` or `..:{service}:path/{path}`";

/// What an ARN of API Gateway leads to.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Endpoint {
    /// A Lambda function by its name, which may hold `${stageVariables.X}`.
    Function { name: String, streams: bool },
    /// Another service.
    Service(ServiceTarget),
}

/// What is wrong with a URI, and what to write.
type Fault = (String, &'static str);

/// The endpoint of a URI.
pub(super) fn endpoint(reading: &mut Reading<'_>, scope: &Scope, node: &Node, text: &str) -> Option<Endpoint> {
    if let Some(name) = text.strip_prefix(OWN_SCHEME) {
        let Some(name) = known(scope, name) else {
            let mut unknown = Diagnostic::error(&node.place(), unknown(name));
            unknown.help = spelling::suggestion(name, function_names(scope));
            reading.findings.push(unknown);
            return None;
        };
        return Some(Endpoint::Function { name, streams: false });
    }
    match from_arn(&without_stand_in(scope, text)) {
        Ok(Endpoint::Function { name, streams }) => {
            let name = known(scope, &name).unwrap_or_else(|| {
                // AWS asks nobody whether there is such a function before somebody calls.
                let suggestion = spelling::suggestion(&name, function_names(scope));
                let help = suggestion.map(|text| format!("{text}; ")).unwrap_or_default();
                let warning = Diagnostic::warning(&node.place(), unknown(&name));
                reading.findings.push(warning.help(format!("{help}calls of it answer 500")));
                name
            });
            Some(Endpoint::Function { name, streams })
        }
        Ok(Endpoint::Service(target)) => Some(Endpoint::Service(target)),
        Err((message, help)) => {
            reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
            None
        }
    }
}

/// The name of the function that a URI invokes for a whole answer; it may hold `${stageVariables.X}`.
pub(crate) fn function(reading: &mut Reading<'_>, scope: &Scope, node: &Node, text: &str) -> Option<String> {
    match endpoint(reading, scope, node, text)? {
        Endpoint::Function { name, streams: false } => Some(name),
        Endpoint::Function { streams: true, .. } | Endpoint::Service(_) => {
            let message = format!("`{}` is no invocation of a Lambda function", shape::brief(text));
            reading.findings.push(Diagnostic::error(&node.place(), message).help(FORM));
            None
        }
    }
}

fn unknown(name: &str) -> String {
    format!("no function is called `{}`", shape::brief(name))
}

/// A URI with the ARN of a function in place of the text `Function.Arn`, which stands for it in a file without its
/// template.
fn without_stand_in<'a>(scope: &Scope, text: &'a str) -> Cow<'a, str> {
    let parts = text.split_once("/functions/").filter(|_| scope.names == Names::Partial);
    let named = parts.and_then(|(before, after)| Some((before, after.split_once(".Arn/")?)));
    match named {
        Some((before, (name, after))) if !name.contains([':', '/']) => {
            let arn = identifier::function_arn(&scope.region, &scope.account_id, name);
            Cow::Owned(format!("{before}/functions/{arn}/{after}"))
        }
        Some(_) | None => Cow::Borrowed(text),
    }
}

/// The function's name as it is known here.
fn known(scope: &Scope, name: &str) -> Option<String> {
    // Which function that is, is known when the stages are.
    if name.contains("${stageVariables.") {
        return Some(name.to_owned());
    }
    let logical = scope.targets.get(name).and_then(|target| match target {
        Target::Function { name, alias: _ } => Some(name.as_str()),
        Target::Api { .. }
        | Target::Layer { .. }
        | Target::Known { .. }
        | Target::Unserved { .. }
        | Target::Absent { .. } => None,
    });
    function_names(scope).find(|known| *known == name).or(logical).map(str::to_owned)
}

/// `arn:{partition}:apigateway:{region}:{subdomain.service|service}:{path|action}/..`
fn from_arn(text: &str) -> Result<Endpoint, Fault> {
    let brief = shape::brief(text);
    if !text.starts_with("arn:") {
        return Err((format!("`{brief}` is no ARN"), FORM));
    }
    let no_call = || (format!("the ARN `{brief}` has no `path/` or `action/`"), FORM);
    let mut parts = text.splitn(6, ':').skip(2);
    let (Some("apigateway"), Some(region), Some(service), Some(resource)) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(no_call());
    };
    let call = match resource.split_once('/') {
        Some(("action", action)) => ServiceCall::Action(action.to_owned()),
        // AWS takes `path//..` too.
        Some(("path", path)) => ServiceCall::Path(path.trim_start_matches('/').to_owned()),
        Some(_) | None => return Err(no_call()),
    };
    let (ServiceCall::Action(named) | ServiceCall::Path(named)) = &call;
    if service == "lambda" {
        return from_lambda(&call);
    }
    // The path of a service may be its root.
    if service.is_empty() || named.is_empty() && matches!(call, ServiceCall::Action(_)) {
        return Err((format!("the ARN `{brief}` names no service or no call"), SERVICE_FORM));
    }
    // A stage variable may stand for the service, and has a dot of its own.
    let (subdomain, service) = match service.rsplit_once('.') {
        Some((subdomain, service)) if !service.ends_with('}') => (Some(subdomain.to_owned()), service),
        Some(_) | None => (None, service),
    };
    Ok(Endpoint::Service(ServiceTarget { region: region.to_owned(), service: service.to_owned(), subdomain, call }))
}

/// The function's name out of an invocation.
fn from_lambda(call: &ServiceCall) -> Result<Endpoint, Fault> {
    let not_an_invocation = || ("of Lambda's calls only invocations are served".to_owned(), FORM);
    let path = match call {
        ServiceCall::Path(path) => path.as_str(),
        ServiceCall::Action(_) => return Err(not_an_invocation()),
    };
    let whole = path.strip_prefix("2015-03-31/functions/").and_then(|rest| rest.strip_suffix("/invocations"));
    let streamed = path
        .strip_prefix("2021-11-15/functions/")
        .and_then(|rest| rest.strip_suffix("/response-streaming-invocations"));
    let (function, streams) = match (whole, streamed) {
        (Some(function), _) => (function, false),
        (None, Some(function)) => (function, true),
        (None, None) => return Err(not_an_invocation()),
    };
    if !function.starts_with("arn:") {
        return Err((format!("`{}` is no ARN of a function", shape::brief(function)), FORM));
    }
    // arn:aws:lambda:{region}:{account}:function:{name}[:{version or alias}]
    let name = function.split(':').nth(6).filter(|name| !name.is_empty()).ok_or_else(not_an_invocation)?;
    Ok(Endpoint::Function { name: name.to_owned(), streams })
}

#[cfg(test)]
mod tests {
    use super::{Endpoint, from_arn};
    use crate::resources::{ServiceCall, ServiceTarget};

    #[test]
    fn reads_every_spelling_of_an_invocation() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:pets";
        let pets = |streams| Ok(Endpoint::Function { name: "pets".to_owned(), streams });
        for (function, slash) in [(arn.to_owned(), "/"), (format!("{arn}:live"), "/"), (arn.to_owned(), "//")] {
            let uri =
                format!("arn:aws:apigateway:us-east-1:lambda:path{slash}2015-03-31/functions/{function}/invocations");
            assert_eq!(from_arn(&uri), pets(false), "{uri}");
        }
        let streamed = format!(
            "arn:aws:apigateway:us-east-1:lambda:path/2021-11-15/functions/{arn}/response-streaming-invocations"
        );
        assert_eq!(from_arn(&streamed), pets(true));
        for uri in [
            "",
            "pets",
            "arn:aws:lambda:us-east-1:000000000000:function:pets",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/pets/invocations",
            "arn:aws:apigateway:us-east-1:lambda:action/Invoke",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda/invocations",
            "arn:aws:apigateway:us-east-1:dynamodb:GetItem",
            "arn:aws:apigateway:us-east-1:dynamodb:action/",
            "arn:aws:apigateway:us-east-1::action/GetItem",
        ] {
            assert!(from_arn(uri).is_err(), "{uri}");
        }
    }

    #[test]
    fn reads_the_calls_of_other_services() {
        let action = |text: &str| ServiceCall::Action(text.to_owned());
        let path = |text: &str| ServiceCall::Path(text.to_owned());
        for (written, subdomain, service, call) in [
            ("dynamodb:action/GetItem", None, "dynamodb", action("GetItem")),
            ("sns:action/Publish&Version=2010-03-31", None, "sns", action("Publish&Version=2010-03-31")),
            ("sqs:path/000000000000/queue", None, "sqs", path("000000000000/queue")),
            ("s3:path/{bucket}/{key}", None, "s3", path("{bucket}/{key}")),
            ("sns:path//", None, "sns", path("")),
            ("pets.s3:path//a:b", Some("pets"), "s3", path("a:b")),
            ("runtime.sagemaker:path/x", Some("runtime"), "sagemaker", path("x")),
            ("${stageVariables.bucket}.s3:path/x", Some("${stageVariables.bucket}"), "s3", path("x")),
            ("${stageVariables.service}:action/X", None, "${stageVariables.service}", action("X")),
        ] {
            let (service, subdomain) = (service.to_owned(), subdomain.map(str::to_owned));
            let expected = ServiceTarget { region: "eu-west-1".to_owned(), service, subdomain, call };
            let found = from_arn(&format!("arn:aws:apigateway:eu-west-1:{written}"));
            assert_eq!(found, Ok(Endpoint::Service(expected)), "{written}");
        }
    }
}
