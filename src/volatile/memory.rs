//! Short-lived state in one process: two maps, each with a fixed size limit. At the limit, expired entries
//! are removed first; after that, new entries are refused, since an attacker who starts many logins must not
//! be able to end other logins, or the process. Counters and claims have their own map: values (codes) can't
//! use up the space that every password attempt needs.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::domain::Millis;
use crate::domain::secret::Sealed;

use super::{Room, TakeResult, VolatileError};

/// Size of the map for values: with codes of 1 KB, room for 24,000 unexchanged ones.
const VALUES: Bounds = Bounds { entries: 100_000, bytes: 24 * 1024 * 1024 };
/// Size of the map for counters and claims, which take some 200 bytes each.
const COUNTERS: Bounds = Bounds { entries: 180_000, bytes: 40 * 1024 * 1024 };
/// How many expired entries one new entry removes: more than one, so that cleaning never lags behind, and
/// few, so that no request waits.
const CLEARED_AT_ONCE: usize = 32;
/// Approximate memory of an entry in addition to its key and value.
const OVERHEAD: usize = 160;

/// A handle on the maps.
#[derive(Clone)]
pub struct Memory(Arc<Rooms>);

struct Rooms {
    values: Mutex<EntryMap>,
    counters: Mutex<EntryMap>,
}

#[derive(Clone, Copy)]
struct Bounds {
    entries: usize,
    bytes: usize,
}

impl Default for Memory {
    fn default() -> Self {
        let room = |bounds| Mutex::new(EntryMap::new(bounds));
        Self(Arc::new(Rooms { values: room(VALUES), counters: room(COUNTERS) }))
    }
}

impl fmt::Debug for Memory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (values, counters) = (self.values().entries.len(), self.counters().entries.len());
        write!(f, "Memory({values} values, {counters} counters)")
    }
}

struct EntryMap {
    bounds: Bounds,
    entries: HashMap<Arc<str>, StoredEntry>,
    by_expiry: BTreeSet<(Millis, Arc<str>)>,
    bytes: usize,
}

struct StoredEntry {
    expires_at: Millis,
    content: EntryContent,
}

enum EntryContent {
    Value(Sealed),
    Spent(Vec<u8>),
    Count(u64),
    Claim(Box<str>),
}

impl Memory {
    pub(super) fn put(
        &self,
        room: Room,
        key: String,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        let mut state = match room {
            Room::Values => self.values(),
            Room::Counters => self.counters(),
        };
        state.insert(key.into(), StoredEntry { expires_at, content: EntryContent::Value(value) }, now)
    }

    pub(super) fn get(&self, key: &str, now: Millis) -> Option<Sealed> {
        let value = |room: &mut EntryMap| match room.living(key, now)?.content {
            EntryContent::Value(ref value) => Some(value.clone()),
            EntryContent::Spent(_) | EntryContent::Count(_) | EntryContent::Claim(_) => None,
        };
        value(&mut self.values()).or_else(|| value(&mut self.counters()))
    }

    pub(super) fn take(&self, key: &str, now: Millis, note: &[u8]) -> TakeResult {
        let mut state = self.values();
        let Some(entry) = state.living(key, now) else { return TakeResult::Unknown };
        let value = match &mut entry.content {
            EntryContent::Value(value) => Sealed(std::mem::take(&mut value.0)),
            EntryContent::Spent(note) => return TakeResult::Again(note.clone()),
            EntryContent::Count(_) | EntryContent::Claim(_) => return TakeResult::Unknown,
        };
        entry.content = EntryContent::Spent(note.to_vec());
        state.bytes = (state.bytes + note.len()).saturating_sub(value.0.len());
        TakeResult::First(value)
    }

    pub(super) fn count(&self, key: String, window: Millis, now: Millis) -> Result<u64, VolatileError> {
        let mut state = self.counters();
        if let Some(StoredEntry { content: EntryContent::Count(count), .. }) = state.living(&key, now) {
            *count += 1;
            return Ok(*count);
        }
        let entry = StoredEntry { expires_at: now.saturating_add(window), content: EntryContent::Count(1) };
        state.insert(key.into(), entry, now)?;
        Ok(1)
    }

    pub(super) fn counted(&self, key: &str, now: Millis) -> u64 {
        match self.counters().living(key, now) {
            Some(StoredEntry { content: EntryContent::Count(count), .. }) => *count,
            _ => 0,
        }
    }

    pub(super) fn uncount(&self, key: &str, now: Millis) {
        let mut state = self.counters();
        match state.living(key, now) {
            Some(StoredEntry { content: EntryContent::Count(count), .. }) if *count > 1 => *count -= 1,
            Some(_) => state.remove(key),
            None => {}
        }
    }

    pub(super) fn forget(&self, key: &str) {
        self.counters().remove(key);
    }

    pub(super) fn claim(
        &self,
        key: String,
        holder: &str,
        until: Millis,
        now: Millis,
    ) -> Result<bool, VolatileError> {
        let mut state = self.counters();
        if state.living(&key, now).is_some() {
            return Ok(false);
        }
        let entry = StoredEntry { expires_at: until, content: EntryContent::Claim(holder.into()) };
        state.insert(key.into(), entry, now)?;
        Ok(true)
    }

    pub(super) fn claimed_until(&self, key: &str, now: Millis) -> Option<Millis> {
        match self.counters().living(key, now)? {
            StoredEntry { content: EntryContent::Claim(_), expires_at } => Some(*expires_at),
            _ => None,
        }
    }

    pub(super) fn release(&self, key: &str, holder: &str) {
        let mut state = self.counters();
        let held = state.entries.get(key).map(|entry| &entry.content);
        if matches!(held, Some(EntryContent::Claim(by)) if **by == *holder) {
            state.remove(key);
        }
    }

    /// Only a failed allocation can panic while a lock is held, so the map is consistent.
    fn values(&self) -> MutexGuard<'_, EntryMap> {
        self.0.values.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn counters(&self) -> MutexGuard<'_, EntryMap> {
        self.0.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl EntryMap {
    fn new(bounds: Bounds) -> Self {
        Self { bounds, entries: HashMap::new(), by_expiry: BTreeSet::new(), bytes: 0 }
    }

    fn living(&mut self, key: &str, now: Millis) -> Option<&mut StoredEntry> {
        self.entries.get_mut(key).filter(|entry| now < entry.expires_at)
    }

    fn insert(&mut self, key: Arc<str>, entry: StoredEntry, now: Millis) -> Result<(), VolatileError> {
        self.remove(&key);
        self.clear_expired(now);
        let bytes = self.bytes + cost(&key, &entry);
        if self.entries.len() >= self.bounds.entries || bytes > self.bounds.bytes {
            return Err(VolatileError::Full);
        }
        self.bytes = bytes;
        self.by_expiry.insert((entry.expires_at, key.clone()));
        self.entries.insert(key, entry);
        Ok(())
    }

    fn clear_expired(&mut self, now: Millis) {
        for _ in 0..CLEARED_AT_ONCE {
            match self.by_expiry.first() {
                Some((expires_at, key)) if *expires_at <= now => {
                    let key = key.clone();
                    self.remove(&key);
                }
                _ => return,
            }
        }
    }

    fn remove(&mut self, key: &str) {
        if let Some((key, entry)) = self.entries.remove_entry(key) {
            self.bytes = self.bytes.saturating_sub(cost(&key, &entry));
            self.by_expiry.remove(&(entry.expires_at, key));
        }
    }
}

fn cost(key: &str, entry: &StoredEntry) -> usize {
    let content = match &entry.content {
        EntryContent::Value(value) => value.0.len(),
        EntryContent::Spent(note) => note.len(),
        EntryContent::Count(_) => 0,
        EntryContent::Claim(holder) => holder.len(),
    };
    OVERHEAD + key.len() + content
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fill(memory: &Memory, value: usize) -> usize {
        let mut kept = 0;
        while memory.put(Room::Values, format!("k{kept}"), Sealed(vec![0; value]), 100, 0).is_ok() {
            kept += 1;
        }
        kept
    }

    #[test]
    fn a_full_map_refuses_new_entries_and_keeps_the_others() {
        let memory = Memory::default();
        assert_eq!(fill(&memory, 0), VALUES.entries);
        assert!(matches!(
            memory.put(Room::Values, "late".into(), Sealed(vec![]), 100, 50),
            Err(VolatileError::Full)
        ));
        assert!(memory.get("k0", 99).is_some());
        assert!(
            memory.put(Room::Values, "k0".into(), Sealed(vec![1]), 100, 50).is_ok(),
            "its own place is free to it"
        );
        assert!(
            memory.put(Room::Values, "late".into(), Sealed(vec![]), 200, 100).is_ok(),
            "what has expired makes room"
        );
        assert_eq!(memory.values().entries.len(), VALUES.entries - CLEARED_AT_ONCE + 1);
    }

    #[test]
    fn values_and_counters_have_separate_space() {
        let memory = Memory::default();
        fill(&memory, 16 * 1024);
        assert_eq!(memory.count("c".into(), 10, 0).expect("room of its own"), 1);
        assert!(memory.claim("h".into(), "holder", 10, 0).expect("room of its own"));
        let mut counted = 0;
        while memory.count(format!("c{counted}"), 100, 0).is_ok() {
            counted += 1;
        }
        assert_eq!(counted, COUNTERS.entries - 2);
        assert_eq!(memory.take("k0", 1, b""), TakeResult::First(Sealed(vec![0; 16 * 1024])));
        assert!(
            memory.put(Room::Values, "k0".into(), Sealed(vec![1]), 100, 1).is_ok(),
            "counters took no room of values"
        );
    }

    #[test]
    fn large_values_are_bounded_by_their_bytes() {
        let memory = Memory::default();
        let kept = fill(&memory, 1_000_000);
        assert!((22..=25).contains(&kept), "{kept}");
        for number in 0..kept {
            memory.take(&format!("k{number}"), 1, b"note");
        }
        assert!(memory.values().bytes < 1_000_000, "what was taken takes no room");
        memory.put(Room::Values, "x".into(), Sealed(vec![]), 300, 100).expect("there is room");
        for _ in 0..kept {
            memory.put(Room::Values, "x".into(), Sealed(vec![]), 300, 100).expect("there is room");
        }
        let state = memory.values();
        assert_eq!((state.entries.len(), state.by_expiry.len(), state.bytes), (1, 1, OVERHEAD + 1));
    }
}
