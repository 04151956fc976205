//! The time for a large directory. The times are printed; their limits are generous, since this build is not
//! optimized.

use std::time::{Duration, Instant};

use cloudsync_idp::domain::mirror::{Item, Member};
use cloudsync_idp::store::Store;

use super::super::{corp, entry, on_both};
use super::*;
use crate::support::{count, measured};

on_both!(a_hundred_thousand_people, one_change_in_a_group_of_fifty_thousand);

/// Ids in random order, as directories assign them.
fn scattered(number: u128) -> u128 {
    number.wrapping_mul(0x9e37_79b9_7f4a_7c15_f39c_c060_5ced_c835) | 1
}

fn people(from: u128, many: u128) -> Vec<Item> {
    (from..from + many)
        .map(|number| at(scattered(number), &format!("CN=person {number},OU=u{},DC=x", number % 50)))
        .collect()
}

async fn a_hundred_thousand_people(store: &Store) {
    let many = count(10_000, 100_000) as u128;
    let version = version(store).await;
    let scan = done(store.sync().begin_scan(&corp(), version, &cursor("1"), 1).await.unwrap());
    let pages: Vec<Vec<Item>> = (0..many / 1_000).map(|page| people(page * 1_000, 1_000)).collect();
    for what in ["new", "the same again"] {
        let begun = Instant::now();
        for page in &pages {
            report_scan(store, scan.id, page).await;
        }
        measured(&format!("the mirror, {many} people, {what}: {:?}", begun.elapsed()));
    }
    let begun = Instant::now();
    let (mut after, mut read) = (None, 0);
    loop {
        let page = store.sync().dirty_people(&corp(), after, 1_000).await.unwrap();
        let Some(last) = page.last() else { break };
        (after, read) = (Some(last.waiting()), read + page.len() as u128);
        settle(store, &page).await;
    }
    measured(&format!("the mirror, {many} people read and settled: {:?}", begun.elapsed()));
    assert_eq!(read, many);
    let begun = Instant::now();
    let version = super::version(store).await;
    done(store.sync().dirty_everybody(&corp(), version, "x").await.unwrap());
    measured(&format!("the mirror, {many} people dirty: {:?}", begun.elapsed()));
    let begun = Instant::now();
    assert_eq!(store.sync().unseen_by_scan(&corp(), scan.id, None, 100).await.unwrap(), []);
    measured(&format!("the mirror, none unseen of {many}: {:?}", begun.elapsed()));
}

async fn one_change_in_a_group_of_fifty_thousand(store: &Store) {
    let many = 50_000;
    let mut members: Vec<Member> = (0..many).map(|number| Member::by_id(entry(scattered(number)))).collect();
    for page in 0..10 {
        report(store, &people(page * 100, 100)).await;
    }
    report(store, &[with(1 << 100, "CN=all,DC=x", &members)]).await;
    judge_all(store).await;
    members[7] = id(scattered(many + 1));
    let begun = Instant::now();
    report(store, &[with(1 << 100, "CN=all,DC=x", &members)]).await;
    let took = begun.elapsed();
    measured(&format!("the mirror, one change in a group of {many}: {took:?}"));
    assert_eq!(dirty(store).await, these(&[scattered(7)]));
    assert!(took < Duration::from_secs(3), "{took:?}");
}
