//! The life of an account, synced by changes alone with each feed; and a person who leaves a large group.

use cloudsync_idp::domain::account::{AccountId, SuspendedBecause};
use cloudsync_idp::flow::sync::RunReport;
use cloudsync_idp::store::RunCounts;

use super::feeds::{TestedFeed, by_changes};
use super::{Subtree, account, corp, is_active, suspended};
use crate::support::lab::{self, AdLab, LdapLab, Person};
use crate::support::provider::{Provider, Setup, ad_settings, ldap_settings};
use crate::support::rows::LogRows;
use crate::support::story::{EVERYONE, Story};

#[tokio::test(flavor = "multi_thread")]
async fn an_account_follows_its_entry_in_active_directory() {
    for feed in [TestedFeed::DirSync, TestedFeed::DirSyncAsAnybody, TestedFeed::UsnChanged] {
        Box::pin(follows(feed)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_follows_its_entry_in_openldap() {
    for feed in [TestedFeed::SyncRepl, TestedFeed::FullScan] {
        Box::pin(follows(feed)).await;
    }
}

/// All changes to one entry, a run after each.
async fn follows(feed: TestedFeed) {
    let subtree = feed.subtree();
    let (stays, person) = (subtree.person(), subtree.person());
    let group = subtree.group(&[&subtree.person_in(&subtree.outside).dn]);
    let settings = feed.settings(&subtree, &subtree.unit, &group).await;
    let mut story = Story::of((person, &subtree.password, subtree.admin), &settings, EVERYONE).await;
    assert_eq!(counts_of_run(&story).await.created, 3, "{feed:?}: the whole OU and the group");
    story.enrolled().await;
    let (sub, factors) = (story.account().await.id, story.factors().await);
    assert_eq!(factors.len(), 1);

    let newcomer = subtree.person();
    assert_eq!(counts_of_run(&story).await.created, 1, "{feed:?}: new");
    changed(feed, &subtree, &mut story).await;
    out_of_the_ou_and_back(feed, &subtree, &mut story).await;
    by_the_group_alone(feed, (&subtree, &group), &mut story).await;
    disabled_and_enabled(feed, &subtree, &story).await;

    let now = story.account().await;
    let ids = |factors: Vec<cloudsync_idp::domain::factor::Factor>| {
        factors.into_iter().map(|factor| factor.id).collect::<Vec<_>>()
    };
    assert_eq!(
        (now.id, ids(story.factors().await)),
        (sub.clone(), ids(factors)),
        "{feed:?}: the same person"
    );
    subtree.admin.delete(&story.person.dn);
    is_out(feed, &story, SuspendedBecause::OutOfScope).await;
    assert!(
        is_active(&story.provider, &stays.mail).await && is_active(&story.provider, &newcomer.mail).await
    );
    feed.was_taken(&story.provider).await;
    assert_eq!(kinds(&story.provider, &sub).await.len(), 9, "{feed:?}");
}

async fn counts_of_run(story: &Story) -> RunCounts {
    let report: RunReport = by_changes(&story.provider).await.expect("a good run");
    report.counts
}

async fn is_out(feed: TestedFeed, story: &Story, because: SuspendedBecause) {
    assert_eq!(counts_of_run(story).await.suspended, 1, "{feed:?}: {because:?}");
    assert_eq!(suspended(&story.provider, &story.person.mail).await, Some(because), "{feed:?}");
}

async fn is_back(feed: TestedFeed, story: &Story) {
    assert_eq!(counts_of_run(story).await.reactivated, 1, "{feed:?}");
    assert!(is_active(&story.provider, &story.person.mail).await, "{feed:?}");
}

async fn changed(feed: TestedFeed, subtree: &Subtree, story: &mut Story) {
    let (mail, name) = (format!("new-{}", story.person.mail), "O'Brien, Zo\u{eb} (Ops)");
    subtree.mail(&story.person, &mail);
    subtree.admin.replace(&story.person.dn, "displayName", &[name]);
    assert_eq!(counts_of_run(story).await.updated, 1, "{feed:?}");
    assert_eq!(account(&story.provider, &story.person.mail).await, None);
    story.person.mail = mail;
    assert_eq!(story.account().await.profile.name(), Some(name), "{feed:?}");
}

async fn out_of_the_ou_and_back(feed: TestedFeed, subtree: &Subtree, story: &mut Story) {
    story.person = subtree.move_to(&story.person, &subtree.outside);
    is_out(feed, story, SuspendedBecause::OutOfScope).await;
    story.person = subtree.move_to(&story.person, &subtree.unit);
    is_back(feed, story).await;
}

/// Leaves the OU, stays because of the group, and is suspended after leaving it too.
async fn by_the_group_alone(feed: TestedFeed, (subtree, group): (&Subtree, &str), story: &mut Story) {
    subtree.admin.add_values(group, "member", &[&story.person.dn]);
    story.person = subtree.move_to(&story.person, &subtree.outside);
    assert_eq!(counts_of_run(story).await.suspended, 0, "{feed:?}");
    assert!(is_active(&story.provider, &story.person.mail).await, "{feed:?}");
    subtree.admin.remove_values(group, "member", &[&story.person.dn]);
    is_out(feed, story, SuspendedBecause::OutOfScope).await;
    subtree.admin.add_values(group, "member", &[&story.person.dn]);
    is_back(feed, story).await;
}

async fn disabled_and_enabled(feed: TestedFeed, subtree: &Subtree, story: &Story) {
    subtree.disable(&story.person);
    is_out(feed, story, SuspendedBecause::Disabled).await;
    subtree.enable(&story.person);
    is_back(feed, story).await;
}

/// The kinds of the changes to one account, in order.
async fn kinds(provider: &Provider, sub: &AccountId) -> Vec<String> {
    let rows = provider.parts.store.sync().changes_page(Some(sub), 100).await.expect("the store answers");
    rows.into_iter().rev().map(|row| row.kind.to_string()).collect()
}

const LARGE: usize = 5_000;

/// Settings with nothing but this group in scope.
fn group_alone(settings: &str, group: &str) -> String {
    let (before, _) = settings.split_once("[directories.scope]").expect("a scope");
    format!("{before}[directories.scope]\ngroups = [{group:?}]\n")
}

async fn one_leaves((settings, group): (String, &str), admin: &lab::Admin, leaver: &Person) {
    let provider = Provider::start(Setup::new(&group_alone(&settings, group))).await;
    let first = by_changes(&provider).await.expect("a good run");
    assert_eq!(first.counts.created, LARGE as u64);
    admin.remove_values(group, "member", &[&leaver.dn]);
    let second = by_changes(&provider).await.expect("a good run");
    assert_eq!(second.counts.suspended, 1, "{:?}", second.counts);
    assert_eq!(suspended(&provider, &leaver.mail).await, Some(SuspendedBecause::OutOfScope));
    assert_eq!(
        provider.parts.store.identity().count_linked(&corp()).await.expect("an answer"),
        LARGE as i64 - 1
    );
    let run = provider.parts.store.sync().last_good_run(&corp()).await.expect("an answer").expect("a run");
    assert_eq!(run.details.reason, None, "by what has changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_five_thousand_leaves_a_group_of_active_directory() {
    let lab: AdLab = lab::own_ad(&[("USERS", "5000")]);
    let members: Vec<String> =
        (0..LARGE).map(|number| lab.dn(&format!("CN=user{number:06},OU=Bulk"))).collect();
    let group = lab.dn("CN=Large,OU=Groups");
    let mut attributes = vec![("objectClass", "group"), ("sAMAccountName", "Large")];
    attributes.extend(members.iter().map(|member| ("member", member.as_str())));
    lab.admin.add(&group, &attributes);
    let leaver = Person {
        dn: members[LARGE / 2].clone(),
        account: format!("user{:06}", LARGE / 2),
        mail: format!("user{:06}@example.com", LARGE / 2),
    };
    Box::pin(one_leaves((ad_settings(&lab), &group), &lab.admin, &leaver)).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_five_thousand_leaves_a_group_of_openldap() {
    let lab: LdapLab = lab::own_ldap(&[("USERS", "5000"), ("GROUP", "5000")]);
    let group = lab.dn("cn=g0,ou=groups");
    let dn = lab.admin.read(&group, "member").swap_remove(LARGE / 2);
    let mail = lab.admin.read(&dn, "mail").remove(0);
    let account = lab.admin.read(&dn, "uid").remove(0);
    let leaver = Person { dn, account, mail };
    Box::pin(one_leaves((ldap_settings(&[&lab]), &group), &lab.admin, &leaver)).await;
}
