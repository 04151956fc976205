//! Explain why a person can or can't sign in: from the live directory and without a password, or from the
//! audit trail of an attempt. Nothing is written.

mod attempt;
mod person;
mod shares;
mod tries;

pub use attempt::{ExplainedDecision, attempt, attempt_id};
pub use person::{ExplainedPerson, directories_for, explain_person};
pub use shares::{ExplainedShare, NotMatched, Shares, shares};
pub use tries::{Count, UsedAttempts, tries};

use tokio::time::Instant;

use crate::directory::Found;
use crate::domain::entry::EntryId;
use crate::domain::gates::{self, GateInput, Judgement, JudgementMode};
use crate::domain::name::TypedName;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::person::look::LiveEntry;

/// Judges a name as the sign-in page would, without a bind.
pub async fn explain(parts: &LoginParts, site: &Site, name: &str) -> Result<Judgement, Fault> {
    Ok(judged(parts, site, name).await?.0)
}

/// The judgement, and the entry with this name, if there is exactly one.
async fn judged(parts: &LoginParts, site: &Site, name: &str) -> Result<(Judgement, Option<EntryId>), Fault> {
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let current = parts.current();
    let found = match TypedName::parse(name) {
        Some(name) => site.directory.find(&name, deadline).await?,
        None => Found::None,
    };
    let Found::One(entry) = &found else {
        let found = if matches!(found, Found::None) {
            gates::FoundEntry::Nobody
        } else {
            gates::FoundEntry::Ambiguous
        };
        let judgement = gates::judge(&GateInput::without_entry(
            JudgementMode::Explain,
            found,
            current.settings.sso.enabled,
            current.generation,
            parts.now(),
        ));
        return Ok((judgement, None));
    };
    let (live, now) = (LiveEntry { current: &current, site, entry, deadline }, parts.now());
    let person = live.preview(&parts.store, now).await?;
    let found = gates::FoundEntry::One(entry);
    let judgement = gates::judge(&person.gate_input(found, JudgementMode::Explain, &current, now));
    Ok((judgement, Some(entry.id)))
}
