//! `/admin/sign-out`: ends the session of the panel and the browser session behind it.

use axum::response::Response;

use super::access::{AdminForm, refuse};
use super::permission::SeeOverview;
use crate::flow::admin::session;
use crate::web::cookies::{self, Cookie};
use crate::web::reply::see_other;

/// `POST /admin/sign-out`. Every role may.
pub(super) async fn submit(form: AdminForm<SeeOverview>) -> Response {
    let (request, checked) = (&form.admin.request, &form.admin.checked);
    let web = &request.web;
    if let Err(fault) = session::sign_out(&web.parts, &request.visit, checked).await {
        return refuse(&request.context(), &fault);
    }
    let mut response = see_other("/signed-out");
    for cookie in [Cookie::Admin, Cookie::Session] {
        cookies::clear(response.headers_mut(), &web.surface, cookie);
    }
    response
}
