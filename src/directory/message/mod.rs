//! What LDAP messages carry: entries, filters, result codes, and controls. Input from a server is never
//! trusted: what can't be parsed gives `None` or an error.

mod attributes;
pub(crate) mod code;
pub(crate) mod control;
pub(crate) mod dirsync;
mod filter;
mod generalized_time;
pub(crate) mod paging;
pub(crate) mod ppolicy;

pub(crate) use attributes::{Attributes, Slice};
pub use filter::{ExtraFilter, NoFilter};
pub(crate) use filter::{GroupDependency, LdapFilter};
