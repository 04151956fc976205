//! Store our own counts of failed attempts. Each person, and each form of their name, has a slot of its own.
//! Names that do not exist share 65,536 slots for each directory, each name with a tag within its slot:
//! made-up names can't fill the memory, and using one up does not use up another, which would reveal that
//! neither exists.

use super::{KIND, Subject};
use crate::domain::Millis;
use crate::domain::refused::{Refused, RefusedPassword};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::keys::{KeyError, Label};

/// How many names fit in one slot. Only more names in a window than all slots hold push out the oldest.
const MOST: usize = 16;
/// How many refused passwords fit in one slot.
const MOST_REFUSED: usize = 16;

/// The slot in which a count is stored.
#[derive(Debug)]
pub(super) struct CountSlot {
    /// Claimed, read and written as a whole.
    pub key: String,
    /// Distinguishes the counts in one slot.
    pub tag: [u8; 4],
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct OwnCount {
    pub count: u32,
    /// How long they count, and are remembered at most.
    pub until: Millis,
    pub refused: Refused,
}

type Record = ([u8; 4], OwnCount);

impl CountSlot {
    pub(super) fn of(subject: Subject<'_>, parts: &LoginParts, site: &Site) -> Self {
        let (site, alone) = (site.id(), [0; 4]);
        match subject {
            Subject::Entry(entry) => Self { key: format!("{site}:{}", entry.id), tag: alone },
            Subject::Name(name) => {
                let [high, low, tag @ ..] = parts.keys.sealer.hmac(Label::UnknownName, name.as_bytes()).0;
                let tag = [tag[0], tag[1], tag[2], tag[3]];
                Self { key: format!("{site}:{high:02x}{low:02x}"), tag }
            }
            // A person has only a few names, so each form gets a slot.
            Subject::Form(entry, name) => {
                let digest = parts.keys.sealer.hmac(Label::TypedName, name.as_bytes()).0;
                Self { key: format!("{site}:{}:{}", entry.id, hex::encode(&digest[..8])), tag: alone }
            }
        }
    }

    pub(super) async fn read(&self, parts: &LoginParts) -> Result<Option<OwnCount>, Fault> {
        let all = self.all(parts).await?;
        Ok(all.into_iter().find(|(tag, _)| *tag == self.tag).map(|(_, ours)| ours))
    }

    /// Call this only while holding the claim on the slot.
    pub(super) async fn write(&self, parts: &LoginParts, ours: OwnCount) -> Result<(), Fault> {
        let mut all = self.all(parts).await?;
        all.retain(|(tag, _)| *tag != self.tag);
        all.push((self.tag, ours));
        all.sort_by_key(|(_, ours)| std::cmp::Reverse(ours.until));
        all.truncate(MOST);
        let mut room = MOST_REFUSED;
        for (_, ours) in &mut all {
            ours.refused.0.truncate(room);
            room -= ours.refused.0.len();
        }
        let until = all.first().map_or(0, |(_, ours)| ours.until);
        let sealed = parts.keys.sealer.seal(KIND, &self.key, &written(&all));
        Ok(parts.volatile.put_reserved(KIND, &self.key, sealed, until, parts.now()).await?)
    }

    /// The counts in the slot that have not expired.
    async fn all(&self, parts: &LoginParts) -> Result<Vec<Record>, Fault> {
        let now = parts.now();
        let Some(sealed) = parts.volatile.get(KIND, &self.key, now).await? else { return Ok(Vec::new()) };
        let mut all = match parts.keys.sealer.open(KIND, &self.key, &sealed) {
            Ok(opened) => read(&opened),
            // Counted under a sealing key that has been rotated out: start a new count and refuse nobody.
            Err(KeyError::UnknownKey(_) | KeyError::Unsealable) => Vec::new(),
            Err(error) => return Err(error.into()),
        };
        all.retain(|(_, ours)| now < ours.until);
        for (_, ours) in &mut all {
            ours.refused.0.retain(|refusal| now < refusal.until);
        }
        Ok(all)
    }
}

/// For each count: tag, count, end, the number of refused passwords, and the mark and end of each.
fn written(all: &[Record]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for (tag, OwnCount { count, until, refused }) in all {
        bytes.extend(tag);
        bytes.extend(count.to_be_bytes());
        bytes.extend(until.to_be_bytes());
        bytes.push(u8::try_from(refused.0.len()).unwrap_or(u8::MAX));
        for RefusedPassword { mark, until } in refused.0.iter().take(u8::MAX.into()) {
            bytes.extend(mark);
            bytes.extend(until.to_be_bytes());
        }
    }
    bytes
}

fn read(mut bytes: &[u8]) -> Vec<Record> {
    std::iter::from_fn(|| record(&mut bytes)).collect()
}

fn record(bytes: &mut &[u8]) -> Option<Record> {
    let tag = taken(bytes)?;
    let count = u32::from_be_bytes(taken(bytes)?);
    let until = Millis::from_be_bytes(taken(bytes)?);
    let [refused] = taken(bytes)?;
    let refused = (0..refused).map(|_| refusal(bytes)).collect::<Option<_>>()?;
    Some((tag, OwnCount { count, until, refused: Refused(refused) }))
}

fn refusal(bytes: &mut &[u8]) -> Option<RefusedPassword> {
    let mark = taken(bytes)?;
    let until = Millis::from_be_bytes(taken(bytes)?);
    Some(RefusedPassword { mark, until })
}

fn taken<const N: usize>(bytes: &mut &[u8]) -> Option<[u8; N]> {
    let (first, rest) = bytes.split_first_chunk()?;
    *bytes = rest;
    Some(*first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_back_as_they_were_written() {
        let mut refused = Refused::default();
        refused.remember([5; 8], 9);
        refused.remember([6; 8], Millis::MAX);
        let all = [
            ([1, 2, 3, 4], OwnCount { count: 7, until: 1, refused }),
            ([0; 4], OwnCount { count: 0, until: Millis::MAX, refused: Refused::default() }),
        ];
        let bytes = written(&all);
        assert_eq!(read(&bytes), all);
        assert_eq!(read(&bytes[..bytes.len() - 1]), all[..1], "what is cut off is lost, and nothing else");
    }
}
