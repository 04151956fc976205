//! Configure Active Directory: what a page changes of one directory. Whatever is typed is checked in the words of
//! `settings apply`, and is saved on the version that the page has shown.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::admin::{Actor, merged_field};
use crate::domain::audit::{Decision, Event};
use crate::domain::dn::Dn;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Encryption, Server, Settings};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{self, ComparedField, Consequence, Saving, SettingsChange};
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{
    EditError, EditedSettings, Problem, SettingDifference, SettingField, SettingPath, TypedSecret,
    load_version,
};
use crate::flow::support::setup;
use crate::flow::sync::pause;

/// A directory by its id and name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NamedDirectory {
    pub id: String,
    pub name: String,
}

impl From<&Directory> for NamedDirectory {
    fn from(directory: &Directory) -> Self {
        Self { id: directory.id.0.clone(), name: directory.name.clone() }
    }
}

/// What a form has sent for one directory. One that is not stored is new.
#[derive(Clone)]
pub struct DirectoryChange {
    pub id: DirectoryId,
    pub settings: SettingsChange,
    pub servers: Vec<Server>,
    /// As typed; `None`: the stored one.
    pub password: Option<Plain>,
}

/// What was typed is good.
pub struct ReviewedDirectory {
    /// As it would be stored.
    pub directory: Directory,
    /// Key by key; none if it is stored exactly so.
    pub differences: Vec<SettingDifference>,
}

impl DirectoryChange {
    /// The list of servers as a field, for the page that compares two versions.
    #[must_use]
    pub fn servers_field(id: &DirectoryId) -> SettingField {
        SettingField::of_entry("directories", &id.0, "servers")
    }

    /// As far as it is needed for a connection, whatever is wrong with the rest.
    #[must_use]
    pub fn connection(&self, stored: &Settings) -> Directory {
        let stored = stored.directory(&self.id).cloned().unwrap_or_default();
        let text = |key| self.text(key).map(str::trim);
        let base_dn = text("base_dn").unwrap_or(&stored.base_dn);
        let is_base = Dn::parse(base_dn).is_ok_and(|base| base.depth() > 0);
        Directory {
            id: self.id.clone(),
            // Any will do to ask a server for its own.
            base_dn: if is_base { base_dn.to_owned() } else { "DC=unknown".to_owned() },
            encryption: match text("encryption") {
                Some("start_tls") => Encryption::StartTls,
                Some("ldaps") => Encryption::Ldaps,
                _ => stored.encryption,
            },
            ca_pem: match text("ca_pem") {
                Some(pem) => Some(pem.to_owned()).filter(|pem| !pem.is_empty()),
                None => stored.ca_pem.clone(),
            },
            service_account: text("service_account").unwrap_or(&stored.service_account).to_owned(),
            servers: self.servers.clone(),
            ..stored
        }
    }

    /// What was typed for a key of this directory.
    fn text(&self, key: &'static str) -> Option<&str> {
        let wanted = SettingField::of_entry("directories", &self.id.0, key);
        self.settings.fields.iter().find(|(field, _)| *field == wanted).map(|(_, text)| text.as_str())
    }

    fn secrets(&self) -> Vec<TypedSecret> {
        let typed = |password: &Plain| TypedSecret::ServiceAccount(self.id.clone(), password.clone());
        self.password.iter().map(typed).collect()
    }

    fn put(self, settings: &mut Settings) {
        if settings.directory(&self.id).is_none() {
            settings.directories.push(Directory { id: self.id.clone(), ..Directory::default() });
        }
        let own = settings.directories.iter_mut().find(|one| one.id == self.id);
        if let Some(directory) = own {
            directory.servers = self.servers;
        }
    }
}

/// Checks what was typed. Asks no server and writes nothing.
pub async fn review(
    parts: &PanelParts,
    change: &DirectoryChange,
) -> Result<Result<ReviewedDirectory, Saving>, Fault> {
    let secrets = change.secrets();
    let put = change.clone();
    let reviewed =
        settings::review_with(parts, &change.settings, &secrets, |settings| put.put(settings)).await;
    let edited = match reviewed {
        Ok(edited) => edited,
        Err(error) => return Ok(Err(refused(parts, change, error).await?)),
    };
    let EditedSettings { before, after, differences, .. } = edited;
    let was = before.directory(&change.id).map(|directory| directory.encryption);
    let Some(directory) = after.directory(&change.id).cloned() else {
        return Ok(Err(Saving::Wrong(Vec::new())));
    };
    if directory.encryption == Encryption::UnencryptedLoopbackOnly && was != Some(directory.encryption) {
        return Ok(Err(Saving::Wrong(vec![problem(
            &change.id,
            "encryption",
            "an unencrypted connection can't be set up here; use LDAPS or StartTLS",
        )])));
    }
    if directory.service_account_password.is_none() {
        return Ok(Err(Saving::Wrong(vec![problem(
            &change.id,
            PASSWORD,
            "is missing: type the password of the service account",
        )])));
    }
    Ok(Ok(ReviewedDirectory { directory, differences }))
}

/// The key of the service account's password.
pub const PASSWORD: &str = "service_account_password";

fn problem(id: &DirectoryId, key: &str, message: &str) -> Problem {
    let place = SettingPath::named("directories", &id.0).key(key);
    Problem { line: 0, place, message: message.to_owned() }
}

/// Saves what was typed, without a test. A new directory waits for its initial sync.
pub async fn save(
    parts: &PanelParts,
    event: Event,
    actor: &Actor,
    change: DirectoryChange,
) -> Result<Saving, Fault> {
    if let Err(refused) = review(parts, &change).await? {
        return Ok(refused);
    }
    // Before a new one is in force: its watch would begin to import at once.
    pause::wait_for_import(&parts.sync, &change.id).await?;
    let (secrets, put) = (change.secrets(), change.clone());
    let event = Event { at: parts.login.now(), ..event };
    let put = |settings: &mut Settings| put.put(settings);
    match settings::save_with(parts, event.clone(), &change.settings, &secrets, put).await {
        Ok(edited) => Ok(Saving::Saved(edited.differences)),
        Err(EditError::NeedsTwo(waiting)) => {
            Ok(Saving::Asked(settings::asked(parts, event, actor, *waiting).await?))
        }
        Err(error) => refused(parts, &change, error).await,
    }
}

/// What the removal of a directory does.
#[derive(Clone, Debug)]
pub struct RemovalView {
    pub name: String,
    /// How many people can sign in by it.
    pub people: i64,
    /// True if the admin signs in by it.
    pub is_own: bool,
    pub consequences: Vec<Consequence>,
}

/// Reads what the removal of a directory would do. `None`: there is no such directory.
pub async fn removal_view(
    parts: &PanelParts,
    admin: &CheckedAdmin,
    id: &DirectoryId,
) -> Result<Option<RemovalView>, Fault> {
    let stored = settings::stored(parts).await?;
    let Some(name) = stored.settings.directory(id).map(|directory| directory.name.clone()) else {
        return Ok(None);
    };
    let identity = parts.login.store.identity();
    let own = match admin.actor.account() {
        Some(account) => identity.account(account).await?,
        None => None,
    };
    let change = SettingsChange { expected: stored.generation, fields: Vec::new(), secrets: Vec::new() };
    let consequences = match settings::review_with(parts, &change, &[], without(id)).await {
        Ok(edited) => settings::reviewed(parts, edited).await?.consequences,
        // Somebody has saved at this moment, and the form is stale.
        Err(_) => Vec::new(),
    };
    Ok(Some(RemovalView {
        name,
        people: identity.count_linked(id).await?,
        is_own: own.is_some_and(|account| account.directory() == Some(id)),
        consequences,
    }))
}

/// Removes a directory, on the version that was shown.
pub async fn remove(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    id: &DirectoryId,
    expected: i64,
) -> Result<Saving, Fault> {
    let change = SettingsChange { expected, fields: Vec::new(), secrets: Vec::new() };
    let event = event(parts, visit, admin);
    match settings::save_with(parts, event.clone(), &change, &[], without(id)).await {
        Ok(edited) => Ok(Saving::Saved(edited.differences)),
        Err(EditError::NeedsTwo(waiting)) => {
            Ok(Saving::Asked(settings::asked(parts, event, &admin.actor, *waiting).await?))
        }
        Err(error) => settings::refused(parts, &change, error).await,
    }
}

fn without(id: &DirectoryId) -> impl FnOnce(&mut Settings) + Send + use<> {
    let id = id.clone();
    move |settings| settings.directories.retain(|one| one.id != id)
}

/// Who saves, for the audit log.
#[must_use]
pub fn event(parts: &PanelParts, visit: &Visit, admin: &CheckedAdmin) -> Event {
    visit.event(parts.login.now(), Decision::SettingsChanged).by(&admin.actor)
}

/// Why nothing was saved. Of a conflict the servers are compared as well.
async fn refused(parts: &PanelParts, change: &DirectoryChange, error: EditError) -> Result<Saving, Fault> {
    let refused = settings::refused(parts, &change.settings, error).await?;
    let Saving::Conflict(mut conflict) = refused else { return Ok(refused) };
    let login = &parts.login;
    let now = settings::stored(parts).await?;
    let seen = load_version(&login.store, &login.keys.sealer, change.settings.expected).await?;
    let servers = |settings: &Settings| {
        settings.directory(&change.id).map(|directory| setup::server_lines(&directory.servers))
    };
    let seen = seen.as_ref().map(|seen| servers(seen).unwrap_or_default());
    let (theirs, mine) = (servers(&now.settings).unwrap_or_default(), setup::server_lines(&change.servers));
    let merged = merged_field(seen.as_deref(), &theirs, &mine);
    let field = DirectoryChange::servers_field(&change.id);
    conflict.fields.insert(0, ComparedField { field, seen, theirs, mine, merged });
    Ok(Saving::Conflict(conflict))
}
