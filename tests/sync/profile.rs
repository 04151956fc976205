//! The profile attributes of a person follow the directory and are reverted with a run, and an upgrade that
//! adds some reads everybody once.

use cloudsync_idp::domain::account::Account;
use cloudsync_idp::domain::profile::ProfileAttribute;
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::history::differences;
use cloudsync_idp::flow::sync::undo::undo;
use cloudsync_idp::store::RunId;

use super::feeds::{TestedFeed, by_changes};
use super::{Subtree, account};
use crate::support::lab::Person;
use crate::support::provider::{Provider, Setup};
use crate::support::rows::LogRows;

/// An attribute, its LDAP names in Active Directory and elsewhere, a value as written and as stored, and a
/// second value.
type Row = (ProfileAttribute, [&'static str; 2], [&'static str; 2], &'static str);

const TABLE: [Row; 5] = [
    (ProfileAttribute::Title, ["title"; 2], ["Lead"; 2], "Head of (Ops)"),
    (ProfileAttribute::Department, ["department", "ou"], ["Zo\u{eb}'s"; 2], "IT"),
    (ProfileAttribute::EmployeeNumber, ["employeeID", "employeeNumber"], ["0042"; 2], "A-7"),
    (ProfileAttribute::PhoneNumber, ["telephoneNumber"; 2], ["+43 1 234"; 2], "1"),
    (ProfileAttribute::Locale, ["preferredLanguage"; 2], ["de_AT, en", "de-AT"], "fr"),
];

fn write(subtree: &Subtree, person: &Person, value: impl Fn(Row) -> &'static str) {
    for row in TABLE {
        subtree.admin.replace(&person.dn, row.1[usize::from(!subtree.is_ad)], &[value(row)]);
    }
}

fn assert_has_first_values(account: &Account, when: &str) {
    for (attribute, _, [_, stored], _) in TABLE {
        assert_eq!(account.profile.attributes.get(attribute), Some(stored), "{when}: {attribute:?}");
    }
}

async fn set_up(feed: TestedFeed) -> (Subtree, Person, Provider) {
    let subtree = feed.subtree();
    let person = subtree.person();
    write(&subtree, &person, |(_, _, [first, _], _)| first);
    let settings = feed.settings(&subtree, &subtree.unit, "").await;
    let provider = Provider::start(Setup::new(&settings)).await;
    assert_eq!(by_changes(&provider).await.expect("a good run").counts.created, 1, "{feed:?}");
    (subtree, person, provider)
}

async fn reason_of(provider: &Provider, run: Option<RunId>) -> Option<String> {
    let run = provider.parts.store.sync().run(run.expect("a run")).await.expect("an answer");
    run.expect("it is in the log").details.reason
}

async fn follows(feed: TestedFeed) {
    let (subtree, person, provider) = set_up(feed).await;
    let one = || async { account(&provider, &person.mail).await.expect("an account") };
    let created = one().await;
    assert_has_first_values(&created, "created");
    assert!(created.profile_changed_at.is_some());

    write(&subtree, &person, |(.., second)| second);
    subtree.admin.replace(&person.dn, "title", &[]);
    let run = by_changes(&provider).await.expect("a good run");
    assert_eq!(run.counts.updated, 1, "{feed:?}");
    let changed = one().await;
    assert_eq!(changed.profile.attributes.get(ProfileAttribute::Title), None, "{feed:?}");
    assert_eq!(changed.profile.attributes.get(ProfileAttribute::PhoneNumber), Some("1"), "{feed:?}");
    assert!(changed.profile_changed_at > created.profile_changed_at, "{feed:?}");
    let log = provider.parts.store.sync().changes_page(Some(&created.id), 1).await.expect("an answer");
    let fields = differences(log[0].before.as_deref(), &log[0].after);
    let fields: Vec<&str> = fields.iter().map(|differs| differs.field.as_str()).collect();
    assert_eq!(fields, ["department", "employee_number", "locale", "phone_number", "title"], "{feed:?}");

    let undone =
        undo(&provider.parts.sync(), run.run.expect("a run")).await.expect("an answer").expect("it may be");
    assert_eq!(undone.differing, [], "{feed:?}");
    assert_has_first_values(&one().await, "reverted");
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_attributes_follow_active_directory_and_are_reverted() {
    follows(TestedFeed::DirSync).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn profile_attributes_follow_openldap_and_are_reverted() {
    follows(TestedFeed::SyncRepl).await;
}

/// The store as a version left it that read and stored none of these attributes.
fn forget_attributes(provider: &Provider) {
    let file = rusqlite::Connection::open(provider.sqlite()).expect("the file opens");
    let columns = TABLE.map(|(attribute, ..)| attribute.row().column);
    let (nulls, paths) =
        (columns.map(|name| format!("{name} = NULL")), columns.map(|name| format!("'$.{name}'")));
    let sql = format!(
        "UPDATE accounts SET {}; UPDATE mirror_cursors SET attributes = NULL; \
         UPDATE mirror_objects SET hash = x'00', facts = json_remove(facts, {}) WHERE kind = 'person';",
        nulls.join(", "),
        paths.join(", ")
    );
    file.execute_batch(&sql).expect("it is written");
}

async fn is_read_once(feed: TestedFeed) {
    let (_subtree, person, provider) = set_up(feed).await;
    forget_attributes(&provider);
    let upgraded = by_changes(&provider).await.expect("a good run");
    assert_eq!(upgraded.counts.updated, 1, "{feed:?}");
    let reason = reason_of(&provider, upgraded.run).await;
    assert!(reason.is_some_and(|reason| reason.contains("attributes")), "{feed:?}");
    assert_has_first_values(&account(&provider, &person.mail).await.expect("an account"), "upgraded");
    let next = by_changes(&provider).await.expect("a good run");
    assert_eq!(next.run, None, "{feed:?}: nothing to do");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_upgrade_that_adds_attributes_reads_everybody_once() {
    is_read_once(TestedFeed::DirSync).await;
    is_read_once(TestedFeed::SyncRepl).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_of_the_email_attribute_reads_everybody_at_once() {
    let (subtree, person, provider) = set_up(TestedFeed::DirSync).await;
    let by_mail = TestedFeed::DirSync.settings(&subtree, &subtree.unit, "").await;
    let email = "email_written_by_admins_only = true";
    assert!(by_mail.contains(email));
    let by_name = by_mail.replace(email, &format!("{email}\nemail_attribute = \"userPrincipalName\""));
    provider.apply(&by_name, Mode::Merge).await.expect("good settings");
    assert_eq!(by_changes(&provider).await.expect("a good run").counts.updated, 1);
    let principal_name = format!("{}@corp.example.com", person.account);
    assert!(account(&provider, &principal_name).await.is_some(), "the account has the new address");
}
