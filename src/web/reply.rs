//! Builds responses: pages with their policy, redirects, the authorization response in either mode.

use axum::http::header::{ACCEPT_LANGUAGE, CONTENT_SECURITY_POLICY, LOCATION};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};

use super::pages::{FormPost, HtmlPage, Language, PageScripts, content_security_policy};
use super::state::Web;
use super::unfinished::Unfinished;
use crate::domain::client::Client;
use crate::oidc::redirect_uri::origin;
use crate::oidc::reply::Reply;

/// A page with the strictest policy.
pub fn html(page: &(impl HtmlPage + Clone + Send + Sync + 'static)) -> Response {
    Unfinished::drawn(page).into_response()
}

/// A page whose forms may lead to this URI: Chromium applies `form-action` to the redirect after a post.
pub fn html_towards(
    page: &(impl HtmlPage + Clone + Send + Sync + 'static),
    redirect_uri: &str,
    scripts: PageScripts,
) -> Response {
    allow_redirect_to(html(page), redirect_uri, scripts)
}

fn allow_redirect_to(mut response: Response, redirect_uri: &str, scripts: PageScripts) -> Response {
    let source = origin(redirect_uri);
    let policy = content_security_policy(&source.iter().map(String::as_str).collect::<Vec<_>>(), scripts);
    if let Ok(policy) = HeaderValue::from_str(&policy) {
        response.headers_mut().insert(CONTENT_SECURITY_POLICY, policy);
    }
    response
}

/// 303: the browser follows with GET, and no form is sent again (RFC 9700 section 4.12).
pub fn see_other(url: &str) -> Response {
    match HeaderValue::from_str(url) {
        Ok(location) => (StatusCode::SEE_OTHER, [(LOCATION, location)]).into_response(),
        Err(_) => StatusCode::INTERNAL_SERVER_ERROR.into_response(),
    }
}

/// The authorization response.
pub fn respond(web: &Web, reply: Reply, language: Language, client_id: &str) -> Response {
    match reply {
        Reply::Redirect(url) => see_other(&url),
        Reply::FormPost { action, fields } => {
            let current = web.parts.current();
            let page = FormPost {
                language,
                action: action.clone(),
                signed_in: fields.iter().any(|(name, _)| *name == "code"),
                fields: fields.into_iter().map(|(name, value)| (name.to_owned(), value)).collect(),
                client_name: client_name(current.settings.client(client_id), client_id),
                known_person: None,
            };
            allow_redirect_to(Unfinished::Post(page).into_response(), &action, PageScripts::Own)
        }
    }
}

/// Language of a page: `ui_locales` of the client, then the browser's preference.
#[must_use]
pub fn language(headers: &HeaderMap, ui_locales: &[String]) -> Language {
    let accept = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    Language::negotiate(ui_locales, accept)
}

/// The client's name for a page; its id if it was removed from the settings meanwhile.
#[must_use]
pub fn client_name(client: Option<&Client>, id: &str) -> String {
    client.map_or(id, Client::shown_name).to_owned()
}
