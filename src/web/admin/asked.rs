//! What an action answers that needs a second owner.

use axum::http::StatusCode;
use axum::response::Response;

use super::address::{APPROVALS, approval_path, task_path};
use super::notice::noticed;
use super::problem::refused;
use crate::flow::admin::four_eyes::Asked;
use crate::flow::admin::task::Ordered;
use crate::web::reply::see_other;

/// Leads to the request, or says why there is none.
pub(super) fn asked(asked: &Asked) -> Response {
    let (notice, status) = match asked {
        Asked::Kept(id) => return see_other(&approval_path(id)),
        Asked::Ended => return to_list("ended"),
        Asked::NotAPerson => ("not-a-person", StatusCode::FORBIDDEN),
        Asked::Full => ("full", StatusCode::TOO_MANY_REQUESTS),
        Asked::Stale => ("stale", StatusCode::CONFLICT),
    };
    refused(to_list(notice), status, notice)
}

/// Leads to the task, or to the request for it.
pub(super) fn ordered(ordered: &Ordered) -> Response {
    match ordered {
        Ordered::Task(id) => see_other(&task_path(id)),
        Ordered::Asked(one) => asked(one),
        Ordered::AgainstAdmin => refused(to_list("against-admin"), StatusCode::FORBIDDEN, "against-admin"),
    }
}

fn to_list(notice: &str) -> Response {
    noticed(APPROVALS, &[("notice", notice)])
}
