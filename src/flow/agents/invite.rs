//! Invite an agent: a code, for one hour and one use, with which it enrols its own key.

use serde_json::json;

use super::AgentsError;
use crate::domain::Millis;
use crate::domain::admin::Actor;
use crate::domain::agent::{CODE_LIFETIME, EnrolmentCode};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::flow::installation::context::OperationParts;
use crate::keys::{Label, random_id};
use crate::store::NewAgent;

const LONGEST_NAME: usize = 64;

/// An invitation. The code is shown only once.
#[derive(Clone, Debug)]
pub struct InvitedAgent {
    /// The agent's id.
    pub id: String,
    pub code: Plain,
    pub expires_at: Millis,
}

/// Invites an agent for a directory. An invitation of this name that was not used becomes invalid.
pub async fn invite(
    parts: &OperationParts,
    name: &str,
    directory: &DirectoryId,
    by: &Actor,
) -> Result<InvitedAgent, AgentsError> {
    let name = name.trim();
    if !is_name(name) {
        return Err(AgentsError::Name(name.chars().take(LONGEST_NAME).collect()));
    }
    if parts.current().settings.directory(directory).is_none() {
        return Err(AgentsError::NoDirectory(directory.clone()));
    }
    let code = EnrolmentCode { agent: random_id(), secret: Plain::new(random_id()) };
    let (now, hash) =
        (parts.now(), parts.keys.sealer.hmac(Label::AgentCode, code.secret.expose().as_bytes()));
    let code_until = now + CODE_LIFETIME;
    let agent = NewAgent { id: &code.agent, name, directory, code: &hash, code_until };
    let event = Event {
        directory: Some(directory.0.clone()),
        detail: Some(json!({ "agent": name, "id": code.agent }).to_string()),
        ..Event::new(now, Decision::AgentInvited).by(by)
    };
    if !parts.store.settings().invite_agent(agent, &event).await? {
        return Err(AgentsError::Taken(name.to_owned()));
    }
    Ok(InvitedAgent { code: code.text(), id: code.agent, expires_at: code_until })
}

fn is_name(name: &str) -> bool {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, ' ' | '.' | '-' | '_');
    (1..=LONGEST_NAME).contains(&name.chars().count()) && name.chars().all(allowed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_short_and_printable() {
        for name in ["hq", "Zürich 2", "dc-site_1.north"] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "a\nb", "a\u{202e}b", "<b>", &"x".repeat(65)] {
            assert!(!is_name(name), "{name:?}");
        }
    }
}
