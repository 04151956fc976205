//! `/admin`: the state of the installation, and what waits for a decision.

use axum::response::Response;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::OverviewPage;
use super::permission::SeeOverview;
use super::view::{NoView, PanelView};
use crate::flow::admin::overview::{self, OverviewView};
use crate::web::reply::html;

impl PanelView for OverviewView {
    type Needs = SeeOverview;

    async fn read(admin: &Admin<SeeOverview>) -> Result<Self, NoView> {
        let web = &admin.request.web;
        Ok(overview::overview(&web.panel, &web.background, &admin.checked).await?)
    }

    fn draw(self, _: &Admin<SeeOverview>, frame: AdminFrame) -> Response {
        html(&OverviewPage { language: frame.language, frame, view: self })
    }
}
