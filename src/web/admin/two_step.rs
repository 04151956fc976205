//! Security → Two-Step Authentication: who needs a second factor, and how one is set up.

use axum::response::Response;

use super::access::{AdminForm, Fresh};
use super::address::APPLICATIONS;
use super::form::{FormField, FormGroup, GroupsOf, SettingsForm};
use super::permission::{EditTwoStep, SeeSettings};
use super::settings_page::{self, SettingsPageForm};
use crate::domain::admin::Capability;
use crate::domain::settings::Settings;
use crate::web::pages::Language;

/// Its path.
pub(super) use super::address::TWO_STEP as PATH;

/// The action that finds groups for the form.
pub(super) const GROUPS: &str = "/admin/security/two-step-authentication/groups";

/// The page.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: PATH,
    needs: Capability::EditTwoStep,
    title: "two-step",
    groups,
    related: &[(APPLICATIONS, "applications")],
    finds_groups: Some(GROUPS),
};

/// The page as a type.
pub(super) struct TwoStep;

impl SettingsPageForm for TwoStep {
    const FORM: &'static SettingsForm = &FORM;
}

/// `POST /admin/security/two-step-authentication`.
pub(super) async fn save(Fresh(form): Fresh<EditTwoStep>) -> Response {
    settings_page::submit(&form, &FORM).await
}

/// `POST /admin/security/two-step-authentication/groups`: the form with the groups that a search finds.
pub(super) async fn find_groups(form: AdminForm<SeeSettings>) -> Response {
    settings_page::find_groups(&form, &FORM).await
}

fn groups(_: &Settings, language: Language, _: &str) -> Vec<FormGroup> {
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    let field = |key, label| FormField::new("second_factor", key, label);
    let required = &[
        ("nobody", "two-step-required-nobody"),
        ("optional", "two-step-required-optional"),
        ("everyone", "two-step-required-everyone"),
        ("groups", "two-step-required-groups"),
    ];
    let enrolment = &[("alone", "two-step-enrolment-alone"), ("invited", "two-step-enrolment-invited")];
    vec![
        group(
            "two-step.policy",
            vec![
                field("required", "two-step-required").choices(required),
                field("groups", "two-step-groups").groups(GroupsOf::Any),
                field("grace_days", "two-step-grace"),
            ],
        ),
        group(
            "two-step.enrolment",
            vec![
                field("enrolment", "two-step-enrolment").choices(enrolment),
                field("invitation_hours", "two-step-invitation"),
            ],
        ),
        group(
            "two-step.authenticators",
            vec![
                field("totp.algorithm", "two-step-algorithm"),
                field("totp.digits", "two-step-digits"),
                field("totp.period", "two-step-period"),
            ],
        ),
    ]
}
