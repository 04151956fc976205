//! Read a person's entry in Active Directory (MS-ADA1 to 3, MS-ADTS).

use std::sync::LazyLock;

use super::Missing;
use super::profile::{self, with_profile};
use crate::directory::message::Attributes;
use crate::domain::Millis;
use crate::domain::entry::{Entry, EntryId, PasswordState, Sid, WrongTries};
use crate::domain::schema::Schema;

/// The attributes to request for a person.
pub(crate) static PERSON: LazyLock<Vec<&str>> =
    LazyLock::new(|| with_profile(Schema::ActiveDirectory, &[MIRRORED, AT_SIGN_IN].concat()));

/// Those that a mirror keeps too, beside the profile.
pub(super) const MIRRORED: &[&str] = &[
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "userAccountControl",
    "accountExpires",
    "pwdLastSet",
    "memberOf",
    "primaryGroupID",
];

/// Computed for each reader (lock, policy), or wrong passwords: left to each sign-in.
const AT_SIGN_IN: &[&str] = &[
    "msDS-User-Account-Control-Computed",
    "badPwdCount",
    "badPasswordTime",
    "msDS-ResultantPSO",
    "isDeleted",
];

/// MS-ADTS 2.2.16.
mod control {
    pub(crate) const DISABLED: i64 = 0x2;
    /// Trusts and computers: `objectCategory=person` does not exclude all of them.
    pub(crate) const NOT_A_PERSON: i64 = 0x800 | 0x1000 | 0x2000;
    pub(crate) const DONT_EXPIRE_PASSWORD: i64 = 0x10000;
    pub(crate) const SMARTCARD_REQUIRED: i64 = 0x4_0000;
    /// Only in the computed attribute.
    pub(crate) const LOCKED: i64 = 0x10;
    pub(crate) const PASSWORD_EXPIRED: i64 = 0x80_0000;
}

/// Reads a person; `None` for an entry that is not a person. Every account has these attributes from its
/// creation (MS-SAMR 3.1.1.8.1), so a missing one is unreadable and never means "no": an expiry that we may
/// not read would pass for none.
pub(crate) fn person(
    attributes: &Attributes,
    id: EntryId,
    email: Option<String>,
) -> Result<Option<Entry>, Missing> {
    let control = attributes.number("userAccountControl").ok_or("userAccountControl")?;
    if attributes.is_true("isDeleted") || control & control::NOT_A_PERSON != 0 {
        return Ok(None);
    }
    let sid = attributes.bytes("objectSid").and_then(Sid::from_bytes).ok_or("objectSid")?;
    let computed = attributes.number("msDS-User-Account-Control-Computed");
    Ok(Some(Entry {
        id,
        dn: attributes.dn.clone(),
        login_name: attributes.owned("sAMAccountName").ok_or("sAMAccountName")?,
        other_login_names: Vec::new(),
        principal_name: attributes.owned("userPrincipalName"),
        email,
        attributes: profile::read(attributes, Schema::ActiveDirectory),
        disabled: control & control::DISABLED != 0,
        smart_card_required: control & control::SMARTCARD_REQUIRED != 0,
        starts_at: None,
        expires_at: end(attributes)?,
        idle_at: None,
        locked: computed.map(|computed| computed & control::LOCKED != 0),
        password: password(attributes, control, computed)?,
        password_expires_at: None,
        password_changed_at: attributes.windows_time("pwdLastSet"),
        wrong_tries: wrong_tries(attributes),
        password_policy: attributes.names("msDS-ResultantPSO").into_iter().next(),
        direct_groups: attributes.names("memberOf"),
        primary_group: Some(primary_group(attributes, &sid)?),
        sid: Some(sid),
    }))
}

/// `None` for "never".
fn end(attributes: &Attributes) -> Result<Option<Millis>, Missing> {
    attributes.number("accountExpires").filter(|end| *end >= 0).ok_or("accountExpires")?;
    Ok(attributes.windows_time("accountExpires"))
}

/// `pwdLastSet` = 0 means "must change", unless the password never expires (MS-SAMR 3.1.5.14.4). The domain
/// controller computes its age (a global catalog does not); a bind reports it too.
fn password(attributes: &Attributes, control: i64, computed: Option<i64>) -> Result<PasswordState, Missing> {
    let set = attributes.number("pwdLastSet").ok_or("pwdLastSet")?;
    Ok(match computed {
        _ if set == 0 && control & control::DONT_EXPIRE_PASSWORD == 0 => PasswordState::MustChange,
        None => PasswordState::Unknown,
        Some(computed) if computed & control::PASSWORD_EXPIRED != 0 => PasswordState::Expired,
        Some(_) => PasswordState::Usable,
    })
}

/// Each server keeps its own count and resets it at once (MS-SAMR 3.1.1.8.8). A missing count is zero.
pub(crate) fn wrong_tries(attributes: &Attributes) -> WrongTries {
    let count = attributes.number("badPwdCount").unwrap_or(0).max(0);
    WrongTries {
        count: u32::try_from(count).unwrap_or(u32::MAX),
        last_at: attributes.windows_time("badPasswordTime"),
        times: Vec::new(),
    }
}

/// The group that `memberOf` never lists: a RID in the person's own domain.
fn primary_group(attributes: &Attributes, sid: &Sid) -> Result<Sid, Missing> {
    let rid = attributes.number("primaryGroupID").and_then(|rid| u32::try_from(rid).ok());
    rid.and_then(|rid| sid.sibling(rid)).ok_or("primaryGroupID")
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &[u8] =
        &[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 80, 4, 0, 0];

    const BARE: &[(&str, &[u8])] = &[
        ("objectSid", SID),
        ("samaccountname", b"alice"),
        ("displayName", b"Alice Adams"),
        ("primaryGroupID", b"513"),
        ("userAccountControl", b"512"),
        ("accountExpires", b"0"),
        ("pwdLastSet", b"130000000000000000"),
        ("msDS-User-Account-Control-Computed", b"0"),
    ];

    fn try_read(values: &[(&str, &[u8])]) -> Result<Option<Entry>, Missing> {
        person(&Attributes::of("CN=Alice,DC=x", values), EntryId(uuid::Uuid::nil()), None)
    }

    /// The minimal account with these attributes replaced.
    fn read(more: &[(&str, &str)]) -> Option<Entry> {
        let is_new = |name: &str| more.iter().any(|(new, _)| new.eq_ignore_ascii_case(name));
        let mut values: Vec<(&str, &[u8])> = BARE.iter().filter(|(name, _)| !is_new(name)).copied().collect();
        values.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        try_read(&values).expect("readable")
    }

    /// What each attribute decides, and what is reported when it is hidden: the table in docs/directory.md.
    #[test]
    fn a_hidden_attribute_that_every_account_has_never_means_no() {
        for hidden in BARE.iter().map(|(name, _)| *name) {
            let values: Vec<_> = BARE.iter().filter(|(name, _)| *name != hidden).copied().collect();
            let read = try_read(&values);
            match hidden {
                "displayName" => assert!(matches!(read, Ok(Some(_))), "{hidden}: {read:?}"),
                "msDS-User-Account-Control-Computed" => {
                    let entry = read.expect("readable").expect("a person");
                    assert_eq!((entry.locked, entry.password), (None, PasswordState::Unknown));
                }
                _ => assert!(read.is_err_and(|name| name.eq_ignore_ascii_case(hidden)), "{hidden}"),
            }
        }
        for nonsense in [("accountExpires", "soon"), ("accountExpires", "-1"), ("pwdLastSet", "x")] {
            let mut values = BARE.to_vec();
            values.retain(|(name, _)| *name != nonsense.0);
            values.push((nonsense.0, nonsense.1.as_bytes()));
            assert!(try_read(&values).is_err_and(|name| name == nonsense.0), "{nonsense:?}");
        }
    }

    #[test]
    fn a_plain_account_is_read() {
        let alice = read(&[("userAccountControl", "512"), ("accountExpires", "9223372036854775807")])
            .expect("a person");
        assert_eq!(alice.login_name, "alice");
        assert_eq!(alice.sid, Some(Sid("S-1-5-21-1-2-3-1104".into())));
        assert_eq!(alice.primary_group, Some(Sid("S-1-5-21-1-2-3-513".into())));
        assert!(!alice.disabled && alice.locked == Some(false) && alice.expires_at.is_none());
        assert!(!alice.smart_card_required);
        assert_eq!(alice.password, PasswordState::Usable);
    }

    #[test]
    fn flags_and_times_are_read() {
        let one = |name, value| read(&[(name, value)]).expect("a person");
        assert!(one("userAccountControl", "514").disabled);
        assert!(one("userAccountControl", "262656").smart_card_required);
        assert_eq!(one("msDS-User-Account-Control-Computed", "16").locked, Some(true));
        assert_eq!(one("msDS-User-Account-Control-Computed", "8388608").password, PasswordState::Expired);
        assert_eq!(one("pwdLastSet", "0").password, PasswordState::MustChange);
        assert_eq!(one("accountExpires", "130000000000000000").expires_at, Some(1_355_526_400_000));
        let forever = read(&[("pwdLastSet", "0"), ("userAccountControl", "66048")]).expect("a person");
        assert_eq!(forever.password, PasswordState::Usable);
    }

    #[test]
    fn the_attributes_of_a_lockout_are_read() {
        let tried = read(&[
            ("badPwdCount", "2"),
            ("badPasswordTime", "130000000000000000"),
            ("pwdLastSet", "130000000000000000"),
            ("msDS-ResultantPSO", "CN=strict,CN=Password Settings Container,CN=System,DC=x"),
        ])
        .expect("a person");
        let at = Some(1_355_526_400_000);
        assert_eq!(tried.wrong_tries, WrongTries { count: 2, last_at: at, times: vec![] });
        assert_eq!(tried.password_changed_at, at);
        assert!(tried.password_policy.is_some());
        let none = read(&[("badPwdCount", "0"), ("badPasswordTime", "0"), ("pwdLastSet", "0")]);
        let none = none.expect("a person");
        assert_eq!((none.wrong_tries, none.password_changed_at), (WrongTries::default(), None));
    }

    #[test]
    fn trusts_computers_and_deleted_objects_are_not_people() {
        for control in ["2080", "4096", "532480"] {
            assert!(read(&[("userAccountControl", control)]).is_none(), "{control}");
        }
        assert!(read(&[("isDeleted", "TRUE")]).is_none());
    }
}
