//! The page at `/account/security`: what lets me in, where I am signed in, and how to end it.

use std::borrow::Cow;

use askama::Template;

use super::{KnownPerson, Language, Moment};
use crate::domain::place::Place;

/// Every form posts `csrf`, and goes below `/account/security`: `rename` (`factor`, `name`), `remove` (`factor`),
/// `codes`, `end` (`session`), `end-others`, `forget` (`browser`), `forget-all`, `sign-in`. Adding begins with a GET of
/// `new`. Signing out posts to `/logout`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/account-security.html")]
pub struct AccountSecurity {
    /// The language of the page.
    pub language: Language,
    /// The form token.
    pub csrf_token: String,
    /// How the directory names the person.
    pub display_name: String,
    /// The person's mail; empty if there is none.
    pub email: String,
    /// Whether the sign-in is recent enough to change what lets the person in; if not, the page offers a new one in place
    /// of the buttons.
    pub may_change: bool,
    /// Whether the last authenticator may be removed: not where the policy asks for one.
    pub may_remove_last: bool,
    /// Whether the policy lets the person add an authenticator here.
    pub may_add: bool,
    /// Whether the directory password can be changed here.
    pub may_change_password: bool,
    /// The authenticators, oldest first.
    pub authenticators: Vec<Authenticator>,
    /// How many recovery codes are left; `None` for a person without an authenticator.
    pub recovery_left: Option<u32>,
    /// The sessions, this one first.
    pub sessions: Vec<SessionRow>,
    /// The browsers that are not asked for a code.
    pub browsers: Vec<RememberedBrowser>,
    /// Clients hold tokens that came from elsewhere.
    pub tokens_elsewhere: bool,
    /// What has just been done.
    pub notice: Option<AccountNotice>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
}

/// One authenticator.
#[derive(Clone, Debug, Default)]
pub struct Authenticator {
    /// What the forms name it by.
    pub id: String,
    /// What the person calls it; empty: not named.
    pub name: String,
    /// Since when.
    pub added: Moment,
    /// When it last let the person in; `None`: never.
    pub used: Option<Moment>,
}

/// One browser that is signed in.
#[derive(Clone, Debug, Default)]
pub struct SessionRow {
    /// What the forms name it by.
    pub id: String,
    /// Whether it is the browser that looks at the page.
    pub here: bool,
    /// When the person signed in there.
    pub signed_in: Moment,
    /// When it was last used.
    pub used: Moment,
    /// Where that was.
    pub place: Place,
}

/// One browser that is not asked for a code.
#[derive(Clone, Debug, Default)]
pub struct RememberedBrowser {
    /// What the forms name it by.
    pub id: String,
    /// Where it was when the person asked for that.
    pub place: Place,
    /// Since when.
    pub since: Moment,
    /// Until when.
    pub until: Moment,
}

/// What has just been done, or was not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AccountNotice {
    /// An authenticator was added.
    Added,
    /// An authenticator has another name.
    Renamed,
    /// An authenticator was removed.
    Removed,
    /// The last one stays, because the policy asks for one.
    LastStays,
    /// A session was ended.
    SessionEnded,
    /// All other sessions were ended.
    OthersEnded,
    /// A browser, or all of them, is asked for a code again.
    Forgotten,
    /// The password was changed, and all else that was opened by the old one has ended.
    PasswordChanged,
    /// The form was too old, or not ours: nothing was changed.
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

    /// Whether it is what the person wanted.
    fn is_good(self) -> bool {
        !matches!(self, Self::LastStays | Self::NothingChanged)
    }
}

impl AccountSecurity {
    fn initial(&self) -> String {
        KnownPerson { display_name: self.display_name.clone(), ..KnownPerson::default() }.initial()
    }

    fn name_of<'a>(&self, authenticator: &'a Authenticator) -> Cow<'a, str> {
        match authenticator.name.is_empty() {
            true => self.language.text("authenticator"),
            false => Cow::Borrowed(&authenticator.name),
        }
    }

    /// `Firefox on Windows, 192.0.2.x`, as far as it is known.
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
    use crate::web::pages::Page;

    fn page(count: usize) -> AccountSecurity {
        let authenticator = |at: usize| Authenticator { id: format!("f{at}"), ..Authenticator::default() };
        let authenticators = (0..count).map(authenticator).collect();
        AccountSecurity { may_change: true, may_add: true, authenticators, ..AccountSecurity::default() }
    }

    #[test]
    fn an_old_sign_in_changes_nothing_that_lets_the_person_in() {
        let html = AccountSecurity { may_change: false, recovery_left: Some(3), ..page(1) }.html();
        for action in ["rename", "remove", "codes", "new"] {
            assert!(!html.contains(&format!("/account/security/{action}")), "{action}");
        }
        assert!(html.contains("action=\"/account/security/sign-in\""));
    }

    #[test]
    fn the_last_authenticator_stays_where_the_policy_asks_for_one() {
        assert!(!page(1).html().contains("/account/security/remove"));
        assert_eq!(page(2).html().matches("/account/security/remove").count(), 2);
        let free = AccountSecurity { may_remove_last: true, ..page(1) };
        assert!(free.html().contains("/account/security/remove"));
    }

    #[test]
    fn this_browser_is_signed_out_and_the_others_are_ended() {
        let row = |id: &str, here| SessionRow { id: id.into(), here, ..SessionRow::default() };
        let html = AccountSecurity { sessions: vec![row("s1", true), row("s2", false)], ..page(0) }.html();
        assert!(!html.contains("value=\"s1\"") && html.contains("value=\"s2\""));
        assert!(html.contains("action=\"/account/security/end-others\""));
    }
}
