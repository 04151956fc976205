//! What every handler has at hand.

use std::sync::Arc;

use ipnet::IpNet;

use super::brand::{Brand, Brands};
use crate::flow::context::Parts;

/// How the provider faces the world.
#[derive(Debug)]
pub struct Surface {
    /// True when browsers reach us by https: cookies are `Secure` and carry the `__Host-` prefix.
    pub secure: bool,
    /// Where TLS ends in front of us; only these may say whom they speak for.
    pub trusted_proxies: Vec<IpNet>,
    /// True when only trusted proxies may connect: https outside, plain http behind them.
    pub only_proxies: bool,
    /// The discovery document, which does not change while the process runs.
    pub configuration: String,
}

/// What every handler has at hand.
#[derive(Clone)]
pub struct Web {
    /// The parts that stories are told with.
    pub parts: Parts,
    /// How the provider faces the world.
    pub surface: Arc<Surface>,
    brands: Arc<Brands>,
}

impl Web {
    /// Puts them together.
    #[must_use]
    pub fn new(parts: Parts, surface: Surface) -> Self {
        Self { parts, surface: Arc::new(surface), brands: Arc::default() }
    }

    /// How the pages look under the settings in force.
    #[must_use]
    pub fn brand(&self) -> Arc<Brand> {
        self.brands.of(&self.parts.current())
    }
}
