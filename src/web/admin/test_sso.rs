//! Test SSO: the admin signs in as at an application, and sees each step, gate and claim.

mod relying_party;

use axum::response::Response;

use self::relying_party::{Answer, RelyingParty};
use super::access::{Admin, AdminForm, checked, refuse};
use super::pages::{TestReport, TestSsoNotice, TestSsoPage, TestedGate};
use super::permission::{Permission, TestSso};
use crate::domain::admin::{Capability, Intent};
use crate::flow::admin::session::form_token;
use crate::flow::admin::test_sso;
use crate::flow::installation::fault::Fault;
use crate::web::reply::{html, see_other};
use crate::web::request::PageRequest;

/// The page.
pub(super) const PATH: &str = "/admin/settings/integrations/single-sign-on/test";

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

/// `GET /admin/settings/integrations/single-sign-on/test`.
pub(super) async fn page(admin: Admin<TestSso>) -> Response {
    respond(&admin, draw(&admin, None, None).await)
}

/// `POST /admin/settings/integrations/single-sign-on/test`: leads to the sign-in.
pub(super) async fn start(AdminForm { admin, .. }: AdminForm<TestSso>) -> Response {
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
    let frame = admin.frame().await?;
    Ok(TestSsoPage {
        language: frame.language,
        frame,
        csrf: form_token(parts, &admin.checked.session, PATH),
        notice,
        report,
        gates: gates.collect(),
        attempts: test_sso::refused_attempts(parts).await?,
    })
}

fn respond<C: Permission>(admin: &Admin<C>, drawn: Result<TestSsoPage, Fault>) -> Response {
    match drawn {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}
