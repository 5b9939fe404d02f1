//! The in-process target: the real reader, compiler and lifecycle, without a socket.

use crate::{
    Outcome,
    folder::Folder,
    message::{Answer, Request, head},
    plan::Plan,
    scripted::Scripted,
};
use bytes::Bytes;
use fanlight_definition::{Diagnostic, Read, ReadOptions, Severity, read, render};
use fanlight_execute::{
    Body, Request as Parsed, StageSnapshot, Trace,
    body::BodyError,
    compile,
    exchange::{Client, Spelling},
    lifecycle,
    limits::Limits,
};
use http_body::Frame;
use http_body_util::{BodyExt, StreamBody};
use std::{
    net::{IpAddr, Ipv4Addr},
    sync::Arc,
};

/// Headers that the listener adds, which is not there.
pub const LISTENER_HEADERS: [&str; 3] = ["connection", "date", "keep-alive"];

/// A compiled definition with scripted backends.
#[derive(Debug)]
pub struct InProcess {
    stages: Vec<StageSnapshot>,
    /// What the lifecycle reaches.
    pub backends: Scripted,
    /// Everything that was said about the definition, as people see it.
    pub diagnostics: String,
}

impl InProcess {
    /// Reads and compiles the definition of a folder.
    ///
    /// # Errors
    /// When the scenario has none.
    pub fn start(plan: &Plan, folder: &Folder) -> Outcome<Self> {
        let name = folder.definition.ok_or("the scenario has no definition")?;
        let options = ReadOptions { stack_name: Some("stack".to_owned()), ..ReadOptions::default() };
        let Read { mut resources, mut diagnostics, sources } = read(&folder.project().join(name), &options);
        let mut stages = Vec::new();
        // The host would make them, and keep them.
        for key in resources.iter_mut().flat_map(|all| &mut all.api_keys) {
            key.value.get_or_insert_with(|| format!("made-by-the-host-for-{}", key.id));
        }
        for (api, resources) in resources.iter().flat_map(|all| all.rest_apis.iter().map(move |api| (api, all))) {
            let (deployment, found) = compile::rest_api(api, resources);
            diagnostics.extend(found);
            let Some(deployment) = deployment.map(Arc::new) else { continue };
            for stage in &api.stages {
                let (snapshot, found) = compile::stage((api, stage), resources, &deployment, Limits::default());
                diagnostics.extend(found);
                stages.push(snapshot);
            }
        }
        for (api, resources) in resources.iter().flat_map(|all| all.http_apis.iter().map(move |api| (api, all))) {
            let (deployment, found) = compile::http_api(api, resources);
            diagnostics.extend(found);
            let Some(deployment) = deployment.map(Arc::new) else { continue };
            for stage in &api.stages {
                let (snapshot, found) = compile::http_stage((api, stage), &deployment, Limits::default());
                diagnostics.extend(found);
                stages.push(snapshot);
            }
        }
        if diagnostics.iter().any(|Diagnostic { severity, .. }| *severity == Severity::Error) {
            stages.clear();
        }
        let diagnostics = render(&diagnostics, &sources, false).trim_end().to_owned();
        Ok(Self { stages, backends: Scripted::new(plan), diagnostics })
    }

    /// Serves one request.
    ///
    /// # Errors
    /// When nothing is served, or the request cannot be put into hyper's types.
    pub async fn exchange(&self, request: &Request, chunked: bool) -> Outcome<Answer> {
        let default = self.stages.first().ok_or_else(|| format!("nothing is served: {}", self.diagnostics))?;
        let uri: http::Uri = request.target.parse().map_err(|error| format!("`{}`: {error}", request.target))?;
        let start = uri.path().len() - uri.path().trim_start_matches('/').len();
        let first = uri.path().get(start..).and_then(|rest| rest.split('/').next()).unwrap_or_default();
        let named = self.stages.iter().find(|stage| stage.name == first);
        let path_start = named.map_or(0, |stage| start + stage.name.len());
        let request = request.clone().with_length(request.body.len());
        let mut headers = http::HeaderMap::new();
        for (name, value) in &request.headers {
            let name = http::HeaderName::from_bytes(name.as_bytes()).map_err(|error| error.to_string())?;
            headers.append(name, http::HeaderValue::from_str(value).map_err(|error| error.to_string())?);
        }
        let spelling = Spelling::new(Bytes::from(head(&request)));
        let method = http::Method::from_bytes(request.method.as_bytes()).map_err(|error| error.to_string())?;
        let client = Client { source_ip: IpAddr::V4(Ipv4Addr::LOCALHOST), port: 443 };
        let body = if chunked { stream(&request.body) } else { Body::Buffered(request.body.into()) };
        let parsed = Parsed { method, uri, path_start, base_path: None, headers, spelling, client };
        let stage = named.unwrap_or(default);
        let (response, _) = lifecycle::serve(stage, &self.backends, parsed, body, Trace::capturing()).await;
        answer(response).await
    }
}

/// A body of unknown length, in pieces.
fn stream(body: &[u8]) -> Body {
    let pieces: Vec<_> = body.chunks(64 * 1024).map(|piece| Ok(Frame::data(Bytes::copy_from_slice(piece)))).collect();
    Body::Stream(StreamBody::new(futures_util::stream::iter(pieces)).boxed_unsync())
}

async fn answer(response: fanlight_execute::Response) -> Outcome<Answer> {
    let text = |value: &http::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let mut headers: Vec<(String, String)> =
        response.headers.iter().map(|(name, value)| (name.as_str().to_owned(), text(value))).collect();
    let body = response.body.read_limited(u64::MAX).await.map_err(|error: BodyError| error.to_string())?;
    if !matches!(response.status.as_u16(), 204 | 304) {
        // The listener counts.
        headers.push(("content-length".to_owned(), body.len().to_string()));
    }
    Ok(Answer { status: response.status.as_u16(), headers, body: body.into() })
}
