//! `/admin/settings/active-directory/sync-log`: runs and changes, and the people who wait for a decision.

use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::pages::SyncLogPage;
use super::permission::{DecideHeld, Permission, SeeSyncLog, StopSync};
use crate::domain::admin::Capability;
use crate::domain::entry::DirectoryId;
use crate::domain::guard::SeenHeld;
use crate::flow::admin::session::form_token;
use crate::flow::admin::sync_log::{self, HeldVerdict, LogAction};
use crate::flow::installation::fault::Fault;
use crate::flow::sync::history::LogQuery;
use crate::web::reply::{html, see_other};

/// The page.
pub(super) const SYNC_LOG: &str = "/admin/settings/active-directory/sync-log";

/// The form of decisions about held people.
pub(super) const DECIDE_HELD: &str = "/admin/settings/active-directory/sync-log/held";

/// The form that stops a run.
pub(super) const STOP: &str = "/admin/settings/active-directory/sync-log/stop";

/// How many runs or changes a page shows.
const PAGE: u32 = 50;

/// `GET` of the page.
pub(super) async fn page(admin: Admin<SeeSyncLog>) -> Response {
    show(&admin, None).await
}

/// `POST` of decisions about held people.
pub(super) async fn decide(Fresh(form): Fresh<DecideHeld>) -> Response {
    let (admin, fields) = (&form.admin, &form.fields);
    let seen: Vec<SeenHeld> = fields.all("person").filter_map(SeenHeld::parse).collect();
    let verdict = match fields.text("decision") {
        "approve" => HeldVerdict::Approve,
        "reject" => HeldVerdict::Reject,
        _ => return see_other(SYNC_LOG),
    };
    if seen.is_empty() {
        return see_other(SYNC_LOG);
    }
    let (panel, directory) = (&admin.request.web.panel, fields.text("directory"));
    let done = sync_log::decide(panel, &admin.checked.actor, directory, &seen, verdict).await;
    shown(admin, done).await
}

/// `POST` of stopping the run of a directory.
pub(super) async fn stop(form: AdminForm<StopSync>) -> Response {
    let (admin, directory) = (&form.admin, form.fields.text("directory"));
    let done = sync_log::stop_run(&admin.request.web.panel, &admin.checked.actor, directory).await;
    shown(admin, done).await
}

async fn shown<C: Permission>(admin: &Admin<C>, done: Result<Option<LogAction>, Fault>) -> Response {
    match done {
        Ok(Some(done)) => show(admin, Some(done)).await,
        Ok(None) => see_other(SYNC_LOG),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn show<C: Permission>(admin: &Admin<C>, done: Option<LogAction>) -> Response {
    match draw(admin, done).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw<C: Permission>(admin: &Admin<C>, done: Option<LogAction>) -> Result<SyncLogPage, Fault> {
    let (web, query, session) = (&admin.request.web, &admin.query, &admin.checked.session);
    let text = |name: &str| Some(query.text(name).trim()).filter(|text| !text.is_empty());
    let asked = LogQuery {
        person: text("person").map(str::to_owned),
        run: text("run").and_then(|run| run.parse().ok()),
        directory: text("directory").map(|id| DirectoryId(id.to_owned())),
        before: text("before").and_then(|before| before.parse().ok()),
        limit: PAGE,
    };
    let view = sync_log::sync_log(&web.panel, &asked).await?;
    let mut frame = admin.frame().await?;
    SYNC_LOG.clone_into(&mut frame.path);
    Ok(SyncLogPage {
        language: frame.language,
        now: web.parts.now(),
        decides: session.role.can(Capability::DecideHeld),
        stops: session.role.can(Capability::StopSync),
        held_token: form_token(&web.parts, session, DECIDE_HELD),
        stop_token: form_token(&web.parts, session, STOP),
        frame,
        asked,
        view,
        done,
    })
}
