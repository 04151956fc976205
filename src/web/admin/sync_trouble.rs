//! `/admin/troubleshooting/...`: the manual's questions about the sync, answered from what is stored now.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::{NotSyncingPage, SlowSyncPage};
use super::permission::SeeHealth;
use super::support_bundle;
use super::view::{NoView, PanelView};
use crate::flow::admin::troubleshooting::{self, NotSyncingView, SlowSyncView};
use crate::web::reply::html;

/// "Users not syncing", and "Sync is slow".
pub(super) use super::address::{NOT_SYNCING, SLOW_SYNC as SLOW};

/// What keeps people from being synced.
#[derive(Serialize, ToSchema)]
pub(super) struct NotSyncing {
    directories: Vec<NotSyncingView>,
}

impl PanelView for NotSyncing {
    type Needs = SeeHealth;

    async fn read(admin: &Admin<SeeHealth>) -> Result<Self, NoView> {
        Ok(Self { directories: troubleshooting::not_syncing(&admin.request.web.panel).await? })
    }

    fn draw(self, _: &Admin<SeeHealth>, frame: AdminFrame) -> Response {
        html(&NotSyncingPage { language: frame.language, frame, directories: self.directories })
    }
}

/// How fast each directory is synced.
#[derive(Serialize, ToSchema)]
pub(super) struct SlowSync {
    directories: Vec<SlowSyncView>,
}

impl PanelView for SlowSync {
    type Needs = SeeHealth;

    async fn read(admin: &Admin<SeeHealth>) -> Result<Self, NoView> {
        Ok(Self { directories: troubleshooting::slow_sync(&admin.request.web.panel).await? })
    }

    fn draw(self, admin: &Admin<SeeHealth>, frame: AdminFrame) -> Response {
        let support = support_bundle::token(admin);
        html(&SlowSyncPage { language: frame.language, frame, directories: self.directories, support })
    }
}
