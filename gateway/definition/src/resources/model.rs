//! `AWS::ApiGateway::Model` and `AWS::ApiGateway::RequestValidator`: what a request must look like.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/models-mappings-models.html>

use super::TemplateText;
use crate::Place;

/// A model: a JSON schema, draft 4, with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Letters and digits.
    pub name: String,
    /// `application/json` most often.
    pub content_type: String,
    /// The schema as JSON. Other models of the API are referred to as
    /// `https://apigateway.amazonaws.com/restapis/{api id}/models/{name}`.
    pub schema: TemplateText,
    /// Where it is defined.
    pub place: Place,
}

/// What a method's request validator checks. Without one, nothing is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct RequestValidation {
    /// `validateRequestBody`
    pub body: bool,
    /// `validateRequestParameters`
    pub parameters: bool,
}
