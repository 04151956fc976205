//! Short-lived state: codes, finished logins, counters, claims. In memory, or in Redis for several nodes.
//!
//! Values are put, read and taken. Taking is atomic: of several callers that take a value, one gets it; later
//! ones get the note that the first one left, until the value would have expired. A counter is raised before
//! an attempt and lowered after it, so that no two attempts see the same count. A claim has one holder, until
//! it is released or expires. Values are sealed, so this module cannot read them. The caller's clock decides
//! whether a value has expired; Redis's own expiry only cleans up.

mod memory;
mod redis;

use crate::domain::Millis;
use crate::domain::secret::Sealed;

use self::memory::Memory;
use self::redis::Redis;

/// The longest key: ours have at most 64 characters; a counter's key may contain a typed name.
pub const LONGEST_KEY: usize = 1024;

const COUNT: &str = "count";
const CLAIM: &str = "claim";

/// The store of short-lived state. A clone is another handle on the same state.
#[derive(Clone, Debug)]
pub enum Volatile {
    /// In this process; lost when it ends.
    Memory(Memory),
    /// In Redis, shared by several nodes.
    Redis(Redis),
}

/// The result of taking a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TakeResult {
    /// The value, for the first caller.
    First(Sealed),
    /// The note of the first caller.
    Again(Vec<u8>),
    /// No such key, or no longer.
    Unknown,
}

/// Why short-lived state could not be stored or read. As far as we know, nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum VolatileError {
    /// No space left. Existing entries stay usable.
    #[error("no space for more short-lived state")]
    Full,
    /// The key is longer than [`LONGEST_KEY`].
    #[error("the key of a short-lived value is too long")]
    KeyTooLong,
    /// The URL is neither `memory` nor a Redis URL.
    #[error("volatile: {0}")]
    Url(String),
    #[error("Redis is unavailable")]
    Unavailable(#[source] ::redis::RedisError),
}

/// Which map a value is stored in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// With codes and other values.
    Values,
    /// With counters and claims.
    Counters,
}

impl Volatile {
    /// Opens `memory`, `redis://...` or `rediss://...`.
    pub async fn open(url: &str) -> Result<Self, VolatileError> {
        if url == "memory" {
            return Ok(Self::Memory(Memory::default()));
        }
        if url.starts_with("redis://") || url.starts_with("rediss://") {
            return Ok(Self::Redis(Redis::open(url).await?));
        }
        Err(VolatileError::Url("it must be memory, or begin with redis:// or rediss://".to_owned()))
    }

    /// True if other processes share the state.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Checks that the store responds.
    pub async fn ping(&self) -> Result<(), VolatileError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(redis) => redis.ping().await,
        }
    }

    /// Stores a value until `expires_at`.
    pub async fn put(
        &self,
        kind: &'static str,
        key: &str,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        self.keep(Room::Values, full_key(kind, key)?, value, expires_at, now).await
    }

    /// Stores a value in the space of counters and claims, which other values can't fill: for what every
    /// password attempt needs.
    pub async fn put_reserved(
        &self,
        kind: &'static str,
        key: &str,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        self.keep(Room::Counters, full_key(kind, key)?, value, expires_at, now).await
    }

    async fn keep(
        &self,
        room: Room,
        key: String,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        match self {
            Self::Memory(memory) => memory.put(room, key, value, expires_at, now),
            Self::Redis(redis) => redis.put(room, &key, value, expires_at, now).await,
        }
    }

    /// Reads a value that has not been taken.
    pub async fn get(
        &self,
        kind: &'static str,
        key: &str,
        now: Millis,
    ) -> Result<Option<Sealed>, VolatileError> {
        let key = full_key(kind, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.get(&key, now)),
            Self::Redis(redis) => redis.get(&key, now).await,
        }
    }

    /// Takes a value, once and for all. The first caller leaves `note` for later ones.
    pub async fn take(
        &self,
        kind: &'static str,
        key: &str,
        now: Millis,
        note: &[u8],
    ) -> Result<TakeResult, VolatileError> {
        let key = full_key(kind, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.take(&key, now, note)),
            Self::Redis(redis) => redis.take(&key, now, note).await,
        }
    }

    /// Adds one to a counter and returns the count. The window of length `window` starts with the first
    /// count.
    pub async fn count(&self, key: &str, window: Millis, now: Millis) -> Result<u64, VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => memory.count(key, window, now),
            Self::Redis(redis) => redis.count(&key, window, now).await,
        }
    }

    /// The count in the current window, without adding to it.
    pub async fn counted(&self, key: &str, now: Millis) -> Result<u64, VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.counted(&key, now)),
            Self::Redis(redis) => redis.counted(&key, now).await,
        }
    }

    /// Lowers a counter by one, never below zero; the window stays. At zero it is removed.
    pub async fn uncount(&self, key: &str, now: Millis) -> Result<(), VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => {
                memory.uncount(&key, now);
                Ok(())
            }
            Self::Redis(redis) => redis.uncount(&key, now).await,
        }
    }

    /// Resets a counter.
    pub async fn forget(&self, key: &str) -> Result<(), VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => {
                memory.forget(&key);
                Ok(())
            }
            Self::Redis(redis) => redis.forget(&key).await,
        }
    }

    /// Claims a key until it is released or `until` is reached; false if it is held, even by `holder`, whose
    /// name must be unique to this claim.
    pub async fn claim(
        &self,
        key: &str,
        holder: &str,
        until: Millis,
        now: Millis,
    ) -> Result<bool, VolatileError> {
        let key = full_key(CLAIM, key)?;
        match self {
            Self::Memory(memory) => memory.claim(key, holder, until, now),
            Self::Redis(redis) => redis.claim(&key, holder, until, now).await,
        }
    }

    /// When a key's claim ends, if it is held.
    pub async fn claimed_until(&self, key: &str, now: Millis) -> Result<Option<Millis>, VolatileError> {
        let key = full_key(CLAIM, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.claimed_until(&key, now)),
            Self::Redis(redis) => redis.claimed_until(&key, now).await,
        }
    }

    /// Releases a claim if `holder` still has it: a slow holder must not release its successor's claim.
    pub async fn release(&self, key: &str, holder: &str) -> Result<(), VolatileError> {
        let key = full_key(CLAIM, key)?;
        match self {
            Self::Memory(memory) => {
                memory.release(&key, holder);
                Ok(())
            }
            Self::Redis(redis) => redis.release(&key, holder).await,
        }
    }
}

/// A kind is a fixed word without a colon, so two kinds never share a key.
fn full_key(kind: &'static str, key: &str) -> Result<String, VolatileError> {
    if key.len() > LONGEST_KEY {
        return Err(VolatileError::KeyTooLong);
    }
    Ok(format!("idp:{kind}:{key}"))
}
