//! Show a form of settings and save it. Each page names its fields; all else is the same for all of them.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::{Admin, AdminForm, refuse};
use super::address::{BRANDING, BRANDING_PREVIEW, with_query};
use super::form::{ENTRY, SettingsForm};
use super::pages::{ConflictPage, FormNotice, PreviewForm, SettingsPage};
use super::permission::Permission;
use crate::domain::settings::Settings;
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings::{self, LastChange, SavedChange, Saving, SettingsChange, SettingsConflict};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{LoadedSettings, Problem};
use crate::web::pages::Moment;
use crate::web::reply::{html, see_other};

/// The page with the stored settings.
pub(super) async fn show<C: Permission>(admin: &Admin<C>, form: &SettingsForm) -> Response {
    let notice = match admin.query.text("saved") {
        _ if !admin.checked.session.role.can(form.needs) => Some(FormNotice::ReadOnly),
        "yes" => Some(FormNotice::Saved),
        "no" => Some(FormNotice::NothingToSave),
        _ => None,
    };
    let drawn = async {
        let stored = settings::stored(&admin.request.web.panel).await?;
        draw(admin, form, &stored, Shown { notice, entry: admin.query.text(ENTRY), ..Shown::default() }).await
    };
    match drawn.await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// Saves what was sent.
pub(super) async fn submit<C: Permission>(sent: &AdminForm<C>, form: &SettingsForm) -> Response {
    match save(sent, form).await {
        Ok(response) => response,
        Err(fault) => refuse(&sent.admin.request.context(), &fault),
    }
}

async fn save<C: Permission>(sent: &AdminForm<C>, form: &SettingsForm) -> Result<Response, Fault> {
    let admin = &sent.admin;
    let panel = &admin.request.web.panel;
    let stored = settings::stored(panel).await?;
    let change = form.read(&stored.settings, &sent.fields);
    if !sent.confirmed
        && let Saving::Saved(SavedChange { consequences, .. }) = settings::review(panel, &change).await?
        && !consequences.is_empty()
        && let Some(page) = sent.keep(&admin.request.web).await?
    {
        return Ok(see_other(&page));
    }
    match settings::save(panel, &admin.request.visit, &admin.checked, &change).await? {
        Saving::Saved(saved) => {
            let saved = if saved.differences.is_empty() { "no" } else { "yes" };
            Ok(see_other(&with_query(form.path, &[(ENTRY, sent.fields.text(ENTRY)), ("saved", saved)])))
        }
        Saving::Wrong(problems) => {
            let (notice, entry) = (Some(FormNotice::Wrong), sent.fields.text(ENTRY));
            let shown = Shown { notice, entry, typed: Some(&change), problems: &problems };
            let page = draw(admin, form, &stored, shown).await?;
            Ok((StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response())
        }
        Saving::Conflict(conflict) => {
            let page = conflict_page(sent, form, &stored.settings, conflict).await?;
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
    }
}

/// What a form shows besides the stored settings.
#[derive(Default)]
struct Shown<'a> {
    notice: Option<FormNotice>,
    entry: &'a str,
    typed: Option<&'a SettingsChange>,
    problems: &'a [Problem],
}

async fn draw<C: Permission>(
    admin: &Admin<C>,
    form: &SettingsForm,
    stored: &LoadedSettings,
    shown: Shown<'_>,
) -> Result<SettingsPage, Fault> {
    let frame = admin.frame().await?;
    let (language, web) = (frame.language, &admin.request.web);
    let typed = shown.typed.map_or(&[][..], |change| change.fields.as_slice());
    let drawn = form.draw((language, shown.entry), &stored.settings, typed, shown.problems);
    Ok(SettingsPage {
        language,
        frame,
        title: language.text(form.title).into_owned(),
        lead: language.text(&format!("{}.what", form.title)).into_owned(),
        action: form.path.to_owned(),
        csrf: form_token(&web.parts, &admin.checked.session, form.path),
        // After a problem the version stays the one that was seen.
        version: shown.typed.map_or(stored.generation, |change| change.expected),
        entry: shown.entry.to_owned(),
        preview: (form.path == BRANDING).then(|| PreviewForm {
            action: BRANDING_PREVIEW,
            csrf: form_token(&web.parts, &admin.checked.session, BRANDING_PREVIEW),
        }),
        related: form.related(language),
        notice: shown.notice,
        problems: drawn.problems,
        groups: drawn.groups,
    })
}

async fn conflict_page<C: Permission>(
    AdminForm { admin, fields, .. }: &AdminForm<C>,
    form: &SettingsForm,
    settings: &Settings,
    conflict: SettingsConflict,
) -> Result<ConflictPage, Fault> {
    let frame = admin.frame().await?;
    let (language, web) = (frame.language, &admin.request.web);
    let saved = conflict.last.map(|LastChange { by, at }| {
        let by = by.unwrap_or_else(|| language.text("conflict.command").into_owned());
        let when = Moment { at, now: web.parts.now() }.text(language);
        language.with_all("conflict.saved", [("by", by.into()), ("when", when.into())]).into_owned()
    });
    Ok(ConflictPage {
        language,
        frame,
        title: language.text(form.title).into_owned(),
        action: form.path.to_owned(),
        csrf: form_token(&web.parts, &admin.checked.session, form.path),
        version: conflict.generation,
        entry: fields.text(ENTRY).to_owned(),
        back: with_query(form.path, &[(ENTRY, fields.text(ENTRY))]),
        saved,
        fields: form.conflicting((language, fields.text(ENTRY)), settings, conflict.fields),
    })
}
