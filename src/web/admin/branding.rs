//! Settings → Integrations → Single Sign-On → Branding: the look of the pages, and the sign-in page with what
//! was typed, before it is saved.

use axum::http::header::{CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_FRAME_OPTIONS};
use axum::http::{HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::access::{AdminForm, Fresh, refuse};
use super::address::BRANDING;
use super::form::{FormField, FormGroup, SettingsForm};
use super::pages::PreviewProblems;
use super::permission::{EditBranding, SeeSettings};
use super::settings_page::{self, SettingsPageForm};
use crate::domain::admin::Capability;
use crate::domain::settings::Settings;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::brand::Brand;
use crate::web::pages::{Language, Look, PageScripts, SignIn, content_security_policy};

/// The page.
pub(super) static FORM: SettingsForm = SettingsForm {
    path: BRANDING,
    needs: Capability::EditBranding,
    title: "branding",
    groups,
    related: &[],
    finds_groups: None,
};

/// The preview is a page of its own in a frame: nothing in it runs or can be sent, whatever the logo contains.
const PREVIEW_POLICY: &str = "default-src 'none'; style-src 'self' data:; img-src 'self' data:; base-uri 'none'; \
     form-action 'none'; frame-ancestors 'self'; sandbox";

/// `GET .../branding`.
pub(super) struct Branding;

impl SettingsPageForm for Branding {
    const FORM: &'static SettingsForm = &FORM;

    fn finished(response: Response) -> Response {
        with_frame(response)
    }
}

/// `POST .../branding`.
pub(super) async fn save(Fresh(form): Fresh<EditBranding>) -> Response {
    with_frame(settings_page::submit(&form, &FORM).await)
}

/// `POST .../branding/preview`: the sign-in page with what was typed. Nothing is saved.
pub(super) async fn preview(form: AdminForm<SeeSettings>) -> Response {
    match draw(&form).await {
        Ok((status, html)) => framed(status, html),
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

fn groups(_: &Settings, language: Language, _: &str) -> Vec<FormGroup> {
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    let field = |key, label| FormField::new("branding", key, label);
    vec![
        group(
            "branding.names",
            vec![
                field("product_name", "branding-product"),
                field("company_name", "branding-company"),
                field("logo", "branding-logo"),
            ],
        ),
        group(
            "branding.colours",
            vec![
                field("accent_color", "branding-accent"),
                field("accent_color_dark", "branding-accent-dark"),
            ],
        ),
        group("branding.links", vec![field("help", "branding-help"), field("legal_links", "branding-legal")]),
    ]
}

async fn draw(form: &AdminForm<SeeSettings>) -> Result<(StatusCode, String), Fault> {
    let request = &form.admin.request;
    let language = request.context().language;
    let stored = settings::stored(&request.web.panel).await?;
    let change = FORM.read(&stored.settings, &form.fields);
    Ok(match settings::preview(&request.web.panel, &change.fields).await? {
        Ok(typed) => {
            let brand = Brand::of(&typed);
            let page = SignIn {
                language,
                client_name: typed.branding.product_name.clone(),
                help_contact: typed.help_contact(language.tag()),
                forgot_password_url: typed.sso.forgot_password_url,
                ..SignIn::default()
            };
            (StatusCode::OK, embedded(&brand).draw(&page))
        }
        Err(problems) => {
            let lines = problems.into_iter().map(|problem| format!("{}: {}", problem.place, problem.message));
            let page = PreviewProblems { language, lines: lines.collect() };
            (StatusCode::UNPROCESSABLE_ENTITY, Look::default().draw(&page))
        }
    })
}

/// The look with its files in it: they are at no address before they are saved.
fn embedded(brand: &Brand) -> Look {
    let mut look = brand.look.clone();
    for file in brand.files() {
        let data = format!("data:{};base64,{}", file.kind(), BASE64_STANDARD.encode(&file.body));
        match file.url() {
            url if url == look.logo => look.logo = data,
            _ => look.sheet = data,
        }
    }
    look
}

/// A page that shows a frame of our own.
fn with_frame(mut response: Response) -> Response {
    let policy = format!("{}; frame-src 'self'", content_security_policy(&[], PageScripts::Panel));
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

fn framed(status: StatusCode, html: String) -> Response {
    let headers = [
        (CONTENT_TYPE, "text/html; charset=utf-8"),
        (CONTENT_SECURITY_POLICY, PREVIEW_POLICY),
        (X_FRAME_OPTIONS, "SAMEORIGIN"),
    ];
    (status, headers, html).into_response()
}
