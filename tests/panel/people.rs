//! People in the panel: found by search, explained, helped, and nobody acts on an admin above them; the audit
//! log with its conditions and its download.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::{Actor, Role};
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::flow::account::factors;
use cloudsync_idp::flow::installation::context::Visit;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::support::audit_chain;
use cloudsync_idp::jobs;
use reqwest::StatusCode;

use super::{Inside, PanelStory};
use crate::support::browser::{Browser, Page};
use crate::support::lab::Person;
use crate::support::logout_server::{LogoutServer, told_at};
use crate::support::raw_sql;
use crate::support::story::SIGN_IN;

const PERSON: &str = "/admin/people/person";

impl PanelStory {
    /// The page of a person, with what the directory says.
    async fn shows(&self, inside: &Inside, person: &Person, more: &str) -> Page {
        let account = self.account(person).await.0;
        inside.browser.open(&self.url(&format!("{PERSON}?id={account}{more}"))).await
    }

    /// Presses a button on the page of a person, and follows to the page after that.
    async fn presses(&self, inside: &Inside, button: &str, person: &Person) -> Page {
        let (path, account) = (format!("/admin/people/{button}"), self.account(person).await.0);
        let token = self.token(&inside.cookie, &path).await;
        let page = self.send(&inside.browser, &path, &[("csrf", &token), ("account", &account)]).await;
        inside.browser.go_on(page).await
    }

    /// Signs a person in at the client, up to the page or redirect after that.
    async fn tries(&self, person: &Person) -> Page {
        let asked = self.provider.cloudsync().authorize(&[]);
        Browser::new().sign_in(&asked, &person.account, &self.subtree.password).await
    }
}

#[tokio::test]
async fn a_person_is_found_by_the_beginning_of_a_name_and_explained() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::HelpDesk).await;
    let person = &story.bystander;
    let search = &person.account[..person.account.len() - 1];
    let found = inside.browser.open(&story.url(&format!("/admin/people?q={search}"))).await;
    assert!(found.status == StatusCode::OK && found.text().contains(&person.mail), "{}", found.text());
    let none = inside.browser.open(&story.url("/admin/people?q=nobody-has-this-name")).await;
    assert!(none.text().contains("Nobody matches"), "{}", none.text());
    let shown = story.shows(&inside, person, "").await;
    assert!(shown.text().contains("Ask the directory now"), "{}", shown.text());
    let live = story.shows(&inside, person, "&live=1").await;
    assert!(live.text().contains("Yes, with the right password"), "{}", live.text());
    story.subtree.disable(person);
    let live = story.shows(&inside, person, "&live=1").await;
    let (dn, text) = (&person.dn, live.text());
    assert!(text.contains("The entry is enabled") && text.contains("Failed") && text.contains(dn), "{text}");
    let unknown = inside.browser.open(&story.url(&format!("{PERSON}?id=nobody"))).await;
    assert!(
        unknown.status == StatusCode::OK && unknown.text().contains("No such account"),
        "{}",
        unknown.text()
    );
}

#[tokio::test]
async fn a_refusal_is_explained_by_the_code_on_the_page() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::HelpDesk).await;
    story.subtree.disable(&story.bystander);
    let refused = story.tries(&story.bystander).await;
    let code = refused.attempt_id().to_lowercase();
    let page = inside.browser.open(&story.url(&format!("/admin/help-desk?code={code}"))).await;
    let text = page.text();
    assert!(text.contains("Refused") && text.contains(&story.bystander.dn), "{text}");
    let person = page.body.contains(&format!("{PERSON}?id={}", story.account(&story.bystander).await.0));
    assert!(person, "a link to the person: {}", page.body);
    let unknown = inside.browser.open(&story.url("/admin/help-desk?code=00000-00000")).await;
    assert!(unknown.text().contains("No attempt has this code"), "{}", unknown.text());
}

#[tokio::test]
async fn a_person_is_suspended_here_and_reactivated() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let person = &story.bystander;
    let page = story.presses(&inside, "suspend", person).await;
    assert!(page.text().contains("The account is suspended"), "{}", page.text());
    story.provider.sync().await.expect("a sync");
    let refused = story.tries(person).await;
    assert_eq!(refused.parameter("code"), None, "{}", refused.text());
    let again = story.presses(&inside, "suspend", person).await;
    assert!(again.text().contains("has changed in the meantime"), "{}", again.text());
    let page = story.presses(&inside, "reactivate", person).await;
    assert!(page.text().contains("no longer suspended here"), "{}", page.text());
    let account = story.account(person).await;
    for decision in ["person_suspended", "person_reactivated"] {
        let [row] = &story.trail(decision).await[..] else { panic!("{decision} once") };
        assert_eq!(
            (row.account_id.as_deref(), row.role.as_deref()),
            (Some(account.0.as_str()), Some("operator"))
        );
        assert!(row.actor.as_deref().is_some_and(|actor| actor.starts_with("account ")), "{row:?}");
        assert!(row.address.is_some() && row.attempt_id.is_some(), "from where: {row:?}");
    }
}

#[tokio::test]
async fn a_person_is_locked_down_and_every_admin_sees_how_far_it_is() {
    let story = PanelStory::new("").await;
    let (operator, desk) = (story.inside(Role::Operator).await, story.inside(Role::HelpDesk).await);
    let person = &story.bystander;
    let asked = story.provider.cloudsync().authorize(&[]);
    let browser = Browser::new();
    let arrived = browser.sign_in(&asked, &person.account, &story.subtree.password).await;
    let tokens = story.provider.cloudsync().exchange(&arrived).await;
    let refused = story.presses(&desk, "lock-down", person).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN, "{}", refused.text());
    let page = story.presses(&operator, "lock-down", person).await;
    let text = page.text();
    assert!(page.heading().starts_with("Locked down") && text.contains("Sessions ended 1"), "{text}");
    assert!(text.contains("cloudsync") && text.contains("Can’t be told"), "it has no address: {text}");
    assert!(text.contains("Everything is confirmed") && text.contains("What nobody can promise"), "{text}");
    assert!(!page.body.contains("data-live"), "nothing follows");
    let refreshed = story.provider.cloudsync().refresh(tokens.text("refresh_token")).await;
    assert_eq!(refreshed.text("error"), "invalid_grant");
    story.provider.sync().await.expect("a sync");
    assert_eq!(story.tries(person).await.parameter("code"), None, "no sync reactivates it");

    let account = story.account(person).await.0;
    let path = format!("/admin/people/lock-down?id={account}");
    let seen = desk.browser.open(&story.url(&path)).await;
    assert!(seen.text().contains("Everything is confirmed"), "the help desk reads it: {}", seen.text());
    let shown = story.shows(&desk, person, "").await;
    assert!(shown.body.contains(&path), "the page of the person leads there: {}", shown.body);
    let [row] = &story.trail("person_locked_down").await[..] else { panic!("one event") };
    assert_eq!((row.account_id.as_deref(), row.role.as_deref()), (Some(account.as_str()), Some("operator")));
    assert!(row.actor.as_deref().is_some_and(|actor| actor.starts_with("account ")), "{row:?}");

    story.presses(&operator, "reactivate", person).await;
    let gone = desk.browser.open(&story.url(&path)).await;
    assert_eq!(gone.status, StatusCode::NOT_FOUND, "{}", gone.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_answers_to_a_lock_down_are_watched_as_they_come() {
    let story = PanelStory::new("").await;
    let (client, address) = LogoutServer::start(200).await;
    story.provider.apply(&told_at("cloudsync", &address), Mode::Merge).await.expect("good settings");
    let operator = story.inside(Role::Operator).await;
    let person = &story.bystander;
    let arrived = story.tries(person).await;
    story.provider.cloudsync().exchange(&arrived).await;
    let page = story.presses(&operator, "lock-down", person).await;
    let text = page.text();
    assert!(text.contains("Waiting for answers") && text.contains("cloudsync Waiting"), "{text}");
    let path = format!("/admin/people/lock-down/events?id={}", story.account(person).await.0);
    assert!(page.body.contains(&format!("data-live=\"{path}\"")), "{}", page.body);
    assert!(page.body.contains("<noscript><meta http-equiv=\"refresh\""), "it works without a script");

    let mut events = operator.browser.http.get(story.url(&path)).send().await.expect("a stream");
    assert_eq!(events.headers()["content-type"], "text/event-stream");
    let teller = tokio::spawn(jobs::tell_clients(story.provider.parts.panel()));
    let mut seen = String::new();
    while let Some(chunk) = events.chunk().await.expect("it goes on") {
        seen += &String::from_utf8_lossy(&chunk);
    }
    teller.abort();
    assert!(seen.contains("event: part") && seen.contains("Everything is confirmed"), "{seen}");
    assert!(seen.contains("event: done"), "the stream ends with the last answer: {seen}");
    assert_eq!(client.tokens().len(), 1);
}

#[tokio::test]
async fn nobody_acts_on_an_admin_with_a_higher_or_equal_role_or_on_the_own_factors() {
    let story = PanelStory::new("").await;
    let (owner, desk) = (story.inside(Role::Owner).await, story.inside(Role::HelpDesk).await);
    for (role, may) in
        [(Role::Owner, false), (Role::Operator, false), (Role::HelpDesk, false), (Role::Auditor, true)]
    {
        let page = story.presses(&desk, "invite", story.person(role)).await;
        assert_eq!(page.heading() == "Code for this person", may, "{role:?}: {}", page.text());
    }
    let page = story.presses(&desk, "reset-factors", story.person(Role::Owner)).await;
    assert!(page.text().contains("higher or equal role"), "{}", page.text());
    let page = story.presses(&desk, "reset-factors", &story.bystander).await;
    assert!(page.text().contains("All second factors are removed"), "{}", page.text());
    // The group is left, but no sync has seen it yet: both answers count.
    story.subtree.disable(story.person(Role::Operator));
    let page = story.presses(&desk, "reset-factors", story.person(Role::Operator)).await;
    assert!(page.text().contains("higher or equal role"), "a disabled operator: {}", page.text());
    for button in ["invite", "reset-factors", "suspend", "lock-down"] {
        let page = story.presses(&owner, button, story.person(Role::Owner)).await;
        assert!(page.text().contains("to the own account"), "{button}: {}", page.text());
    }
    let page = story.presses(&owner, "end-sessions", story.person(Role::HelpDesk)).await;
    assert!(page.text().contains("All sessions and tokens are ended"), "{}", page.text());
    let page = desk.browser.follow(&story.url("/admin")).await;
    assert_eq!(page.heading(), SIGN_IN, "the session of the panel has ended too: {}", page.text());
    let causes: Vec<_> = story.trail("admin_refused").await.into_iter().filter_map(|row| row.cause).collect();
    for cause in ["person:higher_role", "person:oneself"] {
        assert!(causes.iter().any(|one| one == cause), "{cause}: {causes:?}");
    }
}

/// A code that the help desk issued before the person became an admin is not a way into the panel.
#[tokio::test]
async fn a_code_opens_nothing_for_whom_its_issuer_may_not_act_on() {
    let story = PanelStory::new("").await;
    let parts = story.provider.parts.login();
    let desk = story.account(story.person(Role::HelpDesk)).await;
    let visit =
        Visit { attempt_id: "7K3PW-0QX9M".into(), address: "192.0.2.1".into(), user_agent: String::new() };
    let cases = [
        (Actor::person(desk.clone(), Role::HelpDesk), story.person(Role::Owner), false),
        (Actor::person(desk.clone(), Role::HelpDesk), story.person(Role::Operator), false),
        (Actor::person(desk.clone(), Role::HelpDesk), story.person(Role::Auditor), true),
        (Actor::person(desk.clone(), Role::HelpDesk), &story.bystander, true),
        (Actor::person(desk, Role::Owner), story.person(Role::Owner), true),
        (Actor::command("root".into()), story.person(Role::Owner), true),
    ];
    for (issuer, person, may) in cases {
        let account = story.account(person).await;
        let issued = factors::invite(&parts, &account, &issuer).await.expect("a code");
        let opened =
            factors::redeem_invitation(&parts, &visit, &account, &issued.code).await.expect("an answer");
        assert_eq!(opened, may, "{issuer:?}");
    }
}

#[tokio::test]
async fn the_audit_log_is_filtered_and_downloaded() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let mut event = Event::new(story.now(), Decision::AccountsImported);
    event.cause = Some("=HYPERLINK(\"http://evil.example\")".into());
    event.directory = Some("other".into());
    story.provider.parts.store.login().append(&event).await.expect("written");
    let log = async |query: &str| inside.browser.open(&story.url(&format!("/admin/audit-log{query}"))).await;
    let (all, one) = (log("").await, log("?directory=other").await);
    // The filter has the words too, in brackets.
    let entered = "Entered the admin panel admin_entered";
    assert!(all.text().contains(entered) && all.text().contains("=HYPERLINK"), "{}", all.text());
    assert!(!one.text().contains(entered) && one.text().contains("=HYPERLINK"), "{}", one.text());
    let place = |page: &str, what: &str| page.find(what).expect("it is shown");
    let (newest, oldest) = (all.text(), log("?order=oldest").await.text());
    for (page, is_first) in [(&newest, true), (&oldest, false)] {
        assert_eq!(place(page, "=HYPERLINK") < place(page, entered), is_first, "{page}");
    }
    let who = &story.person(Role::Auditor).account;
    let by_actor = log(&format!("?actor={who}")).await;
    assert!(by_actor.text().contains(entered) && !by_actor.text().contains("=HYPERLINK"));
    assert!(log("?person=nobody").await.text().contains("No account, or more than one"));
    assert!(log("?from=yesterday").await.text().contains("Write times in UTC"));
    assert!(log("?until=2020-01-01").await.text().contains("No event matches"));
    let path = "/admin/audit-log/export";
    let token = story.token(&inside.cookie, path).await;
    let export = async |format: &str| {
        let fields = [("csrf", token.as_str()), ("format", format), ("directory", "other")];
        story.send(&inside.browser, path, &fields).await
    };
    let csv = export("csv").await;
    assert_eq!(csv.headers["content-type"], "text/csv; charset=utf-8");
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"audit-log.csv\"");
    assert_eq!(csv.body.lines().count(), 2, "{}", csv.body);
    assert!(csv.body.contains("\"'=HYPERLINK(\"\"http://evil.example\"\")\""), "{}", csv.body);
    let json = export("json").await;
    let line: serde_json::Value = serde_json::from_str(json.body.trim_end()).expect("one line");
    assert_eq!(line["directory"], "other");
    assert_eq!(story.trail("audit_exported").await.len(), 2);
}

#[tokio::test]
async fn the_cause_is_found_by_name_or_code_and_removed_by_its_button() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let person = &story.bystander;
    let asks = async |who: &str| {
        let path = format!("/admin/troubleshooting/user-cant-log-in?who={who}");
        inside.browser.open(&story.url(&path)).await
    };
    let unknown = asks("nobody-has-this-name").await;
    assert!(unknown.text().contains("No. No person below the base DN"), "{}", unknown.text());
    story.presses(&inside, "suspend", person).await;
    let found = asks(&person.account).await;
    let text = found.text();
    assert!(text.contains("An administrator has suspended the account here"), "{text}");
    assert!(found.body.contains("action=\"/admin/people/reactivate\""), "{}", found.body);
    story.presses(&inside, "reactivate", person).await;
    let open = asks(&person.account).await;
    assert!(open.text().contains("Yes, with the right password"), "{}", open.text());
    story.subtree.disable(person);
    let refused = story.tries(person).await;
    let found = asks(refused.attempt_id()).await;
    assert!(found.text().contains("Enable the account in the directory"), "{}", found.text());
    assert!(!found.text().contains("Enable it in the directory"), "once: {}", found.text());
    assert!(found.body.contains(">Ask again</a>"), "{}", found.body);
    assert!(!found.body.contains("action=\"/admin/people/sync\""), "a sync changes nothing: {}", found.body);
    story.presses(&inside, "sync", person).await;
    let ordered = story.trail("task_ordered").await;
    assert!(ordered[0].detail.as_deref().is_some_and(|detail| detail.contains("sync_person")), "{ordered:?}");
}

#[tokio::test]
async fn questions_to_the_directory_are_limited_for_each_admin() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    for _ in 0..60 {
        let page = story.shows(&inside, &story.bystander, "&live=1").await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
    let refused = story.shows(&inside, &story.bystander, "&live=1").await;
    assert_eq!(refused.status, StatusCode::TOO_MANY_REQUESTS, "{}", refused.text());
    assert_eq!(
        story.shows(&inside, &story.bystander, "").await.status,
        StatusCode::OK,
        "what is stored is free"
    );
    let other = story.inside(Role::HelpDesk).await;
    assert_eq!(story.shows(&other, &story.bystander, "&live=1").await.status, StatusCode::OK);
}

#[tokio::test]
async fn account_and_entry_stand_beside_each_other() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let same = story.shows(&inside, &story.bystander, "&live=1").await;
    assert!(same.text().contains("Account and entry") && same.text().contains("Same"), "{}", same.text());
    assert!(!same.text().contains("Differs"), "{}", same.text());
    let stored = story.shows(&inside, &story.bystander, "").await;
    assert!(stored.text().contains("As stored, nothing keeps this person out"), "{}", stored.text());
}

#[tokio::test]
async fn the_lists_of_second_factors_are_shown_and_downloaded() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let path = "/admin/security/two-step-authentication/people";
    let list = async |query: &str| inside.browser.open(&story.url(&format!("{path}{query}"))).await.text();
    let (without, with) = (list("").await, list("?show=enrolled").await);
    let (other, own) = (&story.bystander.mail, &story.person(Role::Auditor).mail);
    assert!(without.contains(other) && !without.contains(own), "{without}");
    assert!(with.contains(own) && !with.contains(other), "{with}");
    let down = async |after: &str| list(&format!("?show=enrolled&order=descending&after={after}")).await;
    assert!(down("").await.contains(own), "the last one is first");
    assert!(!down("a").await.contains(own), "nobody is before a");
    let export = format!("{path}/export");
    let token = story.token(&inside.cookie, &export).await;
    let file = async |format: &str, show: &str| {
        let fields = [("csrf", token.as_str()), ("format", format), ("show", show)];
        story.send(&inside.browser, &export, &fields).await
    };
    let csv = file("csv", "missing").await;
    assert_eq!(csv.headers["content-disposition"], "attachment; filename=\"two-step-missing.csv\"");
    assert!(csv.body.starts_with("\"account\",") && csv.body.contains(other) && !csv.body.contains(own));
    let json = file("json", "enrolled").await;
    let line: serde_json::Value = serde_json::from_str(json.body.trim_end()).expect("one line");
    assert_eq!((line["email"].as_str(), line["factors"].as_i64()), (Some(own.as_str()), Some(1)));
    assert_eq!(story.trail("people_exported").await.len(), 2);
}

#[tokio::test]
async fn the_audit_log_is_checked_when_an_admin_asks_for_it() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let operation = story.provider.parts.operation();
    let log = async || inside.browser.open(&story.url("/admin/audit-log")).await.text();
    assert!(log().await.contains("Not checked yet"), "{}", log().await);
    let path = "/admin/audit-log/check";
    let token = story.token(&inside.cookie, path).await;
    story.send(&inside.browser, path, &[("csrf", &token)]).await;
    assert!(log().await.contains("The check begins within seconds"), "{}", log().await);
    audit_chain::check_if_due(&operation).await.expect("it checks").expect("it was asked for");
    assert!(log().await.contains("events are unchanged"), "{}", log().await);
    assert!(audit_chain::check_if_due(&operation).await.expect("it reads").is_none(), "once a day");
    let url = story.provider.config.store.expose();
    story.send(&inside.browser, path, &[("csrf", &token)]).await;
    assert!(audit_chain::check_if_due(&operation).await.expect("it reads").is_none(), "not again so soon");
    let asked = story.trail("audit_check_asked").await;
    assert_eq!((asked.len(), asked[0].role.as_deref()), (1, Some("auditor")));
    story.later(5 * MINUTE);
    raw_sql(url, "UPDATE audit SET actor = 'nobody' WHERE decision = 'admin_entered'").await;
    story.send(&inside.browser, path, &[("csrf", &token)]).await;
    audit_chain::check_if_due(&operation).await.expect("it checks").expect("it was asked for");
    assert!(log().await.contains("was changed"), "{}", log().await);
}

#[tokio::test]
async fn what_is_done_to_a_person_is_shown_once_more_without_a_fresh_factor() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let account = story.account(&story.bystander).await.0;
    story.later(5 * MINUTE);
    let csrf = story.token(&inside.cookie, "/admin/people/suspend").await;
    let fields = [("csrf", csrf.as_str()), ("account", account.as_str())];
    let kept = story.send(&inside.browser, "/admin/people/suspend", &fields).await;
    let sign_in = kept.location.expect("a sign-in");
    let (page, cookie) = story.signs_in_again(&inside, story.person(Role::Operator), &sign_in).await;
    for shown in [format!("Person {}", story.bystander.account), "Suspend".to_owned()] {
        assert!(page.text().contains(&shown), "{shown}: {}", page.text());
    }
    let draft = page.fields()["draft"].clone();
    let csrf = story.token(&cookie, "/admin/people/suspend").await;
    let done =
        story.send(&inside.browser, "/admin/people/suspend", &[("csrf", &csrf), ("draft", &draft)]).await;
    assert!(done.told().is_some_and(|told| told.ends_with("|notice=done-suspended")), "{}", done.text());
}
