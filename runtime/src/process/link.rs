//! The connection between an environment and its runtime, whichever way it goes.

use super::runtime_api::{
    Answer, Call,
    tcp::Server,
    unix::{Broken, Connection},
};
use std::io;
use tokio::sync::{mpsc, oneshot};

/// A way to a runtime.
#[derive(Debug)]
pub(super) enum Link {
    /// Our own bootstraps.
    Unix(Connection),
    /// Foreign runtimes.
    Tcp(Server),
}

/// Where the answer to a call goes.
#[derive(Debug)]
pub(super) enum Reply {
    /// Answers go out in the order of the calls.
    InOrder,
    /// Each call has its own way back.
    Channel(oneshot::Sender<Answer>),
}

impl Link {
    /// The next call. Cancel-safe.
    pub(super) async fn call(&mut self) -> Result<(Call, Reply), Broken> {
        match self {
            Self::Unix(connection) => connection.call().await.map(|call| (call, Reply::InOrder)),
            Self::Tcp(server) => {
                server.call().await.map(|(call, reply)| (call, Reply::Channel(reply))).ok_or(Broken::Closed)
            }
        }
    }

    /// A call that has already arrived.
    pub(super) fn buffered(&mut self) -> Result<Option<(Call, Reply)>, Broken> {
        match self {
            Self::Unix(connection) => Ok(connection.buffered()?.map(|call| (call, Reply::InOrder))),
            Self::Tcp(server) => match server.buffered() {
                Ok((call, reply)) => Ok(Some((call, Reply::Channel(reply)))),
                Err(mpsc::error::TryRecvError::Empty) => Ok(None),
                Err(mpsc::error::TryRecvError::Disconnected) => Err(Broken::Closed),
            },
        }
    }

    /// Lets the current runtime watch the socket.
    pub(super) fn move_here(&mut self) -> io::Result<()> {
        match self {
            Self::Unix(connection) => connection.move_here(),
            // Its connections are tasks of their own.
            Self::Tcp(_) => Ok(()),
        }
    }

    /// Answers a call.
    pub(super) fn answer(&mut self, reply: Reply, answer: Answer) -> Result<(), Broken> {
        match (self, reply) {
            (Self::Unix(connection), Reply::InOrder) => connection.answer(answer),
            (Self::Tcp(_), Reply::Channel(reply)) => reply.send(answer).map_err(|_| Broken::Closed),
            // A reply comes from the link's own call, so the kinds agree.
            (Self::Unix(_), Reply::Channel(_)) | (Self::Tcp(_), Reply::InOrder) => Err(Broken::Closed),
        }
    }
}
