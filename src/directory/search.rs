//! Search as the service account, and read value lists that a server splits.

use ldap3::Scope;
use ldap3::controls::RawControl;
use tokio::time::Instant;

use super::Directory;
use super::connection::Query;
use super::error::DirectoryError;
use super::message::{Attributes, Slice, code, control};
use crate::domain::dn::Dn;

impl Directory {
    /// Runs a search. "No such object" is a valid result of a base search; below the base DN it means that
    /// the base is wrong. A reached size limit is reported.
    pub(crate) async fn ask(
        &self,
        query: &Query<'_>,
        deadline: Instant,
    ) -> Result<(Vec<Attributes>, bool), DirectoryError> {
        let answer = self.requests().search(query, self.rank, deadline).await?;
        match answer.result.rc {
            code::SUCCESS => Ok((answer.entries, false)),
            code::NO_SUCH_OBJECT if query.scope == Scope::Base => Ok((Vec::new(), false)),
            code::SIZE_LIMIT_EXCEEDED if query.stop_at_most => Ok((answer.entries, true)),
            code => Err(DirectoryError::Refused { code, text: answer.result.text }),
        }
    }

    /// Suppresses the continuation references that a search from a domain's root returns.
    pub(crate) fn controls(&self) -> Vec<RawControl> {
        let wanted = self.requests().servers.current_features().domain_scope;
        wanted.then(control::domain_scope).into_iter().collect()
    }

    /// Reads the rest of a value list that the server splits.
    pub(crate) async fn complete(
        &self,
        object: &mut Attributes,
        name: &str,
        deadline: Instant,
    ) -> Result<(), DirectoryError> {
        let Some(Slice { mut values, mut next }) = object.slice(name) else { return Ok(()) };
        while let Some(from) = next {
            let slice = self.slice(&object.dn, name, from, deadline).await?;
            next = slice.next;
            values.extend(slice.values);
        }
        object.put(name, values);
        Ok(())
    }

    /// One range of a value list, to its end or to where the server splits it.
    async fn slice(
        &self,
        dn: &Dn,
        name: &str,
        from: usize,
        deadline: Instant,
    ) -> Result<Slice, DirectoryError> {
        let attribute = format!("{name};range={from}-*");
        let attributes = [attribute.as_str()];
        let found = self.ask(&Query::read(dn.as_str(), &attributes), deadline).await?.0;
        let object = found.first().ok_or_else(|| DirectoryError::Incomplete(format!("{dn} is gone")))?;
        let cut = || DirectoryError::Incomplete(format!("{dn}: the rest of {name} can't be read"));
        object.slice_from(name, from).ok_or_else(cut)
    }
}
