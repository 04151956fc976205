//! Import authenticators from another system: a CSV file of name and secret.

use std::collections::HashMap;
use std::io::Read;

use serde::Deserialize;

use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::factor::{
    Factor, FactorId, FactorKind, SecretError, TotpParameters, TotpSecret, parse_otpauth_uri,
};
use crate::domain::secret::Plain;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::store::StoreError;

use super::people::account_named;
use super::{FIRST_NAME, SEALED_AS};

/// Why nothing was loaded.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// Every bad line, with its number and what to do. Never a secret.
    #[error("nothing was loaded:\n{}", .0.join("\n"))]
    Lines(Vec<String>),
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl From<StoreError> for ImportError {
    fn from(error: StoreError) -> Self {
        Self::Fault(error.into())
    }
}

/// A line that was loaded, or would be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AssignedLine {
    /// The name in the file.
    pub name: String,
    pub account: AccountId,
    /// False if the account has a factor already, which is kept.
    pub given: bool,
}

/// How to load a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ImportOptions {
    pub dry_run: bool,
    /// Skip bad lines and load the others.
    pub skip_bad: bool,
}

/// The result of an import, or of a trial run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactorImport {
    pub lines: Vec<AssignedLine>,
    /// Skipped bad lines, with their numbers and what to do. Never a secret.
    pub skipped: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Fields {
    name: String,
    secret: String,
}

/// The number of a line that can't be loaded, and why.
type Bad = (u64, String);

/// A line that was parsed, before its name is looked up.
#[derive(Debug)]
struct ImportedLine {
    number: u64,
    name: String,
    secret: TotpSecret,
    parameters: TotpParameters,
}

/// Reads a file and stores one authenticator for each account: all or none, unless bad lines may be skipped.
/// Accounts that have a factor keep it, so loading the same file again changes nothing.
pub async fn import(
    parts: &LoginParts,
    file: impl Read,
    options: ImportOptions,
    actor: &Actor,
) -> Result<FactorImport, ImportError> {
    let usual = parts.current().settings.second_factor.totp;
    let (lines, mut bad) = parse(file, usual);
    let owned = owners(parts, lines, &mut bad).await?;
    if !bad.is_empty() && !options.skip_bad {
        return Err(ImportError::Lines(messages(bad)));
    }
    let mut lines = Vec::with_capacity(owned.len());
    let mut factors = Vec::new();
    for (account, line) in owned {
        let given = parts.store.identity().factors(&account).await?.is_empty();
        if given {
            factors.push(factor(parts, &account, &line));
        }
        lines.push(AssignedLine { name: line.name, account, given });
    }
    if !options.dry_run {
        let event = Event {
            detail: Some(format!("{{\"lines\":{}}}", lines.len())),
            ..Event::new(parts.now(), Decision::FactorsImported).by(actor)
        };
        let given = parts.store.identity().import_factors(&factors, &event).await?;
        lines.iter_mut().for_each(|line| line.given = given.contains(&line.account));
    }
    Ok(FactorImport { lines, skipped: messages(bad) })
}

/// The bad lines in order.
fn messages(mut bad: Vec<Bad>) -> Vec<String> {
    bad.sort_by_key(|(number, _)| *number);
    bad.into_iter().map(|(number, why)| format!("line {number}: {why}")).collect()
}

fn factor(parts: &LoginParts, account: &AccountId, line: &ImportedLine) -> Factor {
    let id = FactorId(parts.random_id());
    Factor {
        account: account.clone(),
        kind: FactorKind::Totp(line.parameters),
        name: FIRST_NAME.to_owned(),
        secret: parts.keys.sealer.seal(SEALED_AS, &id.0, line.secret.bytes()),
        last_step: None,
        created_at: parts.now(),
        used_at: None,
        id,
    }
}

/// A secret in Base32 alone gets the parameters of the current settings.
fn parse(file: impl Read, usual: TotpParameters) -> (Vec<ImportedLine>, Vec<Bad>) {
    let mut reader = csv::ReaderBuilder::new().trim(csv::Trim::All).flexible(false).from_reader(file);
    let (mut lines, mut errors) = (Vec::new(), Vec::new());
    for (index, fields) in reader.deserialize::<Fields>().enumerate() {
        let number = index as u64 + 2;
        let read = fields.map_err(|error| what_is_wrong(&error)).and_then(|fields| {
            let secret = Plain::new(fields.secret);
            let read = secret_of(secret.expose(), usual).map_err(|error| error.to_string())?;
            Ok((fields.name.replace(char::is_control, "\u{fffd}"), read))
        });
        match read {
            Ok((name, (secret, parameters))) => lines.push(ImportedLine { number, name, secret, parameters }),
            Err(error) => errors.push((number, error)),
        }
    }
    (lines, errors)
}

fn secret_of(text: &str, usual: TotpParameters) -> Result<(TotpSecret, TotpParameters), SecretError> {
    if text.contains("://") {
        return parse_otpauth_uri(text);
    }
    Ok((TotpSecret::from_base32(text)?, usual))
}

/// Finds the account of each line; a line without one, or a second line for one account, is bad.
async fn owners(
    parts: &LoginParts,
    lines: Vec<ImportedLine>,
    bad: &mut Vec<Bad>,
) -> Result<Vec<(AccountId, ImportedLine)>, StoreError> {
    let mut owned = Vec::with_capacity(lines.len());
    let mut firsts: HashMap<AccountId, u64> = HashMap::new();
    for line in lines {
        let (number, name) = (line.number, &line.name);
        match account_named(parts, name).await? {
            Err(error) => bad.push((number, format!("{name}: {error}"))),
            Ok(account) => match firsts.get(&account.id) {
                Some(first) => {
                    let why =
                        format!("{name} is also on line {first}; each person can have one authenticator");
                    bad.push((number, why));
                }
                None => {
                    firsts.insert(account.id.clone(), number);
                    owned.push((account.id.clone(), line));
                }
            },
        }
    }
    Ok(owned)
}

/// Our own text, since the messages of the CSV reader may quote a value.
fn what_is_wrong(error: &csv::Error) -> String {
    match error.kind() {
        csv::ErrorKind::UnequalLengths { expected_len, len, .. } => {
            format!("{len} fields instead of {expected_len}; put a value with a comma into quotes")
        }
        csv::ErrorKind::Utf8 { .. } => "not UTF-8; save the file as UTF-8".to_owned(),
        csv::ErrorKind::Io(error) => error.to_string(),
        _ => "the first line must be name,secret".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::settings::TotpAlgorithm;

    fn read(file: &str) -> Result<Vec<ImportedLine>, Vec<String>> {
        let (lines, bad) = parse(file.as_bytes(), TotpParameters::default());
        if bad.is_empty() { Ok(lines) } else { Err(messages(bad)) }
    }

    #[test]
    fn secrets_come_bare_or_in_a_uri() {
        let file = "name,secret\nalice,jbsw y3dp ehpk 3pxp\n\
             bob,otpauth://totp/Old:bob?secret=jbswy3dpehpk3pxp%3d&algorithm=SHA256&digits=8&period=60\n";
        let lines = read(file).expect("a good file");
        assert_eq!(lines[0].parameters, TotpParameters::default());
        assert_eq!(lines[0].secret, lines[1].secret);
        let rare = TotpParameters { algorithm: TotpAlgorithm::Sha256, digits: 8, period: 60 };
        assert_eq!((lines[1].number, lines[1].name.as_str(), lines[1].parameters), (3, "bob", rare));
    }

    #[test]
    fn each_bad_line_is_named_and_no_secret_is() {
        let table = [
            ("name,secret\na,JBSWY3DP", "line 2: the secret has 40 bits"),
            ("name,secret\na,JBSWY3DPEHPK3PX1", "line 2: the secret is not base32"),
            ("name,secret\na,otpauth://hotp/a?secret=JBSWY3DPEHPK3PXP", "line 2: not an otpauth URI"),
            ("name,secret\na,JBSWY3DPEHPK3PXP,x", "line 2: 3 fields instead of 2"),
            ("user;key\na;JBSWY3DPEHPK3PXP", "the first line must be name,secret"),
            ("name,key\na,JBSWY3DPEHPK3PXP", "the first line must be name,secret"),
        ];
        for (file, expected) in table {
            let errors = read(file).expect_err(file).join("\n");
            assert!(errors.contains(expected), "{file}: {errors}");
            assert!(!errors.contains("JBSW"), "{errors}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(file: Vec<u8>) {
            let _ = parse(file.as_slice(), TotpParameters::default());
        }
    }
}
