//! What all pages of a login under way have in common: what their forms carry, whom they speak to, whom to ask.

use std::borrow::Cow;

use super::{ErrorKind, KnownPerson, Language};

/// The part of a page that belongs to the login and not to the step. Forms post `pending`, `client_id` and `csrf`.
#[derive(Clone, Debug, Default)]
pub struct LoginFrame {
    /// Which login waits for this.
    pub pending_id: String,
    /// Whom it is for: the way back, should the login have ended when the form is sent.
    pub client_id: String,
    /// The form token.
    pub csrf_token: String,
    /// Where the person is going.
    pub client_name: String,
    /// Who is signing in, with "Not you?": by name once the password is proven, as typed before. The words "signing in
    /// as" promise nothing yet.
    pub person: Option<KnownPerson>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
    /// The attempt, for the admin to look up; shown only beside a notice that may need it.
    pub attempt_id: Option<String>,
}

impl LoginFrame {
    /// Whom to ask, for the foot of the page; empty where the notice says it already.
    pub(super) fn help_below(&self, told: Option<&Told>) -> &str {
        if told.is_some_and(|told| told.needs_help) { "" } else { &self.help_contact }
    }
}

/// What a page says about the last try: a title, what it was, what to do.
#[derive(Clone, Debug)]
pub(super) struct Told {
    pub(super) title: Cow<'static, str>,
    pub(super) what: Cow<'static, str>,
    pub(super) mend: Cow<'static, str>,
    /// The id of the field to mend.
    pub(super) field: &'static str,
    /// Whether somebody else may have to be asked.
    pub(super) needs_help: bool,
}

/// What a page that asks for a code says about the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeNotice {
    /// The field was left empty.
    Missing,
    /// No code of this person's.
    Wrong,
    /// A right code, but it has been used already.
    AlreadyUsed,
    /// Too many wrong codes: the next one is taken later (429).
    Wait {
        /// When.
        retry_after_seconds: u32,
    },
}

impl CodeNotice {
    fn key(self) -> &'static str {
        match self {
            Self::Missing => "notice-missing-code",
            Self::Wrong => "notice-wrong-code",
            Self::AlreadyUsed => "notice-used-code",
            Self::Wait { .. } => "notice-wait-code",
        }
    }

    pub(super) fn told(self, language: Language) -> Told {
        let mend = match self {
            Self::Wait { retry_after_seconds } => wait(language, retry_after_seconds),
            _ => language.text(&format!("{}.mend", self.key())),
        };
        Told {
            title: language.text(self.key()),
            what: language.text(&format!("{}.what", self.key())),
            mend,
            field: "code",
            needs_help: matches!(self, Self::Wrong | Self::Wait { .. }),
        }
    }
}

/// When to try again, in words.
pub(super) fn wait(language: Language, retry_after_seconds: u32) -> Cow<'static, str> {
    ErrorKind::TooManyRequests { retry_after_seconds }.mend(language)
}
