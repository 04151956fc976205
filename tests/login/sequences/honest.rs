//! Whatever has happened: a person who does what the page asks gets in, and the client gets its tokens.

use super::ledger::{Acr, Ask, Who};
use super::stage::{Tab, World};
use super::steps::{Shown, Typed};

const STEPS: usize = 12;
/// Longer than any wait after wrong codes.
const WAIT: i64 = 16 * 60_000;

impl World<'_> {
    pub async fn honest_people_get_in(&mut self) {
        self.trail.push("honest people".to_owned());
        self.tabs.push(Tab::new());
        for who in [0, 1] {
            // A suspended person stays out, and for a name under attack more is required.
            if self.people[who].suspended || self.people[who].wrong_passwords > 1 {
                continue;
            }
            let asks = [(false, Acr::Any), (true, Acr::Voluntary), (false, Acr::Essential), (true, Acr::Any)];
            let (strict, acr) = asks[(self.trail.len() + who) % asks.len()];
            self.gets_in(who, strict, acr).await;
        }
    }

    async fn gets_in(&mut self, who: Who, strict: bool, acr: Acr) {
        let tab = if who == 0 { 0 } else { self.tabs.len() - 1 };
        // The first person uses a browser of the sequence, the second a new one.
        let ask = Ask { fresh: true, acr, ..Ask::default() };
        let mut shown = self.start(tab, strict, ask).await;
        let mut way = vec![shown];
        for _ in 0..STEPS {
            if matches!(shown, Shown::Issued(_) | Shown::Denied) {
                break;
            }
            self.wait(WAIT / 8);
            shown = if shown == Shown::Ended {
                self.start(tab, strict, ask).await
            } else {
                self.obey(tab, who, shown, false).await
            };
            way.push(shown);
        }
        let Shown::Issued(code) = shown else {
            let text = self.tabs[tab].seen.last().map(|seen| seen.page.text()).unwrap_or_default();
            return self.check(Err(format!("{} does not get in: {way:?}: {text}", self.people[who].name)));
        };
        let done = self.exchange(code).await && self.refresh(self.families.len() - 1, false).await;
        if !done {
            self.check(Err(format!("{} gets no tokens: {way:?}", self.people[who].name)));
        }
        self.count("honest: got in");
    }

    /// Does what the page asks for.
    pub async fn obey(&mut self, tab: usize, who: Who, shown: Shown, lazy: bool) -> Shown {
        let Some(at) = self.tabs[tab].seen.last().cloned() else { return Shown::Ended };
        match shown {
            Shown::Password => self.password(tab, &at, who, true).await,
            Shown::Code | Shown::FactorFirst => {
                self.wait(30_000);
                self.code(tab, &at, Typed::Totp(who, 0), lazy).await
            }
            Shown::Invitation => {
                self.invite(who).await;
                self.redeem(tab, &at, who).await
            }
            Shown::Enrol { later: true } if lazy => self.put_off(tab, &at).await,
            Shown::Enrol { .. } => self.set_up(tab, &at, true).await,
            Shown::NewPassword => self.new_password(tab, &at).await,
            Shown::GoOn => self.go_on(tab, &at).await,
            Shown::Issued(_) | Shown::Denied | Shown::Ended => shown,
        }
    }
}
