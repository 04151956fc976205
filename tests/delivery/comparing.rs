//! What a service has, compared with what it should have: before the first delivery, by an order, and once a day.

use cloudsync_idp::domain::account::{AccountId, Link, Profile};
use cloudsync_idp::domain::audit::Decision;
use cloudsync_idp::domain::delivery::{Drift, Finding, Subject};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::flow::delivery::compare::{
    CompareError, Comparison, FindingPages, FindingView, Reconciling, preview, reconcile,
};
use cloudsync_idp::flow::delivery::known::{KnownState, of_person};
use cloudsync_idp::flow::delivery::log::{LogQuery, LoggedView, read};
use cloudsync_idp::flow::delivery::status::statuses;
use cloudsync_idp::store::{AuditFilter, EntryOutcome};
use reqwest::Method;
use serde_json::{Value, json};
use uuid::Uuid;

use super::sending::{Delivering, apply, found, is_active, service, user, users};
use crate::support::lab::{self, Person};
use crate::support::provider::Provider;
use crate::support::rows::Decisions;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::subtree::Subtree;
use crate::support::{desk, raw_sql, until};

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

async fn created(target: &ScimTarget, name: &str) -> Value {
    let answer = target.send(Method::POST, "Users", &json!({"schemas": [USER], "userName": name})).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

/// Somebody changes an attribute over there.
async fn tampered(target: &ScimTarget, path: &str, operation: Value) {
    let answer =
        target.send(Method::PATCH, path, &json!({"schemas": [PATCH], "Operations": [operation]})).await;
    assert!(answer.status.is_success(), "{answer:?}");
}

async fn path(target: &ScimTarget, person: &Person) -> String {
    let user = user(target, person).await.expect("there");
    format!("Users/{}", user["id"].as_str().expect("an id"))
}

async fn tried(provider: &Provider, report_only: bool) -> Result<Comparison, CompareError> {
    let actor = desk();
    reconcile(&provider.parts.operation(), "service", Reconciling { report_only, actor: &actor }).await
}

async fn reconciled(provider: &Provider, report_only: bool) -> Comparison {
    tried(provider, report_only).await.expect("a comparison")
}

/// Waits until everybody was delivered, nothing differs, and nothing is on its way.
async fn settled(provider: &Provider) {
    until("nothing differs", async || {
        let compared = tried(provider, true).await;
        compared.is_ok_and(|comparison| !comparison.drift.differs() && comparison.drift.waiting == 0)
    })
    .await;
}

/// The list of a comparison; its rows are removed.
async fn listed(provider: &Provider, comparison: &Comparison) -> Vec<FindingView> {
    let mut pages = FindingPages::of(&provider.parts.store, comparison);
    let mut all = Vec::new();
    while let Some(page) = pages.next_page().await.expect("an answer") {
        all.extend(page);
    }
    pages.close().await.expect("an answer");
    all
}

fn counts(drift: &Drift) -> Vec<(&'static str, u64)> {
    drift.findings.iter().map(|(finding, number)| (finding.as_str(), *number)).collect()
}

async fn log(provider: &Provider, id: &AccountId) -> Vec<LoggedView> {
    let subject = Some(Subject::Person(id.clone()));
    let query = LogQuery { service: Some("service".into()), subject, before: None, limit: 50 };
    read(&provider.parts.operation(), &query).await.expect("the log").deliveries
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_what_the_first_delivery_then_does() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let subtree = Subtree::ldap();
    let (ada, bob) = (subtree.person(), subtree.person());
    let before = created(target, &ada.mail.to_uppercase()).await;
    let stranger = lab::unique("stranger");
    created(target, &stranger).await;
    let provider = subtree.provider().await;
    provider.sync().await.expect("a sync");
    let delivering = Delivering::begin(subtree, provider, &service(target, "enabled = false")).await;
    let provider = &delivering.provider;

    let comparison = preview(&provider.parts.operation(), "service").await.expect("a preview");
    let expected = [("adopt", 1), ("create", 1), ("unknown", 1)];
    let mut numbers = counts(&comparison.drift);
    numbers.sort_unstable();
    assert_eq!(numbers, expected);
    let list = listed(provider, &comparison).await;
    assert_eq!(list.len(), 3, "{list:?}");
    let adopted = list.iter().find(|one| one.finding == "adopt").expect("ada");
    assert_eq!((adopted.name.as_ref(), adopted.id.as_deref()), (Some(&ada.mail), before["id"].as_str()));
    assert!(adopted.attributes.contains(&"external_id"), "{adopted:?}");
    let unknown = list.iter().find(|one| one.finding == "unknown").expect("the stranger");
    assert_eq!((unknown.name.as_ref(), &unknown.account), (Some(&stranger), &None));
    assert_eq!(target.get(&format!("Users/{}", before["id"].as_str().expect("an id"))).await.body, before);
    assert!(users(target, &bob).await.is_empty(), "a preview changes nothing");

    apply(provider, &service(target, "enabled = true")).await;
    for person in [&ada, &bob] {
        until("delivered", async || is_active(target, person).await == Some(true)).await;
    }
    until("as it should be", async || {
        let comparison = preview(&provider.parts.operation(), "service").await;
        comparison.is_ok_and(|comparison| counts(&comparison.drift) == [("unknown", 1)])
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_changed_over_there_is_reported_and_then_fixed() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let delivering = Delivering::to(&service(target, "drift = \"off\"")).await;
    let (subtree, provider) = (&delivering.subtree, &delivering.provider);
    let ada = delivering.arrived(target).await;
    let bob = delivering.arrived(target).await;
    let eve = delivering.arrived(target).await;
    subtree.disable(&bob);
    until("suspended", async || is_active(target, &bob).await == Some(false)).await;
    settled(provider).await;

    let title = json!({"op": "replace", "path": "title", "value": "Emperor"});
    tampered(target, &path(target, &ada).await, title).await;
    let active = json!({"op": "replace", "path": "active", "value": true});
    tampered(target, &path(target, &bob).await, active).await;
    let gone = target.send(Method::DELETE, &path(target, &eve).await, &Value::Null).await;
    assert_eq!(gone.status, 204);
    let stranger = created(target, &lab::unique("stranger")).await;

    let report = reconciled(provider, true).await;
    let mut numbers = counts(&report.drift);
    numbers.sort_unstable();
    assert_eq!(numbers, [("change", 1), ("gone", 1), ("suspend", 1), ("unknown", 1)]);
    assert_eq!(report.fixed, None);
    let list = listed(provider, &report).await;
    let changed = list.iter().find(|one| one.finding == "change").expect("ada");
    assert_eq!((changed.name.as_ref(), changed.attributes.as_slice()), (Some(&ada.mail), &["title"][..]));
    assert_eq!(user(target, &ada).await.expect("there")["title"], "Emperor", "only reported");

    let fixed = reconciled(provider, false).await;
    assert_eq!(fixed.fixed, Some(3));
    until("the title is as here", async || {
        user(target, &ada).await.is_some_and(|ada| ada["title"].is_null())
    })
    .await;
    until("suspended again", async || is_active(target, &bob).await == Some(false)).await;
    until("there again", async || is_active(target, &eve).await == Some(true)).await;
    settled(provider).await;
    let stranger = target.get(&format!("Users/{}", stranger["id"].as_str().expect("an id"))).await;
    assert_eq!(stranger.status, 200, "whom nobody here knows is not touched");

    let trail =
        provider.parts.store.login().audit_page(None, 200, &AuditFilter::All).await.expect("the trail");
    let compared = trail.iter().filter(|row| row.decision == Decision::DeliveryCompared.as_str());
    let causes: Vec<_> =
        compared.filter(|row| row.actor.is_some()).filter_map(|row| row.cause.clone()).collect();
    assert!(causes.contains(&"fixed".to_owned()) && causes.contains(&"reported".to_owned()), "{causes:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn members_that_were_changed_over_there_are_fixed_and_guests_stay() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let subtree = Subtree::ldap();
    let (ada, bob, share) = (subtree.person(), subtree.person(), lab::unique("Share"));
    let group = subtree.group(&[&ada.dn]);
    let mapping =
        format!("[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = {share:?}\n");
    let delivering = Delivering::of(subtree, &(service(target, "drift = \"off\"") + &mapping)).await;
    let provider = &delivering.provider;
    for person in [&ada, &bob] {
        until("delivered", async || is_active(target, person).await == Some(true)).await;
    }
    let group_path = async || {
        let mut groups = found(target, "Groups", "displayName", &share).await;
        Some(format!("Groups/{}", groups.pop()?["id"].as_str()?))
    };
    let members = async || -> Vec<String> {
        let Some(path) = group_path().await else { return Vec::new() };
        let group = target.get(&path).await.body;
        let members = group["members"].as_array().cloned().unwrap_or_default();
        let mut ids: Vec<String> =
            members.iter().filter_map(|member| member["value"].as_str().map(str::to_owned)).collect();
        ids.sort();
        ids
    };
    let id =
        async |person: &Person| user(target, person).await.expect("there")["id"].as_str().map(str::to_owned);
    let (ada_id, bob_id) = (id(&ada).await.expect("an id"), id(&bob).await.expect("an id"));
    until("ada is a member", async || members().await == [ada_id.clone()]).await;
    settled(provider).await;

    let guest = created(target, &lab::unique("guest")).await["id"].as_str().expect("an id").to_owned();
    let changed = json!({"op": "replace", "path": "members", "value": [{"value": bob_id}, {"value": guest}]});
    tampered(target, &group_path().await.expect("a group"), changed).await;
    let report = reconciled(provider, true).await;
    let list = listed(provider, &report).await;
    let change = list.iter().find(|one| one.finding == "change").expect("the Team Share");
    assert_eq!((change.team_share.as_ref(), change.joining, change.leaving), (Some(&share), 1, 1));
    assert_eq!(reconciled(provider, false).await.fixed, Some(1));
    let mut expected = vec![ada_id, guest];
    expected.sort();
    until("as here, with the guest", async || members().await == expected).await;
    settled(provider).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_emptied_is_reported_and_not_filled_again() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let delivering = Delivering::to(&service(target, "drift = \"off\"")).await;
    let provider = &delivering.provider;
    let mut people = Vec::new();
    for _ in 0..5 {
        people.push(delivering.arrived(target).await);
    }
    settled(provider).await;
    for person in &people {
        let gone = target.send(Method::DELETE, &path(target, person).await, &Value::Null).await;
        assert_eq!(gone.status, 204);
    }
    let comparison = reconciled(provider, false).await;
    assert!(comparison.drift.is_emptied() && comparison.drift.count(Finding::Gone) == 5);
    assert_eq!(comparison.fixed, Some(0));
    let status = statuses(&provider.parts.operation(), Some("service")).await.expect("a status").remove(0);
    let newest = status.comparison.expect("noted");
    assert!(newest.drift.is_some_and(|drift| drift.is_emptied()) && newest.failed.is_none());
    assert_eq!((status.waiting.waiting, status.known), (0, 5), "nothing was wished");
    for person in &people {
        assert!(users(target, person).await.is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn once_a_day_a_difference_is_fixed_without_an_order() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let delivering = Delivering::to(&service(target, "")).await;
    let provider = &delivering.provider;
    let ada = delivering.arrived(target).await;
    settled(provider).await;
    let title = json!({"op": "replace", "path": "title", "value": "Emperor"});
    tampered(target, &path(target, &ada).await, title).await;
    let yesterday = "UPDATE delivery_targets SET added_at = 1; DELETE FROM delivery_comparisons";
    raw_sql(&format!("sqlite:{}", provider.sqlite().display()), yesterday).await;
    until("fixed", async || user(target, &ada).await.is_some_and(|ada| ada["title"].is_null())).await;
    until("noted", async || {
        let status =
            statuses(&provider.parts.operation(), Some("service")).await.expect("a status").remove(0);
        status.comparison.is_some_and(|newest| newest.fixed == 1)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_attempt_is_in_the_log_and_a_person_is_known_since() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let delivering = Delivering::to(&service(target, "drift = \"off\"")).await;
    let (subtree, provider) = (&delivering.subtree, &delivering.provider);
    let ada = delivering.arrived(target).await;
    let id = delivering.id(&ada).await.expect("an account");
    subtree.admin.replace(&ada.dn, "title", &["Engineer"]);
    until("changed", async || user(target, &ada).await.is_some_and(|ada| ada["title"] == "Engineer")).await;
    subtree.disable(&ada);
    until("suspended", async || is_active(target, &ada).await == Some(false)).await;
    until("logged", async || log(provider, &id).await.len() == 3).await;
    let rows = log(provider, &id).await;
    let actions: Vec<_> = rows.iter().rev().map(|row| (row.action, row.result)).collect();
    assert_eq!(actions, [("created", "done"), ("changed", "done"), ("suspended", "done")]);
    assert_eq!(rows[1].attributes, ["title"], "{rows:?}");
    assert_eq!(rows[0].email.as_ref(), Some(&ada.mail));

    let known = of_person(&provider.parts.operation(), &id).await.expect("an answer").remove(0);
    assert_eq!((known.state, known.active), (KnownState::Delivered, Some(false)));
    assert_eq!((known.user_name.as_ref(), known.active_since), (Some(&ada.mail), Some(rows[0].at)));
}

/// An account of a directory that is not delivered.
async fn of_another_directory(provider: &Provider, name: &str) -> AccountId {
    let directory = DirectoryId("elsewhere".into());
    let entry = EntryId(Uuid::from_u128(77));
    let link = Link { directory: directory.clone(), entry, sid: None };
    let profile = Profile { email: format!("{name}@example.com"), ..Profile::default() };
    let change = Change { link, profile: Some(profile), expires_at: None };
    let outcome = Outcome { action: Action::Create(change), conflict: None };
    let one = EntryOutcome { entry, login_name: name.to_owned(), outcome, password_changed_at: None };
    let now = provider.parts.now();
    let applied = provider.parts.store.sync().apply_actions(None, &directory, vec![one], now).await;
    applied.expect("applied").remove(0).account.expect("an account")
}

#[tokio::test(flavor = "multi_thread")]
async fn whom_a_lost_creation_has_left_behind_is_suspended() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let settings = service(target, "directories = [\"corp\"]\ndrift = \"off\"");
    let delivering = Delivering::to(&settings).await;
    let provider = &delivering.provider;
    let name = lab::unique("moved");
    let id = of_another_directory(provider, &name).await;
    settled(provider).await;
    // As if the creation had reached the service and its answer had not reached us, and the person was moved to the
    // other directory meanwhile.
    let left = json!({"schemas": [USER], "userName": format!("{name}@example.com"), "externalId": id.0, "active": true});
    let left = target.send(Method::POST, "Users", &left).await;
    assert_eq!(left.status, 201, "{left:?}");
    let namesake = created(target, &format!("{name}@example.org")).await;
    let comparison = reconciled(provider, false).await;
    assert_eq!((comparison.drift.count(Finding::Suspend), comparison.fixed), (1, Some(1)));
    let user =
        async |user: &Value| target.get(&format!("Users/{}", user["id"].as_str().expect("an id"))).await.body;
    until("suspended", async || user(&left.body).await["active"] == json!(false)).await;
    assert_eq!(user(&namesake).await, namesake);
    settled(provider).await;
}
