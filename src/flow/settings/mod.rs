//! Settings: the one way in, for the command line and for a panel. A file is read strictly, laid over what is stored,
//! checked as a whole, and stored in one transaction with its audit event; or nothing happens and everything that is
//! wrong is named with its line. Secrets are sealed or hashed before anything is stored. A panel hands in the same
//! TOML patches as a file holds.

mod check;
mod diff;
mod export;
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

pub use diff::{Difference, differences};
pub use export::{export, export_redacted};
pub use plan::{Mode, Plan, SettingsFile, parse, plan};
pub use report::{Place, Problem, Problems};
pub use resealing::{keys_of_versions, reseal};
pub use sealing::{HASHED, SEALED, is_client_secret, service_password};
pub use secrets::Secrets;
pub use stored::{Applied, Loaded, SettingsError, apply, load, load_unverified, review};
