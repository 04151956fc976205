//! `/admin/audit-log`: the audit log, by conditions, and its download.

use std::collections::HashMap;

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::AUDIT_LOG;
use super::confirmation::ConfirmWords;
use super::download::{button, download};
use super::fields::Fields;
use super::frame::AdminFrame;
use super::pages::{AuditPage, AuditProblem, TypedConditions};
use super::permission::{Confirm, Export, Permission, SeeAudit};
use super::problem::refused;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, Role};
use crate::domain::audit::Decision;
use crate::domain::export::ExportForm;
use crate::domain::parse_time;
use crate::flow::account::views::AccountNames;
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::flow::support::audit_chain::{self, ChainView};
use crate::flow::support::trail::{self, TrailError, TrailPage, TrailQuery};
use crate::flow::support::trail_export;
use crate::web::reply::{html, see_other};

/// The path of the download.
pub(super) const EXPORT: &str = "/admin/audit-log/export";

/// The path of the button that asks for a check.
pub(super) const CHECK: &str = "/admin/audit-log/check";

/// How many events a page shows.
const PAGE: u32 = 50;

/// The events that match; none if a condition can't be read.
#[derive(Serialize, ToSchema)]
pub(super) struct AuditView {
    #[serde(flatten)]
    trail: TrailPage,
    /// A condition that can't be read: `time` or `name`.
    #[serde(skip_serializing_if = "Option::is_none")]
    wrong: Option<&'static str>,
    /// Whether events were changed or removed.
    chain: ChainView,
    #[serde(skip)]
    problem: Option<AuditProblem>,
    #[serde(skip)]
    names: HashMap<String, AccountNames>,
}

/// `GET /admin/audit-log`; the next page with `before`.
impl PanelView for AuditView {
    type Needs = SeeAudit;

    async fn read(admin: &Admin<SeeAudit>) -> Result<Self, NoView> {
        let parts = &admin.request.web.parts;
        let (trail, problem) = match query(admin, &typed(&admin.query), admin.query.text("before")) {
            Ok(query) => match trail::read(parts, &query).await {
                Ok(view) => (view, None),
                Err(TrailError::Name(..)) => (TrailPage::default(), Some(AuditProblem::Name)),
                Err(TrailError::Store(error)) => return Err(NoView::Fault(error.into())),
            },
            Err(problem) => (TrailPage::default(), Some(problem)),
        };
        let wrong = problem.as_ref().map(|problem| match problem {
            AuditProblem::Time => "time",
            AuditProblem::Name => "name",
        });
        let names = trail::people_in(parts, &trail.decisions).await.map_err(Fault::from)?;
        let chain = audit_chain::view(parts).await.map_err(Fault::from)?;
        Ok(Self { trail, wrong, chain, problem, names })
    }

    fn draw(self, admin: &Admin<SeeAudit>, frame: AdminFrame) -> Response {
        let Self { trail: view, problem, names, chain, .. } = self;
        let (parts, session) = (&admin.request.web.parts, &admin.checked.session);
        let export_token = admin.token_for(Capability::Export, EXPORT);
        let (language, typed) = (frame.language, typed(&admin.query));
        let check_token = form_token(parts, session, CHECK);
        html(&AuditPage { language, frame, typed, problem, view, names, export_token, chain, check_token })
    }
}

/// `POST /admin/audit-log/export`: everything that matches, as CSV or as lines of JSON.
pub(super) async fn export(Fresh(form): Fresh<Export>) -> Response {
    let (request, typed) = (&form.admin.request, typed(&form.fields));
    let file = ExportForm::parse(form.fields.text("format"));
    // A condition that can't be read would download more than was asked for: nothing is downloaded then.
    let Ok(query) = query(&form.admin, &typed, "") else {
        return refused(see_other(&typed.address("")), StatusCode::UNPROCESSABLE_ENTITY, "wrong-condition");
    };
    let parts = request.web.parts.clone();
    if let Err(error) = trail::record_export(&parts, &query, &form.admin.checked.actor).await {
        return refuse(&request.context(), &error.into());
    }
    download(form.admin, file, "audit-log", trail_export::export(parts, query, file))
}

/// `POST /admin/audit-log/check`: asks for a check of the chain, which a job makes.
pub(super) async fn check(form: AdminForm<SeeAudit>) -> Response {
    let AdminForm { admin, .. } = &form;
    let (parts, visit) = (&admin.request.web.parts, &admin.request.visit);
    let event = visit.event(parts.now(), Decision::AuditCheckAsked).by(&admin.checked.actor);
    match audit_chain::ask(parts, event).await {
        Ok(()) => see_other(&format!("{AUDIT_LOG}#chain")),
        Err(error) => refuse(&form.admin.request.context(), &error.into()),
    }
}

/// What a download contains, before it is confirmed.
pub(super) fn words(admin: &Admin<Confirm>, sent: &Fields) -> ConfirmWords {
    let language = admin.request.context().language;
    ConfirmWords {
        title: language.text("audit-log").into_owned(),
        lines: vec![language.text("audit-log.export").into_owned()],
        differences: Vec::new(),
        back: typed(sent).address(""),
        button: Some(button(language, sent)),
    }
}

fn typed(fields: &Fields) -> TypedConditions {
    let text = |name: &str| fields.text(name).trim().to_owned();
    TypedConditions {
        person: text("person"),
        actor: text("actor"),
        decision: text("decision"),
        directory: text("directory"),
        from: text("from"),
        until: text("until"),
        order: text("order"),
    }
}

fn query<C: Permission>(
    admin: &Admin<C>,
    typed: &TypedConditions,
    before: &str,
) -> Result<TrailQuery, AuditProblem> {
    let given = |text: &String| Some(text.clone()).filter(|text| !text.is_empty());
    let time = |text: &String| match text.as_str() {
        "" => Ok(None),
        text => parse_time(text).map(Some).ok_or(AuditProblem::Time),
    };
    Ok(TrailQuery {
        person: given(&typed.person),
        attempt: None,
        decision: given(&typed.decision),
        actor: given(&typed.actor),
        directory: given(&typed.directory),
        from: time(&typed.from)?,
        until: time(&typed.until)?,
        oldest_first: typed.oldest_first(),
        before: before.parse().ok(),
        limit: PAGE,
        role_groups: admin.checked.session.role == Role::Owner,
    })
}
