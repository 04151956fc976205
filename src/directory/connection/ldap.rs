//! One LDAP connection and its operations, each with a time limit. A panic in the LDAP library is caught and
//! treated as a malformed response. After any fault the connection is unfit: its owner drops it, which closes
//! the socket.

use std::collections::HashSet;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use ldap3::controls::RawControl;
use ldap3::exop::PasswordModify;
use ldap3::{Ldap, LdapError, LdapResult, Mod, ResultEntry, Scope, SearchOptions, SearchStream};
use tokio::time::{Duration, Instant, timeout_at};

use super::dial::{Dialer, Dialled, Driver};
use super::pump::CloseReason;
use crate::directory::error::LdapFault;
use crate::directory::message::{Attributes, LdapFilter, code};
use crate::domain::secret::Plain;

/// After this time, or this many requests, a connection is replaced: the library keeps some memory for each
/// request, and the host name may resolve to a new address.
const LONGEST_LIFE: Duration = Duration::from_secs(10 * 60);
const MOST_OPERATIONS: u32 = 20_000;
/// Time limit for checking that a connection is alive.
const VALIDATION: Duration = Duration::from_millis(1_000);

/// One search request.
pub(crate) struct Query<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: LdapFilter,
    pub(crate) attributes: &'a [&'a str],
    pub(crate) controls: Vec<RawControl>,
    /// More entries than this are an error.
    pub(crate) most: usize,
    /// Asks the server to enforce the limit as well (result 4).
    pub(crate) stop_at_most: bool,
}

impl<'a> Query<'a> {
    /// A base search for attributes of this DN.
    pub(crate) fn read(dn: &'a str, attributes: &'a [&'a str]) -> Self {
        Self {
            base: dn,
            scope: Scope::Base,
            filter: LdapFilter::present("objectClass"),
            attributes,
            controls: Vec::new(),
            most: 1,
            stop_at_most: false,
        }
    }
}

/// A search whose entries are read one by one.
pub(crate) struct Follow<'a> {
    pub(crate) base: &'a str,
    pub(crate) scope: Scope,
    pub(crate) filter: &'a LdapFilter,
    pub(crate) attributes: &'static [&'static str],
    pub(crate) control: RawControl,
}

/// The result of a search.
#[derive(Debug)]
pub(crate) struct SearchResponse {
    pub(crate) entries: Vec<Attributes>,
    /// Continuation references (RFC 4511 section 4.5.3) point to other servers; they are counted and not
    /// followed.
    pub(crate) references: usize,
    pub(crate) result: LdapResult,
}

/// One connection to one server.
pub(crate) struct Connection {
    ldap: Ldap,
    _drivers: [Driver; 2],
    ended: CloseReason,
    opened: Instant,
    used: Instant,
    operations: u32,
}

impl Connection {
    /// Connects, with encryption as configured, without a bind.
    pub(crate) async fn open(dialer: &Dialer, until: Instant) -> Result<Self, LdapFault> {
        let Dialled { ldap, ended, drivers } = dialer.dial(until).await?;
        let now = Instant::now();
        Ok(Self { ldap, _drivers: drivers, ended, opened: now, used: now, operations: 0 })
    }

    /// One simple bind (RFC 4513 section 5.1.3). The caller has checked that the password is not blank.
    pub(crate) async fn bind(
        &mut self,
        dn: &str,
        password: &Plain,
        controls: Vec<RawControl>,
        until: Instant,
    ) -> Result<LdapResult, LdapFault> {
        self.operations += 1;
        let bind = self.ldap.with_controls(controls).simple_bind(dn, password.expose());
        let result = contained(bind, &self.ended, until).await?;
        self.used = Instant::now();
        Ok(result)
    }

    /// Changes an Active Directory password: one modify deletes the old value and adds the new one, which
    /// requires the old password. (A replace would be a reset.) MS-ADTS 3.1.1.3.1.5.1.
    pub(crate) async fn change_unicode_pwd(
        &mut self,
        dn: &str,
        old: &Plain,
        new: &Plain,
        until: Instant,
    ) -> Result<LdapResult, LdapFault> {
        self.operations += 1;
        let attribute = || b"unicodePwd".to_vec();
        let changes = vec![
            Mod::Delete(attribute(), HashSet::from([unicode_pwd(old)])),
            Mod::Add(attribute(), HashSet::from([unicode_pwd(new)])),
        ];
        let result = contained(self.ldap.modify(dn, changes), &self.ended, until).await?;
        self.used = Instant::now();
        Ok(result)
    }

    /// The Password Modify operation (RFC 3062) for the bound identity.
    pub(crate) async fn modify_password(
        &mut self,
        old: &Plain,
        new: &Plain,
        controls: Vec<RawControl>,
        until: Instant,
    ) -> Result<LdapResult, LdapFault> {
        self.operations += 1;
        let request =
            PasswordModify { user_id: None, old_pass: Some(old.expose()), new_pass: Some(new.expose()) };
        let change = self.ldap.with_controls(controls).extended(request);
        contained(change, &self.ended, until).await.map(|answer| answer.1)
    }

    /// Runs a search and collects all entries.
    pub(crate) async fn search(
        &mut self,
        query: &Query<'_>,
        until: Instant,
    ) -> Result<SearchResponse, LdapFault> {
        self.operations += 1;
        let answer = contained(collect(&mut self.ldap, query), &self.ended, until).await??;
        self.used = Instant::now();
        match answer.result.rc {
            code @ (code::BUSY | code::UNAVAILABLE) => {
                Err(LdapFault::Unwilling { code, text: answer.result.text })
            }
            _ => Ok(answer),
        }
    }

    /// Starts a search whose entries are read as they arrive; it may never end.
    pub(crate) async fn follow(
        &mut self,
        search: Follow<'_>,
        until: Instant,
    ) -> Result<Following, LdapFault> {
        self.operations += 1;
        let Follow { base, scope, filter, attributes, control } = search;
        let ldap = self.ldap.with_controls(vec![control]);
        let started = ldap.streaming_search(base, scope, filter.as_str(), attributes);
        let stream = contained(started, &self.ended, until).await?;
        Ok(Following { stream, ended: self.ended.clone() })
    }

    /// Checks that the server still responds on this connection while a search is followed. Uses a compare,
    /// because the library keeps memory for every search; any response will do.
    pub(crate) async fn check_alive(&mut self, until: Instant) -> Result<(), LdapFault> {
        contained(self.ldap.compare("", "objectClass", "top"), &self.ended, until).await.map(drop)
    }

    /// True when the connection may be reused without a check.
    pub(crate) fn is_fit(&mut self, now: Instant) -> bool {
        !self.ldap.is_closed() && self.operations < MOST_OPERATIONS && now - self.opened < LONGEST_LIFE
    }

    /// True when a kept connection is alive. Only one that was idle for long is checked (by reading the root
    /// DSE).
    pub(crate) async fn is_alive(&mut self, trusted_idle: Duration, until: Instant) -> bool {
        let now = Instant::now();
        if now - self.used < trusted_idle {
            return true;
        }
        self.search(&root_dse(&["1.1"]), until.min(now + VALIDATION)).await.is_ok()
    }
}

/// A search in progress. It keeps its connection open.
pub(crate) struct Following {
    stream: SearchStream<'static, &'static str, &'static [&'static str]>,
    ended: CloseReason,
}

impl Following {
    /// The next entry, without a time limit; `None` at the end. Don't call again after the end or a fault.
    pub(crate) async fn next(&mut self) -> Result<Option<ResultEntry>, LdapFault> {
        contained_with_retries(self.stream.next(), &self.ended).await
    }

    /// The final result.
    pub(crate) async fn finish(mut self) -> LdapResult {
        self.stream.finish().await
    }
}

/// In quotes, UTF-16 (MS-ADTS 3.1.1.3.1.5). The LDAP library takes ownership and frees it; no other copy
/// remains.
fn unicode_pwd(password: &Plain) -> Vec<u8> {
    let quoted = ['"'].into_iter().chain(password.expose().chars()).chain(['"']);
    // Full capacity at once: a growing buffer would leave a copy of the password in memory.
    let mut encoded = Vec::with_capacity(2 * (password.expose().len() + 2));
    for character in quoted {
        for unit in character.encode_utf16(&mut [0; 2]) {
            encoded.extend(unit.to_le_bytes());
        }
    }
    encoded
}

/// A read of the root DSE (RFC 4512 section 5.1).
pub(crate) fn root_dse<'a>(attributes: &'a [&'a str]) -> Query<'a> {
    Query::read("", attributes)
}

async fn collect(ldap: &mut Ldap, query: &Query<'_>) -> Result<Result<SearchResponse, LdapFault>, LdapError> {
    if query.stop_at_most {
        ldap.with_search_options(SearchOptions::new().sizelimit(i32::try_from(query.most).unwrap_or(0)));
    }
    let mut stream = ldap
        .with_controls(query.controls.clone())
        .streaming_search(query.base, query.scope, query.filter.as_str(), query.attributes)
        .await?;
    let (mut entries, mut references) = (Vec::new(), 0);
    // an error ends the loop: called again, the stream would report its end as if the search were complete
    while let Some(item) = stream.next().await? {
        if item.is_ref() {
            references += 1;
        } else if item.is_intermediate() {
            continue;
        } else if entries.len() == query.most && query.stop_at_most {
            // Not every server enforces the limit. Exceeding it is a result and no fault of the server: a
            // name that many people share must not mark a server as failed.
            let result = LdapResult { rc: code::SIZE_LIMIT_EXCEEDED, ..stream.finish().await };
            return Ok(Ok(SearchResponse { entries, references, result }));
        } else if entries.len() == query.most {
            return Ok(Err(LdapFault::TooMany(query.most)));
        } else {
            match Attributes::read(item) {
                Some(entry) => entries.push(entry),
                None => return Ok(Err(LdapFault::Garbage("an entry that can't be read".to_owned()))),
            }
        }
    }
    let result = stream.finish().await;
    Ok(Ok(SearchResponse { entries, references, result }))
}

/// Runs an operation of the library with a time limit, and turns a panic into a fault.
async fn contained<T>(
    operation: impl Future<Output = Result<T, LdapError>>,
    ended: &CloseReason,
    until: Instant,
) -> Result<T, LdapFault> {
    timeout_at(until, contained_with_retries(operation, ended)).await.unwrap_or(Err(LdapFault::Timeout))
}

async fn contained_with_retries<T>(
    operation: impl Future<Output = Result<T, LdapError>>,
    ended: &CloseReason,
) -> Result<T, LdapFault> {
    match AssertUnwindSafe(operation).catch_unwind().await {
        Err(_panic) => Err(LdapFault::Garbage("the answer could not be decoded".to_owned())),
        Ok(answer) => answer.map_err(|error| ended.instead_of(fault(&error))),
    }
}

fn fault(error: &LdapError) -> LdapFault {
    match error {
        // the task that sends has ended, so the request never left this process
        LdapError::OpSend { .. } => LdapFault::NotSent,
        LdapError::FilterParsing => LdapFault::Garbage("a filter of ours".to_owned()),
        other => LdapFault::Broken(other.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt;
    use tokio::net::TcpListener;

    use super::*;
    use crate::domain::settings::{Encryption, Server};

    const HOUR: Duration = Duration::from_secs(3_600);

    /// A connection to a listener, and the listener's end.
    async fn connected() -> (Connection, tokio::net::TcpStream) {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().ok().map(|address| address.port());
        let server = Server { host: "127.0.0.1".into(), port, tls_name: None, via: None };
        let dialer =
            Dialer::new(&server, Encryption::UnencryptedLoopbackOnly, None).expect("a loopback address");
        let soon = Instant::now() + HOUR;
        let (connection, accepted) = tokio::join!(Connection::open(&dialer, soon), listener.accept());
        (connection.expect("a connection"), accepted.expect("the other end").0)
    }

    #[tokio::test]
    async fn a_connection_that_was_idle_for_long_is_checked() {
        let (mut connection, mut server) = connected().await;
        let until = Instant::now() + HOUR;
        assert!(connection.is_alive(HOUR, until).await, "nobody was asked");
        let done = b"\x30\x0c\x02\x01\x01\x65\x07\x0a\x01\x00\x04\x00\x04\x00";
        let (answers, sent) = tokio::join!(connection.is_alive(Duration::ZERO, until), async {
            server.readable().await?;
            server.write_all(done).await
        });
        assert!(answers && sent.is_ok());
        assert!(!connection.is_alive(Duration::ZERO, until).await, "silence is no answer");
    }

    #[tokio::test]
    async fn a_connection_that_the_server_closed_is_unfit_and_sends_nothing() {
        let (mut connection, server) = connected().await;
        assert!(connection.is_fit(Instant::now()));
        assert!(!connection.is_fit(Instant::now() + LONGEST_LIFE));
        drop(server);
        while connection.is_fit(Instant::now()) {
            tokio::task::yield_now().await;
        }
        let sent = connection.bind("CN=a", &Plain::new("x"), Vec::new(), Instant::now() + HOUR).await;
        assert_eq!(sent.err(), Some(LdapFault::NotSent));
    }
}
