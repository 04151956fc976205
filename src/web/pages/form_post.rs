//! The page that sends the authorization response by form post (OAuth 2.0 Form Post Response Mode).

use askama::Template;

use super::{KnownPerson, Language};

/// A form with a real button; where scripts run, a small script presses it (policy:
/// [`super::PageScripts::Own`]).
#[derive(Clone, Debug, Template)]
#[template(path = "pages/form-post.html")]
pub struct FormPost {
    pub language: Language,
    /// The validated redirect URI.
    pub action: String,
    /// The response's parameters, in order.
    pub fields: Vec<(String, String)>,
    pub client_name: String,
    /// True if the response carries a code: an error must not claim that the person is signed in.
    pub signed_in: bool,
    /// The person signed in at this browser.
    pub known_person: Option<KnownPerson>,
}
