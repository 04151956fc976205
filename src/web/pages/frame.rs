//! What all pages of a login share: the hidden form fields, the person, the help contact.

use std::borrow::Cow;

use super::{ErrorKind, KnownPerson, Language};

/// Where a login leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LeadsTo {
    #[default]
    Client,
    /// The person's own page here.
    OwnPage,
    /// The admin panel.
    Panel,
}

/// The part of a page that belongs to the login, not to a step. Forms post `pending`, `client_id` and `csrf`.
#[derive(Clone, Debug, Default)]
pub struct LoginFrame {
    /// Id of the pending login.
    pub pending_id: String,
    /// For the link back if the login has ended when the form is sent.
    pub client_id: String,
    pub csrf_token: String,
    pub client_name: String,
    pub leads_to: LeadsTo,
    /// The person who is signing in, with "Not you?": by name once the password is verified, before that as
    /// typed. The words "signing in as" confirm nothing.
    pub person: Option<KnownPerson>,
    /// Empty if not configured.
    pub help_contact: String,
    /// For an administrator to look up; shown only beside a notice that may need it.
    pub attempt_id: Option<String>,
}

impl LoginFrame {
    /// "Continue to ...".
    pub(super) fn continue_label(&self, language: Language) -> Cow<'static, str> {
        match self.leads_to {
            LeadsTo::OwnPage => language.text("recovery-code-used.account"),
            LeadsTo::Panel => language.text("recovery-code-used.panel"),
            LeadsTo::Client => language.with("form-post.button", "client", self.client_name.as_str()),
        }
    }

    /// The help contact for the foot of the page; empty if the notice already shows it.
    pub(super) fn help_below(&self, notice_text: Option<&NoticeText>) -> &str {
        if notice_text.is_some_and(|notice_text| notice_text.needs_help) { "" } else { &self.help_contact }
    }
}

/// A notice about the last attempt: title, what happened, what to do next.
#[derive(Clone, Debug)]
pub(super) struct NoticeText {
    pub(super) title: Cow<'static, str>,
    pub(super) what: Cow<'static, str>,
    pub(super) next_step: Cow<'static, str>,
    /// Id of the field to correct.
    pub(super) field: &'static str,
    /// Whether the person may need help from somebody else.
    pub(super) needs_help: bool,
}

/// The notice about the last code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CodeNotice {
    Missing,
    /// Not a code of this person.
    Wrong,
    /// A right code that was used before.
    AlreadyUsed,
    /// Too many wrong codes: the person has to wait (429).
    Wait {
        retry_after_seconds: u32,
    },
}

/// The kind of code that a page asks for; each has its own texts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CodeKind {
    App,
    /// A recovery code, or the help desk's code in its place.
    Recovery,
    /// The help desk's code that allows the set-up.
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

    pub(super) fn notice_text(self, kind: CodeKind, language: Language) -> NoticeText {
        let key = self.key(kind);
        let next_step = match self {
            Self::Wait { retry_after_seconds } => wait(language, retry_after_seconds),
            _ => language.text(&format!("{key}.next")),
        };
        NoticeText {
            title: language.text(key),
            what: language.text(&format!("{key}.what")),
            next_step,
            field: "code",
            needs_help: matches!(self, Self::Wrong | Self::Wait { .. }),
        }
    }
}

/// When to try again, as text.
pub(super) fn wait(language: Language, retry_after_seconds: u32) -> Cow<'static, str> {
    ErrorKind::TooManyRequests { retry_after_seconds }.next_step(language)
}
