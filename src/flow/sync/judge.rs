//! Judge people by the mirror: which people of a page should have an account, and what differs from the
//! stored one. Runs and plans judge here, a sign-in by the live entry (`flow::person::decided`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::Arc;

use super::order::SyncError;
use crate::domain::account::{Account, AccountId};
use crate::domain::entry::{DirectoryId, EntryId, Sid};
use crate::domain::group::GroupGraph;
use crate::domain::reconcile::{self, Action, Change, Conflict, Observed, Outcome, StoredAccounts};
use crate::domain::scope::{Memberships, Scope};
use crate::domain::team_share::{Mappings, Share, ShareDiff};
use crate::domain::{Millis, email};
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::decided::DecidedPerson;
use crate::store::{AccountsFor, MirroredPerson, SettledPerson};

/// What people of one directory are judged by.
pub(super) struct Judge<'a> {
    parts: &'a SyncParts,
    site: &'a Site,
    scope: Arc<Scope>,
    graph: Arc<GroupGraph>,
    mappings: Mappings,
    may_link: bool,
}

/// Who decides whether an existing CloudSync account is linked to an entry by its email address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Links {
    BySettings,
    /// An administrator, who sees each link in a plan.
    ByPlan,
}

/// The judgement of one person.
#[derive(Clone, Debug)]
pub(super) struct JudgedPerson {
    pub decided: DecidedPerson,
    /// Which version of the person was judged, and whether they may have an account: in a synced OU or group,
    /// neither disabled nor expired.
    pub settled: SettledPerson,
    /// The account to link was linked to another entry before, so its second factors are removed.
    pub resets_factors: bool,
    /// People who must be judged again because of this.
    pub touches: Vec<EntryId>,
}

impl JudgedPerson {
    /// The entry exists but can't be read: the account stays as it is, and an administrator is informed.
    pub(super) fn unreadable(person: &MirroredPerson, account: Account) -> Self {
        let action = Action::Keep(account.id.clone());
        let outcome = Outcome { action, conflict: Some(Conflict::Unreadable) };
        let stored = StoredAccounts { linked: Some(&account), ..StoredAccounts::default() };
        Self::new(person, stored, outcome, false, ShareDiff::default())
    }

    fn new(
        person: &MirroredPerson,
        stored: StoredAccounts<'_>,
        outcome: Outcome,
        entitled: bool,
        shares: ShareDiff,
    ) -> Self {
        let decided = DecidedPerson {
            entry: person.id,
            login_name: person.facts.login_name.clone(),
            account: stored.linked.cloned(),
            to_link: stored.to_link(&outcome).cloned(),
            outcome,
            shares,
            password_changed_at: person.facts.password_changed_at,
            confirms: true,
        };
        Self { decided, settled: person.judged(entitled), resets_factors: false, touches: Vec::new() }
    }
}

impl<'a> Judge<'a> {
    pub(super) fn new(parts: &'a SyncParts, site: &'a Site, links: Links) -> Result<Self, SyncError> {
        let (scope, graph) = site.scope_and_graph();
        let mappings = Mappings::new(&parts.current().settings, site.id(), &site.pins())?;
        let may_link = links == Links::ByPlan || site.settings.email_written_by_admins_only;
        Ok(Self { parts, site, scope, graph, mappings, may_link })
    }

    /// By a scope and Team Shares that are only tried. An administrator sees each link, as in a plan.
    pub(super) fn of_draft(parts: &'a SyncParts, site: &'a Site, scope: Scope, mappings: Mappings) -> Self {
        Self { parts, site, scope: Arc::new(scope), graph: site.graph(), mappings, may_link: true }
    }

    /// Whether anybody is in scope.
    pub(super) async fn finds_anybody(&self) -> Result<bool, SyncError> {
        let mut after = None;
        loop {
            let people =
                self.parts.store.sync().people_page(self.site.id(), after, super::order::PAGE).await?;
            let Some(last) = people.last() else { return Ok(false) };
            after = Some(last.id);
            let in_scope =
                |person: &MirroredPerson| !person.gone && self.in_scope(person, &self.memberships(person));
            if people.iter().any(in_scope) {
                return Ok(true);
            }
        }
    }

    /// Judges a page of people, with few queries whatever its length.
    pub(super) async fn judge_page(
        &self,
        people: Vec<MirroredPerson>,
    ) -> Result<Vec<JudgedPerson>, SyncError> {
        let now = self.parts.now();
        let entries: Vec<EntryId> = people.iter().map(|person| person.id).collect();
        let keys: Vec<String> =
            people.iter().filter_map(|person| person.facts.email.as_deref()).map(email::key).collect();
        let AccountsFor { linked, email_owners: owners } =
            self.parts.store.identity().accounts_for(self.site.id(), &entries, &keys).await?;
        let linked: HashMap<EntryId, &Account> =
            linked.iter().filter_map(|account| Some((account.link.as_ref()?.entry, account))).collect();
        let unlinked = Unlinked::read(self.parts, self.site, &entries, (&linked, &owners)).await?;
        let owners: HashMap<String, &Account> =
            owners.iter().map(|account| (account.profile.email_key(), account)).collect();
        let shared = self.shared(&keys, now).await?;
        let ids: Vec<AccountId> = linked.values().map(|account| account.id.clone()).collect();
        let (shares, none) =
            (self.parts.store.sync().shares_by_account(self.site.id(), &ids).await?, BTreeSet::new());
        let mut judged = Vec::with_capacity(people.len());
        for person in people {
            let account = linked.get(&person.id).copied();
            let key = person.facts.email.as_deref().map(email::key);
            let owner = key.as_ref().and_then(|key| owners.get(key)).copied();
            let contests = |key: &String| {
                shared.others(key, person.id).next().is_some() || unlinked.elsewhere.contains(key)
            };
            let stored = StoredAccounts {
                linked: account,
                mapped: unlinked.mapped.get(&person.id),
                email_owner: owner,
                owner_is_mapped: owner.is_some_and(|owner| unlinked.owners_mapped.contains(&owner.id)),
                email_is_shared: key.as_ref().is_some_and(|key| shared.is_shared(key, person.id)),
                email_is_contested: key.as_ref().is_some_and(contests),
                may_link: self.may_link,
                email_domains: &self.site.settings.email_domains,
            };
            let own = account.and_then(|account| shares.get(&account.id)).unwrap_or(&none);
            let mut one = self.judge_one(&person, stored, own, now);
            // When a person gains or loses their account, others with the same address must be judged again.
            if let Some(key) = key.filter(|_| person.entitled_before != Some(one.settled.entitled)) {
                one.touches = shared.others(&key, person.id).collect();
            }
            let entry = (self.site.id(), person.id);
            let to_link = one.decided.to_link.as_ref();
            one.resets_factors = to_link.is_some_and(|account| unlinked.was_of_another(&account.id, entry));
            judged.push(one);
        }
        Ok(judged)
    }

    fn judge_one(
        &self,
        person: &MirroredPerson,
        stored: StoredAccounts<'_>,
        shares: &BTreeSet<Share>,
        now: Millis,
    ) -> JudgedPerson {
        if person.gone {
            let shares = self.mappings.diff(shares, None, &self.graph);
            return JudgedPerson::new(person, stored, gone(stored.linked), false, shares);
        }
        let memberships = self.memberships(person);
        let in_scope = self.in_scope(person, &memberships);
        let seen: Observed = person.facts.observed(person.id, in_scope);
        let entitled = seen.suspension_reason(now).is_none();
        let shares = self.mappings.diff(shares, entitled.then_some(&memberships), &self.graph);
        let outcome = reconcile::decide(self.site.id(), &seen, stored, now);
        JudgedPerson::new(person, stored, outcome, entitled, shares)
    }

    fn memberships(&self, person: &MirroredPerson) -> Memberships {
        let primary = person.facts.primary_group.clone().map(Sid);
        let primary = primary.and_then(|sid| self.graph.by_sid(&sid)).map(|group| group.id);
        Memberships::from_mirror(person.direct_groups.iter().copied().chain(primary), &self.graph)
    }

    fn in_scope(&self, person: &MirroredPerson, memberships: &Memberships) -> bool {
        let passes = person.facts.passes_filter;
        self.scope.reason(&person.dn, memberships, &self.graph, passes).is_some()
    }

    /// For each of these addresses that several people have: the people, and those who may have an account
    /// with it. A disabled person blocks nobody: the address may have been given to a new one.
    async fn shared(&self, keys: &[String], now: Millis) -> Result<SharedEmails, SyncError> {
        let sharers =
            self.parts.store.sync().people_sharing_email(self.site.id(), keys.iter().cloned()).await?;
        let is_entitled = |person: &MirroredPerson| {
            let in_scope = self.in_scope(person, &self.memberships(person));
            !person.gone && person.facts.observed(person.id, in_scope).suspension_reason(now).is_none()
        };
        let shared = sharers.into_iter().map(|(key, people)| {
            let all = people.iter().map(|person| person.id).collect();
            let entitled =
                people.iter().filter(|person| is_entitled(person)).map(|person| person.id).collect();
            (key, Sharers { all, entitled })
        });
        Ok(SharedEmails(shared.collect()))
    }
}

/// By email address, the people who have it.
struct SharedEmails(HashMap<String, Sharers>);

struct Sharers {
    all: Vec<EntryId>,
    /// Those who may have an account.
    entitled: Vec<EntryId>,
}

impl SharedEmails {
    fn is_shared(&self, key: &str, own: EntryId) -> bool {
        self.0.get(key).is_some_and(|people| people.entitled.iter().any(|other| *other != own))
    }

    fn others(&self, key: &str, own: EntryId) -> impl Iterator<Item = EntryId> {
        let all = self.0.get(key).map_or(&[][..], |people| &people.all);
        all.iter().copied().filter(move |other| *other != own)
    }
}

/// Accounts without an entry that matter for a page of people.
#[derive(Default)]
struct Unlinked {
    /// Accounts mapped to entries of the page.
    mapped: HashMap<EntryId, Account>,
    /// Accounts with email addresses of the page that are mapped to any entry.
    owners_mapped: HashSet<AccountId>,
    /// Their email addresses that people of other directories have too.
    elsewhere: HashSet<String>,
    /// The entries that some of them were linked to before.
    linked_before: HashMap<AccountId, (DirectoryId, EntryId)>,
}

impl Unlinked {
    /// Whether the account was linked to another entry before.
    fn was_of_another(&self, account: &AccountId, (directory, entry): (&DirectoryId, EntryId)) -> bool {
        self.linked_before.get(account).is_some_and(|before| (&before.0, before.1) != (directory, entry))
    }

    async fn read(
        parts: &SyncParts,
        site: &Site,
        entries: &[EntryId],
        (linked, owners): (&HashMap<EntryId, &Account>, &[Account]),
    ) -> Result<Self, SyncError> {
        let (store, id) = (&parts.store, site.id());
        let new: Vec<EntryId> = entries.iter().filter(|id| !linked.contains_key(id)).copied().collect();
        let owners = || owners.iter().filter(|owner| owner.link.is_none());
        let ids: Vec<AccountId> = owners().map(|owner| owner.id.clone()).collect();
        let keys: Vec<String> = owners().map(|owner| owner.profile.email_key()).collect();
        let mapped = store.identity().mapped_to(id, &new).await?;
        let all: Vec<AccountId> =
            ids.iter().chain(mapped.values().map(|account| &account.id)).cloned().collect();
        Ok(Self {
            mapped,
            linked_before: store.identity().linked_before(&all).await?,
            owners_mapped: store.identity().mapped_among(&ids).await?.into_iter().collect(),
            elsewhere: store.sync().emails_elsewhere(id, &keys).await?,
        })
    }
}

/// The outcome if the entry is gone.
fn gone(account: Option<&Account>) -> Outcome {
    let action = match account {
        Some(account) => match (reconcile::gone(account), &account.link) {
            (Some(because), Some(link)) => {
                let change = Change { link: link.clone(), profile: None, expires_at: account.expires_at };
                Action::Suspend(account.id.clone(), because, change)
            }
            _ => Action::Keep(account.id.clone()),
        },
        None => Action::Ignore,
    };
    Outcome { action, conflict: None }
}
