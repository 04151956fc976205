//! `/admin/set-up`: from nothing to the first sign-in. Each step is done on its own page; the menu leads back.

use axum::response::Response;

use super::access::Admin;
use super::address::{APPLICATIONS, DIRECTORIES, SYNC_SETTINGS};
use super::frame::AdminFrame;
use super::pages::SetUpPage;
use super::permission::SeeSettings;
use super::view::{NoView, PanelView};
use super::{roles, test_sso, two_step};
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
        let places = SetUpStep::ALL.map(place_of);
        html(&SetUpPage { language: frame.language, frame, view: self, places })
    }
}

/// The page on which a step is done.
fn place_of(step: SetUpStep) -> &'static str {
    match step {
        SetUpStep::Directory => DIRECTORIES,
        SetUpStep::Scope | SetUpStep::Preview | SetUpStep::InitialSync => SYNC_SETTINGS,
        SetUpStep::CloudSync => APPLICATIONS,
        SetUpStep::SecondFactor => two_step::PATH,
        SetUpStep::Test => test_sso::PATH,
        SetUpStep::Owners => roles::FORM.path,
    }
}
