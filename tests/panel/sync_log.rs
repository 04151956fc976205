//! The Sync Log of the panel: what it shows, and decisions about the people who wait.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::account::Status;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::guard::SeenHeld;
use cloudsync_idp::store::{HeldRow, RunTrigger};

use super::settings::value;
use super::tasks::Worker;
use super::{Inside, PanelStory};
use crate::support::browser::Page;
use crate::support::lab::Person;

const LOG: &str = "/admin/settings/active-directory/sync-log";
const HELD: &str = "/admin/settings/active-directory/sync-log/held";
const STOP: &str = "/admin/settings/active-directory/sync-log/stop";
const RESUME: &str = "/admin/settings/active-directory/sync-log/resume";

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

impl PanelStory {
    async fn held(&self) -> Vec<HeldRow> {
        self.provider.parts.store.sync().held_page(&corp(), None, 100).await.expect("the store")
    }

    /// Sends the form of decisions as our page does that is shown with this query; it is not confirmed yet.
    async fn asks_at(&self, inside: &Inside, query: &str, decision: &str, people: &[SeenHeld]) -> Page {
        let (token, seen) = (self.token(&inside.cookie, HELD).await, people.iter().map(SeenHeld::to_string));
        let seen: Vec<String> = seen.collect();
        let mut fields = vec![("csrf", token.as_str()), ("directory", "corp"), ("decision", decision)];
        fields.extend(seen.iter().map(|seen| ("person", seen.as_str())));
        self.send(&inside.browser, &format!("{HELD}{query}"), &fields).await
    }

    /// The same, and confirms it.
    async fn decide_at(&self, inside: &Inside, query: &str, decision: &str, people: &[SeenHeld]) -> Page {
        let asked = self.asks_at(inside, query, decision, people).await;
        let confirm = inside.browser.go_on(asked).await;
        assert_eq!(confirm.heading(), "Confirm", "{}", confirm.text());
        let action = format!("action=\"{HELD}{}\"", query.replace('&', "&#38;"));
        assert!(confirm.body.contains(&action), "the log as it was shown: {}", confirm.body);
        let (token, draft) = (self.token(&inside.cookie, HELD).await, value(&confirm, "draft"));
        let fields = [("csrf", token.as_str()), ("draft", draft.as_str())];
        self.send(&inside.browser, &format!("{HELD}{query}"), &fields).await
    }

    async fn decide(&self, inside: &Inside, decision: &str, people: &[SeenHeld]) -> Page {
        self.decide_at(inside, "", decision, people).await
    }

    async fn is_active(&self, row: &HeldRow) -> bool {
        let account = self.provider.parts.store.identity().account(&row.person.account).await;
        account.expect("the store").expect("an account").status == Status::Active
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn held_people_are_decided_about_in_the_sync_log() {
    let story = PanelStory::new("").await;
    let people: Vec<Person> = (0..8).map(|_| story.subtree.person()).collect();
    story.provider.sync().await.expect("a sync");
    people.iter().for_each(|person| story.subtree.disable(person));
    story.provider.sync().await.expect("a sync");
    let held = story.held().await;
    assert_eq!(held.len(), 5, "three may always lose something");
    let seen: Vec<SeenHeld> = held.iter().map(SeenHeld::from).collect();

    let auditor = story.inside(Role::Auditor).await;
    let page = auditor.browser.open(&story.url(LOG)).await.text();
    assert!(held.iter().all(|row| page.contains(&row.person.login_name)), "{page}");
    assert!(!page.contains("Suspend or remove"), "an auditor decides nothing: {page}");

    let operator = story.inside(Role::Operator).await;
    let page = operator.browser.open(&story.url(LOG)).await.text();
    assert!(page.contains("Suspend or remove the selected people"), "{page}");
    let _worker = Worker::of(&story.provider.parts);
    let ordered = story.decide(&operator, "approve", &seen[..2]).await.location.unwrap_or_default();
    story.is_done(&operator, &ordered).await;
    assert!(story.task_shows(&operator, &ordered, "2 people").await);
    let shown = "?directory=corp&held_after=0";
    let asked = story.asks_at(&operator, shown, "reject", &seen[2..3]).await;
    assert!(asked.location.is_some_and(|to| to.starts_with("/admin/confirm/")), "confirmed always");
    let nobody = operator.browser.go_on(story.asks_at(&operator, shown, "reject", &[]).await).await;
    assert!(nobody.text().contains("Select somebody first"), "{}", nobody.text());
    let page = story.decide_at(&operator, shown, "reject", &seen[2..3]).await;
    let to = format!("{LOG}{shown}|done=decided&kept=1&left=0");
    assert_eq!(page.told(), Some(to), "the same page, which can be loaded again: {}", page.text());
    let page = operator.browser.go_on(page).await;
    assert!(page.text().contains("Done for 1 person."), "{}", page.text());
    let stale = SeenHeld { what_since: seen[3].what_since - 1, ..seen[3] };
    for decision in ["approve", "reject"] {
        let page = operator.browser.go_on(story.asks_at(&operator, "", decision, &[stale]).await).await;
        assert!(page.text().contains("have changed since the page was shown"), "{}", page.text());
        assert!(!page.text().contains("1 person"), "no button: {}", page.text());
        let page = story.agrees(&operator, HELD, &page).await;
        match decision {
            "approve" => story.is_done(&operator, &page.location.unwrap_or_default()).await,
            _ => {
                let page = operator.browser.go_on(page).await;
                assert!(page.text().contains("would lose something else by now"), "{}", page.text());
            }
        }
    }
    for decision in ["", "delete"] {
        let page = story.asks_at(&operator, "", decision, &seen[3..]).await;
        assert_eq!(page.location.as_deref(), Some(LOG), "{}", page.text());
    }
    let mut active = Vec::new();
    for row in &held {
        active.push(story.is_active(row).await);
    }
    assert_eq!(active, [false, false, true, true, true]);
    let left = story.held().await;
    let by: Vec<_> =
        left.iter().map(|row| row.rejected.as_ref().map(|rejected| rejected.by.clone())).collect();
    assert_eq!(by, [Some(story.person(Role::Operator).account.clone()), None, None]);

    let account = story.account(story.person(Role::Operator)).await;
    let trail = story.trail("held_decided").await;
    assert_eq!(trail.len(), 3, "what was not done is not recorded: {trail:?}");
    for row in &trail {
        assert_eq!(row.actor, Some(format!("account {}", account.0)));
        assert_eq!(row.role.as_deref(), Some("operator"));
    }
}

/// Ten people, of whom the guard holds seven.
async fn with_held(story: &PanelStory) -> Vec<Person> {
    let people: Vec<Person> = (0..10).map(|_| story.subtree.person()).collect();
    story.provider.sync().await.expect("a sync");
    people.iter().for_each(|person| story.subtree.disable(person));
    story.provider.sync().await.expect("a sync");
    people
}

impl PanelStory {
    /// Sends a decision about all held people, as this page has shown them.
    async fn decide_all(&self, inside: &Inside, page: &Page, decision: &str) -> Page {
        let token = self.token(&inside.cookie, HELD).await;
        let all = value(page, "all");
        let fields = [("csrf", token.as_str()), ("directory", "corp"), ("all", &all), ("decision", decision)];
        self.send(&inside.browser, &format!("{HELD}?kind=failed"), &fields).await
    }

    async fn all_held(&self, inside: &Inside) -> Page {
        inside.browser.open(&self.url(&format!("{HELD}?of=corp&kind=failed"))).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn all_held_people_are_decided_about_as_they_were_shown() {
    let story = PanelStory::new("").await;
    let people = with_held(&story).await;
    let operator = story.inside(Role::Operator).await;
    let log = operator.browser.open(&story.url(&format!("{LOG}?kind=failed"))).await;
    assert!(log.text().contains("Decide about all 7 held people"), "{}", log.text());
    let page = story.all_held(&operator).await;
    let shown = page.text();
    assert!(shown.contains("Suspended: disabled in the directory (7 accounts)"), "{shown}");
    assert!(shown.contains("Suspend or remove 7 people") && shown.contains("Change nothing for 7 people"));

    // Somebody who is held later is not among them.
    let later = story.subtree.person();
    story.provider.sync().await.expect("a sync");
    story.later(1);
    story.subtree.disable(&later);
    story.provider.sync().await.expect("a sync");
    assert_eq!(story.held().await.len(), 8);
    let _worker = Worker::of(&story.provider.parts);
    let ordered = story.decide_all(&operator, &page, "approve").await.location.unwrap_or_default();
    story.is_done(&operator, &ordered).await;
    assert!(story.task_shows(&operator, &ordered, "7 people").await);
    let left = story.held().await;
    assert_eq!(left.iter().map(|row| row.person.login_name.as_str()).collect::<Vec<_>>(), [&later.account]);
    assert_eq!(story.trail("held_decided").await.len(), 7);

    // Of the set that was shown, nobody is left: nothing is done.
    for decision in ["approve", "reject"] {
        let again = operator.browser.go_on(story.decide_all(&operator, &page, decision).await).await;
        assert!(again.text().contains("have changed since the page was shown"), "{}", again.text());
    }
    let page = story.all_held(&operator).await;
    let kept = story.decide_all(&operator, &page, "reject").await;
    let to = format!("{LOG}?kind=failed|done=decided&kept=1&left=0");
    assert_eq!(kept.told(), Some(to), "the conditions stay: {}", kept.text());
    let rejected = story.held().await[0].rejected.clone().expect("a decision");
    assert_eq!(rejected.by, story.person(Role::Operator).account);
    let nobody = story.all_held(&operator).await;
    assert!(nobody.text().contains("nobody about whom a decision is open"), "{}", nobody.text());
    assert!(people.iter().all(|person| person.account != later.account));
}

#[tokio::test]
async fn all_held_people_are_decided_about_after_a_fresh_factor() {
    let story = PanelStory::new("").await;
    with_held(&story).await;
    let operator = story.inside(Role::Operator).await;
    let page = story.all_held(&operator).await;
    story.later(6 * MINUTE);
    let asked = story.decide_all(&operator, &page, "reject").await;
    let enter = asked.location.clone().unwrap_or_default();
    let (confirm, cookie) = story.signs_in_again(&operator, story.person(Role::Operator), &enter).await;
    let shown = confirm.text();
    assert!(shown.contains("(7 accounts)") && shown.contains("Change nothing for 7 people"), "{shown}");
    assert!(confirm.body.contains(&format!("{HELD}?kind=failed")), "{}", confirm.body);
    let fields = [("csrf", &*story.token(&cookie, HELD).await), ("draft", &*value(&confirm, "draft"))];
    let kept = story.send(&operator.browser, &format!("{HELD}?kind=failed"), &fields).await;
    assert!(kept.told().is_some_and(|to| to.contains("kept=7")), "all of them");
    assert_eq!(story.trail("held_decided").await.len(), 7);
    let auditor = story.inside(Role::Auditor).await;
    let page = story.all_held(&auditor).await;
    assert!(!page.body.contains("name=\"decision\""), "an auditor decides nothing: {}", page.text());
}

#[tokio::test]
async fn the_log_shows_a_person_and_a_run() {
    let story = PanelStory::new("").await;
    let auditor = story.inside(Role::Auditor).await;
    let open = async |query: &str| auditor.browser.open(&story.url(&format!("{LOG}?{query}"))).await.text();
    let all = open("").await;
    assert!(all.contains("5 accounts created"), "{all}");
    assert!(!all.contains(&story.bystander.account), "the changes are shown for a person or a run: {all}");
    let run =
        story.provider.parts.store.sync().last_good_run(&corp()).await.expect("the store").expect("a run");
    let of_run = open(&format!("run={}", run.id.0)).await;
    assert!(of_run.contains(&story.bystander.account) && of_run.contains("created"), "{of_run}");
    let of_person = open(&format!("person={}", story.bystander.mail)).await;
    assert!(of_person.contains(&story.bystander.account), "{of_person}");
    let nobody = open("person=nobody%3Cb%3E&run=x&before=y&directory=z").await;
    assert!(!nobody.contains(&story.bystander.account), "{nobody}");
    let created = open("kind=created").await;
    assert!(created.contains(&story.bystander.account), "{created}");
    let suspended = open("kind=suspended").await;
    assert!(!suspended.contains(&story.bystander.account), "{suspended}");
    let failed = open("kind=failed").await;
    assert!(failed.contains("Nothing is recorded here"), "{failed}");
    let ago = open("kind=created&until=2001-01-01").await;
    assert!(!ago.contains(&story.bystander.account), "{ago}");
    let since = open("kind=created&from=2001-01-01T00%3A00%3A00Z").await;
    assert!(since.contains(&story.bystander.account), "{since}");
    assert!(open("from=soon").await.contains("The time cannot be read"));
}

#[tokio::test]
async fn the_sync_is_paused_and_resumed_by_buttons() {
    let story = PanelStory::new("").await;
    let operator = story.inside(Role::Operator).await;
    let post = async |path: &str, what: &str| {
        let token = story.token(&operator.cookie, path).await;
        let fields = [("csrf", token.as_str()), ("directory", "corp"), ("do", what)];
        operator.browser.go_on(story.send(&operator.browser, path, &fields).await).await.text()
    };
    let store = story.provider.parts.store.sync();
    assert!(post(RESUME, "resume").await.contains("It was so already"));
    assert!(post(STOP, "pause").await.contains("The sync is paused"));
    let name = &story.person(Role::Operator).account;
    let paused = store.paused(&corp()).await.expect("the store").expect("a pause");
    assert_eq!(paused.why, format!("paused by {name}"));
    assert!(post(STOP, "pause").await.contains("It was so already"));
    assert!(post(RESUME, "resume").await.contains("The sync is resumed"));
    assert_eq!(store.paused(&corp()).await.expect("the store"), None);
    for decision in ["sync_paused", "sync_resumed"] {
        let trail = story.trail(decision).await;
        assert_eq!((trail.len(), trail[0].role.as_deref()), (1, Some("operator")), "{decision}");
    }
}

#[tokio::test]
async fn people_who_wait_come_by_pages() {
    let story = PanelStory::new("").await;
    for _ in 0..60 {
        let person = story.subtree.person();
        story.subtree.mail(&person, "");
    }
    story.provider.sync().await.expect("a sync");
    let auditor = story.inside(Role::Auditor).await;
    let page = auditor.browser.open(&story.url(&format!("{LOG}?directory=corp"))).await;
    let many = |page: &Page| page.body.matches("has no email address").count();
    assert_eq!(many(&page), 50, "{}", page.text());
    let next = page.body.split("href=\"").find(|part| part.contains("conflicts_name=")).expect("a next page");
    let next = next.split('"').next().expect("an address").replace("&#38;", "&").replace("&amp;", "&");
    let rest = auditor.browser.open(&story.url(&next)).await;
    assert_eq!(many(&rest), 10, "{}", rest.text());
}

#[tokio::test]
async fn a_run_is_stopped_by_a_button() {
    let story = PanelStory::new("").await;
    let operator = story.inside(Role::Operator).await;
    let stop = async |directory: &str| {
        let token = story.token(&operator.cookie, STOP).await;
        story.send(&operator.browser, STOP, &[("csrf", &token), ("directory", directory)]).await
    };
    let told = async |page: Page| operator.browser.go_on(page).await.text();
    assert!(told(stop("corp").await).await.contains("No run is in progress"));
    assert_eq!(stop("other").await.location.as_deref(), Some(LOG));
    let store = story.provider.parts.store.sync();
    assert_eq!(store.paused(&corp()).await.expect("the store"), None);
    let run = store.begin_run(&corp(), RunTrigger::Schedule, story.now()).await.expect("a run");
    assert!(told(stop("corp").await).await.contains("The run stops"));
    let name = &story.person(Role::Operator).account;
    assert_eq!(store.stopped_by(run).await.expect("the store").as_ref(), Some(name));
    let page = operator.browser.open(&story.url(LOG)).await.text();
    assert!(page.contains(&format!("stopped by {name}")), "{page}");
    assert_eq!(story.trail("sync_stopped").await.len(), 1);
}
