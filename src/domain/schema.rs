//! The LDAP schemas of directories.

use serde::{Deserialize, Serialize};

/// The LDAP schema of a directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
pub enum Schema {
    /// Microsoft's, as served by Windows and Samba domain controllers.
    #[default]
    ActiveDirectory,
    /// inetOrgPerson and groupOfNames (RFC 2798, RFC 2307bis), as served by OpenLDAP and 389-DS.
    Rfc2307bis,
}
