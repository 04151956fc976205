//! Samples of every page in every variant, with ordinary and with hostile content.
//!
//! The unit tests render all of them in every language; the browser test opens each in both colour schemes,
//! wide and narrow. A template without a sample fails a test.

mod account;
pub(super) mod branded;
mod steps;

use std::iter::successors;

use super::{
    DomainChoice, ErrorKind, ErrorPage, FormPost, Home, HtmlPage, KnownPerson, Language, LeadsTo,
    LogoutConfirm, PageScripts, ReturnTo, SignIn, SignInNotice, SignedOut, content_security_policy,
};

pub(in crate::web) const LONG: &str = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft-von-und-zu-Oberammergau";
pub(in crate::web) const RIGHT_TO_LEFT: &str = "شركة المزامنة السحابية";
pub(in crate::web) const MARKUP: &str =
    "\"><script>alert('x')</script><img src=x onerror=alert(1)> {{ 7*7 }} &amp; O'Brien, Zoë (Ops)";
const ATTEMPT: &str = "7KQ2-M4XD-9TRW";
const HELP: &str = "the IT help desk, extension 100";

/// One page that can be rendered in any language.
pub struct Sample {
    /// Stem of the file name.
    pub name: String,
    /// Its template, under `templates/pages`, or `admin/` and its name under `templates/admin`.
    pub template: &'static str,
    /// The Content-Security-Policy that the page is sent with.
    pub policy: String,
    render: Box<dyn Fn(Language) -> String>,
}

impl Sample {
    pub(in crate::web) fn new(
        name: &str,
        template: &'static str,
        render: impl Fn(Language) -> String + 'static,
    ) -> Self {
        let scripts = match template {
            "sign-in.html" | "change-password.html" | "own-password.html" => PageScripts::Own,
            "admin/link.html" | "admin/preview-problems.html" => PageScripts::None,
            panel if panel.starts_with("admin/") => PageScripts::Panel,
            _ => PageScripts::None,
        };
        let policy = content_security_policy(&["https://cloudsync.example"], scripts);
        Self { name: name.to_owned(), template, policy, render: Box::new(render) }
    }

    /// The document.
    #[must_use]
    pub fn html(&self, language: Language) -> String {
        (self.render)(language)
    }
}

/// The samples of the pages that are not the panel's.
#[must_use]
pub fn samples() -> Vec<Sample> {
    let groups =
        [sign_in(), notices(), steps::all(), account::all(), branded::all(), errors(), others(), hostile()];
    groups.into_iter().flatten().collect()
}

fn sign_in_page() -> SignIn {
    SignIn {
        pending_id: "pending".into(),
        client_id: "cloudsync".into(),
        csrf_token: "token".into(),
        client_name: "CloudSync".into(),
        help_contact: HELP.into(),
        ..SignIn::default()
    }
}

/// Domains to choose from, with this one chosen.
fn domains(chosen: Option<&str>) -> Vec<DomainChoice> {
    let domain = |(id, name): (&str, &str)| DomainChoice {
        id: id.into(),
        name: name.into(),
        chosen: chosen == Some(id),
    };
    [("corp", "Example Corp"), ("lab", LONG), ("school", RIGHT_TO_LEFT)].map(domain).into()
}

fn known(display_name: &str) -> Option<KnownPerson> {
    let (pending_id, client_id, csrf_token) = ("pending".into(), "cloudsync".into(), "token".into());
    let display_name = display_name.into();
    Some(KnownPerson { display_name, pending_id, client_id, csrf_token, ..KnownPerson::default() })
}

fn return_to() -> ReturnTo {
    ReturnTo { client_name: "CloudSync".into(), url: "https://cloudsync.example/".into() }
}

fn sign_in() -> Vec<Sample> {
    let sample = |name: &str, page: SignIn| {
        Sample::new(name, "sign-in.html", move |language| SignIn { language, ..page.clone() }.html())
    };
    vec![
        sample("sign-in", sign_in_page()),
        sample("sign-in-hinted", SignIn { username: "alice@corp.example.com".into(), ..sign_in_page() }),
        sample(
            "sign-in-password-known",
            SignIn {
                username: "alice".into(),
                known_person: known("Alice Example"),
                only_password: true,
                ..sign_in_page()
            },
        ),
        sample("sign-in-account", SignIn { leads_to: LeadsTo::OwnPage, ..sign_in_page() }),
        sample("sign-in-panel", SignIn { leads_to: LeadsTo::Panel, ..sign_in_page() }),
        sample(
            "sign-in-account-known",
            SignIn {
                username: "alice".into(),
                known_person: known("Alice Example"),
                only_password: true,
                leads_to: LeadsTo::OwnPage,
                ..sign_in_page()
            },
        ),
        sample("sign-in-known", SignIn { known_person: known("Alice Example"), ..sign_in_page() }),
        sample(
            "sign-in-code-accepted",
            SignIn { username: "alice".into(), code_accepted: true, ..sign_in_page() },
        ),
        sample(
            "sign-in-domain-chosen",
            SignIn {
                username: "alice".into(),
                domains: domains(Some("lab")),
                notice: Some(SignInNotice::Refused),
                ..sign_in_page()
            },
        ),
        sample(
            "sign-in-forgot",
            SignIn { forgot_password_url: "https://password.example.com/".into(), ..sign_in_page() },
        ),
        sample("sign-in-no-help", SignIn { help_contact: String::new(), ..sign_in_page() }),
    ]
}

fn notices() -> Vec<Sample> {
    let notices = successors(Some(SignInNotice::Refused), |notice| notice_after(*notice));
    notices.map(notice_sample).collect()
}

fn notice_sample(notice: SignInNotice) -> Sample {
    let username = if notice == SignInNotice::MissingUsername { "" } else { "carol" };
    let attempt_id = Some(ATTEMPT.to_owned());
    let domains = if notice == SignInNotice::MissingDomain { domains(None) } else { Vec::new() };
    let page =
        SignIn { username: username.into(), domains, notice: Some(notice), attempt_id, ..sign_in_page() };
    let word = format!("{notice:?}");
    let name = format!("sign-in-{}", word.split('(').next().unwrap_or_default());
    Sample::new(&name, "sign-in.html", move |language| SignIn { language, ..page.clone() }.html())
}

/// The compiler requires an arm here for each new notice.
fn notice_after(notice: SignInNotice) -> Option<SignInNotice> {
    Some(match notice {
        SignInNotice::Refused => SignInNotice::TooMany(30),
        SignInNotice::TooMany(_) => SignInNotice::TooManyHere(1),
        SignInNotice::TooManyHere(_) => SignInNotice::Busy,
        SignInNotice::Busy => SignInNotice::MissingUsername,
        SignInNotice::MissingUsername => SignInNotice::MissingDomain,
        SignInNotice::MissingDomain => SignInNotice::MissingPassword,
        SignInNotice::MissingPassword => SignInNotice::TryAgainExpired,
        SignInNotice::TryAgainExpired => SignInNotice::AccountDisabled,
        SignInNotice::AccountDisabled => SignInNotice::AccountExpired,
        SignInNotice::AccountExpired => SignInNotice::PasswordExpired,
        SignInNotice::PasswordExpired => SignInNotice::PasswordMustChange,
        SignInNotice::PasswordMustChange => SignInNotice::AccountLocked,
        SignInNotice::AccountLocked => SignInNotice::OutOfScope,
        SignInNotice::OutOfScope => SignInNotice::NoEmail,
        SignInNotice::NoEmail => SignInNotice::EmailDiffers,
        SignInNotice::EmailDiffers => SignInNotice::EmailTaken,
        SignInNotice::EmailTaken => SignInNotice::LinkPending,
        SignInNotice::LinkPending => SignInNotice::EmailUnusable,
        SignInNotice::EmailUnusable => SignInNotice::NoAccount,
        SignInNotice::NoAccount => SignInNotice::AccountSuspended,
        SignInNotice::AccountSuspended => SignInNotice::NotAllowedHere,
        SignInNotice::NotAllowedHere => SignInNotice::SmartCardRequired,
        SignInNotice::SmartCardRequired => SignInNotice::SsoDisabled,
        SignInNotice::SsoDisabled => return None,
    })
}

fn errors() -> Vec<Sample> {
    let detail = "redirect_uri: given twice (RFC 6749, 3.1)".to_owned();
    let kinds = successors(Some(ErrorKind::BadRequest { detail }), error_after);
    let mut samples: Vec<Sample> = kinds.map(|kind| error_sample(kind, Some(return_to()), None)).collect();
    let mut bare = error_sample(ErrorKind::DirectoryUnavailable, None, known("Alice Example"));
    bare.name.push_str("-known");
    samples.push(bare);
    let mut own = error_sample(ErrorKind::LoginExpired, Some(ReturnTo::own_page()), None);
    own.name.push_str("-account");
    samples.push(own);
    let mut panel = error_sample(ErrorKind::FormExpired, Some(ReturnTo::panel()), None);
    panel.name.push_str("-panel");
    samples.push(panel);
    samples
}

fn error_sample(kind: ErrorKind, return_to: Option<ReturnTo>, known_person: Option<KnownPerson>) -> Sample {
    let name = format!("error-{}", format!("{kind:?}").split(' ').next().unwrap_or_default());
    let (attempt_id, help_contact) = (Some(ATTEMPT.to_owned()), HELP.to_owned());
    let resume_at =
        (kind == ErrorKind::StorageUnavailable).then(|| "/login?p=pending&client_id=cloudsync".to_owned());
    let language = Language::default();
    let page = ErrorPage { language, kind, attempt_id, return_to, help_contact, known_person, resume_at };
    Sample::new(&name, "error.html", move |language| ErrorPage { language, ..page.clone() }.html())
}

/// The compiler requires an arm here for each new kind.
fn error_after(kind: &ErrorKind) -> Option<ErrorKind> {
    Some(match kind {
        ErrorKind::BadRequest { detail } => ErrorKind::BadSignOut { detail: detail.clone() },
        ErrorKind::BadSignOut { detail } => ErrorKind::BadForm { detail: detail.clone() },
        ErrorKind::BadForm { .. } => ErrorKind::FormExpired,
        ErrorKind::FormExpired => ErrorKind::UnknownClient,
        ErrorKind::UnknownClient => ErrorKind::BadRedirectUri,
        ErrorKind::BadRedirectUri => ErrorKind::LoginExpired,
        ErrorKind::LoginExpired => ErrorKind::DirectoryUnavailable,
        ErrorKind::DirectoryUnavailable => ErrorKind::StorageUnavailable,
        ErrorKind::StorageUnavailable => ErrorKind::Busy,
        ErrorKind::Busy => ErrorKind::TooManyRequests { retry_after_seconds: 40 },
        ErrorKind::TooManyRequests { .. } => ErrorKind::NotFound,
        ErrorKind::NotFound => ErrorKind::MethodNotAllowed,
        ErrorKind::MethodNotAllowed => ErrorKind::TooLarge,
        ErrorKind::TooLarge => ErrorKind::Internal,
        ErrorKind::Internal => ErrorKind::NoAdminRole,
        ErrorKind::NoAdminRole => ErrorKind::AdminForbidden,
        ErrorKind::AdminForbidden => ErrorKind::AdminLinkUnusable,
        ErrorKind::AdminLinkUnusable => ErrorKind::AdminLinkOld,
        ErrorKind::AdminLinkOld => ErrorKind::AdminRoleUnconfirmed,
        ErrorKind::AdminRoleUnconfirmed => ErrorKind::TooManyDrafts,
        ErrorKind::TooManyDrafts => return None,
    })
}

fn others() -> Vec<Sample> {
    let home = |name: &str, documentation_url: Option<String>, known_person: Option<KnownPerson>| {
        let page = Home { language: Language::default(), documentation_url, known_person };
        Sample::new(name, "home.html", move |language| Home { language, ..page.clone() }.html())
    };
    vec![
        home("home", Some("https://docs.cloudsync.example/".into()), None),
        home("home-known", None, known("Alice Example")),
        signed_out("signed-out", Some(return_to())),
        signed_out("signed-out-nowhere", None),
        logout_confirm("logout-confirm", "Alice Example", Some(return_to())),
        logout_confirm("logout-confirm-no-client", "Alice Example", None),
        form_post("form-post", "CloudSync", None, "SplxlOBeZQQYbYS6WxSbIA"),
        form_post("form-post-refused", "CloudSync", None, ""),
        form_post("form-post-known", "CloudSync", known("Alice Example"), "SplxlOBeZQQYbYS6WxSbIA"),
    ]
}

fn signed_out(name: &str, client: Option<ReturnTo>) -> Sample {
    let page = SignedOut { language: Language::default(), client };
    Sample::new(name, "signed-out.html", move |language| SignedOut { language, ..page.clone() }.html())
}

fn logout_confirm(name: &str, person: &str, client: Option<ReturnTo>) -> Sample {
    let fields = vec![("state".to_owned(), MARKUP.to_owned())];
    let (language, csrf_token, person) = (Language::default(), "token".to_owned(), person.to_owned());
    let page = LogoutConfirm { language, csrf_token, person, client, fields };
    Sample::new(name, "logout-confirm.html", move |language| {
        LogoutConfirm { language, ..page.clone() }.html()
    })
}

fn form_post(name: &str, client_name: &str, known_person: Option<KnownPerson>, code: &str) -> Sample {
    let first = if code.is_empty() { ("error", "login_required") } else { ("code", code) };
    let fields = [first, ("state", "af0ifjsldkj")].map(|(name, value)| (name.to_owned(), value.to_owned()));
    let action = "https://cloudsync.example/callback".to_owned();
    let page = FormPost {
        language: Language::default(),
        action,
        fields: fields.to_vec(),
        client_name: client_name.into(),
        signed_in: !code.is_empty(),
        known_person,
    };
    let render = move |language| FormPost { language, ..page.clone() }.html();
    let policy = content_security_policy(&["https://cloudsync.example"], PageScripts::Own);
    Sample { policy, ..Sample::new(name, "form-post.html", render) }
}

fn hostile() -> Vec<Sample> {
    [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)].into_iter().flat_map(hostile_with).collect()
}

fn hostile_with((label, text): (&str, &str)) -> Vec<Sample> {
    let client =
        || Some(ReturnTo { client_name: text.into(), url: "https://cloudsync.example/?a=1&b='\"".into() });
    let page = SignIn {
        client_name: text.into(),
        username: text.into(),
        domains: vec![DomainChoice { id: text.into(), name: text.into(), chosen: true }],
        notice: Some(SignInNotice::OutOfScope),
        known_person: known(text),
        help_contact: text.into(),
        attempt_id: Some(text.into()),
        ..sign_in_page()
    };
    let kind = ErrorKind::BadRequest { detail: text.to_owned() };
    let (attempt_id, help_contact) = (Some(text.to_owned()), text.to_owned());
    let (language, known_person) = (Language::default(), known(text));
    let resume_at = Some(MARKUP.to_owned());
    let error =
        ErrorPage { language, kind, attempt_id, return_to: client(), help_contact, known_person, resume_at };
    let own = vec![
        Sample::new(&format!("hostile-{label}-sign-in"), "sign-in.html", move |language| {
            SignIn { language, ..page.clone() }.html()
        }),
        Sample::new(&format!("hostile-{label}-error"), "error.html", move |language| {
            ErrorPage { language, ..error.clone() }.html()
        }),
        signed_out(&format!("hostile-{label}-signed-out"), client()),
        logout_confirm(&format!("hostile-{label}-logout"), text, client()),
        form_post(&format!("hostile-{label}-form-post"), text, known(text), text),
    ];
    let further = steps::hostile_with(label, text).into_iter().chain(account::hostile_with(label, text));
    own.into_iter().chain(further).collect()
}
