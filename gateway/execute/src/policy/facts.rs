//! What conditions and principals of a policy may ask about a request.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-resource-policies-aws-condition-keys.html>

use crate::{backends::Moment, caller::SignedIdentity, exchange::Exchange};
use http::header;
use jiff::Timestamp;
use std::{borrow::Cow, net::IpAddr};

/// A request as a policy sees it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// The peer of the connection, whatever `X-Forwarded-For` says.
    pub source_ip: IpAddr,
    /// Milliseconds since 1970.
    pub unix_ms: i64,
    /// `Referer`
    pub referer: Option<&'a str>,
    /// `User-Agent`
    pub user_agent: Option<&'a str>,
    /// Who signed the request, if anybody did.
    pub identity: Option<&'a SignedIdentity>,
}

/// A key of a condition. Those of private networks and of temporary credentials are known and never there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    CurrentTime,
    EpochTime,
    MultiFactorAuthAge,
    MultiFactorAuthPresent,
    PrincipalAccount,
    PrincipalArn,
    PrincipalOrgId,
    PrincipalType,
    Referer,
    SecureTransport,
    SourceArn,
    SourceIp,
    SourceVpc,
    SourceVpce,
    TokenIssueTime,
    UserAgent,
    UserId,
    UserName,
    VpcSourceIp,
}

impl Key {
    const ALL: [(&'static str, Self); 19] = [
        ("aws:currenttime", Self::CurrentTime),
        ("aws:epochtime", Self::EpochTime),
        ("aws:multifactorauthage", Self::MultiFactorAuthAge),
        ("aws:multifactorauthpresent", Self::MultiFactorAuthPresent),
        ("aws:principalaccount", Self::PrincipalAccount),
        ("aws:principalarn", Self::PrincipalArn),
        ("aws:principalorgid", Self::PrincipalOrgId),
        ("aws:principaltype", Self::PrincipalType),
        ("aws:referer", Self::Referer),
        ("aws:securetransport", Self::SecureTransport),
        ("aws:sourcearn", Self::SourceArn),
        ("aws:sourceip", Self::SourceIp),
        ("aws:sourcevpc", Self::SourceVpc),
        ("aws:sourcevpce", Self::SourceVpce),
        ("aws:tokenissuetime", Self::TokenIssueTime),
        ("aws:useragent", Self::UserAgent),
        ("aws:userid", Self::UserId),
        ("aws:username", Self::UserName),
        ("aws:vpcsourceip", Self::VpcSourceIp),
    ];

    /// Keys are the same in any case.
    pub(super) fn parse(name: &str) -> Option<Self> {
        let known = |(known, _): &&(&str, Self)| known.eq_ignore_ascii_case(name);
        Self::ALL.iter().find(known).map(|(_, key)| *key)
    }
}

impl<'a> Facts<'a> {
    /// What an exchange says of itself.
    #[must_use]
    pub fn of(exchange: &'a Exchange, now: Moment) -> Self {
        let header = |name| exchange.request.headers.get(name).and_then(|value| value.to_str().ok());
        Self {
            source_ip: exchange.request.client.source_ip,
            unix_ms: now.unix_ms,
            referer: header(header::REFERER),
            user_agent: header(header::USER_AGENT),
            identity: exchange.caller.identity.as_deref(),
        }
    }

    pub(super) fn text(&self, key: Key) -> Option<Cow<'a, str>> {
        let identity = self.identity;
        match key {
            Key::SourceIp => Some(self.source_ip.to_string().into()),
            Key::CurrentTime => Some(Timestamp::from_millisecond(self.unix_ms).ok()?.to_string().into()),
            Key::EpochTime => Some((self.unix_ms / 1000).to_string().into()),
            Key::Referer => self.referer.map(Cow::Borrowed),
            Key::UserAgent => self.user_agent.map(Cow::Borrowed),
            Key::SecureTransport => Some(if self.is_secure() { "true" } else { "false" }.into()),
            Key::PrincipalAccount => Some(identity?.account_id.as_str().into()),
            Key::PrincipalArn => Some(identity?.user_arn.as_str().into()),
            Key::PrincipalType => identity.map(|_| "User".into()),
            Key::UserId => Some(identity?.user.as_str().into()),
            Key::UserName => identity?.user_arn.rsplit('/').next().map(Cow::Borrowed),
            Key::MultiFactorAuthAge
            | Key::MultiFactorAuthPresent
            | Key::PrincipalOrgId
            | Key::SourceArn
            | Key::SourceVpc
            | Key::SourceVpce
            | Key::TokenIssueTime
            | Key::VpcSourceIp => None,
        }
    }

    pub(super) fn unix_ms(&self, key: Key) -> Option<i64> {
        matches!(key, Key::CurrentTime | Key::EpochTime).then_some(self.unix_ms)
    }

    pub(super) fn address(&self, key: Key) -> Option<IpAddr> {
        matches!(key, Key::SourceIp).then_some(self.source_ip)
    }

    pub(super) fn flag(&self, key: Key) -> Option<bool> {
        matches!(key, Key::SecureTransport).then(|| self.is_secure())
    }

    pub(super) fn number(&self, key: Key) -> Option<f64> {
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^53")]
        matches!(key, Key::EpochTime).then(|| (self.unix_ms / 1000) as f64)
    }

    /// The host itself speaks no TLS: what comes from the same machine crossed no network, or came through a proxy there
    /// that may speak it; what comes from elsewhere was readable on its way.
    fn is_secure(&self) -> bool {
        self.source_ip.is_loopback()
    }
}
