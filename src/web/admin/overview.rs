//! `/admin`: the state of the installation, and what waits for a decision.

use axum::response::Response;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::{LinkTokens, OverviewPage};
use super::permission::SeeOverview;
use super::support_bundle;
use super::used_links;
use super::view::{NoView, PanelView};
use crate::domain::admin::Capability;
use crate::flow::admin::overview::{self, OverviewView};
use crate::web::reply::html;

impl PanelView for OverviewView {
    type Needs = SeeOverview;

    async fn read(admin: &Admin<SeeOverview>) -> Result<Self, NoView> {
        let web = &admin.request.web;
        Ok(overview::overview(&web.panel, &web.background, &admin.checked).await?)
    }

    fn draw(self, admin: &Admin<SeeOverview>, frame: AdminFrame) -> Response {
        let support = support_bundle::token(admin);
        let token = |path| admin.token_for(Capability::EditRoles, path);
        let tokens = LinkTokens {
            // Who came by a link can't vouch for links.
            ours: token(used_links::OURS).filter(|_| !frame.break_glass),
            end: token(used_links::END),
        };
        let notice = OverviewPage::notice_of(admin.notice.text("notice"));
        html(&OverviewPage { language: frame.language, frame, view: self, tokens, notice, support })
    }
}
