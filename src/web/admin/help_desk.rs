//! `/admin/help-desk`: what happened to a person, by the code on their page.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::HelpDeskPage;
use super::permission::ReadSupportCode;
use super::view::{NoView, PanelView};
use crate::flow::support::explain::ExplainedDecision;
use crate::flow::support::person_live;
use crate::web::reply::html;

/// What happened, decision by decision; none if nobody has the code.
#[derive(Serialize, ToSchema)]
pub(super) struct HelpDeskView {
    decisions: Vec<ExplainedDecision>,
}

/// `GET /admin/help-desk?code=CODE`.
impl PanelView for HelpDeskView {
    type Needs = ReadSupportCode;

    async fn read(admin: &Admin<ReadSupportCode>) -> Result<Self, NoView> {
        let code = admin.query.text("code").trim();
        let decisions = match code.is_empty() {
            true => Vec::new(),
            false => person_live::by_code(&admin.request.web.parts, code).await?,
        };
        Ok(Self { decisions })
    }

    fn draw(self, admin: &Admin<ReadSupportCode>, frame: AdminFrame) -> Response {
        let code = admin.query.text("code").trim().to_owned();
        html(&HelpDeskPage { language: frame.language, frame, code, decisions: self.decisions })
    }
}
