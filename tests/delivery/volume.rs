//! Many at once: suspensions while very many creations wait, and a Team Share with very many members.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::Method;
use axum::response::Response;
use cloudsync_idp::jobs;
use cloudsync_idp::store::Store;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tower::ServiceExt;

use super::crowd;
use super::sending::{Delivering, apply, found, is_active, service};
use crate::support::lab;
use crate::support::provider::{Provider, Setup};
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::{StandIn, scim};
use crate::support::subtree::Subtree;
use crate::support::{count, measured, until};

/// The documented time from a change in the directory to the service, also while others wait.
const BOUND: Duration = Duration::from_secs(3);
/// Everybody leaves.
const NO_GUARD: &str = "[directories.sync]\nguard_people = 1000000\nguard_percent = 100\n";
const MEMBERS_PER_REQUEST: usize = 100;

async fn waiting(store: &Store) -> usize {
    let waiting = store.delivery().waiting("service").await.expect("an answer").waiting;
    usize::try_from(waiting).expect("not so many")
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_suspended_is_inactive_in_seconds_while_very_many_creations_wait() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let (people, many) = (count(10, 100), count(5_000, 100_000));
    // Enough for those who are suspended later; the creations spend the rest of their half, and wait.
    let budget =
        format!("requests_per_minute = {}\nreserved_for_suspensions = 50\ndrift = \"off\"", people * 20);
    let subtree = Subtree::ldap();
    let directory = subtree.settings(&subtree.unit, "") + NO_GUARD;
    let provider = Provider::start(Setup::new(&directory)).await;
    let delivering = Delivering::begin(subtree, provider, &service(target, &budget)).await;
    let mut leavers = Vec::with_capacity(people);
    for _ in 0..people {
        leavers.push(delivering.arrived(target).await);
    }
    crowd::create(&delivering.provider, 0..many + many / 10, None).await;

    let mut took = Vec::with_capacity(people);
    for leaver in &leavers {
        let begun = Instant::now();
        delivering.subtree.disable(leaver);
        until("inactive", async || is_active(target, leaver).await == Some(false)).await;
        took.push(begun.elapsed());
    }
    let left = waiting(&delivering.provider.parts.store).await;
    took.sort_unstable();
    let p99 = took[(people * 99).div_ceil(100) - 1];
    measured(&format!(
        "from disabled in OpenLDAP to inactive in the stand-in while {left} creations wait: {p99:?} (99 % of {people})"
    ));
    assert!(left >= many, "they have waited all the time: {left}");
    assert!(p99 < BOUND, "{took:?}");
}

/// How many members each PATCH of a group has added.
type Added = Mutex<Vec<usize>>;

async fn pass(State((routes, added)): State<(Router, Arc<Added>)>, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    if head.method == Method::PATCH && head.uri.path().contains("/Groups/") {
        let patch: Value = serde_json::from_slice(&body).expect("JSON");
        let operations = patch["Operations"].as_array().into_iter().flatten();
        let members: usize = operations.filter_map(|one| one["value"].as_array()).map(Vec::len).sum();
        added.lock().unwrap_or_else(PoisonError::into_inner).extend((members > 0).then_some(members));
    }
    routes.oneshot(Request::from_parts(head, Body::from(body))).await.expect("an answer")
}

/// A stand-in whose groups are watched.
async fn watched_stand_in() -> (ScimTarget, Arc<Added>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let site = format!("http://{}", listener.local_addr().expect("an address"));
    let (token, added) = ("a-token-of-the-tests", Arc::new(Added::default()));
    let stand_in = scim::routes(Arc::new(scim::Scim::new(&site, token)));
    let routes = Router::new().fallback(pass).with_state((stand_in, Arc::clone(&added)));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    (ScimTarget::new(&format!("{site}{}", scim::PATH), token), added)
}

/// A provider that delivers, without a directory.
struct Sending {
    provider: Provider,
    jobs: JoinHandle<()>,
}

impl Drop for Sending {
    fn drop(&mut self) {
        self.jobs.abort();
    }
}

async fn a_large_team_share_is_complete(target: &ScimTarget, members: usize) {
    let provider = Provider::start(Setup::new("")).await;
    apply(&provider, &service(target, &format!("members_per_request = {MEMBERS_PER_REQUEST}"))).await;
    let share = lab::unique("Large");
    crowd::create(&provider, 0..members, Some(&share)).await;
    let jobs = tokio::spawn(jobs::run(provider.parts.operation(), provider.parts.sync()));
    let sending = Sending { provider, jobs };
    let store = &sending.provider.parts.store;
    // In steps: each may take as long as another test waits for everything.
    for left in (0..=members).rev().step_by(MEMBERS_PER_REQUEST).chain([0]) {
        until("the next ones are delivered", async || waiting(store).await <= left).await;
    }
    let mut groups = found(target, "Groups", "displayName", &share).await;
    assert_eq!(groups.len(), 1, "{groups:?}");
    let id = groups.remove(0)["id"].as_str().expect("an id").to_owned();
    let group = target.get(&format!("Groups/{id}")).await.body;
    let listed = group["members"].as_array().expect("members");
    let ids: BTreeSet<&str> = listed.iter().filter_map(|member| member["value"].as_str()).collect();
    assert_eq!((listed.len(), ids.len()), (members, members), "each once");
    for number in [0, members / 2, members - 1] {
        let users = found(target, "Users", "userName", &crowd::email(number)).await;
        assert!(users.iter().any(|user| user["id"].as_str().is_some_and(|id| ids.contains(id))), "{users:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_team_share_is_delivered_in_chunks() {
    let (target, added) = watched_stand_in().await;
    let members = count(350, 5_000);
    let begun = Instant::now();
    a_large_team_share_is_complete(&target, members).await;
    measured(&format!("a Team Share and its {members} members to the stand-in: {:?}", begun.elapsed()));
    let added = added.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(added.iter().all(|members| *members <= MEMBERS_PER_REQUEST), "{added:?}");
    assert!(added.len() >= members.div_ceil(MEMBERS_PER_REQUEST), "{added:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_large_team_share_is_delivered_to_scim2_server() {
    a_large_team_share_is_complete(&lab::own_scim2_server().target(), count(150, 300)).await;
}
