//! The initial sync as an admin runs it: the directory is read, waits, and is imported by a plan.

use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::flow::sync::pause::{WAITS_FOR_IMPORT, wait_for_import};
use cloudsync_idp::flow::sync::plan::{self, ApplyResult};
use cloudsync_idp::flow::sync::units::{search_groups, units};
use cloudsync_idp::flow::sync::{RunOrder, SyncError, read_directory, run};
use cloudsync_idp::store::RunTrigger;

use super::{Subtree, account, corp, synced};
use crate::support::until;

#[tokio::test]
async fn a_new_directory_waits_until_its_plan_is_applied() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let person = subtree.person();
    let (parts, current, store) = (provider.parts.sync(), provider.parts.current(), &provider.parts.store);
    let site = current.site(&corp()).expect("the directory of the test");
    wait_for_import(&parts, site.id()).await.expect("the store");
    let paused = store.sync().paused(&corp()).await.expect("the store").expect("a pause");
    assert_eq!(paused.why, WAITS_FOR_IMPORT);
    let refused = run(&parts, site, &RunOrder::changes(RunTrigger::Start)).await;
    assert!(matches!(refused, Err(SyncError::Paused(_))), "{refused:?}");
    read_directory(&parts, site).await.expect("reading is allowed");
    let made = plan::make(&parts, site).await.expect("so is a plan");
    assert_eq!(
        (made.plan.counts.map(|counts| counts.created), account(&provider, &person.mail).await),
        (Some(1), None)
    );
    let applied = plan::apply(&parts, made.plan.id).await.expect("and applying it");
    assert!(matches!(applied, ApplyResult::Done(_)), "{applied:?}");
    assert!(account(&provider, &person.mail).await.is_some());
    assert_eq!(store.sync().paused(&corp()).await.expect("the store"), None, "it waits no longer");
    synced(&provider).await;
    wait_for_import(&parts, site.id()).await.expect("the store");
    assert_eq!(store.sync().paused(&corp()).await.expect("the store"), None, "it was imported");
    assert!(store.sync().pause_directory(&corp(), "another reason", 1, None).await.expect("the store"));
    let made = plan::make(&parts, site).await.expect("a plan");
    plan::apply(&parts, made.plan.id).await.expect("it is applied");
    assert!(store.sync().paused(&corp()).await.expect("the store").is_some(), "another pause stays");
}

async fn people_are_counted(subtree: Subtree) {
    let inner = format!("OU=inner,{}", subtree.unit);
    subtree.add_unit(&inner);
    let people = [subtree.person(), subtree.person_in(&inner), subtree.person_in(&inner)];
    subtree.disable(&people[2]);
    let group = subtree.group(&[&people[0].dn]);
    let provider = subtree.provider().await;
    let (parts, current) = (provider.parts.sync(), provider.parts.current());
    let site = current.site(&corp()).expect("the directory of the test");
    read_directory(&parts, site).await.expect("it is read");
    let of = async |dn: &str| {
        let counted = units(&parts, site).await.expect("the store");
        let node = counted.tree.node(&Dn::parse(dn).expect("a name")).expect("a unit").clone();
        [node.directly.all, node.below.all, node.below.disabled, node.children() as u64]
    };
    assert_eq!(of(&subtree.unit).await, [1, 3, 1, 1]);
    assert_eq!(of(&inner).await, [2, 2, 1, 0]);
    let again = (units(&parts, site).await.expect("it"), units(&parts, site).await.expect("it"));
    assert!(std::sync::Arc::ptr_eq(&again.0, &again.1), "it is counted once");
    let moved = subtree.move_to(&people[1], &subtree.unit);
    subtree.enable(&people[2]);
    read_directory(&parts, site).await.expect("it is read");
    // Right after a count it is not counted again, even if something has changed.
    until("the new counts", async || {
        (of(&subtree.unit).await, of(&inner).await) == ([2, 3, 0, 1], [1, 1, 0, 0])
    })
    .await;
    assert!(moved.dn.contains(&subtree.unit));

    let name = group.split(['=', ',']).nth(1).expect("a name").to_owned();
    let found = search_groups(site, &format!(" {} ", name.to_uppercase()), None, 10);
    assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), [name.as_str()]);
    let all = search_groups(site, "", None, usize::MAX);
    let (mut paged, page) = (Vec::new(), all.len() / 5 + 1);
    while paged.len() < all.len() {
        paged.extend(search_groups(site, "", paged.last(), page));
    }
    assert_eq!(paged, all, "page by page it is the same");
    assert!(search_groups(site, "no such group", None, 10).is_empty());
}

#[tokio::test]
async fn people_of_openldap_are_counted_by_container() {
    people_are_counted(Subtree::ldap()).await;
}

#[tokio::test]
async fn people_of_active_directory_are_counted_by_container() {
    people_are_counted(Subtree::ad()).await;
}
