//! The directories of the settings.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::DIRECTORIES;
use crate::domain::admin::Capability;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::Admin;
use crate::web::admin::address::REMOVE_DIRECTORY;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{DirectoriesPage, DirectoryRow, FormNotice};
use crate::web::admin::permission::{Permission, SeeSettings};
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
        Ok(Self::of(admin).await?)
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        self.drawn(admin, frame, FormNotice::saved(admin.notice.text("saved")))
    }
}

impl DirectoriesView {
    async fn of<C: Permission>(admin: &Admin<C>) -> Result<Self, Fault> {
        let stored = settings::stored(&admin.request.web.panel).await?;
        let directories = stored.settings.directories.iter().map(DirectoryRow::from).collect();
        Ok(Self { version: stored.generation, directories })
    }

    fn drawn<C: Permission>(
        self,
        admin: &Admin<C>,
        mut frame: AdminFrame,
        notice: Option<FormNotice>,
    ) -> Response {
        DIRECTORIES.clone_into(&mut frame.path);
        html(&DirectoriesPage {
            language: frame.language,
            frame,
            version: self.version,
            directories: self.directories,
            notice,
            remove: admin.token_for(Capability::ConfigureDirectory, REMOVE_DIRECTORY),
        })
    }
}

/// The list with a notice.
pub(super) async fn draw<C: Permission>(
    admin: &Admin<C>,
    notice: Option<FormNotice>,
) -> Result<Response, Fault> {
    Ok(DirectoriesView::of(admin).await?.drawn(admin, admin.frame().await?, notice))
}
