//! The directories of the settings.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::flow::admin::settings;
use crate::web::admin::access::Admin;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{DirectoriesPage, DirectoryRow, FormNotice};
use crate::web::admin::permission::SeeSettings;
use crate::web::admin::view::{NoView, PanelView};
use crate::web::reply::html;

/// All directories.
#[derive(Serialize, ToSchema)]
pub(super) struct DirectoriesView {
    /// To be sent back by what changes them.
    version: i64,
    directories: Vec<DirectoryRow>,
}

/// `GET /admin/settings/integrations/active-directory`.
impl PanelView for DirectoriesView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let stored = settings::stored(&admin.request.web.panel).await?;
        let directories = stored.settings.directories.iter().map(DirectoryRow::from).collect();
        Ok(Self { version: stored.generation, directories })
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let notice = FormNotice::saved(admin.notice.text("saved"));
        html(&DirectoriesPage { language: frame.language, frame, directories: self.directories, notice })
    }
}
