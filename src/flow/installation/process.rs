//! This process: what it was started with, its entry in the list of nodes, and the state of its jobs.

use std::path::PathBuf;
use std::sync::Arc;

use crate::domain::secret::Plain;
use crate::flow::installation::background::Background;
use crate::flow::installation::nodes::Node;

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
