//! Accounts, the entries that they are linked to, and their second factors:
//!
//! - `accounts`: find accounts, and read and write their rows
//! - `emails`: update the keys of email addresses once
//! - `endings`: end all sessions and grants of an account
//! - `factor_reset`: remove all second factors of an account
//! - `factors`: authenticators
//! - `hand_over`: link an account to another entry
//! - `import`: load accounts that CloudSync already had
//! - `invitations`: codes that the help desk reads out
//! - `linked_before`: accounts whose link was cut by a revert
//! - `lock`: lock an account
//! - `mapped`: imported accounts mapped to entries
//! - `own_password`: end what was opened before a change of password
//! - `purge`: erase an account
//! - `recovery`: recovery codes

pub(super) mod accounts;
pub(super) mod emails;
pub(super) mod endings;
pub(super) mod factor_reset;
pub(super) mod factors;
pub(super) mod hand_over;
pub(super) mod import;
pub(super) mod invitations;
pub(super) mod linked_before;
pub(super) mod lock;
pub(super) mod mapped;
pub(super) mod own_password;
pub(super) mod purge;
pub(super) mod recovery;
