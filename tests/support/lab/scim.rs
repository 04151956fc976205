//! Service providers of SCIM 2.0 that others wrote.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use super::processes::Processes;
use super::server::{Address, LabServer};
use crate::support::scim_target::ScimTarget;

/// A service provider. It keeps everything in memory.
pub struct ScimLab {
    /// The address of the service, without a slash at its end.
    pub base: String,
    pub token: String,
    pid_file: PathBuf,
    server: LabServer,
}

impl ScimLab {
    /// `server` is `scim2-server` or `scimmy`.
    pub(super) fn start(server: &str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(28080);
        let port = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let variables = [("ADDR", Address::shared()), ("PORT", port.as_str()), ("SERVER", server)];
        let server = LabServer::start("scim.sh", &variables);
        Self {
            base: server.variable("SCIM_URL"),
            token: server.variable("SCIM_TOKEN"),
            pid_file: server.variable("SCIM_PIDFILE").into(),
            server,
        }
    }

    /// It as a client sees it.
    pub fn target(&self) -> ScimTarget {
        ScimTarget::new(&self.base, &self.token)
    }

    /// Its process.
    pub fn processes(&self) -> Processes {
        Processes::One(super::pid(&self.pid_file))
    }

    /// Freezes it: the kernel accepts connections, and no response comes.
    pub fn pause(&self) {
        self.processes().freeze();
    }

    /// Ends [`ScimLab::pause`].
    pub fn resume(&self) {
        self.processes().thaw();
    }

    /// kill -9. Its data is lost.
    pub fn kill(&self) {
        self.processes().kill();
    }

    /// Starts it again after [`ScimLab::kill`], empty.
    pub fn restart(&self) {
        self.server.run("up");
    }
}
