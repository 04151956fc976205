//! People and Team Shares here, and the resources over there that may be theirs.

use std::collections::{HashMap, HashSet};

use super::error::CompareError;
use super::work::{Purpose, Work};
use crate::domain::account::Account;
use crate::domain::delivery::{
    Attribute, Compared, Drift, Kind, Known, RemoteId, Seen, Subject, Wish, compare, left_behind,
};
use crate::flow::delivery::wish::person;
use crate::store::{FoundDifference, ListedKeys, ListedResource, StoredDelivery};

/// A person or Team Share here.
pub(super) struct Own {
    pub(super) subject: Subject,
    /// The email address of a person, the name of a Team Share.
    pub(super) name: String,
    pub(super) account: Option<Account>,
    pub(super) stored: Option<StoredDelivery>,
    /// `None`: the service is to know nothing of it.
    pub(super) wish: Option<Wish>,
}

/// Resources over there, with what is known here of whose they are.
pub(super) struct Candidates {
    seen: Vec<Seen>,
    owners: HashMap<RemoteId, Subject>,
    /// The external ids that are those of somebody here.
    ids_here: HashSet<String>,
}

/// The result for one.
pub(super) enum Judged {
    /// It waits, is refused, or was delivered meanwhile: the list may be older than that.
    Waits(Vec<RemoteId>),
    /// Nothing is wished, and nothing was found.
    Nothing,
    /// `learned`: the resource that a creation without an answer has left behind.
    Compared { compared: Compared, learned: Option<RemoteId> },
}

impl Own {
    pub(super) fn known(&self) -> Known {
        self.stored.as_ref().map(|stored| stored.known.clone()).unwrap_or_default()
    }

    /// Whether the list may say what was so before a delivery.
    fn waits(&self, work: &Work<'_>) -> bool {
        let row = self.stored.as_ref().map(|stored| &stored.row);
        work.purpose == Purpose::Drift
            && row.is_some_and(|row| row.is_dirty() || row.dirty_since >= work.begun_at)
    }
}

impl Candidates {
    /// Those of a page.
    pub(super) async fn of(work: &Work<'_>, kind: Kind, page: &[Own]) -> Result<Self, CompareError> {
        let keys = ListedKeys {
            ids: page.iter().filter_map(|own| own.known().id().cloned()).collect(),
            external_ids: page.iter().map(|own| own.subject.external_id().to_owned()).collect(),
            names: page.iter().map(|own| own.name.to_lowercase()).filter(|name| !name.is_empty()).collect(),
        };
        let listed = work.deliveries().listed(&work.run, kind, &keys).await?;
        let ids: Vec<RemoteId> = listed.iter().map(|one| one.id.clone()).collect();
        let owners = work.deliveries().owners(&work.run.target, kind, &ids).await?;
        let ids_here = ids_here(work, kind, &listed).await?;
        let opened = listed.into_iter().map(|one| work.opened(one.id, &one.content));
        Ok(Self { seen: opened.collect::<Result<_, _>>()?, owners, ids_here })
    }

    /// Compares one with its candidates, and notes a wish that only what was found makes.
    pub(super) fn judge(&self, work: &Work<'_>, own: &mut Own) -> Judged {
        let mut known = own.known();
        let mine = self.may_be(own, &known);
        if own.waits(work) {
            return Judged::Waits(mine.into_iter().map(|seen| seen.id).collect());
        }
        let taken = |seen: &Seen| self.is_taken(&own.subject, seen);
        let left = left_behind(&own.subject, &mine).filter(|seen| !taken(seen)).map(|seen| seen.id.clone());
        let mut learned = None;
        if own.wish.is_none()
            && let (Subject::Person(id), Some(left)) = (&own.subject, left)
        {
            known = known.doubted(Kind::User, Some(left.clone()));
            own.wish = person(work.channel.service, (id, own.account.as_ref()), &known);
            learned = Some(left);
        }
        let Some(wish) = &own.wish else { return Judged::Nothing };
        let compared = compare(wish, &known, &mine, &taken);
        Judged::Compared { compared, learned }
    }

    fn may_be(&self, own: &Own, known: &Known) -> Vec<Seen> {
        let name = own.name.to_lowercase();
        let is = |seen: &&Seen| {
            let value = |attribute: Attribute| seen.values.get(&attribute).and_then(Option::as_deref);
            known.id() == Some(&seen.id)
                || value(Attribute::ExternalId) == Some(own.subject.external_id())
                || value(own.subject.kind().name()).is_some_and(|other| other.to_lowercase() == name)
        };
        self.seen.iter().filter(is).cloned().collect()
    }

    /// By the id over there, or by the external id, which is the id of one of ours.
    fn is_taken(&self, subject: &Subject, seen: &Seen) -> bool {
        let external = seen.values.get(&Attribute::ExternalId).and_then(Option::as_deref);
        let others = external.filter(|external| *external != subject.external_id());
        self.owners.get(&seen.id).is_some_and(|owner| owner != subject)
            || others.is_some_and(|external| self.ids_here.contains(external))
    }
}

async fn ids_here(
    work: &Work<'_>,
    kind: Kind,
    listed: &[ListedResource],
) -> Result<HashSet<String>, CompareError> {
    let ids: Vec<String> = listed.iter().filter_map(|one| one.external_id.clone()).collect();
    if kind == Kind::User {
        return Ok(work.deliveries().account_ids(&ids).await?);
    }
    let subjects: Vec<Subject> = ids.into_iter().map(Subject::Share).collect();
    let rows = work.deliveries().deliveries_of(&work.run.target, &subjects).await?;
    Ok(rows.into_keys().map(|subject| subject.external_id().to_owned()).collect())
}

/// What a page has shown so far.
#[derive(Default)]
pub(super) struct PageResult {
    found: Vec<FoundDifference>,
    claims: Vec<RemoteId>,
}

impl PageResult {
    /// Adds what was found about one.
    pub(super) fn add(&mut self, own: Own, judged: Judged, drift: &mut Drift) {
        match judged {
            Judged::Waits(claims) => {
                drift.waiting += 1;
                self.claims.extend(claims);
            }
            Judged::Nothing => {}
            Judged::Compared { compared, learned } => {
                drift.add(&compared);
                let wished = own.stored.map(|stored| stored.row.wished);
                let (subject, name) = (own.subject, own.name);
                let found = compared.difference.map(|difference| FoundDifference {
                    subject,
                    name,
                    difference,
                    wished,
                    learned,
                });
                self.found.extend(found);
                self.claims.extend(compared.claims);
            }
        }
    }

    /// Writes it to the store.
    pub(super) async fn write(self, work: &Work<'_>, kind: Kind) -> Result<(), CompareError> {
        work.deliveries().add_findings(&work.run, &self.found, work.now()).await?;
        Ok(work.deliveries().claim_listed(&work.run, kind, &self.claims).await?)
    }
}
