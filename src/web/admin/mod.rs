//! The admin panel at `/admin`: its routes, the check that every handler has to take, and its pages. It decides
//! nothing: `flow::admin` does.

mod access;
mod address;
mod application_actions;
mod applications;
mod audit;
mod branding;
mod confirm;
mod download;
mod enter;
mod fields;
mod form;
mod frame;
mod help_desk;
mod link;
mod live;
mod menu;
mod overview;
pub(super) mod pages;
mod people;
mod permission;
mod person;
mod roles;
mod routes;
mod settings_page;
mod sign_out;
mod sso;
mod sync_log;
mod tasks;
mod test_sso;
mod two_step;
mod view;

use std::sync::LazyLock;

use self::confirm::ConfirmWords;
use self::form::SettingsForm;
use self::pages::PersonAction;
use crate::domain::admin::Capability;
use crate::flow::admin::overview::OverviewView;
use crate::flow::installation::fault::Fault;
use crate::web::pages::PANEL_PAGE;

pub use access::{Admin, AdminForm, Fresh};
pub use fields::Fields;
pub use frame::AdminFrame;
pub use permission::*;
pub use routes::{DOORS, Panel, PanelRoute};
pub(super) use test_sso::is_own_test;
pub use view::{NoView, PanelView};

/// All routes of the panel.
#[must_use]
pub fn panel() -> Panel {
    Panel::default()
        .with_doors(enter::page, link::page, link::redeem)
        .view::<OverviewView>("/admin")
        .page(sync_log::SYNC_LOG, sync_log::page)
        .action(sync_log::DECIDE_HELD, sync_log::decide)
        .action(sync_log::STOP, sync_log::stop)
        .action(frame::SIGN_OUT, sign_out::submit)
        .page(address::CONFIRM, confirm::page)
        .action(tasks::ORDER, tasks::order)
        .page(tasks::TASK, tasks::page)
        .page(tasks::EVENTS, live::events)
        .action(tasks::STOP, tasks::stop)
        .page(roles::FORM.path, roles::page)
        .action(roles::FORM.path, roles::save)
        .page(sso::FORM.path, sso::page)
        .action(sso::FORM.path, sso::save)
        .page(test_sso::PATH, test_sso::page)
        .action(test_sso::PATH, test_sso::start)
        .page(test_sso::CALLBACK, test_sso::callback)
        .page(address::APPLICATIONS, applications::list)
        .page(address::APPLICATION_NEW, applications::new)
        .action(address::APPLICATION_NEW, applications::add)
        .page(address::APPLICATION, applications::one)
        .page(address::APPLICATION_EDIT, applications::edit)
        .action(address::APPLICATION_EDIT, applications::save)
        .action(address::APPLICATION_ROTATE, application_actions::rotate)
        .action(address::APPLICATION_END_OLD, application_actions::end_old)
        .action(address::APPLICATION_REMOVE, application_actions::remove)
        .page(address::BRANDING, branding::page)
        .large_action(address::BRANDING, branding::save)
        .large_action(address::BRANDING_PREVIEW, branding::preview)
        .page(two_step::PATH, two_step::page)
        .action(two_step::PATH, two_step::save)
        .page(address::PEOPLE, people::page)
        .page(address::PERSON, person::page)
        .action(PersonAction::EndSessions.path(), person::end_sessions)
        .action(PersonAction::Invite.path(), person::invite)
        .action(PersonAction::ResetFactors.path(), person::reset_factors)
        .action(PersonAction::Suspend.path(), person::suspend)
        .action(PersonAction::Reactivate.path(), person::reactivate)
        .page(address::HELP_DESK, help_desk::page)
        .page(address::AUDIT_LOG, audit::page)
        .action(audit::EXPORT, audit::export)
}

/// The form of settings that is sent to this path.
fn settings_form(path: &str) -> Option<&'static SettingsForm> {
    [&roles::FORM, &sso::FORM, &two_step::FORM, &applications::FORM, &branding::FORM]
        .into_iter()
        .find(|form| form.path == path)
}

/// What an action at this path does that is no form of settings, in words, before it is confirmed.
async fn action_words(admin: &Admin<Confirm>, path: &str, sent: &Fields) -> Result<ConfirmWords, Fault> {
    match path {
        address::APPLICATION_NEW => applications::words_of_new(admin, sent).await,
        address::APPLICATION_ROTATE | address::APPLICATION_END_OLD | address::APPLICATION_REMOVE => {
            application_actions::words(admin, path, sent).await
        }
        _ => {
            let title = admin.request.context().language.text("confirm-action").into_owned();
            let (lines, differences, back) = (Vec::new(), Vec::new(), PANEL_PAGE.to_owned());
            Ok(ConfirmWords { title, lines, differences, back, button: None })
        }
    }
}

/// What the action at this path needs.
fn action_needs(path: &str) -> Option<Capability> {
    routes::needs_of_action(&TABLE, path)
}

static TABLE: LazyLock<Vec<PanelRoute>> = LazyLock::new(|| panel().routes().to_vec());

/// True for the address of a page of the panel, perhaps with a query: nothing else may follow a sign-in.
fn is_page(address: &str) -> bool {
    routes::is_page_of(&TABLE, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_panel_follow_a_sign_in() {
        let confirm = format!("/admin/confirm/{}", "a".repeat(43));
        for page in [
            "/admin/people/person?id=a%2Fb",
            "/admin/audit-log",
            "/admin",
            "/admin?q=1",
            "/admin?to=//evil.example",
            &confirm,
            roles::FORM.path,
        ] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "/",
            "admin",
            "//admin",
            "/admin/",
            "/admin/../login",
            "/admin/enter",
            "/admin/link?t=x",
            "/admin/sign-out",
            "/admin/people/suspend",
            "/admin/audit-log/export",
            "/account/security",
            "//evil.example",
            "//evil.example/admin",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/admin",
            "https:/admin",
            "javascript:alert(1)",
            "/admin#x",
            "/admin\r\nSet-Cookie: a=b",
            "/admin ",
            "/admin\u{e9}",
            "/%61dmin",
            "/ADMIN",
        ] {
            assert!(!is_page(other), "{other:?}");
        }
    }
}
