//! A new service: its id, and all its settings. Most have a default.

use std::borrow::Cow;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::form::sections;
use crate::domain::admin::Capability;
use crate::domain::settings::{Provisioning, Settings};
use crate::flow::admin::services::{NewService, add as add_service, review_add};
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings::{self, Saving, SettingsChange};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{FieldKind, Problem, SettingPath, SettingTexts, TypedSecret};
use crate::web::admin::access::{Admin, AdminForm, Fresh};
use crate::web::admin::address::{SERVICE_NEW, SERVICES, service_url};
use crate::web::admin::asked::asked;
use crate::web::admin::confirmation::ConfirmWords;
use crate::web::admin::fields::{Fields, VERSION};
use crate::web::admin::form::{DrawnForm, FieldPlace, FormField, draw_field, listed, messages};
use crate::web::admin::notice::noticed;
use crate::web::admin::pages::{DrawnField, DrawnGroup, FormNotice, ServiceNotice, SettingsPage};
use crate::web::admin::permission::{Confirm, EditServices, Permission, SeeSettings};
use crate::web::admin::problem::{FieldProblem, wrong};
use crate::web::admin::settings_page::service_test;
use crate::web::pages::Language;
use crate::web::reply::html;

/// In the names of fields: the service that has no id yet.
const NOT_YET: &str = "new";
/// The field with the id.
const ID: &str = "service_id";

/// `GET .../services/new`.
pub(super) async fn page(admin: Admin<SeeSettings>) -> Response {
    let drawn = async {
        let expected = settings::stored(&admin.request.web.panel).await?.generation;
        let change = SettingsChange { expected, fields: Vec::new(), secrets: Vec::new() };
        let can_add = admin.checked.session.role.can(Capability::EditServices);
        let notice = (!can_add).then_some(FormNotice::ReadOnly);
        Ok(html(&draw(&admin, &NewService { id: String::new(), change }, notice, &[]).await?))
    };
    admin.answer(drawn.await)
}

/// `POST .../services/new`.
pub(super) async fn add(Fresh(form): Fresh<EditServices>) -> Response {
    let AdminForm { admin, fields, .. } = &form;
    admin.answer(added(admin, &read(fields)).await)
}

async fn added(admin: &Admin<EditServices>, new: &NewService) -> Result<Response, Fault> {
    let request = &admin.request;
    match add_service(&request.web.panel, &request.visit, &admin.checked, new).await? {
        Saving::Saved(_) => Ok(noticed(&service_url(&new.id), &[("notice", ServiceNotice::Added.word())])),
        Saving::Wrong(problems) => {
            let page = draw(admin, new, Some(FormNotice::Wrong), &problems).await?;
            let response = (StatusCode::UNPROCESSABLE_ENTITY, html(&page)).into_response();
            Ok(wrong(response, problems.iter().map(FieldProblem::from).collect()))
        }
        Saving::Conflict(conflict) => {
            // Nobody else's change is lost by a service more, so the newest version is as good.
            let change = SettingsChange { expected: conflict.generation, ..new.change.clone() };
            let new = NewService { change, ..new.clone() };
            let page = draw(admin, &new, Some(FormNotice::Stale), &[]).await?;
            Ok((StatusCode::CONFLICT, html(&page)).into_response())
        }
        Saving::Asked(one) => Ok(asked(&one)),
    }
}

/// What adding does, in words.
pub(in crate::web::admin) async fn words(
    admin: &Admin<Confirm>,
    sent: &Fields,
) -> Result<ConfirmWords, Fault> {
    let (language, new) = (admin.request.context().language, read(sent));
    let reviewed = review_add(&admin.request.web.panel, &new).await?;
    let address = FormField::of_service(&new.id, "base_url", "").field;
    let typed = new.change.fields.iter().find(|(field, _)| *field == address);
    let receives = typed.map(|(_, url)| language.with("service-new.receives", "url", url.as_str()));
    let enabled = FormField::of_service(&new.id, "enabled", "").field;
    let is_off = new.change.fields.iter().any(|(field, text)| *field == enabled && text.is_empty());
    let adds = if is_off { "service-new.adds-off" } else { "service-new.adds" };
    let what = language.with(adds, "id", new.id.as_str());
    Ok(ConfirmWords {
        title: language.text("service-new").into_owned(),
        lines: [what].into_iter().chain(receives).map(Cow::into_owned).collect(),
        differences: Vec::new(),
        back: SERVICE_NEW.to_owned(),
        button: reviewed.is_ok().then(|| language.text("service-new.button").into_owned()),
    })
}

/// A second token is only for a service that has one.
fn new_sections(id: &str) -> Vec<(&'static str, Vec<FormField>)> {
    let mut sections = sections(id);
    sections[0].0 = "service-new.connection";
    for (_, fields) in &mut sections {
        fields.retain(|one| one.label != "service-next-token");
    }
    sections
}

fn fields(id: &str) -> Vec<FormField> {
    new_sections(id).into_iter().flat_map(|(_, fields)| fields).collect()
}

/// The service that was typed. A field that was not sent has its default.
pub(super) fn read(sent: &Fields) -> NewService {
    let id = sent.text(ID).trim().to_owned();
    let (mut typed, mut secrets) = (Vec::new(), Vec::new());
    for (placed, one) in fields(NOT_YET).into_iter().zip(fields(&id)) {
        let Some(text) = sent.last(&placed.name()) else { continue };
        match one.is_secret {
            true if text.trim().is_empty() => {}
            true => secrets.extend(TypedSecret::of_field(&one.field, text)),
            false => typed.push((one.field.clone(), one.field.normal(text))),
        }
    }
    // No version is negative, so one that can't be read is stale.
    let expected = sent.text(VERSION).parse().unwrap_or(-1);
    NewService { id, change: SettingsChange { expected, fields: typed, secrets } }
}

pub(super) async fn draw<C: Permission>(
    admin: &Admin<C>,
    new: &NewService,
    notice: Option<FormNotice>,
    problems: &[Problem],
) -> Result<SettingsPage, Fault> {
    let frame = admin.frame().await?;
    let language = frame.language;
    let DrawnForm { groups, problems } = drawn_new(language, new, problems);
    Ok(SettingsPage {
        language,
        title: language.text("service-new").into_owned(),
        lead: language.text("service-new.what").into_owned(),
        action: SERVICE_NEW.to_owned(),
        csrf: form_token(&admin.request.web.parts, &admin.checked.session, SERVICE_NEW),
        version: new.change.expected,
        entry: String::new(),
        preview: None,
        test: service_test(admin),
        finder: None,
        related: vec![(SERVICES, language.text("services"))],
        notice,
        problems,
        groups,
        frame,
    })
}

/// The fields of a new service. Their names are those of a service that has no id yet.
pub(in crate::web::admin) fn drawn_new(
    language: Language,
    new: &NewService,
    problems: &[Problem],
) -> DrawnForm {
    let defaults = Settings {
        provisioning: vec![Provisioning { id: new.id.clone(), ..Provisioning::default() }],
        ..Settings::default()
    };
    let texts = SettingTexts::new(&defaults);
    let place = SettingPath::named("provisioning", &new.id).key("id").to_string();
    let id = DrawnField {
        name: ID.to_owned(),
        id: format!("field-{ID}"),
        label: language.text("service-id").into_owned(),
        hint: language.text("service-id.what").into_owned(),
        range: String::new(),
        kind: FieldKind::Text,
        upload: None,
        options: Vec::new(),
        value: new.id.clone(),
        errors: messages(problems, &place),
    };
    let mut places = vec![FieldPlace { place, label: id.label.clone(), id: id.id.clone() }];
    let mut groups =
        vec![DrawnGroup { heading: language.text("service-new.heading").into_owned(), fields: vec![id] }];
    let mut drawn = |placed: &FormField, one: &FormField| {
        let typed = new.change.fields.iter().find(|(field, _)| *field == one.field);
        let value = typed.map_or_else(|| texts.of(&one.field), |(_, text)| text.clone());
        let mut field = draw_field(language, one, format!("field-{}", places.len()), value, problems);
        if new.change.secrets.iter().any(|typed| typed.is_of_field(&field.name)) {
            field.errors.push(language.text("settings-secret-again").into_owned());
        }
        places.push(FieldPlace { place: one.name(), label: field.label.clone(), id: field.id.clone() });
        DrawnField { name: placed.name(), ..field }
    };
    for ((key, placed), (_, own)) in new_sections(NOT_YET).iter().zip(new_sections(&new.id)) {
        let fields = placed.iter().zip(&own).map(|(placed, one)| drawn(placed, one)).collect();
        groups.push(DrawnGroup { heading: language.text(key).into_owned(), fields });
    }
    DrawnForm { groups, problems: listed(&places, problems) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::settings::ServiceSecret;

    #[test]
    fn what_was_typed_is_read_for_the_id_and_each_problem_has_its_field() {
        let sent = "service_id=+wiki&version=7&provisioning[new].base_url=https://wiki.example/scim\
                    &provisioning[new].token=+abc+&provisioning[new].team_shares=";
        let new = read(&Fields::parse(sent.as_bytes()).expect("fields"));
        assert_eq!((new.id.as_str(), new.change.expected), ("wiki", 7));
        let texts: Vec<_> =
            new.change.fields.iter().map(|(field, text)| format!("{}={text}", field.place())).collect();
        let expected =
            ["provisioning[wiki].base_url=https://wiki.example/scim", "provisioning[wiki].team_shares="];
        assert_eq!(texts, expected);
        let [TypedSecret::OfService(id, ServiceSecret::Token, plain)] = new.change.secrets.as_slice() else {
            panic!("{:?}", new.change.secrets)
        };
        assert_eq!((id.as_str(), plain.expose()), ("wiki", "abc"));

        let problem = |place: SettingPath| Problem { line: 0, place, message: "is missing".into() };
        let own = |key: &str| problem(SettingPath::named("provisioning", "wiki").key(key));
        let other = problem(SettingPath::named("provisioning", "other").key("base_url"));
        let drawn = drawn_new(Language::English, &new, &[own("id"), own("token"), other]);
        let at: Vec<_> =
            drawn.problems.iter().map(|one| one.field.as_ref().map(|(_, id)| id.as_str())).collect();
        assert_eq!(at, [Some("field-service_id"), Some("field-6"), None]);
        let fields: Vec<_> = drawn.groups.iter().flat_map(|group| &group.fields).collect();
        let shown: Vec<_> = fields.iter().map(|field| field.value.as_str()).collect();
        let token = fields.iter().find(|field| field.name == "provisioning[new].token");
        assert!(token.is_some_and(|field| field.errors.len() == 2));
        assert!(!shown.contains(&"abc") && shown.contains(&"https://wiki.example/scim"), "{shown:?}");
    }
}
