//! Wrong settings of clients and the exact messages that an administrator reads.

use super::{WHOLE, planned};

/// What to replace in [`WHOLE`], by what, and the message.
pub(super) const WRONG_CLIENTS: [(&str, &str, &str); 20] = [
    (
        "client_id = \"cloudsync\"",
        "client_id = \"cloudsync-idp-test\"",
        "17: clients[cloudsync-idp-test].client_id: is the client of Test SSO in the admin panel; choose another id",
    ),
    (
        "client_secret = ",
        "client_secret_env = \"SECRET_FROM_ENV\"\nclient_secret = ",
        "18: clients[cloudsync].client_secret_env: give the secret in one way only; `client_secret` is there too",
    ),
    (
        "cloudsync-demo-secret",
        "secret",
        "18: clients[cloudsync].client_secret: a client secret needs 16 characters or more and must be hard to \
         guess; `openssl rand -hex 32` makes one",
    ),
    (
        "client_secret = ",
        "token_endpoint_auth_method = \"none\"\nclient_secret = ",
        "19: clients[cloudsync].client_secret_hash: a client with token_endpoint_auth_method = \"none\" has no \
         secret; leave the secret out or choose client_secret_basic",
    ),
    (
        "client_secret = \"cloudsync-demo-secret\"",
        "token_endpoint_auth_method = \"none\"\nrequire_pkce = false",
        "19: clients[cloudsync].require_pkce: false is not allowed for a client without a secret: PKCE is all that \
         protects its codes",
    ),
    (
        "http://localhost:8090/callback",
        "http://cloudsync.example.com/callback",
        "19: clients[cloudsync].redirect_uris[0]: \"http://cloudsync.example.com/callback\": plain http is allowed \
         for localhost only; use https",
    ),
    (
        "http://localhost:8090/callback",
        "https://*.example.com/#x",
        "19: clients[cloudsync].redirect_uris[0]: \"https://*.example.com/#x\": addresses are compared letter by \
         letter, a * means nothing",
    ),
    (
        "http://localhost:8090/callback",
        "javascript:alert(1)",
        "19: clients[cloudsync].redirect_uris[0]: \"javascript:alert(1)\": the scheme javascript is not allowed; use \
         https (http for localhost, a private-use scheme for a client without a secret)",
    ),
    (
        "redirect_uris = [\"http://localhost:8090/callback\"]",
        "redirect_uris = \"http://localhost:8090/callback\"",
        "19: clients[cloudsync].redirect_uris: must be a list in [brackets], not a text",
    ),
    (
        "redirect_uris =",
        "access_token_signed_response_alg = \"EdDSA\"\nredirect_uris =",
        "19: clients[cloudsync].access_token_signed_response_alg: \"EdDSA\" is not allowed; use one of RS256, ES256",
    ),
    (
        "redirect_uris =",
        "scope = \"openid root\"\nredirect_uris =",
        "19: clients[cloudsync].scope: \"root\" is not a supported scope; use some of openid, profile, email, phone, \
         employment, groups, team_shares, offline_access, admin",
    ),
    (
        "redirect_uris =",
        "client_secret_old_hash = \"hunter2\"\nclient_secret_old_until = \"2026-01-31T12:00:00Z\"\nredirect_uris =",
        "19: clients[cloudsync].client_secret_old_hash: must be hmac-sha256: and 64 hexadecimal digits, as an export of \
         this installation writes it; give a new secret with client_secret, client_secret_file or client_secret_env",
    ),
    (
        "redirect_uris =",
        "client_secret_old_until = \"tomorrow\"\nclient_secret_old_hash = \
         \"hmac-sha256:0000000000000000000000000000000000000000000000000000000000000000\"\nredirect_uris =",
        "19: clients[cloudsync].client_secret_old_until: \"tomorrow\" is not a time; for example 2026-01-31T12:00:00Z",
    ),
    (
        "redirect_uris =",
        "grant_types = [\"implicit\"]\nredirect_uris =",
        "19: clients[cloudsync].grant_types[0]: \"implicit\" is not allowed; use one of authorization_code, \
         refresh_token, client_credentials",
    ),
    (
        "redirect_uris =",
        "grant_types = [\"authorization_code\", \"client_credentials\"]\nredirect_uris =",
        "16: clients[cloudsync].admin_role: a script with client_credentials needs an admin_role, and only such a script \
         has one",
    ),
    (
        "redirect_uris =",
        "admin_role = \"owner\"\nredirect_uris =",
        "19: clients[cloudsync].admin_role: a script with client_credentials needs an admin_role, and only such a \
         script has one",
    ),
    (
        "redirect_uris =",
        "grant_types = [\"refresh_token\"]\nredirect_uris =",
        "19: clients[cloudsync].grant_types: must contain authorization_code, or client_credentials for a script: \
         there is no other way to begin",
    ),
    (
        "client_secret = \"cloudsync-demo-secret\"",
        "token_endpoint_auth_method = \"none\"\nintrospection = true",
        "19: clients[cloudsync].introspection: a client without a secret can't ask about tokens: anybody could",
    ),
    (
        "redirect_uris =",
        "backchannel_logout_uri = \"http://app.example/logout\"\nredirect_uris =",
        "19: clients[cloudsync].backchannel_logout_uri: \"http://app.example/logout\": plain http is allowed for \
         localhost only; use https",
    ),
    (
        "redirect_uris =",
        "private_addresses = [\"10.0.0.0/33\"]\nredirect_uris =",
        "19: clients[cloudsync].private_addresses[0]: \"10.0.0.0/33\" is not a network; for example 10.0.0.0/8",
    ),
];

#[test]
fn private_use_schemes_are_for_clients_without_a_secret() {
    let public =
        WHOLE.replace("client_secret = \"cloudsync-demo-secret\"", "token_endpoint_auth_method = \"none\"");
    for (uri, right) in [
        ("com.example.app:/callback", true),
        ("http://127.0.0.1:1234/callback", true),
        ("http://[::1]/callback", true),
        ("myapp:/callback", false),
        ("data:text/html,x", false),
        ("https:cloudsync.example.com", false),
        ("https://user@cloudsync.example.com/", false),
        ("https://cloudsync.example.com/#", false),
        ("/callback", false),
        ("http://localhost.example.com/", false),
        ("https://cloudsync.example.com/a b", false),
    ] {
        let text = public.replace("http://localhost:8090/callback", uri);
        assert_eq!(planned(None, &text).is_ok(), right, "{uri}");
    }
}
