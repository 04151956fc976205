//! The page at `/`, for people who come here by hand.

use askama::Template;

use super::{KnownPerson, Language};

/// What this is, and where to read more.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/home.html")]
pub struct Home {
    /// The language of the page.
    pub language: Language,
    /// Where the documentation is, when there is such an address.
    pub documentation_url: Option<String>,
    /// Who is signed in at this browser.
    pub known_person: Option<KnownPerson>,
}
