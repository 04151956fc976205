//! Settings: read, check, plan and store what administrators set, from the command line and from a panel.
//!
//! A file is read strictly, merged into the stored settings, checked as a whole, and stored in one
//! transaction with its audit event; or nothing is stored and every problem is reported with its line.
//! Secrets are sealed or hashed before anything is stored. A page changes fields on the version that it has
//! shown, and the result is read as strictly as a file.
//!
//! - `schema`, `read`: the keys of a settings file, and its strict reader
//! - `secrets`, `sealing`: turn given secrets into stored ones
//! - `merge`, `check`: merge a file into the stored settings, and check the result
//! - `report`: problems and warnings with their places
//! - `plan`, `diff`: what would be stored, and what would change
//! - `stored`: load and save settings
//! - `field`, `typed_secret`, `edit`: settings as fields of a form, the secrets beside them, and what a form changes
//! - `fingerprint`: SHA-256 of a certificate or of a long text
//! - `export`: write settings as text
//! - `resealing`: seal stored settings under the current key
//! - `waiting`: a change that waits for a second owner
//! - `client_secret`: change the secret of a client
//! - `tokens`: seal the tokens and client secrets of services for their addresses

mod check;
mod client_secret;
mod diff;
mod edit;
mod error;
mod export;
mod field;
mod fingerprint;
mod merge;
mod plan;
mod read;
mod report;
mod resealing;
mod schema;
mod sealing;
mod secrets;
mod stored;
#[cfg(test)]
mod tests;
mod tokens;
mod typed_secret;
mod waiting;

pub use client_secret::{ClientSecretError, NewClientSecret, end_old_client_secret, rotate_client_secret};
pub use diff::{ONLY_FOR_OWNERS, SettingDifference, differences, names_role_groups};
pub use edit::{Edit, EditError, EditedSettings, WaitingSettings, edit, review_edit};
pub use error::SettingsError;
pub use export::{export, export_redacted};
pub use field::{FLAG_ON, FieldKind, SettingField, SettingTexts};
pub use fingerprint::fingerprint;
pub use plan::{Mode, SettingsFile, SettingsPlan, check_service, parse, plan};
pub use report::{Problem, Problems, SettingPath};
pub use resealing::{keys_of_versions, reseal};
pub(in crate::flow) use sealing::hash_client_secret;
pub use sealing::{HASHED, SEALED, is_client_secret, service_password};
pub use secrets::Secrets;
pub use stored::{AppliedSettings, LoadedSettings, apply, load, load_unverified, load_version, review};
pub use tokens::{ServiceSecret, service_client_secret, service_tokens};
pub use typed_secret::TypedSecret;
pub use waiting::{PreparedSettings, prepare};
