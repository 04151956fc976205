//! What a change of the second-factor policy does, and to how many people.

use crate::domain::dn::Dn;
use crate::domain::entry::Sid;
use crate::domain::scope::{Memberships, NamedGroup, PinKind};
use crate::domain::settings::{Enrolment, Required, SecondFactor};
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::{Current, Site};
use crate::flow::installation::fault::Fault;
use crate::store::Store;

/// How many people are read at once.
const PAGE: u32 = 1000;

/// How many people a policy asks, and how many of them have no factor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct AskedPeople {
    people: i64,
    without: i64,
}

/// What a change of the policy does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct FactorChange {
    /// How many people were asked, are asked, and have no factor of those; `None` if other people are not
    /// asked than before.
    pub asked: Option<(i64, i64, i64)>,
    /// True if a thief of a password has it easier than before.
    pub weaker: bool,
}

/// What a change of the policy does.
pub(super) async fn change(
    parts: &PanelParts,
    before: &SecondFactor,
    after: &SecondFactor,
) -> Result<FactorChange, Fault> {
    let asked = if (before.required, &before.groups) == (after.required, &after.groups) {
        None
    } else {
        let current = parts.login.current();
        let (was, is) = (asked(parts, &current, before).await?, asked(parts, &current, after).await?);
        Some((was.people, is.people, is.without))
    };
    Ok(FactorChange { asked, weaker: is_weaker(before, after) })
}

/// True if a thief of a password has it easier than before.
fn is_weaker(before: &SecondFactor, after: &SecondFactor) -> bool {
    (before.enrolment, after.enrolment) == (Enrolment::Invited, Enrolment::Alone)
        || before.grace_days < after.grace_days
        || before.remember_browser_days < after.remember_browser_days
        || before.invitation_hours < after.invitation_hours
        || before.totp.digits > after.totp.digits
}

async fn asked(parts: &PanelParts, current: &Current, policy: &SecondFactor) -> Result<AskedPeople, Fault> {
    let store = &parts.login.store;
    let (people, with_factor) = store.identity().count_people().await?;
    Ok(match policy.required {
        Required::Nobody => AskedPeople::default(),
        Required::Optional => AskedPeople { people: with_factor, without: 0 },
        Required::Everyone => AskedPeople { people, without: people - with_factor },
        Required::Groups => {
            let mut without = 0;
            for site in current.sites() {
                without += members_without(store, site, &policy.groups).await?;
            }
            // Whoever has a factor is asked too.
            AskedPeople { people: with_factor + without, without }
        }
    })
}

/// How many members of these groups in this directory have an account and no factor.
async fn members_without(store: &Store, site: &Site, groups: &[String]) -> Result<i64, Fault> {
    let pins = site.pins();
    let parsed = groups.iter().filter_map(|group| Dn::parse(group).ok());
    let own = parsed.filter(|group| group.is_within(site.directory.base()));
    let own: Vec<_> = own.map(|group| NamedGroup::of(PinKind::SecondFactor, &group, &pins)).collect();
    let graph = site.graph();
    // A group that the mirror does not have exempts nobody, as at the sign-in.
    let is_asked = |memberships: &Memberships| {
        own.iter().any(|group| group.found_in(&graph).is_none_or(|group| memberships.contains(group.id)))
    };
    let (mut without, mut after) = (0, None);
    while !own.is_empty() {
        let page = store.sync().people_page(site.id(), after, PAGE).await?;
        let members = page.iter().filter(|person| {
            let primary = person.facts.primary_group.clone().map(Sid);
            let primary = primary.and_then(|sid| graph.by_sid(&sid)).map(|group| group.id);
            let direct = person.direct_groups.iter().copied().chain(primary);
            !person.gone && is_asked(&Memberships::from_mirror(direct, &graph))
        });
        let members: Vec<_> = members.map(|person| person.id).collect();
        without += store.identity().count_without_factor(site.id(), &members).await?;
        match page.last() {
            Some(last) if page.len() == PAGE as usize => after = Some(last.id),
            _ => break,
        }
    }
    Ok(without)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Totp;

    #[test]
    fn what_makes_it_easier_for_a_thief_is_weaker() {
        let plain = SecondFactor { enrolment: Enrolment::Invited, grace_days: 7, ..SecondFactor::default() };
        let plain = SecondFactor { remember_browser_days: 7, ..plain };
        for (other, weaker) in [
            (plain.clone(), false),
            (SecondFactor { enrolment: Enrolment::Alone, ..plain.clone() }, true),
            (SecondFactor { grace_days: 8, ..plain.clone() }, true),
            (SecondFactor { grace_days: 6, ..plain.clone() }, false),
            (SecondFactor { remember_browser_days: 8, ..plain.clone() }, true),
            (SecondFactor { remember_browser_days: 0, ..plain.clone() }, false),
            (SecondFactor { invitation_hours: 73, ..plain.clone() }, true),
            (SecondFactor { totp: Totp { digits: 8, ..Totp::default() }, ..plain.clone() }, false),
        ] {
            assert_eq!(is_weaker(&plain, &other), weaker, "{other:?}");
        }
        let eight = SecondFactor { totp: Totp { digits: 8, ..Totp::default() }, ..plain.clone() };
        assert!(is_weaker(&eight, &plain));
    }
}
