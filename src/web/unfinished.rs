//! Renders pages after the handlers, once, in the company's look. Error pages and form posts also get "Not
//! you?" where a person is signed in. After a failure of our own the session is not read: the store may be
//! what failed, and a page about that must not wait for it again.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, REFRESH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::pages::{ErrorKind, ErrorPage, FormPost, HtmlPage, KnownPerson, Look};
use super::session;
use super::state::Web;

/// A page without its look, and without "Not you?".
#[derive(Clone)]
pub enum Unfinished {
    Error(ErrorPage),
    /// The authorization response as a form.
    Post(FormPost),
    /// Any other page, which lacks only its look.
    Drawn(Arc<dyn Fn(&Look) -> String + Send + Sync>),
}

impl Unfinished {
    /// A page that is complete except for its look.
    pub fn drawn(page: &(impl HtmlPage + Clone + Send + Sync + 'static)) -> Self {
        let page = page.clone();
        Self::Drawn(Arc::new(move |look| page.html_in(look)))
    }

    fn offers_not_you(&self) -> bool {
        !matches!(self, Self::Drawn(_))
    }

    fn html(self, known_person: Option<KnownPerson>, look: &Look) -> String {
        match self {
            Self::Error(page) => ErrorPage { known_person, ..page }.html_in(look),
            Self::Post(page) => FormPost { known_person, ..page }.html_in(look),
            Self::Drawn(draw) => draw(look),
        }
    }
}

impl IntoResponse for Unfinished {
    fn into_response(self) -> Response {
        let mut response = Body::empty().into_response();
        response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"));
        response.extensions_mut().insert(self);
        response
    }
}

/// Where the browser continues after an outage, if not at the requested address. Contains nothing typed.
#[derive(Clone)]
pub struct ResumeAt(pub String);

/// The query parameter with which a login page first checks that the stores respond again.
pub const AFTER_OUTAGE: (&str, &str) = ("after", "outage");

impl ResumeAt {
    /// To a login page as soon as the stores respond: a form that could not be sent is not shown.
    #[must_use]
    pub fn at(page: &str) -> Self {
        let (name, value) = AFTER_OUTAGE;
        Self(format!("{page}&{name}={value}"))
    }
}

/// Renders an unfinished page; other responses pass unchanged. `here` is the address that the browser reloads
/// after an outage, unless the handler set another one.
pub async fn finish(web: &Web, asked: &HeaderMap, here: Option<String>, mut response: Response) -> Response {
    let Some(mut page) = response.extensions_mut().remove::<Unfinished>() else { return response };
    if let Unfinished::Error(error) = &mut page
        && error.kind == ErrorKind::StorageUnavailable
    {
        error.resume_at = response.extensions_mut().remove().map(|ResumeAt(url)| url).or(here);
        refresh(&mut response, error);
    }
    // A session that this response starts counts; the one before it no longer does.
    let given = cookies::given(response.headers(), &web.surface, Cookie::Session);
    let id = given.or_else(|| cookies::read(asked, &web.surface, Cookie::Session));
    let asks = page.offers_not_you() && !response.status().is_server_error();
    let known_person = match id.filter(|_| asks) {
        Some(id) => session::owner_by_id(web, &id).await,
        None => None,
    };
    *response.body_mut() = page.html(known_person, &web.brand().look).into();
    response
}

/// Makes the browser reload by itself, without a script. The attempt's id spreads the moment, so that
/// browsers do not all come at once.
fn refresh(response: &mut Response, page: &ErrorPage) {
    let Some(url) = &page.resume_at else { return };
    let spread = page.attempt_id.iter().flat_map(|id| id.bytes()).map(u32::from).sum::<u32>() % 5;
    if let Ok(value) = HeaderValue::from_str(&format!("{}; url={url}", 4 + spread)) {
        response.headers_mut().insert(REFRESH, value);
    }
}
