//! Makes every resource known by its logical id, so that intrinsics may refer to it from anywhere.

use super::template::{Declared, Template};
use crate::{
    identifier,
    intrinsics::{Scope, Target},
    read::Reading,
    sam,
};

/// Declares all resources of a template; `stem` is the stem of its file's name.
pub(super) fn all(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) {
    for declared in &template.resources {
        scope.targets.insert(declared.logical_id.clone(), target(scope, declared, stem));
    }
    for (logical_id, condition) in &template.absent {
        scope.targets.insert(logical_id.clone(), Target::Absent { condition: condition.clone() });
    }
    sam::declare(reading, scope, template, stem);
}

/// A resource as far as its logical id alone says what it is.
fn target(scope: &Scope, declared: &Declared, stem: &str) -> Target {
    let Declared { logical_id, kind, .. } = declared;
    let known = |reference: String, attribute: &'static str| Target::Known {
        kind: kind.clone(),
        attributes: vec![(attribute, reference.clone())],
        reference,
    };
    match kind.as_str() {
        "AWS::Serverless::Function" => Target::Function { name: logical_id.clone(), alias: None },
        "AWS::Serverless::Api" => Target::Api { id: identifier::rest_api(stem, logical_id), stage: None },
        "AWS::Serverless::LayerVersion" => Target::Layer { arn: identifier::layer_arn(scope, logical_id) },
        "AWS::ApiGateway::ApiKey" => known(identifier::api_key(stem, logical_id), "APIKeyId"),
        "AWS::ApiGateway::UsagePlan" => known(identifier::other(stem, "UsagePlan", logical_id), "Id"),
        "AWS::ApiGateway::UsagePlanKey" => known(identifier::other(stem, "UsagePlanKey", logical_id), "Id"),
        "AWS::Cognito::UserPool" => user_pool(scope, kind, &identifier::rest_api(stem, logical_id)),
        _ => Target::Unserved { kind: kind.clone() },
    }
}

/// A user pool, which authorizers name; its tokens are issued elsewhere.
fn user_pool(scope: &Scope, kind: &str, letters: &str) -> Target {
    let Scope { region, account_id, .. } = scope;
    let letters: String = letters.chars().take(9).collect();
    let id = format!("{region}_{letters}");
    let provider = format!("cognito-idp.{region}.amazonaws.com/{id}");
    let attributes = vec![
        ("Arn", format!("arn:aws:cognito-idp:{region}:{account_id}:userpool/{id}")),
        ("ProviderName", provider.clone()),
        ("ProviderURL", format!("https://{provider}")),
        ("UserPoolId", id.clone()),
    ];
    Target::Known { kind: kind.to_owned(), reference: id, attributes }
}
