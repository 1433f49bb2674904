//! Why a gateway could not start, or ended, in words that say what to do.

use std::fmt;
use std::net::SocketAddr;

use crate::http::tls::Unusable;
use crate::ingest::StartError;
use crate::journal::{CommitError, OpenError, ReadError};

/// Why the gateway could not start, or ended.
#[derive(Debug)]
pub enum ServiceError {
    /// The embedded broker did not start.
    Broker(String),
    Http(SocketAddr, std::io::Error),
    Certificate(Unusable),
    Open(OpenError),
    Read(ReadError),
    Commit(CommitError),
    Start(StartError),
    /// Something that the configuration asks for and that this build cannot do.
    Unsupported(&'static str),
    /// A part of the gateway ended in a bug; its log says more.
    Part(&'static str),
}

impl fmt::Display for ServiceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ServiceError::Broker(error) => f.write_str(error),
            ServiceError::Http(bind, error) => write!(
                f,
                "cannot serve HTTP on {bind}: {error}; is the port in use? choose another with [http] bind or --http"
            ),
            ServiceError::Certificate(error) => error.fmt(f),
            ServiceError::Open(error) => error.fmt(f),
            ServiceError::Read(error) => error.fmt(f),
            ServiceError::Commit(error) => error.fmt(f),
            ServiceError::Start(error) => error.fmt(f),
            ServiceError::Unsupported(what) => write!(f, "{what} is not available in this build"),
            ServiceError::Part(part) => write!(f, "the gateway's {part} ended unexpectedly"),
        }
    }
}

impl std::error::Error for ServiceError {}
