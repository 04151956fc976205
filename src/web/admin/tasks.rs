//! `/admin/tasks`: order work that outlives the request, see how far it is, and stop it.

use axum::response::Response;

use super::access::{Admin, AdminForm, refuse};
use super::address::task_path;
use super::pages::{TaskPage, TaskPart};
use super::permission::{Permission, RunSync, SeeSyncLog, StopSync};
use crate::domain::admin::{Capability, TaskOrder};
use crate::domain::entry::DirectoryId;
use crate::flow::admin::session::form_token;
use crate::flow::admin::task;
use crate::flow::installation::fault::Fault;
use crate::web::pages::{ErrorKind, ReturnTo};
use crate::web::reply::{html, see_other};

/// Where work is ordered: fields `order` and `directory`.
pub(super) const ORDER: &str = "/admin/tasks";
/// The page of a task.
pub(super) const TASK: &str = "/admin/tasks/{id}";
/// Its events.
pub(super) const EVENTS: &str = "/admin/tasks/{id}/events";
/// Stops it.
pub(super) const STOP: &str = "/admin/tasks/{id}/stop";

/// `POST /admin/tasks`: reads or plans or syncs a directory.
pub(super) async fn order(form: AdminForm<RunSync>) -> Response {
    let order = match form.fields.text("order") {
        "read_directory" => TaskOrder::ReadDirectory,
        "plan" => TaskOrder::Plan,
        "sync" => TaskOrder::Sync,
        _ => return not_found(&form.admin),
    };
    let directory = DirectoryId(form.fields.text("directory").to_owned());
    let (request, checked) = (&form.admin.request, &form.admin.checked);
    if request.web.parts.current().site(&directory).is_none() {
        return not_found(&form.admin);
    }
    match task::order(&request.web.panel, &request.visit, checked, &directory, &order).await {
        Ok(id) => see_other(&task_path(&id)),
        Err(fault) => refuse(&request.context(), &fault),
    }
}

/// `GET /admin/tasks/{id}`.
pub(super) async fn page(admin: Admin<SeeSyncLog>) -> Response {
    match drawn(&admin).await {
        Ok(Some(page)) => html(&page),
        Ok(None) => not_found(&admin),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn drawn(admin: &Admin<SeeSyncLog>) -> Result<Option<TaskPage>, Fault> {
    let web = &admin.request.web;
    let id = id_in(&admin.path);
    let Some(view) = task::view(&web.panel, id).await? else { return Ok(None) };
    let frame = admin.frame().await?;
    let (language, session) = (frame.language, &admin.checked.session);
    let stop = session.role.can(Capability::StopSync);
    Ok(Some(TaskPage {
        language,
        stop: stop.then(|| form_token(&web.parts, session, &STOP.replace("{id}", id))),
        refreshes: !view.is_over() && admin.query.text("live") != "off",
        part: TaskPart { language, now: web.parts.now(), view },
        frame,
    }))
}

/// `POST /admin/tasks/{id}/stop`.
pub(super) async fn stop(form: AdminForm<StopSync>) -> Response {
    let (request, id) = (&form.admin.request, id_in(&form.admin.path));
    match task::stop(&request.web.panel, &request.visit, &form.admin.checked, id).await {
        Ok(_) => see_other(&task_path(id)),
        Err(fault) => refuse(&request.context(), &fault),
    }
}

/// The id in the address of a task.
pub(super) fn id_in(path: &str) -> &str {
    path.split('/').nth(3).unwrap_or_default()
}

/// There is no such task or directory.
pub(super) fn not_found<C: Permission>(admin: &Admin<C>) -> Response {
    admin.request.context().page_with_link(ErrorKind::NotFound, Some(ReturnTo::panel()))
}
