//! Many accounts at once, written as a sync writes them.

use std::collections::HashMap;
use std::ops::Range;

use cloudsync_idp::domain::account::{Link, Profile};
use cloudsync_idp::domain::entry::{DirectoryId, EntryId};
use cloudsync_idp::domain::profile::ProfileValues;
use cloudsync_idp::domain::reconcile::{Action, Change, Outcome};
use cloudsync_idp::domain::team_share::{Share, ShareChange, ShareDiff};
use cloudsync_idp::store::{EntryOutcome, Verdicts};
use uuid::Uuid;

use crate::support::provider::Provider;
use crate::support::rows::Decisions;

/// As many as a page of a sync has.
const PAGE: usize = 1_000;

/// People of a directory that no sync reads, so that the tests alone decide about them.
fn elsewhere() -> DirectoryId {
    DirectoryId("elsewhere".into())
}

pub(super) fn email(number: usize) -> String {
    format!("crowd{number}@example.org")
}

fn entry(number: usize) -> EntryId {
    EntryId(Uuid::from_u128(1 + number as u128))
}

fn created(number: usize) -> EntryOutcome {
    let link = Link { directory: elsewhere(), entry: entry(number), sid: None };
    let login_name = format!("crowd{number}");
    let profile = Profile {
        email: email(number),
        login_name: Some(login_name.clone()),
        attributes: ProfileValues::default(),
    };
    let action = Action::Create(Change { link, profile: Some(profile), expires_at: None });
    let outcome = Outcome { action, conflict: None };
    EntryOutcome { entry: entry(number), login_name, outcome, password_changed_at: None }
}

/// Creates accounts with these numbers, as a sync decides it, all as members of a Team Share if it is named.
pub(super) async fn create(provider: &Provider, numbers: Range<usize>, team_share: Option<&str>) {
    let numbers: Vec<usize> = numbers.collect();
    for page in numbers.chunks(PAGE) {
        let mut shares = HashMap::new();
        for (number, name) in page.iter().flat_map(|number| team_share.map(|name| (*number, name))) {
            let share = Share { team_share: name.to_owned(), group: EntryId(Uuid::from_u128(u128::MAX)) };
            let joined = vec![ShareChange { share, why: "by the test".into() }];
            shares.insert(entry(number), ShareDiff { joined, left: Vec::new() });
        }
        let batch = page.iter().copied().map(created).collect();
        let verdicts = Verdicts { batch, shares, ..Verdicts::default() };
        let now = provider.parts.now();
        let applied = provider.parts.store.sync().applied(None, &elsewhere(), verdicts, now).await;
        assert_eq!(applied.expect("applied").len(), page.len());
    }
}
