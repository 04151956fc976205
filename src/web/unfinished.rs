//! Pages are drawn once, further out than the handlers, in the look of the company. Some that every handler may answer with
//! offer "Not you?" where somebody is signed in: a handler says what
//! happened, and who is signed in is looked up once, further out. Where we could not do our work nobody is looked up: the
//! store may be what has just failed, and a page about that must not wait for it again.

use std::sync::Arc;

use axum::body::Body;
use axum::http::header::{CONTENT_TYPE, REFRESH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::{IntoResponse, Response};

use super::cookies::{self, Cookie};
use super::error::GoOn;
use super::pages::{ErrorKind, ErrorPage, FormPost, KnownPerson, Look, Page};
use super::session;
use super::state::Web;

/// A page without its "Not you?".
#[derive(Clone)]
pub enum Unfinished {
    /// What went wrong.
    Error(ErrorPage),
    /// The authorization response as a form.
    Post(FormPost),
    /// Any other page, which lacks only its look.
    Drawn(Arc<dyn Fn(&Look) -> String + Send + Sync>),
}

impl Unfinished {
    /// A page that is complete but for its look.
    pub fn drawn(page: &(impl Page + Clone + Send + Sync + 'static)) -> Self {
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

/// Renders what a handler left unfinished; any other answer passes as it is. `here` is where the browser asks again after an
/// outage, unless the handler knows better.
pub async fn finish(web: &Web, asked: &HeaderMap, here: Option<String>, mut response: Response) -> Response {
    let Some(mut page) = response.extensions_mut().remove::<Unfinished>() else { return response };
    if let Unfinished::Error(error) = &mut page
        && error.kind == ErrorKind::StorageUnavailable
    {
        error.go_on = response.extensions_mut().remove().map(|GoOn(url)| url).or(here);
        refresh(&mut response, error);
    }
    // Who has signed in with this very answer counts, and who was signed in before does not any more.
    let given = cookies::given(response.headers(), &web.surface, Cookie::Session);
    let id = given.or_else(|| cookies::read(asked, &web.surface, Cookie::Session));
    let asks = page.offers_not_you() && !response.status().is_server_error();
    let known_person = match id.filter(|_| asks) {
        Some(id) => session::known_by(web, &id).await,
        None => None,
    };
    *response.body_mut() = page.html(known_person, &web.brand().look).into();
    response
}

/// Makes the browser ask again by itself, without a script. Not all browsers at the same moment: the attempt's id spreads them.
fn refresh(response: &mut Response, page: &ErrorPage) {
    let Some(url) = &page.go_on else { return };
    let spread = page.attempt_id.iter().flat_map(|id| id.bytes()).map(u32::from).sum::<u32>() % 5;
    if let Ok(value) = HeaderValue::from_str(&format!("{}; url={url}", 4 + spread)) {
        response.headers_mut().insert(REFRESH, value);
    }
}
