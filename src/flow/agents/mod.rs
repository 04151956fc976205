//! Agents: invite them, let them in, keep their connections, and revoke them.
//!
//! - `invite`, `revoke`, `views`: what administrators do and see
//! - `admit`: whether an agent at the door is let in
//! - `connection`: one agent's connection, from the door to its end
//! - `watch`: end what was revoked, and note which agents are connected

mod admit;
mod connection;
mod invite;
mod revoke;
mod views;
mod watch;

pub use connection::{close_all, serve};
pub use invite::{InvitedAgent, invite};
pub use revoke::revoke;
pub use views::{AgentState, AgentTunnelView, AgentView, list};
pub use watch::{end_revoked, note};

use crate::domain::entry::DirectoryId;
use crate::store::StoreError;

/// Why an agent was not invited or revoked.
#[derive(Debug, thiserror::Error)]
pub enum AgentsError {
    #[error("there is no directory {0}")]
    NoDirectory(DirectoryId),
    #[error("{0:?} is no name of an agent; use 1 to 64 letters, digits, spaces, dots, - and _")]
    Name(String),
    #[error("an agent {0:?} is enrolled already; revoke it first, or use another name")]
    Taken(String),
    #[error("there is no agent {0:?} that is not revoked; list them: cloudsync-idp agents list")]
    Unknown(String),
    #[error(transparent)]
    Store(#[from] StoreError),
}
