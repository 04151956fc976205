//! The sign-in page with all its notices.

use std::borrow::Cow;

use askama::Template;

use super::sign_in_notice::{Field, SignInNotice};
use super::{KnownPerson, Language, LeadsTo};

/// The form for user name and password. It posts `pending`, `client_id`, `csrf`, `username`, `password` and,
/// if there is a choice, `directory` to `/login`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/sign-in.html")]
pub struct SignIn {
    pub language: Language,
    /// Id of the pending login.
    pub pending_id: String,
    /// For the link back if the login has ended when the form is sent.
    pub client_id: String,
    pub csrf_token: String,
    pub client_name: String,
    pub leads_to: LeadsTo,
    /// True if only the password of the signed-in person is asked for.
    pub only_password: bool,
    /// What was typed or hinted (`login_hint`): any text.
    pub username: String,
    /// The domains that this name could be in; empty unless there are several.
    pub domains: Vec<DomainChoice>,
    pub notice: Option<SignInNotice>,
    /// True if a right code was entered before the password: only the password is missing.
    pub code_accepted: bool,
    /// The signed-in person, if the client asks for a fresh sign-in.
    pub known_person: Option<KnownPerson>,
    /// Empty if not configured.
    pub help_contact: String,
    /// Where a forgotten password is reset; empty if not configured.
    pub forgot_password_url: String,
    /// The attempt that the notice is about, for an administrator to look up.
    pub attempt_id: Option<String>,
}

/// A domain to choose.
#[derive(Clone, Debug)]
pub struct DomainChoice {
    /// The value that the form sends.
    pub id: String,
    /// The name that people read.
    pub name: String,
    /// True for the chosen domain, or the one used last time.
    pub chosen: bool,
}

impl SignIn {
    /// Where the sign-in leads, or why it is asked for again.
    fn lead(&self) -> Cow<'static, str> {
        let (language, client) = (self.language, self.client_name.as_str());
        match (self.known_person.is_some(), self.leads_to) {
            (true, LeadsTo::OwnPage) => language.text("sign-in.fresh-account"),
            (true, LeadsTo::Client) => language.with("sign-in.fresh", "client", client),
            (false, LeadsTo::OwnPage) => language.text("sign-in.account"),
            (false, LeadsTo::Client) => language.with("sign-in.lead", "client", client),
            (_, LeadsTo::Panel) => language.text("sign-in.panel"),
        }
    }

    fn chosen_domain(&self) -> &str {
        self.domains.iter().find(|domain| domain.chosen).map_or("", |domain| &domain.id)
    }

    /// A person who is refused permanently may have used the wrong account. If a person is signed in, "Not
    /// you?" offers that already.
    fn offers_another_account(&self) -> bool {
        self.known_person.is_none() && self.notice.is_some_and(|notice| !notice.is_for_a_retry())
    }

    fn a_domain_is_chosen(&self) -> bool {
        self.domains.iter().any(|domain| domain.chosen)
    }

    /// The notice's title (empty part), `.what` (what happened) or `.next` (what to do next).
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

    /// The field with the cursor: the field with the error, else the first empty one. After a permanent
    /// refusal, only another user name helps.
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
    use crate::web::pages::HtmlPage;

    fn refused(notice: SignInNotice) -> SignIn {
        SignIn { username: "alice".into(), notice: Some(notice), ..SignIn::default() }
    }

    #[test]
    fn the_cursor_is_in_the_field_to_fill_in() {
        assert_eq!(SignIn::default().focus(), Field::Username);
        assert_eq!(SignIn { username: "alice".into(), ..SignIn::default() }.focus(), Field::Password);
        assert_eq!(refused(SignInNotice::Refused).focus(), Field::Password);
        assert_eq!(refused(SignInNotice::MissingUsername).focus(), Field::Username);
        assert_eq!(refused(SignInNotice::OutOfScope).focus(), Field::Username);
    }

    #[test]
    fn the_domain_is_asked_for_only_where_there_is_a_choice() {
        let domain = |name: &str, chosen| DomainChoice { id: name.to_lowercase(), name: name.into(), chosen };
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
    fn a_person_without_attempts_left_sees_how_long_to_wait() {
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
    fn a_signed_in_person_only_enters_the_password() {
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
    fn a_refused_person_can_use_another_account() {
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
        let page = |leads_to, known_person| {
            let client_name = "CloudSync".into();
            SignIn { leads_to, known_person, client_name, ..SignIn::default() }.html()
        };
        assert!(page(LeadsTo::OwnPage, None).contains("to open your security page"));
        assert!(page(LeadsTo::Client, None).contains("to continue to CloudSync"));
        assert!(page(LeadsTo::OwnPage, Some(KnownPerson::default())).contains("change how you sign in"));
        assert!(page(LeadsTo::Panel, None).contains("to open the admin panel"));
    }

    #[test]
    fn one_field_and_no_other_has_the_cursor() {
        assert_eq!(refused(SignInNotice::Refused).html().matches("autofocus").count(), 1);
    }

    #[test]
    fn the_help_contact_is_shown_once_and_the_number_only_if_it_helps() {
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
