//! Settings → Integrations → Active Directory: the list of directories, the form of one, and the test of its
//! connection.

pub(in crate::web::admin) mod configure;
mod draft;
pub(in crate::web::admin) mod form;
mod list;
mod new;
pub(in crate::web::admin) mod remove;
mod test;
mod trouble;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::Admin;
use super::address::{
    CONFIGURE, CONNECTION_DRAFT, CONNECTION_EVENTS, CONNECTION_TEST, CONNECTION_TROUBLE, DIRECTORIES,
    NEW_DIRECTORY, REMOVE_DIRECTORY, connection_test_path,
};
use super::pages::ConfigureNotice;
use super::permission::Permission;
use super::routes::Panel;
use crate::flow::admin::connection;
use crate::flow::installation::fault::Fault;
use crate::web::pages::{ErrorKind, ReturnTo};

/// Adds the pages.
pub(super) fn routes(panel: Panel) -> Panel {
    panel
        .view::<list::DirectoriesView>(DIRECTORIES)
        .page(NEW_DIRECTORY, new::page)
        .action(NEW_DIRECTORY, new::find)
        .view::<configure::ConfigureView>(CONFIGURE)
        .action(CONFIGURE, configure::save)
        .action(REMOVE_DIRECTORY, remove::submit)
        .action(CONNECTION_DRAFT, draft::change)
        .view::<test::ConnectionTestView>(CONNECTION_TEST)
        .page(CONNECTION_EVENTS, test::events)
        .view::<trouble::ConnectionTroubleView>(CONNECTION_TROUBLE)
        .action(CONNECTION_TROUBLE, trouble::test)
}

/// The address of the form with a draft.
fn draft_url(id: &str) -> String {
    format!("{CONFIGURE}?draft={id}")
}

/// Keeps what was typed. Without room for it, what an admin sees says so.
async fn keep<C: Permission>(
    admin: &Admin<C>,
    typed: &form::TypedDirectory,
) -> Result<Result<String, ConfigureNotice>, Fault> {
    let kept = connection::keep(&admin.request.web.parts, &admin.checked, &typed.encoded()).await?;
    Ok(kept.ok_or(ConfigureNotice::NoRoom))
}

/// The page for a draft that is too old or belongs to another session.
fn expired<C: Permission>(admin: &Admin<C>) -> Response {
    admin.request.context().page_with_link(ErrorKind::FormExpired, Some(ReturnTo::panel()))
}

fn with_status(status: StatusCode, response: Response) -> Response {
    (status, response).into_response()
}
