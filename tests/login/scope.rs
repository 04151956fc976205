//! Exclusions, one level and the filter at the door and in explanations, in a real domain and a real OpenLDAP.

use cloudsync_idp::domain::gates::{Gate, Judgement};
use cloudsync_idp::flow::explain::explain;

use crate::support::browser::Browser;
use crate::support::corner::Corner;
use crate::support::lab::Person;
use crate::support::provider::{Provider, Setup};
use cloudsync_idp::domain::entry::DirectoryId;

fn corp() -> DirectoryId {
    DirectoryId("corp".into())
}

/// A provider that syncs the corner's unit but for what these lines of its scope take away.
async fn provider(corner: &Corner, lines: &str) -> Provider {
    let settings = corner.settings(&corner.unit, "");
    let provider = Provider::start(Setup::new(&format!("{settings}{lines}\n"))).await;
    provider.sync().await.expect("the first import");
    provider
}

async fn judged(provider: &Provider, who: &Person) -> Judgement {
    let current = provider.parts.current();
    explain(&provider.parts, current.site(&corp()).expect("the directory"), &who.account)
        .await
        .expect("an answer")
}

/// What the gate says of somebody, and whether the door does the same.
async fn said(provider: &Provider, corner: &Corner, who: &Person) -> Result<(), String> {
    let judgement = judged(provider, who).await;
    let gate =
        judgement.gates().iter().find(|judged| judged.gate == Gate::InScope).expect("the gate").clone();
    let open = judgement.refusal().is_none();
    let asked = provider.cloudsync().authorize(&[]);
    let page = Browser::new().sign_in(&asked, &who.account, &corner.password).await;
    assert_eq!(
        page.parameter("code").is_some(),
        open,
        "{}: the door and the explanation agree",
        gate.evidence
    );
    if open { Ok(()) } else { Err(gate.evidence) }
}

#[tokio::test]
async fn an_excluded_unit_or_group_keeps_out_whatever_selects() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let inner = format!("OU=Temps,{}", corner.unit);
        corner.add_unit(&inner);
        let (inside, temp) = (corner.person(), corner.person_in(&inner));
        let (member, nested) = (corner.person(), corner.person());
        let below = corner.group(&[&nested.dn]);
        let excluded = corner.group(&[&member.dn, &below]);
        let lines = format!("exclude_organizational_units = [{inner:?}]\nexclude_groups = [{excluded:?}]");
        let provider = provider(&corner, &lines).await;
        assert_eq!(said(&provider, &corner, &inside).await, Ok(()));
        let why = said(&provider, &corner, &temp).await.expect_err("excluded");
        assert!(why.ends_with(&format!(": excluded by {inner}")), "{why}");
        for who in [&member, &nested] {
            let why = said(&provider, &corner, who).await.expect_err("excluded");
            assert!(why.contains(": excluded as a member of CN="), "{why}");
        }
        corner.admin.add_values(&excluded, "member", &[&inside.dn]);
        assert!(said(&provider, &corner, &inside).await.is_err(), "at once, whatever the last sync saw");
        corner.admin.remove_values(&excluded, "member", &[&member.dn]);
        assert_eq!(said(&provider, &corner, &member).await, Ok(()), "and at once in again");
    }
}

#[tokio::test]
async fn one_level_ends_at_the_next_unit() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let inner = format!("OU=Deep,{}", corner.unit);
        corner.add_unit(&inner);
        let (flat, deep) = (corner.person(), corner.person_in(&inner));
        let settings = corner.settings("", "");
        let unit = &corner.unit;
        let one_level = format!("organizational_units = [{{ dn = {unit:?}, depth = \"one_level\" }}]");
        let settings = settings.replace("organizational_units = []", &one_level);
        let provider = Provider::start(Setup::new(&settings)).await;
        provider.sync().await.expect("the first import");
        assert_eq!(said(&provider, &corner, &flat).await, Ok(()));
        let why = said(&provider, &corner, &deep).await.expect_err("too deep");
        assert!(why.contains("is in no synced OU"), "{why}");
        let moved = corner.move_to(&deep, &corner.unit);
        assert_eq!(said(&provider, &corner, &moved).await, Ok(()));
    }
}

#[tokio::test]
async fn the_directory_judges_the_filter() {
    for corner in [Corner::ad(), Corner::ldap()] {
        let (internal, external) = (corner.person(), corner.person());
        corner.admin.replace(&internal.dn, "employeeType", &["internal"]);
        corner.admin.replace(&external.dn, "employeeType", &["external"]);
        let provider = provider(&corner, "filter = \"(employeeType=internal)\"").await;
        assert_eq!(said(&provider, &corner, &internal).await, Ok(()));
        let why = said(&provider, &corner, &external).await.expect_err("filtered");
        assert!(why.ends_with(": not let in by the filter (employeeType=internal)"), "{why}");
        corner.admin.replace(&external.dn, "employeeType", &["INTERNAL"]);
        assert_eq!(said(&provider, &corner, &external).await, Ok(()), "compared as the directory compares");
        corner.admin.replace(&internal.dn, "employeeType", &[]);
        assert!(said(&provider, &corner, &internal).await.is_err());
    }
}

#[tokio::test]
async fn a_refresh_obeys_the_filter_too() {
    let corner = Corner::ldap();
    let person = corner.person();
    corner.admin.replace(&person.dn, "employeeType", &["internal"]);
    let provider = provider(&corner, "filter = \"(employeeType=internal)\"").await;
    provider
        .apply("[login]\nmax_staleness_seconds = 0\n", cloudsync_idp::flow::settings::Mode::Merge)
        .await
        .expect("good");
    let cloudsync = provider.cloudsync();
    let back = Browser::new().sign_in(&cloudsync.authorize(&[]), &person.account, &corner.password).await;
    let tokens = cloudsync.refresh(cloudsync.exchange(&back).await.text("refresh_token")).await;
    assert!(!tokens.text("access_token").is_empty());
    corner.admin.replace(&person.dn, "employeeType", &["external"]);
    let refused = cloudsync.refresh(tokens.text("refresh_token")).await;
    assert_eq!(refused.text("error"), "invalid_grant");
}
