//! Codes, exchanges and refreshes on the model.

use super::world::{Code, Family, Proofs, World};
use crate::domain::account::Status;
use crate::domain::evidence::Level;
use crate::domain::login::Authorized;
use crate::domain::policy::AcrAsk;
use crate::domain::settings::Required;

/// The result of a token request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TokenResult {
    Done,
    Refused,
}

impl World {
    pub(super) fn put_code(
        &mut self,
        authorized: &Authorized,
        client: usize,
        sid: String,
        known: Proofs,
    ) -> usize {
        let code = Code {
            travelling: serde_json::to_string(&authorized.to_sealed()).expect("plain data"),
            client,
            sid,
            known,
            taken: false,
            until: self.now + 60_000,
            family: self.number(),
            generation: self.generation,
        };
        self.codes.push(code);
        self.codes.len() - 1
    }

    /// Exchanges a code for tokens, once.
    pub(super) fn exchange(&mut self, at: usize) -> Result<TokenResult, String> {
        let now = self.now;
        let code = &mut self.codes[at];
        if code.taken {
            let family = code.family;
            self.families.iter_mut().filter(|one| one.id == family).for_each(|one| one.alive = false);
            self.count("exchange: refused, used before");
            return Ok(TokenResult::Refused);
        }
        if now >= code.until {
            return Ok(TokenResult::Refused);
        }
        code.taken = true;
        let travelled = serde_json::from_str(&code.travelling).expect("what was sealed");
        let authorized = Authorized::restore(travelled);
        let (client, sid, id, known, generation) =
            (code.client, code.sid.clone(), code.family, code.known.clone(), code.generation);
        let evidence = authorized.evidence();
        let has_session = self
            .sessions
            .iter()
            .any(|kept| kept.session.sid == sid && kept.session.evidence.account == evidence.account);
        if !has_session || !self.is_as_judged(&authorized, true) {
            self.count("exchange: refused, something changed");
            return Ok(TokenResult::Refused);
        }
        self.allows_exchange(&known, generation, evidence)?;
        self.count("exchange: done");
        let family = Family { id, evidence: evidence.clone(), client, known, alive: true, turn: 0 };
        self.families.push(family);
        Ok(TokenResult::Done)
    }

    /// Uses a refresh token; `old`: one that was used before.
    pub(super) fn refresh(&mut self, at: usize, old: bool) -> Result<TokenResult, String> {
        let family = &mut self.families[at];
        if !family.alive {
            return Ok(TokenResult::Refused);
        }
        if old && family.turn > 0 {
            family.alive = false;
            self.count("refresh: refused, an old token");
            return Ok(TokenResult::Refused);
        }
        let (evidence, client, known) = (family.evidence.clone(), family.client, family.known.clone());
        let groups = self.policy.required == Required::Groups
            && evidence.level() == Level::Sfa
            && !Self::client_requires(client);
        let who = self.who(&evidence.account);
        let (judgement, in_group) = self.judge_living(who, groups);
        let standing = self.standing(&evidence.account, client, &AcrAsk::default(), in_group, None);
        let passed = judgement.passed();
        let now = self.now;
        let authorized = passed.and_then(|passed| Authorized::by_refresh(passed, &evidence, &standing, now));
        let active = self.people[who].account.status == Status::Active;
        let Some(authorized) = authorized.filter(|_| active && self.families[at].alive) else {
            self.count("refresh: refused");
            return Ok(TokenResult::Refused);
        };
        self.allows_refresh(client, &known, authorized.evidence())?;
        self.families[at].turn += 1;
        self.count("refresh: done");
        Ok(TokenResult::Done)
    }
}
