//! Read everything in pages (RFC 2696), on a separate connection: containers, groups, people. One page is
//! fetched while the previous one is processed, and no more, so memory does not grow with the directory. A
//! read without a proper end is an error.

use tokio::sync::mpsc;

use super::task::{Part, ScanStop, ScanTask};
use crate::directory::connection::Driver;
use crate::directory::error::DirectoryError;
use crate::directory::feed::server::ServerLink;
use crate::directory::message::ExtraFilter;
use crate::domain::schema::Schema;

/// A full read.
#[derive(Default)]
pub(crate) enum FullReadPages {
    /// None was started, or the last one failed.
    #[default]
    None,
    Fresh,
    Reading {
        parts: mpsc::Receiver<Part>,
        _reader: Driver,
    },
    /// The last one was complete.
    Ended,
}

impl FullReadPages {
    /// The next page; `None` after the last one of a complete read.
    pub(crate) async fn next(&mut self, link: &ServerLink, extra: Option<&ExtraFilter>) -> Part {
        if let Self::Fresh = self {
            *self = Self::begin(link.sibling(), extra.cloned());
        }
        let part = match self {
            Self::Reading { parts, .. } => parts.recv().await.unwrap_or_else(|| Err(unfinished())),
            Self::Ended => return Ok(None),
            Self::None | Self::Fresh => return Err(unfinished()),
        };
        match part {
            Ok(Some(_)) => {}
            Ok(None) => *self = Self::Ended,
            Err(_) => *self = Self::None,
        }
        part
    }

    fn begin(link: ServerLink, extra: Option<ExtraFilter>) -> Self {
        let (parts, taken) = mpsc::channel(1);
        let task = tokio::spawn(async move {
            let end = read(&mut ScanTask { link, parts: parts.clone() }, extra.as_ref()).await;
            let end = match end {
                Ok(()) => Ok(None),
                Err(ScanStop::Failed(error)) => Err(error),
                Err(ScanStop::Unwanted) => return,
            };
            // fails only when the caller no longer waits for pages
            let _ = parts.send(end).await;
        });
        Self::Reading { parts: taken, _reader: Driver(task.abort_handle()) }
    }
}

fn unfinished() -> DirectoryError {
    DirectoryError::Incomplete("the read was not finished".to_owned())
}

async fn read(task: &mut ScanTask, extra: Option<&ExtraFilter>) -> Result<(), ScanStop> {
    if !task.link.features().paging {
        let text = format!("{} can't page (RFC 2696)", task.link.server);
        return Err(DirectoryError::Incomplete(text).into());
    }
    let mut connection = task.link.connect().await?;
    match task.link.directory.naming().schema {
        Schema::ActiveDirectory => task.read_active_directory(&mut connection, extra).await,
        Schema::Rfc2307bis => task.read_rfc2307bis(&mut connection, extra).await,
    }
}
