//! Everything that is tested on real servers, in one binary: one domain, one OpenLDAP, one PostgreSQL and one Redis
//! serve all of it.

mod directory;
mod lab;
mod store;
mod support;
mod volatile;
