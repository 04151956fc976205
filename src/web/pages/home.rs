//! The page at `/`, for people who come here by hand.

use askama::Template;

use super::{KnownPerson, Language};

/// What this service is, and where to read more.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/home.html")]
pub struct Home {
    pub language: Language,
    /// Address of the documentation, if any.
    pub documentation_url: Option<String>,
    /// The person signed in at this browser.
    pub known_person: Option<KnownPerson>,
}
