//! An object that moves takes everything below it along, all at once.

use cloudsync_idp::domain::mirror::Item;
use cloudsync_idp::store::{MOST_REREAD, Store};

use super::super::{corp, entry, on_both};
use super::*;

on_both!(
    everything_below_moves_along,
    two_units_swap_their_names,
    an_object_that_stays_keeps_what_lies_below_it,
    the_deepest_move_counts,
    groups_with_old_names_are_read_again,
    a_scan_shows_each_object_at_its_place,
);

async fn place(store: &Store, number: u128) -> String {
    let (_, dn) = store.sync().object_by_id(&corp(), entry(number)).await.unwrap().expect("there");
    dn.as_str().to_owned()
}

async fn everything_below_moves_along(store: &Store) {
    report(
        store,
        &[
            container(1, "OU=a,DC=x"),
            container(2, "OU=b,OU=a,DC=x"),
            with(10, "CN=g,OU=a,DC=x", &[id(101)]),
            at(100, "CN=p\\, q,OU=b,OU=a,DC=x"),
            at(101, "CN=r,OU=ab,DC=x"),
            at(102, "CN=s,OU=Ab,OU=b, OU=a,DC=x"),
        ],
    )
    .await;
    let moved = [container(1, "OU=new,OU=z,DC=x")];
    assert_eq!(affected_by(store, &moved).await, these(&[100, 101, 102]), "101 by the group's new name");
    assert_eq!(place(store, 100).await, "CN=p\\, q,OU=b,OU=new,OU=z,DC=x");
    assert_eq!(place(store, 102).await, "CN=s,OU=Ab,OU=b,OU=new,OU=z,DC=x");
    assert_eq!(place(store, 101).await, "CN=r,OU=ab,DC=x");
    assert_eq!(place(store, 2).await, "OU=b,OU=new,OU=z,DC=x");
    let found = store.sync().object_by_dn(&corp(), &dn("cn=G,ou=NEW,ou=z,dc=x")).await.unwrap();
    assert_eq!(found.map(|(id, _)| id), Some(entry(10)));
    let back = [container(1, "OU=a,DC=x")];
    assert_eq!(affected_by(store, &back).await, these(&[100, 101, 102]));
    assert_eq!(place(store, 100).await, "CN=p\\, q,OU=b,OU=a,DC=x");
}

async fn two_units_swap_their_names(store: &Store) {
    report(
        store,
        &[
            container(1, "OU=a,DC=x"),
            container(2, "OU=b,DC=x"),
            at(100, "CN=p,OU=a,DC=x"),
            at(101, "CN=q,OU=b,DC=x"),
        ],
    )
    .await;
    report(store, &[container(1, "OU=b,DC=x"), container(2, "OU=a,DC=x")]).await;
    assert_eq!(place(store, 100).await, "CN=p,OU=b,DC=x");
    assert_eq!(place(store, 101).await, "CN=q,OU=a,DC=x");
}

async fn an_object_that_stays_keeps_what_lies_below_it(store: &Store) {
    let old = [
        container(1, "OU=a,DC=x"),
        container(2, "OU=b,OU=a,DC=x"),
        at(100, "CN=p,OU=b,OU=a,DC=x"),
        at(101, "CN=q,OU=a,DC=x"),
    ];
    report(store, &old).await;
    // The unit was renamed, another one was created in its place, and what lay below moved there.
    let new = [container(1, "OU=z,DC=x"), container(3, "OU=a,DC=x"), container(2, "OU=b,OU=a,DC=x")];
    assert_eq!(affected_by(store, &new).await, these(&[101]));
    assert_eq!(place(store, 2).await, "OU=b,OU=a,DC=x");
    assert_eq!(place(store, 100).await, "CN=p,OU=b,OU=a,DC=x");
    assert_eq!(place(store, 101).await, "CN=q,OU=z,DC=x");
}

async fn the_deepest_move_counts(store: &Store) {
    report(
        store,
        &[
            container(1, "OU=a,DC=x"),
            container(2, "OU=b,OU=a,DC=x"),
            at(100, "CN=p,OU=b,OU=a,DC=x"),
            at(101, "CN=q,OU=a,DC=x"),
        ],
    )
    .await;
    report(store, &[container(1, "OU=z,DC=x"), container(2, "OU=b,DC=x"), at(101, "CN=r,OU=z,DC=x")]).await;
    assert_eq!(place(store, 100).await, "CN=p,OU=b,DC=x");
    assert_eq!(place(store, 101).await, "CN=r,OU=z,DC=x");
    report(store, &[Item::Gone(entry(2)), container(4, "OU=b,DC=x")]).await;
    report(store, &[container(4, "OU=c,DC=x"), at(100, "CN=p,OU=b,DC=x")]).await;
    assert_eq!(place(store, 100).await, "CN=p,OU=b,DC=x", "the reported name counts");
}

async fn groups_with_old_names_are_read_again(store: &Store) {
    let mut items = vec![container(1, "OU=a,DC=x"), at(1_000, "CN=p,OU=a,DC=x")];
    let list = |number: u128| with(number, &format!("CN=g{number},DC=x"), &[name("CN=p,OU=a,DC=x")]);
    items.extend([
        list(10),
        with(11, "CN=h,DC=x", &[name("CN=unknown,OU=a,DC=x")]),
        with(12, "CN=i,DC=x", &[]),
    ]);
    report(store, &items).await;
    let done = report(store, &[container(1, "OU=b,DC=x")]).await;
    assert_eq!((done.reread, done.too_many), (vec![entry(10), entry(11)], false));
    assert_eq!(groups_of(store, 1_000).await, [0_u128; 0], "nothing has the name now");
    report(store, &[container(1, "OU=a,DC=x")]).await;
    assert_eq!(groups_of(store, 1_000).await, [10]);
    let many: Vec<Item> = (0..=MOST_REREAD as u128).map(|number| list(2_000 + number)).collect();
    report(store, &many).await;
    let done = report(store, &[Item::Gone(entry(1_000))]).await;
    assert!(done.too_many && done.reread.is_empty());
}

async fn a_scan_shows_each_object_at_its_place(store: &Store) {
    report(
        store,
        &[container(1, "OU=a,DC=x"), at(100, "CN=p,OU=a,DC=x"), with(10, "CN=g,DC=x", &[name("OU=a,DC=x")])],
    )
    .await;
    let version = version(store).await;
    let scan = super::done(store.sync().begin_scan(&corp(), version, &cursor("1"), 1).await.unwrap());
    let done = report_scan(store, scan.id, &[container(1, "OU=b,DC=x")]).await;
    assert_eq!(done.reread, []);
    assert_eq!(place(store, 100).await, "CN=p,OU=a,DC=x");
    report_scan(store, scan.id, &[at(100, "CN=p,OU=b,DC=x")]).await;
    assert_eq!(place(store, 100).await, "CN=p,OU=b,DC=x");
}
