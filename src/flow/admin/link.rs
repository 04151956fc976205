//! Break-glass links: whoever may run commands on the server can enter the panel as an owner, also when the
//! directory is gone or no group has a role yet. A link can be used once, within ten minutes.

use crate::domain::admin::{Actor, AdminHolder, AdminSession, LINK_LIFETIME, LINK_NOTICE, Role};
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::secret::Hashed;
use crate::domain::{Millis, timestamp};
use crate::flow::admin::session::session_hash;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::store::{LinkUse, NewLink, StoreError, UsedLink};

/// A new link.
#[derive(Clone, Debug)]
pub struct BreakGlassLink {
    pub url: String,
    pub expires_at: Millis,
}

/// Makes a link for this user of the server. Earlier unused links become invalid, and sessions of
/// used ones end.
pub async fn make(parts: &LoginParts, made_by: &str) -> Result<BreakGlassLink, StoreError> {
    let (token, now) = (parts.random_id(), parts.now());
    let expires_at = now + LINK_LIFETIME;
    let event = Event::new(now, Decision::AdminLinkMade).by(&Actor::command(made_by.to_owned()));
    let link = NewLink { token_hash: token_hash(parts, &token), made_by, expires_at };
    parts.store.admin().make_link(&link, &event).await?;
    tracing::warn!(made_by, "a break-glass link for the admin panel was created");
    Ok(BreakGlassLink { url: format!("{}/admin/link?t={token}", parts.issuer), expires_at })
}

/// True if a link could be used now: a start of the server makes no other, which would void it.
pub async fn is_waiting(parts: &LoginParts) -> Result<bool, StoreError> {
    parts.store.admin().has_usable_link(parts.now()).await
}

/// Ends every break-glass session, and makes unused links invalid. Returns how many sessions ended.
pub async fn end_all(parts: &LoginParts, by: &Actor) -> Result<u64, StoreError> {
    let event = Event::new(parts.now(), Decision::AdminLinksEnded).by(by);
    parts.store.admin().end_links(&event).await
}

/// What became of saying that the use of a link was one's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OwnLink {
    Confirmed,
    /// There is no such use, or it was confirmed already.
    Unknown,
    /// Who came by a link can't vouch for links.
    NotAPerson,
}

/// Notes that the use of a link at this time was a colleague's: nobody is warned of it any more.
pub async fn confirm(
    parts: &LoginParts,
    by: &Actor,
    made_by: &str,
    used_at: Millis,
) -> Result<OwnLink, StoreError> {
    if by.account().is_none() {
        return Ok(OwnLink::NotAPerson);
    }
    let detail = serde_json::json!({ "made_by": made_by, "used_at": timestamp(used_at) });
    let event = Event::new(parts.now(), Decision::AdminLinkConfirmed).by(by);
    let event = Event { detail: Some(detail.to_string()), ..event };
    let confirmed = parts.store.admin().confirm_link(made_by, used_at, &event).await?;
    Ok(if confirmed { OwnLink::Confirmed } else { OwnLink::Unknown })
}

/// Uses a link: the id of the new session, for the cookie; it replaces the browser's earlier session of the
/// panel, `held`. `None` if the link is unknown, used or too old.
pub async fn redeem(
    parts: &LoginParts,
    visit: &Visit,
    token: &str,
    held: Option<&str>,
) -> Result<Option<String>, Fault> {
    // Anybody can send any token: one that was never made writes nothing.
    let token_hash = token_hash(parts, token);
    if !parts.store.admin().knows_link(&token_hash).await? {
        tracing::info!(id = %visit.attempt_id, "an unknown break-glass link was refused");
        return Ok(None);
    }
    let (session_id, now) = (parts.random_id(), parts.now());
    let id_hash = session_hash(parts, &session_id);
    let begun = |made_by: String| {
        let event = visit.event(now, Decision::AdminLinkUsed).by(&Actor::break_glass(made_by.clone()));
        (of_link(id_hash, made_by, now), event)
    };
    let replaces = held.map(|id| session_hash(parts, id));
    let used =
        LinkUse { token_hash: &token_hash, at: now, from: &visit.address, replaces: replaces.as_ref() };
    if parts.store.admin().use_link(&used, begun).await? {
        let (id, address) = (&visit.attempt_id, &visit.address);
        tracing::warn!(%id, address, "a break-glass link was used: somebody is in the admin panel as an owner");
        return Ok(Some(session_id));
    }
    let refused = Event {
        cause: Some("link".to_owned()),
        keep: Keep::Short,
        ..visit.event(now, Decision::AdminRefused)
    };
    parts.store.login().append(&refused).await?;
    Ok(None)
}

/// The links that were used in the last days, the newest first: every admin is told.
pub async fn used(parts: &LoginParts) -> Result<Vec<UsedLink>, Fault> {
    Ok(parts.store.admin().used_links(parts.now() - LINK_NOTICE).await?)
}

fn of_link(id_hash: Hashed, made_by: String, now: Millis) -> AdminSession {
    AdminSession {
        id_hash,
        holder: AdminHolder::Link { made_by },
        role: Role::Owner,
        factor_at: now,
        role_seen_at: now,
        created_at: now,
        used_at: now,
    }
}

fn token_hash(parts: &LoginParts, token: &str) -> Hashed {
    parts.keys.sealer.hmac(Label::AdminLink, token.as_bytes())
}
