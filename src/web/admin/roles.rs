//! Security → Administrators: the groups that give roles, and how long a session of the panel lasts.

use axum::response::Response;

use super::access::{AdminForm, Fresh};
use super::address::{ADMINISTRATORS, APPROVALS};
use super::form::{FormField, FormGroup, GroupsOf, SettingsForm};
use super::permission::{EditRoles, SeeSettings};
use super::settings_page::{self, SettingsPageForm};
use crate::domain::admin::{Capability, Role};
use crate::domain::settings::{Directory, Settings};
use crate::web::pages::Language;

/// The action that finds groups for the form.
pub(super) const GROUPS: &str = "/admin/security/administrators/groups";

/// The page.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: ADMINISTRATORS,
    needs: Capability::EditRoles,
    title: "roles",
    groups,
    related: &[(APPROVALS, "approvals")],
    finds_groups: Some(GROUPS),
};

/// The page as a type.
pub(super) struct Administrators;

impl SettingsPageForm for Administrators {
    const FORM: &'static SettingsForm = &FORM;

    /// Whoever may create a group at such a DN that no sync has found yet would have its role.
    fn hide(settings: &mut Settings, language: Language, role: Role) {
        if role == Role::Owner {
            return;
        }
        for directory in &mut settings.directories {
            let lists = [
                &mut directory.admin_groups,
                &mut directory.operator_groups,
                &mut directory.help_desk_groups,
                &mut directory.auditor_groups,
            ];
            for list in lists.into_iter().filter(|list| !list.is_empty()) {
                *list = vec![language.with("roles.hidden", "count", list.len()).into_owned()];
            }
        }
    }
}

/// `POST /admin/security/administrators`.
pub(super) async fn save(Fresh(form): Fresh<EditRoles>) -> Response {
    settings_page::submit(&form, &FORM).await
}

/// `POST /admin/security/administrators/groups`: the form with the groups that a search finds.
pub(super) async fn find_groups(form: AdminForm<SeeSettings>) -> Response {
    settings_page::find_groups(&form, &FORM).await
}

fn groups(settings: &Settings, language: Language, _: &str) -> Vec<FormGroup> {
    let of_directory = |directory: &Directory| {
        let id = &directory.id.0;
        let field =
            |key, label| FormField::of_directory(id, key, label).groups(GroupsOf::Directory(id.clone()));
        FormGroup {
            heading: language.with("roles.directory", "name", directory.shown_name()).into_owned(),
            fields: vec![
                field("admin_groups", "roles-owners"),
                field("operator_groups", "roles-operators"),
                field("help_desk_groups", "roles-help-desk"),
                field("auditor_groups", "roles-auditors"),
            ],
        }
    };
    let sessions = FormGroup {
        heading: language.text("roles.sessions").into_owned(),
        fields: vec![
            FormField::new("admin", "idle_minutes", "roles-idle"),
            FormField::new("admin", "session_hours", "roles-hours"),
        ],
    };
    let four_eyes = FormGroup {
        heading: language.text("roles.four-eyes").into_owned(),
        fields: vec![FormField::new("admin", "four_eyes", "roles-four-eyes")],
    };
    settings.directories.iter().map(of_directory).chain([sessions, four_eyes]).collect()
}
