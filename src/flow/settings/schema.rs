//! The schema of a settings file: each key, its values, and the order in which an export writes it. Tests
//! compare it with the types of `domain::settings` and `domain::client`, and with the reference page.

use crate::domain::profile::TABLE;
use crate::domain::settings::EMAIL;

use ValueKind::{Flag, List, Named, Number, OneOf, Pem, Rows, Secret, Table, Text, TextOr};

/// The values that a key may have.
#[derive(Clone, Copy, Debug)]
pub(super) enum ValueKind {
    Text,
    /// A text that no message may repeat.
    Secret,
    /// Text of several lines.
    Pem,
    Flag,
    /// A whole number, both ends included.
    Number(i64, i64),
    OneOf(&'static [&'static str]),
    List(&'static ValueKind),
    Table(&'static [SettingKey]),
    /// A text, or a table with these keys if more has to be said.
    TextOr(&'static [SettingKey]),
    /// Tables that are identified by the value of one key.
    Named(&'static str, &'static [SettingKey]),
    /// Tables that are identified by their whole content: each exists or not.
    Rows(&'static [SettingKey]),
}

/// One key.
#[derive(Clone, Copy, Debug)]
pub(super) struct SettingKey {
    pub(super) name: &'static str,
    pub(super) kind: ValueKind,
    /// Without this key its table is invalid, whatever is stored already.
    pub(super) required: bool,
}

const fn key(name: &'static str, kind: ValueKind) -> SettingKey {
    SettingKey { name, kind, required: false }
}

const fn required(name: &'static str, kind: ValueKind) -> SettingKey {
    SettingKey { name, kind, required: true }
}

const TEXTS: ValueKind = List(&Text);

/// The whole file.
pub(super) const ROOT: &[SettingKey] = &[
    key("sso", Table(&[key("enabled", Flag), key("help_contact", Text), key("forgot_password_url", Text)])),
    key("branding", Table(BRANDING)),
    key("session", Table(&[key("idle_minutes", Number(1, 10_080)), key("absolute_hours", Number(1, 720))])),
    key("tokens", Table(TOKENS)),
    key(
        "login",
        Table(&[key("pending_minutes", Number(1, 120)), key("max_staleness_seconds", Number(0, 3_600))]),
    ),
    key("second_factor", Table(SECOND_FACTOR)),
    key("throttle", Table(THROTTLE)),
    key("keys", Table(&[key("rotate_days", Number(1, 730))])),
    key("admin", Table(ADMIN)),
    key("directories", Named("id", DIRECTORY)),
    key("team_shares", Rows(TEAM_SHARE)),
    key("clients", Named("client_id", CLIENT)),
    key("provisioning", Named("id", PROVISIONING)),
];

const BRANDING: &[SettingKey] = &[
    key("product_name", Text),
    key("company_name", Text),
    key("logo_file", Text),
    key("logo", Pem),
    key("accent_color", Text),
    key("accent_color_dark", Text),
    key("help", List(&Table(HELP))),
    key("legal_links", List(&Table(LEGAL_LINK))),
];

/// The languages of the pages.
const LANGUAGE: ValueKind = OneOf(&["en", "de"]);

const HELP: &[SettingKey] = &[
    required("language", LANGUAGE),
    key("text", Text),
    key("url", Text),
    key("email", Text),
    key("phone", Text),
];

const LEGAL_LINK: &[SettingKey] =
    &[required("language", LANGUAGE), required("label", Text), required("url", Text)];

/// RFC 6749 section 4.1.2: a code lives for ten minutes at most.
const TOKENS: &[SettingKey] = &[
    key("code_seconds", Number(10, 600)),
    key("access_token_minutes", Number(1, 1_440)),
    key("id_token_minutes", Number(1, 1_440)),
    key("refresh_idle_days", Number(1, 365)),
    key("refresh_absolute_days", Number(1, 730)),
];

const SECOND_FACTOR: &[SettingKey] = &[
    key("required", OneOf(&["nobody", "optional", "everyone", "groups"])),
    key("groups", TEXTS),
    key("enrolment", OneOf(&["alone", "invited"])),
    key("grace_days", Number(0, 365)),
    key("remember_browser_days", Number(0, 365)),
    key("invitation_hours", Number(1, 720)),
    key(
        "totp",
        Table(&[
            key("algorithm", OneOf(&["SHA1", "SHA256", "SHA512"])),
            key("digits", Number(6, 8)),
            key("period", Number(15, 120)),
        ]),
    ),
];

const THROTTLE: &[SettingKey] = &[
    key("name_per_minute", Number(0, 1_000_000)),
    key("address_per_minute", Number(0, 1_000_000)),
    key("overall_per_minute", Number(0, 1_000_000)),
    key("person_codes_per_minute", Number(0, 1_000_000)),
    key("address_codes_per_minute", Number(0, 1_000_000)),
    key(
        "networks",
        List(&Table(&[required("cidr", Text), required("address_per_minute", Number(0, 1_000_000))])),
    ),
];

const ADMIN: &[SettingKey] = &[
    key("idle_minutes", Number(1, 480)),
    key("session_hours", Number(1, 24)),
    key("four_eyes", Flag),
    key("outbound_ports", List(&Number(1, 65_535))),
    key("outbound_networks", TEXTS),
];

const DIRECTORY: &[SettingKey] = &[
    required("id", Text),
    key("name", Text),
    key("schema", OneOf(&["ActiveDirectory", "Rfc2307bis"])),
    key("base_dn", Text),
    key("netbios_name", Text),
    key("domains", TEXTS),
    key("encryption", OneOf(&["ldaps", "start_tls", "unencrypted_loopback_only"])),
    key("servers", List(&Table(SERVER))),
    key("ca_pem", Pem),
    key("ca_file", Text),
    key("service_account", Text),
    key("service_account_password", Secret),
    key("service_account_password_file", Text),
    key("service_account_password_env", Text),
    key("email_attribute", OneOf(&["mail", "proxyAddresses", "userPrincipalName"])),
    key("email_written_by_admins_only", Flag),
    key("email_domains", TEXTS),
    key("connect_timeout_ms", Number(100, 10_000)),
    key("operation_timeout_ms", Number(100, 10_000)),
    key("search_connections", Number(1, 64)),
    key("bind_connections", Number(1, 64)),
    key("assumed_lockout_threshold", Number(0, 999)),
    key("password_policy", Text),
    key("password_change", Flag),
    key("admin_groups", TEXTS),
    key("operator_groups", TEXTS),
    key("help_desk_groups", TEXTS),
    key("auditor_groups", TEXTS),
    key("scope", Table(SCOPE)),
    key("sync", Table(SYNC)),
];

const SYNC: &[SettingKey] = &[
    key("frequency", OneOf(&["realtime", "hourly", "daily"])),
    key("at", Text),
    key("zone", Text),
    key("guard_people", Number(1, 1_000_000)),
    key("guard_percent", Number(1, 100)),
    key("log_days", Number(1, 3_650)),
];

const SCOPE: &[SettingKey] = &[
    key("organizational_units", List(&TextOr(UNIT))),
    key("groups", TEXTS),
    key("exclude_organizational_units", TEXTS),
    key("exclude_groups", TEXTS),
    key("filter", Text),
];

const UNIT: &[SettingKey] = &[required("dn", Text), key("depth", OneOf(&["subtree", "one_level"]))];

const TEAM_SHARE: &[SettingKey] =
    &[required("directory", Text), required("group", Text), required("team_share", Text)];

const SERVER: &[SettingKey] = &[
    required("host", Text),
    key("port", Number(1, 65_535)),
    key("tls_name", Text),
    key("via", OneOf(&["agent"])),
];

const CLIENT: &[SettingKey] = &[
    required("client_id", Text),
    key("client_name", Text),
    key("client_secret", Secret),
    key("client_secret_file", Text),
    key("client_secret_env", Text),
    key("client_secret_hash", Secret),
    key("client_secret_old_hash", Secret),
    key("client_secret_old_until", Text),
    key("redirect_uris", TEXTS),
    key("post_logout_redirect_uris", TEXTS),
    key("token_endpoint_auth_method", OneOf(&["client_secret_basic", "client_secret_post", "none"])),
    key("grant_types", List(&OneOf(&["authorization_code", "refresh_token", "client_credentials"]))),
    key("admin_role", OneOf(&["owner", "operator", "help_desk", "auditor"])),
    key("response_types", List(&OneOf(&["code"]))),
    key("scope", Text),
    key("id_token_signed_response_alg", OneOf(&["RS256", "ES256", "EdDSA"])),
    key("id_token_claims", OneOf(&["scopes", "requested"])),
    // RFC 9068 section 2.1 demands RS256 of every server; Ed25519 is what resource servers lack most often.
    key("access_token_signed_response_alg", OneOf(&["RS256", "ES256"])),
    key("require_pkce", Flag),
    key("client_uri", Text),
    key("default_max_age", Number(0, 31_536_000)),
    key("require_second_factor", Flag),
    key("introspection", Flag),
    key("backchannel_logout_uri", Text),
    key("private_addresses", TEXTS),
];

const PROVISIONING: &[SettingKey] = &[
    required("id", Text),
    key("client", Text),
    key("enabled", Flag),
    key("base_url", Text),
    key("token", Secret),
    key("token_file", Text),
    key("token_env", Text),
    key("next_token", Secret),
    key("next_token_file", Text),
    key("next_token_env", Text),
    key("oauth_token_endpoint", Text),
    key("oauth_client_id", Text),
    key("oauth_client_secret", Secret),
    key("oauth_client_secret_file", Text),
    key("oauth_client_secret_env", Text),
    key("oauth_scope", Text),
    key("oauth_auth_method", OneOf(&["client_secret_basic", "client_secret_post"])),
    key("directories", TEXTS),
    key("attributes", List(&OneOf(&DELIVERED))),
    key("team_shares", Flag),
    key("members_per_request", Number(1, 10_000)),
    key("requests_per_minute", Number(0, 1_000_000)),
    key("requests_per_hour", Number(0, 1_000_000)),
    key("reserved_for_suspensions", Number(0, 90)),
    key("when_gone", OneOf(&["create", "report"])),
    key("drift", OneOf(&["fix", "report", "off"])),
    key("drift_at", Text),
    key("drift_zone", Text),
    key("private_addresses", TEXTS),
    key("ca_pem", Pem),
    key("ca_file", Text),
    key("proxy", Text),
];

/// The email address, and the columns of the table of profile attributes.
const DELIVERED: [&str; TABLE.len() + 1] = {
    let mut names = [EMAIL; TABLE.len() + 1];
    let mut place = 0;
    while place < TABLE.len() {
        names[place + 1] = TABLE[place].column;
        place += 1;
    }
    names
};

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use toml::{Table as Toml, Value};

    use super::*;
    use crate::domain::settings::Settings;

    /// A table with every key of the schema and, where there is a choice, the given one.
    fn filled(keys: &[SettingKey], choice: usize) -> Toml {
        keys.iter().map(|key| (key.name.to_owned(), sample(&key.kind, choice))).collect()
    }

    fn sample(kind: &ValueKind, choice: usize) -> Value {
        match *kind {
            Text | Secret | Pem => Value::String("x".to_owned()),
            Flag => Value::Boolean(choice.is_multiple_of(2)),
            Number(min, max) => Value::Integer(if choice.is_multiple_of(2) { min } else { max }),
            OneOf(words) => Value::String(words[choice % words.len()].to_owned()),
            List(item) => Value::Array(vec![sample(item, choice)]),
            // An odd choice is one that a plain text can't express.
            TextOr(_) if choice.is_multiple_of(2) => Value::String("x".to_owned()),
            Table(keys) | TextOr(keys) => Value::Table(filled(keys, choice)),
            Named(_, keys) | Rows(keys) => Value::Array(vec![Value::Table(filled(keys, choice))]),
        }
    }

    /// Every key of the schema is in the types (they refuse unknown fields), and every value is read back.
    #[test]
    fn every_key_and_every_choice_is_one_of_the_types() {
        for choice in 0..6 {
            let table = filled(ROOT, choice);
            let settings: Settings = table.clone().try_into().expect("the types know every key");
            assert_eq!(Toml::try_from(&settings).expect("a table"), table);
        }
    }

    /// Every key of the types is in the schema: a fully filled value serialises to exactly these keys.
    #[test]
    fn every_field_of_the_types_is_in_the_schema() {
        let settings: Settings = filled(ROOT, 0).try_into().expect("the types know every key");
        let shown = format!("{settings:#?}");
        let fields: BTreeSet<&str> =
            shown.lines().filter_map(|line| line.trim().split_once(": ")).map(|(name, _)| name).collect();
        let mut known = BTreeSet::new();
        names(ROOT, &mut known);
        assert_eq!(fields, known);
    }

    #[allow(clippy::match_same_arms, reason = "the arms bind by different patterns")]
    fn names(keys: &'static [SettingKey], into: &mut BTreeSet<&'static str>) {
        for key in keys {
            into.insert(key.name);
            match key.kind {
                Table(inner) | Named(_, inner) | Rows(inner) => names(inner, into),
                List(&(Table(inner) | TextOr(inner))) => names(inner, into),
                _ => {}
            }
        }
    }
}
