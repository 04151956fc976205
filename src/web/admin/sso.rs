//! Settings → Integrations → Single Sign-On: whether people can sign in, how long they stay signed in, and how
//! long codes and tokens live.

use axum::response::Response;

use super::access::{Admin, Fresh};
use super::form::{FormField, FormGroup, SettingsForm};
use super::permission::{EditSso, SeeSettings};
use super::settings_page;
use crate::domain::admin::Capability;
use crate::domain::settings::Settings;
use crate::web::pages::Language;

/// The page.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: "/admin/settings/integrations/single-sign-on",
    needs: Capability::EditSso,
    title: "sso",
    groups,
};

/// `GET /admin/settings/integrations/single-sign-on`.
pub(super) async fn page(admin: Admin<SeeSettings>) -> Response {
    settings_page::show(&admin, &FORM).await
}

/// `POST /admin/settings/integrations/single-sign-on`.
pub(super) async fn save(Fresh(form): Fresh<EditSso>) -> Response {
    settings_page::submit(&form, &FORM).await
}

fn groups(_: &Settings, language: Language) -> Vec<FormGroup> {
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    vec![
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
    ]
}
