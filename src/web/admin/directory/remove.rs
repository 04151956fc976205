//! Removes a directory: its people can't sign in any more.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::{DIRECTORIES, list};
use crate::domain::entry::DirectoryId;
use crate::flow::admin::directory::{RemovalView, removal_view, remove};
use crate::flow::admin::settings::Saving;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::{Admin, AdminForm, Fresh};
use crate::web::admin::asked::asked;
use crate::web::admin::confirmation::{self, ConfirmWords};
use crate::web::admin::fields::{Fields, VERSION};
use crate::web::admin::notice::saved;
use crate::web::admin::pages::{FormNotice, consequence};
use crate::web::admin::permission::{ConfigureDirectory, Confirm};
use crate::web::admin::problem::refused;
use crate::web::pages::Language;
use crate::web::reply::see_other;

/// The field with the id.
const DIRECTORY: &str = "directory";

/// `POST`: always after the page that says how many lose their sign-in.
pub(super) async fn submit(Fresh(form): Fresh<ConfigureDirectory>) -> Response {
    form.admin.answer(submitted(&form).await)
}

async fn submitted(form: &AdminForm<ConfigureDirectory>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, confirmed } = form;
    let (request, id) = (&admin.request, DirectoryId(fields.text(DIRECTORY).to_owned()));
    if removal_view(&request.web.panel, &admin.checked, &id).await?.is_none() {
        return Ok(refused(see_other(DIRECTORIES), StatusCode::NOT_FOUND, "unknown-directory"));
    }
    if !confirmed {
        return confirmation::first(form).await;
    }
    // No version is negative, so one that can't be read is stale.
    let expected = fields.text(VERSION).parse().unwrap_or(-1);
    match remove(&request.web.panel, &request.visit, &admin.checked, &id, expected).await? {
        Saving::Saved(_) => Ok(saved(DIRECTORIES, true)),
        Saving::Asked(one) => Ok(asked(&one)),
        Saving::Conflict(_) => {
            let page = list::draw(admin, Some(FormNotice::Stale)).await?;
            Ok((StatusCode::CONFLICT, page).into_response())
        }
        Saving::Wrong(_) => {
            let page = list::draw(admin, Some(FormNotice::Wrong)).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, page).into_response())
        }
    }
}

/// What it does, before it is confirmed.
pub(in crate::web::admin) async fn words(
    admin: &Admin<Confirm>,
    sent: &Fields,
) -> Result<ConfirmWords, Fault> {
    let language = admin.request.context().language;
    let id = DirectoryId(sent.text(DIRECTORY).to_owned());
    let view = removal_view(&admin.request.web.panel, &admin.checked, &id).await?;
    let text = |key: &str| language.text(key).into_owned();
    Ok(ConfirmWords {
        title: view.as_ref().map_or_else(|| text("directory-remove"), |view| view.name.clone()),
        lines: view.as_ref().map(|view| lines(language, &id, view)).unwrap_or_default(),
        differences: Vec::new(),
        back: DIRECTORIES.to_owned(),
        button: view.map(|view| language.with("directory-remove-button", "count", view.people).into_owned()),
    })
}

fn lines(language: Language, id: &DirectoryId, view: &RemovalView) -> Vec<String> {
    let mut lines = vec![
        language.with("directory-remove-people", "count", view.people).into_owned(),
        language.text("directory-remove.stays").into_owned(),
        language.text("directory-remove.ends").into_owned(),
        language.with("directory-remove-again", "id", id.0.as_str()).into_owned(),
    ];
    lines.extend(view.is_own.then(|| language.text("directory-remove.own").into_owned()));
    lines.extend(view.consequences.iter().map(|one| consequence(language, one).into_owned()));
    lines
}
