//! Settings → Integrations → Single Sign-On → Applications: the clients, and one with what has to be pasted
//! into it. Its settings are a form like all others; its secret and its end are in `application_actions`.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::{Admin, AdminForm, Fresh};
use super::address::{APPLICATION_EDIT, APPLICATION_NEW, APPLICATIONS};
use super::application_pages::show;
use super::asked::asked;
use super::confirmation::ConfirmWords;
use super::fields::{Fields, VERSION};
use super::form::{DrawnForm, FieldPlace, FormField, FormGroup, SettingsForm, draw_field, listed, messages};
use super::pages::{ApplicationNotice, DrawnField, DrawnGroup, FormNotice, SettingsPage};
use super::permission::{Confirm, EditClients, Permission, SeeSettings};
use super::problem::{FieldProblem, wrong};
use super::settings_page::{self, SettingsPageForm};
use crate::domain::admin::Capability;
use crate::domain::client::Client;
use crate::domain::settings::Settings;
use crate::flow::admin::clients::{self, ClientSaving, NewClient};
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{FieldKind, Problem, SettingPath, SettingTexts};
use crate::web::pages::Language;
use crate::web::reply::html;

/// In the names of fields: the client that has no id yet.
const NOT_YET: &str = "new";
/// The fields of a new client that are no settings as they are.
const ID: &str = "client_id";
const KIND: &str = "kind";
/// The kinds of clients.
const KINDS: &[&str] = &["server", "public"];

/// The settings of one client.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: APPLICATION_EDIT,
    needs: Capability::EditClients,
    title: "application-edit",
    groups,
    related: &[(APPLICATIONS, "applications")],
    finds_groups: None,
};

fn groups(_: &Settings, language: Language, id: &str) -> Vec<FormGroup> {
    let heading = language.with("application-edit.heading", "id", id).into_owned();
    vec![FormGroup { heading, fields: fields(id) }]
}

fn fields(id: &str) -> Vec<FormField> {
    let claims = &[("scopes", "application-claims-scopes"), ("requested", "application-claims-requested")];
    vec![
        FormField::of_client(id, "client_name", "application-name"),
        FormField::of_client(id, "redirect_uris", "application-redirect"),
        FormField::of_client(id, "post_logout_redirect_uris", "application-post-logout"),
        FormField::of_client(id, "client_uri", "application-home"),
        FormField::of_client(id, "require_second_factor", "application-second-factor"),
        FormField::of_client(id, "scope", "application-scope"),
        FormField::of_client(id, "id_token_claims", "application-claims").choices(claims),
        FormField::of_client(id, "introspection", "application-introspection"),
        FormField::of_client(id, "backchannel_logout_uri", "application-backchannel"),
        FormField::of_client(id, "private_addresses", "application-private"),
    ]
}

/// `GET .../applications/edit?entry=ID`.
pub(super) struct ApplicationForm;

impl SettingsPageForm for ApplicationForm {
    const FORM: &'static SettingsForm = &FORM;
}

/// `POST .../applications/edit`.
pub(super) async fn save(Fresh(form): Fresh<EditClients>) -> Response {
    settings_page::submit(&form, &FORM).await
}

/// `GET .../applications/new`.
pub(super) async fn new(admin: Admin<SeeSettings>) -> Response {
    let drawn = async {
        let generation = settings::stored(&admin.request.web.panel).await?.generation;
        let new = NewClient { expected: generation, id: String::new(), is_public: false, fields: Vec::new() };
        let can_add = admin.checked.session.role.can(Capability::EditClients);
        let notice = (!can_add).then_some(FormNotice::ReadOnly);
        Ok(html(&draw_new(&admin, &new, notice, &[]).await?))
    };
    admin.answer(drawn.await)
}

/// `POST .../applications/new`: the response shows the secret, which is stored only as a digest.
pub(super) async fn add(Fresh(form): Fresh<EditClients>) -> Response {
    let AdminForm { admin, fields, .. } = &form;
    admin.answer(added(admin, &read(fields)).await)
}

async fn added(admin: &Admin<EditClients>, new: &NewClient) -> Result<Response, Fault> {
    let request = &admin.request;
    match clients::add(&request.web.panel, &request.visit, &admin.checked, new).await? {
        ClientSaving::Done(secret) => show(admin, &new.id, Some(ApplicationNotice::Added), secret).await,
        ClientSaving::Wrong(problems) => {
            let page = draw_new(admin, new, Some(FormNotice::Wrong), &problems).await?;
            let response = (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response();
            Ok(wrong(response, problems.iter().map(FieldProblem::from).collect()))
        }
        ClientSaving::Stale => {
            // Nobody else's change is lost by an application more, so the newest version is as good.
            let expected = settings::stored(&request.web.panel).await?.generation;
            let new = NewClient { expected, ..new.clone() };
            let page = draw_new(admin, &new, Some(FormNotice::Stale), &[]).await?;
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
        ClientSaving::Asked(one) => Ok(asked(&one)),
    }
}

/// What adding does, in words.
pub(super) async fn words_of_new(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let (language, new) = (admin.request.context().language, read(sent));
    let reviewed = clients::review_add(&admin.request.web.panel, &new).await?;
    let is_right = matches!(reviewed, ClientSaving::Done(_));
    let receives = |(field, text): &(_, String)| {
        let is_redirect = *field == FormField::of_client(&new.id, "redirect_uris", "").field;
        is_redirect.then(|| language.with("application-new.receives", "uri", text.as_str()).into_owned())
    };
    let what = language.with("application-new.adds", "id", new.id.as_str()).into_owned();
    Ok(ConfirmWords {
        title: language.text("application-new").into_owned(),
        lines: [what].into_iter().chain(new.fields.iter().filter_map(receives)).collect(),
        differences: Vec::new(),
        back: APPLICATION_NEW.to_owned(),
        button: is_right.then(|| language.text("application-new.button").into_owned()),
    })
}

/// The client that was typed. A field that was not sent has its default.
fn read(sent: &Fields) -> NewClient {
    let id = sent.text(ID).trim().to_owned();
    let typed = |(placed, one): (FormField, FormField)| {
        let text = sent.last(&placed.name())?.to_owned();
        Some((one.field.clone(), one.field.normal(&text)))
    };
    NewClient {
        expected: sent.text(VERSION).parse().unwrap_or(-1),
        is_public: sent.text(KIND) == "public",
        fields: fields(NOT_YET).into_iter().zip(fields(&id)).filter_map(typed).collect(),
        id,
    }
}

async fn draw_new<C: Permission>(
    admin: &Admin<C>,
    new: &NewClient,
    notice: Option<FormNotice>,
    problems: &[Problem],
) -> Result<SettingsPage, Fault> {
    let frame = admin.frame().await?;
    let language = frame.language;
    let DrawnForm { groups, problems } = drawn_new(language, new, problems);
    Ok(SettingsPage {
        language,
        title: language.text("application-new").into_owned(),
        lead: language.text("application-new.what").into_owned(),
        action: APPLICATION_NEW.to_owned(),
        csrf: form_token(&admin.request.web.parts, &admin.checked.session, APPLICATION_NEW),
        version: new.expected,
        entry: String::new(),
        preview: None,
        test: None,
        finder: None,
        related: vec![(APPLICATIONS, language.text("applications"))],
        notice,
        problems,
        groups,
        frame,
    })
}

/// The fields of a new client. Their names are those of a client that has no id yet.
pub(super) fn drawn_new(language: Language, new: &NewClient, problems: &[Problem]) -> DrawnForm {
    let defaults = Settings {
        clients: vec![Client { client_id: new.id.clone(), ..Client::default() }],
        ..Settings::default()
    };
    let texts = SettingTexts::new(&defaults);
    let own = |id: &str, key: &'static str, kind, value: String, options| DrawnField {
        name: id.to_owned(),
        id: format!("field-{id}"),
        label: language.text(key).into_owned(),
        hint: language.text(&format!("{key}.what")).into_owned(),
        range: String::new(),
        kind,
        upload: None,
        options,
        value,
        errors: Vec::new(),
    };
    let place = SettingPath::named("clients", &new.id).key(ID).to_string();
    let id = DrawnField {
        errors: messages(problems, &place),
        ..own(ID, "application-id", FieldKind::Text, new.id.clone(), Vec::new())
    };
    let kinds = vec![
        ("server", language.text("application-kind-server")),
        ("public", language.text("application-kind-public")),
    ];
    let kind = if new.is_public { "public" } else { "server" };
    let kind = own(KIND, "application-kind", FieldKind::OneOf(KINDS), kind.to_owned(), kinds);
    let rest = fields(NOT_YET).into_iter().zip(fields(&new.id)).enumerate().map(|(number, (placed, one))| {
        let typed = new.fields.iter().find(|(field, _)| *field == one.field).map(|(_, text)| text.clone());
        let value = typed.unwrap_or_else(|| texts.of(&one.field));
        let drawn = draw_field(language, &one, format!("field-{number}"), value, problems);
        DrawnField { name: placed.name(), ..drawn }
    });
    let rest: Vec<DrawnField> = rest.collect();
    let own = rest.iter().zip(fields(&new.id)).map(|(drawn, one)| (one.name(), drawn));
    let at = |(place, drawn): (String, &DrawnField)| FieldPlace {
        place,
        label: drawn.label.clone(),
        id: drawn.id.clone(),
    };
    let places: Vec<_> = [(place, &id)].into_iter().chain(own).map(at).collect();
    let heading = language.text("application-new.heading").into_owned();
    let fields = [id, kind].into_iter().chain(rest).collect();
    DrawnForm { groups: vec![DrawnGroup { heading, fields }], problems: listed(&places, problems) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_problem_of_a_new_application_is_listed_whatever_its_words() {
        let new = NewClient { expected: 7, id: "wiki".into(), is_public: true, fields: Vec::new() };
        let problem = |place: SettingPath| Problem { line: 0, place, message: "is missing".into() };
        let own = SettingPath::named("clients", "wiki");
        let problems = [
            problem(own.clone().key("client_id")),
            problem(own.key("redirect_uris").item(0)),
            problem(SettingPath::named("clients", "other").key("redirect_uris")),
        ];
        let drawn = drawn_new(Language::English, &new, &problems);
        let places: Vec<_> =
            drawn.problems.iter().map(|one| one.field.as_ref().map(|(_, id)| id.as_str())).collect();
        assert_eq!(places, [Some("field-client_id"), Some("field-1"), None]);
        assert_eq!(drawn.problems[2].text, "clients[other].redirect_uris: is missing");
        let wrong = drawn.groups[0].fields.iter().filter(|field| !field.errors.is_empty()).count();
        assert_eq!(wrong, 2);
    }
}
