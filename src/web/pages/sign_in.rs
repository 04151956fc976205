//! The sign-in page, and every way in which it says no.

use std::borrow::Cow;

use askama::Template;

use super::{KnownPerson, Language};

/// The form that asks for a user name and a password; it posts `pending`, `client_id`, `csrf`, `username`, `password`, and
/// where there is a choice `directory`, to `/login`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/sign-in.html")]
pub struct SignIn {
    /// The language of the page.
    pub language: Language,
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
    /// True when the password of the person who is signed in is all that is asked for.
    pub only_password: bool,
    /// What was typed, or hinted (`login_hint`): any text at all.
    pub username: String,
    /// The domains that this name could be in; empty unless there are several.
    pub domains: Vec<Domain>,
    /// Why the last try did not do.
    pub notice: Option<SignInNotice>,
    /// True when the code has been asked for first, and was right: only the password is missing.
    pub code_accepted: bool,
    /// Who is signed in already, when the client asks for a fresh sign-in.
    pub known_person: Option<KnownPerson>,
    /// Whom to ask, in the admin's own words; empty if nothing is set.
    pub help_contact: String,
    /// Where a forgotten password is reset; empty: nowhere that we know of.
    pub forgot_password_url: String,
    /// The attempt that the notice is about, for the admin to look up.
    pub attempt_id: Option<String>,
}

/// A domain to choose.
#[derive(Clone, Debug)]
pub struct Domain {
    /// What the form sends.
    pub id: String,
    /// What people read.
    pub name: String,
    /// True for the one that was chosen, or that this name was in the last time.
    pub chosen: bool,
}

/// What the sign-in page says about the last try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// Before a right password: unknown, wrong and locked read the same.
    Refused,
    /// No try is left for so many minutes, in a browser that is not known. Told of names that nobody has, too.
    TooMany(u32),
    /// The same in a browser that is known for the person.
    TooManyHere(u32),
    /// Too many sign in at once: nothing was tried.
    Busy,
    /// The user name was left empty.
    MissingUsername,
    /// The name could be in several domains, and none was chosen.
    MissingDomain,
    /// The password was left empty.
    MissingPassword,
    /// The form was too old, or not ours.
    TryAgainExpired,
    /// The directory has disabled the account.
    AccountDisabled,
    /// The account's expiry date has passed.
    AccountExpired,
    /// The password is too old.
    PasswordExpired,
    /// An admin wants the password changed first.
    PasswordMustChange,
    /// The directory has locked the account; said only after a right password.
    AccountLocked,
    /// In no OU or group that is connected to the client.
    OutOfScope,
    /// The directory holds no mail for the person.
    NoMail,
    /// The mail in the directory belongs to another account.
    EmailDiffers,
    /// A newcomer's mail belongs to another account, or several people share it.
    MailTaken,
    /// What the directory has for a mail can't be used.
    MailUnusable,
    /// An account that the client already had waits to be linked to the person.
    LinkPending,
    /// The import has not made an account.
    NoAccount,
    /// The account is suspended here.
    AccountSuspended,
    /// Not at this time, or not from this workstation (530, 531).
    NotAllowedHere,
    /// The directory requires a smart card.
    SmartCardRequired,
    /// Single sign-on is switched off.
    SsoDisabled,
}

/// The fields of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Username,
    Domain,
    Password,
}

impl SignInNotice {
    fn key(self) -> &'static str {
        match self {
            Self::Refused => "notice-refused",
            Self::TooMany(_) => "notice-too-many",
            Self::TooManyHere(_) => "notice-too-many-here",
            Self::Busy => "notice-busy",
            Self::MissingUsername => "notice-missing-username",
            Self::MissingDomain => "notice-missing-domain",
            Self::MissingPassword => "notice-missing-password",
            Self::TryAgainExpired => "notice-try-again",
            Self::AccountDisabled => "notice-account-disabled",
            Self::AccountExpired => "notice-account-expired",
            Self::PasswordExpired => "notice-password-expired",
            Self::PasswordMustChange => "notice-password-must-change",
            Self::AccountLocked => "notice-account-locked",
            Self::OutOfScope => "notice-out-of-scope",
            Self::NoMail => "notice-no-mail",
            Self::EmailDiffers => "notice-email-differs",
            Self::MailTaken => "notice-mail-taken",
            Self::MailUnusable => "notice-mail-unusable",
            Self::LinkPending => "notice-link-pending",
            Self::NoAccount => "notice-no-account",
            Self::AccountSuspended => "notice-account-suspended",
            Self::NotAllowedHere => "notice-not-allowed-here",
            Self::SmartCardRequired => "notice-smart-card-required",
            Self::SsoDisabled => "notice-sso-disabled",
        }
    }

    /// The field that is at fault by itself.
    fn field(self) -> Option<Field> {
        match self {
            Self::MissingUsername => Some(Field::Username),
            Self::MissingDomain => Some(Field::Domain),
            Self::MissingPassword => Some(Field::Password),
            _ => None,
        }
    }

    /// Whether somebody else may have to be asked: then the page says whom, and which number to give.
    fn needs_help(self) -> bool {
        self.field().is_none() && self != Self::TryAgainExpired
    }

    /// Whether the same person may well succeed at the next try: then nothing is broken, only to be repeated.
    fn is_for_a_retry(self) -> bool {
        matches!(self, Self::Refused | Self::Busy | Self::TryAgainExpired) || self.field().is_some()
    }
}

impl SignIn {
    /// Where the sign-in leads, or why it is asked for again.
    fn lead(&self) -> Cow<'static, str> {
        let (language, client) = (self.language, self.client_name.as_str());
        match (self.known_person.is_some(), self.ours) {
            (true, true) => language.text("sign-in.fresh-account"),
            (true, false) => language.with("sign-in.fresh", "client", client),
            (false, true) => language.text("sign-in.account"),
            (false, false) => language.with("sign-in.lead", "client", client),
        }
    }

    fn chosen_domain(&self) -> &str {
        self.domains.iter().find(|domain| domain.chosen).map_or("", |domain| &domain.id)
    }

    /// Who is refused for good may have come with the wrong account. With somebody signed in, "Not you?" says the same.
    fn offers_another_account(&self) -> bool {
        self.known_person.is_none() && self.notice.is_some_and(|notice| !notice.is_for_a_retry())
    }

    fn a_domain_is_chosen(&self) -> bool {
        self.domains.iter().any(|domain| domain.chosen)
    }

    /// The notice's title (no part), `.what` it was, or how to `.mend` it.
    fn notice_text(&self, part: &str) -> Cow<'static, str> {
        let Some(notice) = self.notice else { return Cow::Borrowed("") };
        let key = format!("{}{part}", notice.key());
        match notice {
            SignInNotice::TooMany(minutes) | SignInNotice::TooManyHere(minutes) => {
                self.language.with(&key, "minutes", minutes)
            }
            _ => self.language.with(&key, "client", self.client_name.as_str()),
        }
    }

    fn notice_needs_help(&self) -> bool {
        self.notice.is_some_and(SignInNotice::needs_help)
    }

    fn field_at_fault(&self) -> Option<Field> {
        self.notice.and_then(SignInNotice::field)
    }

    /// Where the cursor stands: in the field at fault, else in the first one that is still to be filled in. After a
    /// refusal that a retry cannot mend, only another user name helps.
    fn focus(&self) -> Field {
        let hopeless = self.notice.is_some_and(|notice| !notice.is_for_a_retry());
        if self.only_password {
            return Field::Password;
        }
        let first = match self.username.is_empty() || hopeless {
            true => Field::Username,
            false if !self.domains.is_empty() && !self.a_domain_is_chosen() => Field::Domain,
            false => Field::Password,
        };
        self.field_at_fault().unwrap_or(first)
    }

    fn focuses(&self, field: Field) -> bool {
        self.focus() == field
    }

    fn blames(&self, field: Field) -> bool {
        self.field_at_fault() == Some(field)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::Page;

    fn refused(notice: SignInNotice) -> SignIn {
        SignIn { username: "alice".into(), notice: Some(notice), ..SignIn::default() }
    }

    #[test]
    fn the_cursor_stands_where_the_work_is() {
        assert_eq!(SignIn::default().focus(), Field::Username);
        assert_eq!(SignIn { username: "alice".into(), ..SignIn::default() }.focus(), Field::Password);
        assert_eq!(refused(SignInNotice::Refused).focus(), Field::Password);
        assert_eq!(refused(SignInNotice::MissingUsername).focus(), Field::Username);
        assert_eq!(refused(SignInNotice::OutOfScope).focus(), Field::Username);
    }

    #[test]
    fn the_domain_is_asked_for_only_where_there_is_a_choice() {
        let domain = |name: &str, chosen| Domain { id: name.to_lowercase(), name: name.into(), chosen };
        assert!(!refused(SignInNotice::Refused).html().contains("<select"));
        let domains = vec![domain("Corp", false), domain("Lab", false)];
        let asked = SignIn { domains, ..refused(SignInNotice::MissingDomain) };
        let html = asked.html();
        assert_eq!(asked.focus(), Field::Domain);
        assert!(html.contains("<option value=\"\" selected"), "{html}");
        assert!(html.contains("<option value=\"lab\" dir=\"auto\">Lab</option>"), "{html}");
        let domains = vec![domain("Corp", false), domain("Lab", true)];
        let html = SignIn { domains, ..refused(SignInNotice::Refused) }.html();
        assert!(html.contains("<option value=\"lab\" dir=\"auto\" selected>Lab</option>"), "{html}");
        assert_eq!(html.matches(" selected").count(), 1, "{html}");
    }

    #[test]
    fn who_is_out_of_tries_is_told_for_how_long() {
        for (minutes, english, german) in [
            (1, "Try again in 1 minute,", "in 1 Minute wieder,"),
            (30, "in 30 minutes,", "in 30 Minuten wieder,"),
        ] {
            for notice in [SignInNotice::TooMany(minutes), SignInNotice::TooManyHere(minutes)] {
                let page = refused(notice);
                assert!(page.html().contains(english), "{}", page.html());
                let page = SignIn { language: Language::German, ..page };
                assert!(page.html().contains(german), "{}", page.html());
            }
        }
    }

    #[test]
    fn of_who_is_signed_in_only_the_password_is_asked() {
        let known_person = Some(KnownPerson { display_name: "Alice".into(), ..KnownPerson::default() });
        let page =
            SignIn { username: "alice".into(), known_person, only_password: true, ..SignIn::default() };
        let html = page.html();
        assert_eq!(page.focus(), Field::Password);
        assert!(
            html.contains("name=\"username\" value=\"alice\" autocomplete=\"username\" readonly hidden"),
            "{html}"
        );
        assert!(!html.contains("id=\"username\"") && html.contains("Not you?"), "{html}");
    }

    #[test]
    fn who_is_refused_may_use_another_account() {
        let offers = |page: SignIn| page.html().contains("Use another account");
        assert!(offers(refused(SignInNotice::OutOfScope)) && offers(refused(SignInNotice::AccountDisabled)));
        assert!(!offers(refused(SignInNotice::Refused)) && !offers(SignIn::default()));
        let known_person = Some(KnownPerson::default());
        assert!(
            !offers(SignIn { known_person, ..refused(SignInNotice::OutOfScope) }),
            "there is \"Not you?\""
        );
    }

    #[test]
    fn our_own_page_is_named_where_no_client_is() {
        let page = |ours, known_person| {
            let client_name = "CloudSync".into();
            SignIn { ours, known_person, client_name, ..SignIn::default() }.html()
        };
        assert!(page(true, None).contains("to open your security page"));
        assert!(page(false, None).contains("to continue to CloudSync"));
        assert!(page(true, Some(KnownPerson::default())).contains("change how you sign in"));
    }

    #[test]
    fn one_field_and_no_other_has_the_cursor() {
        assert_eq!(refused(SignInNotice::Refused).html().matches("autofocus").count(), 1);
    }

    #[test]
    fn whom_to_ask_is_said_once_and_the_number_only_where_it_helps() {
        for (notice, numbers) in [(SignInNotice::Refused, 1), (SignInNotice::MissingPassword, 0)] {
            let (help_contact, attempt_id) = ("the help desk".to_owned(), Some("7KQ2".to_owned()));
            let html = SignIn { help_contact, attempt_id, ..refused(notice) }.html();
            assert_eq!(html.matches("the help desk").count(), 1, "{notice:?}");
            assert_eq!(html.matches("7KQ2").count(), numbers, "{notice:?}");
        }
    }

    #[test]
    fn a_hostile_user_name_stays_text() {
        let page = SignIn { username: "\"><script>alert(1)</script>'".into(), ..SignIn::default() };
        let html = page.html();
        assert!(!html.contains("<script>") && !html.contains("\"><s"), "{html}");
    }

    #[test]
    fn a_password_is_never_sent_back() {
        let html = refused(SignInNotice::Refused).html();
        let field = html.split("id=\"password\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
        assert!(!field.contains("value"), "{field}");
    }
}
