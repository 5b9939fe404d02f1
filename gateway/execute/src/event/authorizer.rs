//! The events of Lambda authorizers.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-lambda-authorizer-input.html>

use super::{Texts, headers, query, request_context};
use crate::{deployment::Method, exchange::Exchange, route, stage::StageSnapshot};
use bytes::Bytes;
use fanlight_events::rest::{
    RequestAuthorizerRequest, RequestAuthorizerType, TokenAuthorizerRequest, TokenAuthorizerType, ValueMap,
};

/// The event of a `TOKEN` authorizer.
///
/// # Errors
/// Never in practice.
pub fn token(method_arn: &str, token: &str) -> Result<Bytes, serde_json::Error> {
    let event = TokenAuthorizerRequest { kind: TokenAuthorizerType::Token, method_arn, authorization_token: token };
    serde_json::to_vec(&event).map(Bytes::from)
}

/// The event of a `REQUEST` authorizer: the proxy event without a body, empty maps as `{}`.
///
/// # Errors
/// Never in practice.
pub fn request(
    stage: &StageSnapshot,
    method: &Method,
    exchange: &Exchange,
    method_arn: &str,
) -> Result<Bytes, serde_json::Error> {
    let headers = headers(exchange);
    let query = query(&exchange.request);
    let parameters = route::parameters(&method.path_parameters, exchange.path());
    let texts = Texts::new(stage, exchange);
    let event = RequestAuthorizerRequest {
        kind: RequestAuthorizerType::Request,
        method_arn,
        resource: &method.resource_path,
        path: exchange.client_path(),
        http_method: exchange.verb_name(),
        headers: headers.last_values(),
        multi_value_headers: headers,
        query_string_parameters: query.last_values(),
        multi_value_query_string_parameters: query,
        path_parameters: ValueMap(parameters.map(|(name, value)| (name.as_ref().into(), value.into())).collect()),
        stage_variables: ValueMap(
            stage.variables.iter().map(|(name, value)| (name.as_str().into(), value.as_str().into())).collect(),
        ),
        request_context: request_context(stage, method, exchange, &texts),
    };
    serde_json::to_vec(&event).map(Bytes::from)
}
