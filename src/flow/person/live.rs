//! Look one person up in the directory: groups and scope, and the account updated at once.

use tokio::time::Instant;

use crate::directory::{self, DirectoryError, Found};
use crate::domain::account::{Account, SuspendedBecause};
use crate::domain::dn::Dn;
use crate::domain::entry::{Entry, EntryId};
use crate::domain::group::GroupGraph;
use crate::domain::reconcile::{self, Action, Conflict, Observed, Outcome, StoredAccounts};
use crate::domain::scope::{Exclusion, LiveGroups, Memberships, NamedGroup, Scope, ScopeReason};
use crate::domain::team_share::{ShareChange, ShareDiff};
use crate::domain::{Millis, email};
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::flow::person::guard::{self, Guard};
use crate::flow::person::shares;
use crate::store::{AccountsFor, EntryOutcome, Fenced, HeldBack, Store, StoreError, Verdicts};

/// What the directory says of an entry beyond its own attributes.
#[derive(Clone, Debug)]
pub struct LiveDetails {
    pub scope: Option<ScopeReason>,
    /// Why it is excluded, whatever selects it.
    pub excluded: Option<Exclusion>,
    /// The names of its groups; `None` if they were not needed.
    pub groups: Option<Vec<String>>,
    /// Whether it is in a group whose members must prove a second factor.
    pub in_policy_group: bool,
    /// The Team Shares of its groups; `None` if they were not read.
    pub shares: Option<Vec<ShareChange>>,
}

impl LiveDetails {
    /// The Team Shares that the person is to have now.
    pub(in crate::flow) fn shares_due(&self) -> &[ShareChange] {
        let shares = self.shares.as_deref().filter(|_| self.scope.is_some());
        shares.unwrap_or_default()
    }
}

/// The current groups of one entry.
pub(in crate::flow) struct LiveMemberships {
    /// Groups that list the entry itself, as of the last import.
    pub direct: Vec<EntryId>,
    /// These and the groups that contain them.
    pub all: Memberships,
}

/// The account of an entry after its import.
#[derive(Clone, Debug, Default)]
pub struct ImportedAccount {
    /// The account that is linked to the entry.
    pub account: Option<Account>,
    /// Why the account could not be created or updated, for an administrator.
    pub held_back: Option<String>,
    /// The conflict behind that, if there is one.
    pub conflict: Option<Conflict>,
    /// Why the entry's email address prevents a sign-in, even with an existing account.
    pub mail_fault: Option<String>,
}

/// Reads the groups of an entry if they are needed: for the scope, for the policy, or for a client.
pub async fn look(
    current: &Current,
    site: &Site,
    entry: &Entry,
    wants_groups: bool,
    deadline: Instant,
) -> Result<LiveDetails, DirectoryError> {
    let policy_groups = current.policy_groups(site);
    let (scope, graph) = site.scope_and_graph();
    if !wants_groups && policy_groups.is_empty() && !scope.depends_on_groups(&entry.dn) {
        let nothing = Memberships::default();
        let (reason, excluded) = in_scope(site, &scope, entry, &nothing, &graph, deadline).await?;
        return Ok(LiveDetails {
            scope: reason,
            excluded,
            groups: None,
            in_policy_group: false,
            shares: None,
        });
    }
    let memberships = memberships(site, entry, &graph, deadline).await?.all;
    // A group that the last import did not see may have been renamed, so it exempts nobody from the policy.
    let is_member =
        |group: &NamedGroup| group.found_in(&graph).is_none_or(|group| memberships.contains(group.id));
    let (reason, excluded) = in_scope(site, &scope, entry, &memberships, &graph, deadline).await?;
    Ok(LiveDetails {
        scope: reason,
        excluded,
        groups: Some(memberships.names(&graph)),
        in_policy_group: policy_groups.iter().any(is_member),
        shares: Some(shares::wanted(current, site, &memberships, &graph)),
    })
}

/// Reads the groups of an entry.
pub(in crate::flow) async fn memberships(
    site: &Site,
    entry: &Entry,
    graph: &GroupGraph,
    deadline: Instant,
) -> Result<LiveMemberships, DirectoryError> {
    let known = |dns: &[Dn]| dns.iter().filter_map(|dn| graph.by_dn(dn)).map(|group| group.id).collect();
    let (live, mut direct): (LiveGroups, Vec<EntryId>) =
        match site.directory.groups_of(entry, deadline).await? {
            directory::EntryGroups::TokenGroups(sids) => {
                (LiveGroups::Token(sids), known(&entry.direct_groups))
            }
            directory::EntryGroups::Direct(dns) => {
                let direct = known(&dns);
                (LiveGroups::Direct(dns), direct)
            }
        };
    let primary = entry.primary_group.as_ref().and_then(|sid| graph.by_sid(sid));
    direct.extend(primary.map(|group| group.id));
    Ok(LiveMemberships { direct, all: Memberships::new(entry, &live, graph) })
}

/// Why the entry is in scope, or why not although something selects it. The filter is asked last, and only if
/// nothing else excludes the entry.
pub(in crate::flow) async fn in_scope(
    site: &Site,
    scope: &Scope,
    entry: &Entry,
    memberships: &Memberships,
    graph: &GroupGraph,
    deadline: Instant,
) -> Result<(Option<ScopeReason>, Option<Exclusion>), DirectoryError> {
    let but_for_the_filter = scope.reason(&entry.dn, memberships, graph, true);
    let passes = match &site.filter {
        Some(filter) if but_for_the_filter.is_some() => {
            site.directory.passes(entry, filter, deadline).await?
        }
        _ => true,
    };
    let excluded = scope.exclusion(&entry.dn, memberships, graph, passes);
    Ok((but_for_the_filter.filter(|_| excluded.is_none()), excluded))
}

/// Does for one entry what a sync run would do, so that no person is refused because of an outdated import.
/// An account that existed in CloudSync is linked under the same conditions.
pub async fn import(
    store: &Store,
    site: &Site,
    entry: &Entry,
    looked: &LiveDetails,
    now: Millis,
    deadline: Instant,
) -> Result<ImportedAccount, Fault> {
    let Decided { linked: account, outcome, .. } = decide(store, site, entry, looked, now, deadline).await?;
    let conflict = outcome.conflict.clone();
    match &outcome.action {
        // For a single person, leaving a selected OU can't be distinguished from an OU that was renamed or a
        // group that is gone: the gate refuses, and only a run that has found its scope suspends.
        Action::Suspend(id, SuspendedBecause::OutOfScope, _) => {
            store.login().unconfirm(id).await?;
            return Ok(ImportedAccount::new(account, conflict, entry.id));
        }
        Action::Ignore => return Ok(ImportedAccount::new(None, conflict, entry.id)),
        Action::Keep(id) => {
            // A person held back stays unconfirmed, so that the next look finds the conflict again.
            match entry.must_be_looked_at(now) {
                true => store.login().unconfirm(id).await?,
                false if conflict.is_none() => store.identity().confirm_seen(id, now).await?,
                false => {}
            }
            if conflict.is_none() {
                note_password(store, account.as_ref(), entry, now).await?;
            }
            return Ok(ImportedAccount::new(account, conflict, entry.id));
        }
        action => {
            if let Some(why) = waits(store, site, entry, action, now).await? {
                return Ok(ImportedAccount::new(account, conflict, entry.id).waiting(&why));
            }
        }
    }
    let batch = vec![EntryOutcome { entry: entry.id, login_name: entry.login_name.clone(), outcome }];
    let verdicts = Verdicts { batch, ..Verdicts::default() };
    let Fenced::Done(applied) = store.sync().apply_verdicts(None, site.id(), verdicts, now).await? else {
        return Ok(ImportedAccount::new(account, conflict, entry.id));
    };
    let conflict = applied.into_iter().next().and_then(|applied| applied.conflict).or(conflict);
    let account = store.identity().account_by_entry(site.id(), entry.id).await?;
    if let Some(account) = account.as_ref().filter(|_| entry.must_be_looked_at(now)) {
        store.login().unconfirm(&account.id).await?;
    }
    note_password(store, account.as_ref(), entry, now).await?;
    Ok(ImportedAccount::new(account, conflict, entry.id))
}

/// Why nothing is written now: the sync of the directory is paused, or the guard holds this suspension, as in
/// a run. The gates judge the live entry, so this lets nobody in.
async fn waits(
    store: &Store,
    site: &Site,
    entry: &Entry,
    action: &Action,
    now: Millis,
) -> Result<Option<String>, StoreError> {
    if let Some(paused) = guard::pause(store, site.id()).await? {
        if let Some(id) = action.account() {
            store.login().unconfirm(id).await?;
        }
        return Ok(Some(paused.to_string()));
    }
    let Action::Suspend(id, ..) = action else { return Ok(None) };
    let waits = store.sync().is_held(id).await?;
    if Guard::limited().lets(store, site, id, waits, now).await? {
        return Ok(None);
    }
    if waits {
        store.login().unconfirm(id).await?;
    } else {
        let (account, login_name) = (id.clone(), entry.login_name.clone());
        let what = guard::loss(action, &ShareDiff::default());
        let held = HeldBack { entry: entry.id, account, login_name, what };
        store.sync().hold(None, site.id(), &[held], now).await?;
    }
    Ok(Some("the suspension is held until an administrator has reviewed the plan".to_owned()))
}

/// Ends the sessions of an older password as soon as the directory reports a newer one.
pub async fn note_password(
    store: &Store,
    account: Option<&Account>,
    entry: &Entry,
    now: Millis,
) -> Result<(), StoreError> {
    let newer = account.and_then(|account| account.newer_password(entry.password_changed_at));
    store.login().passwords_changed(newer.as_slice(), now).await
}

/// What [`import`] would do, without writing: the account as it would be judged.
pub async fn preview(
    store: &Store,
    site: &Site,
    entry: &Entry,
    looked: &LiveDetails,
    now: Millis,
    deadline: Instant,
) -> Result<ImportedAccount, Fault> {
    let decided = decide(store, site, entry, looked, now, deadline).await?;
    let subject = decided.linked.or(decided.to_link);
    let account = reconcile::preview(subject.as_ref(), &decided.outcome, now);
    Ok(ImportedAccount::new(account, decided.outcome.conflict, entry.id))
}

/// What a sync run would do with an entry.
struct Decided {
    /// The linked account as it is.
    linked: Option<Account>,
    /// The account that would be linked.
    to_link: Option<Account>,
    outcome: Outcome,
}

async fn decide(
    store: &Store,
    site: &Site,
    entry: &Entry,
    looked: &LiveDetails,
    now: Millis,
    deadline: Instant,
) -> Result<Decided, Fault> {
    let seen = Observed::new(entry, looked.scope.is_some());
    let keys: Vec<String> = entry.email.iter().map(|address| email::key(address)).collect();
    let AccountsFor { linked, email_owners } =
        store.identity().accounts_for(site.id(), &[entry.id], &keys).await?;
    let owner = email_owners.first();
    let (mapped, owner_is_mapped) = match linked.is_empty() {
        true => mappings(store, site, entry, owner).await?,
        false => (None, false),
    };
    let mut held = StoredAccounts {
        linked: linked.first(),
        mapped: mapped.as_ref(),
        mail_owner: owner,
        owner_is_mapped,
        may_link: site.settings.email_written_by_admins_only,
        email_domains: &site.settings.email_domains,
        ..StoredAccounts::default()
    };
    let mut outcome = reconcile::decide(site.id(), &seen, held, now);
    if gives_a_mail(&outcome.action, owner) {
        // The account or the email address is new to this person: check that no other entry has it.
        let elsewhere = !store.sync().emails_elsewhere(site.id(), &keys).await?.is_empty();
        held.mail_is_shared = mail_is_shared(site, entry, deadline).await?;
        held.mail_is_contested = held.mail_is_shared || elsewhere;
        outcome = reconcile::decide(site.id(), &seen, held, now);
    }
    let to_link = held.to_link(&outcome).cloned();
    Ok(Decided { linked: held.linked.cloned(), to_link, outcome })
}

/// The account mapped to the entry, and whether the owner of its email address is mapped to any.
async fn mappings(
    store: &Store,
    site: &Site,
    entry: &Entry,
    owner: Option<&Account>,
) -> Result<(Option<Account>, bool), StoreError> {
    let mapped = store.identity().mapped_to(site.id(), &[entry.id]).await?.remove(&entry.id);
    let unlinked = owner.filter(|owner| owner.link.is_none()).map(|owner| owner.id.clone());
    Ok((mapped, !store.identity().mapped_among(unlinked.as_slice()).await?.is_empty()))
}

/// True if the action gives an account a new email address, or a person the account that has the address.
fn gives_a_mail(action: &Action, owner: Option<&Account>) -> bool {
    match action {
        Action::Create(_) | Action::Link(..) => true,
        Action::Update(_, change) | Action::Reactivate(_, change) => {
            change.profile.is_some() && owner.is_none()
        }
        Action::Keep(_) | Action::Ignore | Action::Suspend(..) => false,
    }
}

impl ImportedAccount {
    fn new(account: Option<Account>, conflict: Option<Conflict>, entry: EntryId) -> Self {
        let advice = conflict.as_ref().map(|conflict| conflict.advice(entry));
        let bars = conflict.as_ref().is_some_and(Conflict::bars_the_address);
        Self { account, mail_fault: advice.clone().filter(|_| bars), held_back: advice, conflict }
    }

    /// Nothing was written, for this reason. A fault of the entry itself is kept.
    fn waiting(mut self, why: &str) -> Self {
        self.held_back = Some(self.held_back.map_or(why.to_owned(), |advice| format!("{advice}; and {why}")));
        self
    }
}

/// Whether another entry has the email address too: then a sync run decides, which knows both scopes.
async fn mail_is_shared(site: &Site, entry: &Entry, deadline: Instant) -> Result<bool, DirectoryError> {
    let Some(email) = &entry.email else { return Ok(false) };
    let found = site.directory.person_with_email(email, deadline).await?;
    Ok(!matches!(found, Found::One(other) if other.id == entry.id))
}
