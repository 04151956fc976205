//! Services: the list, and one with those whom it refuses.

use std::borrow::Cow;

use askama::Template;

use super::service_comparison::finding;
use super::sync_words::duration;
use crate::domain::delivery::{RefusalCause, Stop, Subject};
use crate::domain::{Millis, SECOND};
use crate::flow::admin::services::OneService;
use crate::flow::delivery::log::LoggedView;
use crate::flow::delivery::views::{RefusedView, ServiceStopView, ServiceView};
use crate::web::admin::address::{PERSON, SERVICE, SERVICE_EDIT, service_url, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The fields of the query that say after whom a page of those in quarantine begins.
pub(in crate::web::admin) const AFTER_ACCOUNT: &str = "after_account";
pub(in crate::web::admin) const AFTER_SHARE: &str = "after_team_share";

/// What the page of a service says above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum ServiceNotice {
    Added,
    Retried,
    NotWaiting,
    Promoted,
    Forgotten,
    NoNextToken,
    /// Somebody else has saved.
    Stale,
}

impl ServiceNotice {
    const ALL: [Self; 7] = [
        Self::Added,
        Self::Retried,
        Self::NotWaiting,
        Self::Promoted,
        Self::Forgotten,
        Self::NoNextToken,
        Self::Stale,
    ];

    /// Its word in a notice; also the key of the text.
    pub(in crate::web::admin) const fn word(self) -> &'static str {
        match self {
            Self::Added => "service-added",
            Self::Retried => "service-retried",
            Self::NotWaiting => "service-not-waiting",
            Self::Promoted => "service-promoted",
            Self::Forgotten => "service-forgotten",
            Self::NoNextToken => "service-no-next-token",
            Self::Stale => "service-stale",
        }
    }

    /// Parses the word.
    pub(in crate::web::admin) fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|notice| notice.word() == word)
    }

    fn kind(self) -> &'static str {
        match self {
            Self::Added | Self::Retried | Self::Promoted | Self::Forgotten => "good",
            Self::NotWaiting | Self::NoNextToken | Self::Stale => "warn",
        }
    }
}

/// The kind and the key of how a service stands.
fn state(service: &ServiceView) -> (&'static str, &'static str) {
    match service {
        ServiceView { enabled: false, .. } => ("plain", "service-state-off"),
        ServiceView { stopped: Some(_), .. } => ("trouble", "service-state-stopped"),
        ServiceView { failing: Some(_), .. } => ("trouble", "service-state-failing"),
        ServiceView { quarantined: 1.., .. } => ("warn", "service-state-refusing"),
        ServiceView { filled: false, .. } => ("plain", "service-state-filling"),
        service if service.queued() > 0 => ("plain", "service-state-delivering"),
        _ => ("good", "service-state-good"),
    }
}

fn lag(language: Language, service: &ServiceView) -> Cow<'static, str> {
    duration(language, service.lag_seconds.map(|seconds| seconds.saturating_mul(SECOND)))
}

/// All services.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/services.html")]
pub(in crate::web::admin) struct ServicesPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub can_edit: bool,
    pub services: Vec<ServiceView>,
    /// The id of one that was just removed; empty if none was.
    pub removed: String,
}

impl ServicesPage {
    fn url(&self, service: &ServiceView) -> String {
        service_url(&service.service)
    }

    fn state(&self, service: &ServiceView) -> Cow<'static, str> {
        self.language.text(state(service).1)
    }

    fn state_kind(&self, service: &ServiceView) -> &'static str {
        state(service).0
    }

    fn lag(&self, service: &ServiceView) -> Cow<'static, str> {
        lag(self.language, service)
    }
}

/// The tokens of the forms; `None` for what the admin may not do.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct ServiceTokens {
    pub retry: Option<String>,
    pub test: Option<String>,
    pub compare: Option<String>,
    pub overlap: Option<String>,
    pub remove: Option<String>,
}

/// One service.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/service.html")]
pub(in crate::web::admin) struct ServicePage {
    pub language: Language,
    pub frame: AdminFrame,
    pub one: OneService,
    pub notice: Option<ServiceNotice>,
    pub tokens: ServiceTokens,
}

impl ServicePage {
    fn notice_text(&self, notice: &ServiceNotice) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", notice.word()))
    }

    fn state(&self) -> Cow<'static, str> {
        self.language.text(state(&self.one.view).1)
    }

    fn state_kind(&self) -> &'static str {
        state(&self.one.view).0
    }

    fn lag(&self) -> Cow<'static, str> {
        lag(self.language, &self.one.view)
    }

    fn stop_key(&self, stop: &ServiceStopView) -> &'static str {
        match stop.why {
            Stop::Unauthorized => "service-stopped-unauthorized",
            Stop::Emptied => "service-stopped-emptied",
            Stop::Refusing => "service-stopped-refusing",
        }
    }

    /// What to do about a stop.
    fn stop_fix(&self, stop: &ServiceStopView) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", self.stop_key(stop)))
    }

    /// True if there is something to try again.
    fn can_retry(&self) -> bool {
        self.one.view.stopped.is_some() || self.one.view.quarantined > 0
    }

    fn cause(&self, cause: &RefusalCause) -> Cow<'static, str> {
        self.language.text(cause_key(*cause))
    }

    /// What to do about a refusal.
    fn fix(&self, cause: &RefusalCause) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", cause_key(*cause)))
    }

    /// The name of a person or Team Share; without an account any more, its id.
    fn who<'a>(&'a self, refused: &'a RefusedView) -> &'a str {
        let names = refused.account.as_ref().and_then(|account| self.one.names.get(account));
        let id = refused.account.as_deref().or(refused.team_share.as_deref()).unwrap_or_default();
        names.map_or(id, |names| &names.email)
    }

    fn person_url(&self, account: &str) -> String {
        with_query(PERSON, &[("id", account)])
    }

    /// Each kind of difference that the newest comparison has found, with its number.
    fn numbers(&self) -> Vec<(Cow<'static, str>, u64)> {
        let newest = self.one.view.comparison.as_ref().and_then(|newest| newest.numbers.as_ref());
        let findings = newest.into_iter().flat_map(|numbers| &numbers.findings);
        findings.map(|(word, number)| (finding(self.language, word), *number)).collect()
    }

    /// What an attempt has done, and how it ended.
    fn deed(&self, logged: &LoggedView) -> Cow<'static, str> {
        self.language.text(match logged.action {
            "created" => "delivered-created",
            "adopted" => "delivered-adopted",
            "changed" => "delivered-changed",
            "suspended" => "delivered-suspended",
            "reactivated" => "delivered-reactivated",
            "members" => "delivered-members",
            "deleted" => "delivered-deleted",
            _ => "delivered-checked",
        })
    }

    fn result(&self, logged: &LoggedView) -> Cow<'static, str> {
        self.language.text(match logged.result {
            "done" => "delivered-done",
            "failed" => "delivered-failed",
            _ => "delivered-refused",
        })
    }

    fn logged<'a>(&self, logged: &'a LoggedView) -> &'a str {
        let known = [&logged.email, &logged.account, &logged.team_share];
        known.into_iter().flatten().next().map(String::as_str).unwrap_or_default()
    }

    fn edit_url(&self) -> String {
        with_query(SERVICE_EDIT, &[("entry", &self.one.settings.id)])
    }

    fn next_url(&self) -> Option<String> {
        let next = self.one.next.as_ref()?;
        let after = match next {
            Subject::Person(_) => AFTER_ACCOUNT,
            Subject::Share(_) => AFTER_SHARE,
        };
        Some(with_query(SERVICE, &[("entry", &self.one.settings.id), (after, next.external_id())]))
    }
}

/// The key of a cause; `.what` says what to do.
pub(super) fn cause_key(cause: RefusalCause) -> &'static str {
    match cause {
        RefusalCause::Taken => "refusal-taken",
        RefusalCause::Gone => "refusal-gone",
        RefusalCause::Forbidden => "refusal-forbidden",
        RefusalCause::Changed => "refusal-changed",
        RefusalCause::TooLarge => "refusal-too-large",
        RefusalCause::Invalid => "refusal-invalid",
        RefusalCause::Failing => "refusal-failing",
    }
}

/// How long ago something was delivered, in seconds; `None` from a minute on.
pub(super) fn seconds_ago(at: Millis, now: Millis) -> Option<Millis> {
    Some((now - at) / SECOND).filter(|seconds| (0..60).contains(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_read_by_its_word() {
        for notice in ServiceNotice::ALL {
            assert_eq!(ServiceNotice::parse(notice.word()), Some(notice));
        }
        assert_eq!(ServiceNotice::parse("other"), None);
    }

    #[test]
    fn only_what_was_delivered_within_a_minute_is_said_in_seconds() {
        for (at, expected) in [(0, None), (1, Some(59)), (58_000, Some(2)), (60_000, Some(0)), (62_000, None)]
        {
            assert_eq!(seconds_ago(at, 60_000), expected, "{at}");
        }
    }
}
