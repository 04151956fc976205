//! The page that changes a password which the directory takes no longer.

use std::borrow::Cow;

use askama::Template;

use super::frame::{Told, wait};
use super::password_rules::sentences;
use super::{Language, LoginFrame};
use crate::domain::password::{ChangeRefusal, PasswordRules};

/// Posts `current`, `new` and `again` to `/login/password`.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/change-password.html")]
pub struct ChangePassword {
    /// The language of the page.
    pub language: Language,
    /// The login.
    pub frame: LoginFrame,
    /// The name that was typed: password managers keep the new password under it.
    pub username: String,
    /// Why it has to be changed.
    pub why: ChangeReason,
    /// What the directory demands of the new one, where it tells.
    pub rules: Option<PasswordRules>,
    /// Why the last try did not do.
    pub notice: Option<PasswordNotice>,
}

/// Why a password has to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeReason {
    /// It is too old.
    Expired,
    /// An admin wants a new one first.
    MustChange,
}

impl ChangeReason {
    fn key(self) -> &'static str {
        match self {
            Self::Expired => "change-password.expired",
            Self::MustChange => "change-password.must-change",
        }
    }
}

/// What the page says about the last try. What the directory refused, it says in its words' meaning, not in its words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordNotice {
    /// The current password was left empty.
    MissingCurrent,
    /// The new password was left empty.
    MissingNew,
    /// The two new ones differ.
    NotTheSame,
    /// The current password is not right.
    WrongCurrent,
    /// Too short, or not mixed enough, or too much like the name.
    TooSimple,
    /// Used before.
    InHistory,
    /// The last change was too short a time ago.
    TooYoung,
    /// The person may not change it, or the connection does not allow it.
    NotAllowed,
    /// The directory refused it and did not say why.
    RefusedByDirectory,
    /// Too many wrong tries (429).
    Wait {
        /// When the next one is taken.
        retry_after_seconds: u32,
    },
}

impl PasswordNotice {
    /// Why what was typed can't be sent to the directory.
    #[must_use]
    pub fn of_fields(old: &str, new: &str, again: &str) -> Option<Self> {
        match (old, new) {
            ("", _) => Some(Self::MissingCurrent),
            (_, "") => Some(Self::MissingNew),
            _ if new != again => Some(Self::NotTheSame),
            _ => None,
        }
    }

    /// Why the directory did not take the new password.
    #[must_use]
    pub fn of_refusal(refusal: ChangeRefusal) -> Self {
        match refusal {
            ChangeRefusal::TooShortOrSimple => Self::TooSimple,
            ChangeRefusal::InHistory => Self::InHistory,
            ChangeRefusal::TooYoung => Self::TooYoung,
            ChangeRefusal::NotAllowed => Self::NotAllowed,
            ChangeRefusal::Other => Self::RefusedByDirectory,
        }
    }

    fn told(self, language: Language) -> Told {
        let mend = match self {
            Self::Wait { retry_after_seconds } => wait(language, retry_after_seconds),
            _ => language.text(&format!("{}.mend", self.key())),
        };
        Told {
            title: language.text(self.key()),
            what: language.text(&format!("{}.what", self.key())),
            mend,
            field: self.field(),
            needs_help: self.needs_help(),
        }
    }

    fn key(self) -> &'static str {
        match self {
            Self::MissingCurrent => "notice-missing-current",
            Self::MissingNew => "notice-missing-new",
            Self::NotTheSame => "notice-not-the-same",
            Self::WrongCurrent => "notice-wrong-current",
            Self::TooSimple => "notice-too-simple",
            Self::InHistory => "notice-in-history",
            Self::TooYoung => "notice-too-young",
            Self::NotAllowed => "notice-change-not-allowed",
            Self::RefusedByDirectory => "notice-change-refused",
            Self::Wait { .. } => "notice-wait-password",
        }
    }

    /// The id of the field to mend.
    fn field(self) -> &'static str {
        match self {
            Self::MissingCurrent | Self::WrongCurrent | Self::Wait { .. } => "current",
            Self::NotTheSame => "again",
            _ => "new",
        }
    }

    fn needs_help(self) -> bool {
        !matches!(self, Self::MissingCurrent | Self::MissingNew | Self::NotTheSame | Self::InHistory)
    }
}

/// The same on the person's own page. Posts `csrf`, `current`, `new` and `again` to `/account/security/password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/own-password.html")]
pub struct OwnPassword {
    /// The language of the page.
    pub language: Language,
    /// The form token.
    pub csrf_token: String,
    /// The login name: password managers keep the new password under it.
    pub username: String,
    /// What the directory demands of the new one, where it tells.
    pub rules: Option<PasswordRules>,
    /// Why the last try did not do.
    pub notice: Option<PasswordNotice>,
    /// The attempt, for the admin to look up; shown only beside a notice.
    pub attempt_id: Option<String>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
}

impl OwnPassword {
    fn rules(&self) -> Vec<Cow<'static, str>> {
        sentences(self.rules, self.language)
    }

    fn told(&self) -> Option<Told> {
        self.notice.map(|notice| notice.told(self.language))
    }

    fn focuses(&self, field: &str) -> bool {
        self.notice.map_or("current", PasswordNotice::field) == field
    }

    fn blames(&self, field: &str) -> bool {
        self.notice.is_some_and(|notice| notice.field() == field)
    }
}

impl ChangePassword {
    fn rules(&self) -> Vec<Cow<'static, str>> {
        sentences(self.rules, self.language)
    }

    fn told(&self) -> Option<Told> {
        self.notice.map(|notice| notice.told(self.language))
    }

    /// Where the cursor stands.
    fn focuses(&self, field: &str) -> bool {
        self.notice.map_or("current", PasswordNotice::field) == field
    }

    fn blames(&self, field: &str) -> bool {
        self.notice.is_some_and(|notice| notice.field() == field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::Page;

    fn page(notice: Option<PasswordNotice>) -> String {
        let (language, frame, why) = (Language::English, LoginFrame::default(), ChangeReason::Expired);
        ChangePassword { language, frame, username: "alice".into(), why, rules: None, notice }.html()
    }

    #[test]
    fn no_password_is_sent_back_and_one_field_has_the_cursor() {
        for notice in [None, Some(PasswordNotice::TooSimple), Some(PasswordNotice::NotTheSame)] {
            let html = page(notice);
            assert_eq!(html.matches("autofocus").count(), 1, "{notice:?}");
            for field in html.split("type=\"password\"").skip(1) {
                assert!(!field.split('>').next().unwrap().contains("value"), "{notice:?}");
            }
        }
    }

    #[test]
    fn password_managers_learn_which_is_which() {
        let html = page(None);
        assert_eq!(html.matches("autocomplete=\"current-password\"").count(), 1);
        assert_eq!(html.matches("autocomplete=\"new-password\"").count(), 2);
        assert_eq!(html.matches("autocomplete=\"username\"").count(), 1);
    }
}
