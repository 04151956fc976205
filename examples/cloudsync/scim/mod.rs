//! A SCIM 2.0 service provider (RFC 7643, RFC 7644): what is delivered stays in memory, and in a file if there is one.
//! It shares no code with the provider.

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
mod state;
mod store;
mod table;

use std::io;
use std::path::PathBuf;
use std::sync::{Mutex, MutexGuard, PoisonError};

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{Digest, SHA256, digest};

use self::error::ScimError;
pub use self::http::routes;
use self::overview::Overview;
use self::state::StateFile;
use self::store::Store;

/// Where the service is, below the address of the site.
pub const PATH: &str = "/scim/v2";

/// The service.
pub struct Scim {
    base: String,
    token: Digest,
    store: Mutex<Store>,
    file: Option<StateFile>,
}

impl Scim {
    /// A service without resources, at a site's address. `token` is what clients must present.
    pub fn new(site: &str, token: &str) -> Self {
        let base = format!("{}{PATH}", site.trim_end_matches('/'));
        let store = Mutex::new(Store::new(base.clone()));
        Self { base, token: digest(&SHA256, token.as_bytes()), store, file: None }
    }

    /// The same with what this file has, which has each further change before the change is confirmed. Fails if the
    /// file is there and can't be read.
    pub fn kept_in(mut self, path: PathBuf) -> io::Result<Self> {
        let file = StateFile::new(path);
        if let Some(state) = file.read()? {
            let store = Store::restored(self.base.clone(), state);
            self.store = Mutex::new(store.map_err(|error| io::Error::other(error.detail))?);
        }
        self.file = Some(file);
        Ok(self)
    }

    /// What there is, the newest change first, at most so many of each type.
    pub fn overview(&self, most: usize) -> Overview {
        Overview::of(&self.store(), most)
    }

    /// Whether this is the token. The time that it takes says nothing about the token, nor about its length.
    fn knows(&self, token: &str) -> bool {
        verify_slices_are_equal(digest(&SHA256, token.as_bytes()).as_ref(), self.token.as_ref()).is_ok()
    }

    /// Makes a change, and keeps it. Nothing is written for a change that is refused.
    fn write<T>(&self, change: impl FnOnce(&mut Store) -> Result<T, ScimError>) -> Result<T, ScimError> {
        let mut store = self.store();
        let changed = change(&mut store)?;
        if let Some(file) = &self.file {
            file.write(&store)?;
        }
        Ok(changed)
    }

    fn store(&self) -> MutexGuard<'_, Store> {
        self.store.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
