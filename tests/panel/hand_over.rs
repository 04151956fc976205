//! A conflict about an account is solved in the panel: the account goes to the person who was hired again.

use cloudsync_idp::domain::account::{Account, AccountId, Status};
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::store::ConflictRow;

use super::tasks::Worker;
use super::{Inside, PanelStory};
use crate::support::browser::Page;
use crate::support::lab::Person;

const LOG: &str = "/admin/settings/active-directory/sync-log";
const PATH: &str = "/admin/people/hand-over";

/// Somebody was deleted, and hired again with the same address.
struct HiredAgain {
    account: Account,
    again: Person,
    conflict: ConflictRow,
}

impl PanelStory {
    async fn hired_again(&self) -> HiredAgain {
        let first = self.subtree.person();
        self.provider.sync().await.expect("a sync");
        let account = self.by_id(&self.account(&first).await).await;
        self.subtree.admin.delete(&first.dn);
        self.provider.sync().await.expect("a sync");
        let again = self.subtree.person();
        self.subtree.mail(&again, &first.mail);
        self.provider.sync().await.expect("a sync");
        let corp = DirectoryId("corp".into());
        let conflicts = self.provider.parts.store.sync().conflicts(&corp).await.expect("the store");
        let conflict = conflicts.into_iter().find(|row| row.login_name == again.account).expect("a conflict");
        HiredAgain { account, again, conflict }
    }

    async fn hands_over(&self, inside: &Inside, to: &HiredAgain, account: &AccountId) -> Page {
        let entry = to.conflict.entry.to_string();
        let fields = [("directory", "corp"), ("entry", entry.as_str()), ("account", account.0.as_str())];
        self.is_asked(inside, PATH, &fields).await
    }

    async fn by_id(&self, id: &AccountId) -> Account {
        let found = self.provider.parts.store.identity().account(id).await;
        found.expect("the store").expect("an account")
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_is_handed_over_to_a_person_hired_again() {
    let story = PanelStory::new("").await;
    let hired = story.hired_again().await;
    let button = format!("Hand the account over to {}", hired.again.account);
    let desk = story.inside(Role::HelpDesk).await;
    let log = desk.browser.open(&story.url(LOG)).await;
    assert!(!log.text().contains(&button), "not by the help desk: {}", log.text());
    let operator = story.inside(Role::Operator).await;
    let log = operator.browser.open(&story.url(LOG)).await;
    assert!(log.text().contains(&button), "{}", log.text());
    let who = format!("href=\"/admin/troubleshooting/user-cant-log-in?who={}\"", hired.again.account);
    assert!(log.body.contains(&who), "{}", log.body);

    // Of no other account: the conflict is about this one.
    let other = story.account(&story.bystander).await;
    let untouched = story.by_id(&other).await;
    let refused = story.hands_over(&operator, &hired, &other).await;
    assert!(refused.text().contains("no conflict about it"), "{}", refused.text());
    let refused = story.agrees(&operator, PATH, &refused).await;
    assert!(refused.told().is_some_and(|to| to.ends_with("|notice=refused-not-handed-over")));
    assert_eq!(story.by_id(&other).await, untouched);

    let confirm = story.hands_over(&operator, &hired, &hired.account.id).await;
    let shown = confirm.text();
    assert!(shown.contains(&hired.account.profile.email) && shown.contains("0 sessions"), "{shown}");
    assert!(shown.contains(&format!("goes to {}", hired.again.account)), "{shown}");
    assert!(matches!(story.by_id(&hired.account.id).await.status, Status::Suspended { .. }), "not before");
    let _worker = Worker::of(&story.provider.parts);
    let ordered = story.agrees(&operator, PATH, &confirm).await.location.unwrap_or_default();
    story.is_done(&operator, &ordered).await;
    let after = story.by_id(&hired.account.id).await;
    assert_eq!(after.link.as_ref().map(|link| link.entry), Some(hired.conflict.entry));
    assert_eq!(after.status, Status::Active);

    let trail = story.trail("account_handed_over").await;
    let [event] = trail.as_slice() else { panic!("one event: {trail:?}") };
    let account = story.account(story.person(Role::Operator)).await;
    assert_eq!(event.actor, Some(format!("account {}", account.0)));
    assert_eq!((event.role.as_deref(), event.address.is_some()), (Some("operator"), true));
    let log = operator.browser.open(&story.url(LOG)).await;
    assert!(!log.text().contains(&button), "the conflict is solved: {}", log.text());
    let again = story.hands_over(&operator, &hired, &hired.account.id).await;
    assert!(again.text().contains("no conflict about it"), "{}", again.text());
}
