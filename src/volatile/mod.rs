//! Short-lived state: codes, spent logins, counters, claims. In memory, or in Redis for several nodes.
//!
//! Values are put, read and taken. Single use is in the verb: of all who take a value one gets it, and those who come
//! later, until it would have expired, get the note that the first one left. Counts rise before a try and are given
//! back after it, so that no two tries see the same number. A claim is held by one, until it lets go or time is up.
//! Values are sealed, so this module cannot read them. Whether a value has expired is judged by the caller's clock; what Redis removes by itself is
//! only cleaning up.

mod memory;
mod redis;

use crate::domain::Millis;
use crate::domain::secret::Sealed;

use self::memory::Memory;
use self::redis::Redis;

/// The longest key: ours have 64 characters at most, a counter's may hold a name that somebody typed.
pub const LONGEST_KEY: usize = 1024;

const COUNT: &str = "count";
const CLAIM: &str = "claim";

/// Where short-lived state is kept. A clone is another handle on the same state.
#[derive(Clone, Debug)]
pub enum Volatile {
    /// In this process; gone with it.
    Memory(Memory),
    /// In Redis, shared by several nodes.
    Redis(Redis),
}

/// What taking a value gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Taken {
    /// The value, to the first who takes it.
    First(Sealed),
    /// The note of the first.
    Again(Vec<u8>),
    /// Nothing of that key, or nothing any more.
    Unknown,
}

/// Why short-lived state could not be kept or read. Nothing was changed then, as far as we know.
#[derive(Debug, thiserror::Error)]
pub enum VolatileError {
    /// No room for more. What is there stays usable.
    #[error("no room for more short-lived state")]
    Full,
    /// The key is longer than [`LONGEST_KEY`].
    #[error("the key of a short-lived value is too long")]
    KeyTooLong,
    /// The URL is neither `memory` nor Redis'.
    #[error("volatile: {0}")]
    Url(String),
    /// Redis does not answer.
    #[error("Redis is unavailable")]
    Unavailable(#[source] ::redis::RedisError),
}

/// Where a value is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// With codes and whatever else may fill it.
    Values,
    /// With counts and claims.
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

    /// True where another process sees the same state.
    #[must_use]
    pub fn is_shared(&self) -> bool {
        matches!(self, Self::Redis(_))
    }

    /// Asks whether it answers.
    pub async fn ping(&self) -> Result<(), VolatileError> {
        match self {
            Self::Memory(_) => Ok(()),
            Self::Redis(redis) => redis.ping().await,
        }
    }

    /// Keeps a value until `expires_at`.
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

    /// Keeps a value in the room of counts and claims, which other values can't take: for what every try at a password needs.
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

    /// Reads a value that nobody has taken.
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

    /// Takes a value, for good. The first one leaves `note` for those who come later.
    pub async fn take(
        &self,
        kind: &'static str,
        key: &str,
        now: Millis,
        note: &[u8],
    ) -> Result<Taken, VolatileError> {
        let key = full_key(kind, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.take(&key, now, note)),
            Self::Redis(redis) => redis.take(&key, now, note).await,
        }
    }

    /// Counts one more, in a window that begins with the first and lasts `window`; how many it is now.
    pub async fn count(&self, key: &str, window: Millis, now: Millis) -> Result<u64, VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => memory.count(key, window, now),
            Self::Redis(redis) => redis.count(&key, window, now).await,
        }
    }

    /// How many were counted in the window that is open, without counting one more.
    pub async fn counted(&self, key: &str, now: Millis) -> Result<u64, VolatileError> {
        let key = full_key(COUNT, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.counted(&key, now)),
            Self::Redis(redis) => redis.counted(&key, now).await,
        }
    }

    /// Takes one back that was counted; never below none, and the window stays as it is. With the last one it closes.
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

    /// Takes all back that were counted.
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

    /// Claims a key until it is released or `until` has come; false while anybody holds it, even `holder`, whose name
    /// must be of this claim alone.
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

    /// Until when a key is claimed, if anybody holds it.
    pub async fn claimed_until(&self, key: &str, now: Millis) -> Result<Option<Millis>, VolatileError> {
        let key = full_key(CLAIM, key)?;
        match self {
            Self::Memory(memory) => Ok(memory.claimed_until(&key, now)),
            Self::Redis(redis) => redis.claimed_until(&key, now).await,
        }
    }

    /// Releases a claim, if `holder` still has it: who was too slow must not release the next one's.
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

/// A kind is a word of ours without a colon, so two kinds never share a key.
fn full_key(kind: &'static str, key: &str) -> Result<String, VolatileError> {
    if key.len() > LONGEST_KEY {
        return Err(VolatileError::KeyTooLong);
    }
    Ok(format!("idp:{kind}:{key}"))
}
