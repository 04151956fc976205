//! A login in progress: the checked request, sealed, bound to the browser that started it, and carried by
//! that browser. Starting logins therefore uses no storage, so nobody can exhaust it. Stored is only that a
//! login was spent, and only a person who has proven a password can spend one. That record is in the store,
//! so a login stays spent after a restart.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::login::{Ask, Progress, SealedProgress};
use crate::domain::secret::{Hashed, Sealed};
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::oidc::authorize::AuthorizeRequest;
use crate::oidc::params::LONGEST_TOKEN;
use crate::store::SpentLogin;

const KIND: &str = "pending";
/// How long a spent login is marked in short-lived state.
const MARKED: Millis = 5 * MINUTE;

/// A login in progress, opened.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What forms and URLs carry: the sealed login, which opens only here and only for its browser.
    pub id: String,
    pub request: AuthorizeRequest,
    /// What the request demands of the sign-in, including the person of its verified hint.
    pub ask: Ask,
    pub progress: Progress,
    serial: String,
    expires_at: Millis,
}

/// The sealed part.
#[derive(Serialize, Deserialize)]
struct LoginContent {
    serial: String,
    request: AuthorizeRequest,
    ask: Ask,
    progress: SealedProgress,
    expires_at: Millis,
}

/// Starts a login in the browser with this id (the value of its login cookie).
pub fn start(
    parts: &LoginParts,
    request: AuthorizeRequest,
    ask: Ask,
    browser_id: &str,
    lifetime: Millis,
) -> Result<Pending, Fault> {
    let content = LoginContent {
        serial: parts.random_id(),
        request,
        ask,
        progress: Progress::default().to_sealed(),
        expires_at: parts.now() + lifetime,
    };
    seal(parts, content, browser_id)
}

/// The same login after a step, under a new id with what was proven. Earlier ids keep what they carry.
pub fn advanced(
    parts: &LoginParts,
    pending: &Pending,
    progress: &Progress,
    browser_id: &str,
) -> Result<Pending, Fault> {
    let content = LoginContent {
        serial: pending.serial.clone(),
        request: pending.request.clone(),
        ask: pending.ask.clone(),
        progress: progress.to_sealed(),
        expires_at: pending.expires_at,
    };
    seal(parts, content, browser_id)
}

/// Starts the request over, for the same person or another: what was proven counts on no page that is still
/// open.
pub async fn started_over(parts: &LoginParts, pending: &Pending, browser_id: &str) -> Result<Pending, Fault> {
    cancel(parts, pending).await?;
    let (request, ask) = for_anybody(pending);
    let content = LoginContent {
        serial: parts.random_id(),
        request,
        ask,
        progress: Progress::default().to_sealed(),
        expires_at: pending.expires_at,
    };
    seal(parts, content, browser_id)
}

/// The request without what it says of the person who used the browser before.
fn for_anybody(pending: &Pending) -> (AuthorizeRequest, Ask) {
    if pending.request.is_ours() {
        let page = pending.request.redirect_uri.clone();
        let request = match pending.request.is_for_panel() {
            true => AuthorizeRequest::for_panel(page),
            false => AuthorizeRequest::for_ourselves(page),
        };
        let ask = request.ask(None);
        return (request, ask);
    }
    (AuthorizeRequest { login_hint: None, ..pending.request.clone() }, pending.ask.clone())
}

/// Cancels a login. If nothing was proven it is worth no more than its request, so nothing is stored and
/// nobody can exhaust the storage by cancelling.
pub async fn cancel(parts: &LoginParts, pending: &Pending) -> Result<(), Fault> {
    if pending.has_proven() { spend(parts, pending).await } else { Ok(()) }
}

fn seal(parts: &LoginParts, content: LoginContent, browser_id: &str) -> Result<Pending, Fault> {
    let bytes = serde_json::to_vec(&content).map_err(|_| Fault::LoginEnded)?;
    let Sealed(sealed) = parts.keys.sealer.seal(KIND, browser_id, &bytes);
    let id = BASE64_URL_SAFE_NO_PAD.encode(sealed);
    // Too long to be read again: fail now and not after the password.
    if id.len() > LONGEST_TOKEN { Err(Fault::LoginEnded) } else { Ok(content.named(id)) }
}

/// Opens the login with this id for the browser that started it; a stolen id is worthless in another browser.
pub async fn load(parts: &LoginParts, id: &str, browser_id: &str) -> Result<Pending, Fault> {
    let now = parts.now();
    let content = open(parts, id, browser_id).filter(|content| now < content.expires_at);
    let content = content.ok_or(Fault::LoginEnded)?;
    // The redirect URI was registered when the login began; no code is sent to one that was removed since.
    let known = content.request.is_ours() || content.request.client(&parts.current().settings).is_some();
    if !known || parts.volatile.counted(&mark_of(&content.serial), now).await? > 0 {
        return Err(Fault::LoginEnded);
    }
    let pending = content.named(id.to_owned());
    // The mark does not last as long as the login. A login that has ended must open no page, so that a person
    // who finds the URL in the history of a shared browser can't set up an authenticator.
    if pending.has_proven() && parts.store.login().is_spent(&pending.serial).await? {
        return Err(Fault::LoginEnded);
    }
    Ok(pending)
}

impl Pending {
    fn has_proven(&self) -> bool {
        self.progress.password.is_some() || self.progress.factor.is_some()
    }

    /// The record of the spent login, for the transaction that issues its session.
    #[must_use]
    pub fn spent(&self) -> SpentLogin<'_> {
        SpentLogin { serial: &self.serial, expires_at: self.expires_at }
    }
}

/// Spends a login that is abandoned.
async fn spend(parts: &LoginParts, pending: &Pending) -> Result<(), Fault> {
    if pending.expires_at <= parts.now() || !parts.store.login().spend_login(pending.spent()).await? {
        return Err(Fault::LoginEnded);
    }
    mark(parts, pending).await;
    Ok(())
}

/// Marks a spent login, so that a person who presses "back" sees at once that it has ended. Without the mark
/// they see it after typing the password again, so an error here is only logged.
pub async fn mark(parts: &LoginParts, pending: &Pending) {
    if let Err(error) = parts.volatile.count(&mark_of(&pending.serial), MARKED, parts.now()).await {
        tracing::debug!(%error, "a spent login could not be marked");
    }
}

fn mark_of(serial: &str) -> String {
    format!("spent:{serial}")
}

/// The form token of a login, valid for this browser only.
#[must_use]
pub fn csrf_token(parts: &LoginParts, pending_id: &str, browser_id: &str) -> String {
    let Hashed(digest) = parts.keys.sealer.hmac(Label::Csrf, format!("{pending_id}.{browser_id}").as_bytes());
    hex::encode(digest)
}

fn open(parts: &LoginParts, id: &str, browser_id: &str) -> Option<LoginContent> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?);
    serde_json::from_slice(&parts.keys.sealer.open(KIND, browser_id, &sealed).ok()?).ok()
}

impl LoginContent {
    fn named(self, id: String) -> Pending {
        Pending {
            id,
            request: self.request,
            ask: self.ask,
            progress: Progress::restore(self.progress),
            serial: self.serial,
            expires_at: self.expires_at,
        }
    }
}
