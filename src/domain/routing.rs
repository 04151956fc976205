//! Choose the directory for a typed name. The choice depends on the form of the name and on settings, never
//! on whether the name exists, so that strangers learn nothing from it.

use super::dn::Dn;
use super::email;
use super::entry::DirectoryId;
use super::name::{TypedName, fold};
use super::settings;

/// The names and domains of one directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Territory {
    directory: DirectoryId,
    /// The NetBIOS name and the DNS name of the base DN.
    names: Vec<String>,
    /// UPN suffixes and email domains.
    domains: Vec<String>,
}

impl Territory {
    /// From the settings.
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

    /// True if `domain` may be typed before the backslash for this directory.
    #[must_use]
    pub fn is_called(&self, domain: &str) -> bool {
        self.names.contains(&fold(domain))
    }

    /// True if `suffix` may be typed after the at sign for this directory.
    fn owns(&self, suffix: &str) -> bool {
        self.is_called(suffix) || self.domains.contains(&email::domain_key(suffix))
    }
}

/// The result for one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Route<T> {
    One(T),
    /// One of these: the person must choose.
    Choose(Vec<T>),
    Nobody,
}

impl<T> Route<T> {
    /// The directory, if it is unambiguous.
    pub fn one(self) -> Option<T> {
        if let Self::One(directory) = self { Some(directory) } else { None }
    }
}

/// Every directory that a name may belong to, in the order of the settings.
///
/// A single directory gets every address: domains that can't be confused need not be declared. With several,
/// an address goes to the directories that declared its domain, else to those that declared no domain and may
/// therefore have any.
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

/// Chooses among the candidates. The person's choice takes precedence over the one that the browser remembers
/// (`last`); if it is not a candidate, the person is asked again.
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
