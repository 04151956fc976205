//! Read and cache lockout policies: loaded on first use and again after a minute.
//!
//! In Active Directory the domain's policy and, if the service account may read them, the fine-grained ones
//! (MS-ADTS 3.1.1.4.5.36); elsewhere the password policy entries (draft-behera section 5.2).

use std::collections::HashMap;

use ldap3::Scope;
use tokio::sync::Mutex;
use tokio::time::{Duration, Instant};

use super::aging::Aging;
use crate::directory::Directory;
use crate::directory::connection::{Query, root_dse};
use crate::directory::error::{DirectoryConfigError, DirectoryError};
use crate::directory::message::Attributes;
use crate::domain::dn::Dn;
use crate::domain::lockout::LockoutPolicy;
use crate::domain::schema::Schema;
use crate::domain::settings;
use crate::domain::{Millis, SECOND};

/// Maximum age of a cached policy.
const FRESH: Duration = Duration::from_secs(60);
/// After a failed reload the old policy stays valid, and no reload is tried for this long.
const PAUSE: Duration = Duration::from_secs(5);
/// No more fine-grained policies than this are read.
const MOST_POLICIES: usize = 500;
/// The longest lockout window that we use: thirty days.
const LONGEST_WINDOW: Millis = 30 * crate::domain::DAY;

/// The cached policies of a directory, and the related settings.
pub(crate) struct Policies {
    /// [`settings::Directory::assumed_lockout_threshold`].
    assumed: Option<LockoutPolicy>,
    /// [`settings::Directory::password_policy`].
    default: Option<Dn>,
    domain: Mutex<Option<DomainPolicies>>,
    entries: Mutex<HashMap<String, (Instant, Option<PolicyEntry>)>>,
}

/// A password policy entry.
type PolicyEntry = (LockoutPolicy, Aging);

/// A domain's policies, as read from one of its servers.
#[derive(Clone)]
pub(crate) struct DomainPolicies {
    read_at: Instant,
    /// The server that was read.
    server: usize,
    policy: Option<LockoutPolicy>,
    fine_grained: FineGrained,
    /// The server's time at `read_at`.
    time: Option<Millis>,
    /// The index of the PDC emulator, if it is another configured server.
    pub(crate) pdc: Option<usize>,
}

/// The fine-grained policies by name.
#[derive(Clone, Default)]
pub(crate) struct FineGrained {
    /// The container shows its attributes and each policy its threshold: no policy is hidden.
    pub(crate) readable: bool,
    pub(crate) policies: HashMap<String, LockoutPolicy>,
}

impl Policies {
    pub(crate) fn new(settings: &settings::Directory) -> Result<Self, DirectoryConfigError> {
        let named = settings.password_policy.trim();
        let not_a_name = |_| DirectoryConfigError::PasswordPolicy(named.to_owned());
        let default = (!named.is_empty()).then(|| Dn::parse(named)).transpose().map_err(not_a_name)?;
        Ok(Self {
            assumed: settings.assumed_lockout_threshold.map(LockoutPolicy::assumed),
            default,
            domain: Mutex::default(),
            entries: Mutex::default(),
        })
    }

    /// The policy entry for accounts that name none.
    pub(crate) fn default_entry(&self) -> Option<&Dn> {
        self.default.as_ref()
    }
}

impl DomainPolicies {
    /// The current time by the server's clock.
    pub(crate) fn now(&self) -> Option<Millis> {
        let since = Millis::try_from(self.read_at.elapsed().as_millis()).unwrap_or(Millis::MAX);
        self.time.map(|time| time.saturating_add(since))
    }

    /// The policy for a person whose entry names this fine-grained policy, or none. When some policies are
    /// unreadable, a person without a named policy may have a hidden one: then the domain's policy applies,
    /// combined with the threshold that the administrator configured as assumed. A person with a named but
    /// hidden policy gets what is assumed for a directory that shows no policies.
    fn policy(&self, named: Option<&Dn>, assumed: Option<LockoutPolicy>) -> LockoutPolicy {
        let domain = self.policy.unwrap_or(LockoutPolicy::NEVER);
        if let Some(own) = named.and_then(|named| self.fine_grained.policies.get(&named.key())) {
            return *own;
        }
        if named.is_none() && self.policy.is_some() && self.fine_grained.readable {
            // Which policy a person has needs its own read permission: without it any of the policies may
            // apply.
            return self.fine_grained.policies.values().fold(domain, |all, one| all.and(*one));
        }
        let own_is_hidden = named.is_some() || self.policy.is_none();
        match assumed {
            Some(assumed) => domain.and(assumed),
            None if own_is_hidden => domain.and(LockoutPolicy::unreadable()),
            None => domain,
        }
    }
}

impl Directory {
    /// The lockout policy for a person whose entry names this policy, or none.
    pub(crate) async fn policy(
        &self,
        named: Option<&Dn>,
        deadline: Instant,
    ) -> Result<(LockoutPolicy, Option<DomainPolicies>), DirectoryError> {
        let policies = &self.inner.policies;
        match self.naming().schema {
            Schema::ActiveDirectory => {
                let domain = self.domain(deadline).await?;
                Ok((domain.policy(named, policies.assumed), Some(domain)))
            }
            Schema::Rfc2307bis => {
                let policy = match named.or(policies.default.as_ref()) {
                    Some(name) => self.policy_entry(name, deadline).await?.map(|(lockout, _)| lockout),
                    None => None,
                };
                let unknown = || policies.assumed.unwrap_or_else(LockoutPolicy::unreadable);
                Ok((policy.unwrap_or_else(unknown), None))
            }
        }
    }

    /// The age limits for a person whose entry names this policy, or none; `None` when unreadable.
    pub(crate) async fn aging(
        &self,
        named: Option<&Dn>,
        deadline: Instant,
    ) -> Result<Option<Aging>, DirectoryError> {
        let Some(name) = named.or(self.inner.policies.default.as_ref()) else { return Ok(None) };
        Ok(self.policy_entry(name, deadline).await?.map(|(_, aging)| aging))
    }

    /// One request reads; the others wait for its result.
    async fn domain(&self, deadline: Instant) -> Result<DomainPolicies, DirectoryError> {
        let mut kept = locked(&self.inner.policies.domain, deadline).await?;
        let current = self.requests().servers.current();
        let fresh = |kept: &DomainPolicies| kept.read_at.elapsed() < FRESH && kept.server == current;
        if let Some(fresh) = kept.as_ref().filter(|kept| fresh(kept)) {
            return Ok(fresh.clone());
        }
        match (self.read_domain(deadline).await, kept.as_mut()) {
            (Ok(domain), _) => {
                warn_of_tight_threshold(self, domain.policy);
                Ok(kept.insert(domain).clone())
            }
            (Err(error), Some(old)) => {
                tracing::warn!(directory = %self.id(), %error, "the domain's lockout policy could not be read again");
                old.extend_validity();
                Ok(old.clone())
            }
            (Err(error), None) => Err(error),
        }
    }

    async fn read_domain(&self, deadline: Instant) -> Result<DomainPolicies, DirectoryError> {
        let wanted = &["lockoutThreshold", "lockOutObservationWindow", "fSMORoleOwner"];
        let (heads, _) = self.ask(&Query::read(self.base().as_str(), wanted), deadline).await?;
        let head = heads.first();
        let policy =
            head.and_then(|head| windows_policy(head, "lockoutThreshold", "lockOutObservationWindow"));
        let fine_grained = self.fine_grained(deadline).await?;
        let (dse, _) = self.ask(&root_dse(&["currentTime"]), deadline).await?;
        let read_at = Instant::now();
        let owner = head.and_then(|head| head.names("fSMORoleOwner").pop());
        Ok(DomainPolicies {
            read_at,
            server: self.requests().servers.current(),
            policy,
            fine_grained,
            time: dse.first().and_then(|dse| dse.times("currentTime").pop()),
            pdc: self.pdc_elsewhere(owner.as_ref(), deadline).await,
        })
    }

    /// The index of the PDC emulator, unless it is the server in use.
    async fn pdc_elsewhere(&self, owner: Option<&Dn>, deadline: Instant) -> Option<usize> {
        let (requests, owner) = (self.requests(), owner?);
        let places = 0..requests.servers.iter().count();
        let current = requests.servers.current();
        if requests.identity(current, deadline).await == Some(owner) {
            return None;
        }
        let others = places.filter(|at| *at != current);
        let found =
            others.map(async |at| (requests.identity(at, deadline).await == Some(owner)).then_some(at));
        futures_util::future::join_all(found).await.into_iter().flatten().next()
    }

    async fn fine_grained(&self, deadline: Instant) -> Result<FineGrained, DirectoryError> {
        let container = format!("CN=Password Settings Container,CN=System,{}", self.base());
        let attributes = &["objectClass", "msDS-LockoutThreshold", "msDS-LockoutObservationWindow"];
        let query =
            Query { scope: Scope::Subtree, most: MOST_POLICIES, ..Query::read(&container, attributes) };
        match self.ask(&query, deadline).await {
            Ok((found, _)) => Ok(FineGrained::read(&found)),
            Err(DirectoryError::Refused { .. }) => Ok(FineGrained::default()),
            Err(error) => Err(error),
        }
    }

    async fn policy_entry(
        &self,
        name: &Dn,
        deadline: Instant,
    ) -> Result<Option<PolicyEntry>, DirectoryError> {
        let mut kept = locked(&self.inner.policies.entries, deadline).await?;
        kept.retain(|_, (read_at, _)| read_at.elapsed() < FRESH);
        if let Some((_, policy)) = kept.get(&name.key()) {
            return Ok(*policy);
        }
        let lockout = ["objectClass", "pwdLockout", "pwdMaxFailure", "pwdFailureCountInterval"];
        let wanted: Vec<&str> = lockout.into_iter().chain(Aging::ATTRIBUTES).collect();
        let found = match self.ask(&Query::read(name.as_str(), &wanted), deadline).await {
            Ok((found, _)) => found,
            Err(DirectoryError::Refused { .. }) => Vec::new(),
            Err(error) => return Err(error),
        };
        let policy = found.first().and_then(|entry| Some((openldap_policy(entry)?, Aging::read(entry))));
        if policy.is_none() {
            tracing::warn!(directory = %self.id(), policy = %name, "a password policy can't be read");
        }
        warn_of_tight_threshold(self, policy.map(|(lockout, _)| lockout));
        kept.insert(name.key(), (Instant::now(), policy));
        Ok(policy)
    }
}

impl DomainPolicies {
    /// Keeps an expired policy valid a little longer.
    fn extend_validity(&mut self) {
        let (now, time) = (Instant::now(), self.now());
        if let Some(then) = (now + PAUSE).checked_sub(FRESH) {
            let ago = Millis::try_from((now - then).as_millis()).unwrap_or(0);
            self.time = time.map(|time| time.saturating_sub(ago));
            self.read_at = then;
        }
    }
}

impl FineGrained {
    pub(crate) fn read(found: &[Attributes]) -> Self {
        let is = |object: &Attributes, class: &str| {
            object.texts("objectClass").any(|known| known.eq_ignore_ascii_case(class))
        };
        let container = |object: &&Attributes| is(object, "msDS-PasswordSettingsContainer");
        let mut policies = HashMap::new();
        let mut hidden = false;
        for object in found.iter().filter(|object| !container(object)) {
            match windows_policy(object, "msDS-LockoutThreshold", "msDS-LockoutObservationWindow") {
                Some(policy) => {
                    policies.insert(object.dn.key(), policy);
                }
                None => hidden = true,
            }
        }
        Self { readable: !hidden && found.iter().any(|object| container(&object)), policies }
    }
}

pub(crate) fn windows_policy(object: &Attributes, threshold: &str, window: &str) -> Option<LockoutPolicy> {
    let threshold = u32::try_from(object.number(threshold)?).ok()?;
    Some(LockoutPolicy { threshold, window: object.windows_span(window)?.min(LONGEST_WINDOW) })
}

/// `pwdLockout` must be true for accounts to be locked; an interval of 0 never resets the count (draft-behera
/// 5.2.10 to 5.2.12).
pub(crate) fn openldap_policy(entry: &Attributes) -> Option<LockoutPolicy> {
    if entry.all("objectClass").is_empty() {
        return None;
    }
    if !entry.is_true("pwdLockout") {
        return Some(LockoutPolicy::NEVER);
    }
    let threshold = u32::try_from(entry.number("pwdMaxFailure").unwrap_or(0)).unwrap_or(0);
    let window = match entry.number("pwdFailureCountInterval").unwrap_or(0) {
        seconds if seconds > 0 => seconds.saturating_mul(SECOND).min(LONGEST_WINDOW),
        _ => LONGEST_WINDOW,
    };
    Some(LockoutPolicy { threshold, window })
}

fn warn_of_tight_threshold(directory: &Directory, policy: Option<LockoutPolicy>) {
    if let Some(LockoutPolicy { threshold: threshold @ 1..=3, .. }) = policy {
        let directory = directory.id();
        tracing::warn!(%directory, threshold, "the lockout threshold is so low that anyone can use up a person's attempts: raise it in the domain");
    }
}

async fn locked<T>(
    mutex: &Mutex<T>,
    deadline: Instant,
) -> Result<tokio::sync::MutexGuard<'_, T>, DirectoryError> {
    tokio::time::timeout_at(deadline, mutex.lock()).await.map_err(|_| DirectoryError::Timeout(Vec::new()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::MINUTE;

    const CONTAINER: &str = "CN=Password Settings Container,CN=System,DC=x";

    fn policy(threshold: u32, minutes: Millis) -> LockoutPolicy {
        LockoutPolicy { threshold, window: minutes * MINUTE }
    }

    fn container(shown: bool) -> Attributes {
        let class: [(&str, &[u8]); 1] = [("objectClass", b"msDS-PasswordSettingsContainer")];
        Attributes::of(CONTAINER, if shown { &class } else { &[] })
    }

    fn fine(name: &str, threshold: Option<&str>) -> Attributes {
        let mut values: Vec<(&str, &[u8])> = Vec::new();
        if let Some(threshold) = threshold {
            values.push(("msDS-LockoutThreshold", threshold.as_bytes()));
            values.push(("msDS-LockoutObservationWindow", b"-6000000000"));
        }
        Attributes::of(&format!("CN={name},{CONTAINER}"), &values)
    }

    fn domain(policy: Option<LockoutPolicy>, found: &[Attributes]) -> DomainPolicies {
        let (read_at, fine_grained) = (Instant::now(), FineGrained::read(found));
        DomainPolicies { read_at, server: 0, policy, fine_grained, time: Some(1_000), pdc: None }
    }

    #[test]
    fn an_unreadable_policy_is_assumed() {
        let own = Dn::parse(&format!("cn=STRICT,{CONTAINER}")).expect("a DN");
        let (head, assumed) = (Some(policy(5, 20)), Some(LockoutPolicy::assumed(4)));
        let guessed = policy(4, 30);
        let strict = |threshold| fine("strict", Some(threshold));
        // the domain's policy, the readable fine-grained ones, whether the entry names one, the policy in
        // force
        let table = [
            ("nothing is there", head, vec![container(true)], None, policy(5, 20)),
            ("nothing is shown", head, vec![container(false)], None, guessed),
            ("there is no container", head, vec![], None, guessed),
            (
                "the policy's own attributes are hidden",
                head,
                vec![container(true), fine("strict", None)],
                None,
                guessed,
            ),
            (
                "the same, and it is named",
                head,
                vec![container(true), fine("strict", None)],
                Some(&own),
                guessed,
            ),
            ("it can be read", head, vec![container(true), strict("9")], Some(&own), policy(9, 10)),
            ("it locks nobody", head, vec![container(true), strict("0")], Some(&own), policy(0, 10)),
            ("another's is looser", head, vec![container(true), strict("9")], None, policy(5, 20)),
            ("another's is stricter", head, vec![container(true), strict("2")], None, policy(2, 20)),
            ("the domain locks nobody", Some(policy(0, 0)), vec![], None, guessed),
            ("nor does it say", None, vec![container(true)], None, guessed),
        ];
        for (what, head, found, named, expected) in table {
            assert_eq!(domain(head, &found).policy(named, assumed), expected, "{what}");
        }
        // with no assumed threshold the domain's policy applies; only a person with a known hidden policy
        // gets less
        let hidden = || vec![container(true), fine("strict", None)];
        let table = [
            ("nothing is shown", head, vec![container(false)], None, policy(5, 20)),
            ("there is no container", head, vec![], None, policy(5, 20)),
            ("some policies are hidden", head, hidden(), None, policy(5, 20)),
            ("their own is hidden", head, hidden(), Some(&own), policy(3, 30)),
            ("it can be read", head, vec![container(true), strict("9")], Some(&own), policy(9, 10)),
            ("the domain locks nobody", Some(policy(0, 0)), vec![], None, policy(0, 0)),
            ("nor does it say", None, vec![container(true)], None, policy(3, 30)),
        ];
        for (what, head, found, named, expected) in table {
            assert_eq!(domain(head, &found).policy(named, None), expected, "unset: {what}");
        }
        assert_eq!(domain(head, &[]).policy(None, Some(LockoutPolicy::assumed(0))), policy(5, 20));
    }

    #[test]
    fn an_extended_policy_keeps_the_server_time() {
        let mut old = domain(None, &[]);
        old.extend_validity();
        let now = old.now().expect("a time");
        assert!((1_000..3_000).contains(&now), "{now}");
    }

    #[test]
    fn a_password_policy_of_openldap_is_read() {
        let read = |values: &[(&str, &str)]| {
            let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
            openldap_policy(&Attributes::of("cn=default,dc=x", &values))
        };
        let class = ("objectClass", "pwdPolicy");
        let (lockout, most) = (("pwdLockout", "TRUE"), ("pwdMaxFailure", "5"));
        let interval = ("pwdFailureCountInterval", "900");
        let for_ever = LockoutPolicy { threshold: 5, window: LONGEST_WINDOW };
        assert_eq!(read(&[class, lockout, most, interval]), Some(policy(5, 15)));
        assert_eq!(read(&[class, lockout, most]), Some(for_ever));
        assert_eq!(read(&[class, lockout, interval]), Some(policy(0, 15)));
        assert_eq!(read(&[class, most, interval]), Some(LockoutPolicy::NEVER));
        assert_eq!(read(&[]), None);
    }
}
