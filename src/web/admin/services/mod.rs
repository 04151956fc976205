//! Settings → Integrations → Services: whom accounts and Team Shares are delivered to, what waits for each, and whom it
//! refuses.

pub(in crate::web::admin) mod actions;
mod comparison;
pub(in crate::web::admin) mod form;
mod list;
pub(in crate::web::admin) mod new;
mod test;
mod watch;

use super::address::{
    SERVICE, SERVICE_COMPARE, SERVICE_COMPARISON, SERVICE_COMPARISON_EVENTS, SERVICE_EDIT, SERVICE_NEW,
    SERVICE_REMOVE, SERVICE_RETRY, SERVICE_TEST, SERVICE_TEST_EVENTS, SERVICE_TEST_REPORT, SERVICE_TOKEN,
    SERVICES,
};
use super::routes::Panel;
use super::settings_page::SettingsView;
use crate::flow::admin::service_comparison::ServiceComparison;

/// Adds the pages.
pub(super) fn routes(panel: Panel) -> Panel {
    panel
        .view::<list::ServicesView>(SERVICES)
        .page(SERVICE_NEW, new::page)
        .action(SERVICE_NEW, new::add)
        .view::<list::OneServiceView>(SERVICE)
        .view::<SettingsView<form::ServiceForm>>(SERVICE_EDIT)
        .action(SERVICE_EDIT, form::save)
        .action(SERVICE_RETRY, actions::retry)
        .action(SERVICE_TOKEN, actions::end_overlap)
        .action(SERVICE_REMOVE, actions::remove)
        .action(SERVICE_TEST, test::begin)
        .view::<test::ServiceTestView>(SERVICE_TEST_REPORT)
        .page(SERVICE_TEST_EVENTS, test::events)
        .action(SERVICE_COMPARE, comparison::begin)
        .view::<ServiceComparison>(SERVICE_COMPARISON)
        .page(SERVICE_COMPARISON_EVENTS, comparison::events)
}
