//! The pages: one typed context each, a compiled template under `templates/`, texts from `templates/i18n`.
//!
//! A context holds what a page shows and nothing that it could do: no I/O, no request, no settings. Everything that came
//! from outside is escaped by the template. How to add a page or a language: `docs/pages.md`.

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
mod samples;
mod second_factor;
mod sign_in;
mod sign_out;
#[cfg(test)]
mod tests;

pub use account::{AccountNotice, AccountSecurity, Authenticator, RememberedBrowser, SessionRow};
pub use change_password::{ChangePassword, ChangeReason, OwnPassword, PasswordNotice};
pub use enrol::{EnrolFactor, InvitationNeeded, NewFactor, NewSecret};
pub use error_page::{ErrorKind, ErrorPage};
pub use form_post::FormPost;
pub use frame::{CodeNotice, LoginFrame};
pub use home::Home;
pub use language::Language;
pub use look::Look;
pub use moment::Moment;
pub use policy::{Scripts, content_security_policy};
pub use second_factor::{RecoveryCodeUsed, RecoveryCodes, SecondFactor};
pub use sign_in::{Domain, SignIn, SignInNotice};
pub use sign_out::{LogoutConfirm, SignedOut};

use std::borrow::Cow;

/// A page that can be sent.
pub trait Page {
    /// The whole document, in the look of this company.
    fn html_in(&self, look: &Look) -> String;

    /// The same as we deliver it.
    fn html(&self) -> String {
        self.html_in(&Look::default())
    }
}

impl<T: askama::Template> Page for T {
    /// Rendering into a string fails only where a value's `Display` does, and ours do not; should one ever, the person
    /// reads a plain sentence instead of a broken connection.
    fn html_in(&self, look: &Look) -> String {
        let look: &dyn Any = look;
        self.render_with_values(&("look", look)).unwrap_or_else(|_| LAST_RESORT.to_owned())
    }
}

const LAST_RESORT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Error</title>\
     <p>This page could not be shown. Please go back and try again.</p></html>";

/// Who is signed in at this browser, with what the "Not you?" form needs: a form post to `/session/forget`.
#[derive(Clone, Debug, Default)]
pub struct KnownPerson {
    /// As the directory names the person.
    pub display_name: String,
    /// What the person may type at sign-in, the usual one first; empty where that is not known.
    pub login_names: Vec<String>,
    /// The directory that these names are in.
    pub directory: String,
    /// The login that waits, to come back to; empty if none does.
    pub pending_id: String,
    /// Whom that login is for: the way back, should the login have ended.
    pub client_id: String,
    /// The form token.
    pub csrf_token: String,
}

impl KnownPerson {
    /// The letter in the circle beside the name.
    fn initial(&self) -> String {
        let letter = self.display_name.chars().find(|letter| letter.is_alphanumeric());
        letter.map_or_else(|| "?".to_owned(), |letter| letter.to_uppercase().collect())
    }
}

/// A way back to the client.
#[derive(Clone, Debug)]
pub struct ReturnTo {
    /// How the client is called; empty for the person's own page here.
    pub client_name: String,
    /// Where it lives: the registered `client_uri`, never an address out of the request.
    pub url: String,
}

impl ReturnTo {
    /// The person's own page.
    #[must_use]
    pub fn own_page() -> Self {
        Self { client_name: String::new(), url: super::account::PATH.to_owned() }
    }

    fn label(&self, language: Language) -> Cow<'static, str> {
        match self.client_name.is_empty() {
            true => language.text("account.back"),
            false => language.with("back-to", "client", self.client_name.as_str()),
        }
    }
}
