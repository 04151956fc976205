//! Carry bytes between a server's stream and the LDAP library, and check what the server sends before the
//! library sees it. TLS ends here.

use std::sync::{Arc, OnceLock};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, copy, split};
use tokio::net::UnixStream;

use super::elements::Elements;
use crate::directory::error::LdapFault;

/// The size of a TLS record.
const BUFFER: usize = 16 * 1_024;

/// Why we closed the connection, if we did.
#[derive(Clone, Debug, Default)]
pub(crate) struct CloseReason(Arc<OnceLock<LdapFault>>);

impl CloseReason {
    /// The real cause when the library only sees a broken connection.
    pub(crate) fn instead_of(&self, fault: LdapFault) -> LdapFault {
        match (fault, self.0.get()) {
            (LdapFault::Broken(_), Some(reason)) => reason.clone(),
            (fault, _) => fault,
        }
    }
}

/// Carries bytes both ways until one side closes or the server sends a message that is rejected.
pub(crate) async fn run<S: AsyncRead + AsyncWrite>(server: S, library: UnixStream, ended: CloseReason) {
    let (mut from_server, mut to_server) = split(server);
    let (mut from_library, mut to_library) = library.into_split();
    tokio::select! {
        _ = copy(&mut from_library, &mut to_server) => {}
        reason = take(&mut from_server, &mut to_library) => {
            if let Some(reason) = reason {
                tracing::warn!(%reason, "a directory server sent an invalid message; its connection is closed");
                // Only this task sets it, once.
                let _ = ended.0.set(reason);
            }
        }
    }
}

async fn take(from: &mut (impl AsyncRead + Unpin), to: &mut (impl AsyncWrite + Unpin)) -> Option<LdapFault> {
    let mut elements = Elements::default();
    let mut buffer = vec![0; BUFFER];
    loop {
        let read = from.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        if let Err(breach) = elements.pass(&buffer[..read]) {
            return Some(LdapFault::Garbage(breach.to_string()));
        }
        to.write_all(&buffer[..read]).await.ok()?;
    }
}
