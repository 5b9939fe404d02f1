//! The logical ids that Serverless gives to what it makes of a service: templates refer to them.
//!
//! Serverless: <https://www.serverless.com/framework/docs/providers/aws/guide/resources>

/// The API of all `http` events.
pub(super) const REST_API: &str = "ApiGatewayRestApi";

/// The role of all functions that name none.
pub(super) const ROLE: &str = "IamRoleLambdaExecution";

/// A function's name without the letters that a logical id does not have.
pub(super) fn normalized(function: &str) -> String {
    upper_first(&function.replace('-', "Dash").replace('_', "Underscore"))
}

/// `HelloLambdaFunction`
pub(super) fn function(name: &str) -> String {
    format!("{}LambdaFunction", normalized(name))
}

/// `HelloLogGroup`
pub(super) fn log_group(function: &str) -> String {
    format!("{}LogGroup", normalized(function))
}

/// `ToolsLambdaLayer`
pub(super) fn layer(name: &str) -> String {
    format!("{}LambdaLayer", upper_first(&name.replace('-', "Dash").replace('_', "Underscore")))
}

/// `CheckApiGatewayAuthorizer`
pub(super) fn authorizer(name: &str) -> String {
    format!("{}ApiGatewayAuthorizer", alphanumeric(&normalized(name)))
}

/// `PetsIdVar` of `pets/{id}`
pub(super) fn path(path: &str) -> String {
    path.split('/').map(path_part).collect()
}

/// `ApiGatewayResourcePetsIdVar`
pub(super) fn resource(name: &str) -> String {
    format!("ApiGatewayResource{name}")
}

/// `ApiGatewayMethodPetsIdVarGet`
pub(super) fn method(path_name: &str, method: &str) -> String {
    format!("ApiGatewayMethod{path_name}{}", upper_first(&method.to_ascii_lowercase()))
}

/// `ApiGatewayPetsRequestValidator`
pub(super) fn validator(service: &str) -> String {
    format!("ApiGateway{}RequestValidator", upper_first(&alphanumeric(service)))
}

/// `ApiGatewayPetModel`, of a schema that the provider names.
pub(super) fn model(schema: &str) -> String {
    format!("ApiGateway{}Model", words(schema))
}

/// `ApiGatewayMethodPetsPostApplicationJsonModel`
pub(super) fn method_model(method: &str, media_type: &str) -> String {
    format!("{method}{}Model", words(media_type))
}

/// `ApiGatewayApiKey1`, or `ApiGatewayApiKeyGold1` of a plan.
pub(super) fn api_key(plan: Option<&str>, number: usize) -> String {
    format!("ApiGatewayApiKey{}{number}", plan.map(of_plan).unwrap_or_default())
}

/// `ApiGatewayUsagePlan`, or `ApiGatewayUsagePlanGold`.
pub(super) fn usage_plan(plan: Option<&str>) -> String {
    format!("ApiGatewayUsagePlan{}", plan.map(of_plan).unwrap_or_default())
}

/// `ApiGatewayUsagePlanKey1`, or `ApiGatewayUsagePlanKeyGold1`.
pub(super) fn usage_plan_key(plan: Option<&str>, number: usize) -> String {
    format!("ApiGatewayUsagePlanKey{}{number}", plan.map(of_plan).unwrap_or_default())
}

fn of_plan(plan: &str) -> String {
    upper_first(&alphanumeric(plan))
}

fn path_part(part: &str) -> String {
    // The rest of a part is lower case.
    let part = part.to_lowercase().replace('-', "Dash");
    let part = match part.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')) {
        Some(name) => format!("{name}Var"),
        None => part,
    };
    upper_first(&alphanumeric(&part))
}

/// Words that begin with a capital each.
fn words(text: &str) -> String {
    text.split(|letter: char| !letter.is_ascii_alphanumeric()).map(upper_first).collect()
}

fn alphanumeric(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect()
}

fn upper_first(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{authorizer, function, method, method_model, model, path, validator};

    #[test]
    fn spells_ids_as_serverless_does() {
        for (found, expected) in [
            (function("hello"), "HelloLambdaFunction"),
            (function("process-foo_bar"), "ProcessDashfooUnderscorebarLambdaFunction"),
            (path("pets/{petId}"), "PetsPetidVar"),
            (path("{proxy+}"), "ProxyVar"),
            (path("a-b/c_d"), "ADashbCd"),
            (path(""), ""),
            (method("Pets", "GET"), "ApiGatewayMethodPetsGet"),
            (authorizer("check-token"), "CheckDashtokenApiGatewayAuthorizer"),
            (validator("my-pets"), "ApiGatewayMypetsRequestValidator"),
            (model("post-create"), "ApiGatewayPostCreateModel"),
            (
                method_model("ApiGatewayMethodPetsPost", "application/json"),
                "ApiGatewayMethodPetsPostApplicationJsonModel",
            ),
        ] {
            assert_eq!(found, expected);
        }
    }
}
