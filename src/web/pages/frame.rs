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
    /// True where that is the person's own page here, and no client.
    pub ours: bool,
    /// Who is signing in, with "Not you?": by name once the password is proven, as typed before. The words "signing in
    /// as" promise nothing yet.
    pub person: Option<KnownPerson>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
    /// The attempt, for the admin to look up; shown only beside a notice that may need it.
    pub attempt_id: Option<String>,
}

impl LoginFrame {
    /// "Continue to ...".
    pub(super) fn go_on(&self, language: Language) -> Cow<'static, str> {
        match self.ours {
            true => language.text("recovery-code-used.account"),
            false => language.with("form-post.button", "client", self.client_name.as_str()),
        }
    }

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

/// Which code a page asks for: what went wrong with it is said in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeKind {
    /// The one that the authenticator app shows.
    App,
    /// One of the recovery sheet, or of the help desk in its place.
    Recovery,
    /// The help desk's, which opens the set-up.
    HelpDesk,
}

impl CodeNotice {
    fn key(self, kind: CodeKind) -> &'static str {
        match (self, kind) {
            (Self::Missing, CodeKind::App) => "notice-missing-code",
            (Self::Missing, CodeKind::Recovery) => "notice-missing-recovery-code",
            (Self::Missing, CodeKind::HelpDesk) => "notice-missing-desk-code",
            (Self::Wrong, CodeKind::App) => "notice-wrong-code",
            (Self::Wrong, CodeKind::Recovery) => "notice-wrong-recovery-code",
            (Self::Wrong, CodeKind::HelpDesk) => "notice-wrong-desk-code",
            (Self::AlreadyUsed, _) => "notice-used-code",
            (Self::Wait { .. }, _) => "notice-wait-code",
        }
    }

    pub(super) fn told(self, kind: CodeKind, language: Language) -> Told {
        let key = self.key(kind);
        let mend = match self {
            Self::Wait { retry_after_seconds } => wait(language, retry_after_seconds),
            _ => language.text(&format!("{key}.mend")),
        };
        Told {
            title: language.text(key),
            what: language.text(&format!("{key}.what")),
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
