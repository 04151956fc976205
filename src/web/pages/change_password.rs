//! The pages that change the directory password: during a sign-in, and on the person's own page.

use std::borrow::Cow;

use askama::Template;

use super::frame::{NoticeText, wait};
use super::password_rules::sentences;
use super::{Language, LoginFrame};
use crate::domain::password::{ChangeRefusal, PasswordRules};

/// Posts `current`, `new` and `again` to `/login/password`.
#[derive(Clone, Debug, Template)]
#[template(path = "pages/change-password.html")]
pub struct ChangePassword {
    pub language: Language,
    pub frame: LoginFrame,
    /// The typed name: password managers save the new password under it.
    pub username: String,
    pub why: ChangeReason,
    /// What the directory requires of the new password, if it publishes that.
    pub rules: Option<PasswordRules>,
    pub notice: Option<PasswordNotice>,
}

/// Why a password has to be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChangeReason {
    Expired,
    /// An administrator requires a new password first.
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

/// The notice about the last attempt. A refusal by the directory is explained in our own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordNotice {
    MissingCurrent,
    MissingNew,
    NotTheSame,
    WrongCurrent,
    /// Too short, too simple, or too similar to the name.
    TooSimple,
    InHistory,
    TooYoung,
    /// The person may not change it, or the connection does not allow it.
    NotAllowed,
    /// The directory refused it without a reason.
    RefusedByDirectory,
    /// Too many attempts (429).
    Wait {
        retry_after_seconds: u32,
    },
}

impl PasswordNotice {
    /// Why the typed passwords cannot be sent to the directory.
    #[must_use]
    pub fn of_fields(old: &str, new: &str, again: &str) -> Option<Self> {
        match (old, new) {
            ("", _) => Some(Self::MissingCurrent),
            (_, "") => Some(Self::MissingNew),
            _ if new != again => Some(Self::NotTheSame),
            _ => None,
        }
    }

    /// Why the directory refused the new password.
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

    fn notice_text(self, language: Language) -> NoticeText {
        let next_step = match self {
            Self::Wait { retry_after_seconds } => wait(language, retry_after_seconds),
            _ => language.text(&format!("{}.next", self.key())),
        };
        NoticeText {
            title: language.text(self.key()),
            what: language.text(&format!("{}.what", self.key())),
            next_step,
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

    /// Id of the field to correct.
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

/// The same on the person's own page. Posts `csrf`, `current`, `new` and `again` to
/// `/account/security/password`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/own-password.html")]
pub struct OwnPassword {
    pub language: Language,
    pub csrf_token: String,
    /// The login name: password managers save the new password under it.
    pub username: String,
    /// What the directory requires of the new password, if it publishes that.
    pub rules: Option<PasswordRules>,
    pub notice: Option<PasswordNotice>,
    /// For an administrator to look up; shown only beside a notice.
    pub attempt_id: Option<String>,
    /// Empty if not configured.
    pub help_contact: String,
}

impl OwnPassword {
    fn rules(&self) -> Vec<Cow<'static, str>> {
        sentences(self.rules, self.language)
    }

    fn notice_text(&self) -> Option<NoticeText> {
        self.notice.map(|notice| notice.notice_text(self.language))
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

    fn notice_text(&self) -> Option<NoticeText> {
        self.notice.map(|notice| notice.notice_text(self.language))
    }

    /// Id of the field with the cursor.
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
    use crate::web::pages::HtmlPage;

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
