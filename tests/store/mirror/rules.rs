//! The rules of a page of changes: what is written, and who waits to be judged.

use cloudsync_idp::domain::dn::Dn;
use cloudsync_idp::domain::entry::Sid;
use cloudsync_idp::domain::mirror::{Item, Members, Person};
use cloudsync_idp::store::{MirroredKind, Store};

use super::super::{NOW, corp, entry, on_both};
use super::*;

on_both!(
    an_unchanged_object_is_not_written,
    an_email_address_affects_everybody_who_has_or_had_it,
    a_person_who_is_gone_waits_without_name_email_address_and_groups,
    a_person_who_comes_back_has_no_old_memberships,
    only_changed_members_are_affected,
    a_member_by_name_is_the_person_with_the_name,
    groups_that_a_member_reports_replace_the_stored_ones,
    a_change_inside_a_group_affects_everybody_below,
    a_nested_group_affects_people_with_it_as_primary_group,
    a_new_group_may_have_the_name_of_one_that_is_gone,
    a_person_who_becomes_another_object_has_left,
    groups_are_refreshed_once_they_changed,
    a_person_who_expires_waits_once,
    everybody_waits_when_the_scope_changes,
);

const UNIT: &str = "OU=Staff,DC=x";

async fn an_unchanged_object_is_not_written(store: &Store) {
    let items = [container(1, UNIT), with(10, "CN=g,DC=x", &[id(100)]), at(100, "CN=a,OU=Staff,DC=x")];
    let first = report(store, &items).await;
    assert_eq!((first.reported, first.written, first.edges, first.groups_changed), (3, 3, 1, true));
    judge_all(store).await;
    let again = report(store, &items).await;
    assert_eq!((again.written, again.edges, again.groups_changed), (0, 0, false));
    assert_eq!(dirty(store).await, these(&[]));
    let mut disabled = person(100, "CN=a,OU=Staff,DC=x");
    disabled.entry.disabled = true;
    assert_eq!(affected_by(store, &[person_item(disabled)]).await, these(&[100]));
    assert!(one(store, 100).await.facts.disabled);
    assert_eq!(one(store, 100).await.entitled_before, Some(true));
    assert_eq!(store.sync().count_people(&corp()).await.unwrap(), 1);
    let found = store.sync().object_by_id(&corp(), entry(1)).await.unwrap();
    assert_eq!(found, Some((MirroredKind::Container, dn(UNIT))));
    let found = store.sync().object_by_dn(&corp(), &dn("cn=A, ou=staff,dc=X")).await.unwrap();
    assert_eq!(found, Some((entry(100), MirroredKind::Person)));
}

fn with_email(number: u128, place: &str, mail: &str) -> Item {
    let mut person = person(number, place);
    person.entry.email = Some(mail.into());
    person_item(person)
}

async fn an_email_address_affects_everybody_who_has_or_had_it(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x"), at(2, "CN=b,DC=x"), at(3, "CN=c,DC=x")]).await;
    let taken = affected_by(store, &[with_email(1, "CN=a,DC=x", "B@example.com ")]).await;
    assert_eq!(taken, these(&[1, 2]));
    let keys = ["a@example.com", "b@example.com", "c@example.com"].map(str::to_owned);
    let sharers = store.sync().people_sharing_email(&corp(), keys).await.unwrap();
    assert_eq!(sharers.len(), 1);
    let who: Vec<u128> = sharers["b@example.com"].iter().map(|person| person.id.0.as_u128()).collect();
    assert_eq!(who.into_iter().collect::<BTreeSet<_>>(), these(&[1, 2]));
    let given_back = affected_by(store, &[with_email(1, "CN=a,DC=x", "a@example.com")]).await;
    assert_eq!(given_back, these(&[1, 2]));
    let mut without = person(2, "CN=b,DC=x");
    without.entry.email = None;
    assert_eq!(affected_by(store, &[person_item(without)]).await, these(&[2]));
    report(store, &[with_email(3, "CN=c,DC=x", "a@example.com")]).await;
    assert_eq!(affected_by(store, &[Item::Gone(entry(1))]).await, these(&[1, 3]));
}

async fn a_person_who_is_gone_waits_without_name_email_address_and_groups(store: &Store) {
    report(store, &[with(10, "CN=g,DC=x", &[id(1), name("CN=a,DC=x")]), at(1, "CN=a,DC=x")]).await;
    assert_eq!(affected_by(store, &[Item::Gone(entry(1)), Item::Gone(entry(7))]).await, these(&[1]));
    let gone = one(store, 1).await;
    assert!(gone.gone && gone.direct_groups.is_empty());
    assert_eq!(gone.dn, dn("CN=a,DC=x"));
    assert_eq!(store.sync().object_by_id(&corp(), entry(1)).await.unwrap(), None);
    assert_eq!(store.sync().count_people(&corp()).await.unwrap(), 0);
    settle(store, &[gone]).await;
    assert_eq!(known(store, 1).await, None);
}

async fn a_person_who_comes_back_has_no_old_memberships(store: &Store) {
    report(store, &[with(10, "CN=g,DC=x", &[id(1), id(2)]), at(1, "CN=a,DC=x"), at(2, "CN=b,DC=x")]).await;
    report(store, &[Item::Gone(entry(1))]).await;
    assert_eq!(affected_by(store, &[at(1, "CN=a,DC=x")]).await, these(&[1]));
    let back = one(store, 1).await;
    assert!(!back.gone && back.direct_groups.is_empty());
    // Gone and back before anybody was judged.
    report(store, &[Item::Gone(entry(2)), at(2, "CN=b,DC=x")]).await;
    assert!(!one(store, 2).await.gone);
    assert_eq!(groups_of(store, 2).await, [0_u128; 0]);
}

async fn only_changed_members_are_affected(store: &Store) {
    let people: Vec<Item> = (1..=5).map(|number| at(number, &format!("CN=p{number},DC=x"))).collect();
    report(store, &people).await;
    report(store, &[with(10, "CN=g,DC=x", &[id(1), id(2), id(3)])]).await;
    let other = [with(10, "CN=g,DC=x", &[id(2), id(3), id(4)])];
    assert_eq!(affected_by(store, &other).await, these(&[1, 4]));
    let some = [changed(10, "CN=g,DC=x", &[id(4), id(5)], &[id(1), id(2)])];
    assert_eq!(affected_by(store, &some).await, these(&[2, 5]));
    assert_eq!(affected_by(store, &some).await, these(&[]));
    let both = [changed(10, "CN=g,DC=x", &[id(1)], &[id(1)])];
    assert_eq!(affected_by(store, &both).await, these(&[1]));
    assert_eq!(affected_by(store, &[Item::Gone(entry(10))]).await, these(&[1, 3, 4, 5]));
    assert_eq!(groups_of(store, 1).await, [0_u128; 0]);
}

async fn a_member_by_name_is_the_person_with_the_name(store: &Store) {
    let alice = name("cn=A, dc=X");
    report(store, &[with(10, "CN=g,DC=x", std::slice::from_ref(&alice)), at(1, "CN=a,DC=x")]).await;
    assert_eq!(groups_of(store, 1).await, [10]);
    let done = report(store, &[at(1, "CN=b,DC=x")]).await;
    assert_eq!(groups_of(store, 1).await, [0_u128; 0]);
    assert_eq!(done.reread, [entry(10)], "the server may have written the new name there");
    report(store, &[at(2, "CN=a,DC=x")]).await;
    assert_eq!(groups_of(store, 2).await, [10]);
    assert_eq!(affected_by(store, &[with(10, "CN=g,DC=x", &[name("CN=b,DC=x")])]).await, these(&[1, 2]));
    let done = report(store, &[Item::Gone(entry(1))]).await;
    assert_eq!(done.reread, [entry(10)]);
    assert_eq!(report(store, &[Item::Gone(entry(2))]).await.reread, []);
}

async fn groups_that_a_member_reports_replace_the_stored_ones(store: &Store) {
    let (g, h) = ("CN=g,DC=x", "CN=h,DC=x");
    let bare = |number, place: &str| Item::Group(Box::new(group(number, place, Members::NotTold)));
    report(store, &[bare(10, g), bare(11, h), in_groups(1, "CN=a,DC=x", &[g])]).await;
    assert_eq!(groups_of(store, 1).await, [10]);
    assert_eq!(affected_by(store, &[in_groups(1, "CN=a,DC=x", &["cn=H,dc=x"])]).await, these(&[1]));
    assert_eq!(groups_of(store, 1).await, [11]);
    let unknown = [in_groups(1, "CN=a,DC=x", &[g, "CN=elsewhere,DC=x"])];
    assert_eq!(affected_by(store, &unknown).await, these(&[1]));
    assert_eq!(groups_of(store, 1).await, [10, 11], "an unknown name removes nothing");
    assert_eq!(affected_by(store, &[in_groups(1, "CN=a,DC=x", &[g, h, g])]).await, these(&[]));
    assert_eq!(affected_by(store, &[in_groups(1, "CN=a,DC=x", &[])]).await, these(&[1]));
    assert_eq!(groups_of(store, 1).await, [0_u128; 0]);
}

async fn a_change_inside_a_group_affects_everybody_below(store: &Store) {
    let places = ["CN=g10,DC=x", "CN=g11,DC=x", "CN=g12,DC=x"];
    report(store, &[at(1, "CN=a,DC=x"), at(2, "CN=b,DC=x"), at(3, "CN=c,DC=x")]).await;
    let cycle = [
        with(10, places[0], &[]),
        with(11, places[1], &[name(places[2]), id(1)]),
        with(12, places[2], &[id(11), name("CN=b,DC=x")]),
    ];
    report(store, &cycle).await;
    let nested = report(store, &[changed(10, places[0], &[id(11)], &[])]).await;
    assert!(nested.groups_changed);
    assert_eq!(dirty(store).await, these(&[1, 2, 3]));
    let out = [changed(10, places[0], &[], &[id(11)])];
    assert_eq!(affected_by(store, &out).await, these(&[1, 2]));
    let by_people = [changed(10, places[0], &[id(3)], &[])];
    judge_all(store).await;
    assert!(!report(store, &by_people).await.groups_changed);
    assert_eq!(dirty(store).await, these(&[3]));
    assert_eq!(affected_by(store, &[Item::Gone(entry(12))]).await, these(&[1, 2]));
    let renamed = [changed(11, "CN=other,DC=x", &[], &[])];
    assert_eq!(affected_by(store, &renamed).await, these(&[1]));
}

async fn a_nested_group_affects_people_with_it_as_primary_group(store: &Store) {
    let primary = |number: u128, place: &str| {
        let mut person = person(number, place);
        person.entry.primary_group = Some(Sid("S-1-5-21-1-2-3-10".into()));
        person_item(person)
    };
    report(store, &[primary(1, "CN=a,DC=x"), at(2, "CN=b,DC=x"), with(11, "CN=h,DC=x", &[])]).await;
    let users = [with(10, "CN=g,DC=x", &[])];
    assert_eq!(affected_by(store, &users).await, these(&[1]));
    assert_eq!(affected_by(store, &users).await, these(&[]));
    assert_eq!(affected_by(store, &[with(11, "CN=h,DC=x", &[id(10)])]).await, these(&[1]));
    assert_eq!(affected_by(store, &[Item::Gone(entry(10))]).await, these(&[1]));
}

async fn a_new_group_may_have_the_name_of_one_that_is_gone(store: &Store) {
    let g = "CN=g,DC=x";
    report(store, &[with(10, g, &[]), in_groups(1, "CN=a,DC=x", &[g])]).await;
    report(store, &[with(11, g, &[]), in_groups(1, "CN=a,DC=x", &[g]), Item::Gone(entry(10))]).await;
    assert_eq!(groups_of(store, 1).await, [11]);
}

async fn a_person_who_becomes_another_object_has_left(store: &Store) {
    report(store, &[at(1, "CN=a,DC=x"), with(10, "CN=g,DC=x", &[id(1)])]).await;
    assert_eq!(affected_by(store, &[with(1, "CN=a,DC=x", &[])]).await, these(&[1]));
    assert!(one(store, 1).await.gone);
    report(store, &[with(10, "CN=g,DC=x", &[id(2)]), at(2, "CN=b,DC=x")]).await;
    assert_eq!(affected_by(store, &[container(10, "CN=g,DC=x")]).await, these(&[2]));
    assert_eq!(groups_of(store, 2).await, [0_u128; 0]);
    assert_eq!(affected_by(store, &[at(10, "CN=g,DC=x")]).await, these(&[10]));
}

async fn groups_are_refreshed_once_they_changed(store: &Store) {
    let stale = async || store.sync().mirror_state(&corp()).await.unwrap().groups_stale;
    report(store, &[with(10, "CN=g,DC=x", &[id(11)]), with(11, "CN=h,DC=x", &[name("CN=g,DC=x")])]).await;
    assert!(stale().await);
    store.sync().refresh_directory_groups(&corp()).await.unwrap();
    assert!(!stale().await);
    let mut groups = store.sync().groups(&corp()).await.unwrap();
    groups.sort_by_key(|group| group.id);
    let shown: Vec<_> = groups.iter().map(|group| (group.name.as_str(), group.parents.clone())).collect();
    assert_eq!(shown, [("g10", vec![entry(11)]), ("g11", vec![entry(10)])]);
    assert_eq!(store.sync().groups_generation(&corp()).await.unwrap(), 1);
    store.sync().refresh_directory_groups(&corp()).await.unwrap();
    report(store, &[changed(10, "CN=g,DC=x", &[id(1)], &[])]).await;
    assert!(!stale().await, "a person changed, no group");
    report(store, &[Item::Gone(entry(11))]).await;
    store.sync().refresh_directory_groups(&corp()).await.unwrap();
    let left: Vec<Dn> =
        store.sync().groups(&corp()).await.unwrap().into_iter().map(|group| group.dn).collect();
    assert_eq!(left, [dn("CN=g,DC=x")]);
    assert_eq!(store.sync().groups_generation(&corp()).await.unwrap(), 2);
    report(store, &[with(12, "CN=i,DC=x", &[]), Item::Gone(entry(12))]).await;
    assert!(stale().await);
    store.sync().refresh_directory_groups(&corp()).await.unwrap();
    assert_eq!(store.sync().groups_generation(&corp()).await.unwrap(), 2, "they are unchanged");
    assert!(
        store
            .sync()
            .groups(&cloudsync_idp::domain::entry::DirectoryId("other".into()))
            .await
            .unwrap()
            .is_empty()
    );
}

async fn a_person_who_expires_waits_once(store: &Store) {
    let mut ends: Person = person(1, "CN=a,DC=x");
    ends.entry.expires_at = Some(NOW + 10);
    report(store, &[person_item(ends), at(2, "CN=b,DC=x")]).await;
    judge_all(store).await;
    assert_eq!(store.sync().dirty_expired(&corp(), NOW + 9).await.unwrap(), 0);
    assert_eq!(store.sync().dirty_expired(&corp(), NOW + 10).await.unwrap(), 1);
    assert_eq!(dirty(store).await, these(&[1]));
    judge_all(store).await;
    assert_eq!(store.sync().dirty_expired(&corp(), NOW + 99).await.unwrap(), 0, "judged since");
}

async fn everybody_waits_when_the_scope_changes(store: &Store) {
    let spread = |number: u128| number << 120 | number;
    let people: Vec<Item> = (0..=255)
        .map(|number| at(spread(number), &format!("CN=p{number},DC=x")))
        .chain([container(spread(300), "OU=a,DC=x"), at(u128::MAX, "CN=last,DC=x")])
        .collect();
    report(store, &people).await;
    judge_all(store).await;
    let version = version(store).await;
    done(store.sync().dirty_everybody(&corp(), version, "scope 2").await.unwrap());
    assert_eq!(store.sync().count_dirty(&corp()).await.unwrap(), 257);
    let state = store.sync().mirror_state(&corp()).await.unwrap();
    assert_eq!((state.version, state.judged_by.as_deref()), (version + 1, Some("scope 2")));
    assert_eq!(store.sync().people_page(&corp(), None, 1_000).await.unwrap().len(), 257);
}
