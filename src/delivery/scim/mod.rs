//! Reading and writing SCIM, without I/O. What is written keeps to the RFCs and to the target's dialect; what is
//! read is taken as targets write it: names in any case, ids as numbers, `active` as text, missing schemas.

mod config;
mod discovery;
mod field;
mod message;
mod patch;
mod path;
mod reply;
mod resource;

pub use self::config::dialect;
pub use self::discovery::{announced, resource_types, schemas, schemas_of};
pub use self::message::{Message, Method, list, message};
pub use self::reply::{Page, Reply, answer, page};

/// Schema of a User (RFC 7643 section 4.1).
pub(crate) const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
/// Schema of a Group (RFC 7643 section 4.2).
pub(crate) const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
/// Schema of a PATCH (RFC 7644 section 3.5.2).
pub(crate) const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
