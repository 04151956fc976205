//! What the process was started with, for the support bundle.

use std::path::PathBuf;

use crate::domain::secret::Plain;

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
