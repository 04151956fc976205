//! Directory entries: what the directory says about one person now. Never trusted longer than the request or
//! run that read it.

use std::fmt;

use uuid::Uuid;

use super::Millis;
use super::dn::Dn;
use super::profile::{ProfileAttribute, ProfileValues};

/// The stable id of a directory in settings and store (`[[directories]] id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct DirectoryId(pub String);

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The id that an object keeps through renames and moves: `objectGUID` (MS-ADTS 3.1.1.1.4) or `entryUUID`
/// (RFC 4530).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub Uuid);

impl EntryId {
    /// Parses `objectGUID`: sixteen bytes whose first three fields are little-endian (MS-DTYP 2.3.4.2).
    #[must_use]
    pub fn from_object_guid(bytes: &[u8]) -> Option<Self> {
        Some(Self(Uuid::from_bytes_le(bytes.try_into().ok()?)))
    }

    /// Parses `entryUUID` in text form (RFC 4530 section 2.1).
    #[must_use]
    pub fn from_entry_uuid(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// The bytes of `objectGUID`, as needed in a filter or a `<GUID=...>` base.
    #[must_use]
    pub fn object_guid(self) -> [u8; 16] {
        self.0.to_bytes_le()
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.hyphenated().fmt(f)
    }
}

/// A security identifier in text form, `S-1-5-21-...` (MS-DTYP 2.4.2.1).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Sid(pub String);

impl Sid {
    /// Parses the binary form (MS-DTYP 2.4.2.2): revision, count, 48 bits of authority, little-endian
    /// sub-authorities.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (&[revision, count, a, b, c, d, e, f], rest) = bytes.split_first_chunk::<8>()?;
        if revision != 1 || count > 15 || rest.len() != usize::from(count) * 4 {
            return None;
        }
        let authority = u64::from_be_bytes([0, 0, a, b, c, d, e, f]);
        let parts = rest
            .chunks_exact(4)
            .map(|part| format!("-{}", u32::from_le_bytes([part[0], part[1], part[2], part[3]])));
        Some(Self(format!("S-1-{authority}{}", parts.collect::<String>())))
    }

    /// The SID of another object in the same domain: the domain part with `rid` as the last sub-authority.
    #[must_use]
    pub fn sibling(&self, rid: u32) -> Option<Self> {
        let (domain, _) = self.0.rsplit_once('-')?;
        Some(Self(format!("{domain}-{rid}")))
    }
}

impl fmt::Display for Sid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Whether a correct password can be used to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PasswordState {
    #[default]
    Usable,
    /// The person must set a new password first (`pwdLastSet` = 0, ppolicy `pwdReset`).
    MustChange,
    Expired,
    /// The directory does not show it; only a bind can decide.
    Unknown,
}

/// The failed attempts that a server has counted for one person.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WrongTries {
    /// `badPwdCount`, or the number of values of `pwdFailureTime`.
    pub count: u32,
    /// The time of the last one, by the server's clock.
    pub last_at: Option<Millis>,
    /// The time of each one, if the directory stores that: then each expires on its own, else all expire
    /// together.
    pub times: Vec<Millis>,
}

/// One person's entry, independent of the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    /// The current DN. Binds use this name, never the typed one.
    pub dn: Dn,
    /// objectSid, if the schema has it.
    pub sid: Option<Sid>,
    /// sAMAccountName or uid.
    pub login_name: String,
    /// Further values of `uid`; the person can sign in with each of them.
    pub other_login_names: Vec<String>,
    /// userPrincipalName, if the schema has it.
    pub principal_name: Option<String>,
    /// The value of the directory's email attribute; `None` if absent or blank.
    pub email: Option<String>,
    pub attributes: ProfileValues,
    pub disabled: bool,
    /// The account can be used with a smart card only (Active Directory).
    pub smart_card_required: bool,
    /// When the account becomes valid; `None` = already valid (`pwdStartTime`).
    pub starts_at: Option<Millis>,
    /// When the account expires; `None` = never (accountExpires 0 or 2^63-1).
    pub expires_at: Option<Millis>,
    /// When the directory locks the account for lack of use (`pwdMaxIdle`).
    pub idle_at: Option<Millis>,
    /// The directory refuses any bind now (`msDS-User-Account-Control-Computed`, `pwdAccountLockedTime`);
    /// `None` if it does not show that.
    pub locked: Option<bool>,
    pub password: PasswordState,
    /// When the password expires, if the directory says so in advance.
    pub password_expires_at: Option<Millis>,
    /// When the password was set (`pwdLastSet`, `pwdChangedTime`), if the directory shows it.
    pub password_changed_at: Option<Millis>,
    /// Failed attempts, as counted by the server that was asked.
    pub wrong_tries: WrongTries,
    /// The password policy of this person, if one is named (`msDS-ResultantPSO`, `pwdPolicySubentry`).
    pub password_policy: Option<Dn>,
    /// Groups that list this entry directly (memberOf), as far as the schema shows them.
    pub direct_groups: Vec<Dn>,
    /// The SID of the primary group, which `memberOf` never contains.
    pub primary_group: Option<Sid>,
}

impl Entry {
    /// The name to display: the display name, else the login name.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.attributes.get(ProfileAttribute::Name).unwrap_or(&self.login_name)
    }

    /// The attributes as an account stores them: everybody has a name.
    #[must_use]
    pub fn shown_attributes(&self) -> ProfileValues {
        self.attributes.clone().with(ProfileAttribute::Name, self.shown_name())
    }

    /// All short names that this person can sign in with.
    pub fn login_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.login_name).chain(&self.other_login_names).map(String::as_str)
    }

    /// Whether the entry has a restriction that accounts do not store: then the account alone is not enough,
    /// and the entry must be read.
    #[must_use]
    pub fn must_be_looked_at(&self, now: Millis) -> bool {
        self.smart_card_required || self.idle_at.is_some_and(|end| end <= now)
    }

    /// The state of the password at this time.
    #[must_use]
    pub fn password_at(&self, now: Millis) -> PasswordState {
        match self.password {
            PasswordState::Usable if self.password_expires_at.is_some_and(|end| end <= now) => {
                PasswordState::Expired
            }
            state => state,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_guid_converts_to_text_and_back() {
        let bytes = [0xdc, 0x92, 0x01, 0x02, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
        let id = EntryId::from_object_guid(&bytes).expect("sixteen bytes");
        assert_eq!(id.to_string(), "020192dc-0403-0605-0708-090a0b0c0d0e");
        assert_eq!(id.object_guid(), bytes);
        assert_eq!(EntryId::from_entry_uuid(&id.to_string()), Some(id));
        assert_eq!(EntryId::from_object_guid(&bytes[..15]), None);
    }

    #[test]
    fn a_sid_is_parsed_to_its_usual_text() {
        let bytes = [1, 2, 0, 0, 0, 0, 0, 5, 32, 0, 0, 0, 32, 2, 0, 0];
        assert_eq!(Sid::from_bytes(&bytes), Some(Sid("S-1-5-32-544".into())));
        assert_eq!(Sid::from_bytes(&bytes[..15]), None);
        assert_eq!(Sid::from_bytes(&[]), None);
    }

    #[test]
    fn a_sibling_has_the_same_domain() {
        let user = Sid("S-1-5-21-1-2-3-1104".into());
        assert_eq!(user.sibling(513), Some(Sid("S-1-5-21-1-2-3-513".into())));
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_make_the_sid_parser_panic(bytes: Vec<u8>) {
            let _ = Sid::from_bytes(&bytes);
        }
    }
}
