//! What is decided here happens in services: from a real directory, through the sync, to real service providers.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::delivery::Stop;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::{AuditFilter, PurgeOutcome};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use reqwest::Method;
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::crowd;
use crate::support::lab::{self, Person};
use crate::support::provider::Provider;
use crate::support::rows::AccountRows;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::subtree::Subtree;
use crate::support::{measured, until};

/// The documented time in which another node takes over from one that has died.
const TAKEN_OVER: Duration = Duration::from_secs(15);

/// The settings of a service.
pub(super) fn service(target: &ScimTarget, keys: &str) -> String {
    format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {:?}\nprivate_addresses = [\"127.0.0.0/8\"]\ntoken = {:?}\n{keys}\n",
        target.base, target.token,
    )
}

/// A running provider that delivers the people of a subtree to a service.
pub(super) struct Delivering {
    pub(super) subtree: Subtree,
    pub(super) provider: Provider,
    jobs: JoinHandle<()>,
}

impl Delivering {
    pub(super) async fn to(settings: &str) -> Self {
        Self::of(Subtree::ldap(), settings).await
    }

    pub(super) async fn of(subtree: Subtree, settings: &str) -> Self {
        let provider = subtree.provider().await;
        Self::begin(subtree, provider, settings).await
    }

    pub(super) async fn begin(subtree: Subtree, provider: Provider, settings: &str) -> Self {
        apply(&provider, settings).await;
        let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
        Self { subtree, provider, jobs }
    }

    pub(super) async fn id(&self, person: &Person) -> Option<AccountId> {
        let found = self.provider.parts.store.identity().account_by_email(&person.mail).await;
        found.expect("an answer").map(|account| account.id)
    }

    async fn stopped(&self) -> Option<Stop> {
        let state = self.provider.parts.store.delivery().target("service").await.expect("an answer");
        state.and_then(|state| state.stopped).map(|stopped| stopped.why)
    }

    async fn retry(&self) {
        let event = |_| Event::new(self.provider.parts.now(), Decision::DeliveryRetried);
        self.provider.parts.store.delivery().retry("service", None, event).await.expect("an answer");
    }

    /// A new person, once the service has them.
    pub(super) async fn arrived(&self, target: &ScimTarget) -> Person {
        let person = self.subtree.person();
        until("the person has arrived", async || is_active(target, &person).await == Some(true)).await;
        person
    }
}

impl Drop for Delivering {
    fn drop(&mut self) {
        self.jobs.abort();
    }
}

pub(super) async fn apply(provider: &Provider, settings: &str) {
    provider.apply(settings, Mode::Merge).await.expect("good settings");
}

/// All users with the person's address.
pub(super) async fn users(target: &ScimTarget, person: &Person) -> Vec<Value> {
    found(target, "Users", "userName", &person.mail).await
}

pub(super) async fn found(target: &ScimTarget, path: &str, attribute: &str, value: &str) -> Vec<Value> {
    let filter = format!("{attribute} eq \"{value}\"");
    let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
    let list = target.get(&format!("{path}?filter={filter}")).await.body;
    list["Resources"].as_array().cloned().unwrap_or_default()
}

pub(super) async fn user(target: &ScimTarget, person: &Person) -> Option<Value> {
    let mut users = users(target, person).await;
    assert!(users.len() < 2, "there twice: {users:?}");
    users.pop()
}

pub(super) async fn is_active(target: &ScimTarget, person: &Person) -> Option<bool> {
    user(target, person).await?["active"].as_bool()
}

async fn a_person_comes_changes_leaves_and_comes_back(target: &ScimTarget, name: &str) {
    let delivering = Delivering::to(&service(target, "")).await;
    let subtree = &delivering.subtree;
    let ada = delivering.arrived(target).await;
    let id = delivering.id(&ada).await.expect("an account");
    assert_eq!(user(target, &ada).await.expect("there")["externalId"], json!(id.0));

    subtree.admin.replace(&ada.dn, "title", &["Head of \"R&D\""]);
    until("the title has changed", async || {
        user(target, &ada).await.is_some_and(|user| user["title"] == "Head of \"R&D\"")
    })
    .await;
    subtree.admin.replace(&ada.dn, "title", &[]);
    until("the title is gone", async || user(target, &ada).await.is_some_and(|user| user["title"].is_null()))
        .await;

    let begun = Instant::now();
    subtree.disable(&ada);
    until("suspended", async || is_active(target, &ada).await == Some(false)).await;
    measured(&format!("from disabled in OpenLDAP to inactive in {name}: {:?}", begun.elapsed()));
    subtree.enable(&ada);
    until("active again", async || is_active(target, &ada).await == Some(true)).await;

    let event = Event::new(delivering.provider.parts.now(), Decision::AccountErased);
    let erased = delivering.provider.parts.store.identity().purge(&id, true, &event).await;
    assert!(matches!(erased, Ok(PurgeOutcome::Erased(_))), "{erased:?}");
    until("another account", async || {
        user(target, &ada).await.is_none_or(|user| user["externalId"] != json!(id.0))
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_brought_to_the_stand_in() {
    a_person_comes_changes_leaves_and_comes_back(&StandIn::start().await.target, "the stand-in").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_brought_to_scim2_server() {
    a_person_comes_changes_leaves_and_comes_back(&lab::scim2_server().target(), "scim2-server").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_person_is_brought_to_scimmy() {
    a_person_comes_changes_leaves_and_comes_back(&lab::scimmy().target(), "scimmy").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_there_already_is_adopted_and_everybody_is_filled_in_once() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let subtree = Subtree::ldap();
    let people = [subtree.person(), subtree.person(), subtree.person()];
    let created = target
        .send(
            Method::POST,
            "Users",
            &json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"],
                "userName": people[0].mail.to_uppercase(), "nickName": "Ada"}),
        )
        .await;
    assert_eq!(created.status, 201, "{created:?}");
    let provider = subtree.provider().await;
    provider.sync().await.expect("a sync before there is a service");
    let settings = service(target, "attributes = [\"name\"]");
    let delivering = Delivering::begin(subtree, provider, &settings).await;
    for person in &people {
        until("filled in", async || is_active(target, person).await == Some(true)).await;
    }
    let adopted = user(target, &people[0]).await.expect("there");
    assert_eq!((&adopted["id"], &adopted["nickName"]), (&created.body["id"], &json!("Ada")));
    assert_eq!(adopted["userName"], json!(people[0].mail));
    assert!(adopted["emails"].is_null(), "not among the attributes: {adopted}");
    apply(&delivering.provider, &service(target, "attributes = [\"name\", \"email\"]")).await;
    for person in &people {
        until("with more attributes", async || {
            user(target, person).await.is_some_and(|user| user["emails"][0]["value"] == json!(person.mail))
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_team_share_is_a_group_with_its_members_and_guests_stay() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let subtree = Subtree::ldap();
    let (ada, bob, share) = (subtree.person(), subtree.person(), lab::unique("Share"));
    let group = subtree.group(&[&ada.dn, &bob.dn]);
    let mapping =
        format!("[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = {share:?}\n");
    let settings = service(target, "members_per_request = 1") + &mapping;
    let delivering = Delivering::of(subtree, &settings).await;
    for person in [&ada, &bob] {
        until("the person has arrived", async || is_active(target, person).await == Some(true)).await;
    }
    let members = async || {
        let mut groups = found(target, "Groups", "displayName", &share).await;
        let group = target.get(&format!("Groups/{}", groups.pop()?["id"].as_str()?)).await.body;
        let mut members: Vec<String> = group["members"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|member| member["value"].as_str().map(str::to_owned))
            .collect();
        members.sort();
        Some((group["id"].as_str()?.to_owned(), members))
    };
    let id_of = async |person: &Person| {
        user(target, person).await.expect("there")["id"].as_str().expect("an id").to_owned()
    };
    let (ada_id, bob_id) = (id_of(&ada).await, id_of(&bob).await);
    let mut both = vec![ada_id.clone(), bob_id.clone()];
    both.sort();
    until("both are members", async || members().await.is_some_and(|(_, members)| members == both)).await;

    let guest = target.send(Method::POST, "Users", &json!({"schemas": ["urn:ietf:params:scim:schemas:core:2.0:User"], "userName": lab::unique("guest")})).await;
    let guest = guest.body["id"].as_str().expect("an id").to_owned();
    let (id, _) = members().await.expect("a group");
    let invited = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "add", "path": "members", "value": [{"value": guest}]}]});
    let patched = target.send(Method::PATCH, &format!("Groups/{id}"), &invited).await;
    assert!(patched.status.is_success(), "{patched:?}");
    delivering.subtree.admin.replace(&group, "member", &[&bob.dn]);
    let mut left = vec![bob_id, guest];
    left.sort();
    until("one has left", async || members().await.is_some_and(|(_, members)| members == left)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_token_stops_the_service_and_a_second_one_overlaps() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let wrong = service(&ScimTarget::new(&target.base, "an-old-token"), "");
    let delivering = Delivering::to(&wrong).await;
    let ada = delivering.subtree.person();
    until("stopped", async || delivering.stopped().await == Some(Stop::Unauthorized)).await;
    let login = delivering.provider.parts.store.login();
    let trail = login.audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    let stops = trail.iter().filter(|row| row.decision == Decision::DeliveryStopped.as_str()).count();
    assert_eq!(stops, 1, "{trail:?}");
    apply(
        &delivering.provider,
        &format!("[[provisioning]]\nid = \"service\"\nnext_token = {:?}\n", target.token),
    )
    .await;
    until("it goes on", async || is_active(target, &ada).await == Some(true)).await;
    assert_eq!(delivering.stopped().await, None);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_was_emptied_is_not_filled_again_blindly() {
    let lab = lab::own_scim2_server();
    let target = &lab.target();
    let delivering = Delivering::to(&service(target, "")).await;
    let mut people = Vec::new();
    for _ in 0..5 {
        people.push(delivering.arrived(target).await);
    }
    lab.pause();
    for person in &people {
        delivering.subtree.admin.replace(&person.dn, "title", &["while it was away"]);
    }
    lab.resume();
    let has_title = async |person: &Person| {
        user(target, person).await.is_some_and(|user| user["title"] == "while it was away")
    };
    for person in &people {
        until("what changed meanwhile is delivered", async || has_title(person).await).await;
    }

    lab.kill();
    lab.restart();
    for person in &people {
        delivering.subtree.admin.replace(&person.dn, "title", &["after it was emptied"]);
    }
    until("stopped", async || delivering.stopped().await == Some(Stop::Emptied)).await;
    let mut there = 0;
    for person in &people {
        there += users(target, person).await.len();
    }
    assert!(there <= 3, "only three an hour are always created again");
    for person in &people {
        until("filled again, a few with each word of an administrator", async || {
            if delivering.stopped().await.is_some() {
                delivering.retry().await;
            }
            is_active(target, person).await == Some(true)
        })
        .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn another_node_takes_over() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let delivering = Delivering::to(&service(target, "")).await;
    delivering.arrived(target).await;
    let other = delivering.provider.another_process().await;
    let others_jobs = tokio::spawn(jobs::run(other.operation(), other.sync()));
    // As by a crash: the lease is not released.
    delivering.jobs.abort();
    let begun = Instant::now();
    // Decided by nobody's sync: the other node has to take that over as well.
    crowd::create(&delivering.provider, 0..1, None).await;
    until("the other node delivers", async || {
        !found(target, "Users", "userName", &crowd::email(0)).await.is_empty()
    })
    .await;
    let took = begun.elapsed();
    measured(&format!("from the death of the delivering node to a delivery by another: {took:?}"));
    assert!(took < TAKEN_OVER, "{took:?}");
    let later = delivering.subtree.person();
    until("the other node syncs and delivers", async || is_active(target, &later).await == Some(true)).await;
    others_jobs.abort();
}
