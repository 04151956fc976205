//! Limit the binds of connection tests: a page with a button must not lock the service account. Like wrong
//! passwords of people, a bind counts as refused before it is sent, and is given back afterwards.

use zeroize::Zeroizing;

use crate::domain::name::login_part;
use crate::domain::secret::Plain;
use crate::domain::{HOUR, MINUTE, Millis};
use crate::keys::{Label, Sealer};
use crate::volatile::{Volatile, VolatileError};

/// How long a refused password is not sent again.
const REFUSED_FOR: Millis = 30 * MINUTE;
/// How many binds of one account may be refused within an hour, of all administrators together.
const MOST_REFUSED: u64 = 2;

/// The counts of refused service accounts.
pub struct ServiceBindLimit<'a> {
    pub volatile: &'a Volatile,
    pub sealer: &'a Sealer,
    pub now: Millis,
}

/// Whether the password may be sent.
#[derive(Debug, PartialEq, Eq)]
pub enum ServiceBindPermit {
    Granted(ServiceBindKeys),
    /// A test has sent this very password a short time ago, and it was refused.
    PasswordRefused,
    /// Too many passwords were refused for this account.
    AccountRefused,
}

/// Where a bind is counted.
#[derive(Debug, PartialEq, Eq)]
pub struct ServiceBindKeys {
    account: String,
    password: String,
}

impl ServiceBindLimit<'_> {
    /// Counts a bind as refused, unless it must not be made.
    pub async fn reserve(&self, account: &str, password: &Plain) -> Result<ServiceBindPermit, VolatileError> {
        let keys = self.keys(account, password);
        if self.volatile.counted(&keys.password, self.now).await? > 0 {
            return Ok(ServiceBindPermit::PasswordRefused);
        }
        if self.volatile.count(&keys.account, HOUR, self.now).await? > MOST_REFUSED {
            self.volatile.uncount(&keys.account, self.now).await?;
            return Ok(ServiceBindPermit::AccountRefused);
        }
        Ok(ServiceBindPermit::Granted(keys))
    }

    /// Records how the bind ended: whether the directory has counted a wrong password.
    pub async fn finish(&self, keys: &ServiceBindKeys, was_wrong: bool) -> Result<(), VolatileError> {
        match was_wrong {
            true => self.volatile.count(&keys.password, REFUSED_FOR, self.now).await.map(drop),
            false => self.volatile.uncount(&keys.account, self.now).await,
        }
    }

    /// The spellings of an account (`DOMAIN\svc`, `svc@domain`) share a count.
    fn keys(&self, account: &str, password: &Plain) -> ServiceBindKeys {
        let account = login_part(account);
        let digest = |parts: &[&[u8]]| {
            let covered = Zeroizing::new(parts.join(&0));
            hex::encode(&self.sealer.hmac(Label::RefusedPassword, &covered).0[..16])
        };
        let secret = password.expose().as_bytes();
        ServiceBindKeys {
            account: format!("service_binds:{}", digest(&[b"service account", account.as_bytes()])),
            password: format!("service_password:{}", digest(&[b"service", account.as_bytes(), secret])),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Counts(Volatile, Sealer);

    impl Counts {
        async fn new() -> Self {
            Self(Volatile::open("memory").await.expect("memory"), Sealer::new(&[7; 32]).expect("a key"))
        }

        /// Whether a bind was sent, and refused as a wrong password if `is_wrong`.
        async fn bind(&self, account: &str, password: &str, is_wrong: bool, now: Millis) -> bool {
            let limit = ServiceBindLimit { volatile: &self.0, sealer: &self.1, now };
            match limit.reserve(account, &Plain::new(password)).await.expect("memory") {
                ServiceBindPermit::Granted(keys) => {
                    limit.finish(&keys, is_wrong).await.expect("memory");
                    true
                }
                _ => false,
            }
        }
    }

    #[tokio::test]
    async fn a_refused_password_is_not_sent_again() {
        let counts = Counts::new().await;
        assert!(counts.bind("svc@x", "wrong", true, 0).await);
        assert!(!counts.bind("svc@x", "wrong", true, 1).await);
        assert!(!counts.bind("X\\SVC", "wrong", true, 1).await, "the same account");
        assert!(counts.bind("other@x", "wrong", true, 1).await, "another account");
        assert!(counts.bind("svc@x", "wrong", true, REFUSED_FOR).await, "half an hour later");
    }

    #[tokio::test]
    async fn no_series_of_passwords_locks_the_account() {
        let counts = Counts::new().await;
        let mut sent = 0;
        for at in 0..20 {
            sent += u64::from(counts.bind("svc", &format!("guess {at}"), true, at).await);
        }
        assert_eq!(sent, MOST_REFUSED);
        assert!(!counts.bind("svc", "right", false, 20).await, "not before the hour is over");
        assert!(counts.bind("svc", "right", false, HOUR).await);
    }

    #[tokio::test]
    async fn a_right_password_can_be_tested_as_often_as_wanted() {
        let counts = Counts::new().await;
        for at in 0..20 {
            assert!(counts.bind("svc", "right", false, at).await, "{at}");
        }
    }

    /// A test that never ended has sent its password perhaps.
    #[tokio::test]
    async fn a_bind_without_a_result_stays_counted() {
        let counts = Counts::new().await;
        let limit = ServiceBindLimit { volatile: &counts.0, sealer: &counts.1, now: 0 };
        for _ in 0..MOST_REFUSED {
            let permit = limit.reserve("svc", &Plain::new("x")).await.expect("memory");
            assert!(matches!(permit, ServiceBindPermit::Granted(_)));
        }
        let permit = limit.reserve("svc", &Plain::new("x")).await.expect("memory");
        assert_eq!(permit, ServiceBindPermit::AccountRefused);
    }
}
