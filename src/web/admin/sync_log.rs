//! `/admin/settings/active-directory/sync-log`: runs and changes, and the people who wait for a decision.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::{HAND_OVER, HELD, SYNC_LOG};
use super::confirmation::ConfirmWords;
use super::download::download;
use super::fields::Fields;
use super::frame::AdminFrame;
use super::notice::noticed;
use super::pages::{LogTokens, OLDEST_FIRST, SyncLogPage, TypedLog, done, fields_of_done, shown_again};
use super::permission::{Confirm, Export, Permission, RevertRun, RunSync, SeeSyncLog, StopSync};
use super::problem::{ForScripts, refused};
use super::sync_plan::ordered;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, TaskOrder};
use crate::domain::entry::DirectoryId;
use crate::domain::export::ExportForm;
use crate::domain::parse_time;
use crate::flow::admin::sync_log::{self, LogAction, RevertView, SyncLogQuery, SyncLogView, revert_view};
use crate::flow::installation::fault::Fault;
use crate::flow::sync::history::{LogKind, LogQuery};
use crate::web::reply::{html, see_other};

/// The form that stops a run, and pauses the sync.
pub(super) const STOP: &str = "/admin/settings/active-directory/sync-log/stop";

/// The form that resumes the sync, or runs it now.
pub(super) use super::address::RESUME;

/// The form that reverts a run.
pub(super) const REVERT: &str = "/admin/settings/active-directory/sync-log/revert";

/// The form of the download.
pub(super) const EXPORT: &str = "/admin/settings/active-directory/sync-log/export";

/// How many runs or changes a page shows.
const PAGE: u32 = 50;

/// The log, and what a revert of the run that is shown would do.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownLog {
    #[serde(flatten)]
    view: SyncLogView,
    #[serde(skip)]
    revert: Option<RevertView>,
}

/// `GET` of the page.
impl PanelView for ShownLog {
    type Needs = SeeSyncLog;

    async fn read(admin: &Admin<SeeSyncLog>) -> Result<Self, NoView> {
        Ok(shown_log(admin).await?)
    }

    fn draw(self, admin: &Admin<SeeSyncLog>, frame: AdminFrame) -> Response {
        html(&drawn(admin, frame, self))
    }
}

/// What a revert does, before it is confirmed.
pub(super) async fn revert_words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let language = admin.request.context().language;
    let run = sent.text("run").parse().unwrap_or_default();
    let view = revert_view(&admin.request.web.panel, run).await?;
    let button = view.map(|view| language.with("sync-log-revert", "count", view.accounts).into_owned());
    Ok(ConfirmWords::of(language, ("sync-log", "sync-log.revert-what"), SYNC_LOG, button))
}

/// What a download contains, before it is confirmed.
pub(super) fn export_words(admin: &Admin<Confirm>, sent: &Fields) -> ConfirmWords {
    let language = admin.request.context().language;
    let button = Some(language.text("sync-log.export").into_owned());
    let back = TypedLog::of(sent).address(&[]);
    ConfirmWords::of(language, ("sync-log", "sync-log.export-what"), &back, button)
}

/// `POST` of stopping the run of a directory, or of pausing its sync.
pub(super) async fn stop(form: AdminForm<StopSync>) -> Response {
    let (admin, directory) = (&form.admin, form.fields.text("directory"));
    let (panel, actor) = (&admin.request.web.panel, &admin.checked.actor);
    let done = match form.fields.text("do") {
        "pause" => sync_log::set_paused(panel, actor, directory, true).await,
        _ => sync_log::stop_run(panel, actor, directory).await,
    };
    answer(admin, done)
}

/// `POST` of resuming the sync of a directory, or of syncing it now.
pub(super) async fn resume(form: AdminForm<RunSync>) -> Response {
    let (admin, directory) = (&form.admin, form.fields.text("directory"));
    let (panel, actor) = (&admin.request.web.panel, &admin.checked.actor);
    match form.fields.text("do") {
        "sync" => ordered(admin, directory, &TaskOrder::Sync).await,
        // What was stopped goes on at once, with a page that shows how far it is.
        "continue" => match sync_log::set_paused(panel, actor, directory, false).await {
            Ok(Some(_)) => ordered(admin, directory, &TaskOrder::Sync).await,
            done => answer(admin, done),
        },
        _ => answer(admin, sync_log::set_paused(panel, actor, directory, false).await),
    }
}

/// `POST` of reverting a run.
pub(super) async fn revert(Fresh(form): Fresh<RevertRun>) -> Response {
    let admin = &form.admin;
    let run = form.fields.text("run").parse().unwrap_or_default();
    match revert_view(&admin.request.web.panel, run).await {
        Ok(Some(view)) => ordered(admin, &view.directory, &TaskOrder::Revert { run }).await,
        Ok(None) => refused(see_other(SYNC_LOG), StatusCode::NOT_FOUND, "nothing-to-revert"),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// `POST` of the download: all changes that match.
pub(super) async fn export(Fresh(form): Fresh<Export>) -> Response {
    let (admin, typed) = (&form.admin, TypedLog::of(&form.fields));
    // A condition that can't be read would download more than was asked for: nothing is downloaded then.
    let Some(query) = query(&typed) else {
        let page = see_other(&typed.address(&[]));
        return refused(page, StatusCode::UNPROCESSABLE_ENTITY, "wrong-condition");
    };
    let (panel, actor) = (&admin.request.web.panel, &admin.checked.actor);
    let format = ExportForm::parse(form.fields.text("format"));
    match sync_log::export(panel, actor, query, format).await {
        Ok(file) => download(form.admin, format, "sync-log", file),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// Leads back to the log as it was shown, and says there what was done.
pub(super) fn answer<C: Permission>(admin: &Admin<C>, done: Result<Option<LogAction>, Fault>) -> Response {
    match done {
        Ok(Some(done)) => {
            let for_scripts = match done {
                LogAction::NotRunning => ForScripts::Refused(StatusCode::CONFLICT, "not-running"),
                LogAction::Nobody => ForScripts::Refused(StatusCode::UNPROCESSABLE_ENTITY, "nobody-chosen"),
                LogAction::HeldChanged => ForScripts::Refused(StatusCode::CONFLICT, "held-changed"),
                LogAction::Kept { done, left_out } => {
                    ForScripts::Shown(json!({ "kept": done, "left_out": left_out }))
                }
                LogAction::Stopped | LogAction::Paused | LogAction::Resumed => {
                    ForScripts::Shown(json!({ "changed": true }))
                }
                LogAction::Unchanged => ForScripts::Shown(json!({ "changed": false })),
            };
            let mut response = noticed(&shown_again(&admin.query), &fields_of_done(&done));
            response.extensions_mut().insert(for_scripts);
            response
        }
        Ok(None) => refused(unchanged(admin), StatusCode::NOT_FOUND, "unknown-directory"),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// The log as it was shown.
pub(super) fn unchanged<C: Permission>(admin: &Admin<C>) -> Response {
    see_other(&shown_again(&admin.query))
}

/// What is asked for.
fn asked(admin_query: &Fields) -> SyncLogQuery {
    let given = |name: &str| Some(admin_query.text(name).to_owned()).filter(|text| !text.is_empty());
    SyncLogQuery {
        log: LogQuery {
            before: admin_query.text("before").parse().ok(),
            ..query(&TypedLog::of(admin_query)).unwrap_or_default()
        },
        held_after: given("held_after"),
        conflicts_after: given("conflicts_name").zip(given("conflicts_entry")),
    }
}

async fn shown_log<C: Permission>(admin: &Admin<C>) -> Result<ShownLog, Fault> {
    let (panel, log) = (&admin.request.web.panel, asked(&admin.query));
    let view = sync_log::sync_log(panel, &log).await?;
    let revert = match log.log.run {
        Some(run) if admin.checked.session.role.can(Capability::RevertRun) => revert_view(panel, run).await?,
        _ => None,
    };
    Ok(ShownLog { view, revert })
}

fn drawn<C: Permission>(
    admin: &Admin<C>,
    mut frame: AdminFrame,
    ShownLog { view, revert }: ShownLog,
) -> SyncLogPage {
    let typed = TypedLog::of(&admin.query);
    SYNC_LOG.clone_into(&mut frame.path);
    let token = |capability, path| admin.token_for(capability, path);
    SyncLogPage {
        language: frame.language,
        tokens: LogTokens {
            held: token(Capability::DecideHeld, HELD),
            hand_over: token(Capability::HandOver, HAND_OVER),
            stop: token(Capability::StopSync, STOP),
            resume: token(Capability::RunSync, RESUME),
            revert: token(Capability::RevertRun, REVERT),
            export: token(Capability::Export, EXPORT),
        },
        frame,
        is_wrong: query(&typed).is_none(),
        asked: asked(&admin.query).log,
        typed,
        view,
        revert,
        done: done(&admin.notice),
        query: shown_again(&admin.query).split_off(SYNC_LOG.len()),
    }
}

/// `None` for a time that can't be read.
fn query(typed: &TypedLog) -> Option<LogQuery> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let time = |text: &str| if text.is_empty() { Some(None) } else { parse_time(text).map(Some) };
    Some(LogQuery {
        person: given(&typed.person),
        run: typed.run.parse().ok(),
        directory: given(&typed.directory).map(DirectoryId),
        kind: LogKind::parse(&typed.kind),
        from: time(&typed.from)?,
        until: time(&typed.until)?,
        oldest_first: typed.order == OLDEST_FIRST,
        limit: PAGE,
        ..LogQuery::default()
    })
}
