//! What goes on to an endpoint: the client's headers, query and path after parameter mapping.
//!
//! AWS: <https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-parameter-mapping.html>

use super::mapping::{Mapping, Operation, Scope, Target};
use crate::{exchange::Exchange, failure::Failure, header_rules, query};
use http::{HeaderMap, HeaderValue, header};

/// The parts of a request that mappings change.
#[derive(Debug)]
pub struct Outgoing {
    /// The client's headers, without those that concern its connection only.
    pub headers: HeaderMap,
    /// The query as it was sent, or as it was made.
    pub query: String,
    /// The path, when a mapping overwrites it.
    pub path: Option<String>,
}

impl Outgoing {
    /// What the client sent, mapped.
    ///
    /// # Errors
    /// 400 for a value of the client that cannot stand where it is put.
    pub fn mapped(mappings: &[Mapping], scope: &Scope<'_>) -> Result<Self, Failure> {
        let mut outgoing = Self::of(scope.exchange);
        let mut pairs: Option<Vec<(String, String)>> = None;
        for mapping in mappings {
            match &mapping.target {
                Target::Header(name) => mapping.change(&mut outgoing.headers, name, scope)?,
                Target::Query(name) => {
                    let sent = || {
                        let decoded = query::pairs(scope.exchange.request.uri.query().unwrap_or_default());
                        decoded.map(|(name, value)| (name.into_owned(), value.into_owned())).collect()
                    };
                    change_query(pairs.get_or_insert_with(sent), name, mapping, scope);
                }
                Target::Path => outgoing.path = Some(path(&mapping.value.text(scope))?),
                Target::Status => {}
            }
        }
        if let Some(pairs) = pairs {
            outgoing.query = encoded(&pairs);
        }
        Ok(outgoing)
    }

    fn of(exchange: &Exchange) -> Self {
        let request = &exchange.request;
        let nominated = header_rules::nominated(&request.headers);
        let mut headers = HeaderMap::with_capacity(request.headers.len() + 6);
        for (name, value) in &request.headers {
            if header_rules::shown_in_event(name) && !nominated.contains(name) {
                headers.append(name.clone(), value.clone());
            }
        }
        if !headers.contains_key(header::HOST)
            && let Ok(host) = HeaderValue::from_str(exchange.host())
        {
            headers.insert(header::HOST, host);
        }
        Self { headers, query: request.uri.query().unwrap_or_default().to_owned(), path: None }
    }
}

fn change_query(pairs: &mut Vec<(String, String)>, name: &str, mapping: &Mapping, scope: &Scope<'_>) {
    match mapping.operation {
        Operation::Append => {}
        Operation::Overwrite | Operation::Remove => pairs.retain(|(known, _)| known != name),
    }
    match mapping.operation {
        Operation::Append | Operation::Overwrite => pairs.push((name.to_owned(), mapping.value.text(scope))),
        Operation::Remove => {}
    }
}

fn encoded(pairs: &[(String, String)]) -> String {
    let mut out = String::new();
    for (name, value) in pairs {
        if !out.is_empty() {
            out.push('&');
        }
        query::percent_encode(name.as_bytes(), query::IN_QUERY_VALUE, &mut out);
        out.push('=');
        query::percent_encode(value.as_bytes(), query::IN_QUERY_VALUE, &mut out);
    }
    out
}

/// A path of mapped values; none of them leads out of it.
fn path(text: &str) -> Result<String, Failure> {
    if query::has_dot_segments(text) {
        return Err(Failure::BadParameter("a mapped path has dot segments".to_owned()));
    }
    let mut path = String::with_capacity(text.len() + 1);
    if !text.starts_with('/') {
        path.push('/');
    }
    query::percent_encode(text.as_bytes(), query::IN_PATH, &mut path);
    Ok(path)
}
