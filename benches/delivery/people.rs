//! Accounts and their Team Shares, written to the store as a sync writes them.

use std::ops::Range;

use anyhow::{Result, bail, ensure};
use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::account::{AccountId, Link, Profile, SuspendedBecause};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::profile::{ProfileAttribute, ProfileValues};
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{Applied, AppliedEntry, AppliedKind, EntryOutcome, Store, Verdicts};
use uuid::Uuid;

/// As many as a page of a sync has.
const PAGE: usize = 1_000;
/// The ids of groups begin after those of people.
const GROUPS: u128 = 1 << 64;

/// Adds the people with these numbers, each to one of so many Team Shares; 0: to none. Returns their accounts.
pub async fn add(store: &Store, numbers: Range<usize>, shares: usize) -> Result<Vec<AccountId>> {
    let (mut accounts, numbers) = (Vec::with_capacity(numbers.len()), numbers.collect::<Vec<_>>());
    for page in numbers.chunks(PAGE) {
        let mut verdicts = Verdicts::default();
        for number in page.iter().copied() {
            verdicts.batch.push(outcome(number, Action::Create(change(number, Some(profile(number))))));
            if shares > 0 {
                verdicts.shares.insert(entry(number), joins(number % shares));
            }
        }
        let applied = apply(store, verdicts).await?;
        ensure!(applied.iter().all(|one| one.kind == AppliedKind::Created), "not everybody was created");
        accounts.extend(applied.into_iter().filter_map(|one| one.account));
    }
    Ok(accounts)
}

/// Suspends a person; returns once that is committed.
pub async fn suspend(store: &Store, account: &AccountId) -> Result<()> {
    let known = store.identity().account(account).await?;
    let Some(link) = known.and_then(|known| known.link) else { bail!("{account:?} is not linked") };
    let one = EntryOutcome {
        entry: link.entry,
        login_name: account.0.clone(),
        outcome: Outcome {
            action: Action::Suspend(
                account.clone(),
                SuspendedBecause::Disabled,
                Change { link, profile: None, expires_at: None },
            ),
            conflict: None,
        },
        password_changed_at: None,
    };
    let applied = apply(store, Verdicts { batch: vec![one], ..Verdicts::default() }).await?;
    ensure!(applied.iter().all(|one| one.kind == AppliedKind::Suspended), "{applied:?}");
    Ok(())
}

async fn apply(store: &Store, verdicts: Verdicts) -> Result<Vec<AppliedEntry>> {
    let now = Clock::System.now();
    match store.sync().apply_verdicts(None, &directory(), verdicts, now).await? {
        Applied::Done(done) => Ok(done),
        other => bail!("nothing prevents it: {other:?}"),
    }
}

fn directory() -> DirectoryId {
    DirectoryId("corp".to_owned())
}

fn entry(number: usize) -> EntryId {
    EntryId(Uuid::from_u128(1 + number as u128))
}

fn change(number: usize, profile: Option<Profile>) -> Change {
    let link = Link { directory: directory(), entry: entry(number), sid: None };
    Change { link, profile, expires_at: None }
}

fn outcome(number: usize, action: Action) -> EntryOutcome {
    EntryOutcome {
        entry: entry(number),
        login_name: format!("u{number:07}"),
        outcome: Outcome { action, conflict: None },
        password_changed_at: None,
    }
}

/// What a usual directory says of a person.
fn profile(number: usize) -> Profile {
    let attributes = ProfileValues::default()
        .with(ProfileAttribute::Name, format!("Person {number}"))
        .with(ProfileAttribute::GivenName, "Person")
        .with(ProfileAttribute::FamilyName, format!("Number {number}"))
        .with(ProfileAttribute::Title, "Engineer")
        .with(ProfileAttribute::Department, "Research");
    let name = format!("u{number:07}");
    Profile { email: format!("{name}@example.org"), login_name: Some(name), attributes }
}

fn joins(share: usize) -> ShareDiff {
    let group = EntryId(Uuid::from_u128(GROUPS + share as u128));
    let share = Share { team_share: format!("Team {share:03}"), group };
    ShareDiff { joined: vec![ShareChange { share, why: "a member".to_owned() }], left: Vec::new() }
}
