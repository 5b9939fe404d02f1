//! Who calls a route, and whether that one may.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-access-control.html>

use super::{jwt, lambda_authorizer, route::Route};
use crate::{
    authorize::iam, backends::Backends, body::Body, exchange::Exchange, failure::Failure, stage::StageSnapshot,
};
use std::sync::Arc;

/// `authorizationType` of a route, with what it needs.
#[derive(Debug, Clone)]
pub enum Authorization {
    /// `NONE`
    None,
    /// `AWS_IAM`, for the service that signatures name.
    Iam(&'static str),
    /// `CUSTOM`
    Lambda(Arc<lambda_authorizer::LambdaAuthorizer>),
    /// `JWT`, with `authorizationScopes`
    Jwt(Arc<jwt::JwtAuthorizer>, Arc<[String]>),
}

/// Finds out who calls. A body that is signed is read.
///
/// # Errors
/// 401 for somebody unknown, 403 for somebody who may not, 500 when nobody can tell.
pub async fn caller(
    route: &Route,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: &mut Body,
) -> Result<(), Failure> {
    match &route.authorization {
        Authorization::None => Ok(()),
        Authorization::Iam(service) => iam::verified((stage, service), backends, exchange, body).await,
        Authorization::Lambda(authorizer) => {
            Box::pin(lambda_authorizer::decide(authorizer, route, stage, backends, exchange)).await
        }
        Authorization::Jwt(authorizer, scopes) => {
            Box::pin(jwt::decide(authorizer, scopes, stage, backends, exchange)).await
        }
    }
}
