//! Settings → Integrations → Single Sign-On: whether people can sign in, with which names, how long they stay
//! signed in, how long codes and tokens live, and how often anybody may try.

use axum::response::Response;

use super::access::Fresh;
use super::address::{APPLICATIONS, BRANDING};
use super::form::{FormField, FormGroup, SettingsForm};
use super::permission::EditSso;
use super::settings_page::{self, SettingsPageForm};
use super::{test_sso, two_step};
use crate::domain::admin::Capability;
use crate::domain::settings::{Directory, Settings};
use crate::web::pages::Language;

/// Its path.
pub(super) const PATH: &str = "/admin/settings/integrations/single-sign-on";

/// The page.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: PATH,
    needs: Capability::EditSso,
    title: "sso",
    groups,
    related: &[
        (APPLICATIONS, "applications"),
        (BRANDING, "branding"),
        (test_sso::PATH, "test-sso"),
        (two_step::PATH, "two-step"),
    ],
    finds_groups: None,
};

/// The page as a type.
pub(super) struct SingleSignOn;

impl SettingsPageForm for SingleSignOn {
    const FORM: &'static SettingsForm = &FORM;
}

/// `POST /admin/settings/integrations/single-sign-on`.
pub(super) async fn save(Fresh(form): Fresh<EditSso>) -> Response {
    settings_page::submit(&form, &FORM).await
}

fn groups(settings: &Settings, language: Language, _: &str) -> Vec<FormGroup> {
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    let of_directory = |directory: &Directory| FormGroup {
        heading: language.with("sso.directory", "name", directory.shown_name()).into_owned(),
        fields: vec![
            FormField::of_directory(&directory.id.0, "domains", "sso-domains"),
            FormField::of_directory(&directory.id.0, "password_change", "sso-password-change"),
        ],
    };
    let throttle = |key, label| FormField::new("throttle", key, label);
    let before = vec![
        group(
            "sso.sign-in",
            vec![
                FormField::new("sso", "enabled", "sso-enabled"),
                FormField::new("sso", "help_contact", "sso-help"),
                FormField::new("sso", "forgot_password_url", "sso-forgot"),
                FormField::new("login", "pending_minutes", "sso-pending"),
                FormField::new("login", "max_staleness_seconds", "sso-staleness"),
            ],
        ),
        group(
            "sso.sessions",
            vec![
                FormField::new("session", "idle_minutes", "sso-idle"),
                FormField::new("session", "absolute_hours", "sso-absolute"),
                FormField::new("second_factor", "remember_browser_days", "sso-remember"),
            ],
        ),
        group(
            "sso.tokens",
            vec![
                FormField::new("tokens", "code_seconds", "sso-code"),
                FormField::new("tokens", "access_token_minutes", "sso-access"),
                FormField::new("tokens", "id_token_minutes", "sso-id-token"),
                FormField::new("tokens", "refresh_idle_days", "sso-refresh-idle"),
                FormField::new("tokens", "refresh_absolute_days", "sso-refresh-absolute"),
            ],
        ),
    ];
    let after = group(
        "sso.throttle",
        vec![
            throttle("name_per_minute", "sso-throttle-name"),
            throttle("address_per_minute", "sso-throttle-address"),
            throttle("overall_per_minute", "sso-throttle-overall"),
            throttle("person_codes_per_minute", "sso-throttle-person-codes"),
            throttle("address_codes_per_minute", "sso-throttle-address-codes"),
        ],
    );
    before.into_iter().chain(settings.directories.iter().map(of_directory)).chain([after]).collect()
}
