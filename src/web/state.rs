//! The state that every handler gets.

use std::sync::Arc;

use ipnet::IpNet;

use super::brand::{Brand, Brands};
use super::streams::Streams;
use crate::flow::installation::background::Background;
use crate::flow::installation::context::{LoginParts, PanelParts};

/// How clients reach the provider.
#[derive(Debug)]
pub struct Surface {
    /// True when browsers use https: cookies are `Secure` and have the `__Host-` prefix.
    pub secure: bool,
    /// Proxies that end TLS in front of us; only these may name the client's address.
    pub trusted_proxies: Vec<IpNet>,
    /// True when only trusted proxies may connect: https outside, plain http behind them.
    pub only_proxies: bool,
    /// The discovery document, which does not change while the process runs.
    pub configuration: String,
}

/// The state that every handler gets.
#[derive(Clone)]
pub struct Web {
    pub parts: LoginParts,
    /// For the admin panel only.
    pub panel: Arc<PanelParts>,
    pub background: Arc<Background>,
    pub surface: Arc<Surface>,
    pub(super) streams: Arc<Streams>,
    brands: Arc<Brands>,
}

impl Web {
    /// Creates the state.
    #[must_use]
    pub fn new(panel: PanelParts, background: Arc<Background>, surface: Surface) -> Self {
        let (parts, panel, surface) = (panel.login.clone(), Arc::new(panel), Arc::new(surface));
        let (streams, brands) = (Arc::default(), Arc::default());
        Self { parts, panel, background, surface, streams, brands }
    }

    /// The streams of events that are open, which a stop of the server ends.
    #[must_use]
    pub fn streams(&self) -> Arc<Streams> {
        Arc::clone(&self.streams)
    }

    /// The look of the pages under the current settings.
    #[must_use]
    pub fn brand(&self) -> Arc<Brand> {
        self.brands.of(&self.parts.current())
    }
}
