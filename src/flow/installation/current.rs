//! What is in force now: the settings with their generation, and a connection to each of their directories.

use std::sync::{Arc, PoisonError, RwLock};

use arc_swap::ArcSwap;
use tokio::sync::{Mutex, RwLock as AsyncLock};

use crate::agent::Tunnels;
use crate::directory::{Directory, DirectoryConfigError, ExtraFilter};
use crate::domain::admin::AdminGroups;
use crate::domain::dn::{Dn, DnError};
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::name::TypedName;
use crate::domain::routing::{self, Route, Territory};
use crate::domain::scope::{NamedGroup, PinKind, Pins, Scope};
use crate::domain::settings::{self, Required, SecondFactor, Settings};
use crate::flow::installation::test_client::test_client;
use crate::flow::installation::units::CountedUnits;
use crate::flow::settings::{LoadedSettings, SettingsError, load, service_password};
use crate::keys::Sealer;
use crate::store::{Store, StoreError};

/// How long one request may wait for directories in total; the rest of the five seconds is for ourselves.
pub const DIRECTORY_WAIT: std::time::Duration = std::time::Duration::from_millis(4_500);

/// One directory: its settings, its connection, its scope and its groups.
pub struct Site {
    pub settings: settings::Directory,
    /// The part of the scope that only the directory can evaluate.
    pub filter: Option<ExtraFilter>,
    pub directory: Directory,
    /// The containers with their people, once somebody has asked for them.
    pub units: AsyncLock<Option<Arc<CountedUnits>>>,
    /// Held by whoever counts them.
    pub counting: Mutex<()>,
    known: RwLock<ScopeAndGroups>,
}

/// What syncs have found in a directory, all at one moment: people are judged by groups and scope together.
#[derive(Clone, Default)]
struct ScopeAndGroups {
    generation: i64,
    graph: Arc<GroupGraph>,
    pins: Arc<Pins>,
    scope: Arc<Scope>,
    admins: Arc<AdminGroups>,
}

/// Settings and directories of one generation.
pub struct Current {
    /// As stored, and the client of Test SSO.
    pub settings: Settings,
    /// Incremented by each change of the settings.
    pub generation: i64,
    /// Incremented by each change of the second-factor policy.
    pub policy_generation: i64,
    policy_groups: Vec<Dn>,
    territories: Vec<Territory>,
    sites: Vec<Arc<Site>>,
}

/// Why the stored settings can't be put in force.
#[derive(Debug, thiserror::Error)]
pub enum InstallationError {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Settings(#[from] SettingsError),
    #[error("directory {0}: {1}")]
    Directory(DirectoryId, DirectoryConfigError),
    #[error("second_factor.groups: {0}")]
    PolicyGroup(DnError),
    #[error("directory {0}: {1}")]
    Scope(DirectoryId, DnError),
    #[error("directory {0}: the filter of the scope is no LDAP filter")]
    Filter(DirectoryId),
}

/// The settings in force, replaced as a whole when another process has changed them.
pub struct Installation {
    current: ArcSwap<Current>,
    issuer: Arc<str>,
    store: Store,
    sealer: Arc<Sealer>,
    tunnels: Tunnels,
    /// Held while new settings are read: the later of two readers sees what the first has put in force.
    taking_over: Mutex<()>,
}

impl Installation {
    /// Starts with nothing in force until [`Installation::refresh`] is called: for commands that must work
    /// with any stored settings, so that unusable ones can be fixed.
    #[must_use]
    pub fn vacant(issuer: Arc<str>, store: Store, sealer: Arc<Sealer>) -> Self {
        let empty = Current {
            settings: Settings::default(),
            generation: -1,
            policy_generation: -1,
            policy_groups: Vec::new(),
            territories: Vec::new(),
            sites: Vec::new(),
        };
        let (tunnels, taking_over) = (Tunnels::default(), Mutex::new(()));
        Self { current: ArcSwap::from_pointee(empty), issuer, store, sealer, tunnels, taking_over }
    }

    /// Puts the settings in force without directories: for commands that need lifetimes or open their own.
    pub async fn without_directories(&self) -> Result<(), InstallationError> {
        let LoadedSettings { generation, policy_generation, settings } =
            load(&self.store, &self.sealer).await?;
        let (policy_groups, territories, sites) = (Vec::new(), Vec::new(), Vec::new());
        let current = Current { settings, generation, policy_generation, policy_groups, territories, sites };
        self.current.store(Arc::new(current));
        Ok(())
    }

    /// The agents that are connected to this process.
    #[must_use]
    pub fn tunnels(&self) -> &Tunnels {
        &self.tunnels
    }

    /// The issuer identifier.
    #[must_use]
    pub fn issuer(&self) -> &Arc<str> {
        &self.issuer
    }

    /// What is in force.
    #[must_use]
    pub fn current(&self) -> Arc<Current> {
        self.current.load_full()
    }

    /// Puts in force the settings and groups that another process (the command line, another node) has
    /// written; asks no directory server. Costs one small read for each directory if nothing has changed.
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

    /// One at a time, each with what is stored by then, so that older settings never replace newer ones.
    async fn take_over(&self) -> Result<(), InstallationError> {
        let _turn = self.taking_over.lock().await;
        let current = self.current();
        if self.store.settings().settings_generation().await? != current.generation {
            self.current.store(Arc::new(self.build(&current).await?));
        }
        Ok(())
    }

    /// Reads everything before any of it is in force: a directory without its groups would refuse all people
    /// who are synced through a group. Directories with unchanged settings keep their connections.
    async fn build(&self, old: &Current) -> Result<Current, InstallationError> {
        let LoadedSettings { generation, policy_generation, mut settings } =
            load(&self.store, &self.sealer).await?;
        settings.clients.push(test_client(&self.sealer, &self.issuer));
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
            None => Directory::through(wanted, service_password(wanted, &self.sealer)?, &self.tunnels)
                .map_err(|error| InstallationError::Directory(id(), error))?,
        };
        let scope = Scope::new(&wanted.scope, &Pins::default())
            .map_err(|error| InstallationError::Scope(id(), error))?;
        let filter = scope.filter.as_deref().map(ExtraFilter::parse).transpose();
        let filter = filter.map_err(|_| InstallationError::Filter(id()))?;
        let known = ScopeAndGroups { generation: -1, scope: Arc::new(scope), ..ScopeAndGroups::default() };
        let (known, units, counting) = (RwLock::new(known), AsyncLock::default(), Mutex::default());
        Ok(Site { settings: wanted.clone(), filter, directory, units, counting, known })
    }
}

/// True if two settings have the same connection: it is then kept, with the state of its servers and the
/// pause after the service account was refused.
fn is_reached_alike(one: &settings::Directory, other: &settings::Directory) -> bool {
    let reached = |directory: &settings::Directory| settings::Directory {
        name: String::new(),
        domains: Vec::new(),
        scope: settings::ScopeSettings::default(),
        sync: settings::Sync::default(),
        admin_groups: Vec::new(),
        operator_groups: Vec::new(),
        help_desk_groups: Vec::new(),
        auditor_groups: Vec::new(),
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

    /// The directory of a typed name. `directory` is the person's choice on the page. Without one, `home` finds
    /// where the name signed in last, of the directories that it may mean.
    #[must_use]
    pub fn route(
        &self,
        name: &TypedName,
        directory: Option<&DirectoryId>,
        home: impl for<'d> FnOnce(&[&'d DirectoryId]) -> Option<&'d DirectoryId>,
    ) -> Route<&Arc<Site>> {
        let candidates = routing::candidates(name, &self.territories);
        let last = home(&candidates);
        match routing::route(candidates, directory, last) {
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

    /// The groups as the mirror has them.
    #[must_use]
    pub fn graph(&self) -> Arc<GroupGraph> {
        self.known().graph
    }

    /// The synced part, with the current places of the selected objects.
    #[must_use]
    pub fn scope(&self) -> Arc<Scope> {
        self.known().scope
    }

    /// The groups that give a role in the panel.
    #[must_use]
    pub fn admins(&self) -> Arc<AdminGroups> {
        self.known().admins
    }

    /// The objects found for the DNs of the settings.
    #[must_use]
    pub fn pins(&self) -> Arc<Pins> {
        self.known().pins
    }

    /// Scope and groups at one moment.
    #[must_use]
    pub fn scope_and_graph(&self) -> (Arc<Scope>, Arc<GroupGraph>) {
        let known = self.known();
        (known.scope, known.graph)
    }

    fn known(&self) -> ScopeAndGroups {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Reads groups and pins again after a sync has written them.
    pub async fn refresh_groups(&self, store: &Store) -> Result<(), StoreError> {
        let generation = store.sync().groups_generation(self.id()).await?;
        let known = self.known();
        if generation != known.generation {
            let graph = Arc::new(GroupGraph::new(store.sync().groups(self.id()).await?));
            let pins = Arc::new(store.sync().pins(self.id()).await?);
            // The DNs of the settings were parsed when this was created, so nothing here can fail.
            let scope = Scope::new(&self.settings.scope, &pins).map_or(known.scope, Arc::new);
            let admins = Arc::new(AdminGroups::new(&self.settings, &pins));
            let mut held = self.known.write().unwrap_or_else(PoisonError::into_inner);
            // Another task may have read later and finished sooner.
            if held.generation < generation {
                *held = ScopeAndGroups { generation, graph, pins, scope, admins };
            }
        }
        Ok(())
    }
}
