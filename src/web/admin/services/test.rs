//! Test Connection of a service, as it is stored or as it is typed in its form, and the report while it runs.

use askama::Template;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::form::FORM;
use super::{new, watch};
use crate::domain::Millis;
use crate::flow::admin::service_test::{self, RunningServiceTest, ServiceTestEnd};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{self, Saving};
use crate::flow::delivery::service_test::{ServiceStageView, ServiceTest, service_stages};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::flow::settings::FLAG_ON;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::address::{SERVICE_TEST_REPORT, SERVICES, service_test_path};
use crate::web::admin::form::ENTRY;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::live::LivePart;
use crate::web::admin::pages::{FormNotice, ServiceTestPage, ServiceTestPart};
use crate::web::admin::permission::TestConnection;
use crate::web::admin::problem::{FieldProblem, refused, wrong};
use crate::web::admin::settings_page::wrong_page;
use crate::web::admin::view::{NoView, PanelView};
use crate::web::pages::Language;
use crate::web::reply::{html, see_other};

/// The field that asks for a test user.
const ROUND_TRIP: &str = "round_trip";

/// `POST .../services/test`.
pub(super) async fn begin(form: AdminForm<TestConnection>) -> Response {
    let response = begun(&form).await;
    form.admin.answer(response)
}

async fn begun(form: &AdminForm<TestConnection>) -> Result<Response, Fault> {
    match form.fields.text(ENTRY) {
        "" => new_begun(form).await,
        id => known_begun(form, id).await,
    }
}

/// The stored service, or what was typed into its form.
async fn known_begun(form: &AdminForm<TestConnection>, id: &str) -> Result<Response, Fault> {
    let panel = &form.admin.request.web.panel;
    let stored = settings::stored(panel).await?;
    let change = FORM.read(&stored.settings, &form.fields);
    match service_test::typed(panel, (id, false), &change).await? {
        Some(Ok(test)) => run(form, test).await,
        Some(Err(refusal)) => {
            let problems = if let Saving::Wrong(problems) = refusal { problems } else { Vec::new() };
            wrong_page(form, &FORM, &stored, (&change, &problems)).await
        }
        None => Ok(unknown()),
    }
}

/// What was typed into the form of a new service.
async fn new_begun(form: &AdminForm<TestConnection>) -> Result<Response, Fault> {
    let (admin, new) = (&form.admin, new::read(&form.fields));
    match service_test::typed(&admin.request.web.panel, (&new.id, true), &new.change).await? {
        Some(Ok(test)) => run(form, test).await,
        Some(Err(refusal)) => {
            let problems = if let Saving::Wrong(problems) = refusal { problems } else { Vec::new() };
            let page = new::draw(admin, &new, Some(FormNotice::Wrong), &problems).await?;
            let response = (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response();
            Ok(wrong(response, problems.iter().map(FieldProblem::from).collect()))
        }
        None => Ok(unknown()),
    }
}

async fn run(form: &AdminForm<TestConnection>, test: ServiceTest) -> Result<Response, Fault> {
    let test = ServiceTest { round_trip: form.fields.text(ROUND_TRIP) == FLAG_ON, ..test };
    let report = service_test::begin(&form.admin.request.web.panel, &form.admin.checked, test).await?;
    Ok(see_other(&service_test_path(&report)))
}

/// There is no such service.
fn unknown() -> Response {
    refused(see_other(SERVICES), StatusCode::NOT_FOUND, "unknown-service")
}

/// The report of a test.
#[derive(Serialize, ToSchema)]
pub(super) struct ServiceTestView {
    service: String,
    base_url: String,
    round_trip: bool,
    stages: Vec<ServiceStageView>,
    /// The user name of a test user that may still be in the service.
    remains: Option<String>,
    /// How it ended; `None` while it runs.
    end: Option<ServiceTestEnd>,
    #[serde(skip)]
    watched: WatchedTest,
}

/// `GET .../services/test/{id}`.
impl PanelView for ServiceTestView {
    type Needs = TestConnection;

    async fn read(admin: &Admin<TestConnection>) -> Result<Self, NoView> {
        let found = watched(&admin.request.web.parts, &admin.checked, id_in(&admin.path)).await?;
        let watched = found.ok_or(NoView::Expired)?;
        let report = watched.report.clone();
        let stages = service_stages(&report.findings, report.end.is_none(), report.round_trip);
        let RunningServiceTest { service, base_url, round_trip, remains, end, .. } = report;
        Ok(Self { service, base_url, round_trip, stages, remains, end, watched })
    }

    fn draw(self, admin: &Admin<TestConnection>, frame: AdminFrame) -> Response {
        let language = frame.language;
        let draft = self.watched.draft.clone();
        let part = self.watched.part(language);
        let refreshes = part.is_running() && admin.query.text("live") != "off";
        html(&ServiceTestPage { language, frame, draft, part, refreshes })
    }
}

/// A report with the id under which it is kept.
#[derive(Clone, PartialEq)]
struct WatchedTest {
    draft: String,
    report: RunningServiceTest,
}

impl WatchedTest {
    fn part(self, language: Language) -> ServiceTestPart {
        ServiceTestPart { language, report: self.report }
    }
}

impl LivePart for WatchedTest {
    fn is_over(&self) -> bool {
        self.report.end.is_some()
    }

    fn draw(self, language: Language, _: Millis) -> String {
        self.part(language).render().unwrap_or_default()
    }
}

/// `GET .../services/test/{id}/events`.
pub(super) async fn events(admin: Admin<TestConnection>) -> Response {
    let id = id_in(admin.path.trim_end_matches("/events")).to_owned();
    let (parts, checked) = (admin.request.web.parts.clone(), admin.checked.clone());
    let read = move || {
        let (parts, checked, id) = (parts.clone(), checked.clone(), id.clone());
        async move { watched(&parts, &checked, &id).await }
    };
    watch::stream(admin, read).await
}

async fn watched(parts: &LoginParts, admin: &CheckedAdmin, id: &str) -> Result<Option<WatchedTest>, Fault> {
    let report = service_test::read(parts, admin, id).await?;
    Ok(report.map(|report| WatchedTest { draft: id.to_owned(), report }))
}

/// The id in the address of a report.
fn id_in(path: &str) -> &str {
    path.strip_prefix(SERVICE_TEST_REPORT.trim_end_matches("{id}")).unwrap_or_default()
}
