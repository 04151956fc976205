//! Setting up an authenticator, at sign-in or on the account page, and the help desk's code before it.

use askama::Template;

use super::frame::{CodeKind, NoticeText};
use super::qr::QrPicture;
use super::{CodeNotice, Language, LoginFrame};

/// The secret for an authenticator app, as a picture or link and as text.
#[derive(Clone, Debug, Default)]
pub struct NewSecret {
    /// `otpauth://totp/...`: for the QR code, and for a link on the phone itself.
    pub uri: String,
    /// The secret in base32, for typing; the page groups it.
    pub key: String,
    /// Digits of a code.
    pub digits: u8,
    /// Seconds that a code is valid.
    pub period: u32,
}

impl NewSecret {
    fn picture(&self) -> Option<QrPicture> {
        QrPicture::of(&self.uri)
    }

    /// In groups of four characters, which are easy to copy by hand.
    fn grouped(&self) -> String {
        let letters: Vec<char> = self.key.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

/// Set-up at sign-in. Posts `code` and `name` (may be empty) to `/login/enrol`; "later" posts to
/// `/login/enrol/later`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/enrol-factor.html")]
pub struct EnrolFactor {
    pub language: Language,
    pub frame: LoginFrame,
    pub secret: NewSecret,
    /// The authenticator's name, as typed last time.
    pub name: String,
    /// Days that it may still be postponed; `None` if it may not.
    pub later_days: Option<u32>,
    pub notice: Option<CodeNotice>,
}

/// Set-up on the account page. Posts `csrf`, `sealed`, `code` and `name` to `/account/security/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/new-factor.html")]
pub struct NewFactor {
    pub language: Language,
    pub csrf_token: String,
    /// The sealed secret, which comes back with the code: nothing is stored before the code proves it.
    pub sealed: String,
    pub secret: NewSecret,
    /// The authenticator's name, as typed last time.
    pub name: String,
    pub notice: Option<CodeNotice>,
    /// Empty if not configured.
    pub help_contact: String,
}

/// Asks for the help desk's code before the set-up, where the settings require it. Posts `code` to
/// `/login/invitation`; "later" posts to `/login/enrol/later`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/invitation-needed.html")]
pub struct InvitationNeeded {
    pub language: Language,
    pub frame: LoginFrame,
    /// Days that the set-up may still be postponed; `None` if it may not.
    pub later_days: Option<u32>,
    pub notice: Option<CodeNotice>,
}

impl EnrolFactor {
    fn notice_text(&self) -> Option<NoticeText> {
        self.notice.map(|notice| notice.notice_text(CodeKind::App, self.language))
    }
}

impl NewFactor {
    fn notice_text(&self) -> Option<NoticeText> {
        self.notice.map(|notice| notice.notice_text(CodeKind::App, self.language))
    }
}

impl InvitationNeeded {
    fn notice_text(&self) -> Option<NoticeText> {
        self.notice.map(|notice| notice.notice_text(CodeKind::HelpDesk, self.language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::HtmlPage;

    fn page(uri: &str) -> EnrolFactor {
        let secret = NewSecret { uri: uri.into(), key: "JBSWY3DPEHPK3PXPAB".into(), digits: 6, period: 30 };
        EnrolFactor { secret, ..EnrolFactor::default() }
    }

    #[test]
    fn the_key_is_read_out_in_groups() {
        assert_eq!(page("").secret.grouped(), "JBSW Y3DP EHPK 3PXP AB");
    }

    #[test]
    fn a_text_too_long_for_a_qr_code_shows_only_the_key() {
        let html = page(&"x".repeat(4_000)).html();
        assert!(!html.contains("class=\"qr\"") && html.contains("JBSW Y3DP"));
    }

    #[test]
    fn later_is_offered_only_while_allowed() {
        let html = |later_days| EnrolFactor { later_days, ..page("otpauth://totp/x") }.html();
        assert!(!html(None).contains("/login/enrol/later"));
        assert!(html(Some(1)).contains("/login/enrol/later"));
    }
}
