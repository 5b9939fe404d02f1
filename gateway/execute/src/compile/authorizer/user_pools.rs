//! Compiles an authorizer of user pools.

use super::{expression, identity_source};
use crate::authorize::{
    cognito::{Issuer, UserPool, UserPoolAuthorizer},
    identity::IdentitySource,
    jwt::key_source::KeySource,
};
use fanlight_definition::{
    Diagnostic,
    resources::{Authorizer, TemplateText},
};
use http::{HeaderName, header};

pub(super) fn compile(
    definition: &Authorizer,
    arns: &[TemplateText],
    diagnostics: &mut Vec<Diagnostic>,
) -> Option<UserPoolAuthorizer> {
    let header = token_header(definition, diagnostics);
    let expression = expression(definition, diagnostics);
    let pools: Option<Vec<UserPool>> = arns.iter().map(|arn| said(arn, diagnostics)).collect();
    let pools = pools?;
    if pools.is_empty() {
        diagnostics.push(Diagnostic::error(&definition.place, "an authorizer of user pools has at least one"));
        return None;
    }
    Some(UserPoolAuthorizer { name: definition.name.clone(), header: header?, expression: expression?, pools })
}

fn token_header(definition: &Authorizer, diagnostics: &mut Vec<Diagnostic>) -> Option<HeaderName> {
    match definition.identity_sources.as_slice() {
        [] => Some(header::AUTHORIZATION),
        [source] => match identity_source(source, diagnostics)? {
            IdentitySource::Header(header) => Some(header),
            IdentitySource::Query(_) | IdentitySource::StageVariable(_) | IdentitySource::Context(_) => {
                let message = "the token of a user pool stands in a header, `method.request.header.X`";
                diagnostics.push(Diagnostic::error(&source.place, message));
                None
            }
        },
        [_, _, ..] => {
            let message = "an authorizer of user pools has one identity source, `method.request.header.X`";
            diagnostics.push(Diagnostic::error(&definition.place, message));
            None
        }
    }
}

fn said(arn: &TemplateText, diagnostics: &mut Vec<Diagnostic>) -> Option<UserPool> {
    let found = pool(&arn.text);
    if found.is_none() {
        let message = if arn.text.contains("${stageVariables.") {
            "a stage variable in the ARN of a user pool is not served yet".to_owned()
        } else {
            format!(
                "`{}` is no ARN of a user pool: `arn:aws:cognito-idp:{{region}}:{{account}}:userpool/{{id}}`",
                arn.text
            )
        };
        diagnostics.push(Diagnostic::error(&arn.place, message));
    }
    found
}

/// The pool of an ARN. Its id becomes a part of an address, so it holds nothing that means something there.
fn pool(arn: &str) -> Option<UserPool> {
    let [prefix, partition, service, region, account, resource] =
        <[&str; 6]>::try_from(arn.splitn(6, ':').collect::<Vec<_>>()).ok()?;
    let id = resource.strip_prefix("userpool/")?;
    let plain = |text: &str, also: char| {
        !text.is_empty()
            && text.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '-') || letter == also)
    };
    if prefix != "arn" || service != "cognito-idp" || account.is_empty() || !plain(region, '-') || !plain(id, '_') {
        return None;
    }
    let domain = match partition {
        "aws" | "aws-us-gov" => "amazonaws.com",
        "aws-cn" => "amazonaws.com.cn",
        _ => return None,
    };
    let name = format!("https://cognito-idp.{region}.{domain}/{id}");
    let keys = KeySource::Address(format!("{name}/.well-known/jwks.json").into());
    Some(UserPool { id: id.to_owned(), issuer: Issuer { name: name.into(), keys } })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pools() {
        let rows = [
            (
                "arn:aws:cognito-idp:eu-west-1:1:userpool/eu-west-1_Ab",
                Some("https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Ab"),
            ),
            (
                "arn:aws-cn:cognito-idp:cn-north-1:1:userpool/x_1",
                Some("https://cognito-idp.cn-north-1.amazonaws.com.cn/x_1"),
            ),
            ("arn:aws:cognito-idp:eu-west-1:1:userpool/a/../b", None),
            ("arn:aws:cognito-idp:evil.test/:1:userpool/x_1", None),
            ("arn:aws:cognito-idp:eu-west-1:1:pool/x_1", None),
            ("arn:aws:iam::1:user/ann", None),
            ("x_1", None),
        ];
        for (arn, issuer) in rows {
            assert_eq!(pool(arn).map(|pool| pool.issuer.name.to_string()).as_deref(), issuer, "{arn}");
        }
    }
}
