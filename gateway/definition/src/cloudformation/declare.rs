//! Makes every resource known by its logical id, so that intrinsics may refer to it from anywhere.

use super::{
    resource::{self, Paths},
    sink,
    template::{Declared, Template},
};
use crate::{
    http_api, identifier, intrinsics,
    intrinsics::{Scope, Target},
    read::Reading,
    sam, shape,
};

/// Declares all resources of a template; `stem` is the stem of its file's name.
pub(super) fn all(reading: &mut Reading<'_>, scope: &mut Scope, template: &Template, stem: &str) -> Paths {
    for declared in &template.resources {
        scope.targets.insert(declared.logical_id.clone(), target(scope, declared, stem));
    }
    for (logical_id, condition) in &template.absent {
        scope.targets.insert(logical_id.clone(), Target::Absent { condition: condition.clone() });
    }
    sam::declare(reading, scope, template, stem);
    http_api::declare(reading, scope, template, stem);
    // Names may be made of parameters and of what is known by now.
    for declared in template.of_type("AWS::Lambda::Function") {
        let name = lambda_name(reading, scope, declared);
        let name = name.unwrap_or_else(|| format!("{}{}", scope.function_prefix, declared.logical_id));
        scope.targets.insert(declared.logical_id.clone(), Target::Function { name, alias: None });
    }
    for declared in &template.resources {
        if let Some(target) = named(reading, scope, declared) {
            scope.targets.insert(declared.logical_id.clone(), target);
        }
    }
    resource::declare(reading, scope, template)
}

/// A resource as far as its logical id alone says what it is.
fn target(scope: &Scope, declared: &Declared, stem: &str) -> Target {
    let Declared { logical_id, kind, .. } = declared;
    let known = |reference: String, attribute: &'static str| Target::Known {
        kind: kind.clone(),
        attributes: vec![(attribute, reference.clone())],
        reference,
    };
    let short = |word: &str| identifier::other(stem, word, logical_id);
    match kind.as_str() {
        "AWS::Serverless::Function" | "AWS::Lambda::Function" => {
            Target::Function { name: logical_id.clone(), alias: None }
        }
        "AWS::Serverless::Api" => Target::Api { id: identifier::rest_api(stem, logical_id), stage: None },
        "AWS::Serverless::LayerVersion" | "AWS::Lambda::LayerVersion" => {
            Target::Layer { arn: identifier::layer_arn(scope, logical_id) }
        }
        "AWS::ApiGateway::ApiKey" => known(identifier::api_key(stem, logical_id), "APIKeyId"),
        "AWS::ApiGateway::Authorizer" => known(short("Authorizer"), "AuthorizerId"),
        "AWS::ApiGateway::Deployment" => known(short("Deployment"), "DeploymentId"),
        "AWS::ApiGateway::RequestValidator" => known(short("RequestValidator"), "RequestValidatorId"),
        "AWS::ApiGateway::Resource" => known(short("Resource"), "ResourceId"),
        "AWS::ApiGateway::RestApi" => rest_api(kind, &identifier::rest_api(stem, logical_id)),
        "AWS::ApiGateway::UsagePlan" => known(short("UsagePlan"), "Id"),
        "AWS::ApiGateway::UsagePlanKey" => known(short("UsagePlanKey"), "Id"),
        "AWS::ApiGateway::VpcLink" => known(short("VpcLink"), "VpcLinkId"),
        "AWS::IAM::Role" => Target::Known {
            kind: kind.clone(),
            reference: logical_id.clone(),
            attributes: vec![("Arn", format!("arn:aws:iam::{}:role/{logical_id}", scope.account_id))],
        },
        "AWS::Logs::LogGroup" => Target::Known {
            kind: kind.clone(),
            reference: logical_id.clone(),
            attributes: vec![(
                "Arn",
                format!("arn:aws:logs:{}:{}:log-group:{logical_id}:*", scope.region, scope.account_id),
            )],
        },
        "AWS::Cognito::UserPool" => user_pool(scope, kind, &identifier::rest_api(stem, logical_id)),
        _ => Target::Unserved { kind: kind.clone() },
    }
}

/// A resource that is known by a name that it is given.
fn named(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<Target> {
    let text = |reading: &mut Reading<'_>, key: &str| {
        let node = intrinsics::resolve(reading, scope, declared.properties.get(key)?)?;
        shape::text(&mut reading.findings, &node)
    };
    let (reference, attributes) = match declared.kind.as_str() {
        "AWS::ApiGateway::Stage" => {
            let name = text(reading, "StageName")?;
            (reading.options.stage.clone().unwrap_or(name), Vec::new())
        }
        "AWS::ApiGateway::Model" => (text(reading, "Name").unwrap_or_else(|| declared.logical_id.clone()), Vec::new()),
        "AWS::ApiGateway::DomainName" => {
            let name = text(reading, "DomainName")?;
            // What DNS leads to on AWS.
            let regional =
                format!("d-{}.execute-api.{}.amazonaws.com", identifier::other("", "Domain", &name), scope.region);
            let distribution = format!("{}.cloudfront.net", identifier::other("", "Distribution", &name));
            let attributes = vec![
                ("RegionalDomainName", regional),
                ("RegionalHostedZoneId", "Z1UJRXOUMOOFQ8".to_owned()),
                ("DistributionDomainName", distribution),
                ("DistributionHostedZoneId", "Z2FDTNDATAQYW2".to_owned()),
            ];
            (name, attributes)
        }
        "AWS::Lambda::Version" => {
            let arn = function_arn(scope, &text(reading, "FunctionName")?);
            let version = format!("{arn}:1");
            (version.clone(), vec![("Version", "1".to_owned()), ("FunctionArn", version)])
        }
        "AWS::Lambda::Alias" => {
            let arn = function_arn(scope, &text(reading, "FunctionName")?);
            let alias = format!("{arn}:{}", text(reading, "Name")?);
            (alias.clone(), vec![("AliasArn", alias)])
        }
        _ => return sink::target(reading, scope, declared),
    };
    Some(Target::Known { kind: declared.kind.clone(), reference, attributes })
}

fn lambda_name(reading: &mut Reading<'_>, scope: &Scope, declared: &Declared) -> Option<String> {
    let node = intrinsics::resolve(reading, scope, declared.properties.get("FunctionName")?)?;
    let name = shape::text(&mut reading.findings, &node)?;
    sam::check_function_name(reading, &node.place(), &name);
    Some(name)
}

/// The ARN of a function that is named by its ARN or its name.
fn function_arn(scope: &Scope, function: &str) -> String {
    if function.starts_with("arn:") {
        return function.split(':').take(7).collect::<Vec<_>>().join(":");
    }
    identifier::function_arn(&scope.region, &scope.account_id, function)
}

fn rest_api(kind: &str, id: &str) -> Target {
    let attributes = vec![("RestApiId", id.to_owned()), ("RootResourceId", identifier::resource(id, "/", 0))];
    Target::Known { kind: kind.to_owned(), reference: id.to_owned(), attributes }
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
