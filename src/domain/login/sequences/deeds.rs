//! The possible actions, and how each is applied to the model. An action that makes no sense at its place
//! does nothing.

use super::forms::{BARRED, TypedCode};
use super::product::Shown;
use super::world::{BROWSERS, Blob, CLIENTS, PEOPLE, Who, World};
use crate::domain::evidence::Level;
use crate::domain::login::Ask;
use crate::domain::policy::AcrAsk;
use crate::domain::random_sequences::Dice;
use crate::domain::settings::{Enrolment, Required};
use crate::domain::{DAY, HOUR, MINUTE, Millis, SECOND};

/// One action. Numbers are taken modulo what exists.
#[derive(Clone, Copy, Debug)]
pub(super) enum Deed {
    Start {
        browser: usize,
        client: usize,
        ask: usize,
        subject: Option<Who>,
    },
    /// `back`: this many pages before the last one that the browser was shown.
    Password {
        browser: usize,
        back: usize,
        who: Who,
        right: bool,
    },
    /// `own`: the code belongs to the person who is signing in, whatever `typed` says.
    Code {
        browser: usize,
        back: usize,
        typed: TypedCode,
        own: bool,
        remember: bool,
    },
    Redeem {
        browser: usize,
        back: usize,
        of: Who,
    },
    SetUp {
        browser: usize,
        back: usize,
        right: bool,
    },
    PutOff {
        browser: usize,
        back: usize,
    },
    NewPassword {
        browser: usize,
        back: usize,
        right: bool,
    },
    /// A page is opened again: the login continues from there.
    Reopen {
        browser: usize,
        back: usize,
    },
    /// This person does what the page asks.
    Obey {
        browser: usize,
        who: Who,
        remember: bool,
    },
    Besieged {
        browser: usize,
        client: usize,
        who: Who,
    },
    Midway {
        browser: usize,
        who: Who,
        reset: bool,
        by_session: bool,
        then: Who,
    },
    /// A sign-in of at most this many steps, as far as this person gets, and the exchange.
    Visit {
        browser: usize,
        client: usize,
        ask: usize,
        who: Who,
        steps: usize,
        remember: bool,
    },
    Exchange {
        back: usize,
    },
    Refresh {
        back: usize,
        old: bool,
    },
    SignOut {
        browser: usize,
    },
    Wait(Millis),
    Policy {
        required: Required,
        enrolment: Enrolment,
        grace_days: u32,
        remember_days: u32,
    },
    OtherSettings,
    Reset(Who),
    Invite(Who),
    Disable(Who),
    Enable(Who),
    ChangePassword(Who),
    MustChange(Who, usize),
    Group(Who, bool),
    Attack(Who, bool),
}

fn required(dice: &mut Dice) -> Required {
    dice.pick(&[Required::Nobody, Required::Optional, Required::Everyone, Required::Groups])
}

fn small(dice: &mut Dice, most: usize) -> usize {
    usize::try_from(dice.below(most as u64)).expect("small")
}

/// Usually the last page, sometimes an earlier one.
fn back(dice: &mut Dice) -> usize {
    dice.pick(&[0, 0, 0, 0, 1, 2, 3, 5])
}

fn typed(dice: &mut Dice) -> TypedCode {
    let who = small(dice, PEOPLE);
    match dice.below(8) {
        0..4 => TypedCode::Totp(who, dice.pick(&[0, 0, 0, 1, -1, 2])),
        4 | 5 => TypedCode::Recovery(who),
        6 => TypedCode::Invitation(who),
        _ => TypedCode::Nonsense,
    }
}

/// What clients request.
fn ask(number: usize, subject: Option<Who>) -> Ask {
    use Level::{Mfa, Sfa};
    let acr = |wishes: &[Level], essential: &[Level]| AcrAsk {
        wishes: wishes.to_vec(),
        essential: essential.to_vec(),
    };
    let plain = Ask { subject: subject.map(super::world::id), ..Ask::default() };
    match number {
        0 => Ask { silent: true, ..plain },
        1 => Ask { fresh: true, ..plain },
        2 => Ask { max_age: Some(60), ..plain },
        3 => Ask { acr: acr(&[Mfa], &[]), ..plain },
        4 => Ask { acr: acr(&[], &[Mfa]), ..plain },
        5 => Ask { acr: acr(&[Sfa, Mfa], &[]), ..plain },
        6 => Ask { acr: acr(&[], &[Sfa, Mfa]), ..plain },
        7 => Ask { silent: true, max_age: Some(600), acr: acr(&[], &[Mfa]), ..plain },
        8 => Ask { max_age: Some(600), acr: acr(&[Mfa, Sfa], &[]), ..plain },
        _ => plain,
    }
}

impl Deed {
    /// The first action: sets some policy.
    pub(super) fn opening(dice: &mut Dice) -> Self {
        Self::Policy {
            required: required(dice),
            enrolment: dice.pick(&[Enrolment::Alone, Enrolment::Alone, Enrolment::Invited]),
            grace_days: dice.pick(&[0, 0, 1, 7]),
            remember_days: dice.pick(&[0, 30]),
        }
    }

    pub(super) fn any(dice: &mut Dice) -> Self {
        let (browser, who) = (small(dice, BROWSERS), dice.pick(&[0, 0, 0, 1, 1, 2]));
        let subject = (dice.below(8) == 0).then_some(who);
        match dice.below(100) {
            0..3 => Self::Besieged { browser, client: small(dice, CLIENTS), who },
            3..6 => {
                let (reset, by_session) = (dice.below(3) > 0, dice.below(3) == 0);
                let then = if dice.below(3) > 0 { who } else { small(dice, PEOPLE) };
                Self::Midway { browser, who, reset, by_session, then }
            }
            6..10 => Self::Start { browser, client: small(dice, CLIENTS), ask: small(dice, 16), subject },
            10..17 => Self::Password { browser, back: back(dice), who, right: dice.below(6) > 0 },
            17..27 => {
                let (own, remember) = (dice.below(4) > 0, dice.below(3) == 0);
                Self::Code { browser, back: back(dice), typed: typed(dice), own, remember }
            }
            27..29 => Self::Redeem { browser, back: back(dice), of: who },
            29..32 => Self::SetUp { browser, back: back(dice), right: dice.below(5) > 0 },
            32..34 => Self::PutOff { browser, back: back(dice) },
            34..36 => Self::NewPassword { browser, back: back(dice), right: dice.below(5) > 0 },
            36..41 => Self::Reopen { browser, back: back(dice) },
            41..50 => Self::Obey { browser, who, remember: dice.below(3) == 0 },
            50..68 => {
                let (client, ask) = (small(dice, CLIENTS), small(dice, 16));
                let steps = dice.pick(&[1, 2, 5, 5]);
                Self::Visit { browser, client, ask, who, steps, remember: dice.below(2) == 0 }
            }
            68..72 => Self::Exchange { back: back(dice) },
            72..80 => Self::Refresh { back: back(dice), old: dice.below(6) == 0 },
            80 => Self::SignOut { browser },
            81..87 => Self::Wait(dice.pick(&[
                SECOND,
                30 * SECOND,
                61 * SECOND,
                5 * MINUTE,
                31 * MINUTE,
                9 * HOUR,
                DAY,
                8 * DAY,
            ])),
            87 | 88 => Self::opening(dice),
            89 => Self::OtherSettings,
            90 => Self::Reset(who),
            91 | 92 => Self::Invite(who),
            93 => Self::Disable(who),
            94 => Self::Enable(who),
            95 => Self::ChangePassword(who),
            96 => Self::MustChange(who, small(dice, 2)),
            97 => Self::Group(who, dice.below(2) == 0),
            _ => Self::Attack(who, dice.below(2) == 0),
        }
    }
}

impl World {
    pub(super) fn apply(&mut self, deed: Deed) -> Result<(), String> {
        match deed {
            Deed::Start { browser, client, ask: number, subject } => {
                self.start(browser, client, ask(number, subject))?;
            }
            Deed::Obey { browser, who, remember } => {
                self.obey(browser, who, remember)?;
            }
            Deed::Besieged { browser, client, who } => self.besieged(browser, client, who)?,
            Deed::Midway { browser, who, reset, by_session, then } => {
                self.midway(browser, (who, reset, by_session), then)?;
            }
            Deed::Visit { browser, client, ask: number, who, steps, remember } => {
                let ask = ask(number, None);
                if let Some(code) = self.visit((browser, who), client, ask, (steps, remember))? {
                    self.exchange(code)?;
                }
            }
            Deed::Exchange { back } => {
                if let Some(at) = self.codes.len().checked_sub(1 + back) {
                    self.exchange(at)?;
                }
            }
            Deed::Refresh { back, old } => {
                if let Some(at) = self.families.len().checked_sub(1 + back) {
                    self.refresh(at, old)?;
                }
            }
            Deed::SignOut { browser } => {
                let id = self.browsers[browser].session.take();
                self.end_session(id);
            }
            Deed::Wait(by) => self.now += by,
            Deed::Policy { required, enrolment, grace_days, remember_days } => {
                self.set_policy(required, enrolment, (grace_days, remember_days));
            }
            Deed::OtherSettings => self.generation += 1,
            _ => return self.apply_to_login(deed),
        }
        Ok(())
    }

    /// Actions on a page of a login, if the browser has a page that is still valid.
    fn apply_to_login(&mut self, deed: Deed) -> Result<(), String> {
        let (browser, back) = match deed {
            Deed::Password { browser, back, .. }
            | Deed::Code { browser, back, .. }
            | Deed::Redeem { browser, back, .. }
            | Deed::SetUp { browser, back, .. }
            | Deed::PutOff { browser, back }
            | Deed::NewPassword { browser, back, .. }
            | Deed::Reopen { browser, back } => (browser, back),
            _ => {
                self.apply_to_person(deed);
                return Ok(());
            }
        };
        let blobs = &self.browsers[browser].blobs;
        // Usually a page that is still valid.
        let blobs: Vec<_> = blobs.iter().filter(|blob| back == 5 || self.is_open(blob)).collect();
        let at = blobs.len().checked_sub(1 + back);
        let Some(blob) = at.map(|at| blobs[at].clone()) else { return Ok(()) };
        if !self.is_open(&blob) {
            self.count("ended: the login was spent");
            return Ok(());
        }
        if back > 0 {
            self.count("an earlier page again");
        }
        match deed {
            Deed::Password { who, right, .. } => self.password(browser, &blob, who, right)?,
            Deed::Code { typed, own, remember, .. } => {
                let typed = if own { self.own(browser, &blob, typed) } else { typed };
                self.code(browser, &blob, typed, remember)?
            }
            Deed::Redeem { of, .. } => self.redeem(browser, &blob, of)?,
            Deed::SetUp { right, .. } => self.set_up(browser, &blob, right)?,
            Deed::PutOff { .. } => self.put_off(browser, &blob)?,
            Deed::NewPassword { right, .. } => self.new_password(browser, &blob, right)?,
            _ => self.advance(browser, &blob, blob.opened(), blob.known.clone())?,
        };
        Ok(())
    }

    /// The same kind of code, but of the person who is signing in.
    fn own(&self, browser: usize, blob: &Blob, typed: TypedCode) -> TypedCode {
        let Some(who) = self.owner(browser, &blob.opened()) else { return typed };
        match typed {
            TypedCode::Totp(_, ahead) => TypedCode::Totp(who, ahead),
            TypedCode::Recovery(_) => TypedCode::Recovery(who),
            TypedCode::Invitation(_) => TypedCode::Invitation(who),
            TypedCode::Nonsense => typed,
        }
    }

    fn apply_to_person(&mut self, deed: Deed) {
        match deed {
            Deed::Reset(who) => self.reset(who),
            Deed::Invite(who) => self.people[who].invitation = Some(self.number()),
            Deed::Disable(who) => {
                self.count("a person disabled");
                self.people[who].entry.disabled = true;
            }
            Deed::Enable(who) => self.people[who].entry.disabled = false,
            Deed::ChangePassword(who) => {
                self.count("password changed in the directory");
                self.change_password(who);
            }
            Deed::MustChange(who, why) => self.people[who].must_change = Some(BARRED[why]),
            Deed::Group(who, is_in) => self.people[who].in_group = is_in,
            Deed::Attack(who, on) => self.people[who].attacked = on,
            _ => {}
        }
    }

    /// Does what the last page asks.
    pub(super) fn obey(&mut self, browser: usize, who: Who, remember: bool) -> Result<Shown, String> {
        let Some(blob) = self.browsers[browser].blobs.last().cloned() else { return Ok(Shown::Refused) };
        if !self.is_open(&blob) {
            return Ok(Shown::Ended);
        }
        match self.advance(browser, &blob, blob.opened(), blob.known.clone())? {
            Shown::Password => self.password(browser, &blob, who, true),
            Shown::Code | Shown::FactorFirst => {
                self.now += 30 * SECOND;
                self.code(browser, &blob, TypedCode::Totp(who, 0), remember)
            }
            Shown::Invitation { .. } => {
                self.people[who].invitation = Some(self.number());
                self.redeem(browser, &blob, who)
            }
            Shown::Enrol { later: true } if remember => self.put_off(browser, &blob),
            Shown::Enrol { .. } => {
                // The page that shows the key.
                let blob = self.browsers[browser].blobs.last().cloned().unwrap_or(blob);
                self.set_up(browser, &blob, true)
            }
            Shown::NewPassword => self.new_password(browser, &blob, true),
            shown => Ok(shown),
        }
    }

    fn set_policy(&mut self, required: Required, enrolment: Enrolment, (grace_days, days): (u32, u32)) {
        self.count("policy changed");
        self.policy.required = required;
        self.policy.enrolment = enrolment;
        self.policy.grace_days = grace_days;
        self.policy.remember_browser_days = days;
        self.generation += 1;
        self.policy_generation = self.generation;
    }

    /// The help desk resets a person.
    pub(super) fn reset(&mut self, who: Who) {
        self.count("factors reset");
        let person = &mut self.people[who];
        person.account.generation += 1;
        person.era += 1;
        person.factor = None;
        person.recovery.clear();
        person.invitation = None;
        self.remembered.retain(|_, fact| fact.whose != who);
        self.end_all(who);
    }

    fn end_session(&mut self, id: Option<u64>) {
        let Some(at) = self.sessions.iter().position(|kept| Some(kept.id) == id) else { return };
        self.sessions.remove(at);
    }
}
