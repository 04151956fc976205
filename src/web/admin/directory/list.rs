//! The directories of the settings.

use axum::response::Response;

use super::answered;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::Admin;
use crate::web::admin::pages::{DirectoriesPage, FormNotice};
use crate::web::admin::permission::SeeSettings;
use crate::web::reply::html;

/// `GET /admin/settings/integrations/active-directory`.
pub(super) async fn page(admin: Admin<SeeSettings>) -> Response {
    let response = draw(&admin).await;
    answered(&admin, response)
}

async fn draw(admin: &Admin<SeeSettings>) -> Result<Response, Fault> {
    let stored = settings::stored(&admin.request.web.panel).await?;
    let frame = admin.frame().await?;
    let notice = FormNotice::saved(admin.query.text("saved"));
    let directories = stored.settings.directories;
    Ok(html(&DirectoriesPage { language: frame.language, frame, directories, notice }))
}
