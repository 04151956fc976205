//! `/admin/troubleshooting/...`: the manual's questions about the sync, answered from what is stored now.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::pages::{NotSyncingPage, SlowSyncPage};
use super::permission::SeeHealth;
use crate::flow::admin::troubleshooting;
use crate::flow::installation::fault::Fault;
use crate::web::reply::html;

/// "Users not syncing".
pub(super) const NOT_SYNCING: &str = "/admin/troubleshooting/users-not-syncing";
/// "Sync is slow".
pub(super) const SLOW: &str = "/admin/troubleshooting/sync-is-slow";

/// `GET` of the first.
pub(super) async fn not_syncing(admin: Admin<SeeHealth>) -> Response {
    match draw_not_syncing(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// `GET` of the second.
pub(super) async fn slow(admin: Admin<SeeHealth>) -> Response {
    match draw_slow(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw_not_syncing(admin: &Admin<SeeHealth>) -> Result<NotSyncingPage, Fault> {
    let web = &admin.request.web;
    let directories = troubleshooting::not_syncing(&web.panel).await?;
    let frame = admin.frame().await?;
    Ok(NotSyncingPage { language: frame.language, now: web.parts.now(), frame, directories })
}

async fn draw_slow(admin: &Admin<SeeHealth>) -> Result<SlowSyncPage, Fault> {
    let web = &admin.request.web;
    let directories = troubleshooting::slow_sync(&web.panel).await?;
    let frame = admin.frame().await?;
    Ok(SlowSyncPage { language: frame.language, now: web.parts.now(), frame, directories })
}
