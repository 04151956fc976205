//! Services in the panel: added, watched until everybody is there, resumed, and whom they refuse.

use cloudsync_idp::domain::SECOND;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::delivery::{Failure, Row, Subject};
use cloudsync_idp::domain::settings::{DriftMode, OAuthAuthMethod};
use cloudsync_idp::flow::delivery::deliver;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

use super::api::{Answer, clients};
use super::{Inside, PanelStory};
use crate::support::browser::Page;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;
use crate::support::until;

const SERVICES: &str = "/admin/settings/integrations/services";
const API: &str = "/settings/integrations/services";
const ONE: &str = "service?entry=cloudsync";
/// A service that nobody listens for.
pub(super) const SERVICE: &str = "[[provisioning]]\nid = \"cloudsync\"\nbase_url = \"http://127.0.0.1:9/scim\"\n\
     private_addresses = [\"127.0.0.0/8\"]\ntoken = \"the-first-token\"\n";

fn path(last: &str) -> String {
    format!("{SERVICES}/{last}")
}

/// Sends to the service. Dropping it stops that.
struct Sender(JoinHandle<()>);

impl Sender {
    fn start(story: &PanelStory) -> Self {
        let parts = story.provider.parts.operation();
        Self(tokio::spawn(async move { deliver(&parts, "cloudsync").await }))
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.0.abort();
    }
}

impl PanelStory {
    async fn service_page(&self, inside: &Inside) -> Page {
        inside.browser.open(&self.url(&path(ONE))).await
    }

    async fn adds_service(&self, inside: &Inside, target: &ScimTarget, token: &str) -> Page {
        let version = self.version(inside, &path("new")).await;
        let fields = [
            ("version", version.as_str()),
            ("service_id", "cloudsync"),
            ("provisioning[new].base_url", target.base.as_str()),
            ("provisioning[new].private_addresses", "127.0.0.0/8"),
            ("provisioning[new].token", token),
            ("provisioning[new].team_shares", "yes"),
        ];
        self.saves(inside, &path("new"), &fields).await
    }

    /// Saves fields of the service's form.
    async fn edits_service(&self, inside: &Inside, fields: &[(&str, &str)]) -> Page {
        let version = self.version(inside, &path("edit?entry=cloudsync")).await;
        let own = [("version", version.as_str()), ("entry", "cloudsync")];
        let fields: Vec<_> = own.into_iter().chain(fields.iter().copied()).collect();
        self.saves(inside, &path("edit"), &fields).await
    }

    /// The bystander is refused, as if the service had said so.
    async fn is_refused(&self) {
        let (deliveries, now) = (self.provider.parts.store.delivery(), self.now());
        loop {
            let state = deliveries.target("cloudsync").await.expect("the store").expect("a service");
            if !deliveries.fill(&state, now).await.expect("the store") && state.filled_to.is_none() {
                break;
            }
        }
        let subject = Subject::Person(self.account(&self.bystander).await);
        let row = deliveries.delivery("cloudsync", &subject).await.expect("the store").expect("a row");
        let failure = Failure::Conflict("userName is taken <b>".into());
        let wished = row.row.wished;
        let refuse = |row: &mut Row| row.refused(wished, &failure, now);
        let noted = deliveries.note_after("cloudsync", (&subject, wished), &row.known, refuse, now).await;
        assert!(noted.expect("the store"));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_owner_adds_a_service_and_sees_how_everybody_arrives() {
    let (story, stand_in) = (PanelStory::new("").await, StandIn::start().await);
    let (inside, desk) = (story.inside(Role::Owner).await, story.inside(Role::HelpDesk).await);
    let empty = inside.browser.open(&story.url(SERVICES)).await;
    assert!(empty.text().contains("There is none yet"), "{}", empty.text());

    let added = story.adds_service(&inside, &stand_in.target, &stand_in.target.token).await;
    assert!(added.told().is_some_and(|told| told.ends_with("|notice=service-added")), "{}", added.text());
    let page = inside.browser.go_on(added).await;
    assert!(
        page.text().contains("The service was added") && page.text().contains("Begins"),
        "{}",
        page.text()
    );
    assert!(!page.body.contains(&stand_in.target.token) && !page.body.contains("sealed:"), "{}", page.body);
    let event = story.trail("settings_changed").await.remove(0);
    let detail = event.detail.expect("a detail");
    assert!(
        detail.contains("provisioning[cloudsync]") && !detail.contains(&stand_in.target.token),
        "{detail}"
    );

    story.later(4 * SECOND);
    let _sender = Sender::start(&story);
    until("everybody is there", async || story.service_page(&inside).await.text().contains("Up to date"))
        .await;
    let users = stand_in.target.get("Users").await.body;
    assert_eq!(users["totalResults"], json!(5), "{users}");
    let list = inside.browser.open(&story.url(SERVICES)).await;
    assert!(list.text().contains("1 service") && list.text().contains("Up to date"), "{}", list.text());
    let account = story.account(&story.bystander).await.0;
    for viewer in [&inside, &desk] {
        let person = viewer.browser.open(&story.url(&format!("/admin/people/person?id={account}"))).await;
        assert!(person.text().contains("cloudsync Delivered 0 s ago"), "{}", person.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_refuses_the_token_goes_on_with_the_next_one() {
    let (story, stand_in) = (PanelStory::new("").await, StandIn::start().await);
    let inside = story.inside(Role::Owner).await;
    story.adds_service(&inside, &stand_in.target, "an-old-token").await;
    story.later(4 * SECOND);
    let _sender = Sender::start(&story);
    let overview = async || inside.browser.open(&story.url("/admin")).await.text();
    until("it is stopped", async || overview().await.contains("this service: it is stopped")).await;
    let page = story.service_page(&inside).await.text();
    assert!(page.contains("The service refuses the token") && page.contains("401 unauthorized"), "{page}");

    let token = stand_in.target.token.as_str();
    let saved = story.edits_service(&inside, &[("provisioning[cloudsync].next_token", token)]).await;
    assert!(saved.told().is_some_and(|told| told.ends_with("|saved=yes")), "{}", saved.text());
    let form = inside.browser.open(&story.url(&path("edit?entry=cloudsync"))).await;
    assert!(!form.body.contains(token) && !form.body.contains("sealed:"), "{}", form.body);
    until("it goes on", async || story.service_page(&inside).await.text().contains("Up to date")).await;
    assert!(!overview().await.contains("it is stopped"));

    let next = story.settings().await.provisioning.remove(0).next_token;
    assert!(next.is_some());
    let version = story.version(&inside, &path(ONE)).await;
    let promote = [("entry", "cloudsync"), ("version", version.as_str()), ("do", "promote")];
    let promoted = story.saves(&inside, &path("next-token"), &promote).await;
    let told = promoted.told();
    assert!(told.is_some_and(|told| told.ends_with("|notice=service-promoted")), "{}", promoted.text());
    let service = story.settings().await.provisioning.remove(0);
    assert_eq!((service.token, service.next_token), (next, None));
    let again = story.saves(&inside, &path("next-token"), &promote).await;
    let told = again.told();
    assert!(told.is_some_and(|told| told.ends_with("|notice=service-no-next-token")), "{}", again.text());
}

#[tokio::test]
async fn whom_a_service_refuses_is_listed_with_its_words_and_tried_again() {
    let story = PanelStory::new(SERVICE).await;
    story.is_refused().await;
    let operator = story.inside(Role::Operator).await;
    let page = story.service_page(&operator).await;
    for words in ["userName is taken <b>", "Find who has it in the service", story.bystander.mail.as_str()] {
        assert!(
            page.body.contains(&words.replace('<', "&#60;").replace('>', "&#62;")),
            "{words}: {}",
            page.body
        );
    }
    assert!(!page.body.contains("taken <b>"), "{}", page.body);
    let overview = operator.browser.open(&story.url("/admin")).await;
    assert!(overview.text().contains("This service refuses 1 person or Team Share"), "{}", overview.text());
    let account = story.account(&story.bystander).await.0;
    let person = operator.browser.open(&story.url(&format!("/admin/people/person?id={account}"))).await;
    assert!(person.text().contains("cloudsync Quarantined"), "{}", person.text());

    let auditor = story.inside(Role::Auditor).await;
    let read_only = story.service_page(&auditor).await;
    assert!(!read_only.text().contains("Try again") && read_only.text().contains("Quarantine"));

    let retry = async |fields: &[(&str, &str)]| story.saves(&operator, &path("retry"), fields).await.told();
    let other = [("entry", "cloudsync"), ("account", "nobody")];
    assert!(retry(&other).await.is_some_and(|told| told.ends_with("|notice=service-not-waiting")));
    let one = [("entry", "cloudsync"), ("account", account.as_str())];
    assert!(retry(&one).await.is_some_and(|told| told.ends_with("|notice=service-retried")));
    let event = story.trail("delivery_retried").await.remove(0);
    assert!(event.actor.is_some_and(|actor| actor.starts_with("account ")));
    assert!(!story.service_page(&operator).await.text().contains("userName is taken"));
    story.is_refused().await;
    assert!(
        retry(&[("entry", "cloudsync")]).await.is_some_and(|told| told.ends_with("|notice=service-retried"))
    );
    assert!(!story.service_page(&operator).await.text().contains("userName is taken"));
    assert_eq!(retry(&[("entry", "nowhere")]).await, None);
}

#[tokio::test]
async fn a_token_goes_nowhere_else_and_is_lost_by_no_second_admin() {
    let story = PanelStory::new(SERVICE).await;
    let inside = story.inside(Role::Owner).await;
    let before = story.settings().await;
    let elsewhere = ("provisioning[cloudsync].base_url", "http://127.0.0.1:10/scim");
    let refused = story.edits_service(&inside, &[elsewhere]).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    assert!(refused.text().contains("give it again"), "{}", refused.text());
    let bad = [("provisioning[cloudsync].token", "with space"), elsewhere];
    let refused = story.edits_service(&inside, &bad).await;
    assert!(refused.text().contains("is no bearer token"), "{}", refused.text());
    assert!(
        refused.text().contains("Type it again") && !refused.body.contains("with space"),
        "{}",
        refused.body
    );
    assert_eq!(story.settings().await, before);

    let stale = [
        ("version", "1"),
        ("entry", "cloudsync"),
        ("provisioning[cloudsync].requests_per_minute", "60"),
        ("provisioning[cloudsync].token", "another-token"),
    ];
    let saved = story.edits_service(&inside, &[("provisioning[cloudsync].when_gone", "report")]).await;
    assert!(saved.told().is_some_and(|told| told.ends_with("|saved=yes")), "{}", saved.text());
    let in_force = story.settings().await;
    let conflict = story.saves(&inside, &path("edit"), &stale).await;
    assert_eq!(conflict.status, StatusCode::CONFLICT, "{}", conflict.text());
    assert!(conflict.text().contains("A secret that you typed was not kept"), "{}", conflict.text());
    assert!(!conflict.body.contains("another-token"), "{}", conflict.body);
    assert_eq!(story.settings().await, in_force);

    let given = [("provisioning[cloudsync].token", "another-token"), elsewhere];
    let saved = story.edits_service(&inside, &given).await;
    assert!(saved.told().is_some_and(|told| told.ends_with("|saved=yes")), "{}", saved.text());

    let version = story.version(&inside, &path(ONE)).await;
    let remove = [("entry", "cloudsync"), ("version", version.as_str())];
    let asked = story.saves(&inside, &path("remove"), &remove).await;
    let confirm = inside.browser.go_on(asked).await;
    assert!(confirm.text().contains("not even a suspension"), "{}", confirm.text());
    let removed = story.agrees(&inside, &path("remove"), &confirm).await;
    assert!(removed.told().is_some_and(|told| told.ends_with("|removed=cloudsync")), "{}", removed.text());
    assert!(story.settings().await.provisioning.is_empty());
}

#[tokio::test]
async fn a_service_changes_the_way_it_authenticates_and_what_is_compared() {
    let story = PanelStory::new(SERVICE).await;
    let inside = story.inside(Role::Owner).await;
    let stored = async || story.settings().await.provisioning.remove(0);
    let place = |key: &str| format!("provisioning[cloudsync].{key}");
    let edits = async |fields: &[(&str, &str)]| {
        let named: Vec<_> = fields.iter().map(|(key, value)| (place(key), *value)).collect();
        let named: Vec<_> = named.iter().map(|(name, value)| (name.as_str(), *value)).collect();
        story.edits_service(&inside, &named).await
    };
    let saves = async |fields: &[(&str, &str)]| {
        let saved = edits(fields).await;
        assert!(saved.told().is_some_and(|told| told.ends_with("|saved=yes")), "{}", saved.text());
    };
    saves(&[("enabled", ""), ("drift", "report"), ("drift_at", "02:15"), ("drift_zone", "Europe/Berlin")])
        .await;
    let service = stored().await;
    assert!(!service.enabled && service.drift == DriftMode::Report, "{service:?}");
    assert_eq!((service.drift_at.as_str(), service.drift_zone.as_str()), ("02:15", "Europe/Berlin"));
    assert!(story.service_page(&inside).await.text().contains("Not enabled"));

    let no_secret = [("oauth_token_endpoint", "http://127.0.0.1:9/token"), ("oauth_client_id", "idp")];
    let refused = edits(&no_secret).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    let more = [
        ("oauth_client_secret", "the-client-secret"),
        ("oauth_scope", "users groups"),
        ("oauth_auth_method", "client_secret_post"),
    ];
    saves(&[no_secret.as_slice(), &more].concat()).await;
    let service = stored().await;
    assert!(service.token.is_none() && service.oauth_client_secret.is_some(), "{service:?}");
    assert_eq!(service.oauth_scope.as_deref(), Some("users groups"));
    assert_eq!(service.oauth_auth_method, OAuthAuthMethod::ClientSecretPost);
    let form = inside.browser.open(&story.url(&path("edit?entry=cloudsync"))).await;
    assert!(!form.body.contains("the-client-secret") && !form.body.contains("sealed:"), "{}", form.body);

    saves(&[("requests_per_minute", "60"), ("oauth_client_secret", "")]).await;
    assert_eq!(stored().await.oauth_client_secret, service.oauth_client_secret, "it stays");
    let elsewhere = edits(&[("oauth_token_endpoint", "http://127.0.0.1:10/token")]).await;
    assert_eq!(elsewhere.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", elsewhere.text());

    let both = edits(&[("token", "a-new-token"), ("oauth_client_secret", "another")]).await;
    assert!(both.text().contains("not both"), "{}", both.text());
    let without = ["oauth_token_endpoint", "oauth_client_id", "oauth_scope"].map(|key| (key, ""));
    saves(&[without.as_slice(), &[("token", "a-new-token")]].concat()).await;
    let service = stored().await;
    assert!(service.token.is_some() && !service.names_oauth(), "{service:?}");
}

#[tokio::test]
async fn the_form_of_a_service_sent_as_it_is_changes_nothing() {
    let story = PanelStory::new(&format!("{}{SERVICE}", clients())).await;
    let owner = story.script(Role::Owner).await;
    let before = story.settings().await;
    let form = story.get(&format!("{API}/edit?entry=cloudsync"), &owner).await;
    let mut sent = json!({ "entry": "cloudsync", "version": form.body["version"] });
    for field in form.body["fields"].as_array().expect("fields") {
        sent[field["name"].as_str().expect("a name")] = field["value"].clone();
    }
    for key in ["enabled", "drift", "drift_at", "drift_zone", "oauth_token_endpoint", "oauth_client_secret"] {
        assert!(sent.get(format!("provisioning[cloudsync].{key}")).is_some(), "{key}: {sent}");
    }
    let saved = story.act(&format!("{API}/edit"), &owner, &sent).await;
    assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
    assert_eq!(story.settings().await, before);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_test_of_a_connection_shows_its_stages_and_saves_nothing() {
    let (story, stand_in) = (PanelStory::new("").await, StandIn::start().await);
    let inside = story.inside(Role::Owner).await;
    story.adds_service(&inside, &stand_in.target, &stand_in.target.token).await;
    let before = story.settings().await;
    let ended = async |fields: &[(&str, &str)], words: &str| {
        let begun = story.saves(&inside, &path("test"), fields).await;
        let report = begun.location.clone().unwrap_or_else(|| panic!("{}", begun.text()));
        let url = story.url(&report);
        until(words, async || inside.browser.open(&url).await.text().contains(words)).await;
        inside.browser.open(&url).await
    };
    let passed = ended(&[("entry", "cloudsync"), ("round_trip", "yes")], "The connection works").await;
    for stage in ["Authentication", "Reading users and groups", "Round trip with a test user"] {
        assert!(passed.text().contains(stage), "{stage}: {}", passed.text());
    }
    assert!(!passed.body.contains(&stand_in.target.token), "{}", passed.body);
    assert_eq!(stand_in.target.get("Users").await.body["totalResults"], json!(0), "the test user is gone");

    let wrong = [("entry", "cloudsync"), ("provisioning[cloudsync].token", "a-wrong-token")];
    let failed = ended(&wrong, "The test failed: Authentication").await;
    assert!(
        !failed.body.contains("a-wrong-token") && !failed.text().contains("Round trip"),
        "{}",
        failed.body
    );
    let nobody = [
        ("service_id", "wiki"),
        ("provisioning[new].base_url", "http://127.0.0.1:9/scim"),
        ("provisioning[new].private_addresses", "127.0.0.0/8"),
        ("provisioning[new].token", "x"),
    ];
    ended(&nobody, "The test failed").await;
    let untyped = story.saves(&inside, &path("test"), &[("service_id", "wiki")]).await;
    assert_eq!(untyped.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", untyped.text());
    assert_eq!(story.settings().await, before);
    assert_eq!(story.trail("delivery_tested").await.len(), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_shows_who_would_be_created_and_sends_nothing() {
    let (story, stand_in) = (PanelStory::new("").await, StandIn::start().await);
    let inside = story.inside(Role::Owner).await;
    story.adds_service(&inside, &stand_in.target, &stand_in.target.token).await;
    let operator = story.inside(Role::Operator).await;
    let page = story.service_page(&operator).await.text();
    assert!(page.contains("It has not been compared yet") && page.contains("Preview"), "{page}");
    let ended = async |order: &str, words: &str| {
        let fields = [("entry", "cloudsync"), ("do", order)];
        let begun = story.saves(&operator, &path("compare"), &fields).await;
        let result = begun.location.clone().unwrap_or_else(|| panic!("{}", begun.text()));
        let url = story.url(&result);
        until(words, async || operator.browser.open(&url).await.text().contains(words)).await;
        operator.browser.open(&url).await.text()
    };
    let preview = ended("preview", "This is what a delivery would do").await;
    assert!(preview.contains("Not there, to be created 5"), "{preview}");
    assert!(preview.contains(&story.bystander.mail), "{preview}");
    assert_eq!(stand_in.target.get("Users").await.body["totalResults"], json!(0), "nothing was sent");
    let early = ended("report", "It could not be compared").await;
    assert!(early.contains("has not begun for all people yet"), "{early}");

    story.later(4 * SECOND);
    let _sender = Sender::start(&story);
    until("everybody is there", async || story.service_page(&inside).await.text().contains("Up to date"))
        .await;
    let fixed = ended("fix", "The service was compared").await;
    assert!(fixed.contains("Nothing is delivered again"), "{fixed}");
    let page = story.service_page(&operator).await.text();
    assert!(page.contains("Recent deliveries") && page.contains("created"), "{page}");
    assert!(!page.contains("It has not been compared yet"), "{page}");

    let auditor = story.inside(Role::Auditor).await;
    assert!(!story.service_page(&auditor).await.text().contains("Compare now"));
    let unsaid = story.saves(&operator, &path("compare"), &[("entry", "cloudsync")]).await;
    assert!(unsaid.location.is_some_and(|to| !to.contains("/comparison/")));
}

#[tokio::test]
async fn scripts_read_and_change_services_and_never_see_a_token() {
    let story = PanelStory::new(&format!("{}{SERVICE}", clients())).await;
    story.is_refused().await;
    let (owner, auditor) = (story.script(Role::Owner).await, story.script(Role::Auditor).await);
    let list = story.get(API, &auditor).await;
    let service = &list.body["services"][0];
    assert_eq!((service["service"].as_str(), service["quarantined"].as_u64()), (Some("cloudsync"), Some(1)));
    assert_eq!(service["causes"], json!([{ "cause": "taken", "count": 1 }]), "{list:?}");
    let one = story.get(&format!("{API}/{ONE}"), &auditor).await;
    let account = story.account(&story.bystander).await.0;
    assert_eq!(one.body["quarantine"][0]["account"], account.as_str(), "{one:?}");
    assert_eq!(one.body["quarantine"][0]["words"], "409 conflict: userName is taken <b>", "{one:?}");
    let person = story.get(&format!("/people/person?id={account}"), &auditor).await;
    assert_eq!(person.body["deliveries"][0]["state"], "quarantined", "{person:?}");
    story.get(&format!("{API}/service?entry=other"), &auditor).await.assert_problem(StatusCode::NOT_FOUND);
    let overview = story.get("/overview", &auditor).await;
    assert!(overview.body["decisions"].to_string().contains("quarantined"), "{overview:?}");

    let form = story.get(&format!("{API}/edit?entry=cloudsync"), &owner).await;
    assert!(!form.body.to_string().contains("sealed"), "{form:?}");
    let fields = form.body["fields"].as_array().expect("fields");
    let token =
        fields.iter().find(|field| field["name"] == "provisioning[cloudsync].token").expect("a token");
    assert_eq!(token["value"], "", "{form:?}");
    let send = async |path: &str, body: Value| {
        let request = story.api(Method::POST, &format!("{API}/{path}"), &owner);
        Answer::of(request.json(&body)).await
    };
    let hourly = "provisioning[cloudsync].requests_per_hour";
    let version = form.body["version"].as_i64().expect("a version");
    let change = json!({ "entry": "cloudsync", "version": version, hourly: 600 });
    let saved = send("edit", change).await;
    assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
    assert_eq!(story.settings().await.provisioning[0].requests_per_hour, 600);

    let retried = send("retry", json!({ "entry": "cloudsync" })).await;
    assert_eq!(retried.status, StatusCode::OK, "{retried:?}");
    send("retry", json!({ "entry": "other" })).await.assert_problem(StatusCode::NOT_FOUND);
    let unsaid = json!({ "entry": "cloudsync", "version": version + 1 });
    send("next-token", unsaid.clone()).await.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    let forget = json!({ "entry": "cloudsync", "version": version + 1, "do": "forget" });
    send("next-token", forget).await.assert_problem(StatusCode::CONFLICT);
    send("remove", unsaid).await.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    let new = json!({ "version": version + 1, "service_id": "wiki" });
    let wrong = send("new", new).await;
    wrong.assert_problem(StatusCode::UNPROCESSABLE_ENTITY);
    let places: Vec<_> = wrong.body["problems"].as_array().expect("problems").iter().collect();
    assert!(places.iter().any(|one| one["field"] == "provisioning[wiki].token"), "{wrong:?}");
}
