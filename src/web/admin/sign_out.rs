//! `/admin/sign-out`: ends the session of the panel and the browser session behind it.

use axum::response::Response;

use super::access::{AdminForm, refuse};
use super::permission::SignOut;
use crate::flow::admin::session;
use crate::web::cookies::{self, Cookie};
use crate::web::reply::see_other;

/// `POST /admin/sign-out`. Every role may.
pub(super) async fn submit(form: AdminForm<SignOut>) -> Response {
    let (request, checked) = (&form.admin.request, &form.admin.checked);
    let web = &request.web;
    let browser_ended = match session::sign_out(&web.parts, &request.visit, checked).await {
        Ok(ended) => ended,
        Err(fault) => return refuse(&request.context(), &fault),
    };
    let mut response = see_other("/signed-out");
    cookies::clear(response.headers_mut(), &web.surface, Cookie::Admin);
    // After a break-glass link somebody else may be signed in in this browser: that session goes on.
    if browser_ended {
        cookies::clear(response.headers_mut(), &web.surface, Cookie::Session);
    }
    response
}
