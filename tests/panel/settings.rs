//! Pages of settings: what is saved, confirmed, compared and refused.

use cloudsync_idp::domain::MINUTE;
use cloudsync_idp::domain::admin::{DRAFT_LIFETIME, Role};
use cloudsync_idp::domain::secret::Sealed;
use cloudsync_idp::domain::settings::Settings;
use cloudsync_idp::flow::settings::{self, Mode};
use cloudsync_idp::store::NewDraft;
use reqwest::StatusCode;

use super::link::enters_with_cookie;
use super::{COOKIE, Inside, PanelStory, assert_asked};
use crate::support::browser::{Browser, Page};
use crate::support::story::SIGN_IN;

const SSO: &str = "/admin/settings/integrations/single-sign-on";
const ROLES: &str = "/admin/security/administrators";
const CONFIRM: &str = "Confirm your changes";
const CONFLICT: &str = "Somebody else has saved in the meantime";

impl PanelStory {
    pub(super) async fn settings(&self) -> Settings {
        let parts = &self.provider.parts;
        settings::load(&parts.store, &parts.keys.sealer).await.expect("settings").settings
    }

    /// Sends a form of the panel in the session of this cookie.
    pub(super) async fn posts(
        &self,
        browser: &Browser,
        cookie: &str,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Page {
        let token = self.token(cookie, path).await;
        let fields: Vec<_> = [("csrf", token.as_str())].into_iter().chain(fields.iter().copied()).collect();
        self.send(browser, path, &fields).await
    }

    pub(super) async fn saves(&self, inside: &Inside, path: &str, fields: &[(&str, &str)]) -> Page {
        self.posts(&inside.browser, &inside.cookie, path, fields).await
    }

    /// The generation that a page of settings shows.
    pub(super) async fn version(&self, inside: &Inside, path: &str) -> String {
        value(&inside.browser.open(&self.url(path)).await, "version")
    }

    /// Other admins keep drafts until there is no room.
    async fn fills_drafts(&self) {
        let (store, content) = (self.provider.parts.store.admin(), &Sealed(Vec::new()));
        for number in 0.. {
            let (id, owner) = (format!("draft{number}"), format!("other {number}"));
            let draft = NewDraft { id: &id, owner: &owner, person: &owner, path: SSO, content };
            if !store.keep_draft(draft, self.now()).await.expect("the store") {
                return;
            }
        }
    }

    /// Sends a form without a fresh factor, proves one, and arrives at the page that shows it once more.
    pub(super) async fn confirms(
        &self,
        inside: &Inside,
        path: &str,
        fields: &[(&str, &str)],
    ) -> (Page, String) {
        self.later(5 * MINUTE);
        let kept = self.saves(inside, path, fields).await;
        let to = kept.location.unwrap_or_else(|| panic!("it leads to the sign-in: {}", kept.body));
        self.signs_in_again(inside, self.person(Role::Owner), &to).await
    }
}

impl PanelStory {
    /// Sends an action that is confirmed always; returns the page that says what it does.
    pub(super) async fn is_asked(&self, inside: &Inside, path: &str, fields: &[(&str, &str)]) -> Page {
        let asked = self.saves(inside, path, fields).await;
        let to = asked.location.as_deref().unwrap_or_else(|| panic!("{} {}", asked.status, asked.text()));
        assert!(to.starts_with("/admin/confirm/"), "{to}");
        inside.browser.go_on(asked).await
    }

    /// Presses the button of that page.
    pub(super) async fn agrees(&self, inside: &Inside, path: &str, confirm: &Page) -> Page {
        self.saves(inside, path, &[("draft", &value(confirm, "draft"))]).await
    }
}

/// The value of a hidden field.
pub(super) fn value(page: &Page, name: &str) -> String {
    let after = page.body.split(&format!("name=\"{name}\" value=\"")).nth(1);
    let after = after.unwrap_or_else(|| panic!("{name} is not on the page: {}", page.text()));
    after.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn an_owner_changes_settings_that_are_in_force_at_once_and_on_record() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let page = inside.browser.open(&story.url(SSO)).await;
    assert_eq!(page.heading(), "Single Sign-On");
    assert!(page.body.contains("name=\"session.idle_minutes\""), "{}", page.body);
    let version = value(&page, "version");
    let fields =
        [("version", version.as_str()), ("session.idle_minutes", "60"), ("sso.help_contact", "the desk")];
    let saved = story.saves(&inside, SSO, &fields).await;
    assert_eq!(saved.told(), Some(format!("{SSO}|saved=yes")), "{}", saved.text());
    let page = inside.browser.go_on(saved).await;
    assert!(page.text().contains("Saved") && page.body.contains("value=\"60\""), "{}", page.text());
    let current = story.provider.parts.installation.current();
    assert_eq!((current.settings.session.idle_minutes, current.settings.sso.enabled), (60, true));

    let event = story.trail("settings_changed").await.remove(0);
    let account = story.account(story.person(Role::Owner)).await;
    assert_eq!((event.actor, event.role.as_deref()), (Some(format!("account {}", account.0)), Some("owner")));
    let detail = event.detail.expect("a detail");
    assert!(detail.contains(r#"{"after":"60","before":"480","key":"session.idle_minutes"}"#), "{detail}");

    let version = story.version(&inside, SSO).await;
    let fields = [("version", version.as_str()), ("session.idle_minutes", " 60 ")];
    let again = story.saves(&inside, SSO, &fields).await;
    assert_eq!(again.told(), Some(format!("{SSO}|saved=no")));
    assert_eq!(story.version(&inside, SSO).await, version);
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_stays() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, SSO).await;
    let before = story.settings().await;
    let hostile = "\"><script>alert(1)</script>";
    let fields = [
        ("version", version.as_str()),
        ("session.idle_minutes", "0"),
        ("sso.enabled", ""),
        ("sso.enabled", "yes"),
        ("sso.forgot_password_url", hostile),
        ("keys.rotate_days", "1"),
    ];
    let page = story.saves(&inside, SSO, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.text().contains("0 is not allowed; use 1 to 10080"), "{}", page.text());
    assert!(page.body.contains("aria-invalid=\"true\"") && !page.body.contains("<script>"), "{}", page.body);
    assert_eq!(value(&page, "version"), version);
    assert_eq!(story.settings().await, before, "nothing was saved");

    let outside =
        [("version", version.as_str()), ("directories[corp].admin_groups", "CN=Admins,DC=elsewhere")];
    let page = story.saves(&inside, ROLES, &outside).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.body.contains(">CN=Admins,DC=elsewhere</textarea>"), "{}", page.body);
}

#[tokio::test]
async fn groups_are_found_by_their_names_and_added_to_a_list() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, ROLES).await;
    let find = format!("{ROLES}/groups");
    let typed = [("version", version.as_str()), ("admin.idle_minutes", "17"), ("find", "")];
    let page = story.saves(&inside, &find, &typed).await;
    assert!(page.body.contains("value=\"17\""), "what was typed stays: {}", page.body);
    let offered = page.body.split("value=\"directories[corp].auditor_groups=").nth(1).expect("a group");
    let found = offered.split('"').next().expect("its DN").to_owned();
    let none = story.saves(&inside, &find, &[("version", &version), ("find", "no such group")]).await;
    assert!(none.text().contains("No group has this name"), "{}", none.text());

    let before = story.settings().await;
    let auditors = before.directories[0].auditor_groups.join("\n");
    let help_desk = before.directories[0].help_desk_groups.clone();
    let chosen = format!("directories[corp].auditor_groups={found}");
    let fields = [
        ("version", version.as_str()),
        ("directories[corp].auditor_groups", auditors.as_str()),
        ("chosen_group", chosen.as_str()),
        ("chosen_group", chosen.as_str()),
        ("chosen_group", ""),
        ("admin.session_hours", "8"),
        ("chosen_group", "admin.session_hours=1"),
    ];
    let saved = story.saves(&inside, ROLES, &fields).await;
    assert!(saved.location.as_deref().is_some_and(|to| to.starts_with(ROLES)), "{}", saved.text());
    let after = story.settings().await;
    let groups = &after.directories[0].auditor_groups;
    assert_eq!(groups.iter().filter(|dn| **dn == found).count(), 1, "{groups:?}");
    assert_eq!((after.admin.session_hours, &after.directories[0].help_desk_groups), (8, &help_desk));

    let auditor = story.inside(Role::Auditor).await;
    let page = auditor.browser.open(&story.url(ROLES)).await;
    assert!(!page.text().contains("Find groups"), "{}", page.text());
}

#[tokio::test]
async fn two_admins_never_overwrite_each_other() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let (settings, version) = (story.settings().await, story.version(&inside, SSO).await);
    let other = "[session]\nidle_minutes = 90\n[sso]\nhelp_contact = \"theirs\"\n";
    story.provider.apply(other, Mode::Merge).await.expect("good settings");
    let fields = [
        ("version", version.as_str()),
        ("session.idle_minutes", "60"),
        ("sso.help_contact", settings.sso.help_contact.as_str()),
        ("tokens.code_seconds", "30"),
    ];
    let page = story.saves(&inside, SSO, &fields).await;
    assert_eq!((page.status, page.heading().as_str()), (StatusCode::CONFLICT, CONFLICT), "{}", page.text());
    for shown in [
        "480",
        "90",
        "60",
        "a command on the server, just now",
        "Only you changed this",
        "Only somebody else changed this",
    ] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert_eq!(value(&page, "sso.help_contact"), "theirs", "only they have changed it");
    assert_eq!(value(&page, "tokens.code_seconds"), "30", "only this form has changed it");
    assert_eq!(story.settings().await.session.idle_minutes, 90);

    // The form of that page is on the new version.
    let version = value(&page, "version");
    let fields = [
        ("version", version.as_str()),
        ("session.idle_minutes", "60"),
        ("sso.help_contact", "theirs"),
        ("tokens.code_seconds", "30"),
    ];
    let saved = story.saves(&inside, SSO, &fields).await;
    assert_eq!(saved.told(), Some(format!("{SSO}|saved=yes")), "{}", saved.text());
    let settings = story.settings().await;
    assert_eq!((settings.session.idle_minutes, settings.tokens.code_seconds), (60, 30));
    assert_eq!(settings.sso.help_contact, "theirs");
    for junk in ["", "x", "-1", "99999999999999999999", "0"] {
        let page = story.saves(&inside, SSO, &[("version", junk), ("session.idle_minutes", "5")]).await;
        assert_eq!(page.status, StatusCode::CONFLICT, "{junk}");
    }
}

#[tokio::test]
async fn without_a_fresh_factor_a_change_waits_and_is_shown_once_more() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, SSO).await;
    let fields = [("version", version.as_str()), ("session.idle_minutes", "60")];
    let (page, cookie) = story.confirms(&inside, SSO, &fields).await;
    assert_eq!(page.heading(), CONFIRM, "{}", page.text());
    for shown in ["480", "60", "Save 1 change", "Nothing has been saved yet"] {
        assert!(page.text().contains(shown), "{shown}: {}", page.text());
    }
    assert_eq!(story.settings().await.session.idle_minutes, 480);

    let draft = value(&page, "draft");
    let wrong = story.posts(&inside.browser, &cookie, ROLES, &[("draft", &draft)]).await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST, "it is of another action");
    let saved = story.posts(&inside.browser, &cookie, SSO, &[("draft", &draft)]).await;
    assert_eq!(saved.told(), Some(format!("{SSO}|saved=yes")), "{}", saved.text());
    assert_eq!(story.settings().await.session.idle_minutes, 60);
    let again = story.posts(&inside.browser, &cookie, SSO, &[("draft", &draft)]).await;
    assert_eq!(again.status, StatusCode::BAD_REQUEST, "once: {}", again.text());
}

#[tokio::test]
async fn what_waits_belongs_to_one_person_in_one_browser_for_ten_minutes() {
    let story = PanelStory::new("").await;
    let (inside, operator) = (story.inside(Role::Owner).await, story.inside(Role::Operator).await);
    let version = story.version(&inside, SSO).await;
    let fields = [("version", version.as_str()), ("session.idle_minutes", "60")];
    let (page, cookie) = story.confirms(&inside, SSO, &fields).await;
    let path = format!("/admin/confirm/{}", value(&page, "draft"));
    assert_eq!(operator.browser.open(&story.url(&path)).await.status, StatusCode::BAD_REQUEST);
    assert_asked(&Browser::new().open(&story.url(&path)).await);
    assert_eq!(inside.browser.open(&story.url(&path)).await.heading(), CONFIRM);
    story.later(DRAFT_LIFETIME);
    assert_eq!(inside.browser.open(&story.url(&path)).await.status, StatusCode::BAD_REQUEST, "too old");
    assert_eq!(story.settings().await.session.idle_minutes, 480);

    // Another browser of the same person has drafts of its own; signing out forgets them.
    let inside = Inside { cookie, ..inside };
    let (page, cookie) = story.confirms(&inside, SSO, &fields).await;
    let path = format!("/admin/confirm/{}", value(&page, "draft"));
    let elsewhere = Inside { browser: Browser::new(), ..inside };
    let (other, _) = story.signs_in_again(&elsewhere, story.person(Role::Owner), &path).await;
    assert_eq!(other.status, StatusCode::BAD_REQUEST, "{}", other.text());
    let store = story.provider.parts.store.admin();
    let session = story.session(&cookie).await.expect("a session");
    let owner = &session.owner_of_drafts();
    let id = path.rsplit('/').next().expect("an id");
    assert!(store.draft(owner, id, story.now()).await.expect("the store").is_some());
    let browser = Browser::with_cookie(&story.provider.url, &format!("{COOKIE}={cookie}"));
    story.posts(&browser, &cookie, "/admin/sign-out", &[]).await;
    assert!(store.draft(owner, id, story.now()).await.expect("the store").is_none());
}

#[tokio::test]
async fn a_conflict_and_a_mistake_are_found_after_the_confirmation_too() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, SSO).await;
    let fields = [("version", version.as_str()), ("session.idle_minutes", "0")];
    let (page, cookie) = story.confirms(&inside, SSO, &fields).await;
    assert!(page.text().contains("This cannot be saved as it is"), "{}", page.text());
    let draft = value(&page, "draft");
    let wrong = story.posts(&inside.browser, &cookie, SSO, &[("draft", &draft)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
    assert!(wrong.text().contains("0 is not allowed"), "{}", wrong.text());
}

#[tokio::test]
async fn what_locks_everybody_out_is_confirmed_always() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, SSO).await;
    let kept = story.saves(&inside, SSO, &[("version", &version), ("sso.enabled", "")]).await;
    let to = kept.location.unwrap_or_default();
    assert!(to.starts_with("/admin/confirm/"), "{to}: {}", kept.body);
    let page = inside.browser.open(&story.url(&to)).await;
    assert!(page.text().contains("Nobody can sign in any more"), "{}", page.text());
    assert!(story.settings().await.sso.enabled);
    let draft = value(&page, "draft");
    story.saves(&inside, SSO, &[("draft", &draft)]).await;
    assert!(!story.settings().await.sso.enabled);
}

#[tokio::test]
async fn a_link_confirms_too_and_without_room_nothing_is_done() {
    let story = PanelStory::new("").await;
    let (browser, cookie) = enters_with_cookie(&story).await;
    let version = value(&browser.open(&story.url(SSO)).await, "version");
    let off = [("version", version.as_str()), ("sso.enabled", "")];
    let kept = story.posts(&browser, &cookie, SSO, &off).await;
    let to = kept.location.clone().unwrap_or_else(|| panic!("{}", kept.text()));
    assert!(to.starts_with("/admin/confirm/"), "{to}");
    assert!(story.settings().await.sso.enabled, "nothing is saved before it is confirmed");
    let page = browser.open(&story.url(&to)).await;
    assert!(page.text().contains("Nobody can sign in any more"), "{}", page.text());
    let (other, _) = enters_with_cookie(&story).await;
    assert_eq!(other.open(&story.url(&to)).await.status, StatusCode::BAD_REQUEST, "another link");

    let (browser, cookie) = enters_with_cookie(&story).await;
    story.fills_drafts().await;
    let remove = "/admin/settings/integrations/single-sign-on/applications/remove";
    let removed = [("version", version.as_str()), ("entry", "cloudsync")];
    for (path, fields) in [(SSO, &off), (remove, &removed)] {
        let full = story.posts(&browser, &cookie, path, fields).await;
        assert_eq!(full.status, StatusCode::SERVICE_UNAVAILABLE, "{path}: {}", full.text());
        assert!(full.text().contains("Too many changes wait"), "{path}: {}", full.text());
    }
    let settings = story.settings().await;
    assert!(settings.sso.enabled && settings.client("cloudsync").is_some());
    story.later(DRAFT_LIFETIME);
    let (browser, cookie) = enters_with_cookie(&story).await;
    let kept = story.posts(&browser, &cookie, SSO, &off).await;
    let draft = value(&browser.open(&story.url(&kept.location.expect("a page"))).await, "draft");
    let saved = story.posts(&browser, &cookie, SSO, &[("draft", &draft)]).await;
    assert_eq!(saved.told(), Some(format!("{SSO}|saved=yes")), "{}", saved.text());
    assert!(!story.settings().await.sso.enabled);
}

#[tokio::test]
async fn an_auditor_reads_and_a_help_desk_sees_no_settings() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Auditor).await;
    let page = inside.browser.open(&story.url(ROLES)).await;
    assert!(page.body.contains("<fieldset class=\"plain\" disabled>"), "{}", page.body);
    // Whoever may create a group of this name could take its role before a sync finds it.
    assert!(!page.body.contains(story.group(Role::Owner)), "{}", page.body);
    assert!(page.body.contains("1 group, which only owners see"), "{}", page.body);
    assert!(!page.text().contains("Save"), "{}", page.text());
    let version = value(&page, "version");
    let refused = story.saves(&inside, ROLES, &[("version", &version), ("admin.idle_minutes", "5")]).await;
    assert_eq!(refused.status, StatusCode::FORBIDDEN);
    let desk = story.inside(Role::HelpDesk).await;
    assert!(!desk.page.body.contains(ROLES), "no link: {}", desk.page.body);
    assert_eq!(desk.browser.open(&story.url(ROLES)).await.status, StatusCode::FORBIDDEN);
}

/// A new owner enters after the next sync; whoever removes their own group is out at the next click.
#[tokio::test]
async fn roles_that_are_changed_in_the_panel_count() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let version = story.version(&inside, ROLES).await;
    let fields =
        [("version", version.as_str()), ("directories[corp].admin_groups", story.group(Role::Operator))];
    let kept = story.saves(&inside, ROLES, &fields).await;
    let page = inside.browser.open(&story.url(kept.location.as_deref().expect("a page that asks"))).await;
    assert!(page.text().contains("lose the role of an owner, perhaps you too"), "{}", page.text());
    let draft = value(&page, "draft");
    let saved = story.saves(&inside, ROLES, &[("draft", &draft)]).await;
    assert_eq!(saved.told(), Some(format!("{ROLES}|saved=yes")), "{}", saved.text());
    story.provider.sync().await.expect("a sync");
    let page = inside.browser.follow(&story.url("/admin")).await;
    assert_ne!(page.heading(), SIGN_IN);
    assert_eq!(page.heading(), super::NO_ROLE, "{}", page.text());
    let promoted = story.inside(Role::Operator).await;
    assert!(promoted.page.text().contains("Owner"), "{}", promoted.page.text());
}

#[tokio::test]
async fn a_change_of_the_second_factor_says_how_many_people_it_asks_before_it_is_saved() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let two_step = "/admin/security/two-step-authentication";
    let page = inside.browser.open(&story.url(two_step)).await;
    assert!(page.text().contains("Members of groups, and people who have set one up"), "{}", page.text());
    let before = story.settings().await;
    let unknown = format!("CN=nobody,{}", story.subtree.unit);
    let operators = story.group(Role::Operator).to_owned();
    let groups = |groups: &[&str]| ("groups", groups.join("\r\n"));
    // Five people; one of them, the owner, has a factor.
    for ((required, groups), words) in [
        (
            ("everyone", String::new()),
            "5 people are asked for a second factor from now on (0 until now). 4 of them have none",
        ),
        (
            ("optional", String::new()),
            "1 person is asked for a second factor from now on (0 until now). All of them have one",
        ),
        (
            groups(&[&operators]),
            "2 people are asked for a second factor from now on (0 until now). 1 of them has none",
        ),
        (
            groups(&[&operators, &unknown]),
            "5 people are asked for a second factor from now on (0 until now). 4 of them have none",
        ),
    ] {
        let version = story.version(&inside, two_step).await;
        let fields = [
            ("version", version.as_str()),
            ("second_factor.required", required),
            ("second_factor.groups", groups.as_str()),
        ];
        let kept = story.saves(&inside, two_step, &fields).await;
        let to = kept.location.clone().unwrap_or_else(|| panic!("{}", kept.text()));
        assert!(to.starts_with("/admin/confirm/"), "{to}");
        let page = inside.browser.open(&story.url(&to)).await;
        let shown = page.text().replace(['\u{2068}', '\u{2069}'], "");
        assert!(shown.contains(words), "{required} {groups}: {shown}");
        assert_eq!(story.settings().await, before, "nothing was saved");
    }
    // What makes it easier for a thief is named too; a change of something else is saved at once.
    for (field, to, weaker) in
        [("grace_days", "7", true), ("remember_browser_days", "7", true), ("invitation_hours", "24", false)]
    {
        let path = if field == "remember_browser_days" { SSO } else { two_step };
        let version = story.version(&inside, path).await;
        let name = format!("second_factor.{field}");
        let kept = story.saves(&inside, path, &[("version", &version), (&name, to)]).await;
        let location = kept.location.clone().unwrap_or_else(|| panic!("{}", kept.text()));
        assert_eq!(location.starts_with("/admin/confirm/"), weaker, "{field}: {location}");
        if weaker {
            let page = inside.browser.open(&story.url(&location)).await;
            assert!(page.text().contains("protects less than before"), "{}", page.text());
        }
    }
}

#[tokio::test]
async fn a_setting_stays_while_a_client_has_two_secrets() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let rotate = "/admin/settings/integrations/single-sign-on/applications/rotate-secret";
    let fields = [("entry", "cloudsync"), ("overlap_hours", "24")];
    assert_eq!(story.saves(&inside, rotate, &fields).await.status, StatusCode::OK);
    let before = story.settings().await;
    let version = story.version(&inside, SSO).await;
    let saved = story.saves(&inside, SSO, &[("version", &version), ("throttle.name_per_minute", "50")]).await;
    assert_eq!(saved.told(), Some(format!("{SSO}|saved=yes")), "{}", saved.text());
    let after = story.settings().await;
    assert_eq!((after.throttle.name_per_minute, &after.clients), (50, &before.clients));
    assert!(after.client("cloudsync").is_some_and(|client| client.client_secret_old_hash.is_some()));
}
