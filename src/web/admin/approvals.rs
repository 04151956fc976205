//! Security → Approvals: what needs a second owner, and the decisions about it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::{Admin, AdminForm, Fresh};
use super::address::{APPROVALS, approval_path, task_path};
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::frame::AdminFrame;
use super::notice::noticed;
use super::pages::{ApprovalPage, ApprovalTokens, ApprovalsPage, approval_title};
use super::permission::{Approve, Confirm, Permission, SeeSettings};
use super::problem::refused;
use super::readable::readable;
use super::tasks::not_found;
use super::view::{NoView, PanelView};
use crate::flow::admin::approval_views::{ApprovalView, ApprovalsView, approval, approvals};
use crate::flow::admin::approvals::{ApprovalDone, Deciding};
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::web::reply::{html, see_other};

/// The page of one request.
pub(super) const APPROVAL: &str = "/admin/security/approvals/request/{id}";
/// Asks for what was kept.
pub(super) const ASK: &str = "/admin/security/approvals/ask";
/// Withdraws one's own request.
pub(super) const WITHDRAW: &str = "/admin/security/approvals/withdraw";
/// Approves another owner's request.
pub(super) const APPROVE: &str = "/admin/security/approvals/approve";
/// Rejects it.
pub(super) const REJECT: &str = "/admin/security/approvals/reject";

/// `GET /admin/security/approvals`.
impl PanelView for ApprovalsView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        Ok(approvals(&admin.request.web.parts).await?)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let language = frame.language;
        let notice = admin.notice.text("notice").to_owned();
        html(&ApprovalsPage { language, frame, notice, view: self })
    }
}

/// `GET /admin/security/approvals/request/{id}`.
impl PanelView for ApprovalView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let id = admin.path.rsplit('/').next().unwrap_or_default();
        approval(&admin.request.web.panel, &admin.checked, id).await?.ok_or(NoView::Missing)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        html(&drawn(admin, frame, self, admin.notice.text("notice")))
    }
}

fn drawn<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    view: ApprovalView,
    notice: &str,
) -> ApprovalPage {
    let (web, session) = (&admin.request.web, &admin.checked.session);
    let token = |path| form_token(&web.parts, session, path);
    let tokens = ApprovalTokens {
        ask: token(ASK),
        withdraw: token(WITHDRAW),
        approve: token(APPROVE),
        reject: token(REJECT),
    };
    let language = frame.language;
    ApprovalPage { language, frame, notice: notice.to_owned(), view, tokens }
}

/// `POST` of asking for it, with a reason.
pub(super) async fn ask(form: AdminForm<Confirm>) -> Response {
    let done = deciding(&form).ask(form.fields.text("why")).await;
    answer(&form, done).await
}

/// `POST` of withdrawing it.
pub(super) async fn withdraw(form: AdminForm<Confirm>) -> Response {
    let done = deciding(&form).withdraw().await;
    answer(&form, done).await
}

/// `POST` of approving it.
pub(super) async fn approve(Fresh(form): Fresh<Approve>) -> Response {
    // In a box, since the compiler limits how deep futures are nested in each other.
    let done = Box::pin(deciding(&form).approve()).await;
    answer(&form, done).await
}

/// `POST` of rejecting it, with a reason.
pub(super) async fn reject(Fresh(form): Fresh<Approve>) -> Response {
    let done = deciding(&form).reject(form.fields.text("reason")).await;
    answer(&form, done).await
}

fn deciding<C: Permission>(form: &AdminForm<C>) -> Deciding<'_> {
    let AdminForm { admin, fields, .. } = form;
    Deciding {
        parts: &admin.request.web.panel,
        visit: &admin.request.visit,
        admin: &admin.checked,
        id: fields.text("id"),
        seen: fields.text("seen"),
    }
}

async fn answer<C: Permission>(form: &AdminForm<C>, done: Result<ApprovalDone, Fault>) -> Response {
    let response = match done {
        Ok(done) => answered(form, &done).await,
        Err(fault) => Err(fault),
    };
    form.admin.answer(response)
}

async fn answered<C: Permission>(form: &AdminForm<C>, done: &ApprovalDone) -> Result<Response, Fault> {
    let (admin, id) = (&form.admin, form.fields.text("id"));
    let there = |notice| noticed(&approval_path(id), &[("notice", notice)]);
    let (status, why) = match done {
        ApprovalDone::Asked => return Ok(there("asked")),
        ApprovalDone::Saved => return Ok(there("saved")),
        ApprovalDone::Rejected => return Ok(there("rejected")),
        ApprovalDone::Withdrawn => return Ok(there("withdrawn")),
        ApprovalDone::Ordered(task) => return Ok(see_other(&task_path(task))),
        ApprovalDone::NotWaiting => (StatusCode::CONFLICT, "not-waiting"),
        ApprovalDone::NotSeen => (StatusCode::CONFLICT, "not-seen"),
        ApprovalDone::Own => (StatusCode::FORBIDDEN, "own"),
        ApprovalDone::LetInByAsker => (StatusCode::FORBIDDEN, "let-in"),
        ApprovalDone::NotAPerson => (StatusCode::FORBIDDEN, "not-a-person"),
        ApprovalDone::AskerLost => (StatusCode::CONFLICT, "asker-lost"),
        ApprovalDone::NoReason => (StatusCode::UNPROCESSABLE_ENTITY, "no-reason"),
    };
    let Some(view) = approval(&admin.request.web.panel, &admin.checked, id).await? else {
        return Ok(not_found(admin));
    };
    let frame = AdminFrame { path: approval_path(id), ..admin.frame().await? };
    Ok(refused((status, html(&drawn(admin, frame, view, why))).into_response(), status, why))
}

/// What a decision does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, key: &str, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let (language, id) = (admin.request.context().language, sent.text("id"));
    let found = approval(&admin.request.web.panel, &admin.checked, id).await?;
    let found = found.filter(|view| view.may_decide && view.seen == sent.text("seen"));
    let button = found.as_ref().map(|_| language.text(key).into_owned());
    let back = if found.is_some() { approval_path(id) } else { APPROVALS.to_owned() };
    let title = found
        .as_ref()
        .map_or_else(|| language.text("approvals"), |view| approval_title(language, &view.line));
    let lines = found.iter().flat_map(|view| view.lines(language));
    let reason = sent.text("reason").to_owned();
    let changes = found.as_ref().map(|view| view.changes.clone()).unwrap_or_default();
    Ok(ConfirmWords {
        title: title.into_owned(),
        lines: lines.chain(Some(reason).filter(|reason| !reason.is_empty())).collect(),
        differences: changes.into_iter().map(|one| readable(language, one)).collect(),
        back,
        button,
    })
}
