//! What the directory says of one person now. An entry is never trusted longer than the request or the run that read it.

use std::fmt;

use uuid::Uuid;

use super::Millis;
use super::dn::Dn;

/// The stable key of a directory in settings and store (`[[directories]] id`).
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct DirectoryId(pub String);

impl fmt::Display for DirectoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What identifies an object through renames and moves: `objectGUID` (MS-ADTS 3.1.1.1.4) or `entryUUID` (RFC 4530).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub Uuid);

impl EntryId {
    /// Reads `objectGUID`: sixteen bytes whose first three fields are little-endian (MS-DTYP 2.3.4.2).
    #[must_use]
    pub fn from_object_guid(bytes: &[u8]) -> Option<Self> {
        Some(Self(Uuid::from_bytes_le(bytes.try_into().ok()?)))
    }

    /// Reads `entryUUID` in its text form (RFC 4530 section 2.1).
    #[must_use]
    pub fn from_entry_uuid(text: &str) -> Option<Self> {
        Uuid::try_parse(text).ok().map(Self)
    }

    /// The bytes of `objectGUID`, as a filter or a `<GUID=...>` base wants them.
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
    /// Reads the binary form (MS-DTYP 2.4.2.2): revision, count, 48 bits of authority, little-endian sub-authorities.
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

    /// The SID of another object of the same domain: the domain part with `rid` as the last sub-authority.
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

/// Whether the password, right as it may be, can be used to sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum PasswordState {
    /// Nothing stands against it.
    #[default]
    Usable,
    /// The person must choose a new one first (`pwdLastSet` = 0, ppolicy `pwdReset`).
    MustChange,
    /// It is too old.
    Expired,
    /// The directory does not show it; a bind tells.
    Unknown,
}

/// The wrong passwords that a server remembers of one person.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct WrongTries {
    /// How many (`badPwdCount`; the values of `pwdFailureTime`).
    pub count: u32,
    /// When the last of them came, by the server's clock.
    pub last_at: Option<Millis>,
    /// When each of them came, where the directory keeps that: then each is forgotten on its own, else all at once.
    pub times: Vec<Millis>,
}

/// One person's entry, in the product's words whatever the schema.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// objectGUID or entryUUID.
    pub id: EntryId,
    /// Where the entry is now. Binds go to this name, never to what was typed.
    pub dn: Dn,
    /// objectSid, where the schema has one.
    pub sid: Option<Sid>,
    /// The short login name: sAMAccountName or uid.
    pub login_name: String,
    /// Further values of `uid`: each of them is as good a name to sign in with.
    pub other_login_names: Vec<String>,
    /// userPrincipalName, where the schema has one.
    pub principal_name: Option<String>,
    /// The email by the directory's email attribute; `None` when absent or blank.
    pub email: Option<String>,
    /// displayName, or cn when there is none.
    pub display_name: Option<String>,
    /// givenName.
    pub given_name: Option<String>,
    /// sn.
    pub family_name: Option<String>,
    /// The account is switched off in the directory.
    pub disabled: bool,
    /// The account may be used with a smart card only (Active Directory).
    pub smart_card_required: bool,
    /// When the account begins in the directory; `None` = it has begun (`pwdStartTime`).
    pub starts_at: Option<Millis>,
    /// When the account ends in the directory; `None` = never (accountExpires 0 or 2^63-1).
    pub expires_at: Option<Millis>,
    /// When the directory locks the account because nobody has signed in with it (`pwdMaxIdle`).
    pub idle_at: Option<Millis>,
    /// The directory refuses any bind now (`msDS-User-Account-Control-Computed`, `pwdAccountLockedTime`); `None` where it
    /// does not show that.
    pub locked: Option<bool>,
    /// Whether the password must change first.
    pub password: PasswordState,
    /// When the password becomes too old, where the directory says so beforehand.
    pub password_expires_at: Option<Millis>,
    /// When the password was set (`pwdLastSet`, `pwdChangedTime`), as far as the directory tells.
    pub password_changed_at: Option<Millis>,
    /// Wrong passwords, as the server that was asked remembers them.
    pub wrong_tries: WrongTries,
    /// The policy that holds for this person alone, where one is named (`msDS-ResultantPSO`, `pwdPolicySubentry`).
    pub password_policy: Option<Dn>,
    /// Groups that list this entry directly (memberOf), as far as the schema tells.
    pub direct_groups: Vec<Dn>,
    /// The SID of the primary group, which `memberOf` never lists.
    pub primary_group: Option<Sid>,
}

impl Entry {
    /// The name to show to people: the display name, else the login name.
    #[must_use]
    pub fn shown_name(&self) -> &str {
        self.display_name.as_deref().unwrap_or(&self.login_name)
    }

    /// All short names that this person signs in with.
    pub fn login_names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.login_name).chain(&self.other_login_names).map(String::as_str)
    }

    /// Whether something that no record of ours keeps stands against any use: then the record alone lets nobody in.
    #[must_use]
    pub fn must_be_looked_at(&self, now: Millis) -> bool {
        self.smart_card_required || self.idle_at.is_some_and(|end| end <= now)
    }

    /// Whether the password can be used at this time.
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
    fn an_object_guid_reads_as_its_usual_text_and_back() {
        let bytes = [0xdc, 0x92, 0x01, 0x02, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14];
        let id = EntryId::from_object_guid(&bytes).expect("sixteen bytes");
        assert_eq!(id.to_string(), "020192dc-0403-0605-0708-090a0b0c0d0e");
        assert_eq!(id.object_guid(), bytes);
        assert_eq!(EntryId::from_entry_uuid(&id.to_string()), Some(id));
        assert_eq!(EntryId::from_object_guid(&bytes[..15]), None);
    }

    #[test]
    fn a_sid_reads_as_its_usual_text() {
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
        fn no_bytes_make_the_sid_reader_panic(bytes: Vec<u8>) {
            let _ = Sid::from_bytes(&bytes);
        }
    }
}
