//! Resource policies: who may call an API at all, whatever its methods' authorizers think.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-authorization-flow.html>

use crate::{
    authorize::{Authorization, iam},
    backends::Backends,
    deployment::Method,
    exchange::Exchange,
    failure::Failure,
    method_arn,
    policy::{Action, Decision, Facts},
    stage::StageSnapshot,
    trace::Step,
};

/// How the opinions of a method's authorization and of the resource policy make a decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Table {
    /// Without authorization: the policy must allow.
    PolicyOnly,
    /// AWS's table A, for Lambda authorizers and for IAM within one account: one must allow.
    Either,
    /// AWS's table B, for IAM across accounts and for user pools: both must allow.
    Both,
}

impl Table {
    /// Which one a method's authorization asks for.
    #[must_use]
    pub fn of(method: &Method, stage: &StageSnapshot, exchange: &Exchange) -> Self {
        match &method.authorization {
            Authorization::None => Self::PolicyOnly,
            Authorization::Lambda(_) => Self::Either,
            Authorization::Iam if iam::is_of_account(exchange, &stage.deployment.account_id) => Self::Either,
            Authorization::Iam | Authorization::UserPools(..) => Self::Both,
        }
    }
}

/// The decision of AWS's tables. `None` for `authorizer` when nobody was asked, for `policy` when the API has none.
#[must_use]
pub const fn combine(table: Table, authorizer: Option<Decision>, policy: Option<Decision>) -> Decision {
    use Decision::{Allow, ExplicitDeny, ImplicitDeny};
    match (table, authorizer, policy) {
        (_, Some(ExplicitDeny), _) | (_, _, Some(ExplicitDeny)) => ExplicitDeny,
        (Table::PolicyOnly, _, None) => Allow,
        (Table::PolicyOnly, _, Some(policy)) => policy,
        (Table::Either | Table::Both, Some(authorizer), None) => authorizer,
        (Table::Either, Some(Allow), Some(_)) | (Table::Either, _, Some(Allow)) => Allow,
        (Table::Both, Some(Allow), Some(Allow)) => Allow,
        (Table::Either | Table::Both, _, _) => ImplicitDeny,
    }
}

/// Phase 1: an open method is decided here; before a Lambda authorizer is asked, an explicit deny ends it. A signature or
/// a token says who calls, which the policy may ask, so it waits for them.
///
/// # Errors
/// `ACCESS_DENIED`
pub fn before_authorizer(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &mut Exchange,
) -> Result<(), Failure> {
    let Some(policy) = opinion(stage, backends, exchange) else { return Ok(()) };
    let elapsed = || backends.now().monotonic.saturating_sub(exchange.started.monotonic);
    exchange.trace.step(Step::ResourcePolicy, elapsed, || vec![("decision", format!("{policy:?}"))]);
    match (&method.authorization, policy) {
        (Authorization::Iam | Authorization::UserPools(..), _)
        | (_, Decision::Allow)
        | (Authorization::Lambda(_), Decision::ImplicitDeny) => Ok(()),
        (Authorization::None, Decision::ImplicitDeny)
        | (Authorization::None | Authorization::Lambda(_), Decision::ExplicitDeny) => {
            Err(denied(stage, exchange, policy))
        }
    }
}

/// Phase 2: what the authorizer and the policy think together.
///
/// # Errors
/// `ACCESS_DENIED`
pub fn after_authorizer(
    method: &Method,
    stage: &StageSnapshot,
    backends: &dyn Backends,
    exchange: &Exchange,
    authorizer: Option<Decision>,
) -> Result<(), Failure> {
    let Some(asked) = authorizer else { return Ok(()) };
    let policy = opinion(stage, backends, exchange);
    let decision = combine(Table::of(method, stage, exchange), authorizer, policy);
    match (decision, asked) {
        (Decision::Allow, _) => Ok(()),
        (Decision::ImplicitDeny | Decision::ExplicitDeny, Decision::Allow) => Err(denied(stage, exchange, decision)),
        (_, Decision::ImplicitDeny) if policy != Some(Decision::ExplicitDeny) => {
            Err(Failure::AccessDenied("User is not authorized to access this resource".to_owned()))
        }
        (_, Decision::ImplicitDeny) => Err(denied(stage, exchange, decision)),
        (_, Decision::ExplicitDeny) => Err(Failure::AccessDenied(
            "User is not authorized to access this resource with an explicit deny in an identity-based policy"
                .to_owned(),
        )),
    }
}

fn opinion(stage: &StageSnapshot, backends: &dyn Backends, exchange: &Exchange) -> Option<Decision> {
    let policy = stage.deployment.resource_policy.as_ref()?;
    let facts = Facts::of(exchange, backends.now());
    Some(policy.decide(Action::Invoke, &method_arn::of(stage, exchange), &facts))
}

fn denied(stage: &StageSnapshot, exchange: &Exchange, decision: Decision) -> Failure {
    let user = exchange.caller.identity.as_ref().map_or("anonymous", |identity| identity.user_arn.as_str());
    let arn = method_arn::masked(stage, exchange);
    let explicit = match decision {
        Decision::ExplicitDeny => " with an explicit deny",
        Decision::ImplicitDeny | Decision::Allow => "",
    };
    Failure::AccessDenied(format!(
        "User: {user} is not authorized to perform: execute-api:Invoke on resource: {arn}{explicit}"
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Decision::{Allow, ExplicitDeny, ImplicitDeny};

    #[test]
    fn tables_of_aws() {
        // Authorizer, policy, table A, table B.
        let rows = [
            (Allow, Allow, Allow, Allow),
            (Allow, ImplicitDeny, Allow, ImplicitDeny),
            (Allow, ExplicitDeny, ExplicitDeny, ExplicitDeny),
            (ImplicitDeny, Allow, Allow, ImplicitDeny),
            (ImplicitDeny, ImplicitDeny, ImplicitDeny, ImplicitDeny),
            (ImplicitDeny, ExplicitDeny, ExplicitDeny, ExplicitDeny),
            (ExplicitDeny, Allow, ExplicitDeny, ExplicitDeny),
            (ExplicitDeny, ImplicitDeny, ExplicitDeny, ExplicitDeny),
            (ExplicitDeny, ExplicitDeny, ExplicitDeny, ExplicitDeny),
        ];
        for (authorizer, policy, either, both) in rows {
            let found = [Table::Either, Table::Both].map(|table| combine(table, Some(authorizer), Some(policy)));
            assert_eq!(found, [either, both], "{authorizer:?}, {policy:?}");
            assert_eq!(combine(Table::PolicyOnly, None, Some(policy)), policy);
            assert_eq!(combine(Table::Either, Some(authorizer), None), authorizer);
            assert_eq!(combine(Table::Both, Some(authorizer), None), authorizer);
        }
        assert_eq!(combine(Table::PolicyOnly, None, None), Allow);
    }
}
