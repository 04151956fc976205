//! A SCIM 2.0 service provider (RFC 7643, RFC 7644): what is delivered stays in memory. It shares no code with the
//! provider.

mod attribute;
mod call;
mod config;
mod error;
mod filter;
mod http;
mod normal;
pub mod overview;
mod patch;
mod path;
mod query;
mod schema;
mod shown;
mod store;
mod table;

use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};

pub use self::http::routes;
use self::overview::Overview;
use self::store::Store;

/// Where the service is, below the address of the site.
pub const PATH: &str = "/scim/v2";

/// The service.
pub struct Scim {
    base: String,
    token: Digest,
    store: Mutex<Store>,
}

impl Scim {
    /// A service without resources, at a site's address. `token` is what clients must present.
    pub fn new(site: &str, token: &str) -> Self {
        let base = format!("{}{PATH}", site.trim_end_matches('/'));
        Self { token: digest(&SHA256, token.as_bytes()), store: Mutex::new(Store::new(base.clone())), base }
    }

    /// What there is, the newest change first, at most so many of each type.
    pub fn overview(&self, most: usize) -> Overview {
        Overview::of(&self.store(), most)
    }

    /// Whether this is the token. The time that it takes says nothing about the token, nor about its length.
    fn knows(&self, token: &str) -> bool {
        verify_slices_are_equal(digest(&SHA256, token.as_bytes()).as_ref(), self.token.as_ref()).is_ok()
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
