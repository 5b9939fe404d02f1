//! The spellings of a Lambda function as an integration's endpoint.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_Integration.html>, `uri`

use super::{Scope, function_names};
use crate::{Diagnostic, document::Node, intrinsics::Target, read::Reading, shape, spelling};

/// Our own short spelling: `function:Name`.
pub(super) const OWN_SCHEME: &str = "function:";

/// Names of the accepted form in messages.
const FORM: &str = "write `arn:aws:apigateway:{region}:lambda:path/2015-03-31/functions/{function's ARN}/invocations`";

/// The name of the function that a URI invokes; it may hold `${stageVariables.X}`.
pub(crate) fn function(reading: &mut Reading<'_>, scope: &Scope, node: &Node, text: &str) -> Option<String> {
    let text = import_variables(scope, text);
    let name = match text.strip_prefix(OWN_SCHEME) {
        Some(name) => name,
        None => match from_arn(&text) {
            Ok(name) => name,
            Err((message, help)) => {
                reading.findings.push(Diagnostic::error(&node.place(), message).help(help));
                return None;
            }
        },
    };
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
    if let Some(found) = function_names(scope).find(|known| *known == name).or(logical) {
        return Some(found.to_owned());
    }
    let mut unknown = Diagnostic::error(&node.place(), format!("no function is called `{}`", shape::brief(name)));
    unknown.help = spelling::suggestion(name, function_names(scope));
    reading.findings.push(unknown);
    None
}

/// The variables that AWS fills in at import, without `Fn::Sub`.
fn import_variables(scope: &Scope, text: &str) -> String {
    text.replace("${AWS::Region}", &scope.region)
        .replace("${AWS::AccountId}", &scope.account_id)
        .replace("${AWS::Partition}", "aws")
}

/// The function's name out of API Gateway's ARN for an invocation.
fn from_arn(text: &str) -> Result<&str, (String, String)> {
    let brief = shape::brief(text);
    if !text.starts_with("arn:") {
        return Err((format!("`{brief}` is no ARN"), FORM.to_owned()));
    }
    let mut parts = text.splitn(6, ':').skip(2);
    let (service, target, resource) = (parts.next(), parts.nth(1), parts.next());
    let (Some("apigateway"), Some(target), Some(resource)) = (service, target, resource) else {
        return Err((format!("the ARN `{brief}` has no `path/` or `action/`"), FORM.to_owned()));
    };
    let not_lambda = || {
        let message = "of AWS's services only Lambda functions are served yet".to_owned();
        (message, FORM.to_owned())
    };
    if target != "lambda" {
        return Err(not_lambda());
    }
    let path = resource.strip_prefix("path/").ok_or_else(not_lambda)?.trim_start_matches('/');
    if path.starts_with("2021-11-15/") {
        let message = "response streaming is not served yet".to_owned();
        return Err((message, "`2015-03-31/functions/../invocations` is served".to_owned()));
    }
    let function = path
        .strip_prefix("2015-03-31/functions/")
        .and_then(|rest| rest.strip_suffix("/invocations"))
        .ok_or_else(not_lambda)?;
    if !function.starts_with("arn:") {
        return Err((format!("`{}` is no ARN of a function", shape::brief(function)), FORM.to_owned()));
    }
    // arn:aws:lambda:{region}:{account}:function:{name}[:{version or alias}]
    function.split(':').nth(6).filter(|name| !name.is_empty()).ok_or_else(not_lambda)
}

#[cfg(test)]
mod tests {
    use super::from_arn;

    #[test]
    fn reads_every_spelling_of_an_invocation() {
        let arn = "arn:aws:lambda:us-east-1:000000000000:function:pets";
        for (function, slash) in [(arn.to_owned(), "/"), (format!("{arn}:live"), "/"), (arn.to_owned(), "//")] {
            let uri =
                format!("arn:aws:apigateway:us-east-1:lambda:path{slash}2015-03-31/functions/{function}/invocations");
            assert_eq!(from_arn(&uri), Ok("pets"), "{uri}");
        }
        for uri in [
            "",
            "pets",
            "arn:aws:lambda:us-east-1:000000000000:function:pets",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/pets/invocations",
            "arn:aws:apigateway:us-east-1:dynamodb:action/GetItem",
            "arn:aws:apigateway:us-east-1:lambda:action/Invoke",
            "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda/invocations",
        ] {
            assert!(from_arn(uri).is_err(), "{uri}");
        }
    }
}
