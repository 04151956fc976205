//! Which requests a delivery takes, one case after the other.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use super::*;
use crate::domain::account::AccountId;
use crate::domain::delivery::dialect::PatchForm;
use crate::domain::profile::ProfileAttribute;

const TITLE: Attribute = Attribute::Profile(ProfileAttribute::Title);

fn patching() -> Dialect {
    Dialect { patch: Some(PatchForm::WithPath), filter: true, ..Dialect::default() }
}

fn alice(presence: Presence, title: &str) -> Wish {
    let more = Values::from([(TITLE, Some(title.to_owned()))]);
    Wish::person(AccountId("a1".into()), "alice@example.com".into(), presence, more)
}

fn ids(numbers: impl IntoIterator<Item = u32>) -> BTreeSet<RemoteId> {
    numbers.into_iter().map(|number| RemoteId(format!("m{number:04}"))).collect()
}

fn sales(members: impl IntoIterator<Item = u32>) -> Wish {
    Wish::share("sales".into(), "Sales".into(), ids(members))
}

/// The target knows exactly this.
fn delivered(wish: &Wish) -> Known {
    let members = wish.members.iter().map(|id| (id.clone(), true)).collect();
    Known { members: Some(members), ..Known::created(RemoteId("r1".into()), None, wish.values.clone()) }
}

fn seen(id: &str, wish: &Wish) -> Seen {
    let raw = serde_json::Value::Null;
    Seen { id: RemoteId(id.into()), etag: None, values: wish.values.clone(), members: None, raw }
}

fn refused() -> Answer {
    Answer::Failed(Failure::Refused { status: 400, words: "no".into() })
}

fn status(status: u16) -> Answer {
    Answer::Failed(Failure::of_status(status, "words".into(), None))
}

fn done() -> Answer {
    Answer::Done { etag: None }
}

/// What a request is, in short.
fn short(request: &Request) -> String {
    let names = |values: &Values| values.keys().map(|name| name.as_str()).collect::<Vec<_>>().join(",");
    match request {
        Request::Find(by) => format!("find {by:?}"),
        Request::Read { members, .. } => format!("read{}", if *members { " members" } else { "" }),
        Request::Create { .. } => "create".into(),
        Request::Patch { values, .. } => format!("patch {}", names(values)),
        Request::Replace { values, members, .. } => match members {
            None => format!("put {}", names(values)),
            Some(members) => format!("put {} own, {} guests", members.own.len(), members.guests.len()),
        },
        Request::AddMembers { members, .. } => format!("add {}", members.len()),
        Request::RemoveMembers { members, .. } => format!("remove {}", members.len()),
        Request::Delete { .. } => "delete".into(),
    }
}

/// Delivers, with these answers in turn; returns the requests, what is known then, and how it ended.
fn deliver(
    wish: &Wish,
    mut known: Known,
    dialect: &Dialect,
    answers: impl IntoIterator<Item = Answer>,
) -> (Vec<String>, Known, String) {
    let mut answers: VecDeque<Answer> = answers.into_iter().collect();
    let (mut sent, mut sight) = (Vec::new(), Sight::default());
    let terms = Terms { dialect, ours: &|id| id.0 != "guest", taken: &|seen| seen.id.0 == "taken" };
    loop {
        let request = match next(wish, &known, &sight, &terms) {
            Step::Send(request) => request,
            Step::Gone => return (sent, known, "gone".into()),
            Step::Done { refused } => return (sent, known, format!("done, {} refused", refused.len())),
        };
        sent.push(short(&request));
        let Some(answer) = answers.pop_front() else { return (sent, known.before(&request), "open".into()) };
        let noted = note(wish, (&known, &sight), &request, answer, &terms);
        (known, sight) = (noted.known, noted.sight);
        match noted.outcome {
            Outcome::Next => {}
            Outcome::Later(why) => return (sent, known, format!("later: {why}")),
            Outcome::Refused(why) => return (sent, known, format!("refused: {why}")),
        }
    }
}

#[test]
fn somebody_new_is_looked_for_by_both_before_being_created() {
    let wish = alice(Presence::Active, "A");
    let created = || Answer::Created { id: RemoteId("r1".into()), etag: None };
    let nobody = || Answer::Found(vec![]);
    let (sent, known, end) = deliver(&wish, Known::default(), &patching(), [nobody(), nobody(), created()]);
    assert_eq!(sent, ["find ExternalId", "find Name", "create"]);
    assert_eq!((known, end.as_str()), (delivered(&wish), "done, 0 refused"));
    let (sent, ..) = deliver(&wish, Known::default(), &Dialect::default(), [nobody(), created()]);
    assert_eq!(sent, ["find List", "create"], "a target without filters");
}

#[test]
fn an_account_that_is_there_is_adopted_and_only_what_differs_is_written() {
    let wish = alice(Presence::Active, "A");
    let mut there = seen("r9", &alice(Presence::Active, "B"));
    there.values.remove(&Attribute::ExternalId);
    there.values.insert(Attribute::UserName, Some("Alice@Example.COM".into()));
    let answers = [Answer::Found(vec![]), Answer::Found(vec![there]), done()];
    let (sent, known, _) = deliver(&wish, Known::default(), &patching(), answers);
    assert_eq!(sent, ["find ExternalId", "find Name", "patch external_id,user_name,title"]);
    assert_eq!(known.id(), Some(&RemoteId("r9".into())));
}

#[test]
fn a_conflict_adopts_whoever_was_created_since() {
    let wish = alice(Presence::Active, "A");
    let nobody = || Answer::Found(vec![]);
    let answers = [nobody(), nobody(), status(409), Answer::Found(vec![seen("r9", &wish)])];
    let (sent, known, end) = deliver(&wish, Known::default(), &patching(), answers);
    assert_eq!(sent, ["find ExternalId", "find Name", "create", "find ExternalId"]);
    assert_eq!((known.id(), end.as_str()), (Some(&RemoteId("r9".into())), "done, 0 refused"));
}

#[test]
fn nobody_is_adopted_who_is_not_exactly_this_one() {
    let wish = alice(Presence::Active, "A");
    let end = |found: Vec<Seen>| {
        deliver(&wish, Known::default(), &patching(), [Answer::Found(vec![]), Answer::Found(found)]).2
    };
    let mut bob = seen("r8", &wish);
    bob.values.insert(Attribute::UserName, Some("bob@example.com".into()));
    assert_eq!(end(vec![bob]), "open", "a target that ignores the filter: alice is created");
    assert!(
        end(vec![seen("taken", &wish)]).starts_with("later: 409"),
        "another account here is delivered as it"
    );
    let mut upper = seen("r7", &wish);
    upper.values.insert(Attribute::UserName, Some("ALICE@example.com".into()));
    assert_eq!(end(vec![upper.clone(), seen("r9", &wish)]), "done, 0 refused", "the same spelling counts");
    assert!(
        end(vec![upper.clone(), Seen { id: RemoteId("r6".into()), ..upper }]).starts_with("refused: 409")
    );
}

#[test]
fn a_search_that_the_target_refuses_becomes_a_list() {
    let wish = alice(Presence::Active, "A");
    let answers = [refused(), Answer::Found(vec![]), Answer::Found(vec![seen("r9", &wish)])];
    let (sent, _, end) = deliver(&wish, Known::default(), &patching(), answers);
    assert_eq!(sent, ["find ExternalId", "find Name", "find List"]);
    assert_eq!(end, "done, 0 refused");
    let (_, _, end) = deliver(&wish, Known::default(), &patching(), [status(404)]);
    assert!(end.starts_with("later"), "an address without users says nothing about anybody: {end}");
}

#[test]
fn a_suspension_goes_alone_and_before_everything_else() {
    let known = delivered(&alice(Presence::Active, "A"));
    let wish = alice(Presence::Suspended, "B");
    let (sent, now, _) = deliver(&wish, Known { verify: true, ..known.clone() }, &patching(), [done()]);
    assert_eq!(sent, ["patch active", "read"]);
    assert_eq!(now.values[&Attribute::Active].as_deref(), Some("false"));
    let (sent, ..) = deliver(&wish, known, &patching(), [done(), refused()]);
    assert_eq!(sent, ["patch active", "patch title"], "a title that is refused keeps nobody active");
}

#[test]
fn whoever_is_not_there_is_not_created_to_be_suspended_or_erased() {
    let nobody = || Answer::Found(vec![]);
    for (presence, place, sent) in [
        (Presence::Suspended, Place::Unknown, vec!["find ExternalId", "find Name"]),
        (Presence::Suspended, Place::Lost, vec!["find ExternalId", "find Name"]),
        (Presence::Erased, Place::Unknown, vec!["find ExternalId"]),
        (Presence::Erased, Place::Lost, vec!["find ExternalId"]),
    ] {
        let known = Known { place, ..Known::default() };
        let (requests, _, end) = deliver(&alice(presence, "A"), known, &patching(), [nobody(), nobody()]);
        assert_eq!(
            (requests, end.as_str()),
            (sent.into_iter().map(str::to_owned).collect(), "done, 0 refused")
        );
    }
}

#[test]
fn an_erased_person_is_deleted_and_a_404_is_looked_into() {
    let wish = alice(Presence::Erased, "A");
    let known = || delivered(&alice(Presence::Active, "A"));
    let (sent, now, end) = deliver(&wish, known(), &patching(), [done()]);
    assert_eq!((sent, now, end.as_str()), (vec!["delete".into()], Known::default(), "done, 0 refused"));
    let (sent, _, end) = deliver(&wish, known(), &patching(), [status(404), Answer::Found(vec![])]);
    assert_eq!((sent.len(), end.as_str()), (2, "done, 0 refused"));
}

#[test]
fn a_put_carries_what_was_read_and_always_active() {
    let (known, wish) = (delivered(&alice(Presence::Active, "A")), alice(Presence::Active, "B"));
    let read = Answer::Read(Box::new(seen("r1", &alice(Presence::Active, "A"))));
    let (sent, now, end) = deliver(&wish, known, &Dialect::default(), [read, done()]);
    assert_eq!(sent, ["read", "put title,active"]);
    assert_eq!((now.values, end.as_str()), (wish.values, "done, 0 refused"));
}

#[test]
fn one_attribute_a_patch_where_the_target_demands_it_with_active_last() {
    let (known, wish) = (delivered(&alice(Presence::Suspended, "A")), alice(Presence::Active, "B"));
    let dialect = Dialect { attributes_per_patch: Some(1), ..patching() };
    let (sent, ..) = deliver(&wish, known, &dialect, [done(), done()]);
    assert_eq!(sent, ["patch title", "patch active"]);
}

#[test]
fn what_was_sent_without_an_answer_is_sent_again_even_if_the_wish_went_back() {
    let (before, wish) = (alice(Presence::Active, "A"), alice(Presence::Active, "B"));
    for lost in [status(500), status(503), Answer::Failed(Failure::Lost(String::new()))] {
        let (_, known, end) = deliver(&wish, delivered(&before), &patching(), [lost]);
        assert!(end.starts_with("later"), "{end}");
        assert_eq!(deliver(&before, known, &patching(), [done()]).0, ["patch title"]);
    }
    for certain in [status(401), status(429), Answer::Failed(Failure::NotSent(String::new()))] {
        let (_, known, _) = deliver(&wish, delivered(&before), &patching(), [certain]);
        assert_eq!(known, delivered(&before));
    }
}

#[test]
fn whoever_is_gone_over_there_is_looked_for_and_reported() {
    let (known, wish) = (delivered(&alice(Presence::Active, "A")), alice(Presence::Active, "B"));
    let nobody = || Answer::Found(vec![]);
    let (sent, now, end) = deliver(&wish, known.clone(), &patching(), [status(404), nobody(), nobody()]);
    assert_eq!(sent, ["patch title", "find ExternalId", "find Name"]);
    assert_eq!((now.place, end.as_str()), (Place::Lost, "gone"));
    let moved = Answer::Found(vec![seen("r2", &wish)]);
    let (_, now, end) = deliver(&wish, known, &patching(), [status(404), moved]);
    assert_eq!((now.id(), end.as_str()), (Some(&RemoteId("r2".into())), "done, 0 refused"));
}

#[test]
fn a_version_that_has_changed_is_read_anew() {
    let dialect = Dialect { etag: true, ..patching() };
    let (known, wish) = (delivered(&alice(Presence::Active, "A")), alice(Presence::Active, "B"));
    let newer = Seen { etag: Some("2".into()), ..seen("r1", &alice(Presence::Active, "A")) };
    let (sent, _, end) =
        deliver(&wish, known.clone(), &dialect, [status(412), Answer::Read(Box::new(newer)), done()]);
    assert_eq!(
        (sent, end.as_str()),
        (vec!["patch title".into(), "read".into(), "patch title".into()], "done, 0 refused")
    );
    let other = Answer::Read(Box::new(seen("r2", &wish)));
    assert!(
        deliver(&wish, known, &dialect, [status(412), other]).2.starts_with("later"),
        "somebody else was read"
    );
}

#[test]
fn members_go_in_chunks_and_whoever_leaves_goes_first() {
    let (known, wish) = (delivered(&sales(0..150)), sales(100..450));
    let (sent, now, end) = deliver(&wish, known, &patching(), (0..4).map(|_| done()));
    assert_eq!(sent, ["remove 100", "add 100", "add 100", "add 100"]);
    assert_eq!((now, end.as_str()), (delivered(&wish), "done, 0 refused"));
}

#[test]
fn one_member_who_is_refused_keeps_no_other_out() {
    let wish = sales(0..100);
    let (mut known, mut sight) = (delivered(&sales([])), Sight::default());
    let (dialect, bad) = (patching(), RemoteId("m0037".into()));
    let terms = Terms { dialect: &dialect, ours: &|_| true, taken: &|_| false };
    let mut requests = 0;
    let refused = loop {
        let request = match next(&wish, &known, &sight, &terms) {
            Step::Send(request) => request,
            Step::Done { refused } => break refused,
            Step::Gone => panic!("nobody is gone"),
        };
        requests += 1;
        let is_bad = matches!(&request, Request::AddMembers { members, .. } if members.contains(&bad));
        let noted = note(&wish, (&known, &sight), &request, if is_bad { refused() } else { done() }, &terms);
        (known, sight) = (noted.known, noted.sight);
        assert_eq!(noted.outcome, Outcome::Next);
    };
    assert_eq!(refused, BTreeMap::from([(bad, "400: no".to_owned())]));
    let held = known.members.unwrap_or_default();
    assert_eq!(held.values().filter(|sure| **sure).count(), 99);
    assert!(requests < 30, "{requests} requests for 100 members");
}

#[test]
fn guests_of_a_team_share_stay_also_with_put() {
    let wish = sales([1, 3]);
    let there = |members| {
        let members = Some(ids(members).into_iter().chain([RemoteId("guest".into())]).collect());
        Seen { members, ..seen("r1", &sales([])) }
    };
    let adopted = Known { members: None, ..delivered(&sales([])) };
    let read = || Answer::Read(Box::new(there([1, 2])));
    let (sent, now, _) = deliver(&wish, adopted.clone(), &patching(), [read(), done(), done()]);
    assert_eq!(sent, ["read members", "remove 1", "add 1"]);
    assert_eq!(now, delivered(&wish));
    let (sent, now, _) = deliver(&wish, adopted, &Dialect::default(), [read(), done()]);
    assert_eq!(sent, ["read members", "put 2 own, 1 guests"]);
    assert_eq!(now, delivered(&wish));
}

/// The 404 comes from something in between, and the id is nobody's any more.
#[test]
fn a_former_member_is_no_guest_once_a_team_share_was_lost_and_found() {
    let gone = RemoteId("gone".into());
    let known = Known { members: Some([(gone.clone(), true)].into()), ..delivered(&sales([])) };
    let there = Seen { members: Some([gone].into()), ..seen("r1", &sales([])) };
    let found = Answer::Found(vec![seen("r1", &sales([]))]);
    let answers = [status(404), found, Answer::Read(Box::new(there)), done()];
    let (sent, now, _) = deliver(&sales([]), known, &Dialect::default(), answers);
    assert_eq!(sent, ["read members", "find List", "read members", "put 0 own, 0 guests"]);
    assert_eq!(now, delivered(&sales([])));
}

#[test]
fn a_put_of_members_without_an_answer_is_sent_again_even_if_the_wish_went_back() {
    let read = || Answer::Read(Box::new(Seen { members: Some(ids([1])), ..seen("r1", &sales([])) }));
    let (before, wish) = (sales([1]), sales([]));
    let answers = [read(), Answer::Failed(Failure::Lost(String::new()))];
    let (_, known, _) = deliver(&wish, delivered(&before), &Dialect::default(), answers);
    assert_eq!(deliver(&before, known, &Dialect::default(), []).0, ["read members"]);
}

#[test]
fn what_is_known_is_stored_and_read_back() {
    let known = delivered(&sales(0..3))
        .before(&Request::AddMembers { id: RemoteId("r1".into()), members: ids(3..5) });
    let json = serde_json::to_string(&known).expect("JSON");
    assert_eq!(serde_json::from_str::<Known>(&json).expect("what was written"), known);
    assert_eq!(serde_json::from_str::<Known>("{}").expect("nothing known"), Known::default());
}
