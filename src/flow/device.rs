//! What a browser is known by: that certain people have completed a sign-in in it. It proves nothing about who sits there
//! now and spares nobody a password or a code; it only keeps those who attack a name from keeping its owner out.

use std::fmt;
use std::sync::Arc;

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::name::fold;
use crate::domain::secret::Sealed;
use crate::domain::{DAY, Millis};
use crate::flow::context::Parts;
use crate::keys::Sealer;

/// How long a browser is known after a person's last sign-in in it.
pub const KNOWN_FOR: Millis = 180 * DAY;

const KIND: &str = "device";
/// Shared workstations: who comes sixth makes us forget who was away longest.
const MOST_PEOPLE: usize = 5;
/// A login name, one with a domain, a mail address: more forms than that nobody types.
const MOST_NAMES: usize = 4;
const DIGEST: usize = 12;

/// One browser.
#[derive(Clone)]
pub struct Device {
    sealer: Arc<Sealer>,
    content: Content,
}

impl fmt::Debug for Device {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Device({} people)", self.content.people.len())
    }
}

/// What is sealed: no names, only digests of them, all of one length.
#[derive(Clone, Serialize, Deserialize)]
struct Content {
    serial: String,
    people: Vec<Person>,
}

/// Somebody who has signed in, the last one first.
#[derive(Clone, Serialize, Deserialize)]
struct Person {
    entry: String,
    /// Of the directory; cookies from before there were several have none.
    #[serde(default)]
    at_home: String,
    names: Vec<String>,
    at: Millis,
}

impl Device {
    /// The browser that sent this cookie, or one that we do not know.
    #[must_use]
    pub fn open(parts: &Parts, cookie: Option<&str>) -> Self {
        Self::sealed_by(&parts.keys.sealer, cookie, parts.random_id(), parts.now())
    }

    fn sealed_by(sealer: &Arc<Sealer>, cookie: Option<&str>, fresh: String, now: Millis) -> Self {
        let sealer = Arc::clone(sealer);
        let content = cookie.and_then(|cookie| opened(&sealer, cookie));
        let mut content = content.unwrap_or_else(|| Content { serial: fresh, people: Vec::new() });
        // Judged here: a browser may keep a cookie for longer than it was told to.
        content.people.retain(|person| now - person.at < KNOWN_FOR);
        Self { sealer, content }
    }

    /// Tells this browser from others.
    #[must_use]
    pub fn serial(&self) -> &str {
        &self.content.serial
    }

    /// True when somebody has signed in here with this name, in this form of it.
    #[must_use]
    pub fn knows_name(&self, name: &str) -> bool {
        let digest = self.name(name);
        self.content.people.iter().any(|person| person.names.contains(&digest))
    }

    /// True when this person has signed in here.
    #[must_use]
    pub fn knows_entry(&self, directory: &DirectoryId, entry: EntryId) -> bool {
        let digest = self.entry(directory, entry);
        self.content.people.iter().any(|person| person.entry == digest)
    }

    /// The one of these directories that somebody has signed in to here with this name, in this form of it; the last, if
    /// there were several.
    #[must_use]
    pub fn home_of<'d>(&self, name: &str, among: &[&'d DirectoryId]) -> Option<&'d DirectoryId> {
        let digest = self.name(name);
        let mut homes = self.content.people.iter().filter(|person| person.names.contains(&digest));
        homes.find_map(|person| {
            among.iter().find(|directory| self.directory(directory) == person.at_home).copied()
        })
    }

    /// The cookie's next value, once a person has completed a sign-in with this name as they typed it.
    #[must_use]
    pub fn with(&self, directory: &DirectoryId, entry: EntryId, name: &str, now: Millis) -> String {
        let mut content = self.content.clone();
        let (entry, name) = (self.entry(directory, entry), self.name(name));
        let before = content.people.iter().position(|person| person.entry == entry);
        let known = before.map(|index| content.people.remove(index).names).unwrap_or_default();
        let mut names = vec![name.clone()];
        names.extend(known.into_iter().filter(|known| *known != name));
        names.truncate(MOST_NAMES);
        content.people.insert(0, Person { entry, at_home: self.directory(directory), names, at: now });
        content.people.truncate(MOST_PEOPLE);
        let bytes = serde_json::to_vec(&content).unwrap_or_default();
        BASE64_URL_SAFE_NO_PAD.encode(self.sealer.seal(KIND, "", &bytes).0)
    }

    fn name(&self, name: &str) -> String {
        self.digest("device_name", fold(name).as_bytes())
    }

    fn entry(&self, directory: &DirectoryId, entry: EntryId) -> String {
        // The entry's id has one length, so the two can't be split otherwise.
        self.digest("device_entry", format!("{entry}{directory}").as_bytes())
    }

    fn directory(&self, directory: &DirectoryId) -> String {
        self.digest("device_directory", directory.0.as_bytes())
    }

    fn digest(&self, label: &'static str, data: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode(&self.sealer.hmac(label, data).0[..DIGEST])
    }
}

fn opened(sealer: &Sealer, cookie: &str) -> Option<Content> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(cookie).ok()?);
    serde_json::from_slice(&sealer.open(KIND, "", &sealed).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const NOW: Millis = 1_800_000_000_000;

    fn sealer(byte: u8) -> Arc<Sealer> {
        Arc::new(Sealer::new(&[byte; 32]).expect("a key"))
    }

    fn opened_at(cookie: Option<&str>, now: Millis) -> Device {
        Device::sealed_by(&sealer(7), cookie, "fresh".repeat(8), now)
    }

    fn corp() -> DirectoryId {
        DirectoryId("corp".into())
    }

    fn entry(number: u128) -> EntryId {
        EntryId(Uuid::from_u128(number))
    }

    #[test]
    fn who_has_signed_in_is_known_by_entry_and_by_the_names_typed() {
        let cookie = opened_at(None, NOW).with(&corp(), entry(1), "CORP\\Alice", NOW);
        let cookie = opened_at(Some(&cookie), NOW).with(&corp(), entry(1), "alice@example.com", NOW);
        let device = opened_at(Some(&cookie), NOW);
        for (name, known) in
            [("corp\\alice", true), (" ALICE@example.com ", true), ("alice", false), ("bob", false)]
        {
            assert_eq!(device.knows_name(name), known, "{name}");
        }
        assert!(device.knows_entry(&corp(), entry(1)) && !device.knows_entry(&corp(), entry(2)));
        assert!(!device.knows_entry(&DirectoryId("lab".into()), entry(1)));
        assert_eq!(device.serial(), "fresh".repeat(8), "the browser stays itself");
    }

    #[test]
    fn a_name_leads_to_where_it_was_last_at_home() {
        let lab = DirectoryId("lab".into());
        let cookie = opened_at(None, NOW).with(&corp(), entry(1), "alice", NOW);
        let cookie = opened_at(Some(&cookie), NOW).with(&lab, entry(2), "Alice", NOW);
        let cookie = opened_at(Some(&cookie), NOW).with(&corp(), entry(3), "bob", NOW);
        let device = opened_at(Some(&cookie), NOW);
        let home = |name: &str, among: &[&DirectoryId]| device.home_of(name, among).map(ToString::to_string);
        assert_eq!(home("alice", &[&corp(), &lab]).as_deref(), Some("lab"));
        assert_eq!(home("alice", &[&corp()]).as_deref(), Some("corp"), "the lab is gone");
        assert_eq!(home("BOB", &[&corp(), &lab]).as_deref(), Some("corp"));
        assert_eq!(home("carol", &[&corp(), &lab]), None);
        assert_eq!(home("alice", &[]), None);
    }

    #[test]
    fn a_cookie_that_is_not_ours_makes_a_stranger() {
        let ours = opened_at(None, NOW).with(&corp(), entry(1), "alice", NOW);
        let another = Device::sealed_by(&sealer(8), None, "x".repeat(43), NOW);
        let foreign = another.with(&corp(), entry(1), "alice", NOW);
        let cut = &ours[..ours.len() - 4];
        for cookie in [None, Some(""), Some("nonsense"), Some(cut), Some(foreign.as_str())] {
            assert!(!opened_at(cookie, NOW).knows_name("alice"), "{cookie:?}");
        }
    }

    #[test]
    fn people_are_forgotten_half_a_year_after_their_last_sign_in() {
        let cookie = opened_at(None, NOW).with(&corp(), entry(1), "alice", NOW);
        assert!(opened_at(Some(&cookie), NOW + KNOWN_FOR - 1).knows_name("alice"));
        assert!(!opened_at(Some(&cookie), NOW + KNOWN_FOR).knows_name("alice"));
        let later = opened_at(Some(&cookie), NOW + DAY).with(&corp(), entry(1), "alice", NOW + DAY);
        assert!(opened_at(Some(&later), NOW + KNOWN_FOR).knows_name("alice"));
    }

    #[test]
    fn five_people_with_four_names_fit_into_the_longest_cookie() {
        let mut cookie = opened_at(None, NOW).with(&corp(), entry(0), "nobody", NOW);
        for person in 1..=5 {
            for name in 0..9 {
                let device = opened_at(Some(&cookie), NOW);
                let name = format!("{}{person}.{name}", "long".repeat(80));
                cookie = device.with(&corp(), entry(person), &name, NOW);
            }
        }
        let device = opened_at(Some(&cookie), NOW);
        assert!(cookie.len() <= 1_500, "{}", cookie.len());
        assert!(!device.knows_name("nobody") && device.knows_entry(&corp(), entry(1)));
        assert!(device.knows_name(&format!("{}1.8", "long".repeat(80))));
        assert!(!device.knows_name(&format!("{}1.0", "long".repeat(80))), "the oldest form is forgotten");
    }
}
