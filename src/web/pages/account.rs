//! The page at `/account/security`: factors, sessions and remembered browsers, and how to end them.

use std::borrow::Cow;

use askama::Template;

use super::{KnownPerson, Language, Moment};
use crate::domain::place::Place;

/// Every form posts `csrf` to a path below `/account/security`: `rename` (`factor`, `name`), `remove`
/// (`factor`), `codes`, `end` (`session`), `end-others`, `forget` (`browser`), `forget-all`, `sign-in`.
/// Adding starts with a GET of `new`. Signing out posts to `/logout`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/account-security.html")]
pub struct AccountSecurity {
    pub language: Language,
    pub csrf_token: String,
    pub display_name: String,
    /// Empty if there is none.
    pub email: String,
    /// Whether the sign-in is recent enough to change factors; if not, the page offers a new sign-in.
    pub may_change: bool,
    /// False if the policy requires one.
    pub may_remove_last: bool,
    /// Whether the policy lets the person add an authenticator here.
    pub may_add: bool,
    /// Whether the directory password can be changed here.
    pub may_change_password: bool,
    pub authenticators: Vec<RegisteredAuthenticator>,
    /// `None` for a person without an authenticator.
    pub recovery_left: Option<u32>,
    pub sessions: Vec<SignedInBrowser>,
    pub browsers: Vec<RememberedBrowser>,
    /// Clients hold tokens from other sign-ins.
    pub tokens_elsewhere: bool,
    pub notice: Option<AccountNotice>,
    /// Empty if not configured.
    pub help_contact: String,
}

/// One authenticator of the person, as the page lists it.
#[derive(Clone, Debug, Default)]
pub struct RegisteredAuthenticator {
    /// Id used by the forms.
    pub id: String,
    /// Empty if the person gave no name.
    pub name: String,
    pub added: Moment,
    /// Last sign-in with it; `None`: never.
    pub used: Option<Moment>,
}

/// A browser that is signed in.
#[derive(Clone, Debug, Default)]
pub struct SignedInBrowser {
    /// Id used by the forms.
    pub id: String,
    /// Whether this is the browser that shows the page.
    pub here: bool,
    pub signed_in: Moment,
    pub used: Moment,
    pub place: Place,
}

/// A browser that is not asked for a code.
#[derive(Clone, Debug, Default)]
pub struct RememberedBrowser {
    /// Id used by the forms.
    pub id: String,
    /// Where the person asked for that.
    pub place: Place,
    pub since: Moment,
    pub until: Moment,
}

/// The result of the last form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    Added,
    Renamed,
    Removed,
    /// The last authenticator cannot be removed, because the policy requires one.
    LastStays,
    SessionEnded,
    OthersEnded,
    /// One remembered browser, or all, is asked for a code again.
    Forgotten,
    /// The password was changed, and everything opened with the old one has ended.
    PasswordChanged,
    /// The form was too old, or not ours.
    NothingChanged,
}

impl AccountNotice {
    fn key(self) -> &'static str {
        match self {
            Self::Added => "account-added",
            Self::Renamed => "account-renamed",
            Self::Removed => "account-removed",
            Self::LastStays => "account-last-stays",
            Self::SessionEnded => "account-session-ended",
            Self::OthersEnded => "account-others-ended",
            Self::Forgotten => "account-forgotten",
            Self::PasswordChanged => "account-password-changed",
            Self::NothingChanged => "account-nothing-changed",
        }
    }

    /// Whether it is the result that the person wanted.
    fn is_good(self) -> bool {
        !matches!(self, Self::LastStays | Self::NothingChanged)
    }
}

impl AccountSecurity {
    fn initial(&self) -> String {
        KnownPerson { display_name: self.display_name.clone(), ..KnownPerson::default() }.initial()
    }

    fn name_of<'a>(&self, authenticator: &'a RegisteredAuthenticator) -> Cow<'a, str> {
        match authenticator.name.is_empty() {
            true => self.language.text("authenticator"),
            false => Cow::Borrowed(&authenticator.name),
        }
    }

    /// `Firefox on Windows, 192.0.2.x`, as far as known.
    fn shown(&self, place: &Place) -> String {
        let name = match (place.browser(), place.system()) {
            ("", "") => self.language.text("browser"),
            (name, "") | ("", name) => Cow::Borrowed(name),
            (browser, system) => {
                let parts = [("browser", browser.into()), ("system", system.into())];
                self.language.with_all("browser.on", parts)
            }
        };
        match place.network() {
            "" => name.into_owned(),
            network => format!("{name}, {network}"),
        }
    }

    fn may_remove(&self) -> bool {
        self.may_remove_last || self.authenticators.len() > 1
    }

    fn has_others(&self) -> bool {
        self.tokens_elsewhere || self.sessions.iter().any(|session| !session.here)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::HtmlPage;

    fn page(count: usize) -> AccountSecurity {
        let authenticator = |at: usize| RegisteredAuthenticator {
            id: format!("f{at}"),
            ..RegisteredAuthenticator::default()
        };
        let authenticators = (0..count).map(authenticator).collect();
        AccountSecurity { may_change: true, may_add: true, authenticators, ..AccountSecurity::default() }
    }

    #[test]
    fn an_old_sign_in_cannot_change_factors() {
        let html = AccountSecurity { may_change: false, recovery_left: Some(3), ..page(1) }.html();
        for action in ["rename", "remove", "codes", "new"] {
            assert!(!html.contains(&format!("/account/security/{action}")), "{action}");
        }
        assert!(html.contains("action=\"/account/security/sign-in\""));
    }

    #[test]
    fn a_required_last_authenticator_cannot_be_removed() {
        assert!(!page(1).html().contains("/account/security/remove"));
        assert_eq!(page(2).html().matches("/account/security/remove").count(), 2);
        let free = AccountSecurity { may_remove_last: true, ..page(1) };
        assert!(free.html().contains("/account/security/remove"));
    }

    #[test]
    fn this_browser_is_signed_out_and_the_others_are_ended() {
        let row = |id: &str, here| SignedInBrowser { id: id.into(), here, ..SignedInBrowser::default() };
        let html = AccountSecurity { sessions: vec![row("s1", true), row("s2", false)], ..page(0) }.html();
        assert!(!html.contains("value=\"s1\"") && html.contains("value=\"s2\""));
        assert!(html.contains("action=\"/account/security/end-others\""));
    }
}
