//! What browsers and clients send, and how the responses are recorded.

use cloudsync_idp::domain::factor::TotpSecret;
use reqwest::StatusCode;

use super::ledger::{Acr, Ask, FactorFact, Facts, PasswordFact, Phone, RememberedFact, Who, directory_now};
use super::stage::{HeldCode, HeldFamily, Seen, World};
use crate::support::browser::Page;

/// Text of the page that asks for a code before any password.
const NEVER_SET_UP: &str = "Have you never set up an authenticator app?";

/// The page that a browser has reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shown {
    Password,
    FactorFirst,
    Code,
    Invitation,
    Enrol {
        later: bool,
    },
    NewPassword,
    /// Recovery codes, or how many are left: there is a button to continue.
    GoOn,
    /// The number of a code.
    Issued(usize),
    /// Back at the client, with an error.
    Denied,
    /// The login has ended.
    Ended,
}

/// What is typed as a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Typed {
    /// The phone's code of this many steps from now.
    Totp(Who, i64),
    /// The person's code that was accepted last.
    Again(Who),
    Recovery(Who),
    /// A recovery code that was used.
    UsedRecovery(Who),
    Invitation(Who),
    Nonsense,
}

/// Whether a typed code is right.
enum Truth {
    Right,
    Wrong(&'static str),
}

impl World<'_> {
    /// A client redirects the browser to the provider.
    pub async fn start(&mut self, tab: usize, strict: bool, ask: Ask) -> Shown {
        self.logins += 1;
        let max_age = ask.max_age.map(|age| age.to_string()).unwrap_or_default();
        let mut changes = vec![("max_age", max_age.as_str())];
        if ask.silent {
            changes.push(("prompt", "none"));
        } else if ask.fresh {
            changes.push(("prompt", "login"));
        }
        match ask.acr {
            Acr::Any => {}
            Acr::Voluntary => {
                changes.push(("acr_values", "https://refeds.org/profile/mfa https://refeds.org/profile/sfa"))
            }
            Acr::SingleFirst => {
                changes.push(("acr_values", "https://refeds.org/profile/sfa https://refeds.org/profile/mfa"));
            }
            Acr::Essential => changes.push((
                "claims",
                r#"{"id_token":{"acr":{"essential":true,"value":"https://refeds.org/profile/mfa"}}}"#,
            )),
        }
        let url = self.client(strict).authorize(&changes).url;
        let page = self.tabs[tab].browser.open(&url).await;
        let (facts, login) = (Facts::default(), self.logins);
        self.arrive(tab, Seen { page, facts, login, strict, ask }).await
    }

    /// Follows the browser to the next page, or back to the client.
    pub async fn arrive(&mut self, tab: usize, mut at: Seen) -> Shown {
        while let Some(next) = at.page.location.clone().filter(|next| next.starts_with('/')) {
            at.page = self.tabs[tab].browser.open(&at.page.absolute(&next)).await;
        }
        if at.page.status.is_server_error() {
            self.check(Err(format!("{}: {}", at.page.status, at.page.text())));
        }
        if let Some(code) = at.page.parameter("code") {
            return self.issued(tab, &at, code);
        }
        if at.page.location.is_some() {
            self.count("back with an error");
            return Shown::Denied;
        }
        let Some(shown) = shown(&at.page) else { return Shown::Ended };
        self.count(match shown {
            Shown::Password => "page: password",
            Shown::FactorFirst => "page: code before the password",
            Shown::Code => "page: code",
            Shown::Invitation => "page: invitation",
            Shown::Enrol { .. } => "page: enrol",
            Shown::NewPassword => "page: new password",
            _ => "page: recovery codes",
        });
        self.tabs[tab].seen.push(at);
        shown
    }

    fn issued(&mut self, tab: usize, at: &Seen, code: String) -> Shown {
        self.ended.insert(at.login);
        let fresh = at.facts.password.is_some();
        let mut facts = at.facts.clone();
        facts.remembered = self.tabs[tab].remembered.clone().filter(|fact| self.now() < fact.until);
        if let (false, Some(session)) = (fresh, &self.tabs[tab].session) {
            facts.password = session.password.clone();
            facts.factors.extend(session.factors.iter().cloned());
            facts.remembered = facts.remembered.or_else(|| session.remembered.clone());
        }
        let verdict = self.allows(&facts, (at.strict, at.ask, at.login), fresh);
        self.check(verdict);
        self.count(match (fresh, facts.factors.is_empty()) {
            (true, true) => "code: by a password",
            (true, false) => "code: by a password and a factor",
            (false, _) => "code: by a session",
        });
        if at.page.cookie("cloudsync_session").is_some() {
            self.tabs[tab].session = Some(facts.clone());
        }
        if at.page.cookie("cloudsync_remembered").is_some()
            && let Some(fact) = facts.password.clone()
        {
            self.count("a browser remembered");
            let until = self.now() + self.policy.remember_days * 86_400_000;
            let remembered =
                RememberedFact { person: fact.person, era: fact.era, policy: self.policy.number, until };
            self.tabs[tab].remembered = Some(remembered);
        }
        let (strict, settings) = (at.strict, self.settings);
        let person = facts.password.as_ref().map(|fact| fact.person);
        let several = person.is_some_and(|who| self.wants_several(who, at.ask.acr));
        self.codes.push(HeldCode { code, facts, strict, several, used: false, settings });
        Shown::Issued(self.codes.len() - 1)
    }

    /// Sends a page's form from this browser, which may not be the one that was shown the page.
    async fn send(&self, tab: usize, at: &Seen, path: &str, typed: &[(&str, &str)]) -> Page {
        let mut fields = at.page.fields();
        for (name, value) in typed {
            fields.insert((*name).to_owned(), (*value).to_owned());
        }
        let fields: Vec<(&str, &str)> =
            fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        self.tabs[tab].browser.post(&at.page.absolute(path), &fields).await
    }

    pub async fn password(&mut self, tab: usize, at: &Seen, who: Who, right: bool) -> Shown {
        let mut next = at.clone();
        let person = self.people[who].clone();
        let password = if right { person.password.as_str() } else { "not-the-password" };
        if right {
            next.facts.password = Some(PasswordFact {
                person: who,
                at: self.now(),
                version: person.version,
                era: person.era,
                must_change: person.must_change,
                login: at.login,
            });
            next.facts.put_off = false;
        } else {
            self.people[who].wrong_passwords += 1;
            self.count("step: a wrong password");
        }
        let typed = [("username", person.name.as_str()), ("password", password)];
        next.page = self.send(tab, at, "/login", &typed).await;
        if next.page.status.is_client_error() {
            // Rejected, right or not: the page that is shown again proves what it proved before.
            next.facts = at.facts.clone();
        } else if right {
            self.people[who].newest_seen = person.version;
        }
        self.arrive(tab, next).await
    }

    /// The person person codes the page accepts: the owner of the password, else of the session.
    fn owner(&self, tab: usize, at: &Seen) -> Option<Who> {
        let session = || self.tabs[tab].session.as_ref().and_then(|facts| facts.password.as_ref());
        at.facts.password.as_ref().or_else(session).map(|fact| fact.person)
    }

    fn truth(&self, owner: Option<Who>, typed: Typed) -> (Option<String>, Truth) {
        let now = self.now() / 30_000;
        let phone = |who: Who| self.people[who].phone.as_ref();
        let (of, text, right, word) = match typed {
            Typed::Totp(of, ahead) => {
                let right = phone(of).is_some_and(|phone| ahead.abs() <= 1 && now + ahead > phone.last_step);
                (of, phone(of).map(|phone| phone.code(now + ahead)), right, "step: a used code")
            }
            Typed::Again(of) => {
                (of, phone(of).map(|phone| phone.code(phone.last_step)), false, "step: a used code")
            }
            Typed::Recovery(of) => {
                let code = phone(of).and_then(|phone| phone.recovery.first().cloned());
                (of, code, true, "step: a wrong code")
            }
            Typed::UsedRecovery(of) => {
                (of, phone(of).and_then(|phone| phone.used.first().cloned()), false, "step: a used code")
            }
            Typed::Invitation(of) => {
                let right = phone(of).is_some();
                (of, self.people[of].invitations.first().cloned(), right, "step: a wrong code")
            }
            Typed::Nonsense => (0, Some("000000".to_owned()), false, "step: a wrong code"),
        };
        match (text, owner) {
            (None, _) => (None, Truth::Wrong("")),
            (text, Some(owner)) if of != owner && typed != Typed::Nonsense => {
                (text, Truth::Wrong("step: another person's code"))
            }
            (text, Some(_)) if right => (text, Truth::Right),
            (text, _) => (text, Truth::Wrong(word)),
        }
    }

    /// Types a code on this page, which may not ask for one.
    pub async fn code(&mut self, tab: usize, at: &Seen, typed: Typed, remember: bool) -> Shown {
        let (owner, mut next) = (self.owner(tab, at), at.clone());
        let (text, truth) = self.truth(owner, typed);
        let Some(text) = text else { return Shown::Ended };
        let tick = if remember { "yes" } else { "" };
        next.page = self.send(tab, at, "/login/factor", &[("code", &text), ("remember", tick)]).await;
        let taken = next.page.status == StatusCode::SEE_OTHER || shown(&next.page) == Some(Shown::GoOn);
        match (truth, owner) {
            (Truth::Right, Some(who)) if taken => {
                self.count("step: a right code");
                next.facts.factors.push(FactorFact { person: who, era: self.people[who].era });
                self.spend(who, typed, &text);
            }
            (Truth::Wrong(word), _) if !word.is_empty() => self.count(word),
            _ => {}
        }
        self.arrive(tab, next).await
    }

    fn spend(&mut self, who: Who, typed: Typed, text: &str) {
        let now = self.now() / 30_000;
        let person = &mut self.people[who];
        match typed {
            Typed::Totp(_, ahead) => {
                if let Some(phone) = &mut person.phone {
                    phone.last_step = now + ahead;
                }
            }
            Typed::Recovery(_) => {
                if let Some(phone) = &mut person.phone {
                    phone.recovery.retain(|code| code != text);
                    phone.used.push(text.to_owned());
                }
                self.count("step: a recovery code");
            }
            Typed::Invitation(_) => {
                person.invitations.remove(text);
                self.count("step: the help desk's code");
            }
            Typed::Again(_) | Typed::UsedRecovery(_) | Typed::Nonsense => {}
        }
    }

    pub async fn redeem(&mut self, tab: usize, at: &Seen, of: Who) -> Shown {
        let (owner, mut next) = (self.owner(tab, at), at.clone());
        let Some(code) = self.people[of].invitations.first().cloned() else { return Shown::Ended };
        next.page = self.send(tab, at, "/login/invitation", &[("code", &code)]).await;
        if next.page.status == StatusCode::SEE_OTHER && owner == Some(of) {
            self.count("step: the help desk's code");
            self.people[of].invitations.remove(&code);
            next.facts.invited = Some((of, self.people[of].era));
        }
        self.arrive(tab, next).await
    }

    /// Sets up an authenticator, with the code of a phone that has read the key on the page.
    pub async fn set_up(&mut self, tab: usize, at: &Seen, right: bool) -> Shown {
        let (owner, mut next) = (self.owner(tab, at), at.clone());
        let Some(secret) = key(&at.page) else { return Shown::Ended };
        let step = self.now() / 30_000;
        let phone = Phone { secret, last_step: step, recovery: Vec::new(), used: Vec::new() };
        let code = if right { phone.code(step) } else { "000000".to_owned() };
        next.page = self.send(tab, at, "/login/enrol", &[("code", &code)]).await;
        let recovery = recovery_codes(&next.page);
        if !recovery.is_empty() {
            self.count("step: set up");
            let verdict = self.may_be_set_up(owner, &next.facts, right);
            self.check(verdict);
            if let Some(who) = owner {
                next.facts.factors.push(FactorFact { person: who, era: self.people[who].era });
                self.people[who].phone = Some(Phone { recovery, ..phone });
            }
        }
        self.arrive(tab, next).await
    }

    fn may_be_set_up(&self, owner: Option<Who>, facts: &Facts, right: bool) -> Result<(), String> {
        let who = owner.ok_or("a set-up without a person")?;
        let person = &self.people[who];
        let typed = facts
            .password
            .as_ref()
            .is_some_and(|fact| fact.era == person.era && !person.is_outdated(fact.version));
        let invited = self.policy.enrolment == "alone" || facts.invited == Some((who, person.era));
        match (right, person.phone.is_none(), typed, invited) {
            (true, true, true, true) => Ok(()),
            so => Err(format!("a set-up: right code, first authenticator, password, invitation: {so:?}")),
        }
    }

    pub async fn put_off(&mut self, tab: usize, at: &Seen) -> Shown {
        self.count("step: put off");
        let mut next = at.clone();
        next.facts.put_off = true;
        next.page = self.send(tab, at, "/login/enrol/later", &[]).await;
        self.arrive(tab, next).await
    }

    pub async fn go_on(&mut self, tab: usize, at: &Seen) -> Shown {
        let mut next = at.clone();
        next.page = self.send(tab, at, "/login/recovery-codes", &[]).await;
        self.arrive(tab, next).await
    }

    pub async fn new_password(&mut self, tab: usize, at: &Seen) -> Shown {
        let Some(fact) = at.facts.password.clone() else { return Shown::Ended };
        let (mut next, who, began) = (at.clone(), fact.person, directory_now());
        let old = self.people[who].password.clone();
        let new = format!("Another-{}-{}!", self.people[who].name, self.people[who].version + 1);
        let typed = [("current", old.as_str()), ("new", &new), ("again", &new)];
        next.page = self.send(tab, at, "/login/password", &typed).await;
        let done = next.page.status == StatusCode::SEE_OTHER && self.binds(who, &new).await;
        if done {
            self.count("step: a new password");
            let now = self.now();
            let person = &mut self.people[who];
            person.is_given(new, began);
            (person.must_change, person.newest_seen) = (false, person.version);
            next.facts.password =
                Some(PasswordFact { at: now, version: person.version, must_change: false, ..fact });
        }
        self.arrive(tab, next).await
    }

    pub async fn exchange(&mut self, at: usize) -> bool {
        let (code, strict, used) = (self.codes[at].code.clone(), self.codes[at].strict, self.codes[at].used);
        let tokens = self.client(strict).exchange_code(&code).await;
        self.codes[at].used = true;
        if tokens.status != StatusCode::OK {
            self.count(if used { "exchange: refused, used before" } else { "exchange: refused" });
            return false;
        }
        self.count("exchange: done");
        let (facts, several, settings) =
            (self.codes[at].facts.clone(), self.codes[at].several, self.codes[at].settings);
        let verdict = self.holds(&facts);
        self.check(verdict);
        if used || settings != self.settings {
            self.check(Err("a code was accepted twice, or after the settings had changed".to_owned()));
        }
        let verdict = self.claims_are_true(&tokens.payload("id_token"), &facts, several);
        self.check(verdict);
        let tokens = vec![tokens.text("refresh_token").to_owned()];
        self.families.push(HeldFamily { tokens, facts, strict });
        true
    }

    /// `old`: with a token that was used before.
    pub async fn refresh(&mut self, at: usize, old: bool) -> bool {
        let family = &self.families[at];
        let used = old && family.tokens.len() > 1;
        let token = if used { &family.tokens[0] } else { family.tokens.last().expect("one") };
        let (token, facts, strict) = (token.clone(), family.facts.clone(), family.strict);
        let tokens = self.client(strict).refresh(&token).await;
        if tokens.status != StatusCode::OK {
            self.count("refresh: refused");
            return false;
        }
        self.count("refresh: done");
        let same = self.families[at].tokens.last().is_some_and(|last| last == tokens.text("refresh_token"));
        if used && !same {
            self.check(Err("a refresh token was accepted twice".to_owned()));
        }
        let verdict = self.allows_refresh(&facts, strict);
        self.check(verdict);
        if !tokens.text("id_token").is_empty() {
            let verdict = self.claims_are_true(&tokens.payload("id_token"), &facts, false);
            self.check(verdict);
        }
        // Within the grace period the previous token may come once more, and gets the current one.
        if !same {
            self.families[at].tokens.push(tokens.text("refresh_token").to_owned());
        }
        true
    }
}

/// The kind of page, by the targets of its forms.
pub fn shown(page: &Page) -> Option<Shown> {
    let has = |path: &str| page.body.contains(&format!("action=\"{path}\""));
    Some(match () {
        () if has("/login/factor") && page.body.contains(NEVER_SET_UP) => Shown::FactorFirst,
        () if has("/login/factor") => Shown::Code,
        () if has("/login/invitation") => Shown::Invitation,
        () if has("/login/enrol") => Shown::Enrol { later: has("/login/enrol/later") },
        () if has("/login/password") => Shown::NewPassword,
        () if has("/login/recovery-codes") => Shown::GoOn,
        () if has("/login") => Shown::Password,
        () => return None,
    })
}

/// The key that the page shows for typing.
fn key(page: &Page) -> Option<TotpSecret> {
    let text = page.body.split("<code class=\"key\" dir=\"ltr\">").nth(1)?.split('<').next()?;
    TotpSecret::from_base32(text).ok()
}

fn recovery_codes(page: &Page) -> Vec<String> {
    let Some(list) = page.body.split("data-codes>").nth(1).and_then(|rest| rest.split("</ol>").next()) else {
        return Vec::new();
    };
    let codes = list.split("<code>").skip(1);
    codes.filter_map(|rest| rest.split('<').next()).map(str::to_owned).collect()
}
