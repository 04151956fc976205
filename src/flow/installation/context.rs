//! The parts of a running process that each wing needs, and what each request adds.

use crate::clock::Clock;
use crate::domain::Millis;
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::domain::place::Place;
use crate::domain::secret::Hashed;
use crate::flow::installation::current::{Current, Installation};
use crate::flow::installation::fault::Fault;
use crate::flow::installation::process::Process;
use crate::flow::settings;
use crate::keys::{self, Keys, Label};
use crate::store::Store;
use crate::volatile::Volatile;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What signing in needs: logins, tokens, and what people do for themselves.
#[derive(Clone)]
pub struct LoginParts {
    /// The issuer identifier: scheme, host and perhaps port and path, without a slash at the end.
    pub issuer: Arc<str>,
    pub store: Store,
    pub volatile: Volatile,
    pub keys: Arc<Keys>,
    pub installation: Arc<Installation>,
    pub clock: Clock,
}

/// What syncing needs.
#[derive(Clone)]
pub struct SyncParts {
    pub store: Store,
    pub installation: Arc<Installation>,
    pub write_bundle: WriteBundle,
    pub clock: Clock,
}

/// Writes a support bundle about a directory for the given reason; returns the place in words.
pub type WriteBundle =
    Arc<dyn Fn(DirectoryId, String) -> BoxFuture<'static, std::io::Result<String>> + Send + Sync>;

/// What operating this process needs: its keys, the list of nodes, the doctor, the support bundle.
#[derive(Clone)]
pub struct OperationParts {
    pub store: Store,
    pub keys: Arc<Keys>,
    pub installation: Arc<Installation>,
    pub process: Arc<Process>,
    pub clock: Clock,
}

/// What the admin panel needs: it shows and does what the other wings can do.
#[derive(Clone)]
pub struct PanelParts {
    pub login: LoginParts,
    pub sync: SyncParts,
    pub operation: OperationParts,
}

/// Lets parts read the settings in force and the time.
macro_rules! reads_settings_and_time {
    ($($parts:ty),+) => {$(
        impl $parts {
            /// The settings and directories in force.
            #[must_use]
            pub fn current(&self) -> std::sync::Arc<$crate::flow::installation::current::Current> {
                self.installation.current()
            }

            /// The time.
            #[must_use]
            pub fn now(&self) -> $crate::domain::Millis {
                self.clock.now()
            }
        }
    )+};
}
pub(crate) use reads_settings_and_time;

reads_settings_and_time!(LoginParts, SyncParts, OperationParts);

impl LoginParts {
    /// The settings in force if another process has changed them since `current`: called if the store reports
    /// that what was judged is stale. An error is logged by the job that checks every second.
    pub async fn newer_than(&self, current: &Current) -> Option<Arc<Current>> {
        let newer = self.installation.refresh().await.ok()?;
        (newer.generation != current.generation).then_some(newer)
    }

    /// Checks that both stores respond within the time that a request waits.
    pub async fn stores_answer(&self) -> Result<(), Fault> {
        self.store.ping().await?;
        Ok(self.volatile.ping().await?)
    }

    /// 256 random bits in 43 characters that are safe in a URL, a cookie and a form.
    #[must_use]
    pub fn random_id(&self) -> String {
        keys::random_id()
    }

    /// An id that a person can read out on the telephone.
    #[must_use]
    pub fn random_attempt_id(&self) -> String {
        keys::random_attempt_id()
    }

    /// True for the secret of a client whose digest the settings hold.
    #[must_use]
    pub fn is_client_secret(&self, client_id: &str, secret: &str, stored: &str) -> bool {
        settings::is_client_secret(&self.keys.sealer, client_id, secret, stored)
    }

    /// The public signing keys as a JWK Set (RFC 7517 section 5).
    #[must_use]
    pub fn key_set(&self) -> String {
        self.keys.ring().jwks().to_owned()
    }

    /// The digest under which the store knows a session.
    #[must_use]
    pub fn session_hash(&self, session_id: &str) -> Hashed {
        self.keys.sealer.hmac(Label::Session, session_id.as_bytes())
    }
}

/// Who makes a request, and the id by which the result can be explained later.
#[derive(Clone, Debug)]
pub struct Visit {
    /// Shown to the person and written to the audit log.
    pub attempt_id: String,
    /// The address that the request came from, behind trusted proxies.
    pub address: String,
    /// The `User-Agent`; only the names in it that we know are stored ([`Visit::place`]).
    pub user_agent: String,
}

impl Visit {
    /// The browser's place, by which its owner can recognise it in a list.
    #[must_use]
    pub fn place(&self) -> Place {
        Place::of(&self.user_agent, &self.address)
    }

    /// An audit event of this visit.
    #[must_use]
    pub fn event(&self, at: Millis, decision: Decision) -> Event {
        Event {
            attempt_id: Some(self.attempt_id.clone()),
            address: Some(self.address.clone()),
            ..Event::new(at, decision)
        }
    }
}
