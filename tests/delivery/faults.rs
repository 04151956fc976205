//! Accounts are decided at random while the way to a service fails in every way and the sending process dies: once
//! the way is good, the service is as our accounts are, and nobody is there twice.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::extract::{Request, State};
use axum::http::{Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::{Account, AccountId, Link, Profile, Status, SuspendedBecause};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::profile::{ProfileAttribute, ProfileValues};
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::EntryOutcome;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use crate::support::provider::{Provider, Setup};
use crate::support::rows::Decisions;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::{raw_sql, until};

const PEOPLE: u64 = 6;
const SHARES: [&str; 2] = ["Art", "Press"];
const ROUNDS: u64 = 8;
const DECISIONS: u64 = 25;

/// Numbers that look random (SplitMix64).
struct Dice(AtomicU64);

impl Dice {
    fn below(&self, end: u64) -> u64 {
        let mut x = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        x = (x ^ (x >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        x = (x ^ (x >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (x ^ (x >> 31)) % end
    }
}

/// The way to a service, which fails while `fails` is set.
struct Way {
    service: String,
    /// Whether the service seems to announce nothing: no PATCH and no filters.
    is_narrow: bool,
    fails: AtomicBool,
    dice: Dice,
    http: reqwest::Client,
    /// How often each kind of fault happened.
    faults: Mutex<BTreeMap<&'static str, u32>>,
}

impl Way {
    fn happened(&self, fault: &'static str) {
        *self.faults.lock().unwrap_or_else(PoisonError::into_inner).entry(fault).or_default() += 1;
    }
}

/// Passes a request on; with and without an effect things go wrong.
async fn pass(State(way): State<Arc<Way>>, request: Request) -> Response {
    if way.is_narrow && request.uri().path().ends_with("/ServiceProviderConfig") {
        return StatusCode::NOT_FOUND.into_response();
    }
    let fault = if way.fails.load(Ordering::Relaxed) { way.dice.below(18) } else { u64::MAX };
    let before = match fault {
        0 => Some(("500 before", StatusCode::INTERNAL_SERVER_ERROR.into_response())),
        1 => Some(("503 before", StatusCode::SERVICE_UNAVAILABLE.into_response())),
        2 => Some(("429", StatusCode::TOO_MANY_REQUESTS.into_response())),
        3 => Some(("400", StatusCode::BAD_REQUEST.into_response())),
        4 => Some(("404", StatusCode::NOT_FOUND.into_response())),
        5 => Some(("lost before", broken())),
        _ => None,
    };
    if let Some((what, response)) = before {
        way.happened(what);
        return response;
    }
    let response = forward(&way, request).await;
    let after = match fault {
        6 => Some(("500 after", StatusCode::INTERNAL_SERVER_ERROR.into_response())),
        7 => Some(("503 after", StatusCode::SERVICE_UNAVAILABLE.into_response())),
        8 => Some(("garbage after", "<h1>Please sign in</h1>".into_response())),
        9 | 10 => Some(("lost after", broken())),
        _ => None,
    };
    match after {
        Some((what, instead)) => {
            way.happened(what);
            instead
        }
        None => response,
    }
}

/// A connection that breaks off in the body.
fn broken() -> Response {
    let parts = [Ok("{"), Err(std::io::Error::other("cut off"))];
    Body::from_stream(futures_util::stream::iter(parts)).into_response()
}

async fn forward(way: &Way, request: Request) -> Response {
    let (head, body) = request.into_parts();
    let path = head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    let body = to_bytes(body, usize::MAX).await.expect("a body");
    let mut sent = way.http.request(head.method, format!("{}{path}", way.service)).body(body);
    for name in [header::AUTHORIZATION, header::CONTENT_TYPE, header::IF_MATCH] {
        if let Some(value) = head.headers.get(&name) {
            sent = sent.header(name, value);
        }
    }
    let answer = sent.send().await.expect("the stand-in answers");
    let mut response = Response::builder().status(answer.status());
    for name in [header::CONTENT_TYPE, header::ETAG, header::LOCATION] {
        if let Some(value) = answer.headers().get(&name) {
            response = response.header(name, value);
        }
    }
    response.body(Body::from(answer.bytes().await.expect("a body"))).expect("a response")
}

struct World {
    provider: Provider,
    way: Arc<Way>,
    stand_in: StandIn,
    dice: Dice,
    jobs: Option<JoinHandle<()>>,
    clock: AtomicU64,
}

impl World {
    async fn new(seed: u64, is_narrow: bool) -> Self {
        let stand_in = StandIn::start().await;
        let site = stand_in.target.base.split("/scim").next().expect("a site").to_owned();
        let way = Arc::new(Way {
            service: site.clone(),
            is_narrow,
            fails: AtomicBool::new(false),
            dice: Dice(AtomicU64::new(seed)),
            http: reqwest::Client::new(),
            faults: Mutex::default(),
        });
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let routes = Router::new().fallback(pass).with_state(Arc::clone(&way));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        let base = stand_in.target.base.replace(&site, &format!("http://{address}"));
        let provider = Provider::start(Setup::new("")).await;
        let service = format!(
            "[[provisioning]]\nid = \"service\"\nbase_url = {base:?}\ntoken = {:?}\n\
             private_addresses = [\"127.0.0.0/8\"]\nmembers_per_request = 2\n",
            stand_in.target.token
        );
        provider.apply(&service, Mode::Merge).await.expect("good settings");
        let dice = Dice(AtomicU64::new(seed ^ 0x5eed));
        Self { provider, way, stand_in, dice, jobs: None, clock: AtomicU64::new(1) }
    }

    fn begin(&mut self) {
        let parts = &self.provider.parts;
        self.jobs = Some(tokio::spawn(jobs::run(parts.operation(), parts.sync())));
    }

    /// The process dies, and another one does not wait until its lease has expired.
    async fn crash(&mut self) {
        if let Some(jobs) = self.jobs.take() {
            jobs.abort();
            let _ = jobs.await;
        }
        let store = format!("sqlite:{}", self.provider.sqlite().display());
        raw_sql(&store, "DELETE FROM leases").await;
        self.begin();
    }

    fn now(&self) -> Millis {
        self.provider.parts.now()
    }

    async fn accounts(&self) -> Vec<Account> {
        self.provider.parts.store.identity().accounts_page(None, 100).await.expect("an answer")
    }

    /// What is decided of one person: hired, renamed, another title, suspended, active again, in or out of a Team
    /// Share, or erased.
    async fn decide(&self) {
        let number = self.dice.below(PEOPLE);
        let entry = EntryId(Uuid::from_u128(1 + u128::from(number)));
        let known = self.accounts().await;
        let known = known.into_iter().find(|one| one.link.as_ref().is_some_and(|link| link.entry == entry));
        let count = self.clock.fetch_add(1, Ordering::Relaxed);
        let Some(account) = known else {
            return self.apply(entry, Action::Create, format!("p{number}-{count}"), count).await;
        };
        let (id, email) = (account.id.clone(), account.profile.email.clone());
        let name = email.split('@').next().unwrap_or_default().to_owned();
        let is_active = account.status == Status::Active;
        match self.dice.below(10) {
            0 => {
                self.apply(entry, |change| Action::Update(id, change), format!("q{number}-{count}"), count)
                    .await
            }
            1 | 2 if is_active => {
                let disabled = SuspendedBecause::Disabled;
                self.apply(entry, |change| Action::Suspend(id, disabled, change), name, count).await;
            }
            1..=3 => self.apply(entry, |change| Action::Reactivate(id, change), name, count).await,
            4..=6 => self.share(account).await,
            7 if self.dice.below(3) == 0 => {
                let event = Event::new(self.now(), Decision::AccountErased);
                self.provider.parts.store.identity().purge(&id, true, &event).await.expect("erased");
            }
            _ => self.apply(entry, |change| Action::Update(id, change), name, count).await,
        }
    }

    async fn apply(&self, entry: EntryId, action: impl FnOnce(Change) -> Action, name: String, count: u64) {
        let link = Link { directory: corp(), entry, sid: None };
        let attributes = ProfileValues::default().with(ProfileAttribute::Title, format!("title {count}"));
        let profile =
            Profile { email: format!("{name}@example.com"), login_name: Some(name.clone()), attributes };
        let change = Change { link, profile: Some(profile), expires_at: None };
        let outcome = Outcome { action: action(change), conflict: None };
        let one = EntryOutcome { entry, login_name: name, outcome, password_changed_at: None };
        self.provider
            .parts
            .store
            .sync()
            .apply_actions(None, &corp(), vec![one], self.now())
            .await
            .expect("applied");
    }

    async fn share(&self, account: Account) {
        let shares = self.provider.parts.store.sync();
        let name = SHARES[usize::from(self.dice.below(2) == 0)];
        let held = shares.shares_of(&account.id).await.expect("an answer");
        let share = Share { team_share: name.into(), group: EntryId(Uuid::from_u128(99)) };
        let change = vec![ShareChange { share, why: "by the test".into() }];
        let diff = match held.iter().any(|row| row.share.team_share == name) {
            true => ShareDiff { joined: Vec::new(), left: change },
            false => ShareDiff { joined: change, left: Vec::new() },
        };
        shares.write_shares(None, vec![(account, diff)], self.now()).await.expect("written");
    }

    /// The way is good, and an administrator has tried again whoever is refused or waits for a later time.
    async fn settle(&self) {
        self.way.fails.store(false, Ordering::Relaxed);
        let deliveries = self.provider.parts.store.delivery();
        let retry = async || {
            let event = |_| Event::new(self.now(), Decision::DeliveryRetried);
            deliveries.retry("service", None, event).await.expect("an answer");
        };
        retry().await;
        until("everything is delivered", async || {
            let waiting = deliveries.waiting("service").await.expect("an answer").waiting;
            let ready = deliveries.ready("service", 1, self.now()).await.expect("an answer");
            let state = deliveries.target("service").await.expect("an answer").expect("a service");
            if waiting > 0 && (ready.is_empty() || state.stopped.is_some()) {
                retry().await;
            }
            waiting == 0
        })
        .await;
    }

    /// The service is as our accounts are.
    async fn compare(&self, round: u64) {
        let target = &self.stand_in.target;
        let users = all(target, "Users").await;
        let mut ids = BTreeMap::new();
        for account in self.accounts().await {
            let AccountId(id) = &account.id;
            let own: Vec<&Value> = users.iter().filter(|user| user["externalId"] == id.as_str()).collect();
            assert!(own.len() < 2, "round {round}: there twice: {own:?}");
            let is_active = account.status == Status::Active;
            let Some(user) = own.first() else {
                assert!(!is_active, "round {round}: {account:?} is not there");
                continue;
            };
            let title = account.profile.attributes.get(ProfileAttribute::Title);
            assert_eq!(user["active"], is_active, "round {round}: {user}");
            assert_eq!(
                (user["userName"].as_str(), user["title"].as_str()),
                (Some(account.profile.email.as_str()), title)
            );
            ids.insert(user["id"].as_str().expect("an id").to_owned(), account.id);
        }
        assert_eq!(users.len(), ids.len(), "round {round}: others than ours: {users:?}");
        for name in SHARES {
            let groups = all(target, "Groups").await;
            let own: Vec<&Value> = groups.iter().filter(|group| group["displayName"] == name).collect();
            assert!(own.len() < 2, "round {round}: there twice: {own:?}");
            let mut wanted = Vec::new();
            for (remote, account) in &ids {
                let held = self.provider.parts.store.sync().shares_of(account).await.expect("an answer");
                wanted.extend(held.iter().any(|row| row.share.team_share == name).then(|| remote.clone()));
            }
            let members = own.first().and_then(|group| group["members"].as_array()).into_iter().flatten();
            let mut members: Vec<String> =
                members.filter_map(|member| member["value"].as_str().map(str::to_owned)).collect();
            members.sort();
            assert_eq!(members, wanted, "round {round}: members of {name}");
        }
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.jobs.iter().for_each(JoinHandle::abort);
    }
}

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

async fn all(target: &ScimTarget, path: &str) -> Vec<Value> {
    let list = target.send(Method::GET, &format!("{path}?startIndex=1&count=200"), &Value::Null).await;
    list.body["Resources"].as_array().cloned().unwrap_or_default()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_fails_on_the_way_in_the_end_the_service_is_as_our_accounts_are() {
    in_the_end_the_service_is_as_our_accounts_are(World::new(0x2545_f491_4f6c_dd1d, false).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_at_a_service_without_patch_and_filters() {
    in_the_end_the_service_is_as_our_accounts_are(World::new(0x9e37_79b9_7f4a_7c15, true).await).await;
}

async fn in_the_end_the_service_is_as_our_accounts_are(mut world: World) {
    world.begin();
    for round in 0..ROUNDS {
        world.way.fails.store(true, Ordering::Relaxed);
        for _ in 0..DECISIONS {
            world.decide().await;
            // Some decisions come while others are on their way, and some at once. Nothing depends on it.
            tokio::time::sleep(Duration::from_millis(world.dice.below(4) * 15)).await;
            if world.dice.below(20) == 0 {
                world.crash().await;
            }
        }
        world.settle().await;
        world.compare(round).await;
    }
    let faults = world.way.faults.lock().unwrap_or_else(PoisonError::into_inner).clone();
    assert!(faults.len() >= 8, "each kind of fault happened: {faults:?}");
}
