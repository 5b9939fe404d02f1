//! Names to addresses, with an error that can be told from a refused connection: AWS answers 500 to the one and 504 to the
//! other.

use hyper_util::client::legacy::connect::dns::Name;
use std::{
    fmt, io,
    net::SocketAddr,
    pin::Pin,
    task::{Context, Poll},
    vec,
};

/// The system's resolver.
#[derive(Debug, Clone, Copy)]
pub(super) struct Resolver;

/// A host that has no address.
#[derive(Debug)]
pub(super) struct Unresolvable {
    host: String,
    source: io::Error,
}

impl fmt::Display for Unresolvable {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the host `{}` is unknown: {}", self.host, self.source)
    }
}

impl std::error::Error for Unresolvable {}

type Lookup = Pin<Box<dyn Future<Output = Result<vec::IntoIter<SocketAddr>, Unresolvable>> + Send>>;

impl tower_service::Service<Name> for Resolver {
    type Response = vec::IntoIter<SocketAddr>;
    type Error = Unresolvable;
    type Future = Lookup;

    fn poll_ready(&mut self, _context: &mut Context<'_>) -> Poll<Result<(), Unresolvable>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, name: Name) -> Lookup {
        Box::pin(async move {
            let host = name.as_str();
            match tokio::net::lookup_host((host, 0)).await {
                Ok(found) => Ok(found.collect::<Vec<_>>().into_iter()),
                Err(source) => Err(Unresolvable { host: host.to_owned(), source }),
            }
        })
    }
}
