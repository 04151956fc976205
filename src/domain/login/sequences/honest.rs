//! After any history: people who do what the page asks get in within a few steps, and the client gets its
//! tokens.

use super::forms::TypedCode;
use super::product::Shown;
use super::tokens::TokenResult;
use super::world::{CLIENTS, ModelBrowser, PEOPLE, Who, World};
use crate::domain::MINUTE;
use crate::domain::evidence::Level;
use crate::domain::login::Ask;
use crate::domain::policy::AcrAsk;

/// Name and password, help-desk code, set-up or code, new password, and once all of it again.
const STEPS: usize = 8;

impl World {
    pub(super) fn honest_people_get_in(&mut self) -> Result<(), String> {
        self.browsers.push(ModelBrowser::default());
        for who in 0..PEOPLE {
            let person = &mut self.people[who];
            person.entry.disabled = false;
            // Attackers can keep out a person who has neither a factor nor a known browser.
            person.attacked = person.attacked && person.factor.is_some();
            let browser = who % self.browsers.len();
            let acr = match who {
                0 => AcrAsk::default(),
                1 => AcrAsk { wishes: vec![Level::Mfa], essential: vec![] },
                _ => AcrAsk { wishes: vec![], essential: vec![Level::Mfa] },
            };
            for client in 0..CLIENTS {
                self.gets_in(who, browser, client, &acr)?;
            }
        }
        Ok(())
    }

    fn gets_in(&mut self, who: Who, browser: usize, client: usize, acr: &AcrAsk) -> Result<(), String> {
        let subject = Some(self.people[who].account.id.clone());
        let ask = Ask { subject, acr: acr.clone(), ..Ask::default() };
        let mut shown = self.start(browser, client, ask.clone())?;
        let mut way = vec![shown];
        for _ in 0..STEPS {
            if let Shown::Issued(_) = shown {
                break;
            }
            let Some(blob) = self.browsers[browser].blobs.last().cloned() else { break };
            // The next code of the authenticator.
            self.now += MINUTE;
            shown = match shown {
                Shown::Password => self.password(browser, &blob, who, true)?,
                Shown::FactorFirst | Shown::Code => {
                    self.code(browser, &blob, TypedCode::Totp(who, 0), false)?
                }
                Shown::Invitation { .. } => {
                    let code = self.number();
                    self.people[who].invitation = Some(code);
                    self.redeem(browser, &blob, who)?
                }
                Shown::Enrol { .. } => self.set_up(browser, &blob, true)?,
                Shown::NewPassword => self.new_password(browser, &blob, true)?,
                Shown::Ended => self.start(browser, client, ask.clone())?,
                Shown::Issued(_) | Shown::LoginRequired | Shown::InteractionRequired | Shown::Refused => {
                    break;
                }
            };
            way.push(shown);
        }
        let Shown::Issued(code) = shown else {
            return Err(format!("person {who} at client {client} does not get in: {way:?}"));
        };
        let tokens = self.exchange(code)?;
        let refreshed =
            if tokens == TokenResult::Done { self.refresh(self.families.len() - 1, false)? } else { tokens };
        if refreshed != TokenResult::Done {
            return Err(format!(
                "person {who} at client {client} gets no tokens: {way:?}, {tokens:?}, {refreshed:?}"
            ));
        }
        self.count("honest: got in");
        Ok(())
    }
}
