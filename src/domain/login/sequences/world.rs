//! The model: people in a directory and in the store, browsers, and beside each thing that the product keeps, what was
//! truly proven for it. That record is the test's own: nothing of it is read back from the product.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId, Status, SuspendedBecause};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::evidence::Evidence;
use crate::domain::gates::{Judgement, Mode, judge_known};
use crate::domain::login::{Ask, Progress};
use crate::domain::samples::{self, NOW, Scene};
use crate::domain::session::Session;
use crate::domain::settings::{SecondFactor, SessionSettings};

/// One of the people.
pub(super) type Who = usize;

/// People, browsers and clients in the model.
pub(super) const PEOPLE: usize = 3;
pub(super) const BROWSERS: usize = 2;
/// The second one requires a second factor of everybody.
pub(super) const CLIENTS: usize = 2;

/// A right password was typed.
#[derive(Clone, Debug)]
pub(super) struct PasswordFact {
    pub whose: Who,
    pub at: Millis,
    /// Which of the person's passwords it was.
    pub version: u32,
    /// How often the person had been suspended or reset by then.
    pub era: u32,
    /// It was right and good for nothing.
    pub barred: bool,
    /// In which login.
    pub login: u64,
    pub in_group: bool,
}

/// A right code was typed, or an authenticator set up.
#[derive(Clone, Debug)]
pub(super) struct FactorFact {
    pub whose: Who,
    pub era: u32,
}

/// Somebody who had proven both factors had a browser remembered.
#[derive(Clone, Debug)]
pub(super) struct RememberedFact {
    pub whose: Who,
    /// How often the person had been suspended or reset by then.
    pub era: u32,
    /// Which of the person's passwords had been proven.
    pub version: u32,
    /// What the row says of both.
    pub generation: i64,
    pub as_of: Millis,
    pub policy: i64,
    pub until: Millis,
}

/// All that was truly proven on the way to one thing.
#[derive(Clone, Debug, Default)]
pub(super) struct Known {
    pub password: Option<PasswordFact>,
    pub factors: Vec<FactorFact>,
    pub remembered: Option<RememberedFact>,
    pub put_off: Option<Who>,
    /// Whose help-desk code was redeemed, and in which era.
    pub invited: Option<(Who, u32)>,
}

/// An authenticator: its codes are numbers of steps.
#[derive(Clone, Debug)]
pub(super) struct Authenticator {
    pub last_step: i64,
}

pub(super) struct Person {
    pub account: Account,
    pub entry: Entry,
    /// Number of the password that is right.
    pub version: u32,
    pub must_change: Option<BindRefusal>,
    /// The directory says when passwords were set.
    pub tells: bool,
    pub in_group: bool,
    /// Strangers have tried many wrong passwords.
    pub attacked: bool,
    pub factor: Option<Authenticator>,
    pub recovery: BTreeSet<u64>,
    pub invitation: Option<u64>,
    pub asked_at: Option<Millis>,
    /// How often the person was suspended or reset.
    pub era: u32,
    /// The newest password of which the product has heard.
    pub heard_of: u32,
    /// When a set-up was first due, by the test's own reckoning.
    pub due_since: Option<Millis>,
}

/// A login in progress as a browser carries it.
#[derive(Clone)]
pub(super) struct Blob {
    pub serial: u64,
    pub client: usize,
    pub ask: Ask,
    /// As JSON, so that it goes the way of the sealed value.
    pub progress: String,
    pub known: Known,
    pub expires_at: Millis,
}

#[derive(Default)]
pub(super) struct Browser {
    pub session: Option<u64>,
    pub remembered: Option<u64>,
    pub blobs: Vec<Blob>,
    /// In which people have completed a sign-in.
    pub device: BTreeSet<Who>,
}

/// A session in the store.
#[derive(Clone)]
pub(super) struct Kept {
    pub id: u64,
    pub session: Session,
    pub known: Known,
}

pub(super) struct Code {
    pub travelling: String,
    pub client: usize,
    pub sid: String,
    pub known: Known,
    pub taken: bool,
    pub until: Millis,
    pub family: u64,
    pub generation: i64,
}

pub(super) struct Family {
    pub id: u64,
    pub evidence: Evidence,
    pub client: usize,
    pub known: Known,
    pub alive: bool,
    pub turn: u64,
}

pub(super) struct World {
    pub now: Millis,
    pub policy: SecondFactor,
    pub generation: i64,
    pub policy_generation: i64,
    pub lifetimes: SessionSettings,
    pub people: Vec<Person>,
    pub browsers: Vec<Browser>,
    pub sessions: Vec<Kept>,
    pub remembered: BTreeMap<u64, RememberedFact>,
    pub codes: Vec<Code>,
    pub families: Vec<Family>,
    pub spent: BTreeSet<u64>,
    pub tickets: BTreeSet<String>,
    pub counts: BTreeMap<&'static str, u64>,
    next: u64,
}

/// The id of one of them.
pub(super) fn id(who: Who) -> AccountId {
    AccountId(format!("a{who}"))
}

impl Person {
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
        // One of them lives in a directory that does not say when passwords were set.
        let tells = number != 2;
        let set_at = tells.then_some(NOW - 1_000_000);
        entry.password_changed_at = set_at;
        account.password_changed_at = set_at;
        Self {
            account,
            entry,
            version: 0,
            must_change: None,
            tells,
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
            people: (0..PEOPLE).map(Person::new).collect(),
            browsers: (0..BROWSERS).map(|_| Browser::default()).collect(),
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

    /// The step of the codes that authenticators show now.
    pub(super) fn step(&self) -> i64 {
        self.now / 30_000
    }

    /// What a look at the entry does to the account, as an import on the spot would.
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

    /// Sessions and families of an account end.
    pub(super) fn end_all(&mut self, who: Who) {
        let id = self.people[who].account.id.clone();
        self.sessions.retain(|kept| kept.session.evidence.account != id);
        self.families.iter_mut().filter(|family| family.evidence.account == id).for_each(|family| {
            family.alive = false;
        });
    }

    fn scene(&self, who: Who, bind: Option<BindOutcome>) -> Scene {
        Scene {
            entry: self.people[who].entry.clone(),
            bind,
            account: Some(self.people[who].account.clone()),
            settings_generation: self.generation,
            now: self.now,
            ..Scene::default()
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
        self.scene(who, Some(outcome)).judge(Mode::Password)
    }

    /// The judgement of a session or family: on the record while that is young and the groups do not matter.
    pub(super) fn judge_living(&mut self, who: Who, groups: bool) -> (Judgement, bool) {
        let (account, now) = (&self.people[who].account, self.now);
        let known = account.seen_at.is_some_and(|seen| (0..60_000).contains(&(now - seen)));
        if known && !groups || !account.is_usable(now) {
            return (judge_known(account, true, self.generation, now), false);
        }
        self.look(who);
        (self.scene(who, None).judge(Mode::Living), self.people[who].in_group)
    }
}

impl Blob {
    pub(super) fn opened(&self) -> Progress {
        Progress::restore(serde_json::from_str(&self.progress).expect("what was sealed"))
    }
}
