//! `AWS::ApiGateway::Authorizer`: who decides whether a caller may call.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/api/API_Authorizer.html>

use super::TemplateText;
use crate::Place;

/// An authorizer of a REST API.
#[derive(Debug, Clone, PartialEq)]
pub struct Authorizer {
    /// Six lower-case letters and digits, derived from the API and the name.
    pub id: String,
    /// The name that methods refer to.
    pub name: String,
    /// What decides.
    pub kind: AuthorizerKind,
    /// `identitySource`, one expression each, in order: `method.request.header.X`, `method.request.querystring.X`,
    /// `stageVariables.X`, `context.X`.
    pub identity_sources: Vec<TemplateText>,
    /// `identityValidationExpression`, a pattern for the whole token.
    pub identity_validation_expression: Option<TemplateText>,
    /// `authorizerResultTtlInSeconds`, 0 to 3,600; AWS's default is 300.
    pub result_ttl_seconds: u32,
    /// Where it is defined.
    pub place: Place,
}

/// What decides about a caller.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthorizerKind {
    /// `TOKEN`: a function that gets one header's value.
    Token {
        /// The function's name; it may hold `${stageVariables.X}`.
        function: String,
    },
    /// `REQUEST`: a function that gets the request without its body.
    Request {
        /// The function's name; it may hold `${stageVariables.X}`.
        function: String,
    },
    /// `COGNITO_USER_POOLS`: a JSON web token of one of the pools.
    CognitoUserPools {
        /// `providerARNs`; they may hold `${stageVariables.X}`.
        provider_arns: Vec<TemplateText>,
    },
}

/// `authorizationType` of a method.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Authorization {
    /// `NONE`: everybody, as far as the API's resource policy goes.
    #[default]
    None,
    /// `AWS_IAM`: a signed request.
    Iam,
    /// `CUSTOM`: a Lambda authorizer.
    Custom {
        /// The authorizer's id.
        authorizer: String,
    },
    /// `COGNITO_USER_POOLS`.
    CognitoUserPools {
        /// The authorizer's id.
        authorizer: String,
        /// `authorizationScopes`: the token must have one of them.
        scopes: Vec<String>,
    },
}
