//! Settings → Integrations → Services: whom accounts and Team Shares are delivered to, what waits for each, and whom it
//! refuses.

pub(in crate::web::admin) mod actions;
pub(in crate::web::admin) mod form;
mod list;
pub(in crate::web::admin) mod new;

use super::address::{
    SERVICE, SERVICE_EDIT, SERVICE_NEW, SERVICE_REMOVE, SERVICE_RETRY, SERVICE_TOKEN, SERVICES,
};
use super::routes::Panel;
use super::settings_page::SettingsView;

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
}
