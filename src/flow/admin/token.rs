//! The access tokens with which scripts use the panel: of a client that has a role of its own, or of a person,
//! whose role is asked of the directory each time.

use crate::domain::admin::{Actor, AdminHolder, AdminSession, Intent, Role};
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::evidence::Level;
use crate::domain::secret::Hashed;
use crate::domain::{Millis, client::Client};
use crate::flow::admin::session::{CheckedAdmin, session_hash};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::{Fault, carries_faults};
use crate::flow::limits::outbound;
use crate::flow::person::{admin_role, rejudge};
use crate::flow::tokens::access::{self, LivingToken};
use crate::flow::tokens::client;
use crate::flow::tokens::error::UserInfoError;
use crate::oidc::bearer::BearerError;
use crate::oidc::scope::{OAuthScope, ScopeSet};

/// Why a token does not let anybody in.
#[derive(Debug, thiserror::Error)]
pub enum TokenRefused {
    #[error(transparent)]
    Bearer(#[from] BearerError),
    /// The sign-in behind it had no second factor, or was too long ago for a dangerous action (RFC 9470).
    #[error("the sign-in behind the token does not suffice")]
    Insufficient,
    /// Its person has no role.
    #[error("no role")]
    NoRole,
    #[error(transparent)]
    Fault(#[from] Fault),
}

impl TokenRefused {
    /// The cause in the audit log.
    fn cause(&self) -> &'static str {
        match self {
            Self::Bearer(_) => "access_token",
            Self::Insufficient => "second_factor_too_old",
            Self::NoRole => "no_role",
            Self::Fault(_) => "fault",
        }
    }
}

impl From<UserInfoError> for TokenRefused {
    fn from(error: UserInfoError) -> Self {
        match error {
            UserInfoError::Bearer(error) => Self::Bearer(error),
            UserInfoError::Fault(error) => Self::Fault(error),
        }
    }
}

carries_faults!(TokenRefused: crate::store::StoreError);

/// Whose token it is.
enum Bearer {
    Script(Box<CheckedAdmin>),
    Person(Box<LivingToken>),
}

/// Who uses this token.
pub async fn check(
    parts: &LoginParts,
    visit: &Visit,
    token: &str,
    intent: Intent,
) -> Result<CheckedAdmin, TokenRefused> {
    let living = match bearer(parts, token).await? {
        Bearer::Script(admin) => return Ok(*admin),
        Bearer::Person(living) => *living,
    };
    let (account, client_id) = (living.account.id.clone(), living.grant.client_id.clone());
    let role = admin_role::by_mirror(&parts.store, &parts.current(), &living.account).await?;
    outbound::admit_token(&parts.volatile, &account.0, role.is_some(), parts.now()).await?;
    let checked = of_person(parts, living, session_hash(parts, token), intent).await;
    if let Err(refused @ (TokenRefused::Insufficient | TokenRefused::NoRole)) = &checked {
        let event = Event {
            client_id: Some(client_id),
            cause: Some(refused.cause().to_owned()),
            keep: Keep::Short,
            ..visit.event(parts.now(), Decision::AdminRefused).about(&account, None)
        };
        parts.store.login().append(&event).await?;
    }
    checked
}

/// The same while the answer to a request is still being sent: it is not counted as another request.
pub async fn check_again(parts: &LoginParts, token: &str) -> Result<CheckedAdmin, TokenRefused> {
    match bearer(parts, token).await? {
        Bearer::Script(admin) => Ok(*admin),
        Bearer::Person(living) => of_person(parts, *living, session_hash(parts, token), Intent::Watch).await,
    }
}

async fn bearer(parts: &LoginParts, token: &str) -> Result<Bearer, TokenRefused> {
    let (now, current) = (parts.now(), parts.current());
    let payload = access::verified(parts, token)?;
    if let Ok((client, role)) = client::living(parts, &current.settings, &payload) {
        let admin = of_client(client, role, session_hash(parts, token), now);
        return Ok(Bearer::Script(Box::new(admin)));
    }
    let living = access::living(parts, &payload, OAuthScope::Admin).await?;
    let client = current.settings.client(&living.grant.client_id).ok_or(BearerError::InvalidToken)?;
    if !ScopeSet::known_in(&client.scope).has(OAuthScope::Admin) {
        return Err(BearerError::InsufficientScope(OAuthScope::Admin).into());
    }
    Ok(Bearer::Person(Box::new(living)))
}

/// The person of a token, in the role that the directory gives them now. The sign-in counts for as long as a
/// session of the panel.
async fn of_person(
    parts: &LoginParts,
    LivingToken { grant, account, .. }: LivingToken,
    id_hash: Hashed,
    intent: Intent,
) -> Result<CheckedAdmin, TokenRefused> {
    let (current, now) = (parts.current(), parts.now());
    let age = now - grant.evidence.auth_time;
    if grant.evidence.level() != Level::Mfa || age >= current.settings.admin.absolute() {
        return Err(TokenRefused::Insufficient);
    }
    let judged = rejudge::by_live_entry(&parts.store, &parts.clock, &current, &account, true).await?;
    if judged.judgement.passed().is_none() {
        return Err(BearerError::InvalidToken.into());
    }
    let role = judged.admin_role.ok_or(TokenRefused::NoRole)?;
    let session = session(id_hash, role, grant.evidence.auth_time, now);
    if intent.always_asks() && !session.is_fresh(now) {
        return Err(TokenRefused::Insufficient);
    }
    let shown_name = account.profile.shown_name().to_owned();
    Ok(CheckedAdmin::by_token(session, Actor::person(account.id, role), shown_name))
}

fn of_client(client: &Client, role: Role, id_hash: Hashed, now: Millis) -> CheckedAdmin {
    let actor = Actor::client(client.client_id.clone(), role);
    CheckedAdmin::by_token(session(id_hash, role, now, now), actor, client.shown_name().to_owned())
}

/// As if it were a session: it is never stored.
fn session(id_hash: Hashed, role: Role, factor_at: Millis, now: Millis) -> AdminSession {
    let holder = AdminHolder::Token;
    AdminSession { id_hash, holder, role, factor_at, role_seen_at: now, created_at: now, used_at: now }
}
