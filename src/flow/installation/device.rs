//! Recognise a browser in which people have completed a sign-in. That proves nothing about the person using
//! it now and replaces no password or code; it only prevents attackers of a name from locking the owner out.
//! A sign-in counts no longer after a new password or a reset of the account, so a cookie stolen with the old
//! password is worthless.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::domain::account::Account;
use crate::domain::entry::{DirectoryId, Entry, EntryId};
use crate::domain::evidence::{Evidence, is_outdated};
use crate::domain::name::{TypedName, fold};
use crate::domain::routing::Route;
use crate::domain::secret::Sealed;
use crate::domain::{DAY, Millis};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::keys::{Label, Sealer};

/// How long a browser is known after a person's last sign-in in it.
pub const KNOWN_FOR: Millis = 180 * DAY;

const KIND: &str = "device";
/// Shared workstations: keep the five most recent people.
const MOST_PEOPLE: usize = 5;
/// A login name, one with a domain, an email address: people type no more forms than that.
const MOST_NAMES: usize = 4;
const DIGEST: usize = 12;

/// One browser.
#[derive(Clone)]
pub struct Device {
    sealer: Arc<Sealer>,
    content: DeviceContent,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({} people)", self.content.people.len())
    }
}

/// The sealed part: only digests of names, all of one length.
#[derive(Clone, Serialize, Deserialize)]
struct DeviceContent {
    serial: String,
    people: Vec<RecentPerson>,
}

/// A person who has signed in, the most recent first.
#[derive(Clone, Serialize, Deserialize)]
struct RecentPerson {
    entry: String,
    at_home: String,
    /// Finds the account if there is only a name.
    id: Uuid,
    names: Vec<String>,
    /// When the password was checked, and when it had been set (by the directory's clock, if reported).
    at: Millis,
    set_at: Option<Millis>,
    /// The account's generation at that time.
    generation: i64,
}

impl RecentPerson {
    /// True if neither the password nor the account has changed since the sign-in.
    fn holds(&self, account: &Account) -> bool {
        self.generation == account.generation
            && !is_outdated(self.set_at, self.at, account.password_changed_at)
    }
}

impl Device {
    /// The browser that sent this cookie, or an unknown one.
    #[must_use]
    pub fn open(parts: &LoginParts, cookie: Option<&str>) -> Self {
        Self::sealed_by(&parts.keys.sealer, cookie, parts.random_id(), parts.now())
    }

    fn sealed_by(sealer: &Arc<Sealer>, cookie: Option<&str>, fresh: String, now: Millis) -> Self {
        let sealer = Arc::clone(sealer);
        let content = cookie.and_then(|cookie| opened(&sealer, cookie));
        let mut content = content.unwrap_or_else(|| DeviceContent { serial: fresh, people: Vec::new() });
        // Checked here, since a browser may keep a cookie for longer than its lifetime.
        content.people.retain(|person| now - person.at < KNOWN_FOR);
        Self { sealer, content }
    }

    /// Identifies this browser.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.content.serial
    }

    /// True if the owner of this account has signed in here, and the sign-in still counts.
    #[must_use]
    pub fn knows(&self, account: &Account) -> bool {
        let link = account.link.as_ref();
        let person = link.and_then(|link| self.person(&link.directory, link.entry));
        person.is_some_and(|person| person.holds(account))
    }

    /// The same for an entry just read, which may show a newer password. Unknown browsers cost no query.
    pub async fn knows_entry(
        &self,
        parts: &LoginParts,
        directory: &DirectoryId,
        entry: &Entry,
    ) -> Result<bool, Fault> {
        let Some(person) = self.person(directory, entry.id) else { return Ok(false) };
        if is_outdated(person.set_at, person.at, entry.password_changed_at) {
            return Ok(false);
        }
        let account = parts.store.identity().account_by_entry(directory, entry.id).await?;
        Ok(account.is_some_and(|account| person.holds(&account)))
    }

    /// The same for any person who has signed in here with this form of a name.
    pub async fn knows_name(&self, parts: &LoginParts, typed_name: &str) -> Result<bool, Fault> {
        let digest = self.name(typed_name);
        let current = parts.current();
        for person in self.content.people.iter().filter(|person| person.names.contains(&digest)) {
            let mut sites = current.sites().iter();
            let Some(site) = sites.find(|site| self.directory(site.id()) == person.at_home) else { continue };
            let account = parts.store.identity().account_by_entry(site.id(), EntryId(person.id)).await?;
            if account.is_some_and(|account| person.holds(&account)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn person(&self, directory: &DirectoryId, entry: EntryId) -> Option<&RecentPerson> {
        let digest = self.entry(directory, entry);
        self.content.people.iter().find(|person| person.entry == digest)
    }

    /// The directory of a typed name; where the name has signed in here, the person need not choose.
    #[must_use]
    pub fn route<'c>(
        &self,
        current: &'c Current,
        name: &TypedName,
        directory: Option<&DirectoryId>,
    ) -> Route<&'c Arc<Site>> {
        current.route(name, directory, |among| self.home_of(&name.to_string(), among))
    }

    /// The directory of the latest sign-in here with this form of a name.
    #[must_use]
    pub fn home_of<'d>(&self, typed_name: &str, among: &[&'d DirectoryId]) -> Option<&'d DirectoryId> {
        let digest = self.name(typed_name);
        let mut homes = self.content.people.iter().filter(|person| person.names.contains(&digest));
        homes.find_map(|person| {
            among.iter().find(|directory| self.directory(directory) == person.at_home).copied()
        })
    }

    /// The cookie's next value after a person has completed this sign-in with the name as typed.
    #[must_use]
    pub fn with(
        &self,
        directory: &DirectoryId,
        id: EntryId,
        typed_name: &str,
        evidence: &Evidence,
    ) -> String {
        let mut content = self.content.clone();
        let (entry, name) = (self.entry(directory, id), self.name(typed_name));
        let before = content.people.iter().position(|person| person.entry == entry);
        let known = before.map(|index| content.people.remove(index).names).unwrap_or_default();
        let mut names = vec![name.clone()];
        names.extend(known.into_iter().filter(|known| *known != name));
        names.truncate(MOST_NAMES);
        let Evidence { auth_time: at, password_set_at: set_at, account_generation: generation, .. } =
            *evidence;
        let at_home = self.directory(directory);
        content.people.insert(0, RecentPerson { entry, at_home, id: id.0, names, at, set_at, generation });
        content.people.truncate(MOST_PEOPLE);
        let bytes = serde_json::to_vec(&content).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(self.sealer.seal(KIND, "", &bytes).0)
    }

    fn name(&self, typed_name: &str) -> String {
        self.digest(Label::DeviceName, fold(typed_name).as_bytes())
    }

    fn entry(&self, directory: &DirectoryId, entry: EntryId) -> String {
        // The entry's id has a fixed length, so the two can't be split otherwise.
        self.digest(Label::DeviceEntry, format!("{entry}{directory}").as_bytes())
    }

    fn directory(&self, directory: &DirectoryId) -> String {
        self.digest(Label::DeviceDirectory, directory.0.as_bytes())
    }

    fn digest(&self, label: Label, data: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.sealer.hmac(label, data).0[..DIGEST])
    }
}

fn opened(sealer: &Sealer, cookie: &str) -> Option<DeviceContent> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?);
    serde_json::from_slice(&sealer.open(KIND, "", &sealed).ok()?).ok()
}

#[cfg(test)]
mod tests;
