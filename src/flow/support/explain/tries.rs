//! Show how many attempts a name has left: the lockout budget and the throttles. This counts as no attempt.

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::directory::Found;
use crate::domain::lockout::{Browser, allows};
use crate::domain::name::{TypedName, fold};
use crate::domain::timestamp;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::budget::{self, BudgetTally, Subject};
use crate::flow::limits::throttle::{self, Used};

/// What is used up of a name's attempts.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct UsedAttempts {
    /// Of the person, in all browsers together; `None` if no entry, or more than one, has the name.
    pub person: Option<Count>,
    /// With this form of the name, in unknown browsers.
    pub name: Count,
    /// The throttles of this minute.
    pub throttles: Vec<Used>,
    /// False if the running server keeps its own counts in memory, where they can't be seen.
    pub complete: bool,
}

/// One count of wrong passwords.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub struct Count {
    /// How many count now.
    pub spent: u32,
    /// How many lock the account; 0: it is never locked.
    pub threshold: u32,
    /// How many stop an unknown browser; none without a limit.
    pub unknown_browser_limit: Option<u32>,
    /// How many stop a known browser.
    pub known_browser_limit: Option<u32>,
    /// Until when the last of them counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<String>,
    /// No attempt is left in an unknown browser.
    pub spent_for_unknown: bool,
    /// No attempt is left in a known browser either.
    pub spent_for_known: bool,
}

impl From<BudgetTally> for Count {
    fn from(BudgetTally { spent, policy, until }: BudgetTally) -> Self {
        Self {
            spent,
            threshold: policy.threshold,
            unknown_browser_limit: policy.limit(Browser::Unknown),
            known_browser_limit: policy.limit(Browser::Known),
            until: until.filter(|_| spent > 0).map(timestamp),
            spent_for_unknown: !allows(policy, spent, Browser::Unknown),
            spent_for_known: !allows(policy, spent, Browser::Known),
        }
    }
}

impl UsedAttempts {
    /// The count that stops an unknown browser.
    #[must_use]
    pub fn stops_unknown(&self) -> Option<&Count> {
        self.person.iter().chain([&self.name]).find(|count| count.spent_for_unknown)
    }

    /// The count that stops every browser.
    #[must_use]
    pub fn stops_known(&self) -> Option<&Count> {
        self.person.as_ref().filter(|count| count.spent_for_known)
    }
}

/// What is used up of the attempts with a name.
pub async fn tries(parts: &LoginParts, site: &Site, name: &str) -> Result<UsedAttempts, Fault> {
    let deadline = Instant::now() + DIRECTORY_WAIT;
    let folded = fold(name);
    let found = match TypedName::parse(name) {
        Some(name) => site.directory.find(&name, deadline).await?,
        None => Found::None,
    };
    let (person, form) = match &found {
        Found::One(entry) => {
            let person = budget::tally(parts, site, Subject::Entry(entry), deadline).await?;
            (Some(person.into()), Subject::Form(entry, &folded))
        }
        Found::None | Found::Ambiguous(_) => (None, Subject::Name(&folded)),
    };
    Ok(UsedAttempts {
        person,
        name: budget::tally(parts, site, form, deadline).await?.into(),
        throttles: throttle::used(parts, name).await?,
        complete: parts.volatile.is_shared(),
    })
}
