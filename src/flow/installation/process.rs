//! This process: what it was started with, its entry in the list of nodes, and the state of its jobs.

use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::Millis;
use crate::domain::secret::Plain;
use crate::flow::installation::background::Background;
use crate::keys::random_id;

/// This process.
#[derive(Debug, Default)]
pub struct Process {
    pub startup: Startup,
    pub node: Node,
    pub background: Arc<Background>,
}

/// What the process was started with, as far as others may see it.
#[derive(Debug, Default)]
pub struct Startup {
    /// Each key of the configuration, without passwords.
    pub configuration: Vec<(&'static str, String)>,
    /// The passwords that were left out.
    pub secrets: Vec<Plain>,
    /// Where a bundle may be written, the best place first.
    pub folders: Vec<PathBuf>,
    /// The name of the machine.
    pub host: String,
}

/// This process in the list of nodes.
#[derive(Debug)]
pub struct Node {
    pub(super) id: String,
    /// The sealing keys that were written last, and when.
    noted: Mutex<Option<(Vec<String>, Millis)>>,
}

impl Default for Node {
    fn default() -> Self {
        Self { id: random_id(), noted: Mutex::default() }
    }
}

impl Node {
    /// Its id, drawn at the start.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn last_noted(&self) -> Option<(Vec<String>, Millis)> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(super) fn noted(&self, sealing_keys: Vec<String>, now: Millis) {
        *self.noted.lock().unwrap_or_else(PoisonError::into_inner) = Some((sealing_keys, now));
    }
}
