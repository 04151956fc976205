//! The names that are on their way to a service. Who is being created under a name may be renamed meanwhile, and the
//! name be given to somebody else: a service that does not compare names would then have both under it.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use crate::domain::delivery::{Kind, Presence, Wish};

type Name = (Kind, String);

/// How many attempts are on their way with each name.
#[derive(Default)]
pub(super) struct Names(Mutex<HashMap<Name, usize>>);

/// A name that is on its way until this is dropped.
pub(super) struct NameOnItsWay<'a> {
    names: &'a Names,
    name: Name,
}

impl Names {
    /// Notes that the name of a wish is on its way; `None` if another one is, and this one has to wait. A suspension
    /// never waits, and who is erased has no name.
    pub(super) fn take(&self, wish: &Wish) -> Option<NameOnItsWay<'_>> {
        let name = (wish.subject.kind(), wish.name().to_lowercase());
        self.with(|counts| {
            let count = counts.entry(name.clone()).or_default();
            if *count > 0 && wish.presence == Presence::Active {
                return None;
            }
            *count += 1;
            Some(NameOnItsWay { names: self, name })
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut HashMap<Name, usize>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Drop for NameOnItsWay<'_> {
    fn drop(&mut self) {
        self.names.with(|counts| {
            if let Some(count) = counts.get_mut(&self.name) {
                *count -= 1;
                if *count == 0 {
                    counts.remove(&self.name);
                }
            }
        });
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::delivery::Values;

    fn person(id: &str, name: &str, presence: Presence) -> Wish {
        Wish::person(AccountId(id.to_owned()), name.to_owned(), presence, Values::new())
    }

    #[test]
    fn one_of_a_name_is_on_its_way_at_a_time() {
        let names = Names::default();
        let first = names.take(&person("a", "Alice@example.com", Presence::Active));
        assert!(first.is_some());
        assert!(names.take(&person("b", "alice@Example.com", Presence::Active)).is_none());
        assert!(names.take(&person("c", "carol@example.com", Presence::Active)).is_some());
        assert!(names.take(&Wish::share("s".into(), "alice@example.com".into(), BTreeSet::new())).is_some());
        drop(first);
        assert!(names.take(&person("b", "alice@example.com", Presence::Active)).is_some());
        assert!(names.with(|counts| counts.is_empty()), "nothing is left of them");
    }

    #[test]
    fn a_suspension_never_waits_but_the_others_wait_for_it() {
        let names = Names::default();
        let active = names.take(&person("a", "alice@example.com", Presence::Active));
        let suspended = names.take(&person("b", "alice@example.com", Presence::Suspended));
        assert!(suspended.is_some());
        drop(active);
        assert!(names.take(&person("c", "alice@example.com", Presence::Active)).is_none());
        let erased = [1, 2].map(|_| names.take(&person("d", "", Presence::Erased)));
        assert!(erased.iter().all(Option::is_some));
    }
}
