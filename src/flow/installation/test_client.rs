//! The client with which an admin tests single sign-on. It is in force like every other client and in no
//! settings. Its secret is derived from our own keys, so only this process can use its codes, and `web` lets
//! nobody start a sign-in for it but the admin who tests.

use crate::domain::client::{Client, TEST_CLIENT_ID};
use crate::domain::secret::Plain;
use crate::flow::settings::hash_client_secret;
use crate::keys::{Label, Sealer};

/// The path of its only redirect URI.
pub const TEST_CALLBACK: &str = "/admin/settings/integrations/single-sign-on/test/callback";

/// The client, at this issuer.
pub(super) fn test_client(sealer: &Sealer, issuer: &str) -> Client {
    let hash = hash_client_secret(sealer, TEST_CLIENT_ID, test_client_secret(sealer).expose());
    Client::for_test(format!("{issuer}{TEST_CALLBACK}"), hash)
}

/// Its secret.
#[must_use]
pub fn test_client_secret(sealer: &Sealer) -> Plain {
    Plain::new(hex::encode(sealer.hmac(Label::SsoTest, b"client secret").0))
}
