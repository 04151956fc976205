//! `/admin/help-desk`: what happened to a person, by the code on their page.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::pages::HelpDeskPage;
use super::permission::ReadSupportCode;
use crate::flow::installation::fault::Fault;
use crate::flow::support::person_live;
use crate::web::reply::html;

/// `GET /admin/help-desk?code=CODE`.
pub(super) async fn page(admin: Admin<ReadSupportCode>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw(admin: &Admin<ReadSupportCode>) -> Result<HelpDeskPage, Fault> {
    let code = admin.query.text("code").trim().to_owned();
    let decisions = match code.is_empty() {
        true => Vec::new(),
        false => person_live::by_code(&admin.request.web.parts, &code).await?,
    };
    let frame = admin.frame().await?;
    Ok(HelpDeskPage { language: frame.language, frame, code, decisions })
}
