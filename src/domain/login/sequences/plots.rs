//! Chains of actions that random choice rarely produces: proofs in a login that stays open while the account
//! or the person at the browser changes.

use super::forms::TypedCode;
use super::product::Shown;
use super::world::{Who, World};
use crate::domain::login::Ask;

impl World {
    /// A sign-in of at most this many steps, as far as this person gets; returns the number of its code.
    pub(super) fn visit(
        &mut self,
        (browser, who): (usize, Who),
        client: usize,
        ask: Ask,
        (steps, remember): (usize, bool),
    ) -> Result<Option<usize>, String> {
        let mut shown = self.start(browser, client, ask)?;
        for _ in 0..steps {
            shown = match shown {
                Shown::Issued(code) => return Ok(Some(code)),
                Shown::LoginRequired | Shown::InteractionRequired | Shown::Ended | Shown::Refused => {
                    return Ok(None);
                }
                _ => self.obey(browser, who, remember)?,
            };
        }
        Ok(None)
    }

    /// While strangers try wrong passwords, a code is requested first: the login stays open with that code
    /// alone.
    pub(super) fn besieged(&mut self, browser: usize, client: usize, who: Who) -> Result<(), String> {
        let before = std::mem::take(&mut self.browsers[browser].device);
        self.people[who].attacked = true;
        self.start(browser, client, Ask { fresh: client == 0, ..Ask::default() })?;
        for step in 0..2 {
            let Some(blob) = self.browsers[browser].blobs.last().cloned() else { break };
            match step {
                0 => self.password(browser, &blob, who, true)?,
                _ => self.code(browser, &blob, TypedCode::Totp(who, 0), false)?,
            };
        }
        self.people[who].attacked = false;
        self.browsers[browser].device = before;
        Ok(())
    }

    /// A login stays open; its owner may be reset, and another person signs in in the same browser; then it
    /// continues.
    pub(super) fn midway(
        &mut self,
        browser: usize,
        (who, reset, by_session): (Who, bool, bool),
        then: Who,
    ) -> Result<(), String> {
        let blobs = &self.browsers[browser].blobs;
        let Some(blob) = blobs.iter().rev().find(|blob| self.is_open(blob)).cloned() else { return Ok(()) };
        if reset {
            self.reset(who);
        }
        let fresh = Ask { fresh: true, ..Ask::default() };
        self.visit((browser, then), 0, fresh, (5, false))?;
        if !self.is_open(&blob) {
            return Ok(());
        }
        self.count("a login continues after a change");
        let shown = if by_session {
            self.advance(browser, &blob, blob.opened(), blob.known.clone())?
        } else {
            self.password(browser, &blob, then, true)?
        };
        if let Shown::Enrol { .. } = shown {
            // The page that shows the key.
            let last = self.browsers[browser].blobs.last().cloned().unwrap_or(blob);
            self.set_up(browser, &last, true)?;
        }
        Ok(())
    }
}
