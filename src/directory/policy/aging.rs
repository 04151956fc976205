//! Compute when a password expires and when an idle account is locked, from an entry's times and its password
//! policy (draft-behera-ldap-password-policy-11 sections 5.2.4, 5.2.8 and 5.2.19).

use tokio::time::Instant;

use crate::directory::Directory;
use crate::directory::error::DirectoryError;
use crate::directory::message::Attributes;
use crate::domain::entry::Entry;
use crate::domain::schema::Schema;
use crate::domain::{Millis, SECOND};

/// The time limits of a policy; 0 is no limit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Aging {
    /// `pwdMaxIdle`.
    idle: Millis,
    /// `pwdMaxAge`.
    age: Millis,
    /// `pwdGraceAuthNLimit`: how often an expired password may still be used.
    grace: usize,
}

impl Aging {
    pub(crate) const ATTRIBUTES: [&'static str; 3] = ["pwdMaxIdle", "pwdMaxAge", "pwdGraceAuthNLimit"];

    pub(crate) fn read(policy: &Attributes) -> Self {
        let number = |name| policy.number(name).unwrap_or(0).max(0);
        let [idle, age, grace] = Self::ATTRIBUTES.map(number);
        Self {
            idle: idle.saturating_mul(SECOND),
            age: age.saturating_mul(SECOND),
            grace: usize::try_from(grace).unwrap_or(usize::MAX),
        }
    }

    fn apply(self, entry: &mut Entry, used_at: Option<Millis>, grace_used: usize) {
        let after =
            |at: Option<Millis>, span: Millis| at.filter(|_| span > 0).map(|at| at.saturating_add(span));
        entry.idle_at = after(used_at, self.idle);
        if grace_used >= self.grace {
            let old = after(entry.password_changed_at, self.age);
            entry.password_expires_at = entry.password_expires_at.into_iter().chain(old).min();
        }
    }
}

impl Directory {
    /// Adds the expiry times that the person's password policy sets, if it is readable. The policy is read
    /// once a minute.
    pub(crate) async fn age(
        &self,
        entry: &mut Entry,
        attributes: &Attributes,
        deadline: Instant,
    ) -> Result<(), DirectoryError> {
        let used_at = attributes.times("pwdLastSuccess").into_iter().max();
        let is_dated = used_at.is_some() || entry.password_changed_at.is_some();
        if self.naming().schema == Schema::ActiveDirectory || !is_dated {
            return Ok(());
        }
        if let Some(aging) = self.aging(entry.password_policy.as_ref(), deadline).await? {
            aging.apply(entry, used_at, attributes.all("pwdGraceUseTime").len());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::entry::PasswordState;
    use crate::domain::samples;

    fn policy(values: &[(&str, &str)]) -> Aging {
        let values: Vec<(&str, &[u8])> =
            values.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        Aging::read(&Attributes::of("cn=default,dc=x", &values))
    }

    #[test]
    fn a_policy_ends_passwords_and_unused_accounts() {
        let aged = |aging: Aging, used_at, grace_used| {
            let mut entry = samples::entry();
            entry.password_changed_at = Some(1_000);
            aging.apply(&mut entry, used_at, grace_used);
            (entry.idle_at, entry.password_expires_at)
        };
        let both = policy(&[("pwdMaxIdle", "60"), ("pwdMaxAge", "30"), ("pwdGraceAuthNLimit", "2")]);
        assert_eq!(aged(both, Some(5_000), 2), (Some(65_000), Some(31_000)));
        assert_eq!(aged(both, None, 2), (None, Some(31_000)), "the server does not report when it was used");
        assert_eq!(aged(both, Some(5_000), 1), (Some(65_000), None), "once more it lets in");
        for none in [policy(&[]), policy(&[("pwdMaxIdle", "0"), ("pwdMaxAge", "-5")])] {
            assert_eq!(aged(none, Some(5_000), 0), (None, None));
        }
    }

    #[test]
    fn the_earlier_end_of_a_password_counts() {
        let mut entry = samples::entry();
        (entry.password_changed_at, entry.password_expires_at) = (Some(0), Some(5_000));
        policy(&[("pwdMaxAge", "9")]).apply(&mut entry, None, 0);
        assert_eq!(entry.password_at(5_000), PasswordState::Expired);
    }
}
