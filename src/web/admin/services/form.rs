//! The settings of one service: a form like all others, with its tokens, which are typed and never shown.

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
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    let mut connection = connection(id);
    connection.push(FormField::of_service(id, "next_token", "service-next-token").secret());
    let of = |key, label| FormField::of_service(id, key, label);
    connection.extend([of("ca_pem", "service-ca"), of("proxy", "service-proxy")]);
    let gone = &[("create", "service-when-gone.create"), ("report", "service-when-gone.report")];
    let limits = vec![
        of("members_per_request", "service-members"),
        of("requests_per_minute", "service-minute"),
        of("requests_per_hour", "service-hour"),
        of("reserved_for_suspensions", "service-reserved"),
        of("when_gone", "service-when-gone").choices(gone),
    ];
    vec![
        FormGroup {
            heading: language.with("service-edit.heading", "id", id).into_owned(),
            fields: connection,
        },
        group("service-edit.people", people(id)),
        group("service-edit.limits", limits),
    ]
}

/// The fields without which nothing can be delivered.
pub(super) fn connection(id: &str) -> Vec<FormField> {
    vec![
        FormField::of_service(id, "base_url", "service-address"),
        FormField::of_service(id, "private_addresses", "service-private"),
        FormField::of_service(id, "token", "service-token").secret(),
    ]
}

/// The fields that say who and what is delivered.
pub(super) fn people(id: &str) -> Vec<FormField> {
    vec![
        FormField::of_service(id, "client", "service-client"),
        FormField::of_service(id, "directories", "service-directories"),
        FormField::of_service(id, "attributes", "service-attributes"),
        FormField::of_service(id, "team_shares", "service-shares"),
    ]
}
