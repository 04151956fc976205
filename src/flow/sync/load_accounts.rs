//! Load accounts that already existed in CloudSync from a CSV file: id, email, name and, if known, the entry
//! of each: guid, directory.

use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;

use crate::domain::account::{AccountId, Profile};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::email;
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::profile::ProfileAttribute;
use crate::flow::installation::context::SyncParts;
use crate::store::{ImportOutcome, LoadedAccount, StoreError};

/// The longest id: `sub` "MUST NOT exceed 255 ASCII characters" (OpenID Connect Core section 2).
const LONGEST_ID: usize = 255;

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Every bad line, with its number and what to do.
    #[error("nothing was loaded:\n{}", .0.join("\n"))]
    Lines(Vec<String>),
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct AccountLine {
    id: String,
    email: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    guid: String,
    /// Required if there are several directories.
    #[serde(default)]
    directory: String,
}

/// Reads a file and stores its accounts, all or none. Loading the same file again changes nothing.
/// `docs/decisions/0014` says how the accounts are then linked to entries.
pub async fn import(
    parts: &SyncParts,
    file: impl Read,
    actor: &Actor,
) -> Result<ImportOutcome, AccountsError> {
    let current = parts.current();
    let directories: Vec<&DirectoryId> =
        current.settings.directories.iter().map(|directory| &directory.id).collect();
    let accounts = parse(file, &directories).map_err(AccountsError::Lines)?;
    let now = parts.now();
    let event = Event {
        detail: Some(format!("{{\"lines\":{}}}", accounts.len())),
        ..Event::new(now, Decision::AccountsImported).by(actor)
    };
    Ok(parts.store.identity().import_accounts(accounts, &event, now).await?)
}

fn parse(file: impl Read, directories: &[&DirectoryId]) -> Result<Vec<LoadedAccount>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_reader(file);
    let (mut accounts, mut errors) = (Vec::new(), Vec::new());
    let mut seen = Seen::default();
    for (index, line) in reader.deserialize::<AccountLine>().enumerate() {
        let number = index as u64 + 2;
        let read = line.map_err(|error| what_is_wrong(&error)).and_then(|line| check(line, directories));
        match read {
            Ok(loaded) => {
                seen.note(&loaded, number, &mut errors);
                accounts.push(loaded);
            }
            Err(error) => errors.push(format!("line {number}: {error}")),
        }
    }
    if errors.is_empty() { Ok(accounts) } else { Err(errors) }
}

/// The line on which each unique value first appeared.
#[derive(Default)]
struct Seen {
    ids: HashMap<String, u64>,
    emails: HashMap<String, u64>,
    entries: HashMap<(DirectoryId, EntryId), u64>,
}

impl Seen {
    fn note(&mut self, loaded: &LoadedAccount, number: u64, errors: &mut Vec<String>) {
        let LoadedAccount { id, profile, entry } = loaded;
        if let Some(first) = self.ids.insert(id.0.clone(), number) {
            errors.push(format!("line {number}: the id {id} is also on line {first}"));
        }
        if let Some(first) = self.emails.insert(profile.email_key(), number) {
            errors.push(format!("line {number}: the email {} is also on line {first}", profile.email));
        }
        if let Some(entry) = entry
            && let Some(first) = self.entries.insert(entry.clone(), number)
        {
            errors.push(format!("line {number}: the guid {} is also on line {first}", entry.1));
        }
    }
}

fn what_is_wrong(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            format!("{err}; the first line must be id,email,name, or id,email,name,guid,directory")
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields instead of {expected_len}; put a value with a comma into quotes")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

fn check(line: AccountLine, directories: &[&DirectoryId]) -> Result<LoadedAccount, String> {
    let printable = |text: &str| !text.chars().any(char::is_control);
    let id_is_good =
        !line.id.is_empty() && line.id.len() <= LONGEST_ID && line.id.is_ascii() && printable(&line.id);
    if !id_is_good {
        return Err(format!("the id must be 1 to {LONGEST_ID} ASCII characters"));
    }
    if let Some(fault) = email::fault(&line.email) {
        return Err(format!("{:?} is not an email address: {fault}", line.email));
    }
    if !printable(&line.name) {
        return Err("the name has control characters".to_owned());
    }
    let entry = entry(&line, directories)?;
    let mut profile = Profile { email: line.email, ..Profile::default() };
    profile.attributes.set(ProfileAttribute::Name, Some(line.name).filter(|name| !name.is_empty()));
    Ok(LoadedAccount { id: AccountId(line.id), profile, entry })
}

/// The entry to which a line maps its account.
fn entry(line: &AccountLine, directories: &[&DirectoryId]) -> Result<Option<(DirectoryId, EntryId)>, String> {
    let ids = || directories.iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(", ");
    if line.guid.is_empty() {
        return match line.directory.is_empty() {
            true => Ok(None),
            false => Err("a directory needs a guid; fill in the column guid".to_owned()),
        };
    }
    let id = EntryId::from_entry_uuid(&line.guid)
        .ok_or_else(|| format!("{:?} is not a guid; give the objectGUID or entryUUID as text", line.guid))?;
    let directory = match (directories, line.directory.as_str()) {
        ([], _) => return Err("no directory is configured that could have this guid".to_owned()),
        ([only], "") => *only,
        (_, "") => return Err(format!("the column directory must name one of: {}", ids())),
        (all, named) => *all
            .iter()
            .find(|id| id.0 == named)
            .ok_or_else(|| format!("there is no directory {named:?}; there are: {}", ids()))?,
    };
    Ok(Some((directory.clone(), id)))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_good_file_is_read() {
        let file = "id,email,name\n42,alice@example.com,Alice\n43,bob@example.com,\"Brown, Bob\"\n";
        let accounts = parse(file.as_bytes(), &[]).expect("a good file");
        assert_eq!(accounts.len(), 2);
        assert_eq!(accounts[1].profile.name(), Some("Brown, Bob"));
    }

    const GUID: &str = "8d5a4a5c-2d0e-4f6b-9f5e-0c7d1f1b2a3c";

    #[test]
    fn a_guid_maps_an_account_to_an_entry_of_one_directory() {
        let (corp, west) = (DirectoryId("corp".into()), DirectoryId("west".into()));
        let entry = EntryId::from_entry_uuid(GUID).expect("a guid");
        let read = |line: &str, directories: &[&DirectoryId]| {
            let file = format!("id,email,name,guid,directory\n{line}\n43,b@c.de,,,\n");
            parse(file.as_bytes(), directories).map(|accounts| accounts[0].entry.clone())
        };
        let mapped = |directory: &DirectoryId| Ok(Some((directory.clone(), entry)));
        assert_eq!(read(&format!("42,a@b.de,A,{GUID},"), &[&corp]), mapped(&corp));
        assert_eq!(read(&format!("42,a@b.de,A,{{{GUID}}},west"), &[&corp, &west]), mapped(&west));
        let table = [
            (format!("42,a@b.de,A,{GUID},"), "the column directory must name one of: corp, west"),
            (format!("42,a@b.de,A,{GUID},east"), "there is no directory \"east\"; there are: corp, west"),
            ("42,a@b.de,A,alice,corp".to_owned(), "\"alice\" is not a guid"),
            ("42,a@b.de,A,,corp".to_owned(), "fill in the column guid"),
            (format!("42,a@b.de,A,{GUID},corp\n44,d@b.de,D,{GUID},corp"), "is also on line 2"),
        ];
        for (line, expected) in table {
            let errors = read(&line, &[&corp, &west]).expect_err("a bad line");
            assert!(errors[0].contains(expected), "{errors:?}");
        }
        assert!(read(&format!("42,a@b.de,A,{GUID},"), &[]).is_err(), "nobody could have it");
    }

    #[test]
    fn each_bad_line_is_named() {
        let table = [
            ("id,email\n1,x", "line 2: \"x\" is not an email address: it has no at sign"),
            ("id,email\n1,a@b\n1,c@d", "line 3: the id 1 is also on line 2"),
            ("id,email\n1,a@b\n2,A@B", "line 3: the email A@B is also on line 2"),
            ("id,email\n,a@b", "line 2: the id must be 1 to 255 ASCII characters"),
            (
                "id,email,name\n1,a@b,x,y",
                "line 2: 4 fields instead of 3; put a value with a comma into quotes",
            ),
        ];
        for (file, expected) in table {
            assert_eq!(
                parse(file.as_bytes(), &[]).err().as_deref(),
                Some(&[expected.to_owned()][..]),
                "{file}"
            );
        }
        let foreign = parse("name;mail\nx;y".as_bytes(), &[]).expect_err("another header");
        assert!(foreign[0].contains("the first line must be id,email,name"), "{foreign:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(file: Vec<u8>) {
            let _ = parse(file.as_slice(), &[]);
        }
    }
}
