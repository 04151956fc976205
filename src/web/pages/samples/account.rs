//! Samples of the person's own page.

use super::{ATTEMPT, HELP, Sample};
use crate::domain::password::PasswordRules;
use crate::domain::place::Place;
use crate::domain::{DAY, HOUR, MINUTE, Millis};
use crate::web::pages::{
    AccountNotice, AccountSecurity, HtmlPage, Moment, OwnPassword, PasswordNotice, RegisteredAuthenticator,
    RememberedBrowser, SignedInBrowser,
};

const NOW: Millis = 1_795_388_400_000;

pub(super) fn all() -> Vec<Sample> {
    let nothing = AccountSecurity {
        authenticators: Vec::new(),
        recovery_left: None,
        browsers: Vec::new(),
        sessions: page().sessions.into_iter().take(1).collect(),
        ..page()
    };
    let last = AccountSecurity {
        authenticators: page().authenticators.into_iter().take(1).collect(),
        recovery_left: Some(0),
        ..page()
    };
    let mut samples = passwords();
    samples.extend([
        sample("account", page()),
        sample("account-first", AccountSecurity { may_change: false, ..nothing.clone() }),
        sample("account-nothing", nothing),
        sample("account-old-sign-in", AccountSecurity { may_change: false, ..page() }),
        sample("account-last-free", last.clone()),
        sample("account-last", AccountSecurity { may_remove_last: false, ..last }),
    ]);
    let mut notice = Some(AccountNotice::Added);
    while let Some(now) = notice {
        samples.push(sample(&format!("account-notice-{now:?}"), AccountSecurity { notice, ..page() }));
        notice = notice_after(now);
    }
    samples
}

/// The same with any text in every place that takes one.
pub(super) fn hostile_with(label: &str, text: &str) -> Vec<Sample> {
    let mut page = AccountSecurity {
        display_name: text.into(),
        email: text.into(),
        help_contact: text.into(),
        ..page()
    };
    page.authenticators.iter_mut().for_each(|one| (one.id, one.name) = (text.into(), text.into()));
    page.sessions.iter_mut().for_each(|one| (one.id, one.place) = (text.into(), Place::of(text, text)));
    page.browsers.iter_mut().for_each(|one| (one.id, one.place) = (text.into(), Place::of(text, text)));
    let (username, help_contact) = (text.to_owned(), text.to_owned());
    let password = OwnPassword {
        username,
        help_contact,
        notice: Some(PasswordNotice::WrongCurrent),
        ..OwnPassword::default()
    };
    vec![
        sample(&format!("hostile-{label}-account"), page),
        own(&format!("hostile-{label}-own-password"), password),
    ]
}

fn sample(name: &str, page: AccountSecurity) -> Sample {
    Sample::new(name, "account-security.html", move |language| {
        AccountSecurity { language, ..page.clone() }.html()
    })
}

fn passwords() -> Vec<Sample> {
    let rules = Some(PasswordRules { length: 12, complexity: true, history: 24, age: DAY });
    let first =
        OwnPassword { rules, username: "alice".into(), help_contact: HELP.into(), ..OwnPassword::default() };
    let refused = OwnPassword {
        notice: Some(PasswordNotice::WrongCurrent),
        attempt_id: Some(ATTEMPT.into()),
        ..first.clone()
    };
    [("own-password", first), ("own-password-wrong", refused)].map(|(name, page)| own(name, page)).into()
}

fn own(name: &str, page: OwnPassword) -> Sample {
    Sample::new(name, "own-password.html", move |language| OwnPassword { language, ..page.clone() }.html())
}

fn ago(age: Millis) -> Moment {
    Moment { at: NOW - age, now: NOW }
}

fn page() -> AccountSecurity {
    let phone = RegisteredAuthenticator {
        id: "f1".into(),
        name: "My phone".into(),
        added: ago(90 * DAY),
        used: Some(ago(5 * MINUTE)),
    };
    let tablet =
        RegisteredAuthenticator { id: "f2".into(), name: String::new(), added: ago(2 * DAY), used: None };
    let session = |id: &str, (signed_in, used), place| {
        let here = id == "s1";
        SignedInBrowser { id: id.into(), here, signed_in, used, place }
    };
    let browser = |id: &str, place| RememberedBrowser {
        id: id.into(),
        place,
        since: ago(3 * DAY),
        until: ago(-27 * DAY),
    };
    AccountSecurity {
        csrf_token: "token".into(),
        display_name: "Alice Example".into(),
        email: "alice@corp.example.com".into(),
        may_change: true,
        may_remove_last: true,
        may_add: true,
        may_change_password: true,
        authenticators: vec![phone, tablet],
        recovery_left: Some(8),
        sessions: vec![
            session("s1", (ago(MINUTE), ago(0)), Place::of("(Windows NT 10.0) Firefox/145.0", "192.0.2.7")),
            session(
                "s2",
                (ago(3 * HOUR), ago(20 * MINUTE)),
                Place::of("(iPhone) Safari/604.1", "2001:db8:77::1"),
            ),
            session("s3", (ago(DAY), ago(20 * HOUR)), Place::default()),
        ],
        browsers: vec![
            browser("b1", Place::of("(Windows NT 10.0) Firefox/145.0", "192.0.2.7")),
            browser("b2", Place::default()),
        ],
        help_contact: HELP.into(),
        ..AccountSecurity::default()
    }
}

/// The compiler requires an arm here for each new notice.
fn notice_after(notice: AccountNotice) -> Option<AccountNotice> {
    Some(match notice {
        AccountNotice::Added => AccountNotice::Renamed,
        AccountNotice::Renamed => AccountNotice::Removed,
        AccountNotice::Removed => AccountNotice::LastStays,
        AccountNotice::LastStays => AccountNotice::SessionEnded,
        AccountNotice::SessionEnded => AccountNotice::OthersEnded,
        AccountNotice::OthersEnded => AccountNotice::Forgotten,
        AccountNotice::Forgotten => AccountNotice::PasswordChanged,
        AccountNotice::PasswordChanged => AccountNotice::NothingChanged,
        AccountNotice::NothingChanged => return None,
    })
}
