//! Configure Active Directory: the form of one directory, and saving it after a test.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::form::{DIRECTORY, FORM, TYPED, TypedDirectory, only};
use super::{CONFIGURE, CONNECTION_DRAFT, DIRECTORIES, connection_test_path, expired, keep, with_status};
use crate::domain::admin::Capability;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Encryption, Settings};
use crate::flow::admin::connection::{self, ConnectionDraft, TestEnd};
use crate::flow::admin::connection_test::{self, TestOrder};
use crate::flow::admin::directory::{self, DirectoryChange, PASSWORD};
use crate::flow::admin::look::ServerChain;
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings::{self, Saving, SettingsConflict};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{LoadedSettings, Problem, SettingDifference};
use crate::web::admin::access::{Admin, AdminForm, Fresh};
use crate::web::admin::address::with_query;
use crate::web::admin::asked::asked;
use crate::web::admin::confirmation::ConfirmWords;
use crate::web::admin::fields::Fields;
use crate::web::admin::form::messages;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::notice;
use crate::web::admin::pages::{
    ChangedSetting, ConfigureNotice, ConfigurePage, ConflictingField, DrawnServer, ServerRow, StoredPassword,
};
use crate::web::admin::permission::{ConfigureDirectory, Confirm, Permission, SeeSettings};
use crate::web::admin::problem::{self, FieldProblem};
use crate::web::admin::settings_page::{self, FormView};
use crate::web::admin::view::{NoView, PanelView};
use crate::web::reply::{html, see_other};

/// What the form shows besides what was typed.
#[derive(Default)]
pub(super) struct Shown {
    /// Where what was typed is kept.
    pub draft: Option<String>,
    pub notice: Option<ConfigureNotice>,
    pub problems: Vec<Problem>,
    /// The certificates of the server in this row.
    pub chain: Option<(usize, ServerChain)>,
}

/// The form of one directory.
#[derive(Serialize, ToSchema)]
pub(super) struct ConfigureView {
    #[serde(flatten)]
    content: FormView,
    #[serde(skip)]
    settings: Settings,
    #[serde(skip)]
    typed: TypedDirectory,
    #[serde(skip)]
    draft: Option<String>,
}

/// `GET …/configure`: a draft, a directory, or the first one.
impl PanelView for ConfigureView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let LoadedSettings { settings, generation, .. } = settings::stored(&admin.request.web.panel).await?;
        let (draft, wanted) = (admin.query.text("draft"), admin.query.text(DIRECTORY));
        let typed = if draft.is_empty() {
            let found = settings.directories.iter().find(|one| wanted.is_empty() || one.id.0 == wanted);
            found.map(|directory| TypedDirectory::of(directory, generation))
        } else {
            drafted(admin, &settings, draft).await?
        };
        let typed = typed.ok_or(NoView::Expired)?;
        let content = FormView { version: typed.version, fields: typed.shown(&settings) };
        let draft = Some(draft.to_owned()).filter(|draft| !draft.is_empty());
        Ok(Self { content, settings, typed, draft })
    }

    fn version(&self) -> Option<i64> {
        Some(self.content.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let shown = Shown { draft: self.draft, ..Shown::default() };
        drawn(admin, frame, &self.settings, &self.typed, shown)
    }
}

/// `POST …/configure`.
pub(super) async fn save(Fresh(form): Fresh<ConfigureDirectory>) -> Response {
    let response = saved(&form).await;
    form.admin.answer(response)
}

/// What this session has typed before.
pub(super) async fn drafted<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    id: &str,
) -> Result<Option<TypedDirectory>, Fault> {
    let draft = connection::read(&admin.request.web.parts, &admin.checked, id).await?;
    let content = draft.and_then(|ConnectionDraft { content, .. }| content);
    let fields = content.and_then(|content| Fields::parse(&content).ok());
    Ok(fields.map(|fields| TypedDirectory::read(settings, &fields)))
}

/// What a form has sent, with the password that was typed before if none is typed now. `None` if that is gone.
pub(super) async fn sent<C: Permission>(
    admin: &Admin<C>,
    fields: &Fields,
    settings: &Settings,
) -> Result<Option<TypedDirectory>, Fault> {
    let draft = fields.text(TYPED);
    let kept = if draft.is_empty() { None } else { drafted(admin, settings, draft).await? };
    if fields.last(DIRECTORY).is_none() && !draft.is_empty() {
        return Ok(kept);
    }
    let mut typed = TypedDirectory::read(settings, fields);
    if typed.password.is_none()
        && let Some(kept) = kept.filter(|kept| kept.id == typed.id)
    {
        typed.password = kept.password;
        typed.bases = kept.bases;
    }
    Ok(Some(typed))
}

async fn saved(form: &AdminForm<ConfigureDirectory>) -> Result<Response, Fault> {
    let admin = &form.admin;
    let web = &admin.request.web;
    let stored = settings::stored(&web.panel).await?;
    let Some(mut typed) = sent(admin, &form.fields, &stored.settings).await? else {
        return Ok(expired(admin));
    };
    typed.tidy(0);
    let change = match typed.change() {
        Ok(change) => change,
        Err(problems) => return wrong(admin, &stored.settings, &typed, problems).await,
    };
    if may_be_saved(admin, &form.fields).await? {
        let event = directory::event(&web.panel, &admin.request.visit, &admin.checked);
        return match directory::save(&web.panel, event, &admin.checked.actor, change).await? {
            Saving::Saved(differences) => Ok(notice::saved(DIRECTORIES, !differences.is_empty())),
            refused => refuse(admin, &stored.settings, &typed, refused).await,
        };
    }
    let reviewed = match directory::review(&web.panel, &change).await? {
        Ok(reviewed) => reviewed,
        Err(refused) => return refuse(admin, &stored.settings, &typed, refused).await,
    };
    if reviewed.differences.is_empty() {
        return Ok(notice::saved(DIRECTORIES, false));
    }
    let (directory, password) = (reviewed.directory, change.password.clone());
    tested(admin, &stored.settings, &typed, |draft| TestOrder {
        draft,
        directory,
        password,
        save: Some(change),
    })
    .await
}

/// What saving does, in words, before it is confirmed.
pub(in crate::web::admin) async fn words(
    admin: &Admin<Confirm>,
    fields: &Fields,
) -> Result<ConfirmWords, Fault> {
    let (panel, language) = (&admin.request.web.panel, admin.request.context().language);
    let stored = settings::stored(panel).await?.settings;
    let typed = sent(admin, fields, &stored).await?;
    let reviewed = match typed.as_ref().map(TypedDirectory::change) {
        Some(Ok(change)) => directory::review(panel, &change).await?.ok(),
        _ => None,
    };
    let line = match (fields.text("anyway"), may_be_saved(admin, fields).await?) {
        ("yes", _) => "confirm.test-failed",
        (_, true) => "configure-save.tested",
        (_, false) => "configure-save.what",
    };
    let button = reviewed.is_some().then(|| language.text("configure-save").into_owned());
    let differences = reviewed.map(|reviewed| reviewed.differences).unwrap_or_default();
    let id = typed.map_or_else(|| DirectoryId(String::new()), |typed| typed.id);
    let named = |ChangedSetting { label, before, after }| SettingDifference { key: label, before, after };
    let changes = FORM.changes((language, ""), &only(&stored, &id), differences);
    Ok(ConfirmWords {
        title: language.text(FORM.title).into_owned(),
        lines: vec![language.text(line).into_owned()],
        differences: changes.into_iter().map(named).collect(),
        back: with_query(CONFIGURE, &[(DIRECTORY, &id.0)]),
        button,
    })
}

/// True if exactly this draft was tested, and has passed or is to be saved in spite of the result.
async fn may_be_saved<C: Permission>(admin: &Admin<C>, fields: &Fields) -> Result<bool, Fault> {
    // Another form may name a draft too, for its password.
    if fields.last(DIRECTORY).is_some() {
        return Ok(false);
    }
    let draft = connection::read(&admin.request.web.parts, &admin.checked, fields.text(TYPED)).await?;
    let report = draft.and_then(|draft| draft.report).unwrap_or_default();
    let despite = fields.text("anyway") == "yes" && report.may_be_overruled();
    Ok(despite || report.end == Some(TestEnd::Passed))
}

/// Keeps what was typed, begins its test, and leads to the report.
pub(super) async fn tested<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    typed: &TypedDirectory,
    order: impl FnOnce(String) -> TestOrder,
) -> Result<Response, Fault> {
    let draft = match keep(admin, typed).await? {
        Ok(draft) => draft,
        Err(notice) => {
            return draw(admin, settings, typed, Shown { notice: Some(notice), ..Shown::default() }).await;
        }
    };
    let (panel, visit) = (&admin.request.web.panel, &admin.request.visit);
    match connection_test::begin(panel, visit, &admin.checked, order(draft.clone())).await {
        Ok(()) => Ok(see_other(&connection_test_path(&draft))),
        Err(Fault::Throttled { seconds }) => {
            let notice = Some(ConfigureNotice::TooMany(seconds));
            let page = draw(admin, settings, typed, Shown { draft: Some(draft), notice, ..Shown::default() });
            Ok(with_status(StatusCode::TOO_MANY_REQUESTS, page.await?))
        }
        Err(fault) => Err(fault),
    }
}

/// The form with what is wrong.
pub(super) async fn wrong<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    typed: &TypedDirectory,
    problems: Vec<Problem>,
) -> Result<Response, Fault> {
    let draft = keep(admin, typed).await?.ok();
    let for_scripts = problems.iter().map(FieldProblem::from).collect();
    let shown = Shown { draft, notice: Some(ConfigureNotice::Wrong), problems, ..Shown::default() };
    let page = draw(admin, settings, typed, shown).await?;
    Ok(problem::wrong(with_status(StatusCode::UNPROCESSABLE_ENTITY, page), for_scripts))
}

/// The page for what could not be saved.
pub(super) async fn refuse<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    typed: &TypedDirectory,
    refused: Saving,
) -> Result<Response, Fault> {
    match refused {
        Saving::Wrong(problems) => wrong(admin, settings, typed, problems).await,
        Saving::Conflict(conflict) => conflicting(admin, settings, typed, conflict).await,
        Saving::Saved(_) => Ok(see_other(DIRECTORIES)),
        Saving::Asked(one) => Ok(asked(&one)),
    }
}

async fn conflicting<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    typed: &TypedDirectory,
    conflict: SettingsConflict,
) -> Result<Response, Fault> {
    let draft = keep(admin, typed).await?.unwrap_or_default();
    let mut page =
        settings_page::conflict_page(admin, "", &FORM, &only(settings, &typed.id), conflict).await?;
    page.back = with_query(CONFIGURE, &[(DIRECTORY, &typed.id.0)]);
    let servers = DirectoryChange::servers_field(&typed.id).place().to_string();
    for field in page.fields.iter_mut().filter(|field| field.name == servers) {
        field.label = page.language.text("directory-servers").into_owned();
    }
    page.fields.push(ConflictingField::hidden(DIRECTORY, &typed.id.0));
    page.fields.push(ConflictingField::hidden(TYPED, &draft));
    Ok(with_status(StatusCode::CONFLICT, html(&page)))
}

/// The form of one directory.
pub(super) async fn draw<C: Permission>(
    admin: &Admin<C>,
    settings: &Settings,
    typed: &TypedDirectory,
    shown: Shown,
) -> Result<Response, Fault> {
    Ok(drawn(admin, admin.frame().await?, settings, typed, shown))
}

fn drawn<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    settings: &Settings,
    typed: &TypedDirectory,
    shown: Shown,
) -> Response {
    let (language, web) = (frame.language, &admin.request.web);
    let can_save = admin.checked.session.role.can(Capability::ConfigureDirectory);
    let token = |path| form_token(&web.parts, &admin.checked.session, path);
    let notice = if can_save { shown.notice } else { Some(ConfigureNotice::ReadOnly) };
    let mut page = ConfigurePage::new(language, frame, typed.id.0.clone());
    page.save_token = token(CONFIGURE);
    page.draft_token = token(CONNECTION_DRAFT);
    page.version = typed.version;
    page.can_save = can_save;
    page.notice = notice;
    page.draft = shown.draft;
    if let Some((row, chain)) = shown.chain {
        (page.chain_row, page.chain) = (row, Some(chain));
    }
    html(&filled(page, settings, typed, &shown.problems))
}

/// Fills in what was typed and what is stored.
pub(in crate::web::admin) fn filled(
    page: ConfigurePage,
    settings: &Settings,
    typed: &TypedDirectory,
    problems: &[Problem],
) -> ConfigurePage {
    let form = FORM.draw((page.language, ""), &only(settings, &typed.id), &typed.fields, problems);
    let stored = settings.directory(&typed.id);
    let of = |key: &str| messages(problems, &format!("directories[{}].{key}", typed.id.0));
    let blank = [ServerRow::default()];
    let rows = if typed.rows.is_empty() { &blank[..] } else { &typed.rows };
    let server = |(at, row): (usize, &ServerRow)| DrawnServer {
        row: row.clone(),
        errors: of(&format!("servers[{at}]")),
    };
    let password = match (&typed.password, stored) {
        (Some(_), _) if page.draft.is_some() => StoredPassword::Typed,
        (_, Some(directory)) if directory.service_account_password.is_some() => StoredPassword::Stored,
        _ => StoredPassword::Missing,
    };
    ConfigurePage {
        is_new: stored.is_none(),
        name: stored.map_or_else(|| typed.id.0.clone(), |directory| directory.name.clone()),
        is_unencrypted: stored
            .is_some_and(|directory| directory.encryption == Encryption::UnencryptedLoopbackOnly),
        servers: rows.iter().enumerate().map(server).collect(),
        server_errors: exactly(problems, &format!("directories[{}].servers", typed.id.0)),
        password,
        password_errors: of(PASSWORD),
        bases: typed.bases.clone(),
        groups: form.groups,
        problems: form.problems,
        ..page
    }
}

fn exactly(problems: &[Problem], wanted: &str) -> Vec<String> {
    let is_it = |problem: &&Problem| problem.place.to_string() == wanted;
    problems.iter().filter(is_it).map(|problem| problem.message.clone()).collect()
}
