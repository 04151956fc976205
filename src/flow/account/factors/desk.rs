//! What the help desk can do: issue a code to a person without their phone, and reset a person's factors.

use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::audit_change::ValueChange;
use crate::domain::recovery::new_code;
use crate::domain::{Millis, timestamp};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;

use super::invitation_hash;

/// A code to read out to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The code, which is stored nowhere else.
    pub code: String,
    pub expires_at: Millis,
}

/// Issues a code that can be used once; an earlier one of the account becomes invalid.
pub async fn invite(parts: &LoginParts, account: &AccountId, actor: &Actor) -> Result<Invitation, Fault> {
    let code = new_code(&mut rand::rng());
    let now = parts.now();
    let expires_at = now + parts.current().settings.second_factor.invitation();
    let earlier = parts.store.identity().invited_until(account, now).await?;
    // Two codes of one second expire together: the word shows that there is another one.
    let code_until = |word: &str, until| format!("{word}, valid until {}", timestamp(until));
    let changed = ValueChange {
        before: earlier.map(|until| code_until("a code", until)),
        ..ValueChange::added("invitation", code_until("a new code", expires_at))
    };
    let event = Event::new(now, Decision::InvitationMade).about(account, None).by(actor).changing([changed]);
    let hash = invitation_hash(&parts.keys.sealer, account, &code);
    parts.store.identity().invite(account, &hash, expires_at, &event).await?;
    Ok(Invitation { code, expires_at })
}

/// Removes all second factors and ends their sessions; the person sets one up at the next sign-in.
pub async fn reset(parts: &LoginParts, account: &AccountId, actor: &Actor) -> Result<(), Fault> {
    let event = Event::new(parts.now(), Decision::FactorsReset).about(account, None).by(actor);
    Ok(parts.store.identity().reset_factors(account, &event).await?)
}
