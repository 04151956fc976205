//! Check a client by OpenID Connect Dynamic Client Registration 1.0 section 2 and RFC 9700.

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use super::uri;
use crate::domain::client::{Client, GrantType, TEST_CLIENT_ID};
use crate::oidc::scope::OAuthScope;

const LONGEST_CLIENT_ID: usize = 255;

pub(super) fn check(client: &Client, report: &mut ProblemReport) {
    let place = SettingPath::named("clients", &client.client_id);
    identifier(client, &place, report);
    addresses(client, &place, report);
    authentication(client, &place, report);
    old_secret(client, &place, report);
    grants(client, &place, report);
    scope(client, &place, report);
}

fn identifier(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    let id = &client.client_id;
    if id.is_empty() || id.len() > LONGEST_CLIENT_ID || !id.bytes().all(|byte| matches!(byte, 0x20..=0x7e)) {
        let message = format!(
            "{} is not allowed; use 1 to {LONGEST_CLIENT_ID} letters, digits and signs of ASCII",
            quoted(id)
        );
        report.problem(&place.key("client_id"), message);
    }
    if id == TEST_CLIENT_ID {
        let message = "is the client of Test SSO in the admin panel; choose another id";
        report.problem(&place.key("client_id"), message);
    }
}

fn addresses(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    if client.redirect_uris.is_empty() && client.signs_people_in() {
        let message = "is missing; for example redirect_uris = [\"https://cloudsync.example.com/callback\"]";
        report.problem(&place.key("redirect_uris"), message);
    }
    let lists = [
        (place.key("redirect_uris"), &client.redirect_uris),
        (place.key("post_logout_redirect_uris"), &client.post_logout_redirect_uris),
    ];
    for (place, list) in lists {
        for (index, text) in list.iter().enumerate() {
            if let Err(message) = uri::redirect(text, client.is_public()) {
                report.problem(&place.item(index), message);
            }
        }
    }
    for (key, text) in
        [("client_uri", &client.client_uri), ("backchannel_logout_uri", &client.backchannel_logout_uri)]
    {
        if let Some(Err(message)) = text.as_deref().map(uri::page) {
            report.problem(&place.key(key), message);
        }
    }
}

fn authentication(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    let has_secret = client.client_secret_hash.is_some();
    if client.is_public() && has_secret {
        let message = "a client with token_endpoint_auth_method = \"none\" has no secret; leave the secret out or \
                       choose client_secret_basic";
        report.problem(&place.key("client_secret_hash"), message);
    }
    if !client.is_public() && !has_secret {
        let message = "is missing; give client_secret_file, client_secret_env or client_secret, or set \
                       token_endpoint_auth_method = \"none\" for a client that can't keep one";
        report.problem(&place.key("client_secret"), message);
    }
    // RFC 9700 section 2.1.1: public clients must use PKCE
    if client.is_public() && !client.require_pkce {
        let message =
            "false is not allowed for a client without a secret: PKCE is all that protects its codes";
        report.problem(&place.key("require_pkce"), message);
    }
}

fn old_secret(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    let (hash, until) = (place.key("client_secret_old_hash"), place.key("client_secret_old_until"));
    match (&client.client_secret_old_hash, &client.client_secret_old_until) {
        (None, None) => {}
        (Some(_), None) => report.problem(&until, "is missing: an old secret needs an end"),
        (None, Some(_)) => report.problem(&hash, "is missing; or leave out client_secret_old_until"),
        (Some(_), Some(_)) if client.is_public() => {
            report.problem(&hash, "a client with token_endpoint_auth_method = \"none\" has no secret");
        }
        (Some(_), Some(text)) if client.old_secret_until().is_none() => {
            report
                .problem(&until, format!("{} is not a time; for example 2026-01-31T12:00:00Z", quoted(text)));
        }
        (Some(_), Some(_)) => {}
    }
}

fn grants(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    let for_itself = client.grant_types.contains(&GrantType::ClientCredentials);
    if !client.signs_people_in() && !for_itself && !client.introspection {
        report.problem(
            &place.key("grant_types"),
            "must contain authorization_code, or client_credentials for a script: there is no other way to begin",
        );
    }
    if client.introspection && client.is_public() {
        let message = "a client without a secret can't ask about tokens: anybody could";
        report.problem(&place.key("introspection"), message);
    }
    if client.is_public() && for_itself {
        let message = "a client without a secret can't use client_credentials: anybody could";
        report.problem(&place.key("grant_types"), message);
    }
    if for_itself != client.admin_role.is_some() {
        let message = "a script with client_credentials needs an admin_role, and only such a script has one";
        report.problem(&place.key("admin_role"), message);
    }
    if client.response_types.is_empty() {
        report.problem(&place.key("response_types"), "must contain code, the only type offered");
    }
}

fn scope(client: &Client, place: &SettingPath, report: &mut ProblemReport) {
    let at = place.key("scope");
    let words: Vec<&str> = client.scope.split(' ').filter(|word| !word.is_empty()).collect();
    let known = OAuthScope::ALL.map(OAuthScope::as_str);
    for word in words.iter().filter(|word| !known.contains(word)) {
        let message = format!("{} is not a supported scope; use some of {}", quoted(word), known.join(", "));
        report.problem(&at, message);
    }
    if words.contains(&"admin") && words.contains(&"offline_access") {
        let message = "must not contain offline_access beside admin: who uses the admin panel signs in again \
             after some hours; use a client of its own for that";
        report.problem(&at, message);
    }
    if !words.contains(&"openid") && client.signs_people_in() {
        report.problem(&at, "must contain openid, or no request of this client could be answered");
    }
}
