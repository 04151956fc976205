//! The services that accounts are delivered to, as the panel shows and changes them. The settings of a service are
//! fields like all others.

use std::collections::HashMap;

use crate::domain::account::AccountId;
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::delivery::Subject;
use crate::domain::settings::{Provisioning, Settings};
use crate::flow::account::views::AccountNames;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{self, Saving, SettingsChange};
use crate::flow::delivery::log::{self, LogQuery, LoggedView};
use crate::flow::delivery::status::{self, DeliveryStatusError};
use crate::flow::delivery::views::{RefusedView, ServiceView};
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{EditError, Problem, SettingDifference, SettingPath, TypedSecret};
use crate::store::StoredDelivery;

/// How many of the newest deliveries are shown.
const NEWEST: u32 = 20;

/// A service, with those whom it refuses.
#[derive(Clone, Debug)]
pub struct OneService {
    pub settings: Provisioning,
    /// Of the settings that it was read from.
    pub generation: i64,
    pub view: ServiceView,
    /// A page of those in quarantine.
    pub refused: Vec<RefusedView>,
    /// After whom the next page begins, if there may be one.
    pub next: Option<Subject>,
    /// The newest deliveries.
    pub log: Vec<LoggedView>,
    /// The people on this page, by their account ids.
    pub names: HashMap<String, AccountNames>,
}

/// A service to add.
#[derive(Clone, Debug)]
pub struct NewService {
    pub id: String,
    pub change: SettingsChange,
}

/// What is done with the next token of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NextToken {
    /// It takes the place of the current one.
    Promote,
    Forget,
}

/// What a retry has done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetryOutcome {
    /// So many are tried again.
    Retried(u64),
    NoService,
    /// This person or Team Share does not wait for the service.
    NotWaiting,
}

/// All services of the settings in force.
pub async fn services(parts: &PanelParts) -> Result<Vec<ServiceView>, Fault> {
    let (mut views, now) = (Vec::new(), parts.operation.now());
    for service in parts.operation.current().settings.provisioning.clone() {
        views.push(ServiceView::new(&status::status_of(&parts.operation, service).await?, now));
    }
    Ok(views)
}

/// A service by its id, with those in quarantine after this one.
pub async fn service(
    parts: &PanelParts,
    id: &str,
    after: Option<&Subject>,
) -> Result<Option<OneService>, Fault> {
    let stored = settings::stored(parts).await?;
    let Some(service) = stored.settings.service(id).cloned() else { return Ok(None) };
    let status = status::status_of(&parts.operation, service.clone()).await?;
    let rows = match status::quarantine(&parts.operation, id, after).await {
        Ok(rows) => rows,
        Err(DeliveryStatusError::Fault(fault)) => return Err(fault),
        Err(_) => Vec::new(),
    };
    let query = LogQuery { service: Some(id.to_owned()), limit: NEWEST, ..LogQuery::default() };
    let log = match log::read(&parts.operation, &query).await {
        Ok(page) => page.deliveries,
        Err(DeliveryStatusError::Fault(fault)) => return Err(fault),
        Err(_) => Vec::new(),
    };
    let is_full = rows.len() == status::PAGE as usize;
    Ok(Some(OneService {
        view: ServiceView::new(&status, parts.operation.now()),
        settings: service,
        log,
        generation: stored.generation,
        names: names(parts, &rows).await?,
        next: rows.last().filter(|_| is_full).map(|last| last.subject.clone()),
        refused: rows.iter().map(RefusedView::from).collect(),
    }))
}

async fn names(parts: &PanelParts, rows: &[StoredDelivery]) -> Result<HashMap<String, AccountNames>, Fault> {
    let people = rows.iter().filter_map(|row| match &row.subject {
        Subject::Person(id) => Some(id.clone()),
        Subject::Share(_) => None,
    });
    let ids: Vec<AccountId> = people.collect();
    let accounts = parts.login.store.identity().accounts_with_ids(&ids).await?;
    Ok(accounts.iter().map(|account| (account.id.0.clone(), AccountNames::from(account))).collect())
}

/// Resumes a service, and has all in quarantine tried again, or only this one.
pub async fn retry(
    parts: &PanelParts,
    actor: &Actor,
    id: &str,
    only: Option<&Subject>,
) -> Result<RetryOutcome, Fault> {
    match status::retry(&parts.operation, id, only, actor).await {
        Ok(retried) => Ok(RetryOutcome::Retried(retried.released)),
        Err(DeliveryStatusError::NoService { .. }) => Ok(RetryOutcome::NoService),
        Err(DeliveryStatusError::NotWaiting(_)) => Ok(RetryOutcome::NotWaiting),
        Err(DeliveryStatusError::Fault(fault)) => Err(fault),
    }
}

/// Adds a service.
pub async fn add(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    new: &NewService,
) -> Result<Saving, Fault> {
    if let Some(problem) = taken(parts, &new.id).await? {
        return Ok(Saving::Wrong(vec![problem]));
    }
    let by = (event(parts, visit, admin), &admin.actor);
    saved(parts, by, &new.change, |settings| new.put(settings)).await
}

/// What [`add`] would change; or why it would not. Writes nothing.
pub async fn review_add(
    parts: &PanelParts,
    new: &NewService,
) -> Result<Result<Vec<SettingDifference>, Saving>, Fault> {
    if let Some(problem) = taken(parts, &new.id).await? {
        return Ok(Err(Saving::Wrong(vec![problem])));
    }
    let put = |settings: &mut Settings| new.put(settings);
    match settings::review_with(parts, &new.change, &new.change.secrets, put).await {
        Ok(edited) => Ok(Ok(edited.differences)),
        Err(error) => Ok(Err(settings::refused(parts, &new.change, error).await?)),
    }
}

/// Removes a service, on the version that was shown.
pub async fn remove(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    id: &str,
    expected: i64,
) -> Result<Saving, Fault> {
    let change = SettingsChange { expected, fields: Vec::new(), secrets: Vec::new() };
    let without = |settings: &mut Settings| settings.provisioning.retain(|service| service.id != id);
    saved(parts, (event(parts, visit, admin), &admin.actor), &change, without).await
}

/// Ends the overlap of two tokens, on the version that was shown.
pub async fn end_overlap(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    (id, what): (&str, NextToken),
    expected: i64,
) -> Result<Saving, Fault> {
    let secrets = match what {
        NextToken::Promote => vec![TypedSecret::PromoteToken(id.to_owned())],
        NextToken::Forget => Vec::new(),
    };
    let change = SettingsChange { expected, fields: Vec::new(), secrets };
    let forget = |settings: &mut Settings| {
        let services = settings.provisioning.iter_mut().filter(|service| service.id == id);
        for service in services.filter(|_| what == NextToken::Forget) {
            service.next_token = None;
        }
    };
    saved(parts, (event(parts, visit, admin), &admin.actor), &change, forget).await
}

impl NewService {
    fn put(&self, settings: &mut Settings) {
        settings.provisioning.push(Provisioning { id: self.id.clone(), ..Provisioning::default() });
    }
}

/// Of two entries with one id, a form could not say which it means.
pub(super) async fn taken(parts: &PanelParts, id: &str) -> Result<Option<Problem>, Fault> {
    let is_taken = settings::stored(parts).await?.settings.service(id).is_some();
    Ok(is_taken.then(|| Problem {
        line: 0,
        place: SettingPath::named("provisioning", id).key("id"),
        message: "is taken by another service; choose another id".to_owned(),
    }))
}

fn event(parts: &PanelParts, visit: &Visit, admin: &CheckedAdmin) -> Event {
    visit.event(parts.login.now(), Decision::SettingsChanged).by(&admin.actor)
}

async fn saved(
    parts: &PanelParts,
    (event, actor): (Event, &Actor),
    change: &SettingsChange,
    put: impl FnOnce(&mut Settings) + Send,
) -> Result<Saving, Fault> {
    match settings::save_with(parts, event.clone(), change, &change.secrets, put).await {
        Ok(edited) => Ok(Saving::Saved(edited.differences)),
        Err(EditError::NeedsTwo(waiting)) => {
            Ok(Saving::Asked(settings::asked(parts, event, actor, *waiting).await?))
        }
        Err(error) => settings::refused(parts, change, error).await,
    }
}
