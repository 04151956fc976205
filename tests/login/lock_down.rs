//! A person is locked down: nothing of before opens anything, clients and services are told, and what they answer is
//! seen. A client or service that is away is told as soon as it is back.

use cloudsync_idp::domain::audit::Decision;
use cloudsync_idp::domain::lock_down::{LockDownState, StepState};
use cloudsync_idp::domain::{DAY, SECOND};
use cloudsync_idp::flow::account::lock_down::lock_down;
use cloudsync_idp::flow::account::lock_down_view::{LockDownView, lock_down_of};
use cloudsync_idp::flow::account::{factors, suspension};
use cloudsync_idp::flow::delivery::deliver;
use cloudsync_idp::jobs;
use cloudsync_idp::store::{AuditFilter, AuditRow};
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use tokio::task::JoinHandle;

use crate::support::logout_server::{LogoutServer, told_at};
use crate::support::phone::Phone;
use crate::support::relying_party::Tokens;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::story::{CODE, Story, assert_arrived};
use crate::support::{desk, until};

const REMEMBERS: &str = "[second_factor]\nrequired = \"everyone\"\nremember_browser_days = 30\n";
const FRESH: [(&str, &str); 1] = [("prompt", "login")];

/// A person with a session, a remembered browser, and accounts at a client that is told and at a service.
struct Stage {
    story: Story,
    phone: Phone,
    tokens: Tokens,
    client: LogoutServer,
    service: StandIn,
    jobs: Vec<JoinHandle<()>>,
}

impl Drop for Stage {
    fn drop(&mut self) {
        self.jobs.iter().for_each(JoinHandle::abort);
    }
}

fn service(target: &ScimTarget, token: &str) -> String {
    let base = &target.base;
    format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {base:?}\nprivate_addresses = [\"127.0.0.0/8\"]\n\
         token = {token:?}\n"
    )
}

impl Stage {
    async fn new() -> Self {
        let story = Story::at_openldap(REMEMBERS).await;
        let ((client, address), stand_in) = (LogoutServer::start(200).await, StandIn::start().await);
        let token = &stand_in.target.token;
        story.set(&(told_at("cloudsync", &address) + &service(&stand_in.target, token))).await;
        let parts = &story.provider.parts;
        let (operation, panel) = (parts.operation(), parts.panel());
        let jobs = vec![
            tokio::spawn(async move { deliver(&operation, "service").await }),
            tokio::spawn(jobs::tell_clients(panel)),
        ];
        let (phone, ..) = story.enrolled().await;
        let page = story.signs_in(&FRESH).await;
        story.later(30 * SECOND);
        let typed = [("code", &*phone.code(story.now())), ("remember", "yes")];
        let arrived = story.browser.fill(&page, "/login/factor", &typed).await;
        assert_arrived(&arrived);
        let tokens = story.tokens(&arrived).await;
        let stage = Self { story, phone, tokens, client, service: stand_in, jobs };
        until("the person is at the service", async || stage.is_active().await == Some(true)).await;
        stage
    }

    async fn is_active(&self) -> Option<bool> {
        let filter = format!("userName eq \"{}\"", self.story.person.mail);
        let filter = utf8_percent_encode(&filter, NON_ALPHANUMERIC);
        let list = self.service.target.get(&format!("Users?filter={filter}")).await.body;
        list["Resources"][0]["active"].as_bool()
    }

    async fn locks_down(&self) -> LockDownView {
        let account = self.story.account().await;
        lock_down(&self.story.provider.parts.login(), &account, &desk()).await.expect("locked down")
    }

    async fn view(&self) -> LockDownView {
        let account = self.story.account().await;
        let found = lock_down_of(&self.story.provider.parts.login(), &account).await;
        found.expect("the store").expect("a lock-down")
    }

    async fn trail(&self, decision: Decision) -> Vec<AuditRow> {
        let rows = self.story.provider.parts.store.login().audit_page(None, 500, &AuditFilter::All).await;
        let rows = rows.expect("the store").into_iter();
        rows.filter(|row| row.decision == decision.as_str()).collect()
    }

    /// The states of the client and the service.
    async fn states(&self) -> Vec<StepState> {
        self.view().await.steps.states().collect()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_of_before_opens_anything_and_everybody_is_told() {
    let stage = Stage::new().await;
    let (story, tokens) = (&stage.story, &stage.tokens);
    let code = factors::invite(&story.provider.parts.login(), &story.account().await.id, &desk()).await;
    code.expect("a code");
    let begun = story.starts_login(&FRESH).await;
    let view = stage.locks_down().await;
    let ended = view.ended;
    assert!(ended.sessions >= 1 && ended.refresh_families >= 1, "{ended:?}");
    assert_eq!((ended.remembered_browsers, ended.help_desk_codes), (1, 1));

    let refreshed = story.cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("error"), "invalid_grant");
    assert_eq!(story.cloudsync.userinfo(tokens.text("access_token")).await.status, 401);
    assert_eq!(story.cloudsync.introspect(tokens.text("access_token")).await.body["active"], false);
    assert_eq!(story.silently(&[]).await, "login_required");
    let refused = story.browser.submit(&begun, &story.person.account, &story.password).await;
    let refused = story.browser.go_on(refused).await;
    assert_eq!(refused.parameter("code"), None, "a sign-in that had begun: {}", refused.text());
    let refusals = stage.trail(Decision::SignInRefused).await;
    assert!(refusals.iter().any(|row| row.cause.as_deref() == Some("not_suspended")), "{refusals:?}");

    until("all is confirmed", async || stage.view().await.state == LockDownState::Confirmed).await;
    assert_eq!(stage.states().await, [StepState::Confirmed, StepState::Confirmed]);
    assert_eq!(stage.is_active().await, Some(false));
    assert!(!stage.client.tokens().is_empty());
    until("the end is noted", async || stage.view().await.concluded_at.is_some()).await;
    let [ended] = &stage.trail(Decision::LockDownEnded).await[..] else { panic!("once") };
    let detail = ended.detail.as_deref().unwrap_or_default();
    for part in ["command desk@test", "\"state\":\"confirmed\"", "status 200", "service"] {
        assert!(detail.contains(part), "{part}: {detail}");
    }

    let parts = story.provider.parts.login();
    suspension::reactivate(&parts, &story.account().await, &desk()).await.expect("reactivated");
    let page = story.signs_in(&FRESH).await;
    assert_eq!(page.heading(), CODE, "the browser is forgotten: {}", page.text());
    assert_arrived(&story.types_next_code(&page, &stage.phone).await);
    until("active again", async || stage.is_active().await == Some(true)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_away_is_told_later_and_a_second_order_repeats_only_that() {
    let stage = Stage::new().await;
    let story = &stage.story;
    stage.client.answers(503);
    story.set(&service(&stage.service.target, "a-wrong-token")).await;
    let store = story.provider.parts.store.delivery();
    until("the service is stopped", async || {
        store.target("service").await.expect("the store").is_some_and(|target| target.stopped.is_some())
    })
    .await;
    stage.locks_down().await;
    assert_eq!(stage.states().await[1], StepState::Stopped);
    until("the client was tried", async || !stage.client.tokens().is_empty()).await;
    let view = stage.view().await;
    assert_eq!((view.state, view.steps.clients[0].state), (LockDownState::Failed, StepState::Waiting));
    assert_eq!(stage.is_active().await, Some(true));
    assert_eq!(view.concluded_at, None);

    story.set(&service(&stage.service.target, &stage.service.target.token)).await;
    stage.client.answers(200);
    let again = stage.locks_down().await;
    assert_eq!((again.times, again.ended, again.at), (2, view.ended, view.at));
    until("all is confirmed", async || stage.view().await.state == LockDownState::Confirmed).await;
    assert_eq!(stage.is_active().await, Some(false));
    until("the end is noted", async || stage.trail(Decision::LockDownEnded).await.len() == 1).await;
    assert_eq!(stage.trail(Decision::PersonLockedDown).await.len(), 2);

    let told = stage.client.tokens().len();
    stage.locks_down().await;
    until("confirmed at once", async || stage.trail(Decision::LockDownEnded).await.len() == 2).await;
    assert_eq!(stage.client.tokens().len(), told, "the client has confirmed it");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_was_made_active_at_the_service_is_made_inactive_again() {
    let stage = Stage::new().await;
    stage.locks_down().await;
    until("inactive", async || stage.is_active().await == Some(false)).await;
    until("noted", async || stage.view().await.state == LockDownState::Confirmed).await;
    let found = stage.service.target.get("Users").await.body;
    let id = found["Resources"][0]["id"].as_str().expect("an id").to_owned();
    let active = serde_json::json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"],
        "Operations": [{"op": "replace", "path": "active", "value": true}]});
    let patched = stage.service.target.send(reqwest::Method::PATCH, &format!("Users/{id}"), &active).await;
    assert!(patched.status.is_success(), "{patched:?}");
    assert_eq!(stage.is_active().await, Some(true), "an administrator there");
    stage.locks_down().await;
    until("inactive again", async || stage.is_active().await == Some(false)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_never_answers_is_given_up_after_a_day() {
    let stage = Stage::new().await;
    stage.client.answers(400);
    stage.locks_down().await;
    until("it was tried", async || !stage.client.tokens().is_empty()).await;
    until("the service has confirmed", async || stage.states().await[1] == StepState::Confirmed).await;
    stage.story.later(DAY);
    until("it is given up", async || stage.states().await[0] == StepState::GivenUp).await;
    assert_eq!(stage.view().await.state, LockDownState::Failed);
    until("the end is noted", async || stage.trail(Decision::LockDownEnded).await.len() == 1).await;
}
