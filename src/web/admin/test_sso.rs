//! Test SSO: the admin signs in as at an application, and sees each step, gate and claim.

mod relying_party;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use self::relying_party::{Answer, RelyingParty};
use super::access::{Admin, AdminForm, checked, refuse};
use super::frame::AdminFrame;
use super::pages::{TestReport, TestSsoNotice, TestSsoPage, TestedGate};
use super::permission::{Permission, TestSso};
use super::problem::refused;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, Intent};
use crate::flow::admin::session::form_token;
use crate::flow::admin::test_sso;
use crate::flow::installation::fault::Fault;
use crate::flow::support::explain::ExplainedDecision;
use crate::web::reply::{html, see_other};
use crate::web::request::PageRequest;

/// The page.
pub(super) use super::address::TEST_SSO as PATH;

/// Where the sign-in of a test comes back to.
pub(super) const CALLBACK: &str = test_sso::TEST_CALLBACK;

/// True if the admin in this browser has begun a test with this `state`: nobody else may start a sign-in for
/// the client of tests.
pub(in crate::web) async fn is_own_test(request: &PageRequest, state: &str) -> Result<bool, Fault> {
    match checked(request, Intent::Read).await? {
        Some(admin) if admin.session.role.can(Capability::TestSso) => {
            test_sso::is_begun(&request.web.parts, &admin.session, state).await
        }
        _ => Ok(false),
    }
}

/// What is known of tests without one: its report is shown once, in the browser that has signed in.
#[derive(Serialize, ToSchema)]
pub(super) struct TestSsoView {
    /// Refused sign-ins of tests in the last hour.
    attempts: Vec<ExplainedDecision>,
}

/// `GET /admin/settings/integrations/single-sign-on/test`.
impl PanelView for TestSsoView {
    type Needs = TestSso;

    async fn read(admin: &Admin<TestSso>) -> Result<Self, NoView> {
        Ok(Self { attempts: test_sso::refused_attempts(&admin.request.web.parts).await? })
    }

    fn draw(self, admin: &Admin<TestSso>, frame: AdminFrame) -> Response {
        html(&empty_page(admin, frame, self.attempts))
    }
}

/// `POST /admin/settings/integrations/single-sign-on/test`: leads to the sign-in.
pub(super) async fn start(AdminForm { admin, .. }: AdminForm<TestSso>) -> Response {
    if admin.checked.is_script() {
        let response = StatusCode::UNPROCESSABLE_ENTITY.into_response();
        return refused(response, StatusCode::UNPROCESSABLE_ENTITY, "needs-a-browser");
    }
    let web = &admin.request.web;
    let begun = match RelyingParty::new(web, &admin.request.visit).begin().await {
        Ok(begun) => begun,
        Err(report) => return respond(&admin, draw(&admin, None, Some(report)).await),
    };
    match test_sso::begin(&web.parts, &admin.checked.session, &begun.state, &begun.content).await {
        Ok(()) => see_other(&begun.url),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// `GET /admin/settings/integrations/single-sign-on/test/callback`: the answer of the sign-in. It is accepted
/// once, and only in the session that has begun the test.
pub(super) async fn callback(admin: Admin<TestSso>) -> Response {
    respond(&admin, answered(&admin).await)
}

async fn answered(admin: &Admin<TestSso>) -> Result<TestSsoPage, Fault> {
    let (parts, query) = (&admin.request.web.parts, &admin.query);
    let content = test_sso::take(parts, &admin.checked.session, query.text("state")).await?;
    let Some(content) = content else { return draw(admin, Some(TestSsoNotice::UnknownAnswer), None).await };
    let answer = Answer {
        code: query.text("code"),
        iss: query.text("iss"),
        error: query.text("error"),
        description: query.text("error_description"),
    };
    let party = RelyingParty::new(&admin.request.web, &admin.request.visit);
    let report = party.finish(&admin.checked, &answer, &content).await?;
    draw(admin, None, Some(report)).await
}

async fn draw(
    admin: &Admin<TestSso>,
    notice: Option<TestSsoNotice>,
    report: Option<TestReport>,
) -> Result<TestSsoPage, Fault> {
    let parts = &admin.request.web.parts;
    let judgement = match report.as_ref().and_then(|report| report.subject.as_deref()) {
        Some(subject) => test_sso::gates(parts, subject).await?,
        None => None,
    };
    let gates = judgement.iter().flat_map(|judgement| judgement.gates()).map(TestedGate::from);
    let gates = gates.collect();
    let page = empty_page(admin, admin.frame().await?, test_sso::refused_attempts(parts).await?);
    Ok(TestSsoPage { notice, report, gates, ..page })
}

/// The page without a test.
fn empty_page(admin: &Admin<TestSso>, frame: AdminFrame, attempts: Vec<ExplainedDecision>) -> TestSsoPage {
    let csrf = form_token(&admin.request.web.parts, &admin.checked.session, PATH);
    let (language, gates) = (frame.language, Vec::new());
    TestSsoPage { language, frame, csrf, notice: None, report: None, gates, attempts }
}

fn respond<C: Permission>(admin: &Admin<C>, drawn: Result<TestSsoPage, Fault>) -> Response {
    admin.answer(drawn.map(|page| html(&page)))
}
