//! What the directory says of one person now, and how the person's recent attempts ended.

use serde::Serialize;
use tokio::time::Instant;
use utoipa::ToSchema;

use crate::directory::Found;
use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Actor;
use crate::domain::audit::Decision;
use crate::domain::dn::Dn;
use crate::domain::entry::DirectoryId;
use crate::domain::gates::Gate;
use crate::domain::name::TypedName;
use crate::flow::account::views::in_rfc_3339;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::{DIRECTORY_WAIT, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::limits::outbound;
use crate::flow::support::compared::{ComparedView, compared};
use crate::flow::support::explain::{
    self, ExplainedDecision, ExplainedPerson, Shares, directories_for, explain_person,
};
use crate::store::{AuditFilter, AuditRow, StoreError};

/// How many events of a person are searched for attempts, and how many attempts are shown.
const SEARCHED: u32 = 100;
const SHOWN: usize = 10;

/// What a person tries.
const ATTEMPTS: [Decision; 7] = [
    Decision::SignedIn,
    Decision::SignInRefused,
    Decision::SignInUndecided,
    Decision::SignInThrottled,
    Decision::FactorRefused,
    Decision::SessionRefused,
    Decision::RefreshRefused,
];

/// What the directory says of a person.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "answer")]
pub enum LiveView {
    /// The account belongs to no entry yet, or to a directory that is not configured any more.
    NotLinked,
    /// The directory did not answer: why, in English.
    Failed { why: String },
    Answered {
        person: Box<ExplainedPerson>,
        /// Account and entry beside each other; empty without either.
        compared: Vec<ComparedView>,
        /// The entry with its Team Shares; none if no entry, or more than one, has the name.
        shares: Option<Box<Shares>>,
    },
}

/// One attempt of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttemptView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    pub decision: String,
    /// The code that the person's page showed.
    pub code: Option<String>,
    pub address: Option<String>,
    pub times: i64,
    pub refused: bool,
    /// The reason in words, for a refusal.
    pub what: &'static str,
    pub advice: &'static str,
}

/// Asks the directory of an account about its person, for this administrator.
pub async fn live(parts: &LoginParts, admin: &Actor, account: &Account) -> Result<LiveView, Fault> {
    outbound::admit_person(&parts.volatile, &admin.to_string(), parts.now()).await?;
    let current = parts.current();
    let site = account.directory().and_then(|directory| current.site(directory));
    let Some(site) = site else { return Ok(LiveView::NotLinked) };
    let name = account.profile.login_name.as_deref().unwrap_or(&account.profile.email);
    answered(parts, site, name, Some(account)).await
}

/// Asks the directories about a name for which there is no account, in the order of a sign-in.
pub async fn live_by_name(parts: &LoginParts, admin: &Actor, name: &str) -> Result<LiveView, Fault> {
    outbound::admit_person(&parts.volatile, &admin.to_string(), parts.now()).await?;
    let mut last = LiveView::NotLinked;
    for site in directories_for(&parts.current(), name) {
        last = answered(parts, &site, name, None).await?;
        if matches!(&last, LiveView::Answered { person, .. } if person.cause != Some(Gate::Found)) {
            break;
        }
    }
    Ok(last)
}

async fn answered(
    parts: &LoginParts,
    site: &Site,
    name: &str,
    account: Option<&Account>,
) -> Result<LiveView, Fault> {
    let asked = async {
        let person = Box::new(explain_person(parts, site, name).await?);
        let shares = explain::shares(parts, site, name).await?.ok().map(Box::new);
        let compared = match account {
            Some(account) => entry_beside(site, name, account).await?,
            None => Vec::new(),
        };
        Ok(LiveView::Answered { person, compared, shares })
    };
    match asked.await {
        Err(fault @ Fault::Directory(_)) => Ok(LiveView::Failed { why: Causes(&fault).to_string() }),
        answer => answer,
    }
}

async fn entry_beside(site: &Site, name: &str, account: &Account) -> Result<Vec<ComparedView>, Fault> {
    let Some(name) = TypedName::parse(name) else { return Ok(Vec::new()) };
    Ok(match site.directory.find(&name, Instant::now() + DIRECTORY_WAIT).await? {
        Found::One(entry) => compared(account, &entry),
        Found::None | Found::Ambiguous(_) => Vec::new(),
    })
}

/// The last attempts of a person, the newest first.
pub async fn attempts(parts: &LoginParts, account: &AccountId) -> Result<Vec<AttemptView>, StoreError> {
    let filter = AuditFilter::Account(account.clone());
    let rows = parts.store.login().audit_page(None, SEARCHED, &filter).await?;
    let tried = rows.into_iter().filter(|row| ATTEMPTS.iter().any(|one| one.as_str() == row.decision));
    let view = |row: AuditRow| {
        let (at, times, code) = (row.last_at.unwrap_or(row.at), row.times, row.attempt_id.clone());
        let explained = ExplainedDecision::from(row);
        AttemptView {
            at,
            decision: explained.decision,
            code,
            address: explained.address,
            times,
            refused: explained.refused,
            what: explained.what,
            advice: explained.advice,
        }
    };
    Ok(tried.take(SHOWN).map(view).collect())
}

/// Every decision under a support code, the oldest first; empty if there is none. A refusal before the password
/// was proven names only the entry: its account is looked up.
pub async fn by_code(parts: &LoginParts, code: &str) -> Result<Vec<ExplainedDecision>, Fault> {
    let mut decisions = explain::attempt(&parts.store, code).await?;
    for decision in decisions.iter_mut().filter(|decision| decision.account.is_none()) {
        if let (Some(directory), Some(entry)) = (&decision.directory, &decision.detail.entry) {
            decision.account = account_of(parts, directory, entry).await?;
        }
    }
    Ok(decisions)
}

/// The login name of the entry that an attempt was about, as last read: for somebody without an account.
pub async fn login_name(parts: &LoginParts, decision: &ExplainedDecision) -> Result<Option<String>, Fault> {
    let (Some(directory), Some(entry)) = (&decision.directory, &decision.detail.entry) else {
        return Ok(None);
    };
    let (sync, directory) = (parts.store.sync(), DirectoryId(directory.clone()));
    let Ok(dn) = Dn::parse(entry) else { return Ok(None) };
    let Some((entry, _)) = sync.object_by_dn(&directory, &dn).await? else { return Ok(None) };
    let person = sync.people_among(&directory, &[entry]).await?.pop();
    Ok(person.map(|person| person.facts.login_name))
}

/// The account of the entry that has this DN, as last read.
async fn account_of(parts: &LoginParts, directory: &str, dn: &str) -> Result<Option<String>, StoreError> {
    let (store, directory) = (&parts.store, DirectoryId(directory.to_owned()));
    let Ok(dn) = Dn::parse(dn) else { return Ok(None) };
    let Some((entry, _)) = store.sync().object_by_dn(&directory, &dn).await? else { return Ok(None) };
    Ok(store.identity().account_by_entry(&directory, entry).await?.map(|account| account.id.0))
}
