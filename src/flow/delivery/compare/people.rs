//! Compare all people, a page at a time.

use super::error::CompareError;
use super::own::{Candidates, Own, PageResult};
use super::work::Work;
use crate::domain::account::AccountId;
use crate::domain::delivery::{Drift, Kind, Subject};
use crate::flow::delivery::wish::person;
use crate::store::StoredDelivery;

/// How many are compared at once.
const PAGE: u32 = 200;

/// Compares all accounts, and those that were erased and are not yet erased over there.
pub(super) async fn compare_people(work: &Work<'_>, drift: &mut Drift) -> Result<(), CompareError> {
    let mut after: Option<AccountId> = None;
    loop {
        let accounts = work.store().identity().accounts_page(after.as_ref(), PAGE).await?;
        let Some(last) = accounts.last() else { break };
        after = Some(last.id.clone());
        let subjects: Vec<Subject> =
            accounts.iter().map(|account| Subject::Person(account.id.clone())).collect();
        let mut rows = work.deliveries().deliveries_of(&work.run.target, &subjects).await?;
        let page = accounts.into_iter().zip(subjects).map(|(account, subject)| {
            let stored = rows.remove(&subject);
            let known = stored.as_ref().map(|stored| stored.known.clone()).unwrap_or_default();
            let wish = person(work.channel.service, (&account.id, Some(&account)), &known);
            Own { subject, name: account.profile.email.clone(), account: Some(account), stored, wish }
        });
        compare_page(work, page.collect(), drift).await?;
    }
    compare_erased(work, drift).await
}

async fn compare_erased(work: &Work<'_>, drift: &mut Drift) -> Result<(), CompareError> {
    let mut after: Option<AccountId> = None;
    loop {
        let rows = work.deliveries().erased_page(&work.run.target, after.as_ref(), PAGE).await?;
        let page: Vec<Own> = rows.into_iter().filter_map(|stored| erased(work, stored)).collect();
        let Some(Subject::Person(last)) = page.last().map(|own| &own.subject) else { return Ok(()) };
        after = Some(last.clone());
        compare_page(work, page, drift).await?;
    }
}

fn erased(work: &Work<'_>, stored: StoredDelivery) -> Option<Own> {
    let Subject::Person(id) = &stored.subject else { return None };
    let wish = person(work.channel.service, (id, None), &stored.known);
    Some(Own {
        subject: stored.subject.clone(),
        name: String::new(),
        account: None,
        stored: Some(stored),
        wish,
    })
}

async fn compare_page(work: &Work<'_>, page: Vec<Own>, drift: &mut Drift) -> Result<(), CompareError> {
    let candidates = Candidates::of(work, Kind::User, &page).await?;
    let mut result = PageResult::default();
    for mut own in page {
        let judged = candidates.judge(work, &mut own);
        result.add(own, judged, drift);
    }
    result.write(work, Kind::User).await
}
