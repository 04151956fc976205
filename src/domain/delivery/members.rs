//! The members of a Team Share at a target. Members that nobody here knows are left as they are: they were
//! invited over there.

use std::collections::BTreeMap;

use super::known::Known;
use super::request::{Members, RemoteId, Request};
use super::sight::{Sight, Terms, some_of};
use super::wish::{Kind, Wish};

type Held = BTreeMap<RemoteId, bool>;

/// What to do about the members.
#[derive(Debug)]
pub(super) enum MemberStep {
    Send(Request),
    Done,
}

/// The next request about members; whoever has to leave comes first.
pub(super) fn next(wish: &Wish, known: &Known, sight: &Sight, terms: &Terms<'_>) -> MemberStep {
    let (Kind::Group, Some(id)) = (wish.subject.kind(), known.id()) else { return MemberStep::Done };
    let Some(held) = &known.members else {
        return MemberStep::Send(Request::Read { id: id.clone(), members: true });
    };
    let wanted = || wish.members.iter().filter(|member| !sight.refused.contains_key(*member));
    let leaving = held.keys().filter(|member| !wish.members.contains(*member));
    let joining = wanted().filter(|member| held.get(*member) != Some(&true));
    if terms.dialect.patch.is_none() {
        let differs = leaving.count() + joining.count() > 0;
        return if differs { replace(wish, held, sight, (id, terms)) } else { MemberStep::Done };
    }
    let most = sight.chunk.unwrap_or(terms.dialect.members_per_request as usize);
    let (leaving, joining) = (some_of(most, leaving.cloned()), some_of(most, joining.cloned()));
    let id = id.clone();
    match (leaving.is_empty(), joining.is_empty()) {
        (false, _) => MemberStep::Send(Request::RemoveMembers { id, members: leaving }),
        (true, false) => MemberStep::Send(Request::AddMembers { id, members: joining }),
        (true, true) => MemberStep::Done,
    }
}

fn replace(wish: &Wish, held: &Held, sight: &Sight, (id, terms): (&RemoteId, &Terms<'_>)) -> MemberStep {
    let Some(over) = &sight.read else {
        return MemberStep::Send(Request::Read { id: id.clone(), members: true });
    };
    let guest = |member: &&RemoteId| !(terms.ours)(member) && !held.contains_key(*member);
    let guests = over.members.iter().flatten().filter(guest).cloned().collect();
    let members = Some(Members { own: wish.members.clone(), guests });
    MemberStep::Send(Request::Replace { over: over.clone(), values: wish.values.clone(), members })
}
