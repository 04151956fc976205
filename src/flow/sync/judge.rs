//! Judging people by the mirror: whom of a page the directory wants to have an account, and what differs from what we hold.
//! The same judgement for a full read, for one change, for a plan and for one person.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use super::SyncError;
use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::entry::{EntryId, Sid};
use crate::domain::group::GroupGraph;
use crate::domain::name::fold;
use crate::domain::reconcile::{self, Action, Change, Held, Observed, Outcome};
use crate::domain::scope::{Memberships, Scope};
use crate::domain::team_share::{Mappings, Share, ShareDiff};
use crate::flow::context::Parts;
use crate::flow::estate::Site;
use crate::store::MirroredPerson;

/// What people of one directory are judged by, as it stands now.
pub(super) struct Judge<'a> {
    parts: &'a Parts,
    site: &'a Site,
    scope: Arc<Scope>,
    graph: Arc<GroupGraph>,
    mappings: Mappings,
    may_link: bool,
}

/// One person, judged.
#[derive(Clone, Debug)]
pub(super) struct Judged {
    /// Who.
    pub person: MirroredPerson,
    /// Whether a synced OU or group holds them.
    pub in_scope: bool,
    /// What to do with the account.
    pub outcome: Outcome,
    /// The account as it was.
    pub account: Option<Account>,
    /// What comes and goes of the Team Shares.
    pub shares: ShareDiff,
    /// People who must be judged again by this.
    pub touches: Vec<EntryId>,
}

impl Judged {
    /// True when something is taken: an account that is in use is switched off, or a Team Share is left.
    pub(super) fn takes(&self) -> bool {
        matches!(self.outcome.action, Action::Suspend(..)) || !self.shares.left.is_empty()
    }
}

impl<'a> Judge<'a> {
    pub(super) async fn new(parts: &'a Parts, site: &'a Site) -> Result<Self, SyncError> {
        let (scope, graph) = site.scope_and_graph();
        let mappings = Mappings::new(&parts.current().settings, site.id(), &site.pins())?;
        Ok(Self { parts, site, scope, graph, mappings, may_link: may_link(parts, site).await? })
    }

    /// Whether anybody at all is in scope.
    pub(super) async fn finds_anybody(&self) -> Result<bool, SyncError> {
        let mut after = None;
        loop {
            let people = self.parts.store.people_page(self.site.id(), after, super::PAGE).await?;
            let Some(last) = people.last() else { return Ok(false) };
            after = Some(last.id);
            let in_scope =
                |person: &MirroredPerson| !person.gone && self.in_scope(person, &self.memberships(person));
            if people.iter().any(in_scope) {
                return Ok(true);
            }
        }
    }

    /// Judges a page of people; few questions to the store whatever its length.
    pub(super) async fn page(&self, people: Vec<MirroredPerson>) -> Result<Vec<Judged>, SyncError> {
        let now = self.parts.now();
        let entries: Vec<EntryId> = people.iter().map(|person| person.id).collect();
        let keys: Vec<String> =
            people.iter().filter_map(|person| person.facts.email.as_deref()).map(fold).collect();
        let (linked, owners) = self.parts.store.held_for(self.site.id(), &entries, &keys).await?;
        let linked: HashMap<EntryId, &Account> =
            linked.iter().filter_map(|account| Some((account.link.as_ref()?.entry, account))).collect();
        let owners: HashMap<String, &Account> =
            owners.iter().map(|account| (account.profile.email_key(), account)).collect();
        let shared = self.shared(&keys).await?;
        let ids: Vec<AccountId> = linked.values().map(|account| account.id.clone()).collect();
        let (shares, none) = (self.parts.store.shares_held(self.site.id(), &ids).await?, BTreeSet::new());
        let mut judged = Vec::with_capacity(people.len());
        for person in people {
            let account = linked.get(&person.id).copied();
            let key = person.facts.email.as_deref().map(fold);
            let held = Held {
                linked: account,
                mail_owner: key.as_ref().and_then(|key| owners.get(key)).copied(),
                mail_is_shared: key.as_ref().is_some_and(|key| shared.is_shared(key, person.id)),
                may_link: self.may_link,
            };
            let own = account.and_then(|account| shares.get(&account.id)).unwrap_or(&none);
            let mut one = self.one(person, held, own, now);
            // Who comes or goes makes a mail somebody else's alone, or nobody's.
            if let Some(key) = key.filter(|_| one.person.in_scope_before != Some(one.in_scope)) {
                one.touches = shared.others(&key, one.person.id).collect();
            }
            judged.push(one);
        }
        Ok(judged)
    }

    fn one(&self, person: MirroredPerson, held: Held<'_>, shares: &BTreeSet<Share>, now: Millis) -> Judged {
        let account = held.linked.cloned();
        if person.gone {
            let outcome = gone(held.linked);
            let shares = self.mappings.diff(shares, None, &self.graph);
            return Judged { person, in_scope: false, outcome, account, shares, touches: Vec::new() };
        }
        let memberships = self.memberships(&person);
        let in_scope = self.in_scope(&person, &memberships);
        let seen: Observed = person.facts.observed(person.id, in_scope);
        let usable = seen.barred(now).is_none().then_some(&memberships);
        let shares = self.mappings.diff(shares, usable, &self.graph);
        let outcome = reconcile::decide(self.site.id(), &seen, held, now);
        Judged { person, in_scope, outcome, account, shares, touches: Vec::new() }
    }

    fn memberships(&self, person: &MirroredPerson) -> Memberships {
        let primary = person.facts.primary_group.clone().map(Sid);
        let primary = primary.and_then(|sid| self.graph.by_sid(&sid)).map(|group| group.id);
        Memberships::from_import(person.direct_groups.iter().copied().chain(primary), &self.graph)
    }

    fn in_scope(&self, person: &MirroredPerson, memberships: &Memberships) -> bool {
        let passes = person.facts.passes_filter;
        self.scope.reason(&person.dn, memberships, &self.graph, passes).is_some()
    }

    /// Who in scope has which of these mails, of those that several have.
    async fn shared(&self, keys: &[String]) -> Result<SharedMails, SyncError> {
        let sharers = self.parts.store.sharers(self.site.id(), keys.iter().cloned()).await?;
        let in_scope =
            |person: &MirroredPerson| !person.gone && self.in_scope(person, &self.memberships(person));
        let claims = sharers.into_iter().map(|(key, people)| {
            let all = people.iter().map(|person| person.id).collect();
            let claiming = people.iter().filter(|person| in_scope(person)).map(|person| person.id).collect();
            (key, Sharers { all, claiming })
        });
        Ok(SharedMails(claims.collect()))
    }
}

/// By mail, the people who have it.
struct SharedMails(HashMap<String, Sharers>);

struct Sharers {
    all: Vec<EntryId>,
    /// Those in scope.
    claiming: Vec<EntryId>,
}

impl SharedMails {
    fn is_shared(&self, key: &str, own: EntryId) -> bool {
        self.0.get(key).is_some_and(|people| people.claiming.iter().any(|other| *other != own))
    }

    fn others(&self, key: &str, own: EntryId) -> impl Iterator<Item = EntryId> {
        let all = self.0.get(key).map_or(&[][..], |people| &people.all);
        all.iter().copied().filter(move |other| *other != own)
    }
}

/// The entry is not there any more.
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

/// The first import after accounts were loaded links them by mail; later ones only where people can't write their own.
async fn may_link(parts: &Parts, site: &Site) -> Result<bool, SyncError> {
    if site.settings.email_written_by_admins_only {
        return Ok(true);
    }
    // A run that had begun before the accounts were loaded has not seen all of them.
    let imported = parts.store.imported_at(site.id()).await?;
    let loaded = parts.store.accounts_loaded_at().await?;
    Ok(imported.is_none_or(|imported| loaded.is_some_and(|loaded| loaded > imported)))
}
