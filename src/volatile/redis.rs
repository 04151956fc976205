//! Short-lived state in Redis. An entry is a hash: `e` its expiry by our clock, `v` the value, `s` the note of who took
//! it, `n` a count, `h` who holds a claim. Each verb is one script, so that nothing comes between its steps.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, RedisError, Script};

use crate::domain::secret::Sealed;
use crate::domain::{MINUTE, Millis};

use super::{Taken, VolatileError};

/// Redis removes an entry so long after its expiry: nodes whose clocks differ still agree that it is there.
const SLACK: Millis = MINUTE;

const PUT: &str = "redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[1], 'v', ARGV[2]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[3])";

const GET: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'v') \
     if held[1] and tonumber(ARGV[1]) < tonumber(held[1]) then return held[2] end \
     return false";

const TAKE: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'v', 's') \
     if not held[1] or tonumber(ARGV[1]) >= tonumber(held[1]) then return {} end \
     if held[3] then return {'again', held[3]} end \
     if not held[2] then return {} end \
     redis.call('HDEL', KEYS[1], 'v') \
     redis.call('HSET', KEYS[1], 's', ARGV[2]) \
     return {'first', held[2]}";

const COUNT: &str = "local expires = redis.call('HGET', KEYS[1], 'e') \
     if not expires or tonumber(ARGV[1]) >= tonumber(expires) then \
     redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[2]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[3]) end \
     return redis.call('HINCRBY', KEYS[1], 'n', 1)";

const COUNTED: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'n') \
     if held[1] and held[2] and tonumber(ARGV[1]) < tonumber(held[1]) then return tonumber(held[2]) end \
     return 0";

const UNCOUNT: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'n') \
     if not held[1] or not held[2] or tonumber(ARGV[1]) >= tonumber(held[1]) then return end \
     if tonumber(held[2]) > 1 then redis.call('HINCRBY', KEYS[1], 'n', -1) else redis.call('DEL', KEYS[1]) end";

const CLAIM: &str = "local expires = redis.call('HGET', KEYS[1], 'e') \
     if expires and tonumber(ARGV[1]) < tonumber(expires) then return 0 end \
     redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[2], 'h', ARGV[3]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[4]) \
     return 1";

const RELEASE: &str = "if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// A handle on the connection, which comes back by itself when it breaks.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    scripts: Arc<Scripts>,
}

struct Scripts {
    put: Script,
    get: Script,
    take: Script,
    count: Script,
    counted: Script,
    uncount: Script,
    claim: Script,
    release: Script,
}

impl Scripts {
    fn new() -> Self {
        Self {
            put: Script::new(PUT),
            get: Script::new(GET),
            take: Script::new(TAKE),
            count: Script::new(COUNT),
            counted: Script::new(COUNTED),
            uncount: Script::new(UNCOUNT),
            claim: Script::new(CLAIM),
            release: Script::new(RELEASE),
        }
    }
}

impl fmt::Debug for Redis {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redis")
    }
}

impl Redis {
    pub(super) async fn open(url: &str) -> Result<Self, VolatileError> {
        let client = Client::open(url).map_err(|error| VolatileError::Url(error.to_string()))?;
        // A request waits for one attempt, not for a series of them; the next request finds the next attempt.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(1_500)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(200));
        let connection = client.get_connection_manager_with_config(config).await.map_err(cause)?;
        Ok(Self { connection, scripts: Arc::new(Scripts::new()) })
    }

    pub(super) async fn ping(&self) -> Result<(), VolatileError> {
        redis::cmd("PING").query_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn put(
        &self,
        key: &str,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        let mut call = self.scripts.put.key(key);
        call.arg(expires_at).arg(value.0).arg(ttl(expires_at, now));
        call.invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn get(&self, key: &str, now: Millis) -> Result<Option<Sealed>, VolatileError> {
        let mut call = self.scripts.get.key(key);
        call.arg(now);
        let value: Option<Vec<u8>> = call.invoke_async(&mut self.connection.clone()).await.map_err(cause)?;
        Ok(value.map(Sealed))
    }

    pub(super) async fn take(&self, key: &str, now: Millis, note: &[u8]) -> Result<Taken, VolatileError> {
        let mut call = self.scripts.take.key(key);
        call.arg(now).arg(note);
        let answer: Vec<Vec<u8>> = call.invoke_async(&mut self.connection.clone()).await.map_err(cause)?;
        Ok(match <[Vec<u8>; 2]>::try_from(answer) {
            Ok([word, value]) if word == b"first" => Taken::First(Sealed(value)),
            Ok([_, note]) => Taken::Again(note),
            Err(_) => Taken::Unknown,
        })
    }

    pub(super) async fn count(&self, key: &str, window: Millis, now: Millis) -> Result<u64, VolatileError> {
        let expires_at = now.saturating_add(window);
        let mut call = self.scripts.count.key(key);
        call.arg(now).arg(expires_at).arg(ttl(expires_at, now));
        call.invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn counted(&self, key: &str, now: Millis) -> Result<u64, VolatileError> {
        let mut call = self.scripts.counted.key(key);
        call.arg(now).invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn uncount(&self, key: &str, now: Millis) -> Result<(), VolatileError> {
        let mut call = self.scripts.uncount.key(key);
        call.arg(now).invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn forget(&self, key: &str) -> Result<(), VolatileError> {
        redis::cmd("DEL").arg(key).query_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn claim(
        &self,
        key: &str,
        holder: &str,
        until: Millis,
        now: Millis,
    ) -> Result<bool, VolatileError> {
        let mut call = self.scripts.claim.key(key);
        call.arg(now).arg(until).arg(holder).arg(ttl(until, now));
        call.invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }

    pub(super) async fn claimed_until(
        &self,
        key: &str,
        now: Millis,
    ) -> Result<Option<Millis>, VolatileError> {
        let asked = redis::cmd("HGET").arg(key).arg("e").query_async(&mut self.connection.clone()).await;
        let until: Option<Millis> = asked.map_err(cause)?;
        Ok(until.filter(|until| now < *until))
    }

    pub(super) async fn release(&self, key: &str, holder: &str) -> Result<(), VolatileError> {
        let mut call = self.scripts.release.key(key);
        call.arg(holder).invoke_async(&mut self.connection.clone()).await.map_err(cause)
    }
}

fn ttl(expires_at: Millis, now: Millis) -> Millis {
    expires_at.saturating_sub(now).max(0).saturating_add(SLACK)
}

fn cause(error: RedisError) -> VolatileError {
    // With `maxmemory` reached and `noeviction`, as the documentation asks for, Redis refuses writes by this word.
    if error.code() == Some("OOM") { VolatileError::Full } else { VolatileError::Unavailable(error) }
}
