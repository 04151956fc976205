//! People as Active Directory describes them (MS-ADA1 to 3, MS-ADTS).

use super::attributes::Attributes;
use crate::domain::entry::{Entry, EntryId, PasswordState, Sid, WrongTries};

/// What to ask for.
pub(crate) const PERSON: &[&str] = &[
    "objectGUID",
    "objectSid",
    "sAMAccountName",
    "userPrincipalName",
    "mail",
    "proxyAddresses",
    "displayName",
    "cn",
    "givenName",
    "sn",
    "userAccountControl",
    "msDS-User-Account-Control-Computed",
    "accountExpires",
    "pwdLastSet",
    "badPwdCount",
    "badPasswordTime",
    "msDS-ResultantPSO",
    "memberOf",
    "primaryGroupID",
    "isDeleted",
];

/// MS-ADTS 2.2.16.
mod control {
    pub(super) const DISABLED: i64 = 0x2;
    /// Trusts and computers: `objectCategory=person` does not keep out every one of them.
    pub(super) const NOT_A_PERSON: i64 = 0x800 | 0x1000 | 0x2000;
    pub(super) const DONT_EXPIRE_PASSWORD: i64 = 0x10000;
    /// In the computed attribute alone.
    pub(super) const LOCKED: i64 = 0x10;
    pub(super) const PASSWORD_EXPIRED: i64 = 0x80_0000;
}

/// Reads a person; `None` for what is none.
pub(crate) fn person(attributes: &Attributes, id: EntryId, email: Option<String>) -> Option<Entry> {
    let control = attributes.number("userAccountControl").unwrap_or(0);
    if attributes.is_true("isDeleted") || control & control::NOT_A_PERSON != 0 {
        return None;
    }
    let sid = attributes.bytes("objectSid").and_then(Sid::from_bytes);
    let computed = attributes.number("msDS-User-Account-Control-Computed").unwrap_or(0);
    Some(Entry {
        id,
        dn: attributes.dn.clone(),
        login_name: attributes.owned("sAMAccountName")?,
        principal_name: attributes.owned("userPrincipalName"),
        email,
        display_name: attributes.owned("displayName").or_else(|| attributes.owned("cn")),
        given_name: attributes.owned("givenName"),
        family_name: attributes.owned("sn"),
        disabled: control & control::DISABLED != 0,
        expires_at: attributes.windows_time("accountExpires"),
        locked: computed & control::LOCKED != 0,
        password: password(attributes, control, computed),
        password_changed_at: attributes.windows_time("pwdLastSet"),
        wrong_tries: wrong_tries(attributes),
        password_policy: attributes.names("msDS-ResultantPSO").into_iter().next(),
        direct_groups: attributes.names("memberOf"),
        primary_group: primary_group(attributes, sid.as_ref()),
        sid,
    })
}

/// `pwdLastSet` = 0 means "must change", unless the password never expires (MS-SAMR 3.1.5.14.4).
fn password(attributes: &Attributes, control: i64, computed: i64) -> PasswordState {
    if attributes.number("pwdLastSet") == Some(0) && control & control::DONT_EXPIRE_PASSWORD == 0 {
        PasswordState::MustChange
    } else if computed & control::PASSWORD_EXPIRED != 0 {
        PasswordState::Expired
    } else {
        PasswordState::Usable
    }
}

/// Each server counts for itself and forgets all at once (MS-SAMR 3.1.1.8.8). One that is absent has counted none.
pub(crate) fn wrong_tries(attributes: &Attributes) -> WrongTries {
    let count = attributes.number("badPwdCount").unwrap_or(0).max(0);
    WrongTries {
        count: u32::try_from(count).unwrap_or(u32::MAX),
        last_at: attributes.windows_time("badPasswordTime"),
        times: Vec::new(),
    }
}

/// The group that `memberOf` never lists: a RID of the person's own domain.
fn primary_group(attributes: &Attributes, sid: Option<&Sid>) -> Option<Sid> {
    sid?.sibling(u32::try_from(attributes.number("primaryGroupID")?).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SID: &[u8] =
        &[1, 5, 0, 0, 0, 0, 0, 5, 21, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 3, 0, 0, 0, 80, 4, 0, 0];

    fn read(more: &[(&str, &str)]) -> Option<Entry> {
        let mut values: Vec<(&str, &[u8])> = vec![
            ("objectSid", SID),
            ("samaccountname", b"alice"),
            ("displayName", b"Alice Adams"),
            ("primaryGroupID", b"513"),
        ];
        values.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        let attributes = Attributes::of("CN=Alice,DC=x", &values);
        person(&attributes, EntryId(uuid::Uuid::nil()), None)
    }

    #[test]
    fn a_plain_account_is_read() {
        let alice = read(&[("userAccountControl", "512"), ("accountExpires", "9223372036854775807")])
            .expect("a person");
        assert_eq!(alice.login_name, "alice");
        assert_eq!(alice.sid, Some(Sid("S-1-5-21-1-2-3-1104".into())));
        assert_eq!(alice.primary_group, Some(Sid("S-1-5-21-1-2-3-513".into())));
        assert!(!alice.disabled && !alice.locked && alice.expires_at.is_none());
        assert_eq!(alice.password, PasswordState::Usable);
    }

    #[test]
    fn flags_and_times_are_read() {
        let one = |name, value| read(&[(name, value)]).expect("a person");
        assert!(one("userAccountControl", "514").disabled);
        assert!(one("msDS-User-Account-Control-Computed", "16").locked);
        assert_eq!(one("msDS-User-Account-Control-Computed", "8388608").password, PasswordState::Expired);
        assert_eq!(one("pwdLastSet", "0").password, PasswordState::MustChange);
        assert_eq!(one("accountExpires", "130000000000000000").expires_at, Some(1_355_526_400_000));
        let forever = read(&[("pwdLastSet", "0"), ("userAccountControl", "66048")]).expect("a person");
        assert_eq!(forever.password, PasswordState::Usable);
    }

    #[test]
    fn what_decides_over_a_lockout_is_read() {
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
    fn trusts_computers_and_the_deleted_are_no_people() {
        for control in ["2080", "4096", "532480"] {
            assert!(read(&[("userAccountControl", control)]).is_none(), "{control}");
        }
        assert!(read(&[("isDeleted", "TRUE")]).is_none());
    }
}
