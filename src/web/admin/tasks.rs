//! `/admin/tasks`: order work that outlives the request, see how far it is, and stop it.

use axum::http::StatusCode;
use axum::response::Response;

use super::access::{Admin, AdminForm, refuse};
use super::address::{RESUME, task_path};
use super::asked;
use super::frame::AdminFrame;
use super::pages::{TaskPage, TaskPart};
use super::permission::{Permission, RunSync, SeeSyncLog, StopSync};
use super::problem::refused;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, TaskKind, TaskOrder, TaskState};
use crate::domain::entry::DirectoryId;
use crate::flow::admin::task::{self, TaskView};
use crate::web::pages::{ErrorKind, ReturnTo};
use crate::web::reply::{html, see_other};

/// Where work is ordered: fields `order` and `directory`.
pub(super) use super::address::TASKS as ORDER;
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
        Ok(done) => asked::ordered(&done),
        Err(fault) => refuse(&request.context(), &fault),
    }
}

impl PanelView for TaskView {
    type Needs = SeeSyncLog;

    async fn read(admin: &Admin<SeeSyncLog>) -> Result<Self, NoView> {
        let view = task::view(&admin.request.web.panel, id_in(&admin.path)).await?;
        view.ok_or(NoView::Missing)
    }

    fn draw(self, admin: &Admin<SeeSyncLog>, frame: AdminFrame) -> Response {
        let (language, now) = (frame.language, admin.request.web.parts.now());
        let resume = || admin.token_for(Capability::RunSync, RESUME);
        html(&TaskPage {
            language,
            stop: admin.token_for(Capability::StopSync, &STOP.replace("{id}", &self.id)),
            resume: can_resume(&self).then(resume).flatten(),
            refreshes: !self.is_over() && admin.query.text("live") != "off",
            part: TaskPart { language, now, view: self },
            frame,
        })
    }
}

/// A sync that was stopped has paused its directory.
fn can_resume(view: &TaskView) -> bool {
    view.state == TaskState::Stopped && matches!(view.kind, TaskKind::ApplyPlan | TaskKind::Sync)
}

/// `POST /admin/tasks/{id}/stop`.
pub(super) async fn stop(form: AdminForm<StopSync>) -> Response {
    let (request, id) = (&form.admin.request, id_in(&form.admin.path));
    match task::stop(&request.web.panel, &request.visit, &form.admin.checked, id).await {
        Ok(true) => see_other(&task_path(id)),
        Ok(false) => refused(see_other(&task_path(id)), StatusCode::CONFLICT, "not-running"),
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
