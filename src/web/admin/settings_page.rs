//! Show a form of settings and save it. Each page names its fields; all else is the same for all of them.

use std::borrow::Cow;
use std::marker::PhantomData;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::access::{Admin, AdminForm, refuse};
use super::address::{BRANDING, BRANDING_PREVIEW, SERVICE_EDIT, SERVICE_TEST, with_query};
use super::asked::asked;
use super::confirmation;
use super::fields::Fields;
use super::form::{CHOSEN_GROUP, ENTRY, FormField, SettingsForm};
use super::frame::AdminFrame;
use super::notice;
use super::pages::{
    ConflictPage, DrawnField, FormNotice, GroupFinder, GroupOption, OfferedGroup, PreviewForm, SettingsPage,
    TestForm,
};
use super::permission::{Permission, SeeSettings};
use super::problem::{FieldProblem, wrong};
use super::view::{NoView, PanelView};
use crate::domain::Millis;
use crate::domain::admin::{Capability, Role};
use crate::domain::settings::Settings;
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings::{self, LastChange, Saving, SettingsChange, SettingsConflict};
use crate::flow::admin::sync_settings::{self, FoundGroup};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{LoadedSettings, Problem};
use crate::web::pages::{Language, Moment};
use crate::web::reply::html;

/// The field with the text of a search for groups.
const SEARCH: &str = "find";

/// A page of settings: its form.
pub(super) trait SettingsPageForm: Send + Sync + 'static {
    /// The fields.
    const FORM: &'static SettingsForm;

    /// Hides what this role must not see.
    fn hide(_settings: &mut Settings, _language: Language, _role: Role) {}

    /// Finishes the response with the page.
    fn finished(response: Response) -> Response {
        response
    }
}

/// The settings of a form, as scripts read them and send them back.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FormView {
    /// To be sent back with the fields.
    pub version: i64,
    pub fields: Vec<FieldView>,
}

/// A field of a form.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct FieldView {
    pub name: String,
    pub label: String,
    /// `yes` or empty for a check box; a list has one item a line.
    pub value: String,
}

/// The page of a form.
#[derive(Serialize)]
pub(super) struct SettingsView<F> {
    #[serde(flatten)]
    content: FormView,
    #[serde(skip)]
    stored: LoadedSettings,
    #[serde(skip)]
    form: PhantomData<F>,
}

impl<F> PartialSchema for SettingsView<F> {
    fn schema() -> RefOr<Schema> {
        FormView::schema()
    }
}

impl<F> ToSchema for SettingsView<F> {
    fn name() -> Cow<'static, str> {
        FormView::name()
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        FormView::schemas(schemas);
    }
}

impl<F: SettingsPageForm> PanelView for SettingsView<F> {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let mut stored = settings::stored(&admin.request.web.panel).await?;
        F::hide(&mut stored.settings, admin.request.context().language, admin.checked.session.role);
        let english = (Language::English, admin.query.text(ENTRY));
        let groups = F::FORM.draw(english, &stored.settings, &[], &[]).groups;
        let fields = groups.into_iter().flat_map(|group| group.fields);
        let fields = fields.map(|DrawnField { name, label, value, .. }| FieldView { name, label, value });
        let content = FormView { version: stored.generation, fields: fields.collect() };
        Ok(Self { content, stored, form: PhantomData })
    }

    fn version(&self) -> Option<i64> {
        Some(self.content.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let notice = match admin.checked.session.role.can(F::FORM.needs) {
            true => FormNotice::saved(admin.notice.text("saved")),
            false => Some(FormNotice::ReadOnly),
        };
        let shown = Shown { notice, entry: admin.query.text(ENTRY), ..Shown::default() };
        F::finished(html(&drawn(admin, frame, F::FORM, &self.stored, shown)))
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
        && let Ok(reviewed) = settings::review(panel, &change).await?
        && !reviewed.consequences.is_empty()
    {
        return confirmation::first(sent).await;
    }
    match settings::save(panel, &admin.request.visit, &admin.checked, &change).await? {
        Saving::Saved(differences) => {
            let page = with_query(form.path, &[(ENTRY, sent.fields.text(ENTRY))]);
            Ok(notice::saved(&page, !differences.is_empty()))
        }
        Saving::Wrong(problems) => wrong_page(sent, form, &stored, (&change, &problems)).await,
        Saving::Conflict(conflict) => {
            let mut page =
                conflict_page(admin, sent.fields.text(ENTRY), form, &stored.settings, conflict).await?;
            page.secret_again = !change.secrets.is_empty();
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
        Saving::Asked(one) => Ok(asked(&one)),
    }
}

/// The form with what was typed, and with what is wrong about it.
pub(super) async fn wrong_page<C: Permission>(
    sent: &AdminForm<C>,
    form: &SettingsForm,
    stored: &LoadedSettings,
    (change, problems): (&SettingsChange, &[Problem]),
) -> Result<Response, Fault> {
    let (notice, entry) = (Some(FormNotice::Wrong), sent.fields.text(ENTRY));
    let shown = Shown { notice, entry, typed: Some(change), problems };
    let page = drawn(&sent.admin, sent.admin.frame().await?, form, stored, shown);
    let response = (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response();
    Ok(wrong(response, problems.iter().map(FieldProblem::from).collect()))
}

/// The button that tests the connection to a service as it was typed; `None` for a role that may not.
pub(super) fn service_test<C: Permission>(admin: &Admin<C>) -> Option<TestForm> {
    let csrf = admin.token_for(Capability::TestConnection, SERVICE_TEST)?;
    Some(TestForm { action: SERVICE_TEST, csrf })
}

/// The form with what was typed, and with the groups that a search finds. Nothing is saved.
pub(super) async fn find_groups(sent: &AdminForm<SeeSettings>, form: &SettingsForm) -> Response {
    match with_groups(sent, form).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&sent.admin.request.context(), &fault),
    }
}

async fn with_groups(sent: &AdminForm<SeeSettings>, form: &SettingsForm) -> Result<SettingsPage, Fault> {
    let (admin, fields) = (&sent.admin, &sent.fields);
    let stored = settings::stored(&admin.request.web.panel).await?;
    let change = form.read(&stored.settings, fields);
    let frame = AdminFrame { path: form.path.to_owned(), ..admin.frame().await? };
    let notice = (!admin.checked.session.role.can(form.needs)).then_some(FormNotice::ReadOnly);
    let shown = Shown { notice, entry: fields.text(ENTRY), typed: Some(&change), problems: &[] };
    let mut page = drawn(admin, frame, form, &stored, shown);
    if let Some(finder) = &mut page.finder {
        let search = fields.text(SEARCH).trim().to_owned();
        let groups = sync_settings::find_groups(&admin.request.web.panel, &search);
        finder.found = Some(offered(form, page.language, &stored.settings, groups, fields));
        finder.search = search;
    }
    Ok(page)
}

/// The groups that a search has found, each with the fields that can have it. What was chosen before stays chosen.
pub(super) fn offered(
    form: &SettingsForm,
    language: Language,
    settings: &Settings,
    found: Vec<FoundGroup>,
    sent: &Fields,
) -> Vec<OfferedGroup> {
    let fields = form.fields(settings, "");
    let chosen: Vec<&str> = sent.all(CHOSEN_GROUP).filter(|one| !one.is_empty()).collect();
    let offer = |FoundGroup { directory, directory_name, group }: FoundGroup| {
        let takers = fields.iter().filter(|field| field.has_groups_of(&directory.0));
        let option = |field: &FormField| {
            let value = format!("{}={}", field.name(), group.dn);
            let is_chosen = chosen.contains(&value.as_str());
            GroupOption { value, text: language.text(field.label), is_chosen }
        };
        let options = takers.map(option).collect();
        OfferedGroup { options, name: group.name, dn: group.dn, directory: directory_name }
    };
    found.into_iter().map(offer).filter(|group| !group.options.is_empty()).collect()
}

/// What a form shows besides the stored settings.
#[derive(Default)]
struct Shown<'a> {
    notice: Option<FormNotice>,
    entry: &'a str,
    typed: Option<&'a SettingsChange>,
    problems: &'a [Problem],
}

fn drawn<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    form: &SettingsForm,
    stored: &LoadedSettings,
    shown: Shown<'_>,
) -> SettingsPage {
    let (language, web) = (frame.language, &admin.request.web);
    let related = form.related(language).into_iter().filter(|(path, _)| frame.opens(path)).collect();
    let typed = shown.typed.map_or(&[][..], |change| change.fields.as_slice());
    let mut drawn = form.draw((language, shown.entry), &stored.settings, typed, shown.problems);
    drawn.ask_again(language, shown.typed.map_or(&[][..], |change| change.secrets.as_slice()));
    SettingsPage {
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
        test: if form.path == SERVICE_EDIT { service_test(admin) } else { None },
        related,
        finder: form.finds_groups.filter(|_| shown.notice != Some(FormNotice::ReadOnly)).map(|action| {
            let csrf = form_token(&web.parts, &admin.checked.session, action);
            GroupFinder { action, csrf, search: String::new(), found: None }
        }),
        notice: shown.notice,
        problems: drawn.problems,
        groups: drawn.groups,
    }
}

pub(super) async fn conflict_page<C: Permission>(
    admin: &Admin<C>,
    entry: &str,
    form: &SettingsForm,
    settings: &Settings,
    conflict: SettingsConflict,
) -> Result<ConflictPage, Fault> {
    let frame = admin.frame().await?;
    let (language, web) = (frame.language, &admin.request.web);
    let saved = who_saved(language, conflict.last, web.parts.now());
    Ok(ConflictPage {
        language,
        frame,
        title: language.text(form.title).into_owned(),
        action: form.path.to_owned(),
        csrf: form_token(&web.parts, &admin.checked.session, form.path),
        version: conflict.generation,
        entry: entry.to_owned(),
        back: with_query(form.path, &[(ENTRY, entry)]),
        saved,
        fields: form.conflicting((language, entry), settings, conflict.fields),
        secret_again: false,
    })
}

/// Who has saved last, and when.
pub(super) fn who_saved(language: Language, last: Option<LastChange>, now: Millis) -> Option<String> {
    let LastChange { by, at } = last?;
    let by = by.unwrap_or_else(|| language.text("conflict.command").into_owned());
    let when = Moment { at, now }.text(language);
    Some(language.with_all("conflict.saved", [("by", by.into()), ("when", when.into())]).into_owned())
}
