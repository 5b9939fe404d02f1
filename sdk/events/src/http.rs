//! The Lambda events of HTTP APIs and function URLs, payload formats 1.0 and 2.0, and their responses.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html>

mod request;
mod request_v1;
mod response;

pub use request::{AuthorizerRequest, Http, ProxyRequest, RequestContext, Values};
pub use request_v1::{AuthorizerRequestV1, ProxyRequestV1, RequestContextV1};
pub use response::ProxyResponse;
