//! Test Connection of a service: right, and wrong in each way.

use axum::Router;
use axum::response::{Html, Redirect};
use cloudsync_idp::domain::audit::Decision;
use cloudsync_idp::domain::doctor::Severity;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::domain::service_test::ServiceStage;
use cloudsync_idp::domain::settings::Provisioning;
use cloudsync_idp::flow::delivery::service_test::{
    ReportedServiceFinding, ServiceTest, ServiceTestError, ServiceTestReport, stored_service, test_service,
};
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::store::AuditFilter;
use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::support::desk;
use crate::support::lab;
use crate::support::provider::{Provider, Setup};
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::token_endpoint::{CLIENT_SECRET, TokenEndpoint};

const HERE: &str = "127.0.0.0/8";

/// A service as typed.
fn typed(base_url: &str, token: &str) -> ServiceTest {
    ServiceTest {
        service: Provisioning {
            id: "service".into(),
            base_url: base_url.into(),
            private_addresses: vec![HERE.into()],
            ..Provisioning::default()
        },
        secret: Some(Plain::new(token)),
        round_trip: false,
        by_command: true,
    }
}

async fn run(provider: &Provider, test: &ServiceTest) -> Result<ServiceTestReport, ServiceTestError> {
    let (operation, volatile) = (provider.parts.operation(), &provider.parts.volatile);
    test_service(&operation, volatile, test, &desk(), &mut |_| {}).await
}

async fn report(provider: &Provider, test: &ServiceTest) -> ServiceTestReport {
    run(provider, test).await.unwrap_or_else(|error| panic!("{error}"))
}

fn find<'a>(report: &'a ServiceTestReport, check: &str) -> &'a ReportedServiceFinding {
    let found = report.findings.iter().find(|one| one.check == check);
    found.unwrap_or_else(|| panic!("no {check}: {:#?}", report.findings))
}

async fn provider() -> Provider {
    Provider::start(Setup::new("")).await
}

/// A server that answers each request so.
async fn server(routes: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let url = format!("http://{}", listener.local_addr().expect("an address"));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    url
}

async fn passes_a_round_trip(target: &ScimTarget) {
    let provider = provider().await;
    let test = ServiceTest { round_trip: true, ..typed(&target.base, &target.token) };
    let report = report(&provider, &test).await;
    assert!(report.passed && report.remains.is_none(), "{report:#?}");
    for check in ["create", "change", "suspend", "read_back", "delete"] {
        assert_ne!(find(&report, check).verdict, Severity::Error, "{report:#?}");
    }
    let name = find(&report, "create").evidence.clone().expect("a name");
    let filter = utf8_percent_encode(&format!("userName eq \"{name}\""), NON_ALPHANUMERIC).to_string();
    let left = target.get(&format!("Users?filter={filter}")).await;
    assert_eq!(left.body["totalResults"], 0, "the test user is gone: {left:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_stand_in_passes_with_a_round_trip_and_the_test_is_in_the_audit_log() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let test = ServiceTest { round_trip: true, ..typed(&stand_in.target.base, &stand_in.target.token) };
    let mut shown = Vec::new();
    let operation = provider.parts.operation();
    let mut show = |one: &ReportedServiceFinding| shown.push(one.clone());
    let report = test_service(&operation, &provider.parts.volatile, &test, &desk(), &mut show).await;
    let report = report.unwrap_or_else(|error| panic!("{error}"));
    assert!(report.passed && report.remains.is_none(), "{report:#?}");
    let worse: Vec<_> = report.findings.iter().filter(|one| one.verdict > Severity::Info).collect();
    assert!(worse.is_empty(), "{worse:#?}");
    assert_eq!(shown, report.findings, "each finding is shown as it is made");
    assert_eq!(stand_in.scim.overview(1).people, 0, "the test user is gone");
    let stages: Vec<ServiceStage> = report.findings.iter().map(|one| one.stage).collect();
    assert!(stages.is_sorted() && stages.last() == Some(&ServiceStage::RoundTrip), "{stages:?}");

    let login = provider.parts.store.login();
    let trail = login.audit_page(None, 100, &AuditFilter::All).await.expect("the trail");
    let event = trail.iter().find(|row| row.decision == Decision::DeliveryTested.as_str());
    let detail = event.and_then(|row| row.detail.clone()).expect("an event");
    let detail: Value = serde_json::from_str(&detail).expect("JSON");
    assert_eq!((&detail["service"], &detail["passed"]), (&"service".into(), &true.into()), "{detail}");
    assert!(operation.current().settings.provisioning.is_empty(), "nothing is saved");
}

#[tokio::test(flavor = "multi_thread")]
async fn scim2_server_passes_with_a_round_trip() {
    passes_a_round_trip(&lab::scim2_server().target()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn scimmy_passes_with_a_round_trip() {
    passes_a_round_trip(&lab::scimmy().target()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn each_mistake_fails_in_its_stage_with_a_fix() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let target = &stand_in.target;
    let garbage = server(Router::new().fallback(async || Html("<h1>Please sign in</h1>"))).await;
    let elsewhere = format!("{}?token=hidden", target.base);
    let redirect = server(Router::new().fallback(async move || Redirect::temporary(&elsewhere))).await;
    let closed = {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        format!("http://{}", listener.local_addr().expect("an address"))
    };
    let good = typed(&target.base, &target.token);
    let at = |base_url: &str| typed(base_url, &target.token);
    let plain = target.base.replace("http://", "https://");
    for (name, test, stage, check, fix) in [
        ("host", at("https://nobody.invalid/scim"), ServiceStage::Dns, "name", "DNS"),
        ("port", at(&closed), ServiceStage::Tcp, "port", "firewall"),
        ("private", at("https://10.0.0.1/scim"), ServiceStage::Tcp, "address", "private_addresses"),
        ("no TLS there", at(&plain), ServiceStage::Tls, "tls", "port"),
        ("token", typed(&target.base, "another"), ServiceStage::Token, "token", "token_file"),
        ("redirect", at(&redirect), ServiceStage::Configuration, "service_provider_config", "final address"),
        ("garbage", at(&garbage), ServiceStage::Configuration, "service_provider_config", "/scim/v2"),
        ("path", at(&format!("{}x", target.base)), ServiceStage::Read, "users", "path"),
    ] {
        let report = report(&provider, &test).await;
        assert_eq!((report.passed, report.failed_stage), (false, Some(stage)), "{name}: {report:#?}");
        let finding = find(&report, check);
        assert_eq!(finding.verdict, Severity::Error, "{name}: {report:#?}");
        assert!(finding.fix.as_ref().is_some_and(|text| text.contains(fix)), "{name}: {finding:?}");
        let written = serde_json::to_string(&report).expect("JSON");
        assert!(!written.contains(&target.token) && !written.contains("hidden"), "{name}: {written}");
    }
    assert!(report(&provider, &good).await.passed, "only what was wrong is wrong");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stored_token_is_sent_only_where_it_was_given_for() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let (target, other) = (&stand_in.target, StandIn::start().await);
    let settings = format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {:?}\nprivate_addresses = [{HERE:?}]\ntoken = {:?}\n",
        target.base, target.token
    );
    provider.apply(&settings, Mode::Merge).await.expect("good settings");
    let service = stored_service(&provider.parts.operation(), "service").await.expect("there");
    let stored = ServiceTest { secret: None, by_command: false, service, ..typed("", "") };
    assert!(report(&provider, &stored).await.passed);

    let moved = Provisioning { base_url: other.target.base.clone(), ..stored.service.clone() };
    let refused = run(&provider, &ServiceTest { service: moved.clone(), ..stored.clone() }).await;
    assert!(matches!(refused, Err(ServiceTestError::SecretNeeded)), "{refused:?}");
    let with_token =
        ServiceTest { service: moved, secret: Some(Plain::new(&*other.target.token)), ..stored.clone() };
    assert!(report(&provider, &with_token).await.passed, "it was typed for this address");

    let unnamed = Provisioning { id: "new".into(), ..with_token.service.clone() };
    let of_a_page = report(&provider, &ServiceTest { service: unnamed, ..with_token.clone() }).await;
    assert_eq!(
        find(&of_a_page, "address").verdict,
        Severity::Error,
        "no page tests private networks: {of_a_page:#?}"
    );
    let proxy = Some("http://127.0.0.1:3128".to_owned());
    let proxied = Provisioning { proxy, ..with_token.service.clone() };
    let refused = run(&provider, &ServiceTest { service: proxied, ..with_token }).await;
    assert!(matches!(refused, Err(ServiceTestError::UnknownProxy)), "{refused:?}");
    let unknown = stored_service(&provider.parts.operation(), "nowhere").await;
    assert!(unknown.is_err_and(|error| error.to_string().contains("there are: service")));
}

#[tokio::test(flavor = "multi_thread")]
async fn two_tokens_are_tested_each_alone() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let target = &stand_in.target;
    let settings = format!(
        "[[provisioning]]\nid = \"service\"\nbase_url = {:?}\nprivate_addresses = [{HERE:?}]\n\
         token = \"an-old-token\"\nnext_token = {:?}\n",
        target.base, target.token
    );
    provider.apply(&settings, Mode::Merge).await.expect("good settings");
    let service = stored_service(&provider.parts.operation(), "service").await.expect("there");
    let report = report(&provider, &ServiceTest { secret: None, service, ..typed("", "") }).await;
    assert!(report.passed, "{report:#?}");
    let verdicts = ["token", "next_token"].map(|check| find(&report, check).verdict);
    assert_eq!(verdicts, [Severity::Warning, Severity::Ok]);
}

#[tokio::test(flavor = "multi_thread")]
async fn client_credentials_are_tested_at_a_token_endpoint() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let endpoint = TokenEndpoint::start(&stand_in.target.token).await;
    let with = |secret: &str, url: &str| {
        let test = typed(&stand_in.target.base, secret);
        let service = Provisioning {
            oauth_token_endpoint: Some(url.to_owned()),
            oauth_client_id: Some("idp".into()),
            ..test.service
        };
        ServiceTest { service, ..test }
    };
    let right = report(&provider, &with(CLIENT_SECRET, &endpoint.url)).await;
    assert!(right.passed, "{right:#?}");
    assert_eq!(find(&right, "token_endpoint").evidence.as_deref(), Some("for 3600 seconds"));
    let wrong = report(&provider, &with("an-old-secret", &endpoint.url)).await;
    assert_eq!(wrong.failed_stage, Some(ServiceStage::Token), "{wrong:#?}");
    let refused = find(&wrong, "token_endpoint");
    assert!(refused.evidence.as_ref().is_some_and(|text| text.contains("invalid_client")), "{refused:?}");
    assert!(refused.fix.as_ref().is_some_and(|text| text.contains("oauth_client_secret")), "{refused:?}");
    let nowhere = report(&provider, &with(CLIENT_SECRET, "https://nobody.invalid/token")).await;
    assert_eq!(nowhere.failed_stage, Some(ServiceStage::Dns), "{nowhere:#?}");
    endpoint.always(200, serde_json::json!({"access_token": "not-for-this-service"}));
    let foreign = report(&provider, &with(CLIENT_SECRET, &endpoint.url)).await;
    assert_eq!(find(&foreign, "access_token").verdict, Severity::Error, "{foreign:#?}");
}

/// The provider's own token endpoint keeps to RFC 6749 as any other.
#[tokio::test(flavor = "multi_thread")]
async fn a_token_of_our_own_token_endpoint_is_got() {
    let (provider, stand_in) = (provider().await, StandIn::start().await);
    let script = "[[clients]]\nclient_id = \"script\"\nclient_secret = \"script-long-test-secret\"\n\
                  grant_types = [\"client_credentials\"]\nadmin_role = \"auditor\"\nscope = \"admin\"\n";
    provider.apply(script, Mode::Merge).await.expect("good settings");
    let test = typed(&stand_in.target.base, "script-long-test-secret");
    let service = Provisioning {
        oauth_token_endpoint: Some(format!("{}/token", provider.url)),
        oauth_client_id: Some("script".into()),
        oauth_scope: Some("admin".into()),
        ..test.service
    };
    let report = report(&provider, &ServiceTest { service, ..test }).await;
    assert_eq!(find(&report, "token_endpoint").verdict, Severity::Ok, "{report:#?}");
    assert_eq!(find(&report, "access_token").verdict, Severity::Error, "not one of the stand-in's");
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_tests_too_often_has_to_wait() {
    let provider = provider().await;
    let test = typed("https://10.0.0.1/scim", "token");
    let mut refused = None;
    for _ in 0..40 {
        if let Err(error) = run(&provider, &test).await {
            refused = Some(error.to_string());
            break;
        }
    }
    assert!(refused.is_some_and(|words| words.contains("try again in")), "it goes on without end");
}
