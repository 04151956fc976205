//! The conditions under which a session or grant is written: account and settings are still as they were
//! judged.

use crate::domain::Millis;
use crate::domain::evidence::Generations;

use crate::store::engine::columns::{Columns, columns};

/// The account may be used, and it and the settings have the generations that were judged.
macro_rules! unchanged {
    () => {
        "accounts.status = 'active' AND (accounts.expires_at IS NULL OR accounts.expires_at > :now) \
         AND accounts.generation = :generation \
         AND (SELECT max(generation) FROM settings_versions) = :settings"
    };
}
pub(super) use unchanged;

/// The password was verified after the last one was set: a login that waited longer is refused.
macro_rules! newest_password {
    () => {
        "(accounts.password_changed_at IS NULL \
         OR accounts.password_changed_at <= coalesce(:password_set_at, :auth_time))"
    };
}
pub(super) use newest_password;

/// The values that `unchanged!` compares with.
pub(super) fn unchanged_since(checks: Generations, now: Millis) -> Columns {
    columns! { "now" => now, "generation" => checks.account, "settings" => checks.settings }
}
