//! Counting the people in scope. They pass by once, page by page; of each mail eight bytes are kept, so that memory does
//! not grow with what is in the entries.

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use crate::directory::probe::{PersonSeen, Session};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{People, Tally};
use crate::domain::group::GroupGraph;
use crate::domain::name::fold;
use crate::domain::scope::Memberships;

/// So many entries are looked at closely, and so many shared mails are told with their owners.
const FEW: usize = 10;

/// Who counts.
pub(super) struct Scope<'a> {
    /// OUs that are there.
    pub(super) units: Vec<Dn>,
    /// Groups, whether they are there or not.
    pub(super) groups: Vec<Dn>,
    /// The groups as the last import saw them.
    pub(super) graph: &'a GroupGraph,
}

struct Census<'a> {
    scope: Scope<'a>,
    people: People,
    sample: Vec<Dn>,
    hasher: RandomState,
    mails: HashSet<u64>,
    shared: HashSet<u64>,
    first_shared: Vec<String>,
}

impl Scope<'_> {
    pub(super) fn is_empty(&self) -> bool {
        self.units.is_empty() && self.groups.is_empty()
    }

    /// Where to look: everywhere when groups select, since their members may be anywhere; else in the OUs, each once.
    fn bases(&self, base: &Dn) -> Vec<Dn> {
        if !self.groups.is_empty() {
            return vec![base.clone()];
        }
        let units = || self.units.iter().enumerate();
        let is_inside = |at: usize, unit: &Dn| {
            units().any(|(other, outer)| unit.is_within(outer) && (unit != outer || other < at))
        };
        units().filter(|(at, unit)| !is_inside(*at, unit)).map(|(_, unit)| unit.clone()).collect()
    }

    fn holds(&self, person: &PersonSeen) -> bool {
        self.units.iter().any(|unit| person.dn.is_within(unit)) || self.is_member(person)
    }

    fn is_member(&self, person: &PersonSeen) -> bool {
        if self.groups.is_empty() {
            return false;
        }
        let direct = person.groups.iter().filter_map(|dn| self.graph.by_dn(dn));
        let primary = person.primary_group.as_ref().and_then(|sid| self.graph.by_sid(sid));
        let all = Memberships::from_import(direct.chain(primary).map(|group| group.id), self.graph);
        let mut selected = self.groups.iter().filter_map(|dn| self.graph.by_dn(dn));
        selected.any(|group| all.contains(group.id))
    }
}

/// Counts them, and gives a few to look at closely.
pub(super) async fn take(session: &mut Session<'_>, scope: Scope<'_>) -> (People, Vec<Dn>) {
    let unknown = scope.groups.iter().filter(|dn| scope.graph.by_dn(dn).is_none());
    let unknown_groups = unknown.map(ToString::to_string).collect();
    let bases = scope.bases(session.base());
    let mut census = Census {
        scope,
        people: People { unknown_groups, ..People::default() },
        sample: Vec::new(),
        hasher: RandomState::new(),
        mails: HashSet::new(),
        shared: HashSet::new(),
        first_shared: Vec::new(),
    };
    for base in bases {
        if let Err(why) = census.walk(session, &base).await {
            census.people.cut = Some(why);
            break;
        }
    }
    let shared = census.shared.len();
    let first = owners(session, &census.first_shared).await;
    census.people.shared_mails = Tally { count: shared, first };
    (census.people, census.sample)
}

async fn owners(session: &mut Session<'_>, mails: &[String]) -> Vec<String> {
    let mut told = Vec::new();
    for mail in mails {
        let owners = session.who_has(mail).await.unwrap_or_default();
        let names: Vec<&str> = owners.iter().map(Dn::as_str).collect();
        told.push(format!("{mail}: {}", names.join(" | ")));
    }
    told
}

impl Census<'_> {
    async fn walk(&mut self, session: &mut Session<'_>, base: &Dn) -> Result<(), String> {
        let mut cookie = Some(Vec::new());
        while let Some(next) = cookie {
            let page = session.people(base, next).await?;
            page.people.iter().for_each(|person| self.count(person));
            cookie = page.next;
        }
        Ok(())
    }

    fn count(&mut self, person: &PersonSeen) {
        if !person.enabled || !self.scope.holds(person) {
            return;
        }
        self.people.count += 1;
        let name = || person.dn.to_string();
        if self.sample.len() < FEW {
            self.sample.push(person.dn.clone());
        }
        if person.smart_card {
            self.people.smart_cards.add(name);
        }
        for attribute in &person.hidden {
            self.hide(attribute);
        }
        match &person.email {
            Some(mail) => self.mail(mail),
            None => self.people.mailless.add(name),
        }
    }

    fn hide(&mut self, attribute: &'static str) {
        match self.people.hidden.iter_mut().find(|(known, _)| *known == attribute) {
            Some((_, count)) => *count += 1,
            None => self.people.hidden.push((attribute, 1)),
        }
    }

    fn mail(&mut self, mail: &str) {
        let hash = self.hasher.hash_one(fold(mail));
        if !self.mails.insert(hash) && self.shared.insert(hash) && self.first_shared.len() < FEW {
            self.first_shared.push(mail.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dn(text: &str) -> Dn {
        Dn::parse(text).expect("a DN")
    }

    fn bases(units: &[&str], groups: &[&str]) -> Vec<String> {
        let graph = GroupGraph::default();
        let dns = |texts: &[&str]| texts.iter().map(|text| dn(text)).collect();
        let scope = Scope { units: dns(units), groups: dns(groups), graph: &graph };
        scope.bases(&dn("DC=x")).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nobody_is_counted_twice() {
        assert_eq!(bases(&["OU=a,DC=x", "OU=b,OU=a,DC=x", "OU=c,DC=x"], &[]), ["OU=a,DC=x", "OU=c,DC=x"]);
        assert_eq!(bases(&["OU=a,DC=x", "ou=A,dc=x"], &[]), ["OU=a,DC=x"]);
        assert_eq!(bases(&["OU=a,DC=x"], &["CN=g,DC=x"]), ["DC=x"]);
        assert!(bases(&[], &[]).is_empty());
    }
}
