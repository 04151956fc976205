//! Whether somebody is on the list of a service that can't be searched by a filter.

use super::channel::Channel;
use super::listing::Listing;
use crate::delivery::scim::{message, page};
use crate::domain::delivery::{By, Failure, Request, Urgency, Wish};

/// A list that has more pages does not end.
const MOST_PAGES: usize = 20_000;

/// Whether somebody who is not known to be there is on the list for certain or perhaps. If the list can't be read, the
/// search says why.
pub(super) async fn may_be_listed(channel: &Channel<'_>, wish: &Wish, urgency: Urgency) -> bool {
    let mut listing = channel.listing(wish.subject.kind()).lock().await;
    if !listing.is_fresh(channel.now()) {
        match read(channel, wish, urgency).await {
            Ok(read) => *listing = read,
            Err(_) => return true,
        }
    }
    listing.may_have(wish)
}

async fn read(channel: &Channel<'_>, wish: &Wish, urgency: Urgency) -> Result<Listing, Failure> {
    let (kind, mut start) = (wish.subject.kind(), 1);
    let mut listing = Listing::begun(channel.now());
    for _ in 0..MOST_PAGES {
        channel.control.count(urgency, channel.now());
        let asked = message(wish, &Request::Find(By::List), &channel.dialect, start);
        let page = page(kind, start, &channel.link.send(&asked).await?)?;
        page.found.iter().for_each(|seen| listing.add(seen, kind.name()));
        match page.next {
            Some(next) => start = next,
            None => return Ok(listing),
        }
    }
    Err(Failure::Garbage("the list does not end".to_owned()))
}
