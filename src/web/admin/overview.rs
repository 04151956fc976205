//! `/admin`: the state of the installation, and what waits for a decision.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::pages::OverviewPage;
use super::permission::SeeOverview;
use crate::flow::admin::overview;
use crate::flow::installation::fault::Fault;
use crate::web::reply::html;

/// `GET /admin`.
pub(super) async fn page(admin: Admin<SeeOverview>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw(admin: &Admin<SeeOverview>) -> Result<OverviewPage, Fault> {
    let web = &admin.request.web;
    let view = overview::overview(&web.panel, &web.background, admin.checked.session.role).await?;
    let frame = admin.frame().await?;
    Ok(OverviewPage { language: frame.language, now: web.parts.now(), frame, view })
}
