//! "User can't log in": why, and the one button that changes it.

use cloudsync_idp::domain::admin::Role;
use reqwest::StatusCode;

use super::settings::value;
use super::sync_settings::SYNC_SETTINGS;
use super::{Inside, PanelStory};
use crate::support::browser::{Browser, Page};
use crate::support::lab::Person;

const LOG_IN: &str = "/admin/troubleshooting/user-cant-log-in";
const ADD_UNIT: &str = "/admin/settings/active-directory/sync-settings/add-unit";

impl PanelStory {
    async fn asks_about(&self, inside: &Inside, who: &str) -> Page {
        inside.browser.open(&self.url(&format!("{LOG_IN}?who={who}"))).await
    }

    /// Signs in at the client; the support code of the refusal.
    async fn refused_code(&self, person: &Person) -> String {
        let asked = self.provider.cloudsync().authorize(&[]);
        let page = Browser::new().sign_in(&asked, &person.account, &self.subtree.password).await;
        page.attempt_id().to_owned()
    }
}

#[tokio::test]
async fn one_button_syncs_the_ou_of_somebody_who_is_in_none() {
    let story = PanelStory::new("").await;
    let outside = story.subtree.outside.clone();
    let person = story.subtree.person_in(&outside);
    story.provider.sync().await.expect("a sync");
    let code = story.refused_code(&person).await;

    let help_desk = story.inside(Role::HelpDesk).await;
    let page = story.asks_about(&help_desk, &person.account).await;
    assert!(page.text().contains("Your role may not do this"), "{}", page.text());
    assert!(!page.body.contains(ADD_UNIT), "no button for the help desk");

    let inside = story.inside(Role::Owner).await;
    let page = inside.browser.open(&story.url(&format!("/admin/help-desk?code={code}"))).await;
    assert!(page.body.contains(&format!("{LOG_IN}?who={code}")), "{}", page.body);
    for who in [code.as_str(), &person.account] {
        let page = story.asks_about(&inside, who).await;
        assert!(page.text().contains("in no synced OU and no synced group"), "{}", page.text());
        assert_eq!(value(&page, "unit"), outside, "{who}");
    }
    let before = story.settings().await;
    let fields = [("directory", "corp"), ("unit", outside.as_str()), ("who", person.account.as_str())];
    let kept = story.saves(&inside, ADD_UNIT, &fields).await;
    assert_eq!(story.settings().await, before, "not before it is confirmed");
    let confirm = inside.browser.open(&story.url(&kept.location.expect("the page"))).await;
    assert!(confirm.text().contains("Lets 1 person in, suspends 0"), "{}", confirm.text());
    let draft = value(&confirm, "draft");
    let saved = story.saves(&inside, ADD_UNIT, &[("draft", &draft)]).await;
    assert_eq!(saved.location, Some(format!("{LOG_IN}?who={}", person.account)), "{}", saved.text());

    let mut expected = before;
    expected.directories[0].scope.organizational_units.push(outside.as_str().into());
    assert_eq!(story.settings().await, expected, "nothing else has changed");
    let page = story.asks_about(&inside, &person.account).await;
    assert!(page.text().contains("Yes, with the right password"), "{}", page.text());
}

#[tokio::test]
async fn an_ou_is_not_offered_if_that_would_not_let_the_person_in() {
    let story = PanelStory::new("").await;
    let outside = story.subtree.outside.clone();
    let (person, excluded) = (story.subtree.person_in(&outside), format!("exclude {outside}"));
    story.provider.sync().await.expect("a sync");
    let inside = story.inside(Role::Owner).await;
    let kept = format!("subtree {}", story.subtree.unit);
    let more = [("unit", kept.as_str()), ("unit", excluded.as_str())];
    let saved = story.sync_form(&inside, SYNC_SETTINGS, &more).await;
    assert_eq!(saved.status, StatusCode::SEE_OTHER, "{}", saved.text());
    let page = story.asks_about(&inside, &person.account).await;
    assert!(page.text().contains("in no synced OU and no synced group"), "{}", page.text());
    assert!(page.text().contains("Open Sync Settings") && !page.body.contains(ADD_UNIT), "{}", page.text());

    // What no page offers is refused in the form of Sync Settings.
    let fields = [("directory", "corp"), ("unit", "no name"), ("who", "")];
    let kept = story.saves(&inside, ADD_UNIT, &fields).await;
    let confirm = inside.browser.open(&story.url(&kept.location.expect("the page"))).await;
    assert!(confirm.text().contains("This cannot be saved as it is"), "{}", confirm.text());
    let draft = value(&confirm, "draft");
    let wrong = story.saves(&inside, ADD_UNIT, &[("draft", &draft)]).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY, "{}", wrong.text());
}
