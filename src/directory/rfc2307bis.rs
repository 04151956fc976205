//! People as other directories describe them: inetOrgPerson (RFC 2798) with the password policy attributes of OpenLDAP
//! (draft-behera-ldap-password-policy-11 section 5.3), shadowAccount (RFC 2307) and 389-DS.

use super::attributes::Attributes;
use crate::domain::entry::{Entry, EntryId, PasswordState, WrongTries};
use crate::domain::{DAY, Millis};

/// What to ask for. Those from `entryUUID` on are operational.
pub(crate) const PERSON: &[&str] = &[
    "uid",
    "cn",
    "displayName",
    "givenName",
    "sn",
    "mail",
    "proxyAddresses",
    "userPrincipalName",
    "shadowExpire",
    "entryUUID",
    "memberOf",
    "pwdReset",
    "pwdAccountLockedTime",
    "nsAccountLock",
    "pwdChangedTime",
    "pwdFailureTime",
    "pwdPolicySubentry",
];

/// An administrator has locked the account for good (draft-behera section 5.3.3).
const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// Reads a person; `None` for one without a login name.
pub(crate) fn person(attributes: &Attributes, id: EntryId, email: Option<String>) -> Option<Entry> {
    let locked_at = attributes.text("pwdAccountLockedTime");
    Some(Entry {
        id,
        dn: attributes.dn.clone(),
        sid: None,
        login_name: attributes.owned("uid")?,
        principal_name: attributes.owned("userPrincipalName"),
        email,
        display_name: attributes.owned("displayName").or_else(|| attributes.owned("cn")),
        given_name: attributes.owned("givenName"),
        family_name: attributes.owned("sn"),
        disabled: locked_at == Some(LOCKED_FOR_GOOD) || attributes.is_true("nsAccountLock"),
        expires_at: shadow_expiry(attributes),
        locked: locked_at.is_some_and(|time| time != LOCKED_FOR_GOOD),
        password: if attributes.is_true("pwdReset") {
            PasswordState::MustChange
        } else {
            PasswordState::Usable
        },
        password_changed_at: attributes.times("pwdChangedTime").into_iter().next(),
        wrong_tries: wrong_tries(attributes.times("pwdFailureTime")),
        password_policy: attributes.names("pwdPolicySubentry").into_iter().next(),
        direct_groups: attributes.names("memberOf"),
        primary_group: None,
    })
}

/// Each wrong try is kept with its time, and forgotten on its own (draft-behera section 5.3.4).
fn wrong_tries(times: Vec<Millis>) -> WrongTries {
    WrongTries {
        count: u32::try_from(times.len()).unwrap_or(u32::MAX),
        last_at: times.iter().max().copied(),
        times,
    }
}

/// Days since 1970; shadow(5) leaves open what 0 means, and gives -1 as "never".
fn shadow_expiry(attributes: &Attributes) -> Option<Millis> {
    attributes.number("shadowExpire").filter(|days| *days > 0).map(|days| days.saturating_mul(DAY))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(more: &[(&str, &str)]) -> Entry {
        let mut values: Vec<(&str, &[u8])> =
            vec![("uid", b"alice"), ("cn", b"Alice Adams"), ("sn", b"Adams")];
        values.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        person(&Attributes::of("uid=alice,dc=x", &values), EntryId(uuid::Uuid::nil()), None)
            .expect("a person")
    }

    #[test]
    fn a_plain_account_is_read() {
        let alice = read(&[]);
        assert_eq!(
            (alice.login_name.as_str(), alice.display_name.as_deref()),
            ("alice", Some("Alice Adams"))
        );
        assert!(!alice.disabled && !alice.locked && alice.expires_at.is_none());
    }

    #[test]
    fn what_decides_over_a_lockout_is_read() {
        let tried = read(&[
            ("pwdFailureTime", "20260131235959.123456Z"),
            ("pwdFailureTime", "20260131235958.5Z"),
            ("pwdChangedTime", "19700101000001Z"),
            ("pwdPolicySubentry", "cn=strict,ou=policies,dc=x"),
        ]);
        let times = vec![1_769_903_999_123, 1_769_903_998_500];
        assert_eq!(tried.wrong_tries, WrongTries { count: 2, last_at: Some(times[0]), times });
        assert_eq!(tried.password_changed_at, Some(1_000));
        assert!(tried.password_policy.is_some());
    }

    #[test]
    fn each_way_to_close_an_account_is_known() {
        assert!(read(&[("nsAccountLock", "TRUE")]).disabled);
        assert!(read(&[("pwdAccountLockedTime", "000001010000Z")]).disabled);
        let locked = read(&[("pwdAccountLockedTime", "20260101000000Z")]);
        assert!(locked.locked && !locked.disabled);
        assert_eq!(read(&[("pwdReset", "TRUE")]).password, PasswordState::MustChange);
        assert_eq!(read(&[("shadowExpire", "15000")]).expires_at, Some(15_000 * DAY));
        for never in ["-1", "0", ""] {
            assert_eq!(read(&[("shadowExpire", never)]).expires_at, None);
        }
    }
}
