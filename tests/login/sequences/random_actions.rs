//! The random actions of a sequence.

use cloudsync_idp::flow::account::factors;

use super::ledger::{Acr, Ask, Policy, Who, directory_now};
use super::stage::{Seen, World};
use super::steps::{Shown, Typed};
use crate::support::rows::Decisions;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;

/// Numbers that are the same for the same seed (SplitMix64).
pub struct Dice(u64);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % most
    }

    fn pick<T: Copy>(&mut self, of: &[T]) -> T {
        of[usize::try_from(self.below(of.len() as u64)).expect("small")]
    }
}

/// One action. `back`: how many pages ago the browser was shown the page that is used.
#[derive(Clone, Copy, Debug)]
pub enum RandomAction {
    Start {
        tab: usize,
        strict: bool,
        ask: Ask,
    },
    /// A sign-in of at most this many steps, and the exchange, unless the client keeps the code.
    Visit {
        tab: usize,
        strict: bool,
        ask: Ask,
        who: Who,
        steps: u64,
        lazy: bool,
        keeps: bool,
    },
    /// A sign-in with the password, then these codes, one after the other, while a code is requested.
    Guess {
        tab: usize,
        who: Who,
        typed: [Typed; 3],
    },
    Password {
        tab: usize,
        back: usize,
        who: Who,
        right: bool,
    },
    Code {
        tab: usize,
        back: usize,
        typed: Typed,
        remember: bool,
    },
    Redeem {
        tab: usize,
        back: usize,
        of: Who,
    },
    SetUp {
        tab: usize,
        back: usize,
        right: bool,
    },
    PutOff {
        tab: usize,
        back: usize,
    },
    NewPassword {
        tab: usize,
        back: usize,
    },
    Reopen {
        tab: usize,
        back: usize,
    },
    /// One browser's page is sent from the other.
    Stolen {
        tab: usize,
        who: Who,
    },
    Exchange {
        back: usize,
    },
    Refresh {
        back: usize,
        old: bool,
    },
    Wait(i64),
    SetPolicy(Policy),
    Reset(Who),
    Invite(Who),
    Suspend(Who),
    ChangePassword(Who),
    MustChange(Who),
}

fn ask(dice: &mut Dice) -> Ask {
    let plain = Ask::default();
    match dice.below(12) {
        0 => Ask { silent: true, ..plain },
        1 => Ask { fresh: true, ..plain },
        2 => Ask { max_age: Some(60), ..plain },
        3 => Ask { acr: Acr::Voluntary, ..plain },
        4 => Ask { acr: Acr::Essential, ..plain },
        5 => Ask { acr: Acr::SingleFirst, ..plain },
        6 => Ask { max_age: Some(600), acr: Acr::Essential, ..plain },
        _ => plain,
    }
}

fn typed(dice: &mut Dice) -> Typed {
    let who = dice.pick(&[0, 0, 1]);
    match dice.below(10) {
        0..4 => Typed::Totp(who, dice.pick(&[0, 0, 1, -1, 2])),
        4 => Typed::Again(who),
        5 | 6 => Typed::Recovery(who),
        7 => Typed::UsedRecovery(who),
        8 => Typed::Invitation(who),
        _ => Typed::Nonsense,
    }
}

impl RandomAction {
    pub fn opening(dice: &mut Dice) -> Self {
        Self::SetPolicy(Policy {
            number: 0,
            required: dice.pick(&["nobody", "optional", "everyone", "everyone", "groups"]),
            enrolment: dice.pick(&["alone", "alone", "invited"]),
            grace_days: dice.pick(&[0, 0, 1, 7]),
            remember_days: dice.pick(&[0, 30]),
        })
    }

    pub fn any(dice: &mut Dice) -> Self {
        let (tab, who) = (dice.pick(&[0, 0, 1]), dice.pick(&[0, 0, 0, 1]));
        let back = dice.pick(&[0, 0, 0, 1, 2, 3]);
        match dice.below(100) {
            0..8 => Self::Start { tab, strict: dice.below(3) == 0, ask: ask(dice) },
            8..28 => {
                let (strict, ask) = (dice.below(3) == 0, ask(dice));
                let (steps, lazy, keeps) =
                    (dice.pick(&[1, 2, 3, 6, 6]), dice.below(2) == 0, dice.below(3) == 0);
                Self::Visit { tab, strict, ask, who, steps, lazy, keeps }
            }
            28..36 => Self::Guess { tab, who, typed: [typed(dice), typed(dice), typed(dice)] },
            36..40 => Self::Password { tab, back, who, right: dice.below(2) > 0 },
            40..54 => Self::Code { tab, back, typed: typed(dice), remember: dice.below(3) == 0 },
            54..56 => Self::Redeem { tab, back, of: who },
            56..60 => Self::SetUp { tab, back, right: dice.below(5) > 0 },
            60..62 => Self::PutOff { tab, back },
            62 => Self::NewPassword { tab, back },
            63..66 => Self::Reopen { tab, back },
            66..68 => Self::Stolen { tab, who },
            68..73 => Self::Exchange { back },
            73..80 => Self::Refresh { back, old: dice.below(4) == 0 },
            80..86 => Self::Wait(dice.pick(&[1_000, MINUTE, 5 * MINUTE, 31 * MINUTE, 9 * HOUR, 30 * HOUR])),
            86..89 => Self::opening(dice),
            89 | 90 => Self::Reset(who),
            91..94 => Self::Invite(who),
            94 => Self::Suspend(1),
            95 | 96 => Self::ChangePassword(who),
            _ => Self::MustChange(who),
        }
    }
}

impl World<'_> {
    pub async fn apply(&mut self, action: RandomAction) {
        if self.broken.is_some() {
            return;
        }
        self.trail.push(format!("{action:?}"));
        match action {
            RandomAction::Start { tab, strict, ask } => {
                self.start(tab, strict, ask).await;
            }
            RandomAction::Visit { tab, strict, ask, who, steps, lazy, keeps } => {
                let mut shown = self.start(tab, strict, ask).await;
                for _ in 0..steps {
                    shown = self.obey(tab, who, shown, lazy).await;
                }
                if let (Shown::Issued(code), false) = (shown, keeps) {
                    self.exchange(code).await;
                }
            }
            RandomAction::Guess { tab, who, typed } => self.guess(tab, who, typed).await,
            RandomAction::Exchange { back } => {
                let open = |at: &usize| back > 1 || !self.codes[*at].used;
                if let Some(at) = (0..self.codes.len()).rev().filter(open).nth(back) {
                    self.exchange(at).await;
                }
            }
            RandomAction::Refresh { back, old } => {
                if let Some(at) = self.families.len().checked_sub(1 + back) {
                    self.refresh(at, old).await;
                }
            }
            RandomAction::Wait(by) => self.wait(by),
            RandomAction::SetPolicy(policy) => {
                self.count("policy changed");
                self.set_policy(policy).await;
            }
            RandomAction::Reset(who) => self.reset(who).await,
            RandomAction::Invite(who) => self.invite(who).await,
            RandomAction::Suspend(who) => self.suspend(who).await,
            RandomAction::ChangePassword(who) => self.change_password(who),
            RandomAction::MustChange(who) => {
                let person = &mut self.people[who];
                person.must_change = true;
                self.stage.directory.admin.replace(&person.dn, "pwdReset", &["TRUE"]);
            }
            _ => self.apply_to_page(action).await,
        }
    }

    async fn apply_to_page(&mut self, action: RandomAction) {
        let (tab, back) = match action {
            RandomAction::Password { tab, back, .. }
            | RandomAction::Code { tab, back, .. }
            | RandomAction::Redeem { tab, back, .. }
            | RandomAction::SetUp { tab, back, .. }
            | RandomAction::PutOff { tab, back }
            | RandomAction::NewPassword { tab, back }
            | RandomAction::Reopen { tab, back } => (tab, back),
            RandomAction::Stolen { tab, who } => return self.stolen(tab, who).await,
            _ => return,
        };
        // Only logins that have not ended, except for the third page back.
        let open = |seen: &&Seen| back == 3 || !self.ended.contains(&seen.login);
        let Some(at) = self.tabs[tab].seen.iter().rev().filter(open).nth(back).cloned() else { return };
        if back > 0 {
            self.count("step: an earlier page");
        }
        // Only a few wrong ones, so that the name does not come under attack.
        if let RandomAction::Password { who, right: false, .. } = action
            && self.people[who].wrong_passwords > 1
        {
            return;
        }
        match action {
            RandomAction::Password { who, right, .. } => self.password(tab, &at, who, right).await,
            RandomAction::Code { typed, remember, .. } => self.code(tab, &at, typed, remember).await,
            RandomAction::Redeem { of, .. } => self.redeem(tab, &at, of).await,
            RandomAction::SetUp { right, .. } => self.set_up(tab, &at, right).await,
            RandomAction::PutOff { .. } => self.put_off(tab, &at).await,
            RandomAction::NewPassword { .. } => self.new_password(tab, &at).await,
            _ => {
                let page = self.tabs[tab].browser.open(&at.page.url).await;
                self.arrive(tab, Seen { page, ..at }).await
            }
        };
    }

    /// The page that asks for a code accepts one right code, once.
    async fn guess(&mut self, tab: usize, who: Who, typed: [Typed; 3]) {
        let ask = Ask { fresh: true, acr: Acr::Voluntary, ..Ask::default() };
        let mut shown = self.start(tab, false, ask).await;
        shown = self.obey(tab, who, shown, false).await;
        for typed in typed {
            let Some(at) = self.tabs[tab].seen.last().cloned().filter(|_| shown == Shown::Code) else {
                return;
            };
            shown = self.code(tab, &at, typed, false).await;
        }
    }

    /// What was proven in one browser is not valid in another.
    async fn stolen(&mut self, tab: usize, who: Who) {
        let Some(at) = self.tabs[tab].seen.last().cloned() else { return };
        let thief = 1 - tab;
        self.count("step: another browser's page");
        let before = self.tabs[thief].seen.len();
        let shown = match shown_before(&at) {
            Shown::Code => self.code(thief, &at, Typed::Totp(who, 0), false).await,
            Shown::Enrol { .. } => self.set_up(thief, &at, true).await,
            _ => self.password(thief, &at, who, true).await,
        };
        if shown != Shown::Ended || self.tabs[thief].seen.len() != before {
            self.check(Err(format!("another browser's login continued: {shown:?}")));
        }
    }

    async fn reset(&mut self, who: Who) {
        self.count("factors reset");
        let account = self.account(who).await;
        factors::reset(&self.stage.provider.parts.login(), &account.id, &crate::support::desk())
            .await
            .expect("a reset");
        let person = &mut self.people[who];
        person.era += 1;
        person.phone = None;
        person.invitations.clear();
    }

    pub async fn invite(&mut self, who: Who) {
        let account = self.account(who).await;
        let made = factors::invite(&self.stage.provider.parts.login(), &account.id, &crate::support::desk())
            .await
            .expect("a code");
        self.people[who].invitations = [made.code].into();
    }

    async fn suspend(&mut self, who: Who) {
        self.count("account suspended");
        let account = self.account(who).await;
        let store = &self.stage.provider.parts.store;
        store.sync().suspend_here(account, self.now()).await.expect("the change is stored");
        self.people[who].suspended = true;
        self.people[who].era += 1;
    }

    fn change_password(&mut self, who: Who) {
        self.count("password changed in the directory");
        let person = &mut self.people[who];
        let (password, began) = (format!("Changed-{}-{}!", person.name, person.version + 1), directory_now());
        self.stage.directory.admin.replace(&person.dn, "userPassword", &[&password]);
        person.is_given(password, began);
    }

    /// Whether the directory accepts this password, without asking the provider.
    pub async fn binds(&self, who: Who, password: &str) -> bool {
        let (lab, dn, password) = (self.stage.directory, self.people[who].dn.clone(), password.to_owned());
        let bind = move || {
            let url = format!("ldaps://{}:{}", lab.addr, lab.tls_port);
            let tool = std::process::Command::new("ldapwhoami")
                .args(["-x", "-H", &url, "-D", &dn, "-w", &password])
                .env("LDAPTLS_REQCERT", "never")
                .output();
            tool.is_ok_and(|output| output.status.success())
        };
        tokio::task::spawn_blocking(bind).await.unwrap_or(false)
    }
}

fn shown_before(at: &Seen) -> Shown {
    super::steps::shown(&at.page).unwrap_or(Shown::Password)
}
