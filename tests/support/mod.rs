//! What the integration tests stand on: the lab's servers, and the actors that use the provider.

pub mod browser;
pub mod lab;
pub mod provider;
pub mod relay;
pub mod relying_party;
