//! Exclusions, a depth of one level, and the filter: at the sign-in and in `explain`, in both directories.

use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::gates::{Gate, Judgement};
use cloudsync_idp::domain::scope::configured;
use cloudsync_idp::flow::support::explain::explain;

use crate::support::browser::Browser;
use crate::support::lab::Person;
use crate::support::provider::{Provider, Setup};
use crate::support::subtree::Subtree;

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

/// A provider that syncs the subtree's unit, with these additional lines in its scope.
async fn provider(subtree: &Subtree, lines: &str) -> Provider {
    let settings = subtree.settings(&subtree.unit, "");
    let provider = Provider::start(Setup::new(&format!("{settings}{lines}\n"))).await;
    provider.sync().await.expect("the first sync");
    provider
}

async fn judged(provider: &Provider, who: &Person) -> Judgement {
    let current = provider.parts.current();
    explain(&provider.parts.login(), current.site(&corp()).expect("the directory"), &who.account)
        .await
        .expect("an answer")
}

/// The verdict of the gate, after checking that a sign-in agrees.
async fn said(provider: &Provider, subtree: &Subtree, who: &Person) -> Result<(), String> {
    let judgement = judged(provider, who).await;
    let gate =
        judgement.gates().iter().find(|judged| judged.gate == Gate::InScope).expect("the gate").clone();
    let open = judgement.refusal().is_none();
    let asked = provider.cloudsync().authorize(&[]);
    let page = Browser::new().sign_in(&asked, &who.account, &subtree.password).await;
    assert_eq!(page.parameter("code").is_some(), open, "{}: sign-in and `explain` agree", gate.evidence);
    if open { Ok(()) } else { Err(gate.evidence) }
}

#[tokio::test]
async fn an_exclusion_wins_over_every_selection() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let inner = format!("OU=Temps,{}", subtree.unit);
        subtree.add_unit(&inner);
        let (inside, temp) = (subtree.person(), subtree.person_in(&inner));
        let (member, nested) = (subtree.person(), subtree.person());
        let below = subtree.group(&[&nested.dn]);
        let excluded = subtree.group(&[&member.dn, &below]);
        let lines = format!("exclude_organizational_units = [{inner:?}]\nexclude_groups = [{excluded:?}]");
        let provider = provider(&subtree, &lines).await;
        assert_eq!(said(&provider, &subtree, &inside).await, Ok(()));
        let why = said(&provider, &subtree, &temp).await.expect_err("excluded");
        assert!(why.ends_with(&format!(": excluded by {inner}")), "{why}");
        for who in [&member, &nested] {
            let why = said(&provider, &subtree, who).await.expect_err("excluded");
            assert!(why.contains(": excluded as a member of CN="), "{why}");
        }
        subtree.admin.add_values(&excluded, "member", &[&inside.dn]);
        assert!(said(&provider, &subtree, &inside).await.is_err(), "out at once, whatever the last sync saw");
        subtree.admin.remove_values(&excluded, "member", &[&member.dn]);
        assert_eq!(said(&provider, &subtree, &member).await, Ok(()), "in again at once");
    }
}

#[tokio::test]
async fn one_level_ends_at_the_next_unit() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let inner = format!("OU=Deep,{}", subtree.unit);
        subtree.add_unit(&inner);
        let (flat, deep) = (subtree.person(), subtree.person_in(&inner));
        let settings = subtree.settings("", "");
        let unit = &subtree.unit;
        let one_level = format!("organizational_units = [{{ dn = {unit:?}, depth = \"one_level\" }}]");
        let settings = settings.replace("organizational_units = []", &one_level);
        let provider = Provider::start(Setup::new(&settings)).await;
        provider.sync().await.expect("the first sync");
        assert_eq!(said(&provider, &subtree, &flat).await, Ok(()));
        let why = said(&provider, &subtree, &deep).await.expect_err("too deep");
        assert!(why.contains("is in no synced OU"), "{why}");
        let moved = subtree.move_to(&deep, &subtree.unit);
        assert_eq!(said(&provider, &subtree, &moved).await, Ok(()));
    }
}

#[tokio::test]
async fn the_directory_evaluates_the_filter() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let (internal, external) = (subtree.person(), subtree.person());
        subtree.admin.replace(&internal.dn, "employeeType", &["internal"]);
        subtree.admin.replace(&external.dn, "employeeType", &["external"]);
        let provider = provider(&subtree, "filter = \"(employeeType=internal)\"").await;
        assert_eq!(said(&provider, &subtree, &internal).await, Ok(()));
        let why = said(&provider, &subtree, &external).await.expect_err("filtered");
        assert!(why.ends_with(": does not match the filter (employeeType=internal)"), "{why}");
        subtree.admin.replace(&external.dn, "employeeType", &["INTERNAL"]);
        assert_eq!(said(&provider, &subtree, &external).await, Ok(()), "compared by the directory's rules");
        subtree.admin.replace(&internal.dn, "employeeType", &[]);
        assert!(said(&provider, &subtree, &internal).await.is_err());
    }
}

#[tokio::test]
async fn the_filter_applies_to_a_refresh_too() {
    let subtree = Subtree::ldap();
    let person = subtree.person();
    subtree.admin.replace(&person.dn, "employeeType", &["internal"]);
    let provider = provider(&subtree, "filter = \"(employeeType=internal)\"").await;
    provider
        .apply("[login]\nmax_staleness_seconds = 0\n", cloudsync_idp::flow::settings::Mode::Merge)
        .await
        .expect("good");
    let cloudsync = provider.cloudsync();
    let back = Browser::new().sign_in(&cloudsync.authorize(&[]), &person.account, &subtree.password).await;
    let tokens = cloudsync.refresh(cloudsync.exchange(&back).await.text("refresh_token")).await;
    assert!(!tokens.text("access_token").is_empty());
    subtree.admin.replace(&person.dn, "employeeType", &["external"]);
    let refused = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.text("error"), "invalid_grant");
}

#[tokio::test]
async fn a_renamed_unit_stays_selected_and_another_with_its_name_is_not() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let person = subtree.person();
        let provider = provider(&subtree, "").await;
        let deadline = tokio::time::Instant::now() + std::time::Duration::from_secs(10);
        let current = provider.parts.current();
        let site = current.site(&corp()).expect("the directory");
        let (pins, store) = (configured(&current.settings, &site.settings), &provider.parts.store);
        let [(kind, configured)] = pins.as_slice() else { panic!("one selected unit: {pins:?}") };
        let unit = site.directory.resolve(configured, deadline).await.expect("an answer").expect("the unit");
        store.sync().pin(&corp(), *kind, configured, unit.id, &unit.dn).await.expect("pinned");
        let (rdn, parent) = subtree.unit.split_once(',').expect("a DN");
        let renamed = subtree.admin.move_to(&subtree.unit, &format!("{rdn} renamed"), parent);
        subtree.add_unit(&subtree.unit);
        let impostor = subtree.person();
        let renamed = Dn::parse(&renamed).expect("a DN");
        let now = site.directory.resolve(&renamed, deadline).await.expect("an answer").expect("the unit");
        assert_eq!(now.id, unit.id);
        assert!(store.sync().pin_moved(&corp(), unit.id, &now.dn).await.expect("moved"));
        provider.parts.installation.refresh().await.expect("reloaded, as every node does each second");
        assert_eq!(said(&provider, &subtree, &person).await, Ok(()));
        let why = said(&provider, &subtree, &impostor).await.expect_err("another unit has the name");
        assert!(why.contains("is in no synced OU"), "{why}");
    }
}
