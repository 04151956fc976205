//! Sign out: end the browser's session and every token that came from it.

use crate::domain::account::Account;
use crate::domain::audit::{Decision, Event};
use crate::domain::session::Session;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::oidc::hint::Hint;

/// Ends a session.
pub async fn sign_out(
    parts: &LoginParts,
    visit: &Visit,
    session: &Session,
    client_id: Option<&str>,
) -> Result<(), Fault> {
    let event = visit.event(parts.now(), Decision::SignedOut).about(&session.evidence.account, None);
    let event = Event { client_id: client_id.map(str::to_owned), ..event };
    parts.store.login().end_session(&session.id_hash, &event).await?;
    Ok(())
}

/// An `id_token_hint` that we issued; it may have expired (OpenID Connect Core section 3.1.2.1).
#[must_use]
pub fn hint(parts: &LoginParts, token: &str) -> Option<Hint> {
    let payload = parts.keys.ring().verify(token, "JWT").ok()?;
    Hint::from_payload(&payload, &parts.issuer)
}

/// The form token of a sign-out, bound to the session that it ends.
#[must_use]
pub fn csrf_token(parts: &LoginParts, session: &Session) -> String {
    hex::encode(parts.keys.sealer.hmac(Label::SignOut, &session.id_hash.0).0)
}

/// The account of a session.
pub async fn owner(parts: &LoginParts, session: &Session) -> Result<Option<Account>, Fault> {
    Ok(parts.store.identity().account(&session.evidence.account).await?)
}

/// The name of its owner as shown on pages.
pub async fn owner_name(parts: &LoginParts, session: &Session) -> Result<Option<String>, Fault> {
    Ok(owner(parts, session).await?.map(|account| account.profile.shown_name().to_owned()))
}
