//! Compare what is wished about one person or Team Share with the list of the target, by the rules by which an
//! attempt finds and changes it.

use std::collections::BTreeSet;

use super::attribute::{Attribute, Values};
use super::known::{Known, Place};
use super::note::matching;
use super::request::{By, RemoteId, Seen};
use super::wish::{Presence, Subject, Wish};
use crate::domain::words;

#[cfg(test)]
mod tests;

words! {
    /// How the target differs.
    pub enum Finding {
        /// Active there, and should not be.
        Suspend = "suspend",
        /// There, and was erased here.
        Erase = "erase",
        /// Other values, or other members.
        Change = "change",
        /// There already, and taken over.
        Adopt = "adopt",
        Create = "create",
        /// It was there, and is not any more.
        Gone = "gone",
        /// Several are this one, or it belongs to somebody else here: an administrator has to decide.
        Conflict = "conflict",
        /// There, and nobody here knows it. It is never touched.
        Unknown = "unknown",
    }
}

/// How one person or Team Share differs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    pub finding: Finding,
    /// The resource, if there is one.
    pub id: Option<RemoteId>,
    pub attributes: BTreeSet<Attribute>,
    /// How many members a Team Share lacks, and how many it has too many.
    pub joining: u32,
    pub leaving: u32,
    /// More about a conflict.
    pub words: Option<String>,
}

/// The result of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Compared {
    /// The resources that this comparison was about: nobody else's, and not unknown.
    pub claims: Vec<RemoteId>,
    pub difference: Option<Difference>,
}

impl Difference {
    /// One without attributes, members and words.
    #[must_use]
    pub fn new(finding: Finding, id: Option<RemoteId>) -> Self {
        Self { finding, id, attributes: BTreeSet::new(), joining: 0, leaving: 0, words: None }
    }
}

impl Compared {
    /// The one resource that was compared; `None` if there is none, or a conflict.
    #[must_use]
    pub fn resource(&self) -> Option<&RemoteId> {
        let conflict = self.difference.as_ref().is_some_and(|one| one.finding == Finding::Conflict);
        self.claims.first().filter(|_| !conflict)
    }

    fn conflict(found: &[Seen], words: String) -> Self {
        let claims = found.iter().map(|seen| seen.id.clone()).collect();
        let difference = Difference::new(Finding::Conflict, None);
        Self { claims, difference: Some(Difference { words: Some(words), ..difference }) }
    }
}

/// Compares. `listed` are the resources that may be this one: by id, by `externalId`, by name. `taken`: whether a
/// resource belongs to another account or Team Share here.
#[must_use]
pub fn compare(wish: &Wish, known: &Known, listed: &[Seen], taken: &dyn Fn(&Seen) -> bool) -> Compared {
    let here = known.id().and_then(|id| listed.iter().find(|seen| seen.id == *id));
    let found = match here {
        Some(seen) => vec![seen.clone()],
        None => matching(wish, By::List, listed.to_vec()),
    };
    match found.as_slice() {
        [] => Compared { claims: Vec::new(), difference: absent(wish, known) },
        [one] if here.is_none() && taken(one) => {
            // It is the other one's claim.
            let compared =
                Compared::conflict(&found, format!("{} there belongs to somebody else here", one.id));
            Compared { claims: Vec::new(), ..compared }
        }
        [one] => Compared { claims: vec![one.id.clone()], difference: present(wish, one, here.is_none()) },
        [one, other, ..] => {
            Compared::conflict(&found, format!("{} and {} are both this one", one.id, other.id))
        }
    }
}

/// The resource that a creation has left behind whose answer was lost: it has the id of the account or Team Share
/// here. By name it could be somebody else's.
#[must_use]
pub fn left_behind<'a>(subject: &Subject, listed: &'a [Seen]) -> Option<&'a Seen> {
    let is_own = |seen: &&Seen| {
        seen.values.get(&Attribute::ExternalId).and_then(Option::as_deref) == Some(subject.external_id())
    };
    let mut own = listed.iter().filter(is_own);
    own.next().filter(|_| own.next().is_none())
}

fn absent(wish: &Wish, known: &Known) -> Option<Difference> {
    let finding = match (wish.presence, &known.place) {
        (Presence::Suspended | Presence::Erased, _) => return None,
        (Presence::Active, Place::Unknown) => Finding::Create,
        (Presence::Active, Place::At { .. } | Place::Lost) => Finding::Gone,
    };
    Some(Difference::new(finding, None))
}

fn present(wish: &Wish, seen: &Seen, is_new: bool) -> Option<Difference> {
    let attributes = differing(wish, &seen.values);
    let finding = match wish.presence {
        Presence::Erased => Finding::Erase,
        Presence::Suspended if attributes.contains(&Attribute::Active) => Finding::Suspend,
        _ if is_new => Finding::Adopt,
        _ if attributes.is_empty() => return None,
        _ => Finding::Change,
    };
    Some(Difference { attributes, ..Difference::new(finding, Some(seen.id.clone())) })
}

/// The attributes that differ.
fn differing(wish: &Wish, there: &Values) -> BTreeSet<Attribute> {
    let text = |value: Option<&Option<String>>| value.cloned().flatten().filter(|text| !text.is_empty());
    let differs = |attribute: Attribute, value: &Option<String>| {
        let (own, other) = (text(Some(value)), text(there.get(&attribute)));
        match ignores_case(attribute) {
            true => own.map(|own| own.to_lowercase()) != other.map(|other| other.to_lowercase()),
            false => own != other,
        }
    };
    let differing = wish.values.iter().filter(|(attribute, value)| differs(**attribute, value));
    differing.map(|(attribute, _)| *attribute).collect()
}

/// Not `caseExact` (RFC 7643 sections 4.1.1, 4.1.2 and 4.2): a target may write it in its own case.
fn ignores_case(attribute: Attribute) -> bool {
    matches!(attribute, Attribute::UserName | Attribute::Email | Attribute::ShareName)
}

/// How the members of a Team Share differ: who is missing, and who of ours is there and should not be.
#[must_use]
pub fn compare_members(
    wished: &BTreeSet<RemoteId>,
    there: &BTreeSet<RemoteId>,
    ours: &dyn Fn(&RemoteId) -> bool,
) -> (u32, u32) {
    let many = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let leaving = there.difference(wished).filter(|id| ours(id)).count();
    (many(wished.difference(there).count()), many(leaving))
}
