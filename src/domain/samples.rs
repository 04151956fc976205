//! Sample data for tests: an ordinary person with entry, account and all input of the gates; each test
//! changes what it needs.

use uuid::Uuid;

use super::Millis;
use super::account::{Account, AccountId, Link, Profile, Status};
use super::bind::{BindOutcome, BindRefusal};
use super::dn::Dn;
use super::entry::{DirectoryId, Entry, EntryId, PasswordState, Sid, WrongTries};
use super::gates::{FoundEntry, GateInput, Judgement, JudgementMode, judge};
use super::profile::{ProfileAttribute, ProfileValues};
use super::scope::{Exclusion, ScopeReason};

/// The time of all samples.
pub(crate) const NOW: Millis = 1_700_000_000_000;

/// The directory of all samples.
pub(crate) fn directory() -> DirectoryId {
    DirectoryId("corp".into())
}

/// The id of the sample entry with this number.
pub(crate) fn entry_id(number: u128) -> EntryId {
    EntryId(Uuid::from_u128(number))
}

/// Entry 1, `alice`: she may sign in.
pub(crate) fn entry() -> Entry {
    Entry {
        id: entry_id(1),
        dn: Dn::parse("CN=Alice,OU=Staff,DC=corp,DC=example,DC=com").expect("a DN"),
        sid: Some(Sid("S-1-5-21-1-2-3-1104".into())),
        login_name: "alice".into(),
        other_login_names: Vec::new(),
        principal_name: Some("alice@corp.example.com".into()),
        email: Some("alice@example.com".into()),
        attributes: ProfileValues::default()
            .with(ProfileAttribute::Name, "Alice Adams")
            .with(ProfileAttribute::GivenName, "Alice")
            .with(ProfileAttribute::FamilyName, "Adams"),
        disabled: false,
        smart_card_required: false,
        starts_at: None,
        expires_at: None,
        idle_at: None,
        locked: Some(false),
        password: PasswordState::Usable,
        password_expires_at: None,
        password_changed_at: None,
        wrong_tries: WrongTries::default(),
        password_policy: None,
        direct_groups: vec![],
        primary_group: None,
    }
}

/// Entry 1 with another display name.
pub(crate) fn entry_named(name: &str) -> Entry {
    let entry = entry();
    Entry { attributes: entry.attributes.clone().with(ProfileAttribute::Name, name), ..entry }
}

/// A profile with an email address and a display name.
pub(crate) fn profile(email: &str, name: &str) -> Profile {
    let attributes = ProfileValues::default().with(ProfileAttribute::Name, name);
    Profile { email: email.into(), attributes, ..Profile::default() }
}

/// The account of entry 1.
pub(crate) fn account() -> Account {
    Account {
        id: AccountId("a1".into()),
        link: Some(Link { directory: directory(), entry: entry_id(1), sid: entry().sid }),
        profile: Profile { email: "alice@example.com".into(), ..Profile::default() },
        profile_changed_at: None,
        status: Status::Active,
        expires_at: None,
        generation: 7,
        password_changed_at: None,
        seen_at: Some(NOW),
    }
}

/// The result of a search, without the entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hits {
    None,
    /// [`LoginSample::entry`].
    One,
    Many,
}

/// All input of the gates, owned.
#[derive(Clone, Debug)]
pub(crate) struct LoginSample {
    pub(crate) sso_enabled: bool,
    pub(crate) hits: Hits,
    pub(crate) entry: Entry,
    pub(crate) bind: Option<BindOutcome>,
    pub(crate) scope: Option<ScopeReason>,
    pub(crate) excluded: Option<Exclusion>,
    pub(crate) account: Option<Account>,
    pub(crate) why_not_written: Option<String>,
    pub(crate) mail_fault: Option<String>,
    pub(crate) settings_generation: i64,
    pub(crate) now: Millis,
}

impl Default for LoginSample {
    fn default() -> Self {
        let unit = Dn::parse("OU=Staff,DC=corp,DC=example,DC=com").expect("a DN");
        Self {
            sso_enabled: true,
            hits: Hits::One,
            entry: entry(),
            bind: Some(BindOutcome::Accepted),
            scope: Some(ScopeReason::OrganizationalUnit(unit)),
            excluded: None,
            account: Some(account()),
            why_not_written: None,
            mail_fault: None,
            settings_generation: 3,
            now: NOW,
        }
    }
}

impl LoginSample {
    /// The judgement of this scene.
    pub(crate) fn judge(&self, mode: JudgementMode) -> Judgement {
        judge(&GateInput {
            mode,
            sso_enabled: self.sso_enabled,
            found: match self.hits {
                Hits::None => FoundEntry::Nobody,
                Hits::One => FoundEntry::One(&self.entry),
                Hits::Many => FoundEntry::Ambiguous,
            },
            bind: self.bind,
            scope: self.scope.as_ref(),
            excluded: self.excluded.as_ref(),
            account: self.account.as_ref(),
            why_not_written: self.why_not_written.as_deref(),
            mail_fault: self.mail_fault.as_deref(),
            settings_generation: self.settings_generation,
            now: self.now,
        })
    }

    /// The same scene after this refusal of the bind; data that is read only after a proven password stays
    /// unread.
    pub(crate) fn refused(mut self, refusal: BindRefusal) -> Self {
        self.bind = Some(BindOutcome::Refused(refusal));
        if !refusal.proves_password() {
            self.scope = None;
            self.account = None;
        }
        self
    }
}
