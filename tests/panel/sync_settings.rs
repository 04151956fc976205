//! Sync Settings of the panel: what it shows of the directory, who would be in, and what is saved.

use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::settings::{Depth, Directory};
use reqwest::StatusCode;

use super::link::{made, uses};
use super::settings::value;
use super::{Inside, PanelStory};
use crate::support::browser::{Browser, Page};
use crate::support::subtree::Subtree;

pub(super) const SYNC_SETTINGS: &str = "/admin/settings/active-directory/sync-settings";
pub(super) const DRAFT: &str = "/admin/settings/active-directory/sync-settings/draft";
const NOT_SYNCING: &str = "/admin/troubleshooting/users-not-syncing";
const SLOW: &str = "/admin/troubleshooting/sync-is-slow";

/// Text that would be markup if a page did not escape it.
const MARKUP: &str = "<script>alert(1)</script>";

/// The fields that the page always sends.
pub(super) fn typed(version: &str) -> Vec<(&str, &str)> {
    vec![
        ("directory", "corp"),
        ("version", version),
        ("directories[corp].scope.filter", ""),
        ("directories[corp].sync.frequency", "realtime"),
        ("directories[corp].sync.at", "02:30"),
        ("directories[corp].sync.zone", "UTC"),
        ("directories[corp].sync.guard_people", "50"),
        ("directories[corp].sync.guard_percent", "10"),
        ("directories[corp].sync.log_days", "90"),
    ]
}

impl PanelStory {
    /// Sends the form of Sync Settings with these further fields.
    pub(super) async fn sync_form(&self, inside: &Inside, path: &str, more: &[(&str, &str)]) -> Page {
        let version = self.version(inside, SYNC_SETTINGS).await;
        let mut fields = typed(&version);
        fields.extend(more);
        let (action, _) = path.split_once('?').unwrap_or((path, ""));
        let token = self.token(&inside.cookie, action).await;
        fields.push(("csrf", &token));
        self.send(&inside.browser, path, &fields).await
    }

    /// Saves the form after the page that says what it does to people: that page, and the response after it.
    async fn saves_seen(&self, inside: &Inside, more: &[(&str, &str)]) -> (String, Page) {
        let asked = self.sync_form(inside, SYNC_SETTINGS, more).await;
        let to = asked.location.clone().unwrap_or_default();
        assert!(to.starts_with("/admin/confirm/"), "it asks first: {to} {}", asked.text());
        let page = inside.browser.open(&self.url(&to)).await;
        let draft = value(&page, "draft");
        (page.text(), self.saves(inside, SYNC_SETTINGS, &[("draft", &draft)]).await)
    }

    async fn corp(&self) -> Directory {
        let settings = self.settings().await;
        settings.directory(&DirectoryId("corp".into())).expect("the directory").clone()
    }
}

async fn the_tree_and_groups_are_shown_and_counted(subtree: Subtree) {
    let hostile = format!("OU=\\<script\\>alert(1)\\</script\\>,{}", subtree.unit);
    subtree.add_unit(&hostile);
    let inner = format!("OU=inner,{}", subtree.unit);
    subtree.add_unit(&inner);
    let people = [subtree.person_in(&inner), subtree.person_in(&inner)];
    subtree.disable(&people[0]);
    let story = PanelStory::at(subtree, "").await;
    let inside = story.inside(Role::Operator).await;
    let page = inside.browser.open(&story.url(SYNC_SETTINGS)).await;
    assert_eq!(page.heading(), "Sync Settings", "{}", page.text());
    // Samba has other people and other OUs in the same domain.
    let unit = &story.subtree.unit;
    if !story.subtree.is_ad {
        assert!(page.text().contains("7 people, 1 disabled"), "{}", page.text());
    }
    let open = format!(
        "{DRAFT}?do=open&unit={}",
        form_urlencoded::byte_serialize(unit.as_bytes()).collect::<String>()
    );
    let page = story.sync_form(&inside, &open, &[("unit", &format!("subtree {unit}"))]).await;
    assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    assert!(page.text().contains("inner 2 people, 1 disabled"), "{}", page.text());
    assert!(
        page.body.contains(&format!("value=\"subtree {unit}\" selected")),
        "what was chosen stays: {}",
        page.body
    );
    assert!(!page.body.contains(MARKUP), "the name of an OU is text: {}", page.body);
    assert!(page.text().contains("alert(1)"), "{}", page.text());

    let group = story.group(Role::Auditor);
    let name = group.split(['=', ',']).nth(1).expect("a name");
    let chosen = format!("sync {}", story.group(Role::Owner));
    let search = [("q", name), ("group", chosen.as_str())];
    let page = story.sync_form(&inside, &format!("{DRAFT}?do=search"), &search).await;
    assert!(page.text().contains("1 further group found"), "{}", page.text());
    // Servers write the attribute of a name in capitals or not.
    let offers = |value: String| page.body.to_lowercase().contains(&value.to_lowercase());
    assert!(offers(format!("value=\"share {group}\"")), "{}", page.body);
    assert!(offers(format!("value=\"{chosen}\" selected")), "{}", page.body);
    let page =
        story.sync_form(&inside, &format!("{DRAFT}?do=search"), &[("q", "no such <b>group</b>")]).await;
    assert!(
        page.text().contains("No further group found") && !page.body.contains("<b>group"),
        "{}",
        page.text()
    );

    let auditor = story.inside(Role::Auditor).await;
    let page = auditor
        .browser
        .open(&story.url(&format!("{SYNC_SETTINGS}?open={}", &open[DRAFT.len() + 14..])))
        .await;
    assert!(page.text().contains("inner 2 people, 1 disabled"), "{}", page.text());
    assert!(
        page.body.contains("disabled>") && !page.body.contains("formaction"),
        "an auditor changes nothing"
    );
    assert!(
        page.text().contains("It cannot change it") && !page.text().contains("Only owners"),
        "{}",
        page.text()
    );
    for path in [NOT_SYNCING, SLOW] {
        let page = auditor.browser.open(&story.url(path)).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.text());
    }
}

#[tokio::test]
async fn the_tree_and_groups_of_openldap_are_shown_and_counted() {
    the_tree_and_groups_are_shown_and_counted(Subtree::ldap()).await;
}

#[tokio::test]
async fn the_tree_and_groups_of_active_directory_are_shown_and_counted() {
    the_tree_and_groups_are_shown_and_counted(Subtree::ad()).await;
}

#[tokio::test]
async fn what_is_chosen_is_previewed_and_saved() {
    let story = PanelStory::new("").await;
    let unit = story.subtree.unit.clone();
    let outsider = story.subtree.person_in(&story.subtree.outside);
    story.provider.sync().await.expect("a sync");
    let inside = story.inside(Role::Operator).await;
    let (kept, new) = (format!("subtree {unit}"), format!("one_level {}", story.subtree.outside));
    let choice = [("unit", kept.as_str()), ("unit", ""), ("unit", new.as_str())];
    let before = story.settings().await;
    let page = story.sync_form(&inside, &format!("{DRAFT}?do=preview"), &choice).await;
    assert!(page.text().contains("Lets 1 person in, suspends 0"), "{}", page.text());
    assert!(page.text().contains(&outsider.account), "who it is: {}", page.text());
    assert_eq!(story.settings().await, before, "nothing is saved");
    let excluded = [("unit", format!("exclude {unit}")), ("unit", new.clone())];
    let excluded: Vec<_> = excluded.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let page = story.sync_form(&inside, &format!("{DRAFT}?do=preview"), &excluded).await;
    assert!(page.text().contains("Lets 1 person in, suspends 5"), "{}", page.text());
    let refused = story.sync_form(&inside, SYNC_SETTINGS, &excluded).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", refused.text());
    let owner = &story.person(Role::Owner).account;
    let words = "only an owner can save it";
    assert!(refused.text().contains(words) && refused.text().contains(owner), "{}", refused.text());
    let other = [choice.as_slice(), &[("directories[corp].scope.filter", "(cn=nobody)")]].concat();
    let refused = story.sync_form(&inside, SYNC_SETTINGS, &other).await;
    assert!(refused.text().contains("only an owner can change it"), "{}", refused.text());
    assert_eq!(story.settings().await, before, "nothing is saved");

    let group = story.group(Role::HelpDesk).to_owned();
    let shared = [
        ("share_group", group.as_str()),
        ("share_name", "Plans"),
        ("share_group", &group),
        ("share_name", "Old"),
        ("share_drop", "1"),
    ];
    let choice: Vec<_> = choice.iter().chain(&shared).copied().collect();
    let (seen, saved) = story.saves_seen(&inside, &choice).await;
    assert!(seen.contains("Lets 1 person in, suspends 0"), "{seen}");
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
    let scope = story.corp().await.scope;
    let units: Vec<_> = scope.organizational_units.iter().map(|unit| (unit.dn.clone(), unit.depth)).collect();
    assert_eq!(units, [(unit.clone(), Depth::Subtree), (story.subtree.outside.clone(), Depth::OneLevel)]);
    let shares = story.settings().await.team_shares;
    assert_eq!(
        (shares.len(), shares[0].group.as_str(), shares[0].team_share.as_str()),
        (1, group.as_str(), "Plans")
    );
    let current = story.provider.parts.installation.current();
    assert_eq!(current.settings.team_shares, shares, "it is in force at once");
    let paused = story.provider.parts.store.sync().paused(&DirectoryId("corp".into())).await;
    assert_eq!(paused.expect("the store"), None, "this directory was imported long ago");
    let event = story.trail("settings_changed").await.remove(0);
    assert_eq!(event.role.as_deref(), Some("operator"));
    assert!(event.detail.expect("a detail").contains("Plans"));
    let saved = story.sync_form(&inside, SYNC_SETTINGS, &choice).await;
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=no")));
}

#[tokio::test]
async fn all_ous_and_groups_of_a_large_directory_are_saved() {
    let story = PanelStory::new("").await;
    // An operator saves nothing whose effect on admins can't be told, such as OUs that are not there.
    let inside = story.inside(Role::Owner).await;
    let unit = story.subtree.unit.clone();
    let long = "x".repeat(40);
    let units: Vec<_> = (0..300).map(|number| format!("exclude OU={long}{number},{unit}")).collect();
    let groups: Vec<_> = (0..300).map(|number| format!("CN={long}{number},{unit}")).collect();
    let kept = format!("subtree {unit}");
    let mut fields = vec![("unit", kept.as_str())];
    fields.extend(units.iter().map(|one| ("unit", one.as_str())));
    fields.extend(groups.iter().flat_map(|one| [("share_group", one.as_str()), ("share_name", "Plans")]));
    let opened = story.sync_form(&inside, &format!("{DRAFT}?do=open&unit=x"), &fields).await;
    assert_eq!(opened.status, StatusCode::OK, "{}", opened.text());
    // OUs that are not there: what that means for people can't be counted.
    let (_, saved) = story.saves_seen(&inside, &fields).await;
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
    let excluded = story.corp().await.scope.exclude_organizational_units.len();
    assert_eq!((excluded, story.settings().await.team_shares.len()), (300, 300));
}

#[tokio::test]
async fn what_is_wrong_in_sync_settings_stands_at_its_field() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let before = story.settings().await;
    let wrong = [
        ("unit", "subtree OU=elsewhere,DC=other"),
        ("group", "share CN=x,DC=other"),
        ("dn", "not a name"),
        ("dn_as", "sync"),
    ];
    let number = [("directories[corp].sync.guard_people", MARKUP)];
    let page = story.sync_form(&inside, SYNC_SETTINGS, &number).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    assert!(page.text().contains("must be a whole number") && !page.body.contains(MARKUP), "{}", page.body);

    let version = story.version(&inside, SYNC_SETTINGS).await;
    let mut fields = typed(&version);
    fields.retain(|(name, _)| !name.ends_with("sync.at") && !name.ends_with("frequency"));
    fields.extend([("directories[corp].sync.at", "25:00"), ("directories[corp].sync.frequency", "daily")]);
    fields.extend(wrong);
    let page = story.saves(&inside, SYNC_SETTINGS, &fields).await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", page.text());
    for part in ["is not a time of the day", "OU=elsewhere,DC=other", "not a name"] {
        assert!(page.text().contains(part), "{part}: {}", page.text());
    }
    assert!(page.body.contains("value=\"25:00\"") && page.body.contains("href=\"#units\""), "{}", page.body);
    assert_eq!((value(&page, "version"), story.settings().await), (version, before));
    let draft = story.sync_form(&inside, &format!("{DRAFT}?do=preview"), &wrong[..1]).await;
    assert!(
        draft.text().contains("does not lie within") && !draft.text().contains("Lets "),
        "{}",
        draft.text()
    );
    let nobody = inside.browser.open(&story.url(&format!("{SYNC_SETTINGS}?directory=nobody"))).await;
    assert_eq!(nobody.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn sync_settings_are_confirmed_and_two_admins_see_each_other() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let unit = format!("one_level {}", story.subtree.unit);
    let old = story.version(&inside, SYNC_SETTINGS).await;
    let mut fields = typed(&old);
    fields.push(("unit", &unit));
    let (page, cookie) = story.confirms(&inside, SYNC_SETTINGS, &fields).await;
    assert!(page.text().contains("Sync Settings") && page.text().contains("suspends 0"), "{}", page.text());
    assert_eq!(
        story.corp().await.scope.organizational_units[0].depth,
        Depth::Subtree,
        "nothing is saved yet"
    );
    let draft = value(&page, "draft");
    let saved = story.posts(&inside.browser, &cookie, SYNC_SETTINGS, &[("draft", &draft)]).await;
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
    assert_eq!(story.corp().await.scope.organizational_units[0].depth, Depth::OneLevel);

    // Of a form on the version before, what only it has changed is taken, and so is what only the other has.
    let whole = format!("subtree {}", story.subtree.unit);
    let log_days = ("directories[corp].sync.log_days", "91");
    let mut fields = typed(&old);
    fields.retain(|(name, _)| *name != log_days.0);
    fields.extend([("unit", whole.as_str()), log_days]);
    let stale = story.posts(&inside.browser, &cookie, SYNC_SETTINGS, &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
    assert!(stale.text().contains("Last saved by"), "{}", stale.text());
    let chosen = |page: &Page, word: &str| {
        page.body
            .to_lowercase()
            .contains(&format!("value=\"{word} {}\" selected", story.subtree.unit).to_lowercase())
    };
    assert!(chosen(&stale, "one_level") && stale.body.contains("value=\"91\""), "{}", stale.body);
    assert!(!stale.text().contains("Both of you have changed"), "{}", stale.text());

    // Where both have changed the same, the admin has to look.
    let excluded = format!("exclude {}", story.subtree.unit);
    let mut fields = typed(&old);
    fields.push(("unit", &excluded));
    let stale = story.posts(&inside.browser, &cookie, SYNC_SETTINGS, &fields).await;
    assert_eq!(stale.status, StatusCode::CONFLICT, "{}", stale.text());
    let both = "Both of you have changed this. The form has yours";
    assert!(stale.text().contains(both) && stale.text().contains("sync only this level"), "{}", stale.text());
    assert!(chosen(&stale, "exclude"), "{}", stale.body);
    let new = value(&stale, "version");
    assert_ne!(new, old);
    let mut fields = typed(&new);
    fields.push(("unit", &whole));
    let saved = story.posts(&inside.browser, &cookie, SYNC_SETTINGS, &fields).await;
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
}

/// Leaving the form for work with what is saved would lose what was chosen since.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_not_saved_is_never_lost_by_a_sync() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let unit = story.subtree.unit.clone();
    let saved = [("unit", format!("subtree {unit}"))];
    let saved: Vec<_> = saved.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let saved = inside.browser.go_on(story.sync_form(&inside, SYNC_SETTINGS, &saved).await).await;
    assert_eq!(saved.status, StatusCode::OK, "{}", saved.text());
    let page = inside.browser.open(&story.url(SYNC_SETTINGS)).await;
    assert!(
        page.body.contains("do=run") && page.text().contains("with the saved settings"),
        "{}",
        page.text()
    );
    let run = format!("{DRAFT}?do=run");
    let new = [("unit", format!("one_level {}", story.subtree.outside)), ("unit", format!("subtree {unit}"))];
    let new: Vec<_> = new.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let refused = story.sync_form(&inside, &run, &new).await;
    assert_eq!(refused.status, StatusCode::CONFLICT, "{}", refused.text());
    assert!(refused.text().contains("Your choices are not saved yet"), "{}", refused.text());
    let kept = format!("value=\"one_level {}\" selected", story.subtree.outside).to_lowercase();
    assert!(refused.body.to_lowercase().contains(&kept), "it is kept: {}", refused.body);
    let stored = [("unit", format!("subtree {}", unit.to_uppercase()))];
    let stored: Vec<_> = stored.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let begun = story.sync_form(&inside, &run, &stored).await;
    assert!(begun.location.is_some_and(|to| to.starts_with("/admin/tasks/")), "{}", begun.body);
}

#[tokio::test]
async fn a_group_is_mapped_where_it_is_chosen_and_says_so() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Operator).await;
    let group = story.group(Role::Auditor);
    let name = group.split(['=', ',']).nth(1).expect("a name");
    let (other, mapped) = (format!("sync {}", story.group(Role::Owner)), format!("share {group}"));
    let typed = [("q", name), ("group", &other), ("group_share", "left over"), ("group", &mapped)];
    let typed: Vec<_> = typed.into_iter().chain([("group_share", "Sales <plans>")]).collect();
    let page = story.sync_form(&inside, &format!("{DRAFT}?do=search"), &typed).await;
    assert!(page.text().contains("mapped to Sales"), "beside the group: {}", page.text());
    assert!(page.body.contains("value=\"Sales &#60;plans&#62;\""), "its field: {}", page.body);
    assert!(!page.body.contains("left over"), "of a group that is not mapped: {}", page.body);
}

/// Before the directory was read there is no tree, and saving the form takes nothing out of the scope.
#[tokio::test]
async fn a_form_without_a_tree_keeps_what_is_selected() {
    let story = PanelStory::unsynced(Subtree::ldap(), "", String::new()).await;
    let browser = Browser::new();
    uses(&story, &browser, &made(&story).await).await;
    let page = browser.open(&story.url(SYNC_SETTINGS)).await;
    assert!(page.text().contains("was not read yet"), "{}", page.text());
    let kept = format!("value=\"subtree {}\" selected", story.subtree.unit);
    assert!(page.body.contains(&kept), "{}", page.body);
}

/// With a fresh factor too: nobody is suspended by a form whose effect was not seen.
#[tokio::test]
async fn what_takes_access_from_people_is_counted_before_it_is_saved() {
    let story = PanelStory::new("").await;
    let inside = story.inside(Role::Owner).await;
    let before = story.settings().await;
    let outside = format!("subtree {}", story.subtree.outside);
    let (seen, saved) = {
        let asked = story.sync_form(&inside, SYNC_SETTINGS, &[("unit", &outside)]).await;
        assert!(
            asked.location.as_deref().is_some_and(|to| to.starts_with("/admin/confirm/")),
            "{}",
            asked.text()
        );
        assert_eq!(story.settings().await, before, "nothing is saved yet");
        story.saves_seen(&inside, &[("unit", &outside)]).await
    };
    assert!(seen.contains("suspends 5"), "{seen}");
    assert_eq!(saved.told(), Some(format!("{SYNC_SETTINGS}?directory=corp|saved=yes")), "{}", saved.text());
}
