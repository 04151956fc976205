//! `/admin/settings/active-directory/sync-settings`: what of a directory is synced. A form that is not complete
//! yet is sent to [`SYNC_DRAFT`], which shows it again with more of the tree or with a preview, and stores nothing.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::{SYNC_DRAFT, SYNC_SETTINGS, with_query};
use super::asked::asked as asked_second;
use super::confirmation::{self, ConfirmWords};
use super::fields::Fields;
use super::form::{FieldPlace, FormField, draw_field, listed};
use super::frame::AdminFrame;
use super::notice;
use super::pages::{FormNotice, StaleNotice, SyncSettingsPage, SyncTokens};
use super::permission::{Confirm, EditScope, Permission, RunSync, SeeSettings};
use super::problem::{FieldProblem, refused, wrong};
use super::settings_page::{FieldView, who_saved};
use super::sync_form::{CHOSEN, LABELS, consequences, contested, draft_of, fields_of, labelled};
use super::sync_plan::ordered;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, TaskOrder};
use crate::domain::entry::DirectoryId;
use crate::domain::history::ChangeKind;
use crate::flow::admin::session::form_token;
use crate::flow::admin::sync_settings::{
    MergedDraft, SyncDraft, SyncQuery, SyncReview, SyncSaving, SyncSettingsView, TYPED, is_stored,
    preview_from, review, save as save_draft, sync_settings,
};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::Fault;
use crate::flow::settings::Problem;
use crate::flow::sync::preview::{PreviewFrom, PreviewView};
use crate::flow::sync::units::GroupView;
use crate::web::pages::{ErrorKind, Language, ReturnTo};
use crate::web::reply::html;

/// What the page shows besides the settings.
#[derive(Default)]
struct Shown {
    draft: Option<SyncDraft>,
    /// The generation that the form was opened with.
    version: Option<i64>,
    notice: Option<FormNotice>,
    problems: Vec<Problem>,
    preview: Option<PreviewView>,
    preview_error: Option<String>,
    stale: Option<StaleNotice>,
}

/// What the page shows, and the form as scripts send it back.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownSettings {
    #[serde(flatten)]
    view: SyncSettingsView,
    fields: Vec<FieldView>,
    #[serde(skip)]
    query: SyncQuery,
}

/// `GET` of the page.
impl PanelView for ShownSettings {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let query = asked(&admin.query, &admin.query);
        let view = sync_settings(&admin.request.web.panel, &query, None).await?.ok_or(NoView::Missing)?;
        let fields = fields_of(&view.directory, &view.draft, LABELS);
        Ok(Self { view, fields, query })
    }

    fn version(&self) -> Option<i64> {
        Some(self.view.generation)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let notice = match admin.checked.session.role.can(Capability::EditScope) {
            true => FormNotice::saved(admin.notice.text("saved")),
            false => Some(FormNotice::ReadOnly),
        };
        html(&drawn(admin, frame, (self.view, self.query), Shown { notice, ..Shown::default() }))
    }
}

/// `POST` of a form that is not complete yet.
pub(super) async fn draft(form: AdminForm<RunSync>) -> Response {
    let (admin, fields) = (&form.admin, &form.fields);
    let mut query = asked(fields, &admin.query);
    let unit = admin.query.text("unit");
    query.open.retain(|dn| dn != unit);
    if admin.query.text("do") == "open" {
        query.open.push(unit.to_owned());
    }
    let mut shown = Shown { version: Some(version(fields)), ..Shown::default() };
    let draft = draft_of(fields);
    let work = match admin.query.text("do") {
        "run" => Some(TaskOrder::Plan),
        "read" => Some(TaskOrder::ReadDirectory),
        _ => None,
    };
    if let Some(order) = work {
        return begun(admin, fields, draft, &order).await;
    }
    if admin.query.text("do") == "preview"
        && let Err(fault) = previewed(admin, fields, &draft, &mut shown).await
    {
        return refuse(&admin.request.context(), &fault);
    }
    shown.draft = Some(draft);
    answer(admin, StatusCode::OK, draw(admin, query, shown).await)
}

/// Begins work with the saved settings, if the form says the same: leaving it would lose what was chosen.
async fn begun<C: Permission>(
    admin: &Admin<C>,
    fields: &Fields,
    draft: SyncDraft,
    order: &TaskOrder,
) -> Response {
    let (panel, directory) = (&admin.request.web.panel, fields.text("directory"));
    match is_stored(panel, directory, &draft).await {
        Ok(true) => ordered(admin, directory, order).await,
        Ok(false) => {
            let (version, notice) = (Some(version(fields)), Some(FormNotice::Unsaved));
            let shown = Shown { draft: Some(draft), version, notice, ..Shown::default() };
            let page = draw(admin, asked(fields, &admin.query), shown).await;
            let (status, why) = (StatusCode::CONFLICT, "unsaved");
            refused(answer(admin, status, page), status, why)
        }
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// Adds who would be in, or what is wrong with the form.
async fn previewed<C: Permission>(
    admin: &Admin<C>,
    fields: &Fields,
    draft: &SyncDraft,
    shown: &mut Shown,
) -> Result<(), Fault> {
    let (panel, directory) = (&admin.request.web.panel, fields.text("directory"));
    if let SyncReview::Wrong(problems) = review(panel, (directory, version(fields)), draft).await? {
        (shown.notice, shown.problems) = (Some(FormNotice::Wrong), problems);
        return Ok(());
    }
    match preview_from(panel, directory, draft, listed_from(&admin.query)).await {
        Ok(preview) => shown.preview = preview,
        Err(error) => shown.preview_error = Some(Causes(&error).to_string()),
    }
    Ok(())
}

/// `POST` of what is to be stored.
pub(super) async fn save(Fresh(form): Fresh<EditScope>) -> Response {
    match saved(&form).await {
        Ok(response) => response,
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

/// What saving does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let (language, directory) = (admin.request.context().language, sent.text("directory"));
    let back = with_query(SYNC_SETTINGS, &[("directory", directory)]);
    let title = language.text("sync-settings").into_owned();
    let found = consequences(admin, (directory, version(sent)), &draft_of(sent)).await?;
    let button = found.as_ref().map(|(_, changes)| language.with("confirm.button", "count", changes.len()));
    let (button, (lines, differences)) = (button.map(Cow::into_owned), found.unwrap_or_default());
    Ok(ConfirmWords { title, lines, differences, back, button })
}

async fn saved(form: &AdminForm<EditScope>) -> Result<Response, Fault> {
    let (admin, fields) = (&form.admin, &form.fields);
    let (directory, version, draft) = (fields.text("directory"), version(fields), draft_of(fields));
    let (panel, visit) = (&admin.request.web.panel, &admin.request.visit);
    let place = (directory, version);
    match save_draft(panel, visit, &admin.checked, place, &draft, form.confirmed).await? {
        SyncSaving::Unconfirmed => confirmation::first(form).await,
        SyncSaving::Saved(changed) => {
            Ok(notice::saved(&with_query(SYNC_SETTINGS, &[("directory", directory)]), changed))
        }
        other => Ok(not_saved(form, other, draft, version).await),
    }
}

/// The form with what keeps it from being saved.
pub(super) async fn not_saved(
    form: &AdminForm<EditScope>,
    saving: SyncSaving,
    draft: SyncDraft,
    version: i64,
) -> Response {
    let admin = &form.admin;
    let mut shown = Shown { draft: Some(draft), version: Some(version), ..Shown::default() };
    let status = match saving {
        SyncSaving::Saved(_) | SyncSaving::Unconfirmed => StatusCode::OK,
        SyncSaving::Asked(one) => return asked_second(&one),
        SyncSaving::Wrong(problems) => {
            (shown.notice, shown.problems) = (Some(FormNotice::Wrong), problems);
            StatusCode::UNPROCESSABLE_ENTITY
        }
        SyncSaving::Stale { generation, last, merged, differences } => {
            let language = admin.request.context().language;
            let title = who_saved(language, last, admin.request.web.parts.now());
            let title = title.unwrap_or_else(|| language.text("conflict").into_owned());
            // Saved once more, it is on the version that this page shows.
            let differences = labelled(language, form.fields.text("directory"), differences);
            let MergedDraft { draft, contested: both } = *merged;
            let contested = both.into_iter().map(|one| contested(language, one)).collect();
            (shown.version, shown.draft) = (Some(generation), Some(draft));
            shown.stale = Some(StaleNotice { title, contested, differences });
            StatusCode::CONFLICT
        }
    };
    let problems: Vec<FieldProblem> = shown.problems.iter().map(FieldProblem::from).collect();
    let page = draw(admin, asked(&form.fields, &admin.query), shown).await;
    let response = answer(admin, status, page);
    if problems.is_empty() { response } else { wrong(response, problems) }
}

fn answer<C: Permission>(
    admin: &Admin<C>,
    status: StatusCode,
    page: Result<Option<SyncSettingsPage>, Fault>,
) -> Response {
    let context = admin.request.context();
    match page {
        Ok(Some(page)) => (status, html(&page)).into_response(),
        Ok(None) => context.page_with_link(ErrorKind::NotFound, Some(ReturnTo::panel())),
        Err(fault) => refuse(&context, &fault),
    }
}

async fn draw<C: Permission>(
    admin: &Admin<C>,
    query: SyncQuery,
    shown: Shown,
) -> Result<Option<SyncSettingsPage>, Fault> {
    let draft = shown.draft.clone();
    let Some(view) = sync_settings(&admin.request.web.panel, &query, draft).await? else { return Ok(None) };
    Ok(Some(drawn(admin, admin.frame().await?, (view, query), shown)))
}

fn drawn<C: Permission>(
    admin: &Admin<C>,
    mut frame: AdminFrame,
    (mut view, query): (SyncSettingsView, SyncQuery),
    shown: Shown,
) -> SyncSettingsPage {
    let (web, session) = (&admin.request.web, &admin.checked.session);
    view.generation = shown.version.unwrap_or(view.generation);
    SYNC_SETTINGS.clone_into(&mut frame.path);
    let language = frame.language;
    let fields = TYPED.iter().zip(LABELS).zip(&view.draft.typed).enumerate();
    let id = DirectoryId(view.directory.clone());
    let fields = fields.map(|(index, ((key, label), value))| {
        let one = FormField::of_directory(&id.0, key, label);
        draw_field(language, &one, format!("typed-{index}"), value.clone(), &shown.problems)
    });
    let fields = fields.collect();
    SyncSettingsPage {
        language,
        frame,
        open: query.open,
        has_searched: query.groups.is_some(),
        search: query.groups.unwrap_or_default(),
        can_edit: session.role.can(Capability::EditScope),
        tokens: SyncTokens {
            save: form_token(&web.parts, session, SYNC_SETTINGS),
            draft: form_token(&web.parts, session, SYNC_DRAFT),
        },
        notice: shown.notice,
        problems: listed(&places(language, &id), &shown.problems),
        wrong: shown.problems,
        fields,
        preview: shown.preview,
        preview_error: shown.preview_error,
        stale: shown.stale,
        view,
    }
}

/// What the page is asked to show: by the form, and by its address.
fn asked(fields: &Fields, query: &Fields) -> SyncQuery {
    let given = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let after =
        GroupView { name: query.text("after_name").to_owned(), dn: query.text("after_dn").to_owned() };
    let has_searched = query.text("do") == "search" || !fields.text("q").trim().is_empty();
    SyncQuery {
        directory: given(fields.text("directory")),
        open: fields.all("open").map(str::to_owned).collect(),
        groups: has_searched.then(|| fields.text("q").trim().to_owned()),
        after: Some(after).filter(|after| !after.dn.is_empty()),
    }
}

/// Which of the people who would be in or out are listed.
fn listed_from(query: &Fields) -> Option<PreviewFrom> {
    let kind = ChangeKind::parse(query.text("kind"))?;
    Some(PreviewFrom { kind, skip: query.text("skip").parse().ok()? })
}

/// No version is negative, so one that can't be read is stale.
fn version(fields: &Fields) -> i64 {
    fields.text("version").parse().unwrap_or(-1)
}

/// Where the problems of a directory are shown.
fn places(language: Language, id: &DirectoryId) -> Vec<FieldPlace> {
    let own = |key: &str| format!("directories[{}].{key}", id.0);
    let chosen = CHOSEN.map(|(key, label, at)| match key {
        "team_shares" => (key.to_owned(), label, at.to_owned()),
        _ => (own(key), label, at.to_owned()),
    });
    let typed = TYPED.iter().zip(LABELS).enumerate();
    let typed = typed.map(|(index, (key, label))| (own(key), label, format!("typed-{index}")));
    let drawn = |(place, label, id)| FieldPlace { place, label: language.text(label).into_owned(), id };
    chosen.into_iter().chain(typed).map(drawn).collect()
}
