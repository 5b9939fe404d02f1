//! `AWS::ApiGateway::DomainName` and `AWS::ApiGateway::BasePathMapping`: names of one's own.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/rest-api-mappings.html>

use crate::Place;

/// A custom domain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DomainName {
    /// The host name, in lower case.
    pub name: String,
    /// In the order of the definition; the longest base path that fits decides.
    pub mappings: Vec<BasePathMapping>,
    /// Where it is defined.
    pub place: Place,
}

/// What a base path of a domain leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BasePathMapping {
    /// Without slashes at its ends; empty is `(none)`.
    pub base_path: String,
    /// The API's id.
    pub api_id: String,
    /// `None`: the first segment after the base path names the stage.
    pub stage: Option<String>,
    /// Where it is defined.
    pub place: Place,
}
