//! Who does something as an admin, for the audit log.

use std::fmt;

use super::Role;
use crate::domain::account::AccountId;

/// Who does something as an admin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Actor {
    kind: ActorKind,
    role: Option<Role>,
    request: Option<ActorRequest>,
}

/// The request by which something is done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActorRequest {
    /// The id of its lines in the log.
    pub attempt_id: String,
    /// The address that it came from.
    pub address: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum ActorKind {
    Person(AccountId),
    BreakGlass(String),
    Command(String),
    Client(String),
}

impl Actor {
    /// A person with a session of the panel. Only the check of that session creates it.
    #[must_use]
    pub fn person(account: AccountId, role: Role) -> Self {
        Self { kind: ActorKind::Person(account), role: Some(role), request: None }
    }

    /// Whoever used a break-glass link, by the user of the server who made it.
    #[must_use]
    pub fn break_glass(made_by: String) -> Self {
        Self { kind: ActorKind::BreakGlass(made_by), role: Some(Role::Owner), request: None }
    }

    /// A user of the server, on the command line.
    #[must_use]
    pub fn command(user: String) -> Self {
        Self { kind: ActorKind::Command(user), role: None, request: None }
    }

    /// Whoever has ordered a task, as its row says. Only the work on tasks calls it.
    #[must_use]
    pub fn ordered(by: &str, role: Option<Role>) -> Self {
        let kind = match by.split_once(' ') {
            Some(("account", id)) => ActorKind::Person(AccountId(id.to_owned())),
            Some(("client", id)) => ActorKind::Client(id.to_owned()),
            Some(("break-glass", made_by)) => ActorKind::BreakGlass(made_by.to_owned()),
            _ => ActorKind::Command(by.trim_start_matches("command ").to_owned()),
        };
        Self { kind, role, request: None }
    }

    /// A script, by the id of its client. Only the check of its token creates it.
    #[must_use]
    pub fn client(id: String, role: Role) -> Self {
        Self { kind: ActorKind::Client(id), role: Some(role), request: None }
    }

    /// The same, in this request.
    #[must_use]
    pub fn within(self, request: ActorRequest) -> Self {
        Self { request: Some(request), ..self }
    }

    /// The request by which it is done; none on the command line and in the work on a task.
    #[must_use]
    pub fn request(&self) -> Option<&ActorRequest> {
        self.request.as_ref()
    }

    /// The value in the audit log for a person.
    #[must_use]
    pub fn name_of_person(account: &AccountId) -> String {
        format!("{PERSON}{}", account.0)
    }

    /// The id of the account of a person, as the audit log names them.
    #[must_use]
    pub fn account_in(text: &str) -> Option<&str> {
        text.strip_prefix(PERSON)
    }

    /// The value in the audit log for a script.
    #[must_use]
    pub fn name_of_client(id: &str) -> String {
        format!("{CLIENT}{id}")
    }

    /// What the names of everybody who used a break-glass link match, as a pattern of SQL.
    #[must_use]
    pub fn names_of_break_glass() -> String {
        format!("{BREAK_GLASS}%")
    }

    /// The role in which it is done; none on the command line.
    #[must_use]
    pub fn role(&self) -> Option<Role> {
        self.role
    }

    /// True for a text that names an actor as the audit log does.
    #[must_use]
    pub fn is_named(text: &str) -> bool {
        [PERSON, BREAK_GLASS, COMMAND, CLIENT].iter().any(|kind| text.starts_with(kind))
    }

    /// True for a text that names a script.
    #[must_use]
    pub fn is_script(text: &str) -> bool {
        text.starts_with(CLIENT)
    }

    /// True for whoever used a break-glass link.
    #[must_use]
    pub fn is_break_glass(&self) -> bool {
        self.link_made_by().is_some()
    }

    /// The user of the server who made the break-glass link.
    #[must_use]
    pub fn link_made_by(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::BreakGlass(made_by) => Some(made_by),
            ActorKind::Person(_) | ActorKind::Command(_) | ActorKind::Client(_) => None,
        }
    }

    /// The person's account.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match &self.kind {
            ActorKind::Person(account) => Some(account),
            ActorKind::BreakGlass(_) | ActorKind::Command(_) | ActorKind::Client(_) => None,
        }
    }

    /// The id of the script's client.
    #[must_use]
    pub fn client_id(&self) -> Option<&str> {
        match &self.kind {
            ActorKind::Client(id) => Some(id),
            ActorKind::Person(_) | ActorKind::BreakGlass(_) | ActorKind::Command(_) => None,
        }
    }
}

/// What the kinds of actors begin with in the audit log.
const PERSON: &str = "account ";
const BREAK_GLASS: &str = "break-glass ";
const COMMAND: &str = "command ";
const CLIENT: &str = "client ";

/// The value in the audit log.
impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            ActorKind::Person(account) => write!(f, "{PERSON}{}", account.0),
            ActorKind::BreakGlass(made_by) => write!(f, "{BREAK_GLASS}{made_by}"),
            ActorKind::Command(user) => write!(f, "{COMMAND}{user}"),
            ActorKind::Client(id) => f.write_str(&Self::name_of_client(id)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_of_actor_is_told_apart_in_the_log() {
        let person = Actor::person(AccountId("a1".into()), Role::Auditor);
        let link = Actor::break_glass("root@idp".into());
        let command = Actor::command("root@idp".into());
        assert_eq!(person.to_string(), "account a1");
        assert_eq!(link.to_string(), "break-glass root@idp");
        assert_eq!(command.to_string(), "command root@idp");
        assert_eq!(
            [person.role(), link.role(), command.role()],
            [Some(Role::Auditor), Some(Role::Owner), None]
        );
        let script = Actor::client("nightly".into(), Role::Auditor);
        for actor in [&person, &link, &command, &script] {
            assert!(Actor::is_named(&actor.to_string()), "{actor}");
            assert_eq!(Actor::ordered(&actor.to_string(), actor.role()), *actor);
        }
        assert_eq!((person.account().map(|id| id.0.as_str()), link.account()), (Some("a1"), None));
    }
}
