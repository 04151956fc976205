//! Sessions of the admin panel. A session is bound to one role of one person, and to the browser session that
//! it came from. Each request checks all of it: by our record and the mirror, and by the directory itself once
//! the last answer is too old, or where the mirror disagrees.

use crate::domain::account::{Account, AccountId};
use crate::domain::admin::{
    Actor, ActorRequest, AdminHolder, AdminSession, Intent, ROLE_SEEN, ROLE_WITHOUT_DIRECTORY,
};
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::gates::{self, Judgement};
use crate::domain::login::LivingSession;
use crate::domain::secret::Hashed;
use crate::domain::session::Session;
use crate::domain::settings::Settings;
use crate::domain::{MINUTE, Millis};
use crate::flow::account::sign_out as browser;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::flow::person::rejudge::{self, PersonJudgement};
use crate::keys::Label;

/// How often the use of a session is written.
const TOUCH_EVERY: Millis = MINUTE;

/// An admin whose session was checked for this request.
#[derive(Clone, Debug)]
pub struct CheckedAdmin {
    pub session: AdminSession,
    pub actor: Actor,
    /// The person's name; for a link, who made it.
    pub shown_name: String,
    /// False if the directory could not be asked: the role that it confirmed before still counts for reading.
    pub confirmed: bool,
    browser: Option<Session>,
}

impl CheckedAdmin {
    /// A script with an access token; only its check calls it.
    #[must_use]
    pub(super) fn by_token(session: AdminSession, actor: Actor, shown_name: String) -> Self {
        Self { session, actor, shown_name, confirmed: true, browser: None }
    }

    /// The same, in the request of this visit: what is done is recorded with it.
    #[must_use]
    pub fn within(self, visit: &Visit) -> Self {
        let request = ActorRequest { attempt_id: visit.attempt_id.clone(), address: visit.address.clone() };
        Self { actor: self.actor.within(request), ..self }
    }

    /// True for a script.
    #[must_use]
    pub fn is_script(&self) -> bool {
        self.session.holder == AdminHolder::Token
    }

    /// True if the second factor was proven recently enough for a dangerous action.
    #[must_use]
    pub fn is_fresh(&self, now: Millis) -> bool {
        self.session.is_fresh(now)
    }
}

/// The digest under which the store knows a session of the panel.
#[must_use]
pub fn session_hash(parts: &LoginParts, id: &str) -> Hashed {
    parts.keys.sealer.hmac(Label::AdminSession, id.as_bytes())
}

/// The token of a form: valid for one session and one action.
#[must_use]
pub fn form_token(parts: &LoginParts, session: &AdminSession, path: &str) -> String {
    let bytes = [session.id_hash.0.as_slice(), path.as_bytes()].concat();
    hex::encode(parts.keys.sealer.hmac(Label::AdminForm, &bytes).0)
}

/// The mark of a notice: valid for one session, one page and these words.
#[must_use]
pub fn notice_mark(parts: &LoginParts, session: &AdminSession, page: &str, content: &str) -> String {
    let bytes = [session.id_hash.0.as_slice(), page.as_bytes(), b"\n", content.as_bytes()].concat();
    hex::encode(parts.keys.sealer.hmac(Label::AdminNotice, &bytes).0)
}

/// The admin with this session id; `None` if the session has ended. A directory that is not available is a
/// fault, except for reading within some minutes after it has confirmed the role.
pub async fn check(
    parts: &LoginParts,
    visit: &Visit,
    id: &str,
    intent: Intent,
) -> Result<Option<CheckedAdmin>, Fault> {
    let (current, now) = (parts.current(), parts.now());
    let found = parts.store.admin().session(&session_hash(parts, id), now).await?;
    let lifetimes = &current.settings.admin;
    let alive = |session: &AdminSession| session.is_alive(lifetimes.idle(), lifetimes.absolute(), now);
    let Some(found) = found.filter(|found| alive(&found.session)) else { return Ok(None) };
    let checked = match &found.session.holder {
        AdminHolder::Link { made_by } => Some(of_link(&current.settings, &found.session, made_by, now)),
        AdminHolder::Token => None,
        AdminHolder::Person { account, .. } => {
            let asked = Asked { parts, visit, current: &current, session: &found.session, intent, now };
            asked.of_person(account, found.signed_in.as_ref()).await?
        }
    };
    if let Some(CheckedAdmin { session, .. }) = &checked {
        let used_at = if intent == Intent::Watch { session.used_at } else { now };
        if used_at - session.used_at >= TOUCH_EVERY || session.role_seen_at != found.session.role_seen_at {
            parts.store.admin().touch(&session.id_hash, used_at, session.role_seen_at).await?;
        }
    }
    Ok(checked.map(|checked| checked.within(visit)))
}

/// While nobody could sign in to prove a factor, the link stays proof for the whole session: setting up takes
/// longer than ten minutes.
fn of_link(settings: &Settings, session: &AdminSession, made_by: &str, now: Millis) -> CheckedAdmin {
    let factor_at = if settings.names_owners() { session.factor_at } else { now };
    let session = &AdminSession { factor_at, ..session.clone() };
    let actor = Actor::break_glass(made_by.to_owned());
    let shown_name = made_by.to_owned();
    CheckedAdmin { session: session.clone(), actor, shown_name, confirmed: true, browser: None }
}

/// One request with the session of a person.
struct Asked<'a> {
    parts: &'a LoginParts,
    visit: &'a Visit,
    current: &'a Current,
    session: &'a AdminSession,
    intent: Intent,
    now: Millis,
}

impl Asked<'_> {
    async fn of_person(
        &self,
        account: &AccountId,
        signed_in: Option<&Hashed>,
    ) -> Result<Option<CheckedAdmin>, Fault> {
        let store = &self.parts.store;
        let browser = match signed_in {
            Some(id_hash) => store.login().session(id_hash).await?,
            None => None,
        };
        let account = store.identity().account(account).await?;
        let (Some(browser), Some(account)) = (browser, account.clone()) else {
            self.end(account.and_then(|account| self.why_not(&account))).await?;
            return Ok(None);
        };
        if self.intent == Intent::Leave {
            return self.by_record(account, browser, false).await;
        }
        let keeps = admin_role::by_mirror(store, self.current, &account).await? == Some(self.session.role);
        let staleness = self.current.settings.login.max_staleness().min(ROLE_SEEN);
        if keeps && self.seen_within(staleness) && !self.intent.always_asks() {
            return self.by_record(account, browser, true).await;
        }
        match rejudge::by_live_entry(store, &self.parts.clock, self.current, &account, true).await {
            Ok(judged) => self.by_directory(judged, account, browser).await,
            Err(error @ Fault::Directory(_)) if keeps && self.goes_on() => {
                let id = &self.visit.attempt_id;
                tracing::warn!(%id, error = %Causes(&error), "an admin's role can't be confirmed; reading goes on");
                self.by_record(account, browser, false).await
            }
            Err(error) => Err(error),
        }
    }

    fn seen_within(&self, longest: Millis) -> bool {
        (0..longest).contains(&(self.now - self.session.role_seen_at))
    }

    fn goes_on(&self) -> bool {
        self.intent.outlives_the_directory() && self.seen_within(ROLE_WITHOUT_DIRECTORY)
    }

    /// Why a person who is not signed in any more may not sign in; `None` after an ordinary sign-out.
    fn why_not(&self, account: &Account) -> Option<&'static str> {
        let enabled = self.current.settings.sso.enabled;
        let judgement = gates::judge_known(account, enabled, self.current.generation, self.now);
        judgement.refusal().map(|gate| gate.as_str())
    }

    /// Judged by the directory itself, just now.
    async fn by_directory(
        &self,
        judged: PersonJudgement,
        account: Account,
        browser: Session,
    ) -> Result<Option<CheckedAdmin>, Fault> {
        if judged.admin_role != Some(self.session.role) {
            self.end(Some(judged.judgement.refusal().map_or("role_changed", |gate| gate.as_str()))).await?;
            return Ok(None);
        }
        let account = judged.account.unwrap_or(account);
        let session = AdminSession { role_seen_at: self.now, ..self.session.clone() };
        self.valid(&judged.judgement, account, browser, session, true).await
    }

    /// Judged by our own record.
    async fn by_record(
        &self,
        account: Account,
        browser: Session,
        confirmed: bool,
    ) -> Result<Option<CheckedAdmin>, Fault> {
        let enabled = self.current.settings.sso.enabled;
        let judgement = gates::judge_known(&account, enabled, self.current.generation, self.now);
        self.valid(&judgement, account, browser, self.session.clone(), confirmed).await
    }

    async fn valid(
        &self,
        judgement: &Judgement,
        account: Account,
        browser: Session,
        session: AdminSession,
        confirmed: bool,
    ) -> Result<Option<CheckedAdmin>, Fault> {
        let lifetimes = &self.current.settings.session;
        let living =
            judgement.passed().and_then(|passed| LivingSession::new(passed, &browser, lifetimes, self.now));
        if living.is_none() {
            self.end(judgement.refusal().map(|gate| gate.as_str())).await?;
            return Ok(None);
        }
        let shown_name = account.profile.shown_name().to_owned();
        let actor = Actor::person(account.id, session.role);
        Ok(Some(CheckedAdmin { session, actor, shown_name, confirmed, browser: Some(browser) }))
    }

    /// Deletes the session. With a cause, the person has lost the role or the right to sign in, which is
    /// recorded.
    async fn end(&self, cause: Option<&str>) -> Result<(), Fault> {
        let event = match (&self.session.holder, cause) {
            (AdminHolder::Person { account, .. }, Some(cause)) => Some(Event {
                account_id: Some(account.0.clone()),
                cause: Some(cause.to_owned()),
                role: Some(self.session.role.as_str()),
                ..self.visit.event(self.now, Decision::AdminRefused)
            }),
            _ => None,
        };
        self.parts.store.admin().end(&self.session.id_hash, event.as_ref()).await?;
        Ok(())
    }
}

/// Records that an admin was refused: for the role, or for a form that our page did not send. Each of these
/// shares a row within an hour.
pub async fn record_refusal(
    parts: &LoginParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    cause: String,
) -> Result<(), Fault> {
    let event = Event {
        account_id: admin.actor.account().map(|account| account.0.clone()),
        cause: Some(cause),
        subject: Some(admin.actor.to_string()),
        keep: Keep::Short,
        ..visit.event(parts.now(), Decision::AdminRefused).by(&admin.actor)
    };
    Ok(parts.store.login().append(&event).await?)
}

/// Signs an admin out: of the panel, and of the browser session that it came from. True if there was one.
pub async fn sign_out(parts: &LoginParts, visit: &Visit, admin: &CheckedAdmin) -> Result<bool, Fault> {
    let event = Event {
        account_id: admin.actor.account().map(|account| account.0.clone()),
        ..visit.event(parts.now(), Decision::SignedOut).by(&admin.actor)
    };
    parts.store.admin().drop_drafts(&admin.session.owner_of_drafts()).await?;
    parts.store.admin().end(&admin.session.id_hash, Some(&event)).await?;
    if let Some(session) = &admin.browser {
        browser::sign_out(parts, visit, session, None).await?;
    }
    Ok(admin.browser.is_some())
}

/// Ends the session of the panel in a browser whose person signs out elsewhere: that of a break-glass link
/// would go on.
pub async fn leave(parts: &LoginParts, id: &str) -> Result<(), Fault> {
    parts.store.admin().end(&session_hash(parts, id), None).await?;
    Ok(())
}
