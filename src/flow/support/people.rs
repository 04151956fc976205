//! Find people, and show what is stored of one of them; no directory is asked.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::account_search::terms;
use crate::flow::account::factors;
use crate::flow::account::sessions::{SessionsView, sessions_of};
use crate::flow::account::views::{AccountView, FactorView, in_rfc_3339, maybe_in_rfc_3339};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::store::{SearchPlace, ShareRow, StoreError};

/// A page of people whom a search has found.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct PeopleView {
    pub people: Vec<AccountView>,
    /// Where the next page begins, if there may be one.
    pub next: Option<PlaceView>,
}

/// A place in the list of a search.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceView {
    pub word: String,
    pub account: String,
}

/// A Team Share of a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ShareView {
    pub team_share: String,
    pub directory: String,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub since: Millis,
}

/// Everything that is stored of one person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonView {
    #[serde(flatten)]
    pub account: AccountView,
    pub held_by_guard: bool,
    pub factors: Vec<FactorView>,
    pub recovery_codes_left: u32,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub invited_until: Option<Millis>,
    #[serde(flatten)]
    pub sessions: SessionsView,
    pub team_shares: Vec<ShareView>,
    /// Since when the person is locked down.
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub locked_down_at: Option<Millis>,
}

/// The people who have a word with each of the beginnings in `search`, ordered by these words.
pub async fn search(
    parts: &LoginParts,
    search: &str,
    after: Option<PlaceView>,
    limit: u32,
) -> Result<PeopleView, StoreError> {
    let after = after.map(|place| SearchPlace { word: place.word, account: AccountId(place.account) });
    let found = parts.store.identity().search(&terms(search), after.as_ref(), limit).await?;
    let now = parts.now();
    Ok(PeopleView {
        people: found.accounts.iter().map(|account| AccountView::new(account, now)).collect(),
        next: found.next.map(|place| PlaceView { word: place.word, account: place.account.0 }),
    })
}

/// The account with this id.
pub async fn account(parts: &LoginParts, id: &str) -> Result<Option<Account>, StoreError> {
    parts.store.identity().account(&AccountId(id.to_owned())).await
}

/// Whether the guard holds a change of this person.
pub async fn is_held(parts: &LoginParts, account: &Account) -> Result<bool, StoreError> {
    parts.store.sync().is_held(&account.id).await
}

/// What is stored of a person.
pub async fn person(parts: &LoginParts, account: &Account) -> Result<PersonView, Fault> {
    let (store, id, now) = (&parts.store, &account.id, parts.now());
    let standing = factors::account_factors(parts, id).await?;
    let shares = store.sync().shares_of(id).await?;
    let locked_down = store.identity().locked_down(id).await?;
    Ok(PersonView {
        account: AccountView::new(account, now),
        held_by_guard: store.sync().is_held(id).await?,
        factors: standing.factors.iter().map(FactorView::from).collect(),
        recovery_codes_left: standing.recovery_left,
        invited_until: store.identity().invited_until(id, now).await?,
        sessions: sessions_of(parts, id).await?,
        team_shares: shares.into_iter().map(ShareView::from).collect(),
        locked_down_at: locked_down.map(|lock_down| lock_down.at),
    })
}

impl From<ShareRow> for ShareView {
    fn from(row: ShareRow) -> Self {
        Self { team_share: row.share.team_share, directory: row.directory.0, since: row.since }
    }
}
