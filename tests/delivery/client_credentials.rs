//! A service is delivered to with access tokens that a token endpoint gives for client credentials.

use cloudsync_idp::domain::audit::Decision;
use cloudsync_idp::domain::delivery::Stop;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::jobs;
use cloudsync_idp::store::{AuditFilter, StoppedTarget, TargetState};
use serde_json::json;
use tokio::task::JoinHandle;

use crate::support::provider::{Provider, Setup};
use crate::support::stand_in::StandIn;
use crate::support::token_endpoint::{CLIENT_SECRET, TokenEndpoint, granted};
use crate::support::until;

/// The settings of a service whose tokens come from this endpoint.
fn service(stand_in: &StandIn, endpoint: &TokenEndpoint, secret: &str, keys: &str) -> String {
    format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {:?}\nprivate_addresses = [\"127.0.0.0/8\"]\n\
         oauth_token_endpoint = {:?}\noauth_client_id = \"idp\"\noauth_client_secret = {secret:?}\n{keys}\n",
        stand_in.target.base, endpoint.url,
    )
}

/// A provider that delivers to it.
struct Delivering {
    provider: Provider,
    jobs: JoinHandle<()>,
}

impl Delivering {
    async fn to(settings: &str) -> Self {
        let provider = Provider::start(Setup::new("")).await;
        provider.apply(settings, Mode::Merge).await.expect("good settings");
        let parts = &provider.parts;
        let jobs = tokio::spawn(jobs::run(parts.operation(), parts.sync()));
        Self { provider, jobs }
    }

    async fn state(&self) -> Option<TargetState> {
        self.provider.parts.store.delivery().target("service").await.expect("an answer")
    }

    /// Whether the service has answered what it can do, which it does only to who has the token.
    async fn is_in_contact(&self) -> bool {
        self.state().await.is_some_and(|state| state.dialect.is_some_and(|dialect| dialect.patch.is_some()))
    }

    async fn stopped(&self) -> Option<StoppedTarget> {
        self.state().await.and_then(|state| state.stopped)
    }
}

impl Drop for Delivering {
    fn drop(&mut self) {
        self.jobs.abort();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_is_got_once_and_sent_in_each_way() {
    for (keys, in_body) in [
        ("oauth_scope = \"users groups\"", false),
        ("oauth_scope = \"users groups\"\noauth_auth_method = \"client_secret_post\"", true),
    ] {
        let stand_in = StandIn::start().await;
        let endpoint = TokenEndpoint::start(&stand_in.target.token).await;
        let delivering = Delivering::to(&service(&stand_in, &endpoint, CLIENT_SECRET, keys)).await;
        until("the service has answered", async || delivering.is_in_contact().await).await;
        let asked = endpoint.asked();
        assert_eq!(asked.len(), 1, "{asked:?}");
        assert!(asked[0].contains("grant_type=client_credentials&scope=users+groups"), "{asked:?}");
        assert_eq!(asked[0].contains("client_secret="), in_body, "{asked:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_that_the_service_does_not_take_is_got_anew_once() {
    let stand_in = StandIn::start().await;
    let endpoint = TokenEndpoint::start(&stand_in.target.token).await;
    endpoint.once(200, granted("one-that-was-revoked"));
    let delivering = Delivering::to(&service(&stand_in, &endpoint, CLIENT_SECRET, "")).await;
    until("the service has answered", async || delivering.is_in_contact().await).await;
    assert_eq!(endpoint.asked().len(), 2);
    assert!(delivering.stopped().await.is_none());

    let other = TokenEndpoint::start("never-the-right-one").await;
    let delivering = Delivering::to(&service(&stand_in, &other, CLIENT_SECRET, "")).await;
    until("stopped", async || delivering.stopped().await.is_some()).await;
    assert_eq!(delivering.stopped().await.map(|stopped| stopped.why), Some(Stop::Unauthorized));
    assert_eq!(other.asked().len(), 2, "it does not ask without end");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_client_stops_the_service_and_the_fix_is_named() {
    let stand_in = StandIn::start().await;
    let endpoint = TokenEndpoint::start(&stand_in.target.token).await;
    let delivering = Delivering::to(&service(&stand_in, &endpoint, "an-old-secret", "")).await;
    until("stopped", async || delivering.stopped().await.is_some()).await;
    let stopped = delivering.stopped().await.expect("stopped");
    assert_eq!(stopped.why, Stop::Unauthorized);
    for part in ["invalid_client", "who is that?", "oauth_client_secret_file"] {
        assert!(stopped.words.contains(part), "{}", stopped.words);
    }
    let login = delivering.provider.parts.store.login();
    let trail = login.audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    let events: Vec<_> =
        trail.iter().filter(|row| row.decision == Decision::DeliveryStopped.as_str()).collect();
    assert_eq!(events.len(), 1, "{events:?}");
    assert!(!format!("{events:?}").contains("an-old-secret"), "{events:?}");

    let fixed = format!("[[provisioning]]\nid = \"service\"\noauth_client_secret = {CLIENT_SECRET:?}\n");
    delivering.provider.apply(&fixed, Mode::Merge).await.expect("good settings");
    until("it goes on", async || delivering.is_in_contact().await).await;
    assert!(delivering.stopped().await.is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_endpoint_that_fails_is_asked_again_and_stops_nothing() {
    let stand_in = StandIn::start().await;
    let endpoint = TokenEndpoint::start(&stand_in.target.token).await;
    for _ in 0..3 {
        endpoint.once(500, json!("<h1>Sorry</h1>"));
        endpoint.once(200, json!({"login": "here"}));
    }
    let delivering = Delivering::to(&service(&stand_in, &endpoint, CLIENT_SECRET, "")).await;
    until("the service has answered", async || delivering.is_in_contact().await).await;
    assert!(delivering.stopped().await.is_none());
    assert_eq!(endpoint.asked().len(), 7);
}
