//! A preview says what a plan says once the settings are saved, and writes nothing; a directory is read without
//! anybody being judged.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::scope::Pins;
use cloudsync_idp::domain::settings::{Depth, ScopeSettings, SelectedUnit, TeamShareMapping};
use cloudsync_idp::flow::settings::Mode;
use cloudsync_idp::flow::sync::history::PlannedView;
use cloudsync_idp::flow::sync::preview::{DraftSite, PreviewError, PreviewFrom, PreviewView, preview};
use cloudsync_idp::flow::sync::{SyncError, plan, read_directory};
use cloudsync_idp::store::{MirrorState, RunCounts, RunTrigger};

use super::{Subtree, account, changes, corp, synced};
use crate::support::provider::{CLIENT, Provider, Setup};
use crate::support::rows::LogRows;

const NOW: i64 = 1_795_000_000_000;

async fn provider(settings: &str) -> Provider {
    Provider::start(Setup { clock: Clock::fixed(NOW), ..Setup::new(settings) }).await
}

async fn tried(provider: &Provider, draft: &DraftSite) -> Result<PreviewView, PreviewError> {
    let (parts, current) = (provider.parts.sync(), provider.parts.current());
    preview(&parts, current.site(&corp()).expect("the directory of the test"), draft, None).await
}

/// Asks for the rest of each kind after its first person.
async fn paged(provider: &Provider, draft: &DraftSite, whole: &PreviewView) {
    let (parts, current) = (provider.parts.sync(), provider.parts.current());
    let site = current.site(&corp()).expect("the directory of the test");
    for kind in &whole.changes {
        let from = Some(PreviewFrom { kind: kind.kind, skip: 1 });
        let rest = preview(&parts, site, draft, from).await.expect("a preview");
        for one in &whole.changes {
            let skipped = usize::from(one.kind == kind.kind);
            let found = rest.changes.iter().find(|other| other.kind == one.kind).expect("the same kinds");
            assert_eq!((found.total, &found.rows[..]), (one.total, &one.rows[skipped..]), "{draft:?}");
        }
    }
}

/// What a plan says with these settings: its counts and rows.
async fn planned(provider: &Provider) -> (RunCounts, u64, Vec<PlannedView>) {
    let (parts, current) = (provider.parts.sync(), provider.parts.current());
    let made = plan::make(&parts, current.site(&corp()).expect("it")).await.expect("a plan");
    let rows = provider.parts.store.sync().plan_rows(made.plan.id, None, 1_000).await.expect("rows");
    let rows = rows.iter().map(|(_, row)| PlannedView::from(row)).collect();
    (made.plan.counts.expect("it is complete"), made.takes, sorted(rows))
}

fn sorted(mut rows: Vec<PlannedView>) -> Vec<PlannedView> {
    rows.sort_by_key(|row| (row.entry.clone(), row.kind.as_str(), row.after.to_string()));
    rows
}

fn list(dns: &[&str]) -> Vec<String> {
    dns.iter().map(|dn| (*dn).to_owned()).collect()
}

fn units(dns: &[&str], depth: Depth) -> Vec<SelectedUnit> {
    dns.iter().map(|dn| SelectedUnit { dn: (*dn).to_owned(), depth }).collect()
}

fn toml(dns: &[String]) -> String {
    let quoted: Vec<String> = dns.iter().map(|dn| format!("{dn:?}")).collect();
    format!("[{}]", quoted.join(", "))
}

/// The settings with the draft in them.
fn with_draft(subtree: &Subtree, draft: &DraftSite) -> String {
    let settings = subtree.settings("", "");
    let (head, _) = settings.split_once("[directories.scope]").expect("a scope");
    let scope = &draft.scope;
    let unit = |unit: &SelectedUnit| {
        let depth = if unit.depth == Depth::OneLevel { "one_level" } else { "subtree" };
        format!("{{ dn = {:?}, depth = {depth:?} }}", unit.dn)
    };
    let units: Vec<String> = scope.organizational_units.iter().map(unit).collect();
    let share = |share: &TeamShareMapping| {
        format!(
            "[[team_shares]]\ndirectory = \"corp\"\ngroup = {:?}\nteam_share = {:?}\n",
            share.group, share.team_share
        )
    };
    let shares: String = draft.team_shares.iter().map(share).collect();
    format!(
        "{head}\n[directories.scope]\norganizational_units = [{}]\ngroups = {}\n\
         exclude_organizational_units = {}\nexclude_groups = {}\n\n{shares}",
        units.join(", "),
        toml(&scope.groups),
        toml(&scope.exclude_organizational_units),
        toml(&scope.exclude_groups)
    )
}

/// What a preview may not change.
async fn stored(provider: &Provider) -> (Pins, MirrorState, usize, usize) {
    let store = provider.parts.store.sync();
    let runs = store.runs_page(None, 1_000).await.expect("runs").len();
    let mirror = store.mirror_state(&corp()).await.expect("a mirror");
    (store.pins(&corp()).await.expect("pins"), mirror, changes(provider).await, runs)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_preview_says_what_a_plan_says_and_writes_nothing() {
    for subtree in [Subtree::ldap(), Subtree::ad()] {
        let (inner, outer) = (format!("ou=inner,{}", subtree.unit), format!("ou=outer,{}", subtree.unit));
        subtree.add_unit(&inner);
        subtree.add_unit(&outer);
        let (one, two, three) = (subtree.person(), subtree.person_in(&inner), subtree.person_in(&outer));
        let (four, five) = (subtree.person_in(&outer), subtree.person_in(&outer));
        subtree.disable(&five);
        let nested = subtree.group(&[&three.dn]);
        let group = subtree.group(&[&one.dn, &nested]);
        let all = ScopeSettings {
            organizational_units: units(&[&subtree.unit], Depth::Subtree),
            ..ScopeSettings::default()
        };
        let in_force = DraftSite { scope: all.clone(), team_shares: Vec::new() };
        let provider = provider(&with_draft(&subtree, &in_force)).await;
        synced(&provider).await;
        assert!(account(&provider, &four.mail).await.is_some());
        let share = |group: &str| TeamShareMapping {
            directory: corp(),
            group: group.to_owned(),
            team_share: "Sales".into(),
        };
        let scopes = [
            ScopeSettings {
                organizational_units: units(&[&inner], Depth::Subtree),
                ..ScopeSettings::default()
            },
            ScopeSettings {
                organizational_units: units(&[&subtree.unit], Depth::OneLevel),
                ..ScopeSettings::default()
            },
            ScopeSettings { groups: list(&[&group]), ..ScopeSettings::default() },
            ScopeSettings {
                groups: list(&[&nested]),
                organizational_units: units(&[&inner], Depth::OneLevel),
                ..ScopeSettings::default()
            },
            ScopeSettings { exclude_organizational_units: list(&[&outer]), ..all.clone() },
            ScopeSettings { exclude_groups: list(&[&group]), ..all.clone() },
            all.clone(),
        ];
        for (number, scope) in scopes.into_iter().enumerate() {
            let team_shares =
                if number % 2 == 0 { vec![share(&nested), share(&group)] } else { vec![share(&group)] };
            let draft = DraftSite { scope, team_shares };
            let before = stored(&provider).await;
            let shown = tried(&provider, &draft).await.expect("a preview");
            paged(&provider, &draft, &shown).await;
            assert_eq!(stored(&provider).await, before, "{draft:?}");
            assert!(!shown.changed_meanwhile && !shown.filter_unknown && shown.orphaned == 0, "{shown:?}");
            provider
                .apply(&format!("{CLIENT}{}", with_draft(&subtree, &draft)), Mode::Replace)
                .await
                .expect("good settings");
            let (counts, takes, rows) = planned(&provider).await;
            let listed = shown.changes.iter().flat_map(|kind| kind.rows.clone()).collect();
            assert_eq!(sorted(listed), rows, "{draft:?}");
            let without_seen = |counts: RunCounts| RunCounts { seen: 0, ..counts };
            assert_eq!((without_seen(shown.counts), shown.takes), (without_seen(counts), takes), "{draft:?}");
            assert!(!rows.is_empty(), "it compares something: {draft:?}");
        }
        assert!(account(&provider, &two.mail).await.is_some(), "neither changes an account");
    }
}

#[tokio::test]
async fn a_selected_object_is_followed_where_it_moved_and_missed_where_it_is_not() {
    let subtree = Subtree::ldap();
    let provider = provider(&subtree.settings(&subtree.unit, "")).await;
    let person = subtree.person();
    let of = |dn: &str| DraftSite {
        scope: ScopeSettings {
            organizational_units: units(&[dn], Depth::Subtree),
            ..ScopeSettings::default()
        },
        team_shares: Vec::new(),
    };
    assert!(matches!(tried(&provider, &of(&subtree.unit)).await, Err(PreviewError::NotRead)));
    synced(&provider).await;
    assert!(account(&provider, &person.mail).await.is_some());
    let nowhere = tried(&provider, &of(&format!("ou=nowhere,{}", subtree.base))).await;
    assert!(matches!(&nowhere, Err(PreviewError::Sync(SyncError::ScopeObject(_)))), "{nowhere:?}");
    let blank = tried(&provider, &of("")).await;
    assert!(matches!(&blank, Err(PreviewError::Sync(SyncError::Dn(_)))), "{blank:?}");
    let nothing = tried(&provider, &DraftSite::default()).await;
    assert!(matches!(&nothing, Err(PreviewError::Sync(SyncError::NoScope))), "{nothing:?}");
    // The settings have the old name, and the pin the object.
    subtree.admin.move_to(&subtree.unit, "ou=renamed", &subtree.base);
    synced(&provider).await;
    let moved = tried(&provider, &of(&subtree.unit)).await.expect("it is the same OU");
    assert_eq!((moved.counts.suspended, moved.counts.kept), (0, 1), "{moved:?}");
}

#[tokio::test]
async fn a_directory_is_read_without_judging_anybody() {
    let subtree = Subtree::ldap();
    let provider = provider(&subtree.settings(&format!("ou=nowhere,{}", subtree.base), "")).await;
    let person = subtree.person();
    let (parts, current) = (provider.parts.sync(), provider.parts.current());
    let site = current.site(&corp()).expect("the directory of the test");
    let report = read_directory(&parts, site).await.expect("no object of the settings is needed");
    let runs = provider.parts.store.sync().runs_page(None, 10).await.expect("runs");
    assert_eq!((runs[0].trigger, Some(runs[0].id)), (RunTrigger::Read, report.run));
    assert_eq!((changes(&provider).await, account(&provider, &person.mail).await), (0, None));
    assert!(provider.parts.store.sync().completed_at(&corp()).await.expect("an answer").is_none());
    let scope = ScopeSettings {
        organizational_units: units(&[&subtree.unit], Depth::Subtree),
        ..ScopeSettings::default()
    };
    let draft = DraftSite { scope, team_shares: Vec::new() };
    let shown = tried(&provider, &draft).await.expect("a preview");
    assert_eq!(shown.counts.created, 1, "{shown:?}");

    // The next run judges everybody, though it reads only the changes since.
    provider
        .apply(&format!("{CLIENT}{}", with_draft(&subtree, &draft)), Mode::Replace)
        .await
        .expect("good settings");
    let current = provider.parts.current();
    let site = current.site(&corp()).expect("the directory of the test");
    let order = cloudsync_idp::flow::sync::RunOrder::changes(RunTrigger::Command);
    let report = cloudsync_idp::flow::sync::run(&parts, site, &order).await.expect("a run");
    assert_eq!(report.counts.created, 1);
    let run = provider.parts.store.sync().run(report.run.expect("a run")).await.expect("it").expect("it");
    assert_eq!(run.details.reason, None, "everything was read before");
    assert!(account(&provider, &person.mail).await.is_some());
}
