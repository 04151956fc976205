//! Short-lived state in Redis. An entry is a hash: `e` its expiry by our clock, `v` the value, `s` the note
//! of the caller that took it, `n` a count, `h` the holder of a claim. Each operation is one atomic script.
//!
//! While Redis is briefly unavailable, a call is sent again. The call may have succeeded and only its
//! response been lost, so an operation that must not happen twice carries a call id, and the entry keeps the
//! ids of the last calls (`m`): repeating a call only returns the same result.

use std::fmt;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use redis::aio::{ConnectionManager, ConnectionManagerConfig};
use redis::{Client, ConnectionAddr, ErrorKind, FromRedisValue, RedisError, Script, ScriptInvocation};
use tokio::time::error::Elapsed;
use tokio::time::{sleep, timeout};

use crate::domain::network::is_loopback;
use crate::domain::secret::Sealed;
use crate::domain::{MINUTE, Millis};

use super::{Room, TakeResult, VolatileError};

/// How long after its expiry Redis removes an entry: nodes whose clocks differ still agree that it exists.
const SLACK: Millis = MINUTE;
/// How long a request waits for Redis to come back.
const WAIT: Duration = Duration::from_secs(3);
/// How long the first connection is tried: at a start of the machine everything starts at once, and is slow.
const START: Duration = Duration::from_secs(10);
/// Pause between two attempts.
const PAUSE: Duration = Duration::from_millis(20);

/// With `maxmemory` set, values may use three quarters of it: the rest is for counters and claims, which
/// every password attempt needs. Returns 0 without space. Entries for attempts (`ARGV[4]`) may use all of it.
const PUT: &str = "local info = redis.pcall('INFO', 'memory') \
     if type(info) == 'string' then \
     local used = tonumber(string.match(info, 'used_memory:(%d+)')) \
     local most = tonumber(string.match(info, 'maxmemory:(%d+)')) \
     if ARGV[4] == '0' and used and most and most > 0 and used + #ARGV[2] > most * 3 / 4 then return 0 end end \
     redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[1], 'v', ARGV[2]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[3]) \
     return 1";

const GET: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'v', 's') \
     if held[1] and not held[3] and tonumber(ARGV[1]) < tonumber(held[1]) then return held[2] end \
     return false";

const TAKE: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'v', 's', 'm') \
     if not held[1] or tonumber(ARGV[1]) >= tonumber(held[1]) then return {} end \
     if held[3] and held[4] ~= ARGV[3] then return {'again', held[3]} end \
     if not held[2] then return {} end \
     redis.call('HSET', KEYS[1], 's', ARGV[2], 'm', ARGV[3]) \
     return {'first', held[2]}";

const COUNT: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'n', 'm') \
     if not held[1] or tonumber(ARGV[1]) >= tonumber(held[1]) then \
     redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[2], 'n', 1, 'm', ARGV[4]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[3]) \
     return 1 end \
     local count, marks = tonumber(held[2]) or 0, held[3] or '' \
     if string.find(marks, ARGV[4], 1, true) then return count end \
     redis.call('HSET', KEYS[1], 'n', count + 1, 'm', string.sub(ARGV[4] .. marks, 1, 160)) \
     return count + 1";

const COUNTED: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'n') \
     if held[1] and held[2] and tonumber(ARGV[1]) < tonumber(held[1]) then return tonumber(held[2]) end \
     return 0";

const UNCOUNT: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'n', 'm') \
     if not held[1] or not held[2] or tonumber(ARGV[1]) >= tonumber(held[1]) then return end \
     local count, marks = tonumber(held[2]), held[3] or '' \
     if string.find(marks, ARGV[2], 1, true) then return end \
     if count <= 1 then redis.call('DEL', KEYS[1]) return end \
     redis.call('HSET', KEYS[1], 'n', count - 1, 'm', string.sub(ARGV[2] .. marks, 1, 160))";

const CLAIM: &str = "local held = redis.call('HMGET', KEYS[1], 'e', 'm') \
     if held[1] and tonumber(ARGV[1]) < tonumber(held[1]) then \
     if held[2] == ARGV[5] then return 1 else return 0 end end \
     redis.call('DEL', KEYS[1]) \
     redis.call('HSET', KEYS[1], 'e', ARGV[2], 'h', ARGV[3], 'm', ARGV[5]) \
     redis.call('PEXPIRE', KEYS[1], ARGV[4]) \
     return 1";

const RELEASE: &str = "if redis.call('HGET', KEYS[1], 'h') == ARGV[1] then redis.call('DEL', KEYS[1]) end";

/// A handle on the connection, which reconnects automatically.
#[derive(Clone)]
pub struct Redis {
    connection: ConnectionManager,
    scripts: Arc<RedisScripts>,
    call_ids: Arc<CallIds>,
}

/// Creates call ids of equal length: 16 characters, half of them unique to this process.
struct CallIds {
    process: u32,
    next: AtomicU32,
}

impl Default for CallIds {
    fn default() -> Self {
        let drawn = RandomState::new().hash_one(std::process::id()).to_be_bytes();
        let [a, b, c, d, ..] = drawn;
        Self { process: u32::from_be_bytes([a, b, c, d]), next: AtomicU32::new(0) }
    }
}

impl CallIds {
    fn next(&self) -> String {
        format!("{:08x}{:08x}", self.process, self.next.fetch_add(1, Ordering::Relaxed))
    }
}

struct RedisScripts {
    put: Script,
    get: Script,
    take: Script,
    count: Script,
    counted: Script,
    uncount: Script,
    claim: Script,
    release: Script,
}

impl RedisScripts {
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
        refuse_unprotected(client.get_connection_info().addr())?;
        // One attempt at a time: a waiting call makes the next one.
        let config = ConnectionManagerConfig::new()
            .set_connection_timeout(Some(Duration::from_millis(1_500)))
            .set_response_timeout(Some(Duration::from_secs(2)))
            .set_number_of_retries(1)
            .set_max_delay(Duration::from_millis(200));
        let connection = first_connection(&client, config).await?;
        Ok(Self { connection, scripts: Arc::new(RedisScripts::new()), call_ids: Arc::default() })
    }

    pub(super) async fn ping(&self) -> Result<(), VolatileError> {
        self.command(&redis::cmd("PING")).await
    }

    pub(super) async fn put(
        &self,
        room: Room,
        key: &str,
        value: Sealed,
        expires_at: Millis,
        now: Millis,
    ) -> Result<(), VolatileError> {
        let reserved = i64::from(room == Room::Counters);
        let mut call = self.scripts.put.key(key);
        call.arg(expires_at).arg(value.0).arg(ttl(expires_at, now)).arg(reserved);
        let kept: bool = self.call(&call).await?;
        if kept { Ok(()) } else { Err(VolatileError::Full) }
    }

    pub(super) async fn get(&self, key: &str, now: Millis) -> Result<Option<Sealed>, VolatileError> {
        let mut call = self.scripts.get.key(key);
        call.arg(now);
        let value: Option<Vec<u8>> = self.call(&call).await?;
        Ok(value.map(Sealed))
    }

    pub(super) async fn take(
        &self,
        key: &str,
        now: Millis,
        note: &[u8],
    ) -> Result<TakeResult, VolatileError> {
        let mut call = self.scripts.take.key(key);
        call.arg(now).arg(note).arg(self.call_ids.next());
        let answer: Vec<Vec<u8>> = self.call(&call).await?;
        Ok(match <[Vec<u8>; 2]>::try_from(answer) {
            Ok([word, value]) if word == b"first" => TakeResult::First(Sealed(value)),
            Ok([_, note]) => TakeResult::Again(note),
            Err(_) => TakeResult::Unknown,
        })
    }

    pub(super) async fn count(&self, key: &str, window: Millis, now: Millis) -> Result<u64, VolatileError> {
        let expires_at = now.saturating_add(window);
        let mut call = self.scripts.count.key(key);
        call.arg(now).arg(expires_at).arg(ttl(expires_at, now)).arg(self.call_ids.next());
        self.call(&call).await
    }

    pub(super) async fn counted(&self, key: &str, now: Millis) -> Result<u64, VolatileError> {
        let mut call = self.scripts.counted.key(key);
        call.arg(now);
        self.call(&call).await
    }

    pub(super) async fn uncount(&self, key: &str, now: Millis) -> Result<(), VolatileError> {
        let mut call = self.scripts.uncount.key(key);
        call.arg(now).arg(self.call_ids.next());
        self.call(&call).await
    }

    pub(super) async fn forget(&self, key: &str) -> Result<(), VolatileError> {
        self.command(redis::cmd("DEL").arg(key)).await
    }

    pub(super) async fn claim(
        &self,
        key: &str,
        holder: &str,
        until: Millis,
        now: Millis,
    ) -> Result<bool, VolatileError> {
        let mut call = self.scripts.claim.key(key);
        call.arg(now).arg(until).arg(holder).arg(ttl(until, now)).arg(self.call_ids.next());
        self.call(&call).await
    }

    pub(super) async fn claimed_until(
        &self,
        key: &str,
        now: Millis,
    ) -> Result<Option<Millis>, VolatileError> {
        let until: Option<Millis> = self.command(redis::cmd("HGET").arg(key).arg("e")).await?;
        Ok(until.filter(|until| now < *until))
    }

    pub(super) async fn release(&self, key: &str, holder: &str) -> Result<(), VolatileError> {
        let mut call = self.scripts.release.key(key);
        call.arg(holder);
        self.call(&call).await
    }

    async fn call<T: FromRedisValue>(&self, call: &ScriptInvocation<'_>) -> Result<T, VolatileError> {
        let attempt = |mut connection| async move { call.invoke_async(&mut connection).await };
        repeated(|| attempt(self.connection.clone())).await
    }

    async fn command<T: FromRedisValue>(&self, command: &redis::Cmd) -> Result<T, VolatileError> {
        let attempt = |mut connection| async move { command.query_async(&mut connection).await };
        repeated(|| attempt(self.connection.clone())).await
    }
}

/// Connects, and tries again while Redis is unavailable, for at most [`START`]. A refused certificate stays refused.
async fn first_connection(
    client: &Client,
    config: ConnectionManagerConfig,
) -> Result<ConnectionManager, VolatileError> {
    let is_refused = |error: &RedisError| refused_certificate(error).is_some();
    let opened = within(START, || async {
        match client.get_connection_manager_with_config(config.clone()).await {
            Err(error) if is_refused(&error) => Ok(Err(not_opened(error))),
            tried => tried.map(Ok),
        }
    });
    opened.await?
}

/// Repeats a call while Redis is unavailable, for at most [`WAIT`].
async fn repeated<T, F: Future<Output = Result<T, RedisError>>>(
    attempt: impl Fn() -> F,
) -> Result<T, VolatileError> {
    within(WAIT, attempt).await
}

/// Repeats a call while Redis is unavailable, for so long.
async fn within<T, F: Future<Output = Result<T, RedisError>>>(
    patience: Duration,
    attempt: impl Fn() -> F,
) -> Result<T, VolatileError> {
    let mut last = None;
    let asked = async {
        loop {
            match attempt().await {
                Err(error) if is_away(&error) => last = Some(error),
                done => return done,
            }
            sleep(PAUSE).await;
        }
    };
    let answer = timeout(patience, asked).await;
    answer.unwrap_or_else(|elapsed| Err(last.unwrap_or_else(|| late(elapsed)))).map_err(cause)
}

fn late(elapsed: Elapsed) -> RedisError {
    std::io::Error::new(std::io::ErrorKind::TimedOut, elapsed).into()
}

/// An attacker who can read or change the traffic could take codes and lower counters.
fn refuse_unprotected(address: &ConnectionAddr) -> Result<(), VolatileError> {
    let host = match address {
        ConnectionAddr::Tcp(host, _) | ConnectionAddr::TcpTls { host, insecure: true, .. } => host,
        _ => return Ok(()),
    };
    if is_loopback(host) {
        return Ok(());
    }
    Err(VolatileError::Url(format!(
        "Redis on {host} would be reached without verified TLS: an attacker on the network could read and change the data. \
         Write rediss:// (without #insecure), or use a loopback address"
    )))
}

/// What to do about a certificate that is not accepted.
fn not_opened(error: RedisError) -> VolatileError {
    match refused_certificate(&error) {
        Some(why) => VolatileError::Url(format!(
            "the certificate of Redis is not accepted ({why}). Add its CA to those of the system, or name a file with all \
             accepted CAs in the variable SSL_CERT_FILE, and write the host as it is in the certificate"
        )),
        None => cause(error),
    }
}

/// Why the certificate of Redis is not accepted, where that is the error.
fn refused_certificate(error: &RedisError) -> Option<String> {
    error.to_string().split_once("invalid peer certificate: ").map(|(_, why)| why.to_owned())
}

/// Broken connections; a server that is starting, or has just become a replica.
fn is_away(error: &RedisError) -> bool {
    use redis::ServerErrorKind as S;
    matches!(
        error.kind(),
        ErrorKind::Io | ErrorKind::Server(S::BusyLoading | S::MasterDown | S::ReadOnly | S::TryAgain)
    )
}

fn ttl(expires_at: Millis, now: Millis) -> Millis {
    expires_at.saturating_sub(now).max(0).saturating_add(SLACK)
}

fn cause(error: RedisError) -> VolatileError {
    // With `maxmemory` reached and `noeviction` (as documented), Redis refuses writes with this word.
    if error.code() == Some("OOM") { VolatileError::Full } else { VolatileError::Unavailable(error) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_elsewhere_needs_verified_tls() {
        let protected = |url: &str| {
            let client = Client::open(url).expect("a URL");
            refuse_unprotected(client.get_connection_info().addr()).is_ok()
        };
        for right in [
            "redis://127.0.0.1/",
            "redis://:x@localhost:6380/3",
            "redis://[::1]/",
            "rediss://cache.example.com/",
        ] {
            assert!(protected(right), "{right}");
        }
        for wrong in
            ["redis://cache.example.com/", "redis://10.0.0.1/", "rediss://cache.example.com/#insecure"]
        {
            assert!(!protected(wrong), "{wrong}");
        }
    }
}
