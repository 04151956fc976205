//! Reads this browser's session and who its owner is.

use axum::http::HeaderMap;

use super::cookies::{self, Cookie};
use super::pages::KnownPerson;
use super::state::Web;
use crate::domain::account::Account;
use crate::domain::session::Session;
use crate::flow::account::sign_out;
use crate::flow::installation::fault::Fault;
use crate::flow::login::authorize;
use crate::flow::login::pending::{Pending, csrf_token};

/// The valid session of this browser.
pub async fn current(web: &Web, headers: &HeaderMap) -> Result<Option<Session>, Fault> {
    match cookies::read(headers, &web.surface, Cookie::Session) {
        Some(id) => authorize::load_session(&web.parts, &id).await,
        None => Ok(None),
    }
}

/// The person signed in at this browser, for "Not you?".
pub async fn known_person(
    web: &Web,
    session: Option<&Session>,
    pending: &Pending,
    browser: &str,
) -> Result<Option<KnownPerson>, Fault> {
    let Some(session) = session else { return Ok(None) };
    let owner = sign_out::owner(&web.parts, session).await?;
    Ok(owner.map(|Account { profile, link, .. }| KnownPerson {
        display_name: profile.shown_name().to_owned(),
        login_names: profile.login_name.into_iter().chain([profile.email]).collect(),
        directory: link.map(|link| link.directory.0).unwrap_or_default(),
        pending_id: pending.id.clone(),
        client_id: pending.request.client_id.clone(),
        csrf_token: csrf_token(&web.parts, &pending.id, browser),
    }))
}

/// The owner of the session with this id, for "Not you?" on a page outside a login. If the store cannot be
/// read, the page is shown without it: its own message matters more.
pub async fn owner_by_id(web: &Web, id: &str) -> Option<KnownPerson> {
    let session = authorize::load_session(&web.parts, id).await.ok()??;
    let display_name = sign_out::owner_name(&web.parts, &session).await.ok()??;
    let csrf_token = sign_out::csrf_token(&web.parts, &session);
    Some(KnownPerson { display_name, csrf_token, ..KnownPerson::default() })
}
