//! What is in force now: the settings with their generation, and a connection to each directory that they name.

use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use tokio::sync::Mutex;

use crate::directory::{Directory, DirectoryConfigError, ExtraFilter};
use crate::domain::dn::{Dn, DnError};
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::name::TypedName;
use crate::domain::routing::{self, Route, Territory};
use crate::domain::scope::{NamedGroup, PinKind, Pins, Scope};
use crate::domain::settings::{self, Required, SecondFactor, Settings};
use crate::flow::installation::device::Device;
use crate::flow::settings::{Loaded, SettingsError, load, service_password};
use crate::keys::Sealer;
use crate::store::{Store, StoreError};

/// One directory as the flows use it: how to reach it, what of it is synced, which groups it has.
pub struct Site {
    /// What the administrator set.
    pub settings: settings::Directory,
    /// What of the scope only the directory can judge.
    pub filter: Option<ExtraFilter>,
    /// The way to its servers.
    pub directory: Directory,
    known: RwLock<Known>,
}

/// What imports have found out of a directory, all of one moment: people are judged by groups and scope together.
#[derive(Clone, Default)]
struct Known {
    generation: i64,
    graph: Arc<GroupGraph>,
    pins: Arc<Pins>,
    scope: Arc<Scope>,
}

/// Settings and directories of one generation.
pub struct Current {
    pub settings: Settings,
    /// Goes up with each change of the settings.
    pub generation: i64,
    /// Goes up with each change of the policy of the second factor.
    pub policy_generation: i64,
    policy_groups: Vec<Dn>,
    territories: Vec<Territory>,
    sites: Vec<Arc<Site>>,
}

/// Why the settings in the store can't be put in force.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
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
    /// The filter of the scope can't be read.
    #[error("directory {0}: the filter of the scope is no LDAP filter")]
    Filter(DirectoryId),
}

/// The settings in force, replaced as a whole when another process has changed them.
pub struct Installation {
    current: ArcSwap<Current>,
    store: Store,
    sealer: Arc<Sealer>,
    /// Held while settings are taken over: of two who notice a change, the later reads what is in force then.
    taking_over: Mutex<()>,
}

impl Installation {
    /// With nothing in force until [`Installation::refresh`] is called: for commands that must work whatever is stored, so
    /// that settings which can't be used can be mended.
    #[must_use]
    pub fn vacant(store: Store, sealer: Arc<Sealer>) -> Self {
        let empty = Current {
            settings: Settings::default(),
            generation: -1,
            policy_generation: -1,
            policy_groups: Vec::new(),
            territories: Vec::new(),
            sites: Vec::new(),
        };
        Self { current: ArcSwap::from_pointee(empty), store, sealer, taking_over: Mutex::new(()) }
    }

    /// Puts the settings in force without any directory: for commands that need lifetimes, or open directories
    /// of their own.
    pub async fn without_directories(&self) -> Result<(), InstallationError> {
        let Loaded { generation, policy_generation, settings } = load(&self.store, &self.sealer).await?;
        let (policy_groups, territories, sites) = (Vec::new(), Vec::new(), Vec::new());
        let current = Current { settings, generation, policy_generation, policy_groups, territories, sites };
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
    pub async fn refresh(&self) -> Result<Arc<Current>, InstallationError> {
        if self.store.settings().settings_generation().await? != self.current().generation {
            self.take_over().await?;
        }
        let current = self.current();
        for site in &current.sites {
            site.refresh_groups(&self.store).await?;
        }
        Ok(current)
    }

    /// One at a time, each with what is stored when its turn comes: an older reading never replaces a newer one.
    async fn take_over(&self) -> Result<(), InstallationError> {
        let _turn = self.taking_over.lock().await;
        let current = self.current();
        if self.store.settings().settings_generation().await? != current.generation {
            self.current.store(Arc::new(self.build(&current).await?));
        }
        Ok(())
    }

    /// Everything that people are judged by is read before any of it is in force: a directory without its groups would
    /// refuse everybody who is synced because of one. Directories whose settings did not change keep their connections.
    async fn build(&self, old: &Current) -> Result<Current, InstallationError> {
        let Loaded { generation, policy_generation, settings } = load(&self.store, &self.sealer).await?;
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
        let territories = settings.directories.iter().map(Territory::of).collect();
        Ok(Current { settings, generation, policy_generation, policy_groups, territories, sites })
    }

    fn site(&self, wanted: &settings::Directory, old: &Current) -> Result<Site, InstallationError> {
        let id = || wanted.id.clone();
        let kept = old.sites.iter().find(|site| is_reached_alike(&site.settings, wanted));
        let directory = match kept {
            Some(site) => site.directory.clone(),
            None => Directory::new(wanted, service_password(wanted, &self.sealer)?)
                .map_err(|error| InstallationError::Directory(id(), error))?,
        };
        let scope = Scope::new(&wanted.scope, &Pins::default())
            .map_err(|error| InstallationError::Scope(id(), error))?;
        let filter = scope.filter.as_deref().map(ExtraFilter::parse).transpose();
        let filter = filter.map_err(|_| InstallationError::Filter(id()))?;
        let known = Known { generation: -1, scope: Arc::new(scope), ..Known::default() };
        Ok(Site { settings: wanted.clone(), filter, directory, known: RwLock::new(known) })
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
    pub fn policy_groups(&self, site: &Site) -> Vec<NamedGroup> {
        let pins = site.pins();
        let own = self.policy_groups.iter().filter(|group| group.is_within(site.directory.base()));
        own.map(|group| NamedGroup::of(PinKind::SecondFactor, group, &pins)).collect()
    }

    /// Where a typed name leads. `chosen` is what the person said, if they were asked; a known browser need not ask.
    #[must_use]
    pub fn route(
        &self,
        name: &TypedName,
        chosen: Option<&DirectoryId>,
        browser: Option<&Device>,
    ) -> Route<&Arc<Site>> {
        let candidates = routing::candidates(name, &self.territories);
        let last = browser.and_then(|browser| browser.home_of(&name.to_string(), &candidates));
        match routing::route(candidates, chosen, last) {
            Route::One(id) => self.site(id).map_or(Route::Nobody, Route::One),
            Route::Choose(ids) => Route::Choose(ids.into_iter().filter_map(|id| self.site(id)).collect()),
            Route::Nobody => Route::Nobody,
        }
    }

    /// Every directory that a typed name may mean.
    #[must_use]
    pub fn candidates(&self, name: &TypedName) -> Vec<&Arc<Site>> {
        routing::candidates(name, &self.territories).into_iter().filter_map(|id| self.site(id)).collect()
    }
}

fn policy_groups(policy: &SecondFactor) -> Result<Vec<Dn>, InstallationError> {
    let named = policy.groups.iter().filter(|_| policy.required == Required::Groups);
    named.map(|group| Dn::parse(group).map_err(InstallationError::PolicyGroup)).collect()
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
        self.known().graph
    }

    /// What is synced, by where the selected objects are now.
    #[must_use]
    pub fn scope(&self) -> Arc<Scope> {
        self.known().scope
    }

    /// Which objects the DNs of the settings turned out to mean.
    #[must_use]
    pub fn pins(&self) -> Arc<Pins> {
        self.known().pins
    }

    /// Scope and groups of one moment.
    #[must_use]
    pub fn scope_and_graph(&self) -> (Arc<Scope>, Arc<GroupGraph>) {
        let known = self.known();
        (known.scope, known.graph)
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads groups and pins again when an import has written them.
    pub async fn refresh_groups(&self, store: &Store) -> Result<(), StoreError> {
        let generation = store.sync().groups_generation(self.id()).await?;
        let known = self.known();
        if generation != known.generation {
            let graph = Arc::new(GroupGraph::new(store.sync().groups(self.id()).await?));
            let pins = Arc::new(store.sync().pins(self.id()).await?);
            // The settings' own DNs were read when this was made, so there is nothing that could fail.
            let scope = Scope::new(&self.settings.scope, &pins).map_or(known.scope, Arc::new);
            let mut held = self.known.write().unwrap_or_else(PoisonError::into_inner);
            // Somebody else may have read later and been done sooner.
            if held.generation < generation {
                *held = Known { generation, graph, pins, scope };
            }
        }
        Ok(())
    }
}
