//! `/admin/set-up`: from nothing to the first sign-in. Each step is done on its own page; the menu leads back.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::address::SYNC_SETTINGS;
use super::pages::SetUpPage;
use super::permission::SeeSettings;
use super::{is_page, roles};
use crate::flow::admin::set_up::{SetUpStep, set_up};
use crate::flow::installation::fault::Fault;
use crate::web::reply::html;

/// The page.
pub(super) const SET_UP: &str = "/admin/set-up";

/// `GET /admin/set-up`.
pub(super) async fn page(admin: Admin<SeeSettings>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw(admin: &Admin<SeeSettings>) -> Result<SetUpPage, Fault> {
    let view = set_up(&admin.request.web.panel).await?;
    let frame = admin.frame().await?;
    let places = SetUpStep::ALL.map(place_of);
    Ok(SetUpPage { language: frame.language, frame, view, places })
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
