//! Accounts, the entries that they are linked to, and their second factors:
//!
//! - `accounts`: find accounts, and read and write their rows
//! - `emails`: update the keys of email addresses once
//! - `endings`: end sessions and grants of an account, all or some
//! - `enrolled`: count who has a second factor
//! - `factor_reset`: remove all second factors of an account
//! - `factors`: authenticators
//! - `import`: load accounts that CloudSync already had
//! - `invitations`: codes that the help desk reads out
//! - `linked_before`: accounts whose link was cut by a revert
//! - `lock`: lock an account
//! - `logouts`: clients that have to be told that a session has ended
//! - `mapped`: imported accounts mapped to entries
//! - `purge`: erase an account
//! - `recovery`: recovery codes
//! - `words`: the words under which accounts are found

pub(super) mod accounts;
pub(super) mod emails;
pub(super) mod endings;
pub(super) mod enrolled;
pub(super) mod enrolment;
pub(super) mod factor_reset;
pub(super) mod factors;
pub(super) mod import;
pub(super) mod invitations;
pub(super) mod linked_before;
pub(super) mod lock;
pub(super) mod logouts;
pub(super) mod mapped;
pub(super) mod purge;
pub(super) mod recovery;
pub(super) mod words;
