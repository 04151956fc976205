//! What an admin does with a client as a whole: a new secret, the end of the old one, the end of the client.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::{Admin, AdminForm, Fresh};
use super::address::{APPLICATIONS, application_url};
use super::application_pages::show;
use super::asked::asked;
use super::confirmation::{self, ConfirmWords};
use super::fields::{Fields, VERSION};
use super::form::ENTRY;
use super::notice::noticed;
use super::pages::ApplicationNotice;
use super::permission::{Confirm, EditClients};
use super::problem::{refused, wrong_field};
use crate::domain::timestamp;
use crate::flow::admin::clients::{self, ClientSaving, SecretChange};
use crate::flow::installation::fault::Fault;
use crate::web::reply::see_other;

/// The key of the end of an old secret.
pub(super) const END_OLD: &str = "application-end-old";
/// The field with the hours.
const OVERLAP: &str = "overlap_hours";
/// For how long the old secret may be accepted, in hours.
const LONGEST_OVERLAP: u32 = 720;

/// `POST .../applications/rotate-secret`: the response shows the secret, which is stored only as a digest.
pub(super) async fn rotate(Fresh(form): Fresh<EditClients>) -> Response {
    form.admin.answer(rotated(&form).await)
}

async fn rotated(AdminForm { admin, fields, .. }: &AdminForm<EditClients>) -> Result<Response, Fault> {
    let (request, id) = (&admin.request, fields.text(ENTRY));
    if clients::client(&request.web.panel, id).await?.is_none() {
        return Ok(unknown());
    }
    let Some(hours) = overlap(fields) else {
        let page = show(admin, id, Some(ApplicationNotice::WrongOverlap), None).await?;
        let response = (StatusCode::UNPROCESSABLE_ENTITY, page).into_response();
        return Ok(wrong_field(response, OVERLAP, "send 0 to 720 hours"));
    };
    let changed =
        clients::rotate_secret(&request.web.panel, &request.visit, &admin.checked, id, hours).await?;
    match changed {
        SecretChange::Done(secret, _) => {
            show(admin, id, Some(ApplicationNotice::NewSecret), Some(secret)).await
        }
        SecretChange::OldStillAccepted => {
            let page = show(admin, id, Some(ApplicationNotice::OldStillAccepted), None).await?;
            let response = (StatusCode::CONFLICT, page).into_response();
            Ok(refused(response, StatusCode::CONFLICT, "old-secret-still-accepted"))
        }
        SecretChange::NoSecret => {
            Ok(refused(see_other(&application_url(id)), StatusCode::CONFLICT, "no-secret"))
        }
    }
}

/// There is no such application.
fn unknown() -> Response {
    refused(see_other(APPLICATIONS), StatusCode::NOT_FOUND, "unknown-application")
}

fn overlap(fields: &Fields) -> Option<u32> {
    let hours = fields.text(OVERLAP).trim();
    hours.parse().ok().filter(|hours| *hours <= LONGEST_OVERLAP)
}

/// `POST .../applications/end-old-secret`.
pub(super) async fn end_old(Fresh(form): Fresh<EditClients>) -> Response {
    let AdminForm { admin, fields, .. } = &form;
    let (request, id) = (&admin.request, fields.text(ENTRY));
    let ended = clients::end_old_secret(&request.web.panel, &request.visit, &admin.checked, id).await;
    let page = application_url(id);
    admin.answer(ended.map(|ended| match ended {
        true => noticed(&page, &[("notice", "ended")]),
        false => refused(see_other(&page), StatusCode::CONFLICT, "no-old-secret"),
    }))
}

/// `POST .../applications/remove`: always after the page that says what it does.
pub(super) async fn remove(Fresh(form): Fresh<EditClients>) -> Response {
    form.admin.answer(removed(&form).await)
}

async fn removed(form: &AdminForm<EditClients>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, confirmed } = form;
    let (request, id) = (&admin.request, fields.text(ENTRY));
    if admin.checked.is_script() && clients::client(&request.web.panel, id).await?.is_none() {
        return Ok(unknown());
    }
    if !confirmed {
        return confirmation::first(form).await;
    }
    // No version is negative, so one that can't be read is stale.
    let expected = fields.text(VERSION).parse().unwrap_or(-1);
    let panel = &request.web.panel;
    match clients::remove(panel, &request.visit, &admin.checked, id, expected).await? {
        ClientSaving::Done(_) => Ok(noticed(APPLICATIONS, &[("removed", id)])),
        ClientSaving::Asked(one) => Ok(asked(&one)),
        ClientSaving::Wrong(_) | ClientSaving::Stale => {
            let page = show(admin, id, Some(ApplicationNotice::Stale), None).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
    }
}

/// What an action does, in words, before it is confirmed.
pub(super) async fn words(
    admin: &Admin<Confirm>,
    key: &'static str,
    sent: &Fields,
) -> Result<ConfirmWords, Fault> {
    let (language, id) = (admin.request.context().language, sent.text(ENTRY));
    let panel = &admin.request.web.panel;
    let known = clients::client(panel, id).await?;
    let sign_ins = clients::count_sign_ins(panel, id).await?;
    let line = known.as_ref().map(|view| {
        let parts = [
            ("id", view.client.shown_name().into()),
            ("hours", overlap(sent).unwrap_or_default().into()),
            ("count", sign_ins.into()),
        ];
        language.with_all(&format!("{key}.what"), parts).into_owned()
    });
    let used = known.as_ref().filter(|_| key == END_OLD).map(|view| match view.old_used_at {
        Some(at) => language.with("application-end-old.used", "at", timestamp(at)).into_owned(),
        None => language.text("application-end-old.unused").into_owned(),
    });
    Ok(ConfirmWords {
        title: language.text(key).into_owned(),
        lines: line.into_iter().chain(used).collect(),
        differences: Vec::new(),
        back: if known.is_some() { application_url(id) } else { APPLICATIONS.to_owned() },
        button: known.map(|_| language.text(key).into_owned()),
    })
}
