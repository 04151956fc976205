//! An agent as a process, in a folder of its own.

use std::fs::File;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};

use tempfile::TempDir;

use super::connected;
use crate::support::provider::Provider;
use crate::support::until;

/// A running agent. Dropping it kills it.
pub struct Agent {
    pub folder: TempDir,
    child: Child,
}

impl Agent {
    /// Starts with this list of servers and, perhaps, a code.
    pub fn start(provider: &str, servers: &[String], code: Option<&str>) -> Self {
        Self::configured(&format!("provider = {provider:?}\nservers = {servers:?}\n"), code)
    }

    /// Starts with this configuration.
    pub fn configured(config: &str, code: Option<&str>) -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        std::fs::write(folder.path().join("agent.toml"), config).expect("a file");
        let child = spawn(&folder, code);
        Self { folder, child }
    }

    /// Starts, and waits until the provider has it.
    pub async fn connected(provider: &Provider, name: &str, servers: &[String]) -> Self {
        let code = super::invited(provider, name).await.code;
        let agent = Self::start(&provider.url, servers, Some(code.expose()));
        until("the agent is connected", async || connected(provider).iter().any(|one| one == name)).await;
        agent
    }

    /// Starts again in the same folder, without a code.
    pub fn restart(&mut self) {
        self.kill();
        self.child = spawn(&self.folder, None);
    }

    pub fn kill(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }

    /// SIGSTOP, SIGCONT and so on.
    pub fn signal(&self, name: &str) {
        let sent = Command::new("kill").args([name, &self.child.id().to_string()]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {name}");
    }

    pub fn log(&self) -> String {
        std::fs::read_to_string(log(&self.folder)).unwrap_or_default()
    }

    pub fn key_file(&self) -> PathBuf {
        self.folder.path().join("agent.key")
    }

    /// Waits until its log says so.
    pub async fn says(&self, words: &str) {
        until(words, async || self.log().contains(words)).await;
    }
}

impl Drop for Agent {
    fn drop(&mut self) {
        self.kill();
    }
}

fn log(folder: &TempDir) -> PathBuf {
    folder.path().join("log")
}

fn spawn(folder: &TempDir, code: Option<&str>) -> Child {
    let out = File::options().create(true).append(true).open(log(folder)).expect("a file");
    let mut command = Command::new(env!("CARGO_BIN_EXE_cloudsync-idp"));
    command.env_clear().env("CLOUDSYNC_IDP_LOG", "debug");
    command.arg("agent").arg("--config").arg(folder.path().join("agent.toml"));
    if let Some(code) = code {
        command.args(["--code", code]);
    }
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(out).spawn().expect("the binary is there")
}
