//! What the help desk does: a code for somebody who has no phone, or no phone any more; and starting somebody anew.

use crate::domain::Millis;
use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event};
use crate::domain::recovery::new_code;
use crate::flow::installation::context::Parts;
use crate::flow::installation::fault::Fault;

use super::{invitation_hash, of};

/// A code to be read out to one person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Invitation {
    /// The code. It is nowhere else.
    pub code: String,
    /// Until when it is good.
    pub expires_at: Millis,
}

/// Makes a code that is good once; an older one of the same account is not any more.
pub async fn invite(parts: &Parts, account: &AccountId) -> Result<Invitation, Fault> {
    let code = new_code(&mut rand::rng());
    let now = parts.now();
    let expires_at = now + parts.current().settings.second_factor.invitation();
    let event = of(account, Event::new(now, Decision::InvitationMade));
    let hash = invitation_hash(&parts.keys.sealer, account, &code);
    parts.store.identity().invite(account, &hash, expires_at, &event).await?;
    Ok(Invitation { code, expires_at })
}

/// Takes all second factors away and ends what was given by them; the person sets one up again at the next sign-in.
pub async fn reset(parts: &Parts, account: &AccountId) -> Result<(), Fault> {
    let event = of(account, Event::new(parts.now(), Decision::FactorsReset));
    Ok(parts.store.identity().reset_factors(account, &event).await?)
}
