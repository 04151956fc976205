//! Explain whether the person with a name can sign in: the gates, the cause in words, and what is left of the
//! attempts.

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::{UsedAttempts, judged, tries};
use crate::domain::advice::Cause;
use crate::domain::audit::{Detail, GateRecord};
use crate::domain::gates::Gate;
use crate::domain::name::TypedName;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;

/// Whether a person can sign in.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct ExplainedPerson {
    pub name: String,
    pub directory: String,
    /// The account of the entry with this name.
    pub account: Option<String>,
    /// The first gate that is shut.
    pub cause: Option<Gate>,
    /// The cause, finer than the gate.
    pub reason: &'static str,
    /// The reason in words.
    pub what: &'static str,
    pub advice: &'static str,
    /// All gates in order.
    pub judgement: Vec<GateRecord>,
    pub tries: UsedAttempts,
}

impl ExplainedPerson {
    /// True if a sign-in is refused in every browser, whatever the password.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.cause.is_some() || self.tries.stops_known().is_some()
    }
}

/// The directories in which the sign-in page would look for this name. If there is none, the first, which
/// reports it.
#[must_use]
pub fn directories_for(current: &Current, name: &str) -> Vec<Arc<Site>> {
    let candidates = TypedName::parse(name).map(|name| current.candidates(&name)).unwrap_or_default();
    let matching: Vec<Arc<Site>> = candidates.into_iter().cloned().collect();
    if matching.is_empty() { current.sites().iter().take(1).cloned().collect() } else { matching }
}

/// Explains a name in one directory.
pub async fn explain_person(parts: &LoginParts, site: &Site, name: &str) -> Result<ExplainedPerson, Fault> {
    let (judgement, entry) = judged(parts, site, name).await?;
    let account = match entry {
        Some(entry) => parts.store.identity().account_by_entry(site.id(), entry).await?,
        None => None,
    };
    let tries = tries(parts, site, name).await?;
    let detail = Detail::default().judged(&judgement);
    let cause = Cause::of(judgement.refusal().map(|gate| gate.as_str()), true, &detail);
    Ok(ExplainedPerson {
        name: name.to_owned(),
        directory: site.id().0.clone(),
        account: account.map(|account| account.id.0),
        cause: judgement.refusal(),
        reason: cause.word(),
        what: cause.what(),
        advice: cause.advice(),
        judgement: detail.judgement,
        tries,
    })
}
