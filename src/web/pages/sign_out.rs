//! Signing out: the question where the client could not prove that the person asked, and the page after it.

use askama::Template;

use super::{Language, ReturnTo};

/// "You are signed out."
#[derive(Clone, Debug, Template)]
#[template(path = "pages/signed-out.html")]
pub struct SignedOut {
    /// The language of the page.
    pub language: Language,
    /// The way back to the client, when the client is known.
    pub client: Option<ReturnTo>,
}

/// OpenID Connect RP-Initiated Logout 1.0, 2: without a fitting `id_token_hint` the person is asked.
///
/// The form posts `csrf`, `confirm=yes` and the hidden fields to `/logout`.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/logout-confirm.html")]
pub struct LogoutConfirm {
    /// The language of the page.
    pub language: Language,
    /// The form token.
    pub csrf_token: String,
    /// Who is signed in, as the directory names the person.
    pub person: String,
    /// Who asks for it, when that is known.
    pub client: Option<ReturnTo>,
    /// The logout request's own parameters, to be sent again.
    pub fields: Vec<(String, String)>,
}
