//! Read a person's entry in directories other than Active Directory: inetOrgPerson (RFC 2798) with the
//! attributes that disable an account there. OpenLDAP has a password policy
//! (draft-behera-ldap-password-policy-11 section 5.3), 389-DS and FreeIPA a lock and Kerberos expiry times,
//! eDirectory, OpenDJ and Sun's directory their own attributes, and all may have shadowAccount (RFC 2307).
//!
//! No entry has all of these, so a hidden one looks like a missing one: the service account must be allowed
//! to read them. A value that can't be parsed makes the person unreadable.

use std::sync::LazyLock;

use super::Missing;
use super::profile::{self, with_profile};
use crate::directory::message::Attributes;
use crate::domain::entry::{Entry, EntryId, PasswordState, WrongTries};
use crate::domain::name::fold;
use crate::domain::schema::Schema;
use crate::domain::{DAY, Millis};

/// The attributes to request for a person.
pub(crate) static PERSON: LazyLock<Vec<&str>> =
    LazyLock::new(|| with_profile(Schema::Rfc2307bis, &[MIRRORED, AT_SIGN_IN].concat()));

/// Those that a mirror keeps too, beside the profile. From `entryUUID` on they are operational in some servers.
pub(super) const MIRRORED: &[&str] = &[
    "uid",
    "mail",
    "proxyAddresses",
    "userPrincipalName",
    "shadowExpire",
    "inetUserStatus",
    "loginDisabled",
    "loginActivationTime",
    "loginExpirationTime",
    "krbPrincipalExpiration",
    "entryUUID",
    "pwdReset",
    "pwdAccountLockedTime",
    "pwdStartTime",
    "pwdEndTime",
    "nsAccountLock",
    "ds-pwp-account-disabled",
    "ds-pwp-account-expiration-time",
    "pwdChangedTime",
];

/// Left to each sign-in: `memberOf` (a mirror has the groups' lists), wrong passwords, and what policies made of
/// the last sign-in, of which no server reports a change.
const AT_SIGN_IN: &[&str] = &[
    "lockedByIntruder",
    "krbPasswordExpiration",
    "memberOf",
    "pwdLastSuccess",
    "pwdGraceUseTime",
    "accountUnlockTime",
    "passwordExpirationTime",
    "pwdFailureTime",
    "pwdPolicySubentry",
];

/// TRUE when an administrator has disabled the account.
const SWITCHED_OFF: [&str; 3] = ["nsAccountLock", "loginDisabled", "ds-pwp-account-disabled"];
/// The account may be used from then on.
const STARTS: [&str; 2] = ["pwdStartTime", "loginActivationTime"];
/// The account may not be used from then on.
const ENDS: [&str; 4] =
    ["pwdEndTime", "krbPrincipalExpiration", "loginExpirationTime", "ds-pwp-account-expiration-time"];
/// The password has expired from then on.
const PASSWORD_ENDS: [&str; 2] = ["krbPasswordExpiration", "passwordExpirationTime"];
/// An administrator has locked the account permanently (draft-behera section 5.3.3).
const LOCKED_FOR_GOOD: &str = "000001010000Z";

/// Reads a person; `None` for one without a login name.
pub(crate) fn person(
    attributes: &Attributes,
    id: EntryId,
    email: Option<String>,
) -> Result<Option<Entry>, Missing> {
    let Some((login_name, other_login_names)) = login_names(attributes)? else { return Ok(None) };
    let password_expires_at = first(attributes, &PASSWORD_ENDS)?;
    Ok(Some(Entry {
        id,
        dn: attributes.dn.clone(),
        sid: None,
        login_name,
        other_login_names,
        principal_name: attributes.owned("userPrincipalName"),
        email,
        attributes: profile::read(attributes, Schema::Rfc2307bis),
        disabled: is_switched_off(attributes),
        smart_card_required: false,
        starts_at: last(attributes, &STARTS)?,
        expires_at: [first(attributes, &ENDS)?, shadow_expiry(attributes)?].into_iter().flatten().min(),
        idle_at: None,
        locked: Some(is_locked(attributes)),
        // 389-DS sets the end to 1970 when an administrator has reset the password.
        password: match attributes.is_true("pwdReset") || password_expires_at == Some(0) {
            true => PasswordState::MustChange,
            false => PasswordState::Usable,
        },
        password_expires_at,
        password_changed_at: attributes.times("pwdChangedTime").into_iter().next(),
        wrong_tries: wrong_tries(attributes.times("pwdFailureTime")),
        password_policy: attributes.names("pwdPolicySubentry").into_iter().next(),
        direct_groups: attributes.names("memberOf"),
        primary_group: None,
    }))
}

/// The value that names the entry, or else the first, and the other values. An entry named by a `uid` has
/// one, visible or not.
fn login_names(attributes: &Attributes) -> Result<Option<(String, Vec<String>)>, Missing> {
    let values = attributes.texts("uid").map(str::trim).filter(|value| !value.is_empty());
    let mut names: Vec<String> = values.map(str::to_owned).collect();
    let key = attributes.dn.key();
    let own = |name: &String| key.starts_with(&format!("uid={},", fold(name)));
    if names.is_empty() {
        return if key.starts_with("uid=") { Err("uid") } else { Ok(None) };
    }
    let first = names.remove(names.iter().position(own).unwrap_or(0));
    Ok(Some((first, names)))
}

fn is_switched_off(attributes: &Attributes) -> bool {
    let status = attributes.text("inetUserStatus");
    SWITCHED_OFF.iter().any(|name| attributes.is_true(name))
        || attributes.text("pwdAccountLockedTime") == Some(LOCKED_FOR_GOOD)
        || status.is_some_and(|status| !status.eq_ignore_ascii_case("active"))
}

/// Locked after wrong passwords. The value may stay until the next successful bind, which is more reliable.
fn is_locked(attributes: &Attributes) -> bool {
    attributes.text("pwdAccountLockedTime").is_some_and(|time| time != LOCKED_FOR_GOOD)
        || attributes.text("accountUnlockTime").is_some()
        || attributes.is_true("lockedByIntruder")
}

fn first(attributes: &Attributes, names: &[&'static str]) -> Result<Option<Millis>, Missing> {
    moments(attributes, names).map(|moments| moments.into_iter().min())
}

fn last(attributes: &Attributes, names: &[&'static str]) -> Result<Option<Millis>, Missing> {
    moments(attributes, names).map(|moments| moments.into_iter().max())
}

fn moments(attributes: &Attributes, names: &[&'static str]) -> Result<Vec<Millis>, Missing> {
    names.iter().filter_map(|name| attributes.moment(name).transpose()).collect()
}

/// Each wrong attempt is kept with its time, and expires on its own (draft-behera section 5.3.4).
fn wrong_tries(times: Vec<Millis>) -> WrongTries {
    WrongTries {
        count: u32::try_from(times.len()).unwrap_or(u32::MAX),
        last_at: times.iter().max().copied(),
        times,
    }
}

/// Days since 1970; shadow(5) leaves the meaning of 0 open and uses -1 for "never".
fn shadow_expiry(attributes: &Attributes) -> Result<Option<Millis>, Missing> {
    let Some(text) = attributes.text("shadowExpire") else { return Ok(None) };
    let days: i64 = text.parse().map_err(|_| "shadowExpire")?;
    Ok((days > 0).then(|| days.saturating_mul(DAY)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn try_read(dn: &str, values: &[(&str, &str)]) -> Result<Option<Entry>, Missing> {
        let values: Vec<(&str, &[u8])> =
            values.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        person(&Attributes::of(dn, &values), EntryId(uuid::Uuid::nil()), None)
    }

    fn read(more: &[(&str, &str)]) -> Entry {
        let values = [&[("uid", "alice"), ("cn", "Alice Adams"), ("sn", "Adams")], more].concat();
        try_read("uid=alice,dc=x", &values).expect("readable").expect("a person")
    }

    #[test]
    fn a_plain_account_is_read() {
        let alice = read(&[]);
        assert_eq!((alice.login_name.as_str(), alice.shown_name()), ("alice", "Alice Adams"));
        assert!(!alice.disabled && alice.locked == Some(false) && alice.expires_at.is_none());
        assert_eq!((alice.starts_at, alice.password_at(i64::MAX)), (None, PasswordState::Usable));
    }

    #[test]
    fn the_attributes_of_a_lockout_are_read() {
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
    fn each_way_to_disable_an_account_is_read() {
        for name in SWITCHED_OFF {
            assert!(read(&[(name, "TRUE")]).disabled, "{name}");
            assert!(!read(&[(name, "FALSE")]).disabled, "{name}");
        }
        assert!(read(&[("inetUserStatus", "inactive")]).disabled);
        assert!(!read(&[("inetUserStatus", "Active")]).disabled);
        assert!(read(&[("pwdAccountLockedTime", "000001010000Z")]).disabled);
        for lock in [
            ("pwdAccountLockedTime", "20260101000000Z"),
            ("accountUnlockTime", "19700101000000Z"),
            ("lockedByIntruder", "TRUE"),
        ] {
            let locked = read(&[lock]);
            assert!(locked.locked == Some(true) && !locked.disabled, "{lock:?}");
        }
        assert_eq!(read(&[("pwdReset", "TRUE")]).password, PasswordState::MustChange);
        assert_eq!(
            read(&[("passwordExpirationTime", "19700101000000Z")]).password,
            PasswordState::MustChange
        );
        assert_eq!(read(&[("shadowExpire", "15000")]).expires_at, Some(15_000 * DAY));
        for never in ["-1", "0", ""] {
            assert_eq!(read(&[("shadowExpire", never)]).expires_at, None);
        }
    }

    #[test]
    fn each_start_and_end_time_is_read_and_the_strictest_counts() {
        let day = |name: &'static str, day: u8| (name, format!("197001{day:02}0000Z"));
        let read = |values: &[(&'static str, String)]| {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_str())).collect();
            read(&values)
        };
        for name in ENDS {
            assert_eq!(read(&[day(name, 3)]).expires_at, Some(2 * DAY), "{name}");
        }
        for name in STARTS {
            assert_eq!(read(&[day(name, 3)]).starts_at, Some(2 * DAY), "{name}");
        }
        for name in PASSWORD_ENDS {
            let entry = read(&[day(name, 3)]);
            assert_eq!(entry.password_at(2 * DAY - 1), PasswordState::Usable, "{name}");
            assert_eq!(entry.password_at(2 * DAY), PasswordState::Expired, "{name}");
        }
        let many = [day(ENDS[0], 9), day(ENDS[1], 5), day(STARTS[0], 2), day(STARTS[1], 4)];
        let entry = read(&many);
        assert_eq!((entry.starts_at, entry.expires_at), (Some(3 * DAY), Some(4 * DAY)));
        let shadow = [day(ENDS[0], 9), ("shadowExpire", "2".to_owned())];
        assert_eq!(read(&shadow).expires_at, Some(2 * DAY));
    }

    #[test]
    fn an_invalid_expiry_is_not_treated_as_none() {
        let names = ENDS.iter().chain(&STARTS).chain(&PASSWORD_ENDS).chain(&["shadowExpire"]);
        for name in names {
            let read = try_read("uid=a,dc=x", &[("uid", "a"), (name, "tomorrow")]);
            assert_eq!(read, Err(*name));
        }
    }

    #[test]
    fn every_uid_is_a_name_and_the_entry_s_own_comes_first() {
        let names = |dn: &str, uids: &[&str]| {
            let values: Vec<_> = uids.iter().map(|uid| ("uid", *uid)).collect();
            let read = try_read(dn, &values).expect("readable");
            read.map(|entry| (entry.login_name, entry.other_login_names.join(" ")))
        };
        let found = |first: &str, rest: &str| Some((first.to_owned(), rest.to_owned()));
        assert_eq!(names("uid=Al,dc=x", &["alice", "al"]), found("al", "alice"));
        assert_eq!(names("cn=Alice,dc=x", &["alice", "al"]), found("alice", "al"));
        assert_eq!(names("cn=Alice,dc=x", &[" "]), None);
        assert_eq!(try_read("uid=al,dc=x", &[("cn", "Al")]), Err("uid"), "it is named by one");
    }

    #[test]
    fn all_deciding_attributes_are_requested() {
        let decides = ENDS.iter().chain(&STARTS).chain(&PASSWORD_ENDS).chain(&SWITCHED_OFF);
        for name in decides {
            assert!(PERSON.contains(name), "{name}");
        }
    }
}
