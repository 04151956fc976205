//! `/admin/set-up`: from nothing to the first sign-in. Each step is done on its own page; the menu leads back.

use axum::response::Response;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::SetUpPage;
use super::permission::SeeSettings;
use super::step::address_of;
use super::view::{NoView, PanelView};
use crate::flow::admin::set_up::{SetUpStep, SetUpView, set_up};
use crate::web::reply::html;

/// The page.
pub(super) const SET_UP: &str = "/admin/set-up";

/// `GET /admin/set-up`.
impl PanelView for SetUpView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        Ok(set_up(&admin.request.web.panel).await?)
    }

    fn draw(self, _: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let addresses = SetUpStep::ALL.map(|step| address_of(step, &self.directory));
        html(&SetUpPage { language: frame.language, frame, view: self, addresses })
    }
}
