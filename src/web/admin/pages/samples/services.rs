//! Samples of services: the list, one in each state, and their forms.

use super::{NOW, frame, named};
use crate::domain::admin::Role;
use crate::domain::delivery::{RefusalCause, Stop, Subject};
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Provisioning, SecretText, Settings};
use crate::domain::{DAY, HOUR, MINUTE};
use crate::flow::account::views::AccountNames;
use crate::flow::admin::services::{NewService, OneService};
use crate::flow::admin::settings::SettingsChange;
use crate::flow::delivery::compare::{NewestComparisonView, NumbersView};
use crate::flow::delivery::log::LoggedView;
use crate::flow::delivery::views::{
    RefusalCountView, RefusedView, ServiceFailureView, ServiceStopView, ServiceView,
};
use crate::flow::settings::{Problem, SettingPath};
use crate::web::admin::form::DrawnForm;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    FormNotice, ServiceNotice, ServicePage, ServiceTokens, ServicesPage, SettingsPage, TestForm,
};
use crate::web::admin::services::{form, new};
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};
use crate::web::pages::{HtmlPage, Language};

const PATH: &str = "/admin/settings/integrations/services";

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let at = || AdminFrame { path: PATH.into(), ..frame() };
    let auditor = || AdminFrame { role: Role::Auditor, ..at() };
    let every = vec![stopped("cloudsync"), failing("wiki"), refusing("files"), filling("new"), good("old")];
    let mut samples = vec![
        list("panel-services", at(), every.clone(), ""),
        list("panel-services-empty", at(), Vec::new(), "old-service"),
        list("panel-services-auditor", auditor(), every, ""),
        one("panel-service", at(), good("cloudsync"), Some(ServiceNotice::Added)),
        one("panel-service-stopped", at(), stopped("cloudsync"), Some(ServiceNotice::Stale)),
        one("panel-service-failing", at(), failing("cloudsync"), None),
        one("panel-service-refusing", at(), refusing("cloudsync"), Some(ServiceNotice::Retried)),
        one("panel-service-auditor", auditor(), refusing("cloudsync"), None),
        edited("panel-service-edit", "cloudsync"),
        added("panel-service-new", "cloudsync"),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let services = vec![stopped(text), refusing(text)];
        samples.push(list(&format!("hostile-{label}-panel-services"), named(text), services, text));
        let both = ServiceView { failing: failing(text).failing, ..stopped(text) };
        samples.push(one(&format!("hostile-{label}-panel-service"), named(text), both, None));
        samples.push(edited(&format!("hostile-{label}-panel-service-edit"), text));
        samples.push(added(&format!("hostile-{label}-panel-service-new"), text));
    }
    samples
}

fn list(name: &str, frame: AdminFrame, services: Vec<ServiceView>, removed: &str) -> Sample {
    let removed = removed.to_owned();
    Sample::new(name, "admin/services.html", move |language| {
        ServicesPage {
            language,
            can_edit: frame.role == Role::Owner,
            frame: AdminFrame { language, ..frame.clone() },
            services: services.clone(),
            removed: removed.clone(),
        }
        .html()
    })
}

fn one(name: &str, frame: AdminFrame, view: ServiceView, notice: Option<ServiceNotice>) -> Sample {
    let token = || (frame.role == Role::Owner).then(|| "token".to_owned());
    let tokens =
        ServiceTokens { retry: token(), compare: token(), test: token(), overlap: token(), remove: token() };
    let one = with_refused(view);
    Sample::new(name, "admin/service.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        ServicePage { language, frame, one: one.clone(), notice, tokens: tokens.clone() }.html()
    })
}

fn good(text: &str) -> ServiceView {
    ServiceView {
        service: text.into(),
        base_url: format!("https://{text}.example.com/scim/v2"),
        client: Some(text.into()),
        enabled: true,
        comparison: None,
        stopped: None,
        failing: None,
        waiting: 0,
        lag_seconds: None,
        known: 1_204,
        filled: true,
        delivered_last_minute: 3,
        quarantined: 0,
        causes: Vec::new(),
    }
}

fn filling(text: &str) -> ServiceView {
    let client = None;
    ServiceView { client, filled: false, waiting: 500, lag_seconds: Some(2), known: 12, ..good(text) }
}

fn refusing(text: &str) -> ServiceView {
    let causes = [
        RefusalCause::Taken,
        RefusalCause::Gone,
        RefusalCause::Forbidden,
        RefusalCause::Changed,
        RefusalCause::TooLarge,
        RefusalCause::Invalid,
        RefusalCause::Failing,
    ];
    let counted = |cause| RefusalCountView { cause, count: 2 };
    ServiceView {
        waiting: 14,
        quarantined: 14,
        causes: causes.map(counted).into(),
        comparison: Some(compared(text)),
        ..good(text)
    }
}

fn stopped(text: &str) -> ServiceView {
    let (words, since) = (format!("401 unauthorized: {text}"), NOW - 2 * DAY);
    let stopped = Some(ServiceStopView { why: Stop::Unauthorized, since, words });
    ServiceView { stopped, waiting: 40, lag_seconds: Some(172_800), ..refusing(text) }
}

fn failing(text: &str) -> ServiceView {
    let words = format!("no answer: {text}");
    let failing = Some(ServiceFailureView { since: NOW - HOUR, words, away: true });
    ServiceView { failing, waiting: 7, lag_seconds: Some(3_600), ..good(text) }
}

/// With a person, one whose account is gone, and a Team Share in quarantine, if anybody is.
fn with_refused(view: ServiceView) -> OneService {
    let text = view.client.clone().unwrap_or_default();
    let refused = |account: Option<&str>, team_share: Option<&str>| RefusedView {
        account: account.map(str::to_owned),
        team_share: team_share.map(str::to_owned),
        since: team_share.is_none().then_some(NOW - 5 * MINUTE),
        attempts: if account.is_some() { 3 } else { 1 },
        cause: RefusalCause::Taken,
        words: format!("409 conflict: {text}"),
    };
    let list = vec![refused(Some("42"), None), refused(Some("43"), None), refused(None, Some(&text))];
    let email = format!("{text}@example.com");
    let names = AccountNames { account: "42".into(), login_name: Some(text.clone()), email };
    let is_refusing = view.quarantined > 0;
    OneService {
        settings: service(&text, view.stopped.is_some()),
        generation: 7,
        refused: if is_refusing { list } else { Vec::new() },
        next: is_refusing.then(|| Subject::Share(text.clone())),
        log: if is_refusing { logged(&text) } else { Vec::new() },
        names: [("42".to_owned(), names)].into(),
        view,
    }
}

/// A person who was created, and a Team Share that was refused.
fn logged(text: &str) -> Vec<LoggedView> {
    let person = LoggedView {
        id: 2,
        at: NOW - MINUTE,
        service: text.into(),
        account: Some("42".into()),
        team_share: None,
        email: Some(format!("{text}@example.com")),
        action: "created",
        attributes: vec!["email"],
        joined: 0,
        left: 0,
        result: "done",
        words: None,
    };
    let share = LoggedView {
        id: 1,
        account: None,
        team_share: Some(text.into()),
        email: None,
        action: "members",
        result: "refused",
        words: Some(format!("409 conflict: {text}")),
        ..person.clone()
    };
    vec![person, share]
}

fn compared(text: &str) -> NewestComparisonView {
    let numbers = NumbersView {
        findings: [("create", 3), ("unknown", 1)].into(),
        same: 1_200,
        waiting: 0,
        emptied: false,
        own_ways: Vec::new(),
    };
    NewestComparisonView { at: NOW - HOUR, numbers: Some(numbers), fixed: 3, failed: Some(text.into()) }
}

fn service(text: &str, has_next: bool) -> Provisioning {
    let secret = || SecretText("sealed:v2:x".into());
    Provisioning {
        id: text.into(),
        client: has_next.then(|| text.to_owned()),
        base_url: format!("https://{text}.example.com/scim/v2"),
        token: Some(secret()),
        next_token: has_next.then(secret),
        directories: if has_next { vec![DirectoryId(text.into())] } else { Vec::new() },
        ..Provisioning::default()
    }
}

fn edited(name: &str, text: &str) -> Sample {
    let text = text.to_owned();
    Sample::new(name, "admin/settings.html", move |language| {
        let settings = Settings { provisioning: vec![service(&text, true)], ..Settings::default() };
        let problems = ["base_url", "token"].map(|key| problem(&text, key));
        let drawn = form::FORM.draw((language, text.as_str()), &settings, &[], &problems);
        page(language, &text, ["service-edit", "service-edit.what"], drawn)
    })
}

fn added(name: &str, text: &str) -> Sample {
    let text = text.to_owned();
    Sample::new(name, "admin/settings.html", move |language| {
        let change = SettingsChange { expected: 7, fields: Vec::new(), secrets: Vec::new() };
        let typed = NewService { id: text.clone(), change };
        let drawn = new::drawn_new(language, &typed, &["id", "token"].map(|key| problem(&text, key)));
        page(language, "", ["service-new", "service-new.what"], drawn)
    })
}

fn problem(id: &str, key: &'static str) -> Problem {
    let place = SettingPath::named("provisioning", id).key(key);
    Problem { line: 0, place, message: format!("{id} is not allowed") }
}

fn page(language: Language, entry: &str, [title, lead]: [&str; 2], drawn: DrawnForm) -> String {
    SettingsPage {
        language,
        frame: AdminFrame { language, path: format!("{PATH}/edit"), ..frame() },
        title: language.text(title).into_owned(),
        lead: language.text(lead).into_owned(),
        action: form::FORM.path.into(),
        csrf: "token".into(),
        version: 7,
        entry: entry.to_owned(),
        preview: None,
        test: Some(TestForm { action: form::FORM.path, csrf: "other".into() }),
        finder: None,
        related: form::FORM.related(language),
        notice: Some(FormNotice::Wrong),
        problems: drawn.problems,
        groups: drawn.groups,
    }
    .html()
}
