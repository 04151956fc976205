//! A login in progress: the checked request, sealed, and bound to the browser that started it.

use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::secret::Hashed;
use crate::flow::context::Parts;
use crate::flow::fault::Fault;
use crate::oidc::authorize::AuthorizeRequest;
use crate::volatile::Taken;

const KIND: &str = "pending";

/// A login in progress.
#[derive(Clone, Debug)]
pub struct Pending {
    /// Names it in forms and addresses; worth nothing in another browser.
    pub id: String,
    /// What the client asked for.
    pub request: AuthorizeRequest,
}

/// What is sealed.
#[derive(Serialize, Deserialize)]
struct Content {
    request: AuthorizeRequest,
    browser: String,
    expires_at: Millis,
}

/// Starts a login in the browser with this id (the value of its login cookie).
pub async fn start(
    parts: &Parts,
    request: AuthorizeRequest,
    browser: &str,
    lifetime: Millis,
) -> Result<Pending, Fault> {
    let id = parts.random_id();
    let expires_at = parts.now() + lifetime;
    let content = Content { request: request.clone(), browser: browser_key(parts, browser), expires_at };
    let bytes = serde_json::to_vec(&content).map_err(|_| Fault::LoginEnded)?;
    parts.volatile.put(KIND, &id, parts.keys.sealer.seal(KIND, &id, &bytes), expires_at, parts.now()).await?;
    Ok(Pending { id, request })
}

/// The login with this id, if it is this browser's.
pub async fn load(parts: &Parts, id: &str, browser: &str) -> Result<Pending, Fault> {
    let now = parts.now();
    let sealed = parts.volatile.get(KIND, id, now).await?.ok_or(Fault::LoginEnded)?;
    let bytes = parts.keys.sealer.open(KIND, id, &sealed).map_err(|_| Fault::LoginEnded)?;
    let content: Content = serde_json::from_slice(&bytes).map_err(|_| Fault::LoginEnded)?;
    // A stolen id is worth nothing in another browser.
    if content.browser != browser_key(parts, browser) || content.expires_at <= now {
        return Err(Fault::LoginEnded);
    }
    // The redirect URI was registered when the login began; codes go nowhere that was taken out since.
    if content.request.client(&parts.current().settings).is_none() {
        return Err(Fault::LoginEnded);
    }
    Ok(Pending { id: id.to_owned(), request: content.request })
}

/// Spends the login: of two requests that finish it at the same time, one gets through.
pub async fn spend(parts: &Parts, pending: &Pending) -> Result<(), Fault> {
    match parts.volatile.take(KIND, &pending.id, parts.now(), b"").await? {
        Taken::First(_) => Ok(()),
        Taken::Again(_) | Taken::Unknown => Err(Fault::LoginEnded),
    }
}

/// The form token of a login: only this browser's forms carry it.
#[must_use]
pub fn csrf_token(parts: &Parts, pending_id: &str, browser: &str) -> String {
    let Hashed(digest) = parts.keys.sealer.hmac("csrf", format!("{pending_id}.{browser}").as_bytes());
    hex::encode(digest)
}

fn browser_key(parts: &Parts, browser: &str) -> String {
    let Hashed(digest) = parts.keys.sealer.hmac("browser", browser.as_bytes());
    hex::encode(digest)
}
