//! Relying parties that others wrote: people sign in to them at the provider, and back-channel logout ends their sessions.

use std::path::PathBuf;
use std::sync::atomic::{AtomicU16, Ordering};

use super::processes::Processes;
use super::server::{Address, LabServer};

/// A relying party. Its sessions survive a restart.
pub struct RelyingPartyLab {
    /// The address of its page for people who have signed in.
    pub url: String,
    pub client_id: String,
    secret: String,
    redirect_uri: String,
    backchannel_logout_uri: String,
    pid_file: PathBuf,
    server: LabServer,
}

impl RelyingPartyLab {
    /// `client` is `mod_auth_openidc` or `openid-client`, which is its client id too.
    pub(super) fn start(client: &str, issuer: &str) -> Self {
        static NEXT: AtomicU16 = AtomicU16::new(28180);
        let port = NEXT.fetch_add(1, Ordering::Relaxed).to_string();
        let address = [("ADDR", Address::shared()), ("PORT", port.as_str())];
        let variables = [address, [("CLIENT", client), ("ISSUER", issuer)]].concat();
        let server = LabServer::start("relying-party.sh", &variables);
        Self {
            url: format!("{}/", server.variable("RP_URL")),
            client_id: server.variable("RP_ID"),
            secret: server.variable("RP_SECRET"),
            redirect_uri: server.variable("RP_REDIRECT_URI"),
            backchannel_logout_uri: server.variable("RP_BACKCHANNEL_URI"),
            pid_file: server.variable("RP_PIDFILE").into(),
            server,
        }
    }

    /// `[[clients]]` of the provider's settings.
    pub fn settings(&self) -> String {
        let Self { client_id, secret, redirect_uri, backchannel_logout_uri, .. } = self;
        format!(
            "[[clients]]\nclient_id = {client_id:?}\nclient_secret = {secret:?}\n\
             redirect_uris = [{redirect_uri:?}]\nbackchannel_logout_uri = {backchannel_logout_uri:?}\n"
        )
    }

    /// Its processes: Apache has several.
    pub fn processes(&self) -> Processes {
        Processes::Group(super::pid(&self.pid_file))
    }

    /// kill -9.
    pub fn kill(&self) {
        self.processes().kill();
    }

    /// Starts it again after [`RelyingPartyLab::kill`], with its sessions.
    pub fn restart(&self) {
        self.server.run("up");
    }
}
