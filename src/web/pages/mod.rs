//! The pages: each has a typed context, a compiled template and texts from `templates/i18n`.
//!
//! A context holds only what the page shows: no I/O, request or settings. The template escapes everything
//! that came from outside. How to add a page or a language: `docs/pages.md`.

use std::any::Any;

mod account;
mod catalog;
mod change_password;
mod enrol;
mod error_page;
mod form_post;
mod frame;
mod home;
mod language;
mod look;
mod moment;
mod password_rules;
mod policy;
mod qr;
#[cfg(test)]
pub(in crate::web) mod samples;
mod second_factor;
mod sign_in;
mod sign_in_notice;
mod sign_out;
#[cfg(test)]
mod tests;

pub use account::{
    AccountNotice, AccountSecurity, RegisteredAuthenticator, RememberedBrowser, SignedInBrowser,
};
pub use change_password::{ChangePassword, ChangeReason, OwnPassword, PasswordNotice};
pub use enrol::{EnrolFactor, InvitationNeeded, NewFactor, NewSecret};
pub use error_page::{ErrorKind, ErrorPage};
pub use form_post::FormPost;
pub use frame::{CodeNotice, LeadsTo, LoginFrame};
pub use home::Home;
pub use language::Language;
pub use look::Look;
pub(in crate::web) use look::links_of;
pub use moment::Moment;
pub use policy::{PageScripts, content_security_policy};
pub use second_factor::{EnterCode, RecoveryCodeUsed, RecoveryCodes};
pub use sign_in::{DomainChoice, SignIn};
pub use sign_in_notice::SignInNotice;
pub use sign_out::{LogoutConfirm, SignedOut};

use std::borrow::Cow;

/// A page that can be sent.
pub trait HtmlPage {
    /// Renders the document in this company's look.
    fn html_in(&self, look: &Look) -> String;

    /// Renders the document in the default look.
    fn html(&self) -> String {
        self.html_in(&Look::default())
    }
}

impl<T: askama::Template> HtmlPage for T {
    /// Rendering into a string fails only if a value's `Display` does, and ours do not; if one ever did, the
    /// person would read a plain sentence instead of a broken connection.
    fn html_in(&self, look: &Look) -> String {
        let look: &dyn Any = look;
        self.render_with_values(&("look", look)).unwrap_or_else(|_| LAST_RESORT.to_owned())
    }
}

const LAST_RESORT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error</title>\
     <p>This page could not be shown. Please go back and try again.</p></html>";

/// The person signed in at this browser, for the "Not you?" form, which posts to `/session/forget`.
#[derive(Clone, Debug, Default)]
pub struct KnownPerson {
    /// The name in the directory.
    pub display_name: String,
    /// Names accepted at sign-in, the usual one first; empty if unknown.
    pub login_names: Vec<String>,
    /// The directory that these names are in.
    pub directory: String,
    /// The waiting login to return to; empty if there is none.
    pub pending_id: String,
    /// That login's client, for the link back if the login has ended.
    pub client_id: String,
    pub csrf_token: String,
}

impl KnownPerson {
    /// The letter in the circle beside the name.
    fn initial(&self) -> String {
        let letter = self.display_name.chars().find(|letter| letter.is_alphanumeric());
        letter.map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
    }
}

/// Path of the page on which people manage their own sign-in.
pub const OWN_PAGE: &str = "/account/security";
/// Path of the page on which people change their directory password.
pub const OWN_PASSWORD_PAGE: &str = "/account/security/password";

/// Path of the first page of the admin panel.
pub const PANEL_PAGE: &str = "/admin";

/// A link back to the client.
#[derive(Clone, Debug)]
pub struct ReturnTo {
    /// The client's name; empty for our own pages.
    pub client_name: String,
    /// The registered `client_uri`, never an address from the request.
    pub url: String,
}

impl ReturnTo {
    /// The link to the person's own page.
    #[must_use]
    pub fn own_page() -> Self {
        Self { client_name: String::new(), url: OWN_PAGE.to_owned() }
    }

    /// The link to the admin panel.
    #[must_use]
    pub fn panel() -> Self {
        Self { client_name: String::new(), url: PANEL_PAGE.to_owned() }
    }

    fn label(&self, language: Language) -> Cow<'static, str> {
        match self.client_name.is_empty() {
            true if self.url == PANEL_PAGE => language.text("panel.back"),
            true => language.text("account.back"),
            false => language.with("back-to", "client", self.client_name.as_str()),
        }
    }
}
