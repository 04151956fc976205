//! Which objects are groups.

use crate::directory::message::{Attributes, LdapFilter};
use crate::domain::schema::Schema;
use crate::domain::selection::GROUP_CLASSES;

/// Set in `groupType` of security groups (MS-ADTS 2.2.12).
const SECURITY_ENABLED: i64 = 0x8000_0000;

pub(crate) fn groups(schema: Schema) -> LdapFilter {
    match schema {
        Schema::ActiveDirectory => LdapFilter::equals("objectClass", "group"),
        Schema::Rfc2307bis => {
            LdapFilter::any(GROUP_CLASSES.iter().map(|class| LdapFilter::equals("objectClass", class)))
        }
    }
}

/// True for groups that `tokenGroups` lists.
pub(crate) fn is_security(object: &Attributes) -> bool {
    object.number("groupType").is_some_and(|kind| kind & SECURITY_ENABLED != 0)
}
