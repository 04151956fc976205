//! The settings of one service: a form like all others, with its secrets, which are typed and never shown.

use axum::response::Response;

use crate::domain::admin::Capability;
use crate::domain::settings::Settings;
use crate::web::admin::access::Fresh;
use crate::web::admin::address::{SERVICE_EDIT, SERVICES};
use crate::web::admin::form::{FormField, FormGroup, SettingsForm};
use crate::web::admin::permission::EditServices;
use crate::web::admin::settings_page::{self, SettingsPageForm};
use crate::web::pages::Language;

/// The form.
pub(in crate::web::admin) static FORM: SettingsForm = SettingsForm {
    path: SERVICE_EDIT,
    needs: Capability::EditServices,
    title: "service-edit",
    groups,
    related: &[(SERVICES, "services")],
    finds_groups: None,
};

/// `GET .../services/edit?entry=ID`.
pub(super) struct ServiceForm;

impl SettingsPageForm for ServiceForm {
    const FORM: &'static SettingsForm = &FORM;
}

/// `POST .../services/edit`.
pub(super) async fn save(Fresh(form): Fresh<EditServices>) -> Response {
    settings_page::submit(&form, &FORM).await
}

fn groups(_: &Settings, language: Language, id: &str) -> Vec<FormGroup> {
    let group = |(key, fields)| FormGroup { heading: language.with(key, "id", id).into_owned(), fields };
    sections(id).into_iter().map(group).collect()
}

/// All fields, below the keys of their headings.
pub(super) fn sections(id: &str) -> Vec<(&'static str, Vec<FormField>)> {
    vec![
        ("service-edit.heading", connection(id)),
        ("service-edit.token", token(id)),
        ("service-edit.oauth", client_credentials(id)),
        ("service-edit.people", people(id)),
        ("service-edit.limits", limits(id)),
        ("service-edit.drift", drift(id)),
    ]
}

fn connection(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label);
    vec![
        of("base_url", "service-address"),
        of("enabled", "service-enabled"),
        of("private_addresses", "service-private"),
        of("ca_pem", "service-ca"),
        of("proxy", "service-proxy"),
    ]
}

fn token(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label).secret();
    vec![of("token", "service-token"), of("next_token", "service-next-token")]
}

fn client_credentials(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label);
    let methods = &[
        ("client_secret_basic", "service-oauth-method.basic"),
        ("client_secret_post", "service-oauth-method.post"),
    ];
    vec![
        of("oauth_token_endpoint", "service-oauth-endpoint"),
        of("oauth_client_id", "service-oauth-client"),
        of("oauth_client_secret", "service-oauth-secret").secret(),
        of("oauth_scope", "service-oauth-scope"),
        of("oauth_auth_method", "service-oauth-method").choices(methods),
    ]
}

fn people(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label);
    vec![
        of("client", "service-client"),
        of("directories", "service-directories"),
        of("attributes", "service-attributes"),
        of("team_shares", "service-shares"),
    ]
}

fn limits(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label);
    let gone = &[("create", "service-when-gone.create"), ("report", "service-when-gone.report")];
    vec![
        of("members_per_request", "service-members"),
        of("requests_per_minute", "service-minute"),
        of("requests_per_hour", "service-hour"),
        of("reserved_for_suspensions", "service-reserved"),
        of("when_gone", "service-when-gone").choices(gone),
    ]
}

fn drift(id: &str) -> Vec<FormField> {
    let of = |key, label| FormField::of_service(id, key, label);
    let modes =
        &[("fix", "service-drift.fix"), ("report", "service-drift.report"), ("off", "service-drift.off")];
    vec![
        of("drift", "service-drift").choices(modes),
        of("drift_at", "service-drift-at"),
        of("drift_zone", "service-drift-zone"),
    ]
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::domain::settings::{Provisioning, SecretText};

    #[test]
    fn the_form_has_every_key_of_a_service_but_its_id() {
        let text = || Some("x".to_owned());
        let secret = || Some(SecretText("x".into()));
        let service = Provisioning {
            client: text(),
            token: secret(),
            next_token: secret(),
            oauth_token_endpoint: text(),
            oauth_client_id: text(),
            oauth_client_secret: secret(),
            oauth_scope: text(),
            ca_pem: text(),
            proxy: text(),
            ..Provisioning::default()
        };
        let written = toml::Table::try_from(&service).expect("TOML");
        let keys: BTreeSet<String> =
            written.keys().filter(|key| *key != "id").map(|key| format!("provisioning[x].{key}")).collect();
        let fields: BTreeSet<String> =
            FORM.fields(&Settings::default(), "x").iter().map(FormField::name).collect();
        assert_eq!(fields, keys);
    }
}
