//! Count the people in scope, page by page. Of each email address only eight bytes are kept, so that memory
//! does not grow with the size of the entries.

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasher, RandomState};

use crate::directory::probe::{PersonSeen, ProbeSession};
use crate::domain::dn::Dn;
use crate::domain::doctor::facts::{NameTally, OtherClassEntries, ScopePeople};
use crate::domain::email;
use crate::domain::entry::EntryId;
use crate::domain::group::GroupGraph;
use crate::domain::scope::{Memberships, Scope};
use crate::store::Store;

/// How many entries are checked closely, and how many shared email addresses are listed with their owners.
const FEW: usize = 10;

struct Census<'a> {
    scope: &'a Scope,
    graph: &'a GroupGraph,
    people: ScopePeople,
    sample: Vec<Dn>,
    hasher: RandomState,
    mails: HashSet<u64>,
    shared: HashSet<u64>,
    first_shared: Vec<String>,
}

/// Counts them, and returns a few to check closely. OUs that no longer exist are not searched.
pub(super) async fn take(
    store: &Store,
    session: &mut ProbeSession<'_>,
    scope: &Scope,
    graph: &GroupGraph,
    gone: impl Fn(&Dn) -> bool,
) -> (ScopePeople, Vec<Dn>) {
    let groups = scope.groups.iter().chain(&scope.excluded_groups);
    let unknown = groups.filter(|group| group.found_in(graph).is_none());
    let unknown_groups = unknown.map(|group| group.dn.to_string()).collect();
    let mut census = Census {
        scope,
        graph,
        people: ScopePeople { unknown_groups, ..ScopePeople::default() },
        sample: Vec::new(),
        hasher: RandomState::new(),
        mails: HashSet::new(),
        shared: HashSet::new(),
        first_shared: Vec::new(),
    };
    for base in bases(scope, session.base()).into_iter().filter(|base| !gone(base)) {
        if let Err(why) = census.walk(store, session, &base).await {
            census.people.cut = Some(why);
            break;
        }
    }
    let first = owners(session, &census.first_shared).await;
    census.people.shared_emails = NameTally { count: census.shared.len(), first };
    (census.people, census.sample)
}

/// Some enabled people below the base DN, before a scope is chosen.
pub(super) async fn sample(session: &mut ProbeSession<'_>) -> ScopePeople {
    let mut people = ScopePeople::default();
    match session.people(&session.base().clone(), Vec::new()).await {
        Ok(page) => page.people.iter().filter(|one| one.enabled).for_each(|one| {
            people.count += 1;
            one.hidden.iter().for_each(|attribute| hide(&mut people, attribute));
        }),
        Err(why) => people.cut = Some(why),
    }
    people
}

fn hide(people: &mut ScopePeople, attribute: &'static str) {
    match people.hidden.iter_mut().find(|(known, _)| *known == attribute) {
        Some((_, count)) => *count += 1,
        None => people.hidden.push((attribute, 1)),
    }
}

/// Entries in the scope's places that look like people but have another class.
pub(super) async fn other_classes(session: &mut ProbeSession<'_>, scope: &Scope) -> OtherClassEntries {
    let mut other_classes = OtherClassEntries::default();
    for base in bases(scope, session.base()) {
        match session.strangers(&base).await {
            Ok(found) => found.iter().for_each(|dn| other_classes.found.add(|| dn.to_string())),
            Err(why) => other_classes.unknown = Some(why),
        }
    }
    other_classes
}

/// Where to search: everywhere if groups select, since members may be anywhere; otherwise each OU once.
fn bases(scope: &Scope, base: &Dn) -> Vec<Dn> {
    if !scope.groups.is_empty() {
        return vec![base.clone()];
    }
    let units = || scope.organizational_units.iter().map(|unit| &unit.dn).enumerate();
    let is_inside = |at: usize, unit: &Dn| {
        units().any(|(other, outer)| unit.is_within(outer) && (unit != outer || other < at))
    };
    units().filter(|(at, unit)| !is_inside(*at, unit)).map(|(_, unit)| unit.clone()).collect()
}

async fn owners(session: &mut ProbeSession<'_>, mails: &[String]) -> Vec<String> {
    let mut listed = Vec::new();
    for mail in mails {
        let owners = session.who_has(mail).await.unwrap_or_default();
        let names: Vec<&str> = owners.iter().map(Dn::as_str).collect();
        listed.push(format!("{mail}: {}", names.join(" | ")));
    }
    listed
}

impl Census<'_> {
    async fn walk(&mut self, store: &Store, session: &mut ProbeSession<'_>, base: &Dn) -> Result<(), String> {
        let mut cookie = Some(Vec::new());
        while let Some(next) = cookie {
            let mut page = session.people(base, next).await?;
            if !session.is_windows() && !self.scope.groups.is_empty() {
                self.mirrored_groups(store, session, &mut page.people).await?;
            }
            page.people.iter().for_each(|person| self.count(person));
            cookie = page.next;
        }
        Ok(())
    }

    /// Adds the groups that the mirror has: not every directory lists a person's groups in the entry.
    async fn mirrored_groups(
        &self,
        store: &Store,
        session: &ProbeSession<'_>,
        people: &mut [PersonSeen],
    ) -> Result<(), String> {
        let ids: Vec<EntryId> = people.iter().filter_map(|person| person.id).collect();
        let known =
            store.sync().people_among(session.directory(), &ids).await.map_err(|error| error.to_string())?;
        let groups: HashMap<EntryId, Vec<EntryId>> =
            known.into_iter().map(|person| (person.id, person.direct_groups)).collect();
        for person in people {
            let listed = person.id.and_then(|id| groups.get(&id)).into_iter().flatten();
            person.groups.extend(listed.filter_map(|id| self.graph.by_id(*id)).map(|group| group.dn.clone()));
        }
        Ok(())
    }

    /// The server evaluates the filter of the scope, so entries that it excludes are never returned.
    fn holds(&self, person: &PersonSeen) -> bool {
        let groups = match self.scope.depends_on_groups(&person.dn) {
            true => self.groups_of(person),
            false => Memberships::default(),
        };
        self.scope.reason(&person.dn, &groups, self.graph, true).is_some()
    }

    fn groups_of(&self, person: &PersonSeen) -> Memberships {
        let direct = person.groups.iter().filter_map(|dn| self.graph.by_dn(dn));
        let primary = person.primary_group.as_ref().and_then(|sid| self.graph.by_sid(sid));
        Memberships::from_mirror(direct.chain(primary).map(|group| group.id), self.graph)
    }

    fn count(&mut self, person: &PersonSeen) {
        if !person.enabled || !self.holds(person) {
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
            hide(&mut self.people, attribute);
        }
        match &person.email {
            Some(mail) => self.mail(mail),
            None => self.people.without_email.add(name),
        }
    }

    fn mail(&mut self, mail: &str) {
        let hash = self.hasher.hash_one(email::key(mail));
        if !self.mails.insert(hash) && self.shared.insert(hash) && self.first_shared.len() < FEW {
            self.first_shared.push(mail.to_owned());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::scope::Pins;
    use crate::domain::settings::ScopeSettings;

    fn searched(units: &[&str], groups: &[&str]) -> Vec<String> {
        let settings = ScopeSettings {
            organizational_units: units.iter().map(|unit| (*unit).into()).collect(),
            groups: groups.iter().map(|group| (*group).to_owned()).collect(),
            ..ScopeSettings::default()
        };
        let scope = Scope::new(&settings, &Pins::default()).expect("DNs");
        let base = Dn::parse("DC=x").expect("a DN");
        bases(&scope, &base).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn nobody_is_counted_twice() {
        assert_eq!(searched(&["OU=a,DC=x", "OU=b,OU=a,DC=x", "OU=c,DC=x"], &[]), ["OU=a,DC=x", "OU=c,DC=x"]);
        assert_eq!(searched(&["OU=a,DC=x", "ou=A,dc=x"], &[]), ["OU=a,DC=x"]);
        assert_eq!(searched(&["OU=a,DC=x"], &["CN=g,DC=x"]), ["DC=x"]);
        assert!(searched(&[], &[]).is_empty());
    }
}
