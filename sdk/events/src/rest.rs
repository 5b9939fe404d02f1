//! The Lambda proxy event of REST APIs (payload format 1.0, which carries no `version` key) and its response.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html>

mod authorizer;
mod request;
mod response;

pub use authorizer::{
    AuthorizerContext, RequestAuthorizerRequest, RequestAuthorizerType, TokenAuthorizerRequest, TokenAuthorizerType,
};
pub use request::{Identity, MultiValueMap, ProxyRequest, RequestContext, ValueMap};
pub use response::{Malformed, ProxyResponse};
