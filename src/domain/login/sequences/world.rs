//! The model: people in directory and store, browsers, and for each thing the product stores, what was truly
//! proven for it. That record belongs to the test: nothing in it is read back from the product.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Status, SuspendedBecause};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::evidence::Evidence;
use crate::domain::gates::{Judgement, JudgementMode, judge_known};
use crate::domain::login::{Ask, Progress};
use crate::domain::samples::{self, LoginSample, NOW};
use crate::domain::session::Session;
use crate::domain::settings::{SecondFactor, SessionSettings};

/// The number of a person.
pub(super) type Who = usize;

/// People, browsers and clients in the model.
pub(super) const PEOPLE: usize = 3;
pub(super) const BROWSERS: usize = 2;
/// The second one requires a second factor.
pub(super) const CLIENTS: usize = 2;

/// A correct password was typed.
#[derive(Clone, Debug)]
pub(super) struct PasswordFact {
    pub whose: Who,
    pub at: Millis,
    /// Which of the person's passwords.
    pub version: u32,
    /// How often the person had been suspended or reset by then.
    pub era: u32,
    /// It was correct but unusable.
    pub barred: bool,
    pub login: u64,
    pub in_group: bool,
}

/// A correct code was typed, or an authenticator set up.
#[derive(Clone, Debug)]
pub(super) struct FactorFact {
    pub whose: Who,
    pub era: u32,
}

/// A person who had proven both factors had a browser remembered.
#[derive(Clone, Debug)]
pub(super) struct RememberedFact {
    pub whose: Who,
    /// How often the person had been suspended or reset by then.
    pub era: u32,
    /// Which of the person's passwords had been proven.
    pub version: u32,
    /// What the stored row says about both.
    pub generation: i64,
    pub as_of: Millis,
    pub policy: i64,
    pub until: Millis,
}

/// Everything that was truly proven on the way to one thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Proofs {
    pub password: Option<PasswordFact>,
    pub factors: Vec<FactorFact>,
    pub remembered: Option<RememberedFact>,
    pub put_off: Option<Who>,
    /// The person whose help-desk code was redeemed, and the era.
    pub invited: Option<(Who, u32)>,
}

/// An authenticator: its codes are step numbers.
#[derive(Clone, Debug)]
pub(super) struct ModelAuthenticator {
    pub last_step: i64,
}

pub(super) struct ModelPerson {
    pub account: Account,
    pub entry: Entry,
    /// Number of the current password.
    pub version: u32,
    pub must_change: Option<BindRefusal>,
    /// The directory reports when passwords were set.
    pub reports_password_age: bool,
    pub in_group: bool,
    /// Strangers have tried many wrong passwords.
    pub attacked: bool,
    pub factor: Option<ModelAuthenticator>,
    pub recovery: BTreeSet<u64>,
    pub invitation: Option<u64>,
    pub asked_at: Option<Millis>,
    /// How often the person was suspended or reset.
    pub era: u32,
    /// The newest password that the product knows about.
    pub heard_of: u32,
    /// When a set-up was first due, counted by the test.
    pub due_since: Option<Millis>,
}

#[derive(Clone)]
pub(super) struct Blob {
    pub serial: u64,
    pub client: usize,
    pub ask: Ask,
    /// As JSON, so that it is serialised like the sealed value.
    pub progress: String,
    pub known: Proofs,
    pub expires_at: Millis,
}

#[derive(Default)]
pub(super) struct ModelBrowser {
    pub session: Option<u64>,
    pub remembered: Option<u64>,
    pub blobs: Vec<Blob>,
    /// The people who have completed a sign-in in this browser.
    pub device: BTreeSet<Who>,
}

/// A session in the store.
#[derive(Clone)]
pub(super) struct ModelSession {
    pub id: u64,
    pub session: Session,
    pub known: Proofs,
}

pub(super) struct Code {
    pub travelling: String,
    pub client: usize,
    pub sid: String,
    pub known: Proofs,
    pub taken: bool,
    pub until: Millis,
    pub family: u64,
    pub generation: i64,
}

pub(super) struct Family {
    pub id: u64,
    pub evidence: Evidence,
    pub client: usize,
    pub known: Proofs,
    pub alive: bool,
    pub turn: u64,
}

pub(super) struct World {
    pub now: Millis,
    pub policy: SecondFactor,
    pub generation: i64,
    pub policy_generation: i64,
    pub lifetimes: SessionSettings,
    pub people: Vec<ModelPerson>,
    pub browsers: Vec<ModelBrowser>,
    pub sessions: Vec<ModelSession>,
    pub remembered: BTreeMap<u64, RememberedFact>,
    pub codes: Vec<Code>,
    pub families: Vec<Family>,
    pub spent: BTreeSet<u64>,
    pub tickets: BTreeSet<String>,
    pub counts: BTreeMap<&'static str, u64>,
    next: u64,
}

/// The id of a person's account.
pub(super) fn id(who: Who) -> AccountId {
    AccountId(format!("a{who}"))
}

impl ModelPerson {
    fn new(number: Who) -> Self {
        let mut entry = samples::entry();
        let mut account = samples::account();
        entry.id = samples::entry_id(number as u128 + 1);
        entry.email = Some(format!("p{number}@example.com"));
        account.id = id(number);
        if let Some(link) = &mut account.link {
            link.entry = entry.id;
        }
        account.profile.email = format!("p{number}@example.com");
        // One of them is in a directory that does not report when passwords were set.
        let reports_password_age = number != 2;
        let set_at = reports_password_age.then_some(NOW - 1_000_000);
        entry.password_changed_at = set_at;
        account.password_changed_at = set_at;
        Self {
            account,
            entry,
            version: 0,
            must_change: None,
            reports_password_age,
            in_group: number == 0,
            attacked: false,
            factor: None,
            recovery: BTreeSet::new(),
            invitation: None,
            asked_at: None,
            era: 0,
            heard_of: 0,
            due_since: None,
        }
    }
}

impl World {
    pub(super) fn new() -> Self {
        Self {
            now: NOW,
            policy: SecondFactor::default(),
            generation: 1,
            policy_generation: 1,
            lifetimes: SessionSettings::default(),
            people: (0..PEOPLE).map(ModelPerson::new).collect(),
            browsers: (0..BROWSERS).map(|_| ModelBrowser::default()).collect(),
            sessions: Vec::new(),
            remembered: BTreeMap::new(),
            codes: Vec::new(),
            families: Vec::new(),
            spent: BTreeSet::new(),
            tickets: BTreeSet::new(),
            counts: BTreeMap::new(),
            next: 0,
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        self.next += 1;
        self.next
    }

    pub(super) fn count(&mut self, what: &'static str) {
        *self.counts.entry(what).or_default() += 1;
    }

    pub(super) fn who(&self, id: &AccountId) -> Who {
        self.people.iter().position(|person| person.account.id == *id).expect("one of the people")
    }

    pub(super) fn client_requires(client: usize) -> bool {
        client == 1
    }

    /// The step of the current codes.
    pub(super) fn step(&self) -> i64 {
        self.now / 30_000
    }

    /// Updates the account from the entry, as an import during a sign-in does.
    fn look(&mut self, who: Who) {
        let now = self.now;
        let person = &mut self.people[who];
        let active = person.account.status == Status::Active;
        if person.entry.disabled && active {
            person.account.status = Status::Suspended { because: SuspendedBecause::Disabled, since: now };
            person.account.generation += 1;
            person.era += 1;
            self.end_all(who);
        } else if !person.entry.disabled && !active {
            person.account.status = Status::Active;
            person.account.generation += 1;
        }
        self.people[who].account.seen_at = Some(now);
        self.note_password(who);
    }

    pub(super) fn note_password(&mut self, who: Who) {
        let person = &mut self.people[who];
        let Some(set_at) = person.entry.password_changed_at else { return };
        person.heard_of = person.version;
        if person.account.password_changed_at.is_some_and(|known| known >= set_at) {
            return;
        }
        person.account.password_changed_at = Some(set_at);
        let id = person.account.id.clone();
        let older = |evidence: &Evidence| {
            evidence.account == id && evidence.password_set_at.unwrap_or(evidence.auth_time) < set_at
        };
        self.sessions.retain(|kept| !older(&kept.session.evidence));
        self.families.iter_mut().filter(|family| older(&family.evidence)).for_each(|family| {
            family.alive = false;
        });
    }

    /// Ends all sessions and families of an account.
    pub(super) fn end_all(&mut self, who: Who) {
        let id = self.people[who].account.id.clone();
        self.sessions.retain(|kept| kept.session.evidence.account != id);
        self.families.iter_mut().filter(|family| family.evidence.account == id).for_each(|family| {
            family.alive = false;
        });
    }

    fn scene(&self, who: Who, bind: Option<BindOutcome>) -> LoginSample {
        LoginSample {
            entry: self.people[who].entry.clone(),
            bind,
            account: Some(self.people[who].account.clone()),
            settings_generation: self.generation,
            now: self.now,
            ..LoginSample::default()
        }
    }

    /// The judgement of a typed password.
    pub(super) fn judge_password(&mut self, who: Who, right: bool) -> Judgement {
        let person = &self.people[who];
        let outcome = match (right, person.entry.disabled, person.must_change) {
            (false, ..) => BindOutcome::Refused(BindRefusal::InvalidCredentials),
            (true, true, _) => BindOutcome::Refused(BindRefusal::Disabled),
            (true, false, Some(barred)) => BindOutcome::Refused(barred),
            (true, false, None) => BindOutcome::Accepted,
        };
        if right {
            self.look(who);
        }
        self.scene(who, Some(outcome)).judge(JudgementMode::Password)
    }

    /// The judgement of a session or family: by the account alone while it is recent and groups do not
    /// matter.
    pub(super) fn judge_living(&mut self, who: Who, groups: bool) -> (Judgement, bool) {
        let (account, now) = (&self.people[who].account, self.now);
        let known = account.seen_at.is_some_and(|seen| (0..60_000).contains(&(now - seen)));
        if known && !groups || !account.is_usable(now) {
            return (judge_known(account, true, self.generation, now), false);
        }
        self.look(who);
        (self.scene(who, None).judge(JudgementMode::Living), self.people[who].in_group)
    }
}

impl Blob {
    pub(super) fn opened(&self) -> Progress {
        Progress::restore(serde_json::from_str(&self.progress).expect("what was sealed"))
    }
}
