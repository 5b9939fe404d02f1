//! Who calls, and whether that one may: the authorization of a method, compiled.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-control-access-to-api.html>

pub mod cache;
pub mod cognito;
pub mod iam;
pub mod identity;
pub mod jwt;
pub mod lambda;

use crate::{
    backends::Backends, body::Body, deployment::Method, exchange::Exchange, failure::Failure, policy::Decision,
    stage::StageSnapshot,
};
use std::sync::Arc;

/// `authorizationType` of a method, with what it needs.
#[derive(Debug, Clone)]
pub enum Authorization {
    /// `NONE`
    None,
    /// `AWS_IAM`
    Iam,
    /// `CUSTOM`
    Lambda(Arc<lambda::LambdaAuthorizer>),
    /// `COGNITO_USER_POOLS`, with `authorizationScopes`
    UserPools(Arc<cognito::UserPoolAuthorizer>, Arc<[String]>),
}

/// Finds out who calls, and what is thought of it. `None` when nobody was asked. A body that is signed is read.
///
/// # Errors
/// `UNAUTHORIZED` for somebody unknown, a failure of the signature or of the authorizer.
pub async fn caller(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
    body: &mut Body,
) -> Result<Option<Decision>, Failure> {
    match &method.authorization {
        Authorization::None => Ok(None),
        Authorization::Iam => iam::decide(stage, backends, exchange, body).await.map(Some),
        Authorization::Lambda(authorizer) => {
            lambda::decide(authorizer, method, stage, backends, exchange).await.map(Some)
        }
        Authorization::UserPools(authorizer, scopes) => {
            cognito::decide(authorizer, scopes, backends, exchange).await.map(Some)
        }
    }
}
