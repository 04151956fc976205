//! Setting up an authenticator: at sign-in, on the account page, and the door before it.

use askama::Template;

use super::frame::{CodeKind, Told};
use super::qr::QrPicture;
use super::{CodeNotice, Language, LoginFrame};

/// What an authenticator app has to be told, in the two ways that people tell it.
#[derive(Clone, Debug, Default)]
pub struct NewSecret {
    /// `otpauth://totp/...`: in the picture, and in the link for people who are on the phone already.
    pub uri: String,
    /// The secret in base32, to be typed; the page groups it.
    pub key: String,
    /// How many digits a code has.
    pub digits: u8,
    /// For how many seconds a code stands.
    pub period: u32,
}

impl NewSecret {
    fn picture(&self) -> Option<QrPicture> {
        QrPicture::of(&self.uri)
    }

    /// Four characters at a time are what a person can hold between two looks.
    fn grouped(&self) -> String {
        let letters: Vec<char> = self.key.chars().collect();
        letters.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    }
}

/// The set-up at sign-in. Posts `code` and `name` (may be empty) to `/login/enrol`; "later" posts to
/// `/login/enrol/later`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/enrol-factor.html")]
pub struct EnrolFactor {
    /// The language of the page.
    pub language: Language,
    /// The login.
    pub frame: LoginFrame,
    /// What the app is told.
    pub secret: NewSecret,
    /// How the person calls the authenticator, as typed last time.
    pub name: String,
    /// For how many more days it may be put off; `None` when it may not.
    pub later_days: Option<u32>,
    /// Why the last code did not do.
    pub notice: Option<CodeNotice>,
}

/// The same on the account page. Posts `csrf`, `sealed`, `code` and `name` to `/account/security/new`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/new-factor.html")]
pub struct NewFactor {
    /// The language of the page.
    pub language: Language,
    /// The form token.
    pub csrf_token: String,
    /// The secret, sealed, to come back with the code: nothing is stored before the proof.
    pub sealed: String,
    /// What the app is told.
    pub secret: NewSecret,
    /// How the person calls the authenticator, as typed last time.
    pub name: String,
    /// Why the last code did not do.
    pub notice: Option<CodeNotice>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
}

/// The door before the set-up where the admin wants one: a code of the help desk. Posts `code` to `/login/invitation`;
/// "later" posts to `/login/enrol/later`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/invitation-needed.html")]
pub struct InvitationNeeded {
    /// The language of the page.
    pub language: Language,
    /// The login.
    pub frame: LoginFrame,
    /// For how many more days the set-up may be put off; `None` when it may not.
    pub later_days: Option<u32>,
    /// Why the last code did not do.
    pub notice: Option<CodeNotice>,
}

impl EnrolFactor {
    fn told(&self) -> Option<Told> {
        self.notice.map(|notice| notice.told(CodeKind::App, self.language))
    }
}

impl NewFactor {
    fn told(&self) -> Option<Told> {
        self.notice.map(|notice| notice.told(CodeKind::App, self.language))
    }
}

impl InvitationNeeded {
    fn told(&self) -> Option<Told> {
        self.notice.map(|notice| notice.told(CodeKind::HelpDesk, self.language))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::Page;

    fn page(uri: &str) -> EnrolFactor {
        let secret = NewSecret { uri: uri.into(), key: "JBSWY3DPEHPK3PXPAB".into(), digits: 6, period: 30 };
        EnrolFactor { secret, ..EnrolFactor::default() }
    }

    #[test]
    fn the_key_is_read_out_in_groups() {
        assert_eq!(page("").secret.grouped(), "JBSW Y3DP EHPK 3PXP AB");
    }

    #[test]
    fn what_no_picture_can_hold_is_left_to_the_key() {
        let html = page(&"x".repeat(4_000)).html();
        assert!(!html.contains("class=\"qr\"") && html.contains("JBSW Y3DP"));
    }

    #[test]
    fn later_is_there_only_while_it_is() {
        let html = |later_days| EnrolFactor { later_days, ..page("otpauth://totp/x") }.html();
        assert!(!html(None).contains("/login/enrol/later"));
        assert!(html(Some(1)).contains("/login/enrol/later"));
    }
}
