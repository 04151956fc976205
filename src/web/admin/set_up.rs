//! `/admin/set-up`: from nothing to the first sign-in. Each step is done on its own page; the menu leads back.

use axum::response::Response;

use super::access::Admin;
use super::address::SYNC_SETTINGS;
use super::frame::AdminFrame;
use super::pages::SetUpPage;
use super::permission::SeeSettings;
use super::view::{NoView, PanelView};
use super::{is_page, roles};
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

/// The page on which a step is done, or the command that does it.
fn place_of(step: SetUpStep) -> Result<&'static str, &'static str> {
    let (page, command) = match step {
        SetUpStep::Directory => ("/admin/settings/integrations/active-directory", "cloudsync-idp init"),
        SetUpStep::Scope | SetUpStep::Preview | SetUpStep::InitialSync => {
            (SYNC_SETTINGS, "cloudsync-idp sync --plan")
        }
        SetUpStep::CloudSync => {
            ("/admin/settings/integrations/single-sign-on/applications", "cloudsync-idp settings apply FILE")
        }
        SetUpStep::SecondFactor => {
            ("/admin/security/two-step-authentication", "cloudsync-idp settings apply FILE")
        }
        SetUpStep::Test => ("/admin/settings/integrations/single-sign-on/test", "cloudsync-idp explain NAME"),
        SetUpStep::Owners => (roles::FORM.path, "cloudsync-idp settings apply FILE"),
    };
    if is_page(page) { Ok(page) } else { Err(command) }
}
