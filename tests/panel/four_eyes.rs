//! Four-eyes: what one owner asks for, another one decides, about exactly what was shown and only once.

use cloudsync_idp::domain::admin::{APPROVAL_LIFETIME, LET_IN, Role};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::flow::admin::four_eyes;
use cloudsync_idp::flow::settings::Mode;
use reqwest::StatusCode;

use super::api::clients;
use super::settings::value;
use super::sync_work::{APPLY, plan_link};
use super::tasks::Worker;
use super::{Inside, OVERVIEW, PanelStory, link};
use crate::support::browser::{Browser, Page};
use crate::support::lab::{Person, unique};
use crate::support::story::CODE;

const ROLES: &str = "/admin/security/administrators";
const LIST: &str = "/admin/security/approvals";
const REQUEST: &str = "/admin/security/approvals/request/";
const ASK: &str = "/admin/security/approvals/ask";
const WITHDRAW: &str = "/admin/security/approvals/withdraw";
const APPROVE: &str = "/admin/security/approvals/approve";
const REJECT: &str = "/admin/security/approvals/reject";
const REVERT: &str = "/admin/settings/active-directory/sync-log/revert";

/// Two owners inside the panel, with four-eyes in force.
struct Two {
    story: PanelStory,
    ada: Inside,
    bob: Inside,
}

impl Two {
    async fn new() -> Self {
        Self::with("").await
    }

    /// With these further settings.
    async fn with(settings: &str) -> Self {
        let story = PanelStory::new(settings).await;
        let (group, second) = (story.group(Role::Owner), story.bystander.dn.clone());
        story.subtree.admin.add_values(group, "member", &[&second]);
        story.provider.sync().await.expect("a sync");
        let ada = story.inside(Role::Owner).await;
        let version = story.version(&ada, ROLES).await;
        let switch_on = [("version", version.as_str()), ("admin.four_eyes", "yes")];
        let alone = story.saves(&ada, ROLES, &switch_on).await;
        assert_eq!(alone.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", alone.text());
        assert!(alone.text().contains("needs two owners"), "{}", alone.text());
        let bob = story.enrols(Browser::new(), &story.bystander, "/admin").await;
        assert_eq!(bob.page.heading(), OVERVIEW, "{}", bob.page.text());
        let saved = story.saves(&ada, ROLES, &switch_on).await;
        assert_eq!(saved.told(), Some(format!("{ROLES}|saved=yes")), "{}", saved.text());
        Self { story, ada, bob }
    }

    /// Sends a change that needs two; returns the path of the request.
    async fn sends(&self, inside: &Inside, minutes: &str) -> String {
        let version = self.story.version(inside, ROLES).await;
        let fields = [("version", version.as_str()), ("admin.idle_minutes", minutes)];
        let sent = self.story.saves(inside, ROLES, &fields).await;
        let to = sent.location.clone().unwrap_or_else(|| panic!("{} {}", sent.status, sent.text()));
        assert!(to.starts_with(REQUEST), "{to}");
        to
    }

    /// Sends a change and asks for it; returns the path of the request.
    async fn asks(&self, inside: &Inside, minutes: &str) -> String {
        let path = self.sends(inside, minutes).await;
        let asked = self.decides(inside, ASK, &path, &[("why", "the auditors want it")]).await;
        assert_eq!(asked.told(), Some(format!("{path}|notice=asked")), "{}", asked.text());
        path
    }

    /// Sends a form about a request, with the digest that its page shows.
    async fn decides(&self, inside: &Inside, action: &str, path: &str, more: &[(&str, &str)]) -> Page {
        let page = inside.browser.open(&self.story.url(path)).await;
        let seen = if page.body.contains("name=\"seen\"") { value(&page, "seen") } else { String::new() };
        let id = path.rsplit('/').next().expect("an id");
        let fields = [("id", id), ("seen", seen.as_str())];
        let fields: Vec<_> = fields.into_iter().chain(more.iter().copied()).collect();
        self.story.saves(inside, action, &fields).await
    }

    async fn shows(&self, inside: &Inside, path: &str) -> String {
        inside.browser.open(&self.story.url(path)).await.text()
    }

    async fn idle_minutes(&self) -> u32 {
        self.story.settings().await.admin.idle_minutes
    }

    async fn actor(&self, person: &Person) -> Option<String> {
        Some(format!("account {}", self.story.account(person).await.0))
    }
}

fn assert_refused(page: &Page, status: StatusCode, words: &str) {
    assert_eq!(page.status, status, "{}", page.text());
    assert!(page.text().contains(words), "{words}: {}", page.text());
}

#[tokio::test]
async fn a_directory_is_removed_by_two() {
    const REMOVE: &str = "/admin/settings/integrations/active-directory/remove";
    let two = Two::new().await;
    let (story, ada) = (&two.story, &two.ada);
    let version = story.version(ada, ROLES).await;
    let fields = [("directory", "corp"), ("version", version.as_str())];
    let confirm = story.is_asked(ada, REMOVE, &fields).await;
    let sent = story.agrees(ada, REMOVE, &confirm).await;
    let path = sent.location.clone().unwrap_or_else(|| panic!("{} {}", sent.status, sent.text()));
    assert!(path.starts_with(REQUEST), "{path}");
    assert_eq!(story.settings().await.directories.len(), 1, "not by one alone");
    two.decides(ada, ASK, &path, &[]).await;
    two.decides(&two.bob, APPROVE, &path, &[]).await;
    assert!(story.settings().await.directories.is_empty());
}

#[tokio::test]
async fn one_owner_asks_and_another_decides_about_what_was_shown() {
    let two = Two::new().await;
    let (story, ada, bob) = (&two.story, &two.ada, &two.bob);
    let path = two.sends(ada, "20").await;
    assert_eq!(two.idle_minutes().await, 30, "nothing is saved");
    let hidden = bob.browser.open(&story.url(&path)).await;
    assert_eq!(hidden.status, StatusCode::NOT_FOUND, "nobody was asked yet");
    let shown = two.shows(ada, &path).await;
    assert!(shown.contains("admin.idle_minutes") && shown.contains("Ask for approval"), "{shown}");
    let other = two.decides(bob, ASK, &path, &[]).await;
    assert_eq!(other.status, StatusCode::NOT_FOUND, "only who has sent it asks for it");
    let asked = two.decides(ada, ASK, &path, &[("why", "<b>the auditors</b>")]).await;
    assert_eq!(asked.told(), Some(format!("{path}|notice=asked")), "{}", asked.text());

    let mine = two.shows(ada, &path).await;
    assert!(mine.contains("Withdraw the request") && !mine.contains("Approve and carry out"), "{mine}");
    let seen = value(&bob.browser.open(&story.url(&path)).await, "seen");
    let id = path.rsplit('/').next().expect("an id");
    let exactly = [("id", id), ("seen", seen.as_str())];
    let forbidden = StatusCode::FORBIDDEN;
    let own = "You have asked for this yourself";
    assert_refused(&story.saves(ada, APPROVE, &exactly).await, forbidden, own);
    let operator = story.inside(Role::Operator).await;
    assert_eq!(story.saves(&operator, APPROVE, &exactly).await.status, forbidden);
    let (browser, cookie) = link::enters_with_cookie(story).await;
    let by_link = story.posts(&browser, &cookie, APPROVE, &exactly).await;
    assert_refused(&by_link, forbidden, "Only an owner who has signed in");
    let other = story.saves(bob, APPROVE, &[("id", id), ("seen", "")]).await;
    assert_refused(&other, StatusCode::CONFLICT, "This is not what was shown");
    assert_eq!(two.idle_minutes().await, 30);

    let overview = two.shows(bob, "/admin").await;
    assert!(overview.contains("1 request waits for your approval"), "{overview}");
    assert!(!two.shows(ada, "/admin").await.contains("waits for your approval"));
    let asked = two.shows(bob, &path).await;
    for words in
        ["&#60;b&#62;the auditors&#60;/b&#62;", "admin.idle_minutes", "30", "20", "Approve and carry out"]
    {
        assert!(asked.contains(words), "{words}: {asked}");
    }
    let (first, second) =
        tokio::join!(story.saves(bob, APPROVE, &exactly), story.saves(bob, APPROVE, &exactly));
    let done = Some(format!("{path}|notice=saved"));
    let saved = [&first, &second].iter().filter(|page| page.told() == done).count();
    assert_eq!(saved, 1, "{} {}", first.text(), second.text());
    assert_eq!(two.idle_minutes().await, 20);
    let again = story.saves(bob, APPROVE, &exactly).await;
    assert_refused(&again, StatusCode::CONFLICT, "This request does not wait any more");

    let (asker, decider) = (two.actor(story.person(Role::Owner)).await, two.actor(&story.bystander).await);
    let only = async |decision: &str| {
        let mut rows = story.trail(decision).await;
        assert_eq!(rows.len(), 1, "{decision}: {rows:?}");
        rows.remove(0)
    };
    assert_eq!(only("approval_asked").await.actor, asker);
    assert_eq!(only("approval_approved").await.actor, decider);
    let changed = story.trail("settings_changed").await.remove(0);
    assert_eq!((&changed.actor, changed.role.as_deref()), (&asker, Some("owner")));
    let detail = changed.detail.unwrap_or_default();
    assert!(
        decider.is_some_and(|decider| detail.contains(&format!("\"approved_by\":\"{decider}\""))),
        "{detail}"
    );
    assert!(two.shows(ada, LIST).await.contains("approved"));
}

#[tokio::test]
async fn only_owners_see_which_groups_give_roles() {
    const LOG: &str = "/admin/audit-log";
    const EXPORT: &str = "/admin/audit-log/export";
    let two = Two::with(&clients()).await;
    let (story, ada) = (&two.story, &two.ada);
    let secret = format!("CN={},{}", unique("auditors"), story.subtree.unit);
    let key = "directories[corp].auditor_groups";
    let both = format!("{}\n{secret}", story.group(Role::Auditor));
    let version = story.version(ada, ROLES).await;
    let fields = [("version", version.as_str()), (key, both.as_str())];
    let path = story.saves(ada, ROLES, &fields).await.location.expect("a request");
    two.decides(ada, ASK, &path, &[]).await;
    let auditor = story.inside(Role::Auditor).await;
    let operator = story.inside(Role::Operator).await;
    let by_role = [(&two.bob, Role::Owner), (&operator, Role::Operator), (&auditor, Role::Auditor)];
    let sees = async |inside: &Inside, role: Role, places: [&str; 2]| {
        let mut texts = Vec::new();
        for place in places {
            texts.push(two.shows(inside, place).await);
            let api = story.get(place.trim_start_matches("/admin"), &story.script(role).await).await;
            assert_eq!(api.status, StatusCode::OK, "{place}");
            texts.push(api.body.to_string());
        }
        for format in ["csv", "json"] {
            texts.push(story.saves(inside, EXPORT, &[("format", format)]).await.body);
        }
        texts
    };
    let before = story.trail("settings_changed").await.len();
    let waiting = async |inside, role| {
        let texts = sees(inside, role, [&path, LOG]).await;
        assert!(texts[0].contains(key) && texts[1].contains(key), "{texts:?}");
        assert_eq!([0, 1].map(|place| texts[place].contains(&secret)), [role == Role::Owner; 2], "{texts:?}");
    };
    for (inside, role) in by_role {
        waiting(inside, role).await;
    }
    two.decides(&two.bob, APPROVE, &path, &[]).await;
    assert_eq!(story.trail("settings_changed").await.len(), before + 1);
    story.subtree.admin.add(&secret, &[("objectClass", "groupOfNames"), ("member", &story.bystander.dn)]);
    story.provider.sync().await.expect("a sync");
    for (inside, role) in by_role {
        let texts = sees(inside, role, [LOG, "/admin/audit-log?decision=admin_group_found"]).await;
        for text in texts {
            let found = text.contains(key) || text.contains("admin_group_found");
            assert!(found && text.contains(&secret) == (role == Role::Owner), "{role:?}: {text}");
        }
    }
}

#[tokio::test]
async fn an_owner_whom_the_asker_has_let_in_decides_a_week_later() {
    let two = Two::new().await;
    let story = &two.story;
    let bob = story.account(&story.bystander).await.0;
    story.saves(&two.ada, "/admin/people/reset-factors", &[("account", &bob)]).await;
    assert_eq!(story.trail("factors_reset").await.len(), 1);
    // Whoever has the new factor, with a code of the command line.
    let bob = story.enrols(Browser::new(), &story.bystander, "/admin").await;
    let path = two.asks(&two.ada, "20").await;
    let shown = bob.browser.open(&story.url(&path)).await;
    assert!(!shown.body.contains("Approve and carry out"), "{}", shown.text());
    assert!(shown.text().contains("you can decide from then on"), "{}", shown.text());
    for action in [APPROVE, REJECT] {
        let page = two.decides(&bob, action, &path, &[("reason", "no")]).await;
        assert_refused(&page, StatusCode::FORBIDDEN, "Whoever has asked has let you in lately");
    }
    assert_eq!(two.idle_minutes().await, 30);

    story.later(LET_IN);
    let (_, of_ada) = story.signs_in_again(&two.ada, story.person(Role::Owner), "/admin").await;
    let (_, of_bob) = story.signs_in_again(&bob, &story.bystander, "/admin").await;
    let Two { story, ada, .. } = two;
    let two = Two { story, ada: Inside { cookie: of_ada, ..ada }, bob: Inside { cookie: of_bob, ..bob } };
    let path = two.asks(&two.ada, "20").await;
    let page = two.decides(&two.bob, APPROVE, &path, &[]).await;
    assert_eq!(page.told(), Some(format!("{path}|notice=saved")), "{}", page.text());
}

#[tokio::test]
async fn a_second_browser_of_the_same_person_decides_nothing_without_the_other_account() {
    let two = Two::new().await;
    let path = two.asks(&two.ada, "20").await;
    let elsewhere = Inside { browser: Browser::new(), ..two.ada };
    let person = two.story.person(Role::Owner);
    let page = two.story.signs_in(&elsewhere.browser, person, &path).await;
    assert_eq!(page.heading(), CODE, "{}", page.text());
    two.story.later(crate::support::story::STEP);
    let code = elsewhere.phone.code(two.story.now());
    let sent = elsewhere.browser.send(&page, "/login/factor", &[("code", &code)]).await;
    let (page, cookie) = super::go_on(&elsewhere.browser, sent).await;
    let (id, seen) = (path.rsplit('/').next().expect("an id"), value_of_digest(&page));
    let fields = [("id", id), ("seen", seen.as_str())];
    let own = two.story.posts(&elsewhere.browser, &cookie, APPROVE, &fields).await;
    assert_refused(&own, StatusCode::FORBIDDEN, "You have asked for this yourself");
    assert_eq!(two.story.settings().await.admin.idle_minutes, 30);
}

/// The digest on a page; empty if its forms need none.
fn value_of_digest(page: &Page) -> String {
    if page.body.contains("name=\"seen\"") { value(page, "seen") } else { String::new() }
}

#[tokio::test]
async fn a_request_ends_in_every_other_way() {
    let two = Two::new().await;
    let (story, ada, bob) = (&two.story, &two.ada, &two.bob);
    let rejected = two.asks(ada, "20").await;
    let page = two.decides(bob, REJECT, &rejected, &[("reason", "  ")]).await;
    assert_refused(&page, StatusCode::UNPROCESSABLE_ENTITY, "A rejection needs a reason");
    let page = two.decides(bob, REJECT, &rejected, &[("reason", "not this month")]).await;
    assert_eq!(page.told(), Some(format!("{rejected}|notice=rejected")), "{}", page.text());
    assert!(two.shows(ada, &rejected).await.contains("not this month"));

    let withdrawn = two.asks(ada, "20").await;
    let page = two.decides(bob, WITHDRAW, &withdrawn, &[]).await;
    assert_eq!(page.status, StatusCode::CONFLICT, "only who has asked withdraws it");
    let page = two.decides(ada, WITHDRAW, &withdrawn, &[]).await;
    assert_eq!(page.told(), Some(format!("{withdrawn}|notice=withdrawn")), "{}", page.text());

    let overtaken = two.asks(ada, "20").await;
    let seen = value(&bob.browser.open(&story.url(&overtaken)).await, "seen");
    let id = overtaken.rsplit('/').next().expect("an id");
    story.provider.apply("[session]\nidle_minutes = 90\n", Mode::Merge).await.expect("good settings");
    let page = story.saves(bob, APPROVE, &[("id", id), ("seen", &seen)]).await;
    assert_refused(&page, StatusCode::CONFLICT, "This request does not wait any more");
    let store = &story.provider.parts.store;
    four_eyes::expire(store, story.now()).await.expect("the store");
    let old = two.asks(ada, "20").await;
    four_eyes::expire(store, story.now() + APPROVAL_LIFETIME).await.expect("the store");
    let causes: Vec<_> = story.trail("approval_expired").await.into_iter().map(|row| row.cause).collect();
    assert_eq!(causes, [Some("too_old".to_owned()), Some("settings_changed".to_owned())]);
    assert!(two.shows(bob, &old).await.contains("expired"));

    let lost = two.asks(ada, "20").await;
    let (group, member) = (story.group(Role::Owner), &story.person(Role::Owner).dn);
    story.subtree.admin.remove_values(group, "member", &[member]);
    let page = two.decides(bob, APPROVE, &lost, &[]).await;
    assert_refused(&page, StatusCode::CONFLICT, "Whoever has asked may not do this any more");
    assert_eq!(two.idle_minutes().await, 30);
    assert_eq!(story.trail("approval_rejected").await.len(), 1);
    assert_eq!(story.trail("approval_withdrawn").await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn mass_changes_wait_and_a_break_glass_link_ends_four_eyes() {
    let two = Two::new().await;
    let (story, bob) = (&two.story, &two.bob);
    let operator = story.inside(Role::Operator).await;
    let _worker = Worker::of(&story.provider.parts);
    let people: Vec<Person> = (0..8).map(|_| story.subtree.person()).collect();
    story.provider.sync().await.expect("a sync");
    people.iter().for_each(|person| story.subtree.disable(person));
    let made = story.orders(&operator, "plan").await;
    story.is_done(&operator, &made).await;
    let link = plan_link(&operator.browser.open(&story.url(&made)).await);
    let plan = link.rsplit('/').next().expect("a number");
    let sent = story.saves(&operator, APPLY, &[("plan", plan)]).await;
    let path = sent.location.unwrap_or_default();
    assert!(path.starts_with(REQUEST), "an operator asks as well: {path}");
    let asked = two.decides(&operator, ASK, &path, &[("why", "they have left")]).await;
    assert_eq!(asked.told(), Some(format!("{path}|notice=asked")), "{}", asked.text());
    let shown = two.shows(bob, &path).await;
    assert!(shown.contains("8 people lose access; 5 beyond the limit"), "{shown}");
    let approved = two.decides(bob, APPROVE, &path, &[]).await;
    story.is_done(bob, approved.location.as_deref().unwrap_or_default()).await;
    let ordered = story.trail("task_ordered").await.remove(0);
    assert_eq!(ordered.actor, two.actor(story.person(Role::Operator)).await);

    let corp = DirectoryId("corp".into());
    let run = story.provider.parts.store.sync().last_good_run(&corp).await.expect("the store");
    let run = run.expect("a run").id.0.to_string();
    let sent = story.saves(&operator, REVERT, &[("run", &run)]).await;
    assert!(sent.location.is_some_and(|to| to.starts_with(REQUEST)), "a revert waits");

    let (browser, cookie) = link::enters_with_cookie(story).await;
    let version = value(&browser.open(&story.url(ROLES)).await, "version");
    let more = [("version", version.as_str()), ("admin.four_eyes", ""), ("admin.idle_minutes", "20")];
    let refused = story.posts(&browser, &cookie, ROLES, &more).await;
    assert_eq!(refused.told(), Some(format!("{LIST}|notice=not-a-person")), "{}", refused.text());
    assert!(story.settings().await.admin.four_eyes);
    let ended = story.posts(&browser, &cookie, ROLES, &more[..2]).await;
    assert_eq!(ended.told(), Some(format!("{LIST}|notice=ended")), "{}", ended.text());
    assert!(!story.settings().await.admin.four_eyes);
    let changed = story.trail("settings_changed").await.remove(0);
    assert_eq!(changed.cause.as_deref(), Some("four_eyes_ended_by_link"));
    assert_eq!(changed.actor.as_deref(), Some("break-glass root@idp"));
}
