//! What all callers of a route share.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-throttling.html>

use super::route::Route;
use crate::{
    backends::Backends,
    exchange::Exchange,
    failure::Failure,
    stage::StageSnapshot,
    throttle::{Decision, Limit},
};

/// Takes a token of the route's bucket, if it has one.
///
/// # Errors
/// `THROTTLED`
pub fn admit(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
) -> Result<(), Failure> {
    let Some(Limit { throttle, bucket }) = stage.throttles.get(route.number).copied().flatten() else { return Ok(()) };
    match backends.take_token(bucket, &throttle, backends.now().monotonic) {
        Decision::Admitted => Ok(()),
        Decision::Throttled => Err(Failure::Throttled(format!(
            "`{}` takes no more requests in the stage `{}` ({}): {throttle}",
            route.key, stage.name, exchange.request.method
        ))),
    }
}
