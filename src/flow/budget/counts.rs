//! What we have counted ourselves. A person's count, and that of each form of their name, stands for itself. The counts of
//! names that nobody has share 65,536 places for each directory, some in one place, so that who makes names up fills no
//! memory and yet spends no name but the one that was typed: a name that ran out by itself would tell that nobody has it.

use super::{KIND, Subject};
use crate::domain::Millis;
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::flow::fault::Fault;

/// How many names have room in one place. Who sends more in a window than all places hold makes the oldest be forgotten.
const MOST: usize = 16;
/// Tag, count and end.
const RECORD: usize = 16;

/// Where a count is kept.
#[derive(Debug)]
pub(super) struct Place {
    /// Claimed, read and written as a whole.
    pub key: String,
    /// Tells the counts of one place apart.
    tag: [u8; 4],
}

/// One count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Ours {
    /// How many wrong passwords.
    pub count: u32,
    /// How long they count.
    pub until: Millis,
}

impl Place {
    pub(super) fn of(subject: Subject<'_>, parts: &Parts, site: &Site) -> Self {
        let (site, alone) = (site.id(), [0; 4]);
        match subject {
            Subject::Entry(entry) => Self { key: format!("{site}:{}", entry.id), tag: alone },
            Subject::Name(name) => {
                let [high, low, tag @ ..] = parts.keys.sealer.hmac("unknown name", name.as_bytes()).0;
                let tag = [tag[0], tag[1], tag[2], tag[3]];
                Self { key: format!("{site}:{high:02x}{low:02x}"), tag }
            }
            // A person answers to few names.
            Subject::Form(entry, name) => {
                let digest = parts.keys.sealer.hmac("typed name", name.as_bytes()).0;
                Self { key: format!("{site}:{}:{}", entry.id, hex::encode(&digest[..8])), tag: alone }
            }
        }
    }

    pub(super) async fn read(&self, parts: &Parts) -> Result<Option<Ours>, Fault> {
        let all = self.all(parts).await?;
        Ok(all.into_iter().find(|(tag, _)| *tag == self.tag).map(|(_, ours)| ours))
    }

    /// Only who has claimed the place writes to it.
    pub(super) async fn write(&self, parts: &Parts, ours: Ours) -> Result<(), Fault> {
        let mut all = self.all(parts).await?;
        all.retain(|(tag, _)| *tag != self.tag);
        all.push((self.tag, ours));
        all.sort_by_key(|(_, ours)| std::cmp::Reverse(ours.until));
        all.truncate(MOST);
        let until = all.first().map_or(0, |(_, ours)| ours.until);
        let sealed = parts.keys.sealer.seal(KIND, &self.key, &written(&all));
        Ok(parts.volatile.put(KIND, &self.key, sealed, until, parts.now()).await?)
    }

    /// Those of the place that still count.
    async fn all(&self, parts: &Parts) -> Result<Vec<([u8; 4], Ours)>, Fault> {
        let now = parts.now();
        let Some(sealed) = parts.volatile.get(KIND, &self.key, now).await? else { return Ok(Vec::new()) };
        let mut all = read(&parts.keys.sealer.open(KIND, &self.key, &sealed)?);
        all.retain(|(_, ours)| now < ours.until);
        Ok(all)
    }
}

fn written(all: &[([u8; 4], Ours)]) -> Vec<u8> {
    let records = all.iter().map(|(tag, Ours { count, until })| {
        [tag.as_slice(), &count.to_be_bytes(), &until.to_be_bytes()].concat()
    });
    records.flatten().collect()
}

fn read(bytes: &[u8]) -> Vec<([u8; 4], Ours)> {
    let record = |bytes: &[u8]| {
        let (tag, rest) = bytes.split_first_chunk::<4>()?;
        let (count, until) = rest.split_first_chunk::<4>()?;
        let until = Millis::from_be_bytes(until.try_into().ok()?);
        Some((*tag, Ours { count: u32::from_be_bytes(*count), until }))
    };
    bytes.chunks_exact(RECORD).filter_map(record).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_read_back_as_they_were_written() {
        let all =
            [([1, 2, 3, 4], Ours { count: 7, until: 1 }), ([0; 4], Ours { count: 0, until: Millis::MAX })];
        let bytes = written(&all);
        assert_eq!(read(&bytes), all);
        assert_eq!(read(&bytes[..RECORD + 3]), all[..1], "what is cut off is lost, and nothing else");
    }
}
