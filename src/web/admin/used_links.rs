//! What an owner does about break-glass links that were used: says that it was a colleague, or ends what they opened.

use axum::http::StatusCode;
use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh};
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::notice::noticed;
use super::permission::{Confirm, EditRoles};
use super::problem::{refused, wrong_field};
use crate::flow::admin::link::{self, OwnLink};
use crate::flow::installation::fault::Fault;
use crate::web::pages::PANEL_PAGE;
use crate::web::reply::see_other;

/// Says that the use of a link was one's own.
pub(super) const OURS: &str = "/admin/links/ours";
/// Ends the sessions that links have opened.
pub(super) const END: &str = "/admin/links/end";

/// `POST /admin/links/ours`, with who made the link and when it was used, in milliseconds since 1970.
pub(super) async fn ours(Fresh(form): Fresh<EditRoles>) -> Response {
    let AdminForm { admin, fields, .. } = &form;
    let Ok(used_at) = fields.text("used_at").parse() else {
        return wrong_field(see_other(PANEL_PAGE), "used_at", "send the time of the use");
    };
    let parts = &admin.request.web.parts;
    let done = link::confirm(parts, &admin.checked.actor, fields.text("made_by"), used_at).await;
    let told = |word| noticed(PANEL_PAGE, &[("notice", word)]);
    admin.answer(done.map_err(Fault::from).map(|done| match done {
        OwnLink::Confirmed => told("links-confirmed"),
        OwnLink::Unknown => refused(told("links-unknown"), StatusCode::NOT_FOUND, "unknown-link"),
        OwnLink::NotAPerson => refused(told("links-not-a-person"), StatusCode::FORBIDDEN, "not-a-person"),
    }))
}

/// `POST /admin/links/end`.
pub(super) async fn end(Fresh(form): Fresh<EditRoles>) -> Response {
    let admin = &form.admin;
    let ended = link::end_all(&admin.request.web.parts, &admin.checked.actor).await;
    admin.answer(ended.map_err(Fault::from).map(|_| noticed(PANEL_PAGE, &[("notice", "links-ended")])))
}

/// What a button does, before it is confirmed.
pub(super) fn words(admin: &Admin<Confirm>, key: &str, sent: &Fields) -> ConfirmWords {
    let language = admin.request.context().language;
    let button = Some(language.text(key).into_owned());
    let what = format!("{key}.what");
    let words = ConfirmWords::of(language, ("panel-links", &what), PANEL_PAGE, button);
    let made_by = Some(sent.text("made_by").to_owned()).filter(|text| !text.is_empty());
    ConfirmWords { lines: words.lines.into_iter().chain(made_by).collect(), ..words }
}
