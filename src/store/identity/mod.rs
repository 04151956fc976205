//! Accounts, what is linked to them, and their second factors.

pub(super) mod accounts;
pub(super) mod emails;
pub(super) mod endings;
pub(super) mod factor_reset;
pub(super) mod factors;
pub(super) mod hand_over;
pub(super) mod import;
pub(super) mod invitations;
pub(super) mod linked_before;
pub(super) mod mapped;
pub(super) mod own_password;
pub(super) mod purge;
pub(super) mod recovery;
