//! Samples of the steps before and after the password: codes, set-up, new password.

use super::{ATTEMPT, HELP, Sample, known};
use crate::domain::DAY;
use crate::domain::password::PasswordRules;
use crate::web::pages::{
    ChangePassword, ChangeReason, CodeNotice, EnrolFactor, EnterCode, HtmlPage, InvitationNeeded, Language,
    LeadsTo, LoginFrame, NewFactor, NewSecret, PageScripts, PasswordNotice, RecoveryCodeUsed, RecoveryCodes,
    content_security_policy,
};

pub(super) fn all() -> Vec<Sample> {
    [codes(), enrolment(), recovery(), passwords()].into_iter().flatten().collect()
}

/// The same with any text in every place that takes one.
pub(super) fn hostile_with(label: &str, text: &str) -> Vec<Sample> {
    let name = |page: &str| format!("hostile-{label}-{page}");
    let frame = || LoginFrame {
        client_name: text.into(),
        person: known(text),
        help_contact: text.into(),
        attempt_id: Some(text.into()),
        ..frame()
    };
    let notice = Some(CodeNotice::Wrong);
    let secret =
        || NewSecret { uri: format!("otpauth://totp/{text}"), key: text.into(), digits: 8, period: 60 };
    let codes = vec![text.to_owned(), text.to_owned()];
    vec![
        second_factor(&name("code"), EnterCode { frame: frame(), notice, ..EnterCode::default() }),
        enrol(
            &name("enrol"),
            EnrolFactor {
                frame: frame(),
                secret: secret(),
                name: text.into(),
                notice,
                ..EnrolFactor::default()
            },
        ),
        new_factor(
            &name("new-factor"),
            NewFactor {
                secret: secret(),
                name: text.into(),
                sealed: text.into(),
                help_contact: text.into(),
                notice,
                ..new_factor_page()
            },
        ),
        sheet(
            &name("recovery-codes"),
            RecoveryCodes {
                frame: Some(frame()),
                codes,
                site: text.into(),
                username: text.into(),
                ..sheet_page()
            },
        ),
        change(
            &name("password"),
            ChangePassword { frame: frame(), username: text.into(), ..change_page(None) },
        ),
    ]
}

fn frame() -> LoginFrame {
    LoginFrame {
        pending_id: "pending".into(),
        client_id: "cloudsync".into(),
        csrf_token: "token".into(),
        client_name: "CloudSync".into(),
        leads_to: LeadsTo::Client,
        person: known("Alice Example"),
        help_contact: HELP.into(),
        attempt_id: Some(ATTEMPT.to_owned()),
    }
}

fn secret() -> NewSecret {
    let key = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP".to_owned();
    let uri = format!("otpauth://totp/CloudSync:alice%40corp.example.com?secret={key}&issuer=CloudSync");
    NewSecret { uri, key, digits: 6, period: 30 }
}

/// Renders in any language: every context has the field.
macro_rules! sample {
    ($function:ident, $context:ident, $template:literal) => {
        fn $function(name: &str, page: $context) -> Sample {
            Sample::new(name, $template, move |language| $context { language, ..page.clone() }.html())
        }
    };
}

sample!(second_factor, EnterCode, "second-factor.html");
sample!(enrol, EnrolFactor, "enrol-factor.html");
sample!(new_factor, NewFactor, "new-factor.html");
sample!(invitation, InvitationNeeded, "invitation-needed.html");
sample!(used, RecoveryCodeUsed, "recovery-code-used.html");
sample!(change, ChangePassword, "change-password.html");

fn codes() -> Vec<Sample> {
    let page = || EnterCode { frame: frame(), ..EnterCode::default() };
    let nobody = LoginFrame { person: None, help_contact: String::new(), ..frame() };
    let mut samples = vec![
        second_factor("second-factor", page()),
        second_factor("second-factor-remember", EnterCode { remember_days: Some(30), ..page() }),
        second_factor("second-factor-recovery", EnterCode { recovery: true, ..page() }),
        second_factor(
            "second-factor-recovery-wrong",
            EnterCode { recovery: true, notice: Some(CodeNotice::Wrong), ..page() },
        ),
        second_factor(
            "second-factor-recovery-missing",
            EnterCode { recovery: true, notice: Some(CodeNotice::Missing), ..page() },
        ),
        second_factor("second-factor-first", EnterCode { before_password: true, minutes: 30, ..page() }),
        second_factor("second-factor-nobody", EnterCode { frame: nobody, ..page() }),
    ];
    for notice in code_notices() {
        let name = format!("second-factor-{}", first_word(&notice));
        let remember_days = Some(1);
        samples.push(second_factor(&name, EnterCode { notice: Some(notice), remember_days, ..page() }));
    }
    samples
}

fn first_word(value: &impl std::fmt::Debug) -> String {
    format!("{value:?}").split(' ').next().unwrap_or_default().to_owned()
}

fn code_notices() -> Vec<CodeNotice> {
    let mut notices = vec![CodeNotice::Missing];
    while let Some(next) = notices.last().and_then(|notice| code_notice_after(*notice)) {
        notices.push(next);
    }
    notices
}

/// The compiler requires an arm here for each new notice.
fn code_notice_after(notice: CodeNotice) -> Option<CodeNotice> {
    Some(match notice {
        CodeNotice::Missing => CodeNotice::Wrong,
        CodeNotice::Wrong => CodeNotice::AlreadyUsed,
        CodeNotice::AlreadyUsed => CodeNotice::Wait { retry_after_seconds: 240 },
        CodeNotice::Wait { .. } => return None,
    })
}

fn enrolment() -> Vec<Sample> {
    let page = || EnrolFactor { frame: frame(), secret: secret(), ..EnrolFactor::default() };
    let door = || InvitationNeeded { frame: frame(), ..InvitationNeeded::default() };
    let wrong = Some(CodeNotice::Wrong);
    vec![
        enrol("enrol", page()),
        enrol("enrol-grace", EnrolFactor { later_days: Some(6), ..page() }),
        enrol("enrol-wrong", EnrolFactor { notice: wrong, name: "My phone".into(), ..page() }),
        new_factor("new-factor", new_factor_page()),
        new_factor("new-factor-wrong", NewFactor { notice: wrong, ..new_factor_page() }),
        invitation("invitation", door()),
        invitation("invitation-wrong", InvitationNeeded { notice: wrong, later_days: Some(1), ..door() }),
    ]
}

fn new_factor_page() -> NewFactor {
    let (csrf_token, sealed, help_contact) = ("token".to_owned(), "c2VhbGVk".to_owned(), HELP.to_owned());
    NewFactor { csrf_token, sealed, help_contact, secret: secret(), ..NewFactor::default() }
}

fn recovery() -> Vec<Sample> {
    let left = |left| RecoveryCodeUsed { frame: frame(), left, ..RecoveryCodeUsed::default() };
    vec![
        used("recovery-code-used", left(7)),
        used("recovery-code-used-last", left(0)),
        sheet("recovery-codes", RecoveryCodes { frame: Some(frame()), ..sheet_page() }),
        sheet("recovery-codes-account", sheet_page()),
    ]
}

fn sheet_page() -> RecoveryCodes {
    let codes = (0..10).map(|at| format!("7K3PW-0QX{at}M-2R8T{at}")).collect();
    let (site, username) = ("CloudSync, Example Corp".to_owned(), "alice".to_owned());
    RecoveryCodes { codes, site, username, ..RecoveryCodes::default() }
}

/// The only page here with a script.
fn sheet(name: &str, page: RecoveryCodes) -> Sample {
    let render = move |language: Language| RecoveryCodes { language, ..page.clone() }.html();
    let policy = content_security_policy(&["https://cloudsync.example"], PageScripts::Own);
    Sample { policy, ..Sample::new(name, "recovery-codes.html", render) }
}

fn passwords() -> Vec<Sample> {
    let must = ChangePassword { why: ChangeReason::MustChange, ..change_page(None) };
    let unknown = ChangePassword { rules: None, ..change_page(None) };
    let mut samples = vec![
        change("change-password", change_page(None)),
        change("change-password-must", must),
        change("change-password-no-rules", unknown),
    ];
    let mut notice = Some(PasswordNotice::MissingCurrent);
    while let Some(now) = notice {
        samples.push(change(&format!("change-password-{}", first_word(&now)), change_page(notice)));
        notice = password_notice_after(now);
    }
    samples
}

fn change_page(notice: Option<PasswordNotice>) -> ChangePassword {
    let why = ChangeReason::Expired;
    let rules = Some(PasswordRules { length: 12, complexity: true, history: 24, age: DAY });
    let (language, frame, username) = (Language::default(), frame(), "alice".into());
    ChangePassword { language, frame, username, why, rules, notice }
}

/// The compiler requires an arm here for each new notice.
fn password_notice_after(notice: PasswordNotice) -> Option<PasswordNotice> {
    Some(match notice {
        PasswordNotice::MissingCurrent => PasswordNotice::MissingNew,
        PasswordNotice::MissingNew => PasswordNotice::NotTheSame,
        PasswordNotice::NotTheSame => PasswordNotice::WrongCurrent,
        PasswordNotice::WrongCurrent => PasswordNotice::TooSimple,
        PasswordNotice::TooSimple => PasswordNotice::InHistory,
        PasswordNotice::InHistory => PasswordNotice::TooYoung,
        PasswordNotice::TooYoung => PasswordNotice::NotAllowed,
        PasswordNotice::NotAllowed => PasswordNotice::RefusedByDirectory,
        PasswordNotice::RefusedByDirectory => PasswordNotice::Wait { retry_after_seconds: 30 },
        PasswordNotice::Wait { .. } => return None,
    })
}
