//! A login in progress: the checked request, sealed, bound to the browser that started it, and carried by that browser.
//! Whoever only starts logins takes no room of ours, so nobody can use it up. What is kept is that a login was spent,
//! and only who has proven a password spends one. That is kept in the store: a login stays spent over a restart.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::login::{Ask, Progress, SealedProgress};
use crate::domain::secret::{Hashed, Sealed};
use crate::domain::{MINUTE, Millis};
use crate::flow::installation::context::Parts;
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::oidc::authorize::AuthorizeRequest;
use crate::oidc::params::LONGEST_TOKEN;
use crate::store::SpentLogin;

const KIND: &str = "pending";
/// How long a spent login is marked in short-lived state.
const MARKED: Millis = 5 * MINUTE;

/// A login in progress.
#[derive(Clone, Debug)]
pub struct Pending {
    /// What forms and addresses carry: the login itself, which opens only here, and only for its browser.
    pub id: String,
    /// What the client asked for.
    pub request: AuthorizeRequest,
    /// What that asks of the sign-in, the person of its verified hint included.
    pub ask: Ask,
    /// What was proven in it so far.
    pub progress: Progress,
    serial: String,
    expires_at: Millis,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    serial: String,
    request: AuthorizeRequest,
    ask: Ask,
    progress: SealedProgress,
    expires_at: Millis,
}

/// Starts a login in the browser with this id (the value of its login cookie).
pub fn start(
    parts: &Parts,
    (request, ask): (AuthorizeRequest, Ask),
    browser: &str,
    lifetime: Millis,
) -> Result<Pending, Fault> {
    let content = Content {
        serial: parts.random_id(),
        request,
        ask,
        progress: Progress::default().to_sealed(),
        expires_at: parts.now() + lifetime,
    };
    seal(parts, content, browser)
}

/// The same login after a step: another id, which carries what was proven. The ids before stay good for what they carry.
pub fn advanced(
    parts: &Parts,
    pending: &Pending,
    progress: &Progress,
    browser: &str,
) -> Result<Pending, Fault> {
    let content = Content {
        serial: pending.serial.clone(),
        request: pending.request.clone(),
        ask: pending.ask.clone(),
        progress: progress.to_sealed(),
        expires_at: pending.expires_at,
    };
    seal(parts, content, browser)
}

/// The same request from its beginning, for another person: whatever was proven is worth nothing any more, on no page that
/// the browser may still show.
pub async fn started_over(parts: &Parts, pending: &Pending, browser: &str) -> Result<Pending, Fault> {
    cancel(parts, pending).await?;
    let (request, ask) = for_anybody(pending);
    let content = Content {
        serial: parts.random_id(),
        request,
        ask,
        progress: Progress::default().to_sealed(),
        expires_at: pending.expires_at,
    };
    seal(parts, content, browser)
}

/// What was asked for, without what was meant for the person who is "not you".
fn for_anybody(pending: &Pending) -> (AuthorizeRequest, Ask) {
    if pending.request.is_ours() {
        let request = AuthorizeRequest::for_ourselves(pending.request.redirect_uri.clone());
        let ask = request.ask(None);
        return (request, ask);
    }
    (AuthorizeRequest { login_hint: None, ..pending.request.clone() }, pending.ask.clone())
}

/// Ends a login that the person does not go on with. One in which nothing was proven is worth no more than the request that
/// began it: it takes no room here, so that nobody can use it up by cancelling.
pub async fn cancel(parts: &Parts, pending: &Pending) -> Result<(), Fault> {
    if pending.has_proven() { spend(parts, pending).await } else { Ok(()) }
}

fn seal(parts: &Parts, content: Content, browser: &str) -> Result<Pending, Fault> {
    let bytes = serde_json::to_vec(&content).map_err(|_| Fault::LoginEnded)?;
    let Sealed(sealed) = parts.keys.sealer.seal(KIND, browser, &bytes);
    let id = BASE64_URL_SAFE_NO_PAD.encode(sealed);
    // Longer than what is read again: better told now than after the password.
    if id.len() > LONGEST_TOKEN { Err(Fault::LoginEnded) } else { Ok(content.named(id)) }
}

/// The login with this id, if it is this browser's: a stolen id is worth nothing in another one.
pub async fn load(parts: &Parts, id: &str, browser: &str) -> Result<Pending, Fault> {
    let now = parts.now();
    let content = open(parts, id, browser).filter(|content| now < content.expires_at);
    let content = content.ok_or(Fault::LoginEnded)?;
    // The redirect URI was registered when the login began; codes go nowhere that was taken out since.
    let known = content.request.is_ours() || content.request.client(&parts.current().settings).is_some();
    if !known || parts.volatile.counted(&mark_of(&content.serial), now).await? > 0 {
        return Err(Fault::LoginEnded);
    }
    let pending = content.named(id.to_owned());
    // The mark does not last as long as the login. What was proven in a login that has ended opens no page any more: not the
    // set-up of an authenticator by whoever finds it in the history of a shared browser.
    if pending.has_proven() && parts.store.login().is_spent(&pending.serial).await? {
        return Err(Fault::LoginEnded);
    }
    Ok(pending)
}

impl Pending {
    fn has_proven(&self) -> bool {
        self.progress.password.is_some() || self.progress.factor.is_some()
    }

    /// What is spent with it: by the transaction that issues what it was for.
    #[must_use]
    pub fn spent(&self) -> SpentLogin<'_> {
        SpentLogin { serial: &self.serial, expires_at: self.expires_at }
    }
}

/// Spends a login that comes to nothing.
async fn spend(parts: &Parts, pending: &Pending) -> Result<(), Fault> {
    if pending.expires_at <= parts.now() || !parts.store.login().spend_login(pending.spent()).await? {
        return Err(Fault::LoginEnded);
    }
    mark(parts, pending).await;
    Ok(())
}

/// Marks a login that was spent, so that whoever presses "back" is told so at once. Without the mark they are told when
/// they have typed their password once more: a mark that can't be made fails nothing.
pub async fn mark(parts: &Parts, pending: &Pending) {
    if let Err(error) = parts.volatile.count(&mark_of(&pending.serial), MARKED, parts.now()).await {
        tracing::debug!(%error, "a spent login could not be marked");
    }
}

fn mark_of(serial: &str) -> String {
    format!("spent:{serial}")
}

/// The form token of a login: only this browser's forms carry it.
#[must_use]
pub fn csrf_token(parts: &Parts, pending_id: &str, browser: &str) -> String {
    let Hashed(digest) = parts.keys.sealer.hmac(Label::Csrf, format!("{pending_id}.{browser}").as_bytes());
    hex::encode(digest)
}

fn open(parts: &Parts, id: &str, browser: &str) -> Option<Content> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(id).ok()?);
    serde_json::from_slice(&parts.keys.sealer.open(KIND, browser, &sealed).ok()?).ok()
}

impl Content {
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
