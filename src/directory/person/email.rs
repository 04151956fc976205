//! Check which person has an email address before an account is given it.

use tokio::time::Instant;

use super::find::Found;
use crate::directory::Directory;
use crate::directory::error::DirectoryError;
use crate::directory::message::LdapFilter;
use crate::domain::email;
use crate::domain::entry::Entry;

impl Directory {
    /// The person with this email address, in scope or not, by the email attribute only. At sign-in the same
    /// address may also mean a person whose login name is the part before the at sign; that person does not
    /// have the address and does not prevent anyone from having it.
    pub async fn person_with_email(&self, address: &str, deadline: Instant) -> Result<Found, DirectoryError> {
        let naming = self.naming();
        let filter = LdapFilter::all([naming.people(), naming.email_is(address)]);
        let (entries, cut) = self.search_people(filter, deadline).await?;
        // The directory may ignore accents and width, and lists secondary addresses too.
        let has_it = |entry: &Entry| entry.email.as_deref().is_some_and(|own| email::same(own, address));
        let mut owners: Vec<Entry> = entries.into_iter().filter(has_it).collect();
        if cut || owners.len() > 1 {
            return Ok(Found::Ambiguous(owners.len().max(2)));
        }
        Ok(owners.pop().map_or(Found::None, |entry| Found::One(Box::new(entry))))
    }
}
