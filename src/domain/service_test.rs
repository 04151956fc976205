//! Test the connection to a service: turn what each step saw into findings, each with evidence and a fix. A missing
//! fact leads to "can't tell", never to "ok".

mod answers;
mod network;
mod round_trip;
mod tls;
mod trouble;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use self::answers::{
    ReadPage, ResourceTypes, filter, groups, resource_types, schemas, service_provider_config, token,
    token_endpoint, users,
};
pub use self::network::{name, port, proxied, unencrypted};
pub use self::round_trip::{Deed, deed, read_back, remains};
pub use self::tls::{certificates, handshake};
pub use self::trouble::Trouble;

/// A stage of the test of a service. Each needs those before it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ServiceStage {
    /// Names and addresses of the service and its token endpoint.
    Dns,
    /// Connections to their ports.
    Tcp,
    /// The chain of certificates, and the host name in them.
    Tls,
    /// Whether there is a token that the service takes.
    Token,
    /// What the service announces (RFC 7644 section 4).
    Configuration,
    /// Users and groups.
    Read,
    /// A test user is created, changed, suspended and deleted.
    RoundTrip,
}

impl ServiceStage {
    /// All stages in their order.
    pub const ALL: [Self; 7] =
        [Self::Dns, Self::Tcp, Self::Tls, Self::Token, Self::Configuration, Self::Read, Self::RoundTrip];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stages_are_listed_in_their_order() {
        assert!(ServiceStage::ALL.is_sorted());
        assert_eq!(serde_json::to_value(ServiceStage::RoundTrip).expect("a word"), "round_trip");
    }
}
