//! Four-eyes: what an admin of the panel can't do alone, and how far a request to another owner is.

use serde::{Deserialize, Serialize};

use super::{Actor, Role, TaskKind, TaskOrder};
use crate::domain::account::AccountId;
use crate::domain::client::Client;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Sealed;
use crate::domain::settings::{Directory, Provisioning, Settings, Sync};
use crate::domain::{DAY, Millis, words};

/// How long a request waits for another owner.
pub const APPROVAL_LIFETIME: Millis = 7 * DAY;

/// How long a person decides about nothing that an admin asks who has let them in.
pub const LET_IN: Millis = 7 * DAY;

words! {
    /// How far a request is.
    pub enum ApprovalState {
        /// Only its asker sees it, who has not asked for it yet.
        Open = "open",
        /// Another owner can decide.
        Waiting = "waiting",
        Approved = "approved",
        Rejected = "rejected",
        Withdrawn = "withdrawn",
        /// Nobody decided in time, or the settings were changed.
        Expired = "expired",
    }
}

/// What a request is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "snake_case")]
pub enum ApprovalOrder {
    /// Store these settings, whose secrets are sealed or hashed.
    Settings {
        document: String,
    },
    Task {
        directory: DirectoryId,
        order: TaskOrder,
    },
}

impl ApprovalOrder {
    /// The kind of task; `None` for settings.
    #[must_use]
    pub const fn kind(&self) -> Option<TaskKind> {
        match self {
            Self::Settings { .. } => None,
            Self::Task { order, .. } => Some(order.kind()),
        }
    }
}

/// A request, as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    pub id: String,
    /// The kind of task; `None` for settings.
    pub kind: Option<TaskKind>,
    /// [`ApprovalOrder`], sealed; gone once it was decided.
    pub content: Option<Sealed>,
    /// Of the settings on which it was asked: a changed one voids it.
    pub generation: i64,
    pub state: ApprovalState,
    pub asked_by: AccountId,
    /// The role in which it was asked.
    pub role: Role,
    pub why: String,
    pub made_at: Millis,
    /// Who decided, as in the audit log.
    pub decided_by: Option<String>,
    pub decided_at: Option<Millis>,
    /// Why it was rejected.
    pub reason: Option<String>,
}

impl Approval {
    /// True if it can still be decided.
    #[must_use]
    pub fn waits(&self, generation: i64, now: Millis) -> bool {
        self.state == ApprovalState::Waiting
            && self.generation == generation
            && now - self.made_at < APPROVAL_LIFETIME
    }
}

/// That an admin has let a person in: has reset their factors, issued a code, ended a suspension, or given them an
/// account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LetIn {
    /// The admin, as in the audit log.
    pub by: String,
    pub at: Millis,
}

/// From when on a person may decide about requests of `asker`; `None` if they may now. The asker could otherwise sign
/// in as them. A script counts as the asker, since nobody knows who runs it; whoever runs commands on the server or
/// has a break-glass link is not bound by four-eyes at all.
#[must_use]
pub fn decides_from(let_in: &[LetIn], asker: &AccountId, now: Millis) -> Option<Millis> {
    let asker = Actor::name_of_person(asker);
    let bound = let_in.iter().filter(|one| one.by == asker || Actor::is_script(&one.by));
    bound.map(|one| one.at + LET_IN).max().filter(|from| *from > now)
}

impl TaskOrder {
    /// True if it may take something from more people than the guard allows. Of a plan, its numbers decide.
    #[must_use]
    pub const fn is_mass_change(&self) -> bool {
        matches!(self, Self::ApplyPlan { .. } | Self::ApproveHeld { .. } | Self::Revert { .. })
    }
}

/// True if one admin of the panel can't make this change alone: the first settings demand two, and who has which
/// role, how people are recognised, what they must prove, where tokens go, or how much a sync may take differs.
#[must_use]
pub fn needs_two(before: &Settings, after: &Settings) -> bool {
    before.admin.four_eyes
        && (before.admin != after.admin
            || before.sso.enabled != after.sso.enabled
            || before.second_factor != after.second_factor
            || policies(before) != policies(after)
            || clients(before) != clients(after)
            || services(before) != services(after))
}

/// What each service is told, and at which address. A token or client secret is changed alone, after a theft at once.
fn services(settings: &Settings) -> Vec<Provisioning> {
    let mut services: Vec<Provisioning> =
        settings.provisioning.iter().map(Provisioning::without_secrets).collect();
    services.sort_by(|one, other| one.id.cmp(&other.id));
    services
}

/// The directories without what one admin may change alone: names, time limits, passwords for the same servers,
/// and what is synced, since the guard limits what that takes. What is added here later needs two at first.
fn policies(settings: &Settings) -> Vec<Directory> {
    let mut directories: Vec<Directory> = settings.directories.iter().map(policy).collect();
    directories.sort_by(|one, other| one.id.0.cmp(&other.id.0));
    directories
}

fn policy(directory: &Directory) -> Directory {
    let none = Directory::default();
    let Sync { guard_people, guard_percent, .. } = directory.sync;
    Directory {
        name: none.name,
        service_account_password: None,
        connect_timeout_ms: none.connect_timeout_ms,
        operation_timeout_ms: none.operation_timeout_ms,
        search_connections: none.search_connections,
        bind_connections: none.bind_connections,
        scope: none.scope,
        sync: Sync { guard_people, guard_percent, ..none.sync },
        ..directory.clone()
    }
}

/// Where each client gets its answers, and what it may do. A secret is changed alone, after a theft at once.
fn clients(settings: &Settings) -> Vec<Client> {
    let none = Client::default();
    let policy = |client: &Client| Client {
        client_name: none.client_name.clone(),
        client_uri: none.client_uri.clone(),
        client_secret: None,
        client_secret_hash: None,
        client_secret_old_hash: None,
        client_secret_old_until: None,
        ..client.clone()
    };
    let mut clients: Vec<Client> = settings.clients.iter().map(policy).collect();
    clients.sort_by(|one, other| one.client_id.cmp(&other.client_id));
    clients
}

/// True if this change does nothing but end four-eyes: a break-glass link may, so that nobody is locked out.
#[must_use]
pub fn only_ends_four_eyes(before: &Settings, after: &Settings) -> bool {
    let mut ended = before.clone();
    ended.admin.four_eyes = false;
    before.admin.four_eyes && ended == *after
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::{Required, ScopeSettings, Server};

    fn settings() -> Settings {
        let directory = Directory { id: DirectoryId("corp".into()), ..Directory::default() };
        let client = Client { client_id: "app".into(), ..Client::default() };
        let mut settings =
            Settings { directories: vec![directory], clients: vec![client], ..Settings::default() };
        settings.admin.four_eyes = true;
        settings
    }

    fn changed(change: impl FnOnce(&mut Settings)) -> Settings {
        let mut settings = settings();
        change(&mut settings);
        settings
    }

    #[test]
    fn policy_needs_two_owners_and_daily_work_does_not() {
        let server = || Server { host: "evil.example".into(), port: None, tls_name: None, via: None };
        let other = || Directory { id: DirectoryId("b".into()), ..Directory::default() };
        for (name, after) in [
            ("four eyes", changed(|settings| settings.admin.four_eyes = false)),
            ("sessions", changed(|settings| settings.admin.idle_minutes = 480)),
            ("ports", changed(|settings| settings.admin.outbound_ports.push(22))),
            ("owners", changed(|settings| settings.directories[0].admin_groups.push("CN=x".into()))),
            ("operators", changed(|settings| settings.directories[0].operator_groups.push("CN=x".into()))),
            ("help desk", changed(|settings| settings.directories[0].help_desk_groups.push("CN=x".into()))),
            ("auditors", changed(|settings| settings.directories[0].auditor_groups.push("CN=x".into()))),
            ("factor", changed(|settings| settings.second_factor.required = Required::Optional)),
            ("remembered", changed(|settings| settings.second_factor.remember_browser_days = 365)),
            ("sign-on", changed(|settings| settings.sso.enabled = false)),
            ("servers", changed(|settings| settings.directories[0].servers.push(server()))),
            ("base DN", changed(|settings| settings.directories[0].base_dn = "DC=evil".into())),
            ("email", changed(|settings| settings.directories[0].email_written_by_admins_only = true)),
            ("guard", changed(|settings| settings.directories[0].sync.guard_people = 1_000)),
            ("percent", changed(|settings| settings.directories[0].sync.guard_percent = 100)),
            ("new directory", changed(|settings| settings.directories.push(other()))),
            ("no directory", changed(|settings| settings.directories.clear())),
            ("redirect", changed(|settings| settings.clients[0].redirect_uris.push("https://evil".into()))),
            ("script's role", changed(|settings| settings.clients[0].admin_role = Some(Role::Owner))),
            ("new client", changed(|settings| settings.clients.push(Client::default()))),
            ("no client", changed(|settings| settings.clients.clear())),
            ("new service", changed(|settings| settings.provisioning.push(Provisioning::default()))),
        ] {
            assert!(needs_two(&settings(), &after), "{name}");
            let alone = changed(|settings| settings.admin.four_eyes = false);
            assert!(!needs_two(&alone, &after), "{name}: four eyes were not demanded");
        }
        let units = || ScopeSettings { groups: vec!["CN=x".into()], ..ScopeSettings::default() };
        for (name, after) in [
            ("nothing", settings()),
            ("help", changed(|settings| settings.sso.help_contact = "x".into())),
            ("name", changed(|settings| settings.directories[0].name = "x".into())),
            ("scope", changed(|settings| settings.directories[0].scope = units())),
            ("schedule", changed(|settings| settings.directories[0].sync.zone = "UTC".into())),
            ("time limit", changed(|settings| settings.directories[0].connect_timeout_ms = 5_000)),
            ("client's name", changed(|settings| settings.clients[0].client_name = "x".into())),
            ("order", changed(|settings| settings.directories.reverse())),
        ] {
            assert!(!needs_two(&settings(), &after), "{name}");
        }
    }

    #[test]
    fn a_link_ends_four_eyes_and_changes_nothing_with_it() {
        let ended = changed(|settings| settings.admin.four_eyes = false);
        assert!(only_ends_four_eyes(&settings(), &ended));
        let more = Settings { clients: Vec::new(), ..ended.clone() };
        assert!(!only_ends_four_eyes(&settings(), &more));
        assert!(!only_ends_four_eyes(&settings(), &settings()));
        assert!(!only_ends_four_eyes(&ended, &ended));
    }

    #[test]
    fn whoever_was_let_in_by_the_asker_decides_a_week_later() {
        let asker = AccountId("a".into());
        let decides = |let_in: &[(&str, Millis)], now| {
            let one = |(by, at): &(&str, Millis)| LetIn { by: (*by).to_owned(), at: *at };
            decides_from(&let_in.iter().map(one).collect::<Vec<_>>(), &asker, now)
        };
        for (let_in, now, from) in [
            (&[][..], 0, None),
            (&[("account a", 0)][..], 0, Some(LET_IN)),
            (&[("account a", 0)], LET_IN - 1, Some(LET_IN)),
            (&[("account a", 0)], LET_IN, None),
            (&[("account a", 5), ("account a", 9), ("account a", 0)], 9, Some(9 + LET_IN)),
            // Another node's clock is ahead.
            (&[("account a", 9)], 0, Some(9 + LET_IN)),
            (&[("account b", 0), ("command root@idp", 0), ("break-glass root@idp", 0)], 0, None),
            (&[("client nightly", 0)], 0, Some(LET_IN)),
            (&[("account b", 9), ("client nightly", 3)], 9, Some(3 + LET_IN)),
        ] {
            assert_eq!(decides(let_in, now), from, "{let_in:?} at {now}");
        }
    }

    #[test]
    fn a_request_waits_for_a_week_on_the_same_settings() {
        let asked = Approval {
            id: "x".into(),
            kind: None,
            content: None,
            generation: 7,
            state: ApprovalState::Waiting,
            asked_by: AccountId("a".into()),
            role: Role::Owner,
            why: String::new(),
            made_at: 0,
            decided_by: None,
            decided_at: None,
            reason: None,
        };
        assert!(asked.waits(7, APPROVAL_LIFETIME - 1));
        assert!(!asked.waits(7, APPROVAL_LIFETIME) && !asked.waits(8, 0));
        use ApprovalState::{Approved, Expired, Open, Rejected, Withdrawn};
        for state in [Open, Approved, Rejected, Withdrawn, Expired] {
            assert!(!Approval { state, ..asked.clone() }.waits(7, 0), "{state:?}");
        }
    }
}
