//! List and end a person's sessions and tokens, for the help desk.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::flow::account::views::SessionView;
use crate::flow::installation::context::LoginParts;
use crate::store::{EndedCounts, StoreError};

/// A person's sessions.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct SessionsView {
    pub sessions: Vec<SessionView>,
    /// How many refresh tokens clients hold.
    pub refresh_families: i64,
}

/// How many sessions and refresh families were ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct EndedView {
    pub sessions: u64,
    pub refresh_families: u64,
}

impl From<EndedCounts> for EndedView {
    fn from(ended: EndedCounts) -> Self {
        Self { sessions: ended.sessions, refresh_families: ended.grants }
    }
}

/// The sessions of an account that have not expired.
pub async fn sessions_of(parts: &LoginParts, account: &AccountId) -> Result<SessionsView, StoreError> {
    let (current, now) = (parts.current(), parts.now());
    let mut sessions = parts.store.login().sessions_of(account).await?;
    sessions.retain(|session| session.is_alive(&current.settings.session, now));
    Ok(SessionsView {
        sessions: sessions.iter().map(SessionView::from).collect(),
        refresh_families: parts.store.login().count_grants_of(account, None, now).await?,
    })
}

/// Ends all sessions and tokens of an account; the person can sign in again.
pub async fn end_sessions(
    parts: &LoginParts,
    account: &AccountId,
    actor: &Actor,
) -> Result<EndedView, StoreError> {
    let event = Event::new(parts.now(), Decision::SessionsEnded).about(account, None).by(actor);
    Ok(parts.store.identity().end_sessions_of(account, None, &event).await?.into())
}
