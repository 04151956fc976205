//! `/admin/support-bundle`: one file for the support, without secrets.

use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};

use super::access::{Admin, Fresh, refuse};
use super::address::SLOW_SYNC;
use super::confirmation::ConfirmWords;
use super::permission::{Confirm, MakeSupportBundle, Permission};
use crate::domain::admin::Capability;
use crate::flow::admin::support_bundle::support_bundle;

/// The form of the download.
pub(super) const PATH: &str = "/admin/support-bundle";

/// `POST` of the download.
pub(super) async fn download(Fresh(form): Fresh<MakeSupportBundle>) -> Response {
    let admin = &form.admin;
    match support_bundle(&admin.request.web.panel, &admin.checked).await {
        Ok(file) => {
            let attachment = "attachment; filename=\"support-bundle.json\"";
            ([(CONTENT_TYPE, "application/json"), (CONTENT_DISPOSITION, attachment)], file).into_response()
        }
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// The token of the form; `None` for a role that may not.
pub(super) fn token<C: Permission>(admin: &Admin<C>) -> Option<String> {
    admin.token_for(Capability::MakeSupportBundle, PATH)
}

/// What the file contains, before it is confirmed.
pub(super) fn words(admin: &Admin<Confirm>) -> ConfirmWords {
    let language = admin.request.context().language;
    let button = Some(language.text("support-bundle.button").into_owned());
    ConfirmWords::of(language, ("support-bundle", "support-bundle.what"), SLOW_SYNC, button)
}
