//! The Runtime API for foreign runtimes: hyper on a loopback port of the environment's own.
//!
//! The port is the environment's identity: `AWS_LAMBDA_RUNTIME_API` may not carry a path (`lambda_runtime` refuses one).

use super::{ACCEPTED, Answer, Call, HeaderText, Payload, Refusal, Route};
use crate::process::limits::{API_CALLS, API_CONNECTIONS, RESPONSE_BYTES};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Request, Response, StatusCode, header};
use http_body_util::{BodyExt, Full, LengthLimitError, Limited};
use hyper::{body::Incoming, server::conn::http1, service::service_fn};
use hyper_util::rt::TokioIo;
use std::{convert::Infallible, io, net::SocketAddr};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::{mpsc, oneshot},
    task::JoinSet,
};

/// A call and where its answer goes.
pub(in crate::process) type Asked = (Call, oneshot::Sender<Answer>);

/// The server of one environment; dropping it closes the port and all connections.
#[derive(Debug)]
pub(in crate::process) struct Server {
    address: SocketAddr,
    calls: mpsc::Receiver<Asked>,
    /// Owns the accept loop, which owns the connections.
    _tasks: JoinSet<()>,
}

impl Server {
    /// Binds a free port of 127.0.0.1.
    pub(in crate::process) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let address = listener.local_addr()?;
        let (asked, calls) = mpsc::channel(API_CALLS);
        let mut tasks = JoinSet::new();
        tasks.spawn(accept(listener, asked));
        Ok(Self { address, calls, _tasks: tasks })
    }

    /// `AWS_LAMBDA_RUNTIME_API`.
    pub(in crate::process) fn address(&self) -> SocketAddr {
        self.address
    }

    /// The next call. Cancel-safe.
    pub(in crate::process) async fn call(&mut self) -> Option<Asked> {
        self.calls.recv().await
    }

    /// A call that has already arrived.
    pub(in crate::process) fn buffered(&mut self) -> Result<Asked, mpsc::error::TryRecvError> {
        self.calls.try_recv()
    }
}

async fn accept(listener: TcpListener, asked: mpsc::Sender<Asked>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept(), if connections.len() < API_CONNECTIONS => match accepted {
                Ok((stream, _)) => {
                    connections.spawn(serve(stream, asked.clone()));
                }
                // Out of file descriptors, or a client that has gone: the next one may do better.
                Err(error) => {
                    tracing::debug!(%error, "a runtime's connection was not accepted");
                    tokio::time::sleep(std::time::Duration::from_millis(10)).await;
                }
            },
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve(stream: TcpStream, asked: mpsc::Sender<Asked>) {
    stream.set_nodelay(true).unwrap_or_default();
    let service = service_fn(|request| {
        let asked = asked.clone();
        async move { Ok::<_, Infallible>(respond(answer(request, &asked).await)) }
    });
    let connection = http1::Builder::new()
        .title_case_headers(true) // bootstraps in shell look for the names as AWS writes them
        // A function may work for minutes before it uses its connection again.
        .header_read_timeout(None)
        .serve_connection(TokioIo::new(stream), service);
    if let Err(error) = connection.await {
        tracing::debug!(%error, "a runtime's connection ended");
    }
}

/// What the carrier itself answers, or the environment's answer.
enum Reply {
    Pong,
    Answer(Answer),
}

async fn answer(request: Request<Incoming>, asked: &mpsc::Sender<Asked>) -> Reply {
    let (head, body) = request.into_parts();
    let route = match Route::of(head.method.as_str(), head.uri.path()) {
        Ok(route) => route,
        Err(refusal) => return Reply::Answer(Answer::Refused(refusal)),
    };
    let payload = match Limited::new(body, RESPONSE_BYTES).collect().await {
        Ok(body) => Payload::Complete(body.to_bytes()),
        Err(error) if error.is::<LengthLimitError>() => Payload::TooLarge,
        Err(_) => return Reply::Answer(Answer::Refused(Refusal::Truncated)),
    };
    if let (Route::Response(_), Some(mode)) = (route, head.headers.get("lambda-runtime-function-response-mode"))
        && mode != "streaming"
    {
        return Reply::Answer(Answer::Refused(Refusal::ResponseMode));
    }
    let Some(call) = route.call(error_type(&head.headers), payload) else { return Reply::Pong };
    let (reply, answered) = oneshot::channel();
    if asked.send((call, reply)).await.is_err() {
        return Reply::Answer(Answer::Refused(Refusal::Internal));
    }
    Reply::Answer(answered.await.unwrap_or(Answer::Refused(Refusal::Internal)))
}

fn error_type(headers: &HeaderMap) -> Option<String> {
    let value = headers.get("lambda-runtime-function-error-type")?;
    Some(String::from_utf8_lossy(value.as_bytes()).into_owned())
}

fn respond(reply: Reply) -> Response<Full<Bytes>> {
    const JSON: HeaderValue = HeaderValue::from_static("application/json");
    let (status, content_type, body) = match reply {
        Reply::Pong => (StatusCode::OK, HeaderValue::from_static("text/plain"), Bytes::from_static(b"pong")),
        Reply::Answer(Answer::Accepted) => (StatusCode::ACCEPTED, JSON, Bytes::from_static(ACCEPTED.as_bytes())),
        Reply::Answer(Answer::Refused(refusal)) => {
            let (status, body) = refusal.parts();
            (status, JSON, Bytes::from(body))
        }
        Reply::Answer(Answer::Event(event)) => {
            let mut response = Response::new(Full::new(event.invocation.payload.clone()));
            response.headers_mut().insert(header::CONTENT_TYPE, JSON);
            for (name, value) in event.headers() {
                let value = match value {
                    HeaderText::Text(text) => HeaderValue::from_str(text).ok(),
                    HeaderText::Number(number) => HeaderValue::from_str(&number.to_string()).ok(),
                };
                // A value that is no header (a line break in a client context) is left out.
                if let (Ok(name), Some(value)) = (http::HeaderName::try_from(name), value) {
                    response.headers_mut().insert(name, value);
                }
            }
            return response;
        }
    };
    let mut response = Response::new(Full::new(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, content_type);
    response
}
