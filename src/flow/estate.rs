//! What is in force now: the settings with their generation, and a connection to each directory that they name.

use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use crate::directory::{Directory, DirectoryConfigError};
use crate::domain::dn::{Dn, DnError};
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::name::TypedName;
use crate::domain::scope::Scope;
use crate::domain::settings::{self, Required, SecondFactor, Settings};
use crate::flow::settings::{Loaded, SettingsError, load, service_password};
use crate::keys::Sealer;
use crate::store::{Store, StoreError};

/// One directory as the flows use it: how to reach it, what of it is synced, which groups it has.
pub struct Site {
    /// What the administrator set.
    pub settings: settings::Directory,
    /// What is synced.
    pub scope: Scope,
    /// The way to its servers.
    pub directory: Directory,
    graph: RwLock<(i64, Arc<GroupGraph>)>,
}

/// Settings and directories of one generation.
pub struct Current {
    /// What administrators set.
    pub settings: Settings,
    /// Goes up with each change of the settings.
    pub generation: i64,
    /// Goes up with each change of the policy of the second factor.
    pub policy_generation: i64,
    policy_groups: Vec<Dn>,
    sites: Vec<Arc<Site>>,
}

/// Why the settings in the store can't be put in force.
#[derive(Debug, thiserror::Error)]
pub enum EstateError {
    /// The store did not answer.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The stored document can't be read.
    #[error(transparent)]
    Settings(#[from] SettingsError),
    /// A directory's settings can't be used.
    #[error("directory {0}: {1}")]
    Directory(DirectoryId, DirectoryConfigError),
    /// A group of the policy can't be read.
    #[error("second_factor.groups: {0}")]
    PolicyGroup(DnError),
    /// A DN of the scope can't be read.
    #[error("directory {0}: {1}")]
    Scope(DirectoryId, DnError),
}

/// The settings in force, replaced as a whole when another process has changed them.
pub struct Estate {
    current: ArcSwap<Current>,
    store: Store,
    sealer: Arc<Sealer>,
    /// Held while settings are taken over: of two who notice a change, the later reads what is in force then.
    taking_over: Mutex<()>,
}

impl Estate {
    /// With nothing in force until [`Estate::refresh`] is called: for commands that must work whatever is stored, so
    /// that settings which can't be used can be mended.
    #[must_use]
    pub fn vacant(store: Store, sealer: Arc<Sealer>) -> Self {
        let empty = Current {
            settings: Settings::default(),
            generation: -1,
            policy_generation: -1,
            policy_groups: Vec::new(),
            sites: Vec::new(),
        };
        Self { current: ArcSwap::from_pointee(empty), store, sealer, taking_over: Mutex::new(()) }
    }

    /// Puts the settings in force without any directory: for commands that need lifetimes and ask nobody.
    pub async fn without_directories(&self) -> Result<(), EstateError> {
        let Loaded { generation, policy_generation, settings } = load(&self.store).await?;
        let (policy_groups, sites) = (Vec::new(), Vec::new());
        let current = Current { settings, generation, policy_generation, policy_groups, sites };
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// What is in force.
    #[must_use]
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// Takes over settings and groups that another process (the command line, another node) has written; no server of a
    /// directory is asked. Costs one small read a directory when nothing has changed.
    pub async fn refresh(&self) -> Result<Arc<Current>, EstateError> {
        if self.store.settings_generation().await? != self.current().generation {
            self.take_over().await?;
        }
        let current = self.current();
        for site in &current.sites {
            site.refresh_groups(&self.store).await?;
        }
        Ok(current)
    }

    /// One at a time, each with what is stored when its turn comes: an older reading never replaces a newer one.
    async fn take_over(&self) -> Result<(), EstateError> {
        let _turn = self.taking_over.lock().await;
        let current = self.current();
        if self.store.settings_generation().await? != current.generation {
            self.current.store(Arc::new(self.build(&current).await?));
        }
        Ok(())
    }

    /// Everything that people are judged by is read before any of it is in force: a directory without its groups would
    /// refuse everybody who is synced because of one. Directories whose settings did not change keep their connections.
    async fn build(&self, old: &Current) -> Result<Current, EstateError> {
        let Loaded { generation, policy_generation, settings } = load(&self.store).await?;
        let mut sites = Vec::with_capacity(settings.directories.len());
        for wanted in &settings.directories {
            let kept = old.sites.iter().find(|site| site.settings == *wanted).cloned();
            let site = match kept {
                Some(site) => site,
                None => Arc::new(self.site(wanted, old)?),
            };
            site.refresh_groups(&self.store).await?;
            sites.push(site);
        }
        let policy_groups = policy_groups(&settings.second_factor)?;
        Ok(Current { settings, generation, policy_generation, policy_groups, sites })
    }

    fn site(&self, wanted: &settings::Directory, old: &Current) -> Result<Site, EstateError> {
        let id = || wanted.id.clone();
        let kept = old.sites.iter().find(|site| is_reached_alike(&site.settings, wanted));
        let directory = match kept {
            Some(site) => site.directory.clone(),
            None => Directory::new(wanted, service_password(wanted, &self.sealer)?)
                .map_err(|error| EstateError::Directory(id(), error))?,
        };
        let scope = Scope::new(&wanted.scope).map_err(|error| EstateError::Scope(id(), error))?;
        Ok(Site { settings: wanted.clone(), scope, directory, graph: RwLock::new((-1, Arc::default())) })
    }
}

/// True when two settings differ in nothing that connections are made of: then they are kept, and with them what is
/// known of the servers and the pause after a refusal of the service account.
fn is_reached_alike(one: &settings::Directory, other: &settings::Directory) -> bool {
    let reached = |directory: &settings::Directory| settings::Directory {
        name: String::new(),
        domains: Vec::new(),
        scope: settings::ScopeSettings::default(),
        sync: settings::Sync::default(),
        admin_groups: Vec::new(),
        ..directory.clone()
    };
    reached(one) == reached(other)
}

impl Current {
    /// All directories in the order of the settings.
    #[must_use]
    pub fn sites(&self) -> &[Arc<Site>] {
        &self.sites
    }

    /// The directory with this id.
    #[must_use]
    pub fn site(&self, id: &DirectoryId) -> Option<&Arc<Site>> {
        self.sites.iter().find(|site| site.settings.id == *id)
    }

    /// The groups of this directory whose members must prove a second factor.
    pub fn policy_groups(&self, site: &Site) -> Vec<&Dn> {
        self.policy_groups.iter().filter(|group| group.is_within(site.directory.base())).collect()
    }

    /// The directory that a typed name points to: by what stands before the backslash or behind the at sign, else the
    /// first. `None` without any directory, or when the name is in a domain that we do not know.
    #[must_use]
    pub fn site_for(&self, name: &TypedName) -> Option<&Arc<Site>> {
        match name {
            TypedName::InDomain { domain, .. } => {
                self.sites.iter().find(|site| site.directory.is_domain(domain))
            }
            TypedName::Address(address) => {
                let suffix = address.rsplit_once('@').map_or("", |(_, suffix)| suffix);
                self.sites.iter().find(|site| site.directory.is_domain(suffix)).or_else(|| self.sites.first())
            }
            TypedName::Login(_) => self.sites.first(),
        }
    }
}

fn policy_groups(policy: &SecondFactor) -> Result<Vec<Dn>, EstateError> {
    let named = policy.groups.iter().filter(|_| policy.required == Required::Groups);
    named.map(|group| Dn::parse(group).map_err(EstateError::PolicyGroup)).collect()
}

impl Site {
    /// The directory's stable key.
    #[must_use]
    pub fn id(&self) -> &DirectoryId {
        &self.settings.id
    }

    /// The groups as the last import saw them.
    #[must_use]
    pub fn graph(&self) -> Arc<GroupGraph> {
        Arc::clone(&self.graph.read().unwrap_or_else(PoisonError::into_inner).1)
    }

    /// Reads the groups again when an import has written them.
    pub async fn refresh_groups(&self, store: &Store) -> Result<(), StoreError> {
        let generation = store.groups_generation(self.id()).await?;
        if generation != self.graph.read().unwrap_or_else(PoisonError::into_inner).0 {
            let graph = Arc::new(GroupGraph::new(store.groups(self.id()).await?));
            let mut held = self.graph.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else may have read later and been done sooner.
            if held.0 < generation {
                *held = (generation, graph);
            }
        }
        Ok(())
    }
}
