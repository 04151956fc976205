//! The button for a person who is in no synced OU: it adds the OU of the person to what is synced. Before that, a
//! page says how many people this lets in.

use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::{LOG_IN, with_query};
use super::confirmation::{self, ConfirmWords};
use super::fields::Fields;
use super::permission::{Confirm, EditScope};
use super::sync_form::consequences;
use super::sync_settings::not_saved;
use crate::domain::dn::Dn;
use crate::flow::admin::sync_settings::{SyncSaving, save, with_unit};
use crate::flow::installation::fault::Fault;
use crate::web::reply::see_other;

/// `POST .../sync-settings/add-unit`, with a directory, the name of an OU, and the person whom this is about.
pub(super) async fn add(Fresh(form): Fresh<EditScope>) -> Response {
    match added(&form).await {
        Ok(response) => response,
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

async fn added(form: &AdminForm<EditScope>) -> Result<Response, Fault> {
    let (admin, fields) = (&form.admin, &form.fields);
    if !form.confirmed && !admin.checked.is_script() {
        return confirmation::first(form).await;
    }
    let (panel, directory) = (&admin.request.web.panel, fields.text("directory"));
    let (generation, draft) = with_unit(panel, directory, fields.text("unit")).await?;
    let (visit, place) = (&admin.request.visit, (directory, generation));
    match save(panel, visit, &admin.checked, place, &draft, true).await? {
        SyncSaving::Saved(_) => Ok(see_other(&asked_again(fields))),
        other => Ok(not_saved(form, other, draft, generation).await),
    }
}

/// What the button does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let (language, directory) = (admin.request.context().language, sent.text("directory"));
    let (generation, draft) = with_unit(&admin.request.web.panel, directory, sent.text("unit")).await?;
    let found = consequences(admin, (directory, generation), &draft).await?;
    let title = language.with("sync-unit", "unit", leaf_of(sent.text("unit"))).into_owned();
    let button = found.is_some().then(|| title.clone());
    let (mut lines, differences) = found.unwrap_or_default();
    lines.insert(0, language.text("sync-unit.what").into_owned());
    Ok(ConfirmWords { title, lines, differences, back: asked_again(sent), button })
}

/// The name of an OU without those above it.
fn leaf_of(unit: &str) -> String {
    Dn::parse(unit).map_or_else(|_| unit.to_owned(), |dn| dn.leaf().to_owned())
}

/// The page that says whether the person can sign in now.
fn asked_again(fields: &Fields) -> String {
    with_query(LOG_IN, &[("who", fields.text("who"))])
}
