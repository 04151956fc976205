//! The chain over the audit log: each event gets a link with a code (MAC) over the event and the link before
//! it, so that no event can be changed, removed or swapped unnoticed without the key of the codes.
//!
//! An event that has reached its end is removed and its link stays for a while, which proves that the event
//! was old enough. Links at the beginning are removed later: the sealed beginning says where the rest starts.
//! The sealed end prevents that links at the end are removed together with their events.

use std::fmt::{self, Display};

use super::Millis;

/// A code or digest: HMAC-SHA256.
pub type ChainCode = [u8; 32];

/// Signs with the key of the chain.
pub type Sign<'k> = &'k (dyn Fn(&[u8]) -> ChainCode + Sync);

/// The bytes of an event that its digest covers. Each field is written with its length, so that no text can
/// move into the next field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct EventBytes(Vec<u8>);

impl EventBytes {
    /// Adds a number that may be missing.
    #[must_use]
    pub fn number(self, number: Option<i64>) -> Self {
        self.field(number.map(i64::to_be_bytes).as_ref().map(<[u8; 8]>::as_slice))
    }

    /// Adds a text that may be missing.
    #[must_use]
    pub fn text(self, text: Option<&str>) -> Self {
        self.field(text.map(str::as_bytes))
    }

    fn field(mut self, value: Option<&[u8]>) -> Self {
        match value {
            Some(value) => {
                self.0.push(1);
                self.0.extend((value.len() as u64).to_be_bytes());
                self.0.extend(value);
            }
            None => self.0.push(0),
        }
        self
    }
}

/// One link.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChainLink {
    /// 1 for the first, without gaps.
    pub seq: i64,
    /// The id of the event.
    pub event: i64,
    /// When the event may be removed.
    pub kept_until: Millis,
    /// The digest of the event.
    pub digest: ChainCode,
    pub mac: ChainCode,
}

/// A place in the chain: the last link up to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ChainPlace {
    pub seq: i64,
    pub mac: ChainCode,
}

impl ChainPlace {
    /// Before the first link of all.
    pub const START: Self = Self { seq: 0, mac: [0; 32] };

    /// Reads what [`Display`] has written.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (seq, mac) = text.trim().split_once(':')?;
        let mut place = Self { seq: seq.parse().ok()?, mac: [0; 32] };
        hex::decode_to_slice(mac, &mut place.mac).ok()?;
        Some(place)
    }
}

impl Display for ChainPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.seq, hex::encode(self.mac))
    }
}

impl From<&ChainLink> for ChainPlace {
    fn from(link: &ChainLink) -> Self {
        Self { seq: link.seq, mac: link.mac }
    }
}

/// Which end of the chain a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChainEnd {
    /// The last of the removed links.
    First,
    /// The newest link.
    Last,
}

impl ChainEnd {
    /// The value in the store.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::First => "first",
            Self::Last => "last",
        }
    }
}

/// A place with a code that proves that we have written it as this end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SealedEnd {
    pub place: ChainPlace,
    pub seal: ChainCode,
}

/// The digest of an event.
#[must_use]
pub fn digest(sign: Sign<'_>, event: &EventBytes) -> ChainCode {
    sign(&[b"event\0", event.0.as_slice()].concat())
}

/// The link of an event with this digest, after the place.
#[must_use]
pub fn link(
    sign: Sign<'_>,
    after: &ChainPlace,
    event: i64,
    kept_until: Millis,
    digest: ChainCode,
) -> ChainLink {
    let seq = after.seq + 1;
    let numbers = [seq, event, kept_until].map(i64::to_be_bytes).concat();
    let mac = sign(&[b"link\0", after.mac.as_slice(), &numbers, &digest].concat());
    ChainLink { seq, event, kept_until, digest, mac }
}

/// Seals a place as an end of the chain.
#[must_use]
pub fn seal(sign: Sign<'_>, end: ChainEnd, place: ChainPlace) -> SealedEnd {
    let name = end.as_str().as_bytes();
    let seal = sign(&[b"end\0", name, b"\0", &place.seq.to_be_bytes(), place.mac.as_slice()].concat());
    SealedEnd { place, seal }
}

/// The place of an end, if we have sealed it; before the first link if none is recorded.
pub fn opened(sign: Sign<'_>, end: ChainEnd, sealed: Option<SealedEnd>) -> Result<ChainPlace, ChainBreak> {
    match sealed {
        None => Ok(ChainPlace::START),
        Some(sealed) if seal(sign, end, sealed.place) == sealed => Ok(sealed.place),
        Some(_) => Err(ChainBreak::ForgedEnd(end)),
    }
}

/// The first fault that was found in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChainBreak {
    #[error(
        "the chain has begun, and its recorded end is missing; if this is another database on purpose, remove \
         audit-chain.begun from keys_dir"
    )]
    EndMissing,
    #[error("the {} end of the chain was not written by this installation", .0.as_str())]
    ForgedEnd(ChainEnd),
    #[error("link {0} of the chain is missing")]
    LinkMissing(i64),
    #[error("link {seq} of the chain, of event {event}, was changed")]
    LinkChanged { seq: i64, event: i64 },
    #[error("event {0} was changed")]
    EventChanged(i64),
    #[error("event {0} was removed before its time")]
    EventMissing(i64),
    #[error("the chain ends at link {0}, which is not its recorded end")]
    Cut(i64),
    #[error("the chain does not contain the head that was noted before: its newest events were taken back")]
    HeadMissing,
}

/// Checks links one after another.
pub struct ChainCheck<'k> {
    sign: Sign<'k>,
    now: Millis,
    place: ChainPlace,
    /// A head that was noted elsewhere.
    head: Option<ChainPlace>,
    head_seen: bool,
    end: ChainPlace,
    checked: u64,
    expired: u64,
}

/// What a check without a break has seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checked {
    /// Events that are there, unchanged.
    pub events: u64,
    /// Links of events that were removed at their end.
    pub expired: u64,
    pub place: ChainPlace,
}

impl<'k> ChainCheck<'k> {
    /// Begins after the sealed beginning; the chain has to end at the sealed end, and to contain `head` if that
    /// was noted after the beginning.
    pub fn begin(
        sign: Sign<'k>,
        now: Millis,
        [first, last]: [Option<SealedEnd>; 2],
        head: Option<ChainPlace>,
    ) -> Result<Self, ChainBreak> {
        let place = opened(sign, ChainEnd::First, first)?;
        let end = opened(sign, ChainEnd::Last, last)?;
        // What was noted before the beginning can't be compared any more, except at the beginning itself.
        let head_seen = head.is_none_or(|head| head == place || head.seq < place.seq);
        Ok(Self { sign, now, place, head, head_seen, end, checked: 0, expired: 0 })
    }

    /// How far the check has come.
    #[must_use]
    pub fn place(&self) -> ChainPlace {
        self.place
    }

    /// Checks the next link with its event, if that is there.
    pub fn next(&mut self, found: &ChainLink, event: Option<&EventBytes>) -> Result<(), ChainBreak> {
        let expected = link(self.sign, &self.place, found.event, found.kept_until, found.digest);
        if found.seq != expected.seq {
            return Err(ChainBreak::LinkMissing(expected.seq));
        }
        if found.mac != expected.mac {
            return Err(ChainBreak::LinkChanged { seq: found.seq, event: found.event });
        }
        match event {
            Some(event) if digest(self.sign, event) == found.digest => self.checked += 1,
            Some(_) => return Err(ChainBreak::EventChanged(found.event)),
            None if found.kept_until <= self.now => self.expired += 1,
            None => return Err(ChainBreak::EventMissing(found.event)),
        }
        self.place = ChainPlace::from(found);
        self.head_seen |= self.head == Some(self.place);
        Ok(())
    }

    /// The result, after the last link.
    pub fn finish(self) -> Result<Checked, ChainBreak> {
        if self.place != self.end {
            return Err(ChainBreak::Cut(self.place.seq));
        }
        if !self.head_seen {
            return Err(ChainBreak::HeadMissing);
        }
        Ok(Checked { events: self.checked, expired: self.expired, place: self.place })
    }
}

#[cfg(test)]
mod tests;
