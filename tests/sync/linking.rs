//! Existing CloudSync accounts: linked to entries one to one, and only after an administrator's confirmation.

use cloudsync_idp::directory::Found;
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::name::TypedName;
use cloudsync_idp::flow::sync::load_accounts::import;
use cloudsync_idp::flow::sync::plan::{self, ApplyResult};
use cloudsync_idp::flow::sync::{RunOrder, run};
use cloudsync_idp::store::{LeftOut, PlanId, PlanRow, RunTrigger};

use super::{Subtree, account, conflicts_of, corp, counts, effects, synced};
use crate::support::browser::{Browser, Page};
use crate::support::desk;
use crate::support::lab::Person;
use crate::support::provider::{Provider, Setup};

async fn load(provider: &Provider, lines: &str) {
    let file = format!("id,email,name\n{lines}");
    let outcome = import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
    assert!(outcome.conflicts.is_empty(), "{outcome:?}");
}

async fn id_of(provider: &Provider, mail: &str) -> Option<AccountId> {
    account(provider, mail).await.map(|account| account.id)
}

#[tokio::test]
async fn the_first_sync_links_accounts_to_their_entries_and_keeps_their_ids() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (known, new) = (subtree.person(), subtree.person());
        load(
            &provider,
            &format!("42,{},Old Name\n43,nobody@else.example,Nobody\n", known.mail.to_uppercase()),
        )
        .await;
        let report = synced(&provider).await;
        assert_eq!(effects(&report), counts(|counts| (counts.linked, counts.created) = (1, 1)));
        let linked = account(&provider, &known.mail).await.expect("linked");
        assert_eq!(linked.id, AccountId("42".into()));
        assert_eq!(linked.profile.email, known.mail, "as the directory writes it");
        assert!(account(&provider, "nobody@else.example").await.expect("loaded").link.is_none());
        assert!(id_of(&provider, &new.mail).await.is_some());
        let cloudsync = provider.cloudsync();
        let page = Browser::new().sign_in(&cloudsync.authorize(&[]), &known.account, &subtree.password).await;
        assert_eq!(cloudsync.exchange(&page).await.payload("id_token")["sub"], "42");
        // From then on only the GUID counts.
        subtree.mail(&known, &format!("other-{}", known.mail));
        assert_eq!(synced(&provider).await.counts.updated, 1);
        assert_eq!(id_of(&provider, &format!("other-{}", known.mail)).await, Some(AccountId("42".into())));
    }
}

/// As in most directories, people may write their own email address.
async fn self_written(subtree: &Subtree) -> Provider {
    let settings = subtree
        .settings(&subtree.unit, "")
        .replace("email_written_by_admins_only = true", "email_written_by_admins_only = false");
    Provider::start(Setup::new(&settings)).await
}

/// The GUID of a person's entry, as an administrator would look it up.
async fn guid(provider: &Provider, person: &Person) -> String {
    let current = provider.parts.current();
    let name = TypedName::parse(&person.account).expect("a name");
    let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
    let found = current.site(&corp()).expect("the directory").directory.find(&name, deadline).await;
    let Ok(Found::One(entry)) = found else { panic!("{found:?}") };
    entry.id.to_string()
}

async fn plan(provider: &Provider) -> (PlanId, Vec<PlanRow>) {
    let current = provider.parts.current();
    let made = plan::make(&provider.parts.sync(), current.site(&corp()).expect("the directory"))
        .await
        .expect("a plan");
    let rows = provider.parts.store.sync().plan_rows(made.plan.id, None, 1_000).await.expect("its rows");
    (made.plan.id, rows.into_iter().map(|(_, row)| row).collect())
}

/// The page after a sign-in.
async fn signed_in(provider: &Provider, subtree: &Subtree, person: &Person) -> Page {
    Browser::new().sign_in(&provider.cloudsync().authorize(&[]), &person.account, &subtree.password).await
}

fn must_be_confirmed(page: &Page) -> bool {
    page.text().contains("Your account must be confirmed first")
}

#[tokio::test]
async fn entering_an_accounts_email_address_does_not_take_it_over() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = self_written(&subtree).await;
        let boss = subtree.person_in(&subtree.outside);
        let (known, thief) = (subtree.person(), subtree.person());
        subtree.mail(&thief, &boss.mail.to_uppercase());
        let file = format!("42,{},\n43,{},The Boss\n44,next@example.org,\n", known.mail, boss.mail);
        load(&provider, &file).await;
        let early = signed_in(&provider, &subtree, &thief).await;
        assert!(must_be_confirmed(&early), "not even before the first sync: {}", early.text());
        for _ in 0..2 {
            let report = synced(&provider).await;
            assert_eq!((report.counts.linked, report.counts.created), (0, 0));
            let mut found = conflicts_of(&report);
            found.sort_by_key(|(_, kind)| *kind);
            assert_eq!(
                found,
                [(thief.account.as_str(), "link_contested"), (known.account.as_str(), "link_pending")]
            );
            assert!(report.conflicts.iter().all(|row| row.taken_by.is_some()), "{:?}", report.conflicts);
            // Loading the accounts again links nothing.
            load(&provider, &file).await;
        }
        for person in [&thief, &known] {
            let page = signed_in(&provider, &subtree, person).await;
            assert_eq!(page.status, reqwest::StatusCode::FORBIDDEN);
            assert!(must_be_confirmed(&page), "{}", page.text());
            assert!(page.text().contains("Ask your administrator to link your account"), "{}", page.text());
        }

        let (id, rows) = plan(&provider).await;
        let named: Vec<_> = rows
            .iter()
            .map(|row| {
                (row.kind.as_str(), row.login_name.as_str(), row.account.as_ref().map(|id| id.0.as_str()))
            })
            .collect();
        assert_eq!(named, [("linked", known.account.as_str(), Some("42"))], "a contested link is in no plan");
        let Ok(ApplyResult::Done(done)) = plan::apply(&provider.parts.sync(), id).await else {
            panic!("not applied")
        };
        assert_eq!(done.counts.linked, 1);
        let page = signed_in(&provider, &subtree, &known).await;
        assert_eq!(provider.cloudsync().exchange(&page).await.payload("id_token")["sub"], "42");
        assert!(account(&provider, &boss.mail).await.expect("loaded").link.is_none());

        // A plan does not make a link that was contested after the plan was made.
        let late = subtree.person();
        subtree.mail(&late, "next@example.org");
        let (id, rows) = plan(&provider).await;
        assert_eq!(rows.len(), 1, "{rows:?}");
        let rival = subtree.person_in(&subtree.outside);
        subtree.mail(&rival, "Next@example.org");
        let changed = plan::apply(&provider.parts.sync(), id).await;
        assert!(matches!(changed, Ok(ApplyResult::Changed(_))), "{changed:?}");
        assert!(account(&provider, "next@example.org").await.expect("loaded").link.is_none());
        for person in [&boss, &rival] {
            subtree.admin.delete(&person.dn);
        }
    }
}

#[tokio::test]
async fn a_guid_in_the_file_links_whatever_the_email_addresses() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = self_written(&subtree).await;
        let (one, two, thief) = (subtree.person(), subtree.person(), subtree.person());
        let (first, second) = (guid(&provider, &one).await, guid(&provider, &two).await);
        subtree.mail(&thief, &two.mail);
        let file =
            format!("id,email,name,guid\n42,old@example.org,One,{first}\n43,{},Two,{second}\n", two.mail);
        let outcome = import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
        assert_eq!((outcome.created, outcome.conflicts.len()), (2, 0));
        let again = import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
        assert_eq!(again.unchanged, 2);

        // A person who signs in before the first sync gets the account as well.
        let page = signed_in(&provider, &subtree, &one).await;
        assert_eq!(provider.cloudsync().exchange(&page).await.payload("id_token")["sub"], "42");
        let report = synced(&provider).await;
        assert_eq!((report.counts.linked, report.counts.created), (1, 0));
        assert_eq!(conflicts_of(&report), [(thief.account.as_str(), "mail_taken")]);
        assert_eq!(
            id_of(&provider, &one.mail).await,
            Some(AccountId("42".into())),
            "with the directory's email address"
        );
        let linked = account(&provider, &two.mail).await.expect("linked");
        assert_eq!(linked.link.map(|link| link.entry.to_string()), Some(second.clone()));

        let left_out = async |line: &str| {
            let file = format!("id,email,name,guid\n{line},{second}\n");
            let outcome =
                import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
            assert_eq!(outcome.created + outcome.updated, 0);
            outcome.conflicts.into_iter().next().expect("left out").why
        };
        let taken = left_out("50,new@example.org,Other").await;
        assert_eq!(taken, LeftOut::EntryOf(AccountId("43".into())));
        assert!(matches!(left_out(&format!("42,{},One", one.mail)).await, LeftOut::LinkedTo(_)));
    }
}

/// By the email address alone, `other` would have got the account.
#[tokio::test]
async fn an_account_with_a_guid_is_linked_to_no_other_entry() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (owner, other) = (subtree.person_in(&subtree.outside), subtree.person());
    let owner_guid = guid(&provider, &owner).await;
    subtree.mail(&owner, "");
    let file = format!("id,email,name,guid,directory\n42,{},Owner,{owner_guid},corp\n", other.mail);
    import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file");
    assert_eq!(conflicts_of(&synced(&provider).await), [(other.account.as_str(), "mail_taken")]);
    let moved = subtree.move_to(&owner, &subtree.unit);
    subtree.mail(&other, &format!("fresh-{}", other.mail));
    subtree.mail(&moved, &other.mail);
    let report = synced(&provider).await;
    assert_eq!((report.counts.linked, report.counts.created), (1, 1), "{:?}", report.conflicts);
    assert_eq!(id_of(&provider, &other.mail).await, Some(AccountId("42".into())));
}

/// An administrator corrects a wrong mapping with the next file, and the next sync follows it.
#[tokio::test]
async fn a_wrong_guid_is_corrected_by_the_next_file() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (owner, other) = (subtree.person(), subtree.person_in(&subtree.outside));
    let wrong = guid(&provider, &other).await;
    let load = async |guid: &str| {
        let file = format!("id,email,name,guid\n42,{},Owner,{guid}\n", owner.mail);
        import(&provider.parts.sync(), file.as_bytes(), &desk()).await.expect("a good file")
    };
    load(&wrong).await;
    assert_eq!(conflicts_of(&synced(&provider).await), [(owner.account.as_str(), "mail_taken")]);
    assert_eq!(load("").await.updated, 1);
    let report = synced(&provider).await;
    assert_eq!((report.counts.linked, report.conflicts.len()), (1, 0), "{:?}", report.conflicts);
    assert_eq!(id_of(&provider, &owner.mail).await, Some(AccountId("42".into())));
    let moved = subtree.move_to(&other, &subtree.unit);
    assert_eq!(synced(&provider).await.counts.created, 1, "a new account");
    assert_ne!(id_of(&provider, &moved.mail).await, Some(AccountId("42".into())));
}

/// A sign-in links under the same conditions as a sync: here by email address, if nobody contests it.
#[tokio::test]
async fn if_only_administrators_write_email_addresses_a_sign_in_links_an_uncontested_account() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let provider = subtree.provider().await;
        let (known, contested) = (subtree.person(), subtree.person());
        let rival = subtree.person_in(&subtree.outside);
        subtree.mail(&rival, &contested.mail);
        load(&provider, &format!("42,{},\n43,{},\n", known.mail, contested.mail)).await;
        let page = signed_in(&provider, &subtree, &contested).await;
        assert!(must_be_confirmed(&page), "{}", page.text());
        let page = signed_in(&provider, &subtree, &known).await;
        assert_eq!(provider.cloudsync().exchange(&page).await.payload("id_token")["sub"], "42");
        assert_eq!(conflicts_of(&synced(&provider).await), [(contested.account.as_str(), "link_contested")]);
        subtree.mail(&rival, &rival.mail);
        assert_eq!(synced(&provider).await.counts.linked, 1, "no entry contests it any more");
        subtree.admin.delete(&rival.dn);
    }
}

#[tokio::test]
async fn an_entry_of_another_directory_contests_a_link_too() {
    let (subtree, elsewhere) = (Subtree::ldap(), Subtree::ldap());
    let west = elsewhere
        .settings(&elsewhere.outside, "")
        .replace("id = \"corp\"", "id = \"west\"")
        .replace("CORP", "WEST");
    let provider =
        Provider::start(Setup::new(&format!("{}{west}", subtree.settings(&subtree.unit, "")))).await;
    let (person, rival) = (subtree.person(), elsewhere.person());
    elsewhere.mail(&rival, &person.mail);
    let current = provider.parts.current();
    let west = current.site(&DirectoryId("west".into())).expect("the other directory");
    run(&provider.parts.sync(), west, &RunOrder::changes(RunTrigger::Command)).await.expect("a good run");
    load(&provider, &format!("42,{},\n", person.mail)).await;
    assert_eq!(conflicts_of(&synced(&provider).await), [(person.account.as_str(), "link_contested")]);
}

#[tokio::test]
async fn if_only_administrators_write_email_addresses_later_syncs_link_too() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    subtree.person();
    load(&provider, "43,later@example.org,Later\n").await;
    synced(&provider).await;
    let newcomer = subtree.person();
    subtree.mail(&newcomer, "later@example.org");
    assert_eq!(synced(&provider).await.counts.linked, 1);
    assert_eq!(id_of(&provider, "later@example.org").await, Some(AccountId("43".into())));
}

#[tokio::test]
async fn an_account_claimed_by_two_entries_is_linked_to_neither() {
    let subtree = Subtree::ldap();
    let provider = subtree.provider().await;
    let (one, two) = (subtree.person(), subtree.person());
    subtree.mail(&one, &two.mail);
    load(&provider, &format!("42,{},\n", two.mail)).await;
    let report = synced(&provider).await;
    let both = [(one.account.as_str(), "link_contested"), (two.account.as_str(), "link_contested")];
    assert_eq!(conflicts_of(&report), both);
    assert!(account(&provider, &two.mail).await.expect("loaded").link.is_none());
}
