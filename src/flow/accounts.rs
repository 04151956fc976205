//! Accounts that CloudSync already had, loaded from a CSV file: id, email, name.

use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;

use crate::domain::account::{AccountId, Profile};
use crate::domain::audit::{Decision, Event};
use crate::domain::name::fold;
use crate::flow::context::Parts;
use crate::store::{ImportOutcome, StoreError};

/// The longest id: `sub` "MUST NOT exceed 255 ASCII characters" (OpenID Connect Core section 2).
const LONGEST_ID: usize = 255;

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub enum AccountsError {
    /// Every bad line, each with its number and what to do.
    #[error("nothing was loaded:\n{}", .0.join("\n"))]
    Lines(Vec<String>),
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    id: String,
    email: String,
    #[serde(default)]
    name: String,
}

/// Reads a file and stores its accounts, all or none. Loading the same file again changes no account, and lets
/// the next import tie accounts to entries by mail once more (see `docs/decisions/0005`).
pub async fn import(parts: &Parts, file: impl Read) -> Result<ImportOutcome, AccountsError> {
    let accounts = parse(file).map_err(AccountsError::Lines)?;
    let now = parts.now();
    let event = Event {
        detail: Some(format!("{{\"lines\":{}}}", accounts.len())),
        ..Event::new(now, Decision::AccountsImported)
    };
    Ok(parts.store.import_accounts(accounts, &event, now).await?)
}

fn parse(file: impl Read) -> Result<Vec<(AccountId, Profile)>, Vec<String>> {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_reader(file);
    let (mut accounts, mut errors) = (Vec::new(), Vec::new());
    let (mut ids, mut emails): (HashMap<String, u64>, HashMap<String, u64>) = Default::default();
    for (index, line) in reader.deserialize::<Line>().enumerate() {
        let number = index as u64 + 2;
        match line.map_err(|error| what_is_wrong(&error)).and_then(check) {
            Ok(line) => {
                if let Some(first) = ids.insert(line.id.clone(), number) {
                    errors.push(format!("line {number}: the id {} is also on line {first}", line.id));
                }
                if let Some(first) = emails.insert(fold(&line.email), number) {
                    errors.push(format!("line {number}: the email {} is also on line {first}", line.email));
                }
                let name = Some(line.name).filter(|name| !name.is_empty());
                accounts
                    .push((AccountId(line.id), Profile { email: line.email, name, ..Profile::default() }));
            }
            Err(error) => errors.push(format!("line {number}: {error}")),
        }
    }
    if errors.is_empty() { Ok(accounts) } else { Err(errors) }
}

fn what_is_wrong(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::Deserialize { err, .. } => {
            format!("{err}; the first line must be id,email,name")
        }
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields instead of {expected_len}; put a value with a comma into quotes")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the file as UTF-8".to_owned(),
        _ => error.to_string(),
    }
}

fn check(line: Line) -> Result<Line, String> {
    let printable = |text: &str| !text.chars().any(char::is_control);
    let id_is_good =
        !line.id.is_empty() && line.id.len() <= LONGEST_ID && line.id.is_ascii() && printable(&line.id);
    if !id_is_good {
        return Err(format!("the id must be 1 to {LONGEST_ID} ASCII characters"));
    }
    let email_is_good = line
        .email
        .split_once('@')
        .is_some_and(|(local, domain)| !local.is_empty() && !domain.is_empty() && !domain.contains('@'));
    if !email_is_good || !printable(&line.email) || line.email.len() > 320 || line.email.contains(' ') {
        return Err(format!("{:?} is not an email address", line.email));
    }
    if !printable(&line.name) {
        return Err("the name has control characters".to_owned());
    }
    Ok(line)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_good_file_is_read() {
        let file = "id,email,name\n42,alice@example.com,Alice\n43,bob@example.com,\"Brown, Bob\"\n";
        let accounts = parse(file.as_bytes()).expect("a good file");
        assert_eq!(accounts.len(), 2);
        assert_eq!(accounts[1].1.name.as_deref(), Some("Brown, Bob"));
    }

    #[test]
    fn each_bad_line_is_named() {
        let table = [
            ("id,email\n1,x", "line 2: \"x\" is not an email address"),
            ("id,email\n1,a@b\n1,c@d", "line 3: the id 1 is also on line 2"),
            ("id,email\n1,a@b\n2,A@B", "line 3: the email A@B is also on line 2"),
            ("id,email\n,a@b", "line 2: the id must be 1 to 255 ASCII characters"),
            (
                "id,email,name\n1,a@b,x,y",
                "line 2: 4 fields instead of 3; put a value with a comma into quotes",
            ),
        ];
        for (file, expected) in table {
            assert_eq!(parse(file.as_bytes()).err().as_deref(), Some(&[expected.to_owned()][..]), "{file}");
        }
        let foreign = parse("name;mail\nx;y".as_bytes()).expect_err("another header");
        assert!(foreign[0].contains("the first line must be id,email,name"), "{foreign:?}");
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(file: Vec<u8>) {
            let _ = parse(file.as_slice());
        }
    }
}
