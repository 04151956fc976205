//! One request of `domain::delivery` and its answer, over as many messages as it needs.

use super::control::Control;
use super::link::ServiceLink;
use crate::delivery::scim::{answer, message, page};
use crate::domain::Millis;
use crate::domain::delivery::{Answer, Attribute, Dialect, Failure, Request, Seen, Urgency, Wish};

/// A list that has more pages does not end.
const MOST_PAGES: usize = 20_000;

/// Sends the request and reads its answer. `urgency` and `now` count for the budget of further pages.
pub(super) async fn exchange(
    (link, control): (&ServiceLink, &Control),
    (wish, request): (&Wish, &Request),
    dialect: &Dialect,
    (urgency, now): (Urgency, Millis),
) -> Answer {
    if !matches!(request, Request::Find(_)) {
        return match link.send(&message(wish, request, dialect, 1)).await {
            Ok(reply) => answer(wish.subject.kind(), request, &reply),
            Err(failure) => Answer::Failed(failure),
        };
    }
    let (mut found, mut start) = (Vec::new(), 1);
    for _ in 0..MOST_PAGES {
        let reply = link.send(&message(wish, request, dialect, start)).await;
        let page = match reply.and_then(|reply| page(wish.subject.kind(), start, &reply)) {
            Ok(page) => page,
            Err(failure) => return Answer::Failed(failure),
        };
        // Of a whole list only who it may be is kept.
        found.extend(page.found.into_iter().filter(|seen| may_be(seen, wish)));
        match page.next {
            Some(next) => start = next,
            None => return Answer::Found(found),
        }
        control.count(urgency, now);
    }
    Answer::Failed(Failure::Garbage("the list does not end".to_owned()))
}

/// By id or by name, as they are compared in the decision.
fn may_be(seen: &Seen, wish: &Wish) -> bool {
    let value = |attribute: Attribute| seen.values.get(&attribute).and_then(Option::as_deref);
    let named = value(wish.subject.kind().name());
    value(Attribute::ExternalId) == Some(wish.subject.external_id())
        || named.is_some_and(|name| name.to_lowercase() == wish.name().to_lowercase())
}
