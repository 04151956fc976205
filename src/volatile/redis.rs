//! Short-lived state in Redis. An entry is a hash: `e` its expiry by our clock, `v` the value, `s` the note of who took
//! it, `n` a count. Each verb is one script, so that nothing comes between its steps.

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
        let [put, get, take, count] = [PUT, GET, TAKE, COUNT].map(Script::new);
        Ok(Self { connection, scripts: Arc::new(Scripts { put, get, take, count }) })
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
}

fn ttl(expires_at: Millis, now: Millis) -> Millis {
    expires_at.saturating_sub(now).max(0).saturating_add(SLACK)
}

fn cause(error: RedisError) -> VolatileError {
    // With `maxmemory` reached and `noeviction`, as the documentation asks for, Redis refuses writes by this word.
    if error.code() == Some("OOM") { VolatileError::Full } else { VolatileError::Unavailable(error) }
}
