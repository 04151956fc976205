//! Tests of the comparison: by tables, and that what it finds is gone once it was fixed.

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::super::*;
use crate::domain::account::AccountId;
use crate::domain::profile::ProfileAttribute;

const TITLE: Attribute = Attribute::Profile(ProfileAttribute::Title);

fn id(text: &str) -> RemoteId {
    RemoteId(text.into())
}

fn person(number: &str, name: &str, presence: Presence, title: &str) -> Wish {
    let more = Values::from([(TITLE, Some(title.to_owned()).filter(|title| !title.is_empty()))]);
    Wish::person(AccountId(number.into()), name.into(), presence, more)
}

fn seen(at: &str, values: Values) -> Seen {
    Seen { id: id(at), etag: None, values, members: None, raw: serde_json::Value::Null }
}

fn like(at: &str, wish: &Wish) -> Seen {
    seen(at, wish.values.clone())
}

fn without(mut one: Seen, attribute: Attribute) -> Seen {
    one.values.insert(attribute, None);
    one
}

fn with(mut one: Seen, attribute: Attribute, value: &str) -> Seen {
    one.values.insert(attribute, Some(value.to_owned()));
    one
}

fn at(place: &str) -> Known {
    Known { place: Place::At { id: id(place), etag: None }, ..Known::default() }
}

/// The finding, the resource and the attributes, in short.
fn found(wish: &Wish, known: &Known, listed: &[Seen]) -> String {
    let compared = compare(wish, known, listed, &|seen| seen.id.0 == "taken");
    let resource = compared.resource().map_or("-", |id| id.0.as_str());
    match &compared.difference {
        None => format!("same {resource}"),
        Some(one) => {
            let names: Vec<&str> = one.attributes.iter().map(|attribute| attribute.as_str()).collect();
            format!("{} {resource} {}", one.finding, names.join(",")).trim_end().to_owned()
        }
    }
}

#[test]
fn whoever_differs_is_found_as_an_attempt_would_find_them() {
    let alice = person("a1", "alice@example.com", Presence::Active, "Boss");
    let gone = person("a1", "alice@example.com", Presence::Suspended, "Boss");
    let erased = person("a1", "", Presence::Erased, "");
    let there = || like("r1", &alice);
    let foreign = || without(there(), Attribute::ExternalId);
    let lost = Known { place: Place::Lost, ..Known::default() };
    let new = Known::default();
    for (name, wish, known, listed, expected) in [
        ("as wished", &alice, &at("r1"), vec![there()], "same r1"),
        ("never there", &alice, &new, vec![], "create -"),
        ("gone over there", &alice, &at("r1"), vec![], "gone -"),
        ("lost before", &alice, &lost, vec![], "gone -"),
        ("another title", &alice, &at("r1"), vec![with(there(), TITLE, "B")], "change r1 title"),
        ("no title", &alice, &at("r1"), vec![without(there(), TITLE)], "change r1 title"),
        (
            "a name in another case",
            &alice,
            &at("r1"),
            vec![with(there(), Attribute::UserName, "ALICE@example.com")],
            "same r1",
        ),
        (
            "inactive over there",
            &alice,
            &at("r1"),
            vec![with(there(), Attribute::Active, "false")],
            "change r1 active",
        ),
        ("by external id", &alice, &new, vec![there()], "adopt r1"),
        ("by name", &alice, &new, vec![foreign()], "adopt r1 external_id"),
        (
            "by name in another case",
            &alice,
            &new,
            vec![with(foreign(), Attribute::UserName, "Alice@Example.com")],
            "adopt r1 external_id",
        ),
        ("the external id counts more", &alice, &new, vec![foreign(), like("r2", &alice)], "adopt r2"),
        ("gone, and there again", &alice, &at("r1"), vec![like("r9", &alice)], "adopt r9"),
        ("twice", &alice, &new, vec![there(), like("r2", &alice)], "conflict -"),
        ("of another here", &alice, &new, vec![Seen { id: id("taken"), ..foreign() }], "conflict -"),
        ("suspended, never there", &gone, &new, vec![], "same -"),
        ("suspended, active there", &gone, &at("r1"), vec![there()], "suspend r1 active"),
        ("suspended, inactive there", &gone, &at("r1"), vec![like("r1", &gone)], "same r1"),
        (
            "suspended, another title",
            &gone,
            &at("r1"),
            vec![with(like("r1", &gone), TITLE, "B")],
            "change r1 title",
        ),
        ("suspended, found, active", &gone, &new, vec![there()], "suspend r1 active"),
        ("suspended, gone there", &gone, &at("r1"), vec![], "same -"),
        ("erased", &erased, &at("r1"), vec![without(there(), TITLE)], "erase r1 user_name,active"),
        ("erased, by external id", &erased, &new, vec![there()], "erase r1 user_name,active,title"),
        ("erased, by name", &erased, &new, vec![foreign()], "same -"),
    ] {
        let sorted = |text: &str| text.split([' ', ',']).map(str::to_owned).collect::<BTreeSet<_>>();
        let result = found(wish, known, &listed);
        assert_eq!(sorted(&result), sorted(expected), "{name}: {result}");
    }
}

#[test]
fn a_creation_without_an_answer_is_found_by_its_own_id_only() {
    let alice = person("a1", "alice@example.com", Presence::Active, "");
    let there = like("r1", &alice);
    let found = |listed: &[Seen]| left_behind(&alice.subject, listed).map(|seen| seen.id.0.clone());
    assert_eq!(found(std::slice::from_ref(&there)), Some("r1".into()));
    assert_eq!(found(&[without(there.clone(), Attribute::ExternalId)]), None);
    assert_eq!(found(&[there, like("r2", &alice)]), None, "nobody knows which");
}

#[test]
fn members_differ_by_who_is_missing_and_who_of_ours_is_too_many() {
    let ids = |ids: &[&str]| ids.iter().map(|one| id(one)).collect::<BTreeSet<_>>();
    let ours = |one: &RemoteId| one.0 != "guest";
    let differ = |wished: &[&str], there: &[&str]| compare_members(&ids(wished), &ids(there), &ours);
    assert_eq!(differ(&["a", "b"], &["a", "b", "guest"]), (0, 0));
    assert_eq!(differ(&["a", "b"], &["b", "c", "d", "guest"]), (1, 2));
    assert_eq!(differ(&[], &["guest"]), (0, 0));
}

fn difference(finding: Finding, attributes: &[Attribute]) -> Compared {
    let attributes = attributes.iter().copied().collect();
    let difference = Difference { attributes, ..Difference::new(finding, None) };
    Compared { claims: Vec::new(), difference: Some(difference) }
}

fn drift(of: &[(u32, Compared)]) -> Drift {
    let mut drift = Drift::default();
    for (times, compared) in of {
        (0..*times).for_each(|_| drift.add(compared));
    }
    drift
}

fn same() -> Compared {
    Compared { claims: vec![id("r")], difference: None }
}

#[test]
fn a_target_that_was_emptied_is_not_filled_again() {
    let gone = || difference(Finding::Gone, &[]);
    for (there, missing, emptied) in
        [(0, 3, false), (0, 4, true), (390, 3, false), (390, 4, true), (496, 4, false), (0, 0, false)]
    {
        let drift = drift(&[(there, same()), (missing, gone())]);
        assert_eq!(drift.is_emptied(), emptied, "{missing} gone, {there} there");
        for order in [FixOrder::Daily, FixOrder::Admin] {
            let fixes = |finding| drift.fixes(&Difference::new(finding, None), order);
            assert_eq!(fixes(Finding::Gone), !emptied);
            assert!(fixes(Finding::Suspend) && fixes(Finding::Erase), "in any case");
            assert!(!fixes(Finding::Unknown) && !fixes(Finding::Conflict));
        }
    }
}

#[test]
fn what_a_target_writes_in_its_own_way_is_fixed_only_by_order() {
    let change = |of: &[Attribute]| difference(Finding::Change, of).difference.expect("a difference");
    let (title, both) = (change(&[TITLE]), change(&[TITLE, Attribute::Email]));
    let changed = |times| (times, difference(Finding::Change, &[TITLE]));
    let most = drift(&[(9, same()), changed(11)]);
    assert_eq!(most.own_ways(), BTreeSet::from([TITLE]));
    assert!(!most.fixes(&title, FixOrder::Daily) && most.fixes(&title, FixOrder::Admin));
    assert!(most.fixes(&both, FixOrder::Daily), "the email address is not its own way");
    let members = Difference { joining: 1, ..change(&[TITLE]) };
    assert!(most.fixes(&members, FixOrder::Daily), "members differ too");
    for few in [drift(&[(10, same()), changed(10)]), drift(&[(1, same()), changed(18)])] {
        assert!(few.own_ways().is_empty() && few.fixes(&title, FixOrder::Daily));
    }
    let all = drift(&[(40, difference(Finding::Change, &[Attribute::Active]))]);
    assert!(all.fixes(&change(&[Attribute::Active]), FixOrder::Daily), "that is never the target's own way");
}

#[test]
fn strangers_alone_are_no_difference_and_the_numbers_are_kept_as_text() {
    assert!(!drift(&[(3, difference(Finding::Unknown, &[])), (1, same())]).differs());
    let some = drift(&[(2, difference(Finding::Change, &[TITLE])), (1, same())]);
    assert!(some.differs() && some.there == 3 && some.count(Finding::Change) == 2);
    let text = serde_json::to_string(&some).expect("JSON");
    assert_eq!(serde_json::from_str::<Drift>(&text).expect("numbers"), some, "{text}");
}

/// A target that does what it is asked for.
#[derive(Clone, Debug, Default)]
struct Server {
    users: Vec<Seen>,
    created: usize,
}

impl Server {
    fn serve(&mut self, request: &Request) -> Answer {
        let done = Answer::Done { etag: None };
        let missing = || Answer::Failed(Failure::NotFound(String::new()));
        match request {
            Request::Find(_) => Answer::Found(self.users.clone()),
            Request::Create { values } => {
                self.created += 1;
                let new = seen(&format!("new{}", self.created), values.clone());
                self.users.push(new.clone());
                Answer::Created { id: new.id, etag: None }
            }
            Request::Read { id, .. } => match self.users.iter().find(|one| one.id == *id) {
                Some(one) => Answer::Read(Box::new(one.clone())),
                None => missing(),
            },
            Request::Patch { id, values, .. } => match self.users.iter_mut().find(|one| one.id == *id) {
                Some(one) => {
                    one.values.extend(values.clone());
                    done
                }
                None => missing(),
            },
            Request::Delete { id } => {
                self.users.retain(|one| one.id != *id);
                done
            }
            other => unreachable!("not about a person: {other:?}"),
        }
    }
}

/// What is wished of one person, and what is known of them.
type Own = (Wish, Known);

fn terms<T>(own: &[Own], wish: &Wish, by: impl FnOnce(&Terms<'_>) -> T) -> T {
    let dialect = Dialect { patch: Some(PatchForm::WithPath), filter: true, ..Dialect::default() };
    let taken = |seen: &Seen| is_taken(own, wish, seen);
    by(&Terms { dialect: &dialect, ours: &|_| true, taken: &taken })
}

fn is_taken(own: &[Own], wish: &Wish, seen: &Seen) -> bool {
    let external = seen.values.get(&Attribute::ExternalId).and_then(Option::as_deref);
    own.iter()
        .filter(|(other, _)| other.subject != wish.subject)
        .any(|(other, known)| known.id() == Some(&seen.id) || external == Some(other.subject.external_id()))
}

/// All comparisons, and how many users nobody claims.
fn compare_all(own: &[Own], server: &Server) -> (Vec<Compared>, usize) {
    let one = |(wish, known): &Own| {
        let listed: Vec<Seen> = server.users.clone();
        compare(wish, known, &listed, &|seen| is_taken(own, wish, seen))
    };
    let all: Vec<Compared> = own.iter().map(one).collect();
    let claimed = |seen: &&Seen| all.iter().any(|compared| compared.claims.contains(&seen.id));
    let unknown = server.users.iter().filter(|seen| !claimed(seen)).count();
    (all, unknown)
}

/// An attempt with what is known now, to its end.
fn attempt(own: &mut [Own], index: usize, server: &mut Server) {
    let (wish, mut known) = own[index].clone();
    let mut sight = Sight::default();
    for _ in 0..20 {
        let request = match terms(own, &wish, |terms| next(&wish, &known, &sight, terms)) {
            Step::Send(request) => request,
            Step::Gone => {
                sight.create_again();
                continue;
            }
            Step::Done { .. } => break,
        };
        let answer = server.serve(&request);
        let noted = terms(own, &wish, |terms| note(&wish, (&known, &sight), &request, answer, terms));
        (known, sight) = (noted.known, noted.sight);
        if noted.outcome != Outcome::Next {
            break;
        }
    }
    own[index].1 = known;
}

fn any_person(number: usize) -> impl Strategy<Value = Own> {
    let presence = prop_oneof![
        3 => Just(Presence::Active), 2 => Just(Presence::Suspended), 1 => Just(Presence::Erased)
    ];
    let place = prop_oneof![
        Just(Place::Unknown),
        Just(Place::Lost),
        Just(Place::At { id: id(&format!("r{number}")), etag: None }),
    ];
    (presence, place, "[ab]?").prop_map(move |(presence, place, title)| {
        let wish = person(&format!("a{number}"), &format!("p{number}@example.com"), presence, &title);
        // It is believed that everything was delivered.
        let known = Known { place, values: wish.values.clone(), ..Known::default() };
        (wish, known)
    })
}

fn any_user(number: usize) -> impl Strategy<Value = Option<Seen>> {
    let external = prop_oneof![
        2 => Just(Some(format!("a{number}"))), 1 => Just(None), 1 => Just(Some("stranger".to_owned()))
    ];
    let name = prop_oneof![
        Just(format!("p{number}@example.com")),
        Just(format!("P{number}@EXAMPLE.com")),
        Just(format!("other{number}@example.com")),
    ];
    let one = (external, name, any::<bool>(), "[ab]?").prop_map(move |(external, name, active, title)| {
        let values = Values::from([
            (Attribute::ExternalId, external),
            (Attribute::UserName, Some(name)),
            (TITLE, Some(title).filter(|title| !title.is_empty())),
            (Attribute::Active, Some(active.to_string())),
        ]);
        seen(&format!("r{number}"), values)
    });
    prop::option::of(one)
}

fn any_sides() -> impl Strategy<Value = (Vec<Own>, Server)> {
    let own: Vec<_> = (0..5).map(any_person).collect();
    let users: Vec<_> = (0..7).map(any_user).collect();
    let server = users.prop_map(|users| Server { users: users.into_iter().flatten().collect(), created: 0 });
    (own, server)
}

proptest! {
    /// Whatever differs, an attempt about each that was found makes the next comparison find nothing, and touches
    /// nobody whom nobody here knows.
    #[test]
    fn what_is_fixed_is_not_found_again((mut own, mut server) in any_sides()) {
        let (before, unknown) = compare_all(&own, &server);
        for (index, compared) in before.iter().enumerate() {
            let Some(difference) = &compared.difference else { continue };
            if difference.finding != Finding::Conflict {
                own[index].1 = own[index].1.clone().doubted(Kind::User, None);
                attempt(&mut own, index, &mut server);
            }
        }
        // Whose resource is erased is forgotten, and so is the wish.
        own.retain(|(wish, _)| wish.presence != Presence::Erased);
        let (after, left) = compare_all(&own, &server);
        for (index, compared) in after.iter().enumerate() {
            prop_assert!(compared.difference.is_none(), "{:?}: {:?}", own[index], compared);
        }
        let conflicts = before.iter().filter(|one| {
            one.difference.as_ref().is_some_and(|one| one.finding == Finding::Conflict)
        });
        prop_assert_eq!(conflicts.count(), 0, "no two here have the same name or id");
        prop_assert_eq!(left, unknown);
    }
}
