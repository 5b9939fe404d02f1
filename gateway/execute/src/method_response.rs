//! Method response: the last touch before the client.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-method-settings-method-response.html>

use crate::{
    backends::Backends,
    exchange::{Exchange, Response},
    trace::Step,
};

/// Finishes a response that an integration gave. Models of method responses are documentation on AWS, and here.
pub fn finish(backends: &dyn Backends, exchange: &mut Exchange, response: Response) -> Response {
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::MethodResponse, elapsed, || vec![("status", response.status.as_u16().to_string())]);
    response
}
