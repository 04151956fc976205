//! Which directory a typed name points to. It goes by the form of the name and by what administrators have set, never by
//! whether anybody has the name: what is asked, and what is not, tells a stranger nothing.

use super::dn::Dn;
use super::email;
use super::entry::DirectoryId;
use super::name::{TypedName, fold};
use super::settings;

/// What a directory calls its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    directory: DirectoryId,
    /// The NetBIOS name and the DNS name of the base DN.
    names: Vec<String>,
    /// UPN suffixes and mail domains.
    domains: Vec<String>,
}

impl Territory {
    /// What the settings say.
    #[must_use]
    pub fn of(settings: &settings::Directory) -> Self {
        let dns_name = Dn::parse(&settings.base_dn).ok().and_then(|base| base.dns_name());
        let names = [fold(&settings.netbios_name), dns_name.unwrap_or_default()];
        Self {
            directory: settings.id.clone(),
            names: names.into_iter().filter(|name| !name.is_empty()).collect(),
            domains: settings.domains.iter().map(|domain| email::domain_key(domain)).collect(),
        }
    }

    /// True for what may stand before the backslash.
    #[must_use]
    pub fn is_called(&self, domain: &str) -> bool {
        self.names.contains(&fold(domain))
    }

    /// True for what may stand behind the at sign.
    fn owns(&self, suffix: &str) -> bool {
        self.is_called(suffix) || self.domains.contains(&email::domain_key(suffix))
    }
}

/// Where a name leads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<T> {
    /// To this directory.
    One(T),
    /// To one of these: the person has to say which.
    Choose(Vec<T>),
    /// Nowhere.
    Nobody,
}

impl<T> Route<T> {
    /// The directory, if there is no doubt.
    pub fn one(self) -> Option<T> {
        if let Self::One(directory) = self { Some(directory) } else { None }
    }
}

/// Every directory that a name may mean, in the order of the settings.
///
/// An only directory takes every address: nobody has to declare domains that can't be confused with any others. Of
/// several, the owners of the domain do, or else those that have declared no domain and so may have any.
#[must_use]
pub fn candidates<'t>(name: &TypedName, all: &'t [Territory]) -> Vec<&'t DirectoryId> {
    let those = |wanted: &dyn Fn(&Territory) -> bool| -> Vec<&'t DirectoryId> {
        all.iter().filter(|territory| wanted(territory)).map(|territory| &territory.directory).collect()
    };
    match name {
        TypedName::Login(_) => those(&|_| true),
        TypedName::InDomain { domain, .. } => those(&|territory| territory.is_called(domain)),
        TypedName::Address(_) if all.len() == 1 => those(&|_| true),
        TypedName::Address(address) => {
            let suffix = address.rsplit_once('@').map_or("", |(_, suffix)| suffix);
            let owners = those(&|territory| territory.owns(suffix));
            if owners.is_empty() { those(&|territory| territory.domains.is_empty()) } else { owners }
        }
    }
}

/// Decides among the candidates. What the person has chosen goes before what the browser remembers of `last` time, and is
/// asked for again when it is none of the candidates.
#[must_use]
pub fn route<'t>(
    candidates: Vec<&'t DirectoryId>,
    chosen: Option<&DirectoryId>,
    last: Option<&DirectoryId>,
) -> Route<&'t DirectoryId> {
    let wanted = chosen.or(last);
    match candidates.as_slice() {
        [] => Route::Nobody,
        [only] => Route::One(only),
        several => match several.iter().find(|candidate| Some(**candidate) == wanted) {
            Some(one) => Route::One(one),
            None => Route::Choose(candidates),
        },
    }
}

#[cfg(test)]
mod tests;
