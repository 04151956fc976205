//! The admin panel at `/admin`: its routes, the check that every handler has to take, and its pages. It decides
//! nothing: `flow::admin` does.

mod access;
mod address;
mod advice;
mod answer;
mod api;
mod application_actions;
mod application_pages;
mod applications;
mod approvals;
mod asked;
mod audit;
mod branding;
mod condition;
mod confirm;
mod confirm_words;
mod confirmation;
mod directory;
mod download;
mod enter;
mod fields;
mod form;
mod frame;
mod hand_over;
mod held;
mod help_desk;
mod link;
mod live;
mod lock_down;
mod log_in;
mod menu;
mod notice;
mod overview;
pub(super) mod pages;
mod people;
mod permission;
mod person;
mod phrases;
mod problem;
mod readable;
mod roles;
mod route;
mod routes;
mod services;
mod set_up;
mod settings_page;
mod sign_out;
mod sso;
mod step;
mod support_bundle;
mod sync_form;
mod sync_log;
mod sync_plan;
mod sync_settings;
mod sync_trouble;
mod sync_unit;
mod tasks;
mod test_sso;
mod two_step;
mod two_step_people;
mod used_links;
mod view;
mod when;

use std::sync::LazyLock;

use self::api::DescribedRoute;
use self::application_pages::{ApplicationView, ApplicationsView};
use self::audit::AuditView;
use self::help_desk::HelpDeskView;
use self::lock_down::ShownLockDown;
use self::log_in::LogInView;
use self::pages::PersonAction;
use self::person::OnePersonView;
use self::settings_page::SettingsView;
use self::sync_log::ShownLog;
use self::sync_settings::ShownSettings;
use self::sync_trouble::{NotSyncing, SlowSync};
use self::test_sso::TestSsoView;
use self::two_step_people::TwoStepPeopleView;
use crate::domain::admin::Capability;
use crate::flow::admin::approval_views::{ApprovalView, ApprovalsView};
use crate::flow::admin::held::HeldSetView;
use crate::flow::admin::overview::OverviewView;
use crate::flow::admin::set_up::SetUpView;
use crate::flow::admin::sync_plan::PlanView;
use crate::flow::admin::task::TaskView;
use crate::flow::support::people::PeopleView;

pub use access::{Admin, AdminForm, Fresh};
pub use fields::Fields;
pub use frame::AdminFrame;
pub use permission::*;
pub(super) use problem::Problem;
pub use route::PanelRoute;
pub use routes::{DOORS, Panel};
pub(super) use test_sso::is_own_test;
pub use view::{NoView, PanelView};

/// What the paths for scripts begin with.
pub(super) const FOR_SCRIPTS: &str = "/admin/api/";

/// All routes of the panel.
#[must_use]
pub fn panel() -> Panel {
    let panel = Panel::default()
        .with_doors(enter::page, link::page, link::redeem)
        .view::<OverviewView>("/admin")
        .view::<ShownLog>(address::SYNC_LOG)
        .view::<HeldSetView>(address::HELD)
        .action(address::HELD, held::decide)
        .action(sync_log::STOP, sync_log::stop)
        .action(sync_log::RESUME, sync_log::resume)
        .action(sync_log::REVERT, sync_log::revert)
        .action(sync_log::EXPORT, sync_log::export)
        .view::<PlanView>(address::SYNC_PLAN)
        .action(sync_plan::APPLY, sync_plan::apply)
        .view::<ShownSettings>(address::SYNC_SETTINGS)
        .large_action(address::SYNC_SETTINGS, sync_settings::save)
        .large_action(address::SYNC_DRAFT, sync_settings::draft)
        .action(address::SYNC_UNIT, sync_unit::add)
        .view::<SetUpView>(set_up::SET_UP)
        .view::<NotSyncing>(sync_trouble::NOT_SYNCING)
        .view::<SlowSync>(sync_trouble::SLOW)
        .action(support_bundle::PATH, support_bundle::download)
        .action(frame::SIGN_OUT, sign_out::submit)
        .action(used_links::OURS, used_links::ours)
        .action(used_links::END, used_links::end)
        .page(address::CONFIRM, confirm::page)
        .action(tasks::ORDER, tasks::order)
        .view::<TaskView>(tasks::TASK)
        .page(tasks::EVENTS, live::events)
        .action(tasks::STOP, tasks::stop)
        .view::<SettingsView<roles::Administrators>>(roles::FORM.path)
        .action(roles::FORM.path, roles::save)
        .action(roles::GROUPS, roles::find_groups)
        .view::<ApprovalsView>(address::APPROVALS)
        .view::<ApprovalView>(approvals::APPROVAL)
        .action(approvals::ASK, approvals::ask)
        .action(approvals::WITHDRAW, approvals::withdraw)
        .action(approvals::APPROVE, approvals::approve)
        .action(approvals::REJECT, approvals::reject)
        .view::<SettingsView<sso::SingleSignOn>>(sso::FORM.path)
        .action(sso::FORM.path, sso::save)
        .view::<TestSsoView>(test_sso::PATH)
        .action(test_sso::PATH, test_sso::start)
        .page(test_sso::CALLBACK, test_sso::callback)
        .view::<ApplicationsView>(address::APPLICATIONS)
        .page(address::APPLICATION_NEW, applications::new)
        .action(address::APPLICATION_NEW, applications::add)
        .view::<ApplicationView>(address::APPLICATION)
        .view::<SettingsView<applications::ApplicationForm>>(address::APPLICATION_EDIT)
        .action(address::APPLICATION_EDIT, applications::save)
        .action(address::APPLICATION_ROTATE, application_actions::rotate)
        .action(address::APPLICATION_END_OLD, application_actions::end_old)
        .action(address::APPLICATION_REMOVE, application_actions::remove)
        .view::<SettingsView<branding::Branding>>(address::BRANDING)
        .large_action(address::BRANDING, branding::save)
        .large_action(address::BRANDING_PREVIEW, branding::preview)
        .view::<SettingsView<two_step::TwoStep>>(two_step::PATH)
        .action(two_step::PATH, two_step::save)
        .action(two_step::GROUPS, two_step::find_groups)
        .view::<PeopleView>(address::PEOPLE)
        .view::<OnePersonView>(address::PERSON)
        .action(PersonAction::SyncNow.path(), person::sync)
        .action(PersonAction::EndSessions.path(), person::end_sessions)
        .action(PersonAction::Invite.path(), person::invite)
        .action(PersonAction::ResetFactors.path(), person::reset_factors)
        .action(PersonAction::Suspend.path(), person::suspend)
        .action(PersonAction::LockDown.path(), lock_down::submit)
        .view::<ShownLockDown>(address::LOCK_DOWN)
        .page(address::LOCK_DOWN_EVENTS, lock_down::events)
        .action(PersonAction::Reactivate.path(), person::reactivate)
        .action(address::HAND_OVER, hand_over::submit)
        .view::<TwoStepPeopleView>(address::TWO_STEP_PEOPLE)
        .action(two_step_people::EXPORT, two_step_people::export)
        .view::<HelpDeskView>(address::HELP_DESK)
        .view::<LogInView>(address::LOG_IN)
        .view::<AuditView>(address::AUDIT_LOG)
        .action(audit::EXPORT, audit::export)
        .action(audit::CHECK, audit::check);
    services::routes(directory::routes(panel))
}

/// What the action at this path needs.
fn action_needs(path: &str) -> Option<Capability> {
    routes::needs_of_action(&TABLE, path)
}

static TABLE: LazyLock<Vec<PanelRoute>> = LazyLock::new(|| panel().routes().to_vec());

/// The routes that scripts may use.
fn described() -> &'static [DescribedRoute] {
    static ROUTES: LazyLock<Vec<DescribedRoute>> = LazyLock::new(|| panel().into_described());
    &ROUTES
}

/// True for the address of a page that scripts have too.
fn has_twin(address: &str) -> bool {
    static PAGES: LazyLock<Vec<PanelRoute>> =
        LazyLock::new(|| described().iter().map(|one| one.route).collect());
    routes::is_page_of(&PAGES, address)
}

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
