//! Read which second factor an account has and needs. If policy demands none, nothing is read.

use crate::domain::account::AccountId;
use crate::domain::client::Client;
use crate::domain::evidence::{Evidence, Level};
use crate::domain::policy::{AcrAsk, Demand, FactorStatus};
use crate::domain::secret::Hashed;
use crate::domain::settings::{Enrolment, Required};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Current;
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::keys::Label;
use crate::store::StoreError;

/// What demands a second factor besides policy.
#[derive(Clone, Copy)]
pub struct DemandedBy<'a> {
    /// `None` for our own pages.
    pub client: Option<&'a Client>,
    pub acr: &'a AcrAsk,
    pub enrolling: FirstFactor,
}

/// Where a first factor would be set up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FirstFactor {
    /// Not here: a refresh shows no page.
    Nowhere,
    SignIn,
    /// At the sign-in to the admin panel.
    Panel,
}

impl DemandedBy<'_> {
    fn by_client(self) -> bool {
        self.client.is_some_and(|client| client.require_second_factor)
    }
}

/// Reads the factor status of this account. `in_group`: it is in a group of the policy; `browser`: the value
/// of the cookie of a remembered browser.
pub async fn of(
    parts: &LoginParts,
    current: &Current,
    demanded_by: DemandedBy<'_>,
    account: &AccountId,
    in_group: bool,
    browser_cookie: Option<&str>,
) -> Result<FactorStatus, Fault> {
    let policy = &current.settings.second_factor;
    let demand = Demand::new(policy, demanded_by.by_client(), demanded_by.acr, in_group);
    let mut status = FactorStatus {
        account: account.clone(),
        demand,
        enrolled: false,
        remembered: false,
        grace_until: None,
        enrolment: policy.enrolment,
        policy_generation: current.policy_generation,
        remembers: policy.remembered().is_some(),
    };
    if demand.is_none() {
        return Ok(status);
    }
    status.enrolled = !parts.store.identity().factors(account).await?.is_empty();
    if status.enrolled {
        status.remembered = is_remembered(parts, &status, browser_cookie).await?;
        return Ok(status);
    }
    if demand.is_of_everybody() && needs_approval(parts, current, demanded_by, account).await? {
        status.enrolment = Enrolment::Invited;
    }
    if demand.is_of_everybody() && policy.grace_days > 0 {
        // The grace period starts only when a factor is demanded.
        status.grace_until =
            Some(parts.store.identity().factor_asked(account, parts.now()).await? + policy.grace());
    }
    Ok(status)
}

/// A stolen password alone must not set up the factor that opens the panel, neither there nor elsewhere.
async fn needs_approval(
    parts: &LoginParts,
    current: &Current,
    demanded_by: DemandedBy<'_>,
    account: &AccountId,
) -> Result<bool, Fault> {
    match demanded_by.enrolling {
        FirstFactor::Panel => Ok(true),
        FirstFactor::SignIn if current.settings.second_factor.enrolment == Enrolment::Alone => {
            admin_role::may_have_one(&parts.store, &parts.clock, current, account).await
        }
        FirstFactor::SignIn | FirstFactor::Nowhere => Ok(false),
    }
}

/// True if only the person's groups decide whether this evidence is enough.
#[must_use]
pub fn depends_on_groups(current: &Current, client: Option<&Client>, evidence: &Evidence) -> bool {
    current.settings.second_factor.required == Required::Groups
        && evidence.level() == Level::Sfa
        && !client.is_some_and(|client| client.require_second_factor)
}

/// The digest under which the store knows a remembered browser.
#[must_use]
pub fn browser_hash(parts: &LoginParts, id: &str) -> Hashed {
    parts.keys.sealer.hmac(Label::Remembered, id.as_bytes())
}

async fn is_remembered(
    parts: &LoginParts,
    status: &FactorStatus,
    browser_cookie: Option<&str>,
) -> Result<bool, StoreError> {
    let Some(id) = browser_cookie.filter(|_| status.remembers) else { return Ok(false) };
    let known = parts.store.login().remembered_browser(&browser_hash(parts, id)).await?;
    let Some(known) = known.filter(|known| known.account == status.account) else { return Ok(false) };
    let account = parts.store.identity().account(&status.account).await?;
    Ok(account.is_some_and(|account| known.is_good(&account, status.policy_generation, parts.now())))
}
