//! The page that hands a response to the client by a form post (OAuth 2.0 Form Post Response Mode).

use askama::Template;

use super::{KnownPerson, Language};

/// A form with a real button; a small script presses it where scripts run (policy: [`super::Scripts::Own`]).
#[derive(Clone, Debug, Template)]
#[template(path = "pages/form-post.html")]
pub struct FormPost {
    /// The language of the page.
    pub language: Language,
    /// The validated redirect URI.
    pub action: String,
    /// The response's parameters, in order.
    pub fields: Vec<(String, String)>,
    /// Where the person is going.
    pub client_name: String,
    /// True when the response carries a code: an error must not say that somebody is signed in.
    pub signed_in: bool,
    /// Who is signed in at this browser.
    pub known_person: Option<KnownPerson>,
}
