//! The pages of the panel: each has a typed context and a compiled template in `templates/admin`.

mod answer;
mod applications;
mod approvals;
mod audit;
mod audit_detail;
mod branding;
mod changes;
mod chart;
mod connection_test;
mod directory;
mod held;
mod help_desk;
mod link;
mod lock_down;
mod log_in;
mod overview;
mod people;
mod person;
mod person_action;
#[cfg(test)]
pub(in crate::web) mod samples;
mod service_comparison;
mod service_test;
mod services;
mod set_up;
mod settings;
mod sync_log;
mod sync_plan;
#[cfg(test)]
mod sync_samples;
mod sync_settings;
mod sync_trouble;
mod sync_words;
mod task;
mod test_report;
mod test_sso;
mod two_step_people;

pub(super) use answer::{AnswerPart, ShownFix, UnitButton};
pub(super) use applications::{
    ApplicationNotice, ApplicationPage, ApplicationRow, ApplicationsPage, ShownApplication,
};
pub(super) use approvals::{ApprovalPage, ApprovalTokens, ApprovalsPage, approval_title};
pub(super) use audit::{AuditPage, AuditProblem, TypedConditions};
pub(super) use branding::PreviewProblems;
pub(super) use changes::OLDEST_FIRST;
pub(super) use connection_test::{ConnectionTestPage, ConnectionTestPart, ConnectionTroublePage};
pub(super) use directory::{
    ConfigureNotice, ConfigurePage, DirectoriesPage, DirectoryRow, DrawnServer, NewDirectoryPage, ServerRow,
    StoredPassword, VIA_AGENT,
};
pub(super) use held::{HeldSetPage, held_lines};
pub(super) use help_desk::HelpDeskPage;
pub(super) use link::LinkPage;
pub(super) use lock_down::{LockDownPage, LockDownPart};
pub(super) use log_in::LogInPage;
pub(super) use overview::{LinkTokens, OverviewPage};
pub(super) use people::{PeoplePage, status_key};
pub(super) use person::{InvitationPage, PersonPage, ShownPerson};
pub(super) use person_action::{PersonAction, PersonButton, PersonNotice};
pub(super) use service_comparison::{ComparisonPage, ComparisonPart};
pub(super) use service_test::{ServiceTestPage, ServiceTestPart};
pub(super) use services::{
    AFTER_ACCOUNT, AFTER_SHARE, ServiceNotice, ServicePage, ServiceTokens, ServicesPage,
};
pub(super) use set_up::SetUpPage;
pub(super) use settings::{
    ChangedSetting, ConfirmPage, ConflictPage, ConflictingField, DrawnField, DrawnGroup, DrawnProblem,
    FormNotice, GroupFinder, GroupOption, MOST_CHANGES, OfferedGroup, PreviewForm, SettingsPage, TestForm,
    consequence,
};
pub(super) use sync_log::{LogTokens, SyncLogPage, TypedLog, done, fields_of_done, shown_again};
pub(super) use sync_plan::{SyncPlanPage, apply_text};
pub(super) use sync_settings::{StaleNotice, SyncSettingsPage, SyncTokens, preview_summary};
pub(super) use sync_trouble::{NotSyncingPage, SlowSyncPage};
pub(super) use task::{TaskPage, TaskPart};
pub(super) use test_report::{Stopped, TestReport, TestStep};
pub(super) use test_sso::{TestSsoNotice, TestSsoPage, TestedGate};
pub(super) use two_step_people::{DESCENDING, TwoStepPeoplePage};
