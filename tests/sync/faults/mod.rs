//! Servers, stores and processes that fail during a sync: afterwards the store equals that of one full run.

mod killed;
mod restored;
mod store_gone;
mod takeover;
mod watched;

use std::collections::BTreeMap;

use cloudsync_idp::domain::account::Status;
use cloudsync_idp::store::Store;

use crate::support::provider::{Provider, Setup};

/// Active accounts by email address: name and Team Shares.
type InUse = BTreeMap<String, (Option<String>, Vec<String>)>;

/// All accounts of a store.
#[derive(Debug, Default, PartialEq, Eq)]
struct Outcome {
    in_use: InUse,
    suspended: Vec<String>,
}

async fn outcome(store: &Store) -> Outcome {
    let (mut outcome, mut after) = (Outcome::default(), None);
    loop {
        let page = store.identity().accounts_page(after.as_ref(), 1000).await.expect("the store answers");
        let Some(last) = page.last() else { return outcome };
        after = Some(last.id.clone());
        for account in page {
            if account.status != Status::Active {
                outcome.suspended.push(account.profile.email);
                continue;
            }
            let mut shares = store.sync().team_shares(&account.id).await.expect("the store answers");
            shares.sort();
            let name = account.profile.name().map(str::to_owned);
            outcome.in_use.insert(account.profile.email, (name, shares));
        }
    }
}

/// The result of a full run into an empty store.
async fn fresh(directory: &str) -> Outcome {
    let provider = Provider::start(Setup::new(directory)).await;
    provider.sync().await.expect("a good run");
    outcome(&provider.parts.store).await
}

/// Assigns a Team Share to the members of a group of the lab's OpenLDAP.
fn with_share(directory: &str, group: &str) -> String {
    format!(
        "{directory}\n[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = \"Shared\"\n"
    )
}

/// Checks that the store is equal to that of a fresh run, and that a person has a Team Share.
async fn is_whole(store: &Store, directory: &str) {
    let (is, should) = (outcome(store).await, fresh(directory).await);
    assert!(should.in_use.values().any(|(_, shares)| !shares.is_empty()), "nobody has a Team Share");
    assert!(
        is == should,
        "{} in use and {} suspended, not {} and {}",
        is.in_use.len(),
        is.suspended.len(),
        should.in_use.len(),
        should.suspended.len()
    );
}
