//! Signing out: the question when the client could not prove that the person asked, and the page afterwards.

use askama::Template;

use super::{Language, ReturnTo};

/// "You are signed out."
#[derive(Clone, Debug, Template)]
#[template(path = "pages/signed-out.html")]
pub struct SignedOut {
    pub language: Language,
    /// The link back, if the client is known.
    pub client: Option<ReturnTo>,
}

/// RP-Initiated Logout 1.0 section 2: without a matching `id_token_hint`, the person is asked.
///
/// The form posts `csrf`, `confirm=yes` and the hidden fields to `/logout`.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/logout-confirm.html")]
pub struct LogoutConfirm {
    pub language: Language,
    pub csrf_token: String,
    /// The person's name in the directory.
    pub person: String,
    /// The client that asks, if known.
    pub client: Option<ReturnTo>,
    /// The logout request's own parameters, to be sent again.
    pub fields: Vec<(String, String)>,
}
