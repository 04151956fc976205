//! The overview: health of processes, stores and directories, and what waits for a decision.

use std::borrow::Cow;

use askama::Template;

use super::chart::{ColumnChart, share};
use super::sync_words::duration;
use crate::domain::gates::Gate;
use crate::domain::settings::Often;
use crate::domain::{Millis, SECOND, timestamp};
use crate::flow::admin::charts::{CauseCount, LagView, RefusalGroup};
use crate::flow::admin::overview::{
    CheckView, DecisionKind, DecisionView, DirectoryView, Health, OverviewView, ProcessPart, ServerState,
    ServerView,
};
use crate::flow::support::enrolment::EnrolmentView;
use crate::web::admin::address::{
    ADMINISTRATORS, APPLICATION, APPROVALS, AUDIT_LOG, CONFIGURE, NOT_SYNCING, SERVICE, SLOW_SYNC, SYNC_LOG,
    SYNC_SETTINGS, application_url, service_url, with_query,
};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The tokens of the forms about break-glass links; `None` for what the admin may not do.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct LinkTokens {
    pub ours: Option<String>,
    pub end: Option<String>,
}

/// The overview.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/overview.html")]
pub(in crate::web::admin) struct OverviewPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: OverviewView,
    pub tokens: LinkTokens,
    /// The key of what has just been done.
    pub notice: Option<&'static str>,
    /// The token of the form for the support bundle; `None` for a role that may not.
    pub support: Option<String>,
}

impl OverviewPage {
    /// The key for the word of a notice.
    pub(in crate::web::admin) fn notice_of(word: &str) -> Option<&'static str> {
        let all = ["links-confirmed", "links-ended", "links-unknown", "links-not-a-person"];
        all.into_iter().find(|key| *key == word)
    }

    fn notice_kind(&self) -> &'static str {
        match self.notice {
            Some("links-confirmed" | "links-ended") => "good",
            _ => "warn",
        }
    }

    fn notice_text(&self, key: &str) -> Cow<'static, str> {
        self.language.text(&format!("{key}.what"))
    }

    fn sign_in_chart(&self) -> ColumnChart {
        let hours = self.view.charts.hours.iter();
        ColumnChart::new(
            &hours.map(|hour| (clock(hour.at), vec![hour.sign_ins, hour.refusals])).collect::<Vec<_>>(),
        )
    }

    fn lag_chart(&self, lag: &LagView) -> ColumnChart {
        let seconds = |worst: Option<Millis>| worst.unwrap_or(0).unsigned_abs().div_ceil(1_000);
        ColumnChart::new(
            &lag.hours.iter().map(|hour| (clock(hour.at), vec![seconds(hour.worst)])).collect::<Vec<_>>(),
        )
    }

    fn clock(&self, at: &Millis) -> String {
        clock(*at)
    }

    fn duration(&self, lasted: &Option<Millis>) -> Cow<'static, str> {
        duration(self.language, *lasted)
    }

    /// The top line of a chart of seconds.
    fn top_lag(&self, lag: &LagView) -> Cow<'static, str> {
        let top = self.lag_chart(lag).top;
        self.duration(&Some(Millis::try_from(top).unwrap_or(Millis::MAX / SECOND) * SECOND))
    }

    fn cause(&self, count: &CauseCount) -> Cow<'static, str> {
        self.language.text(match count.group {
            RefusalGroup::Gate(gate) => cause_key(gate),
            RefusalGroup::Throttled => "cause-throttled",
            RefusalGroup::SecondFactor => "cause-second-factor",
            RefusalGroup::Undecided => "cause-undecided",
            RefusalGroup::Other => "cause-other",
        })
    }

    /// The width of a bar, of 100.
    fn bar(&self, count: &CauseCount) -> u32 {
        let most = self.view.charts.causes.first().map_or(1, |first| first.times);
        share(count.times, most, 100).max(1)
    }

    /// How many of a hundred people have a second factor.
    fn enrolled_share(&self, enrolment: &EnrolmentView) -> u32 {
        share(enrolment.enrolled, enrolment.enrolled + enrolment.missing, 100)
    }

    fn enrolled(&self, enrolment: &EnrolmentView) -> Cow<'static, str> {
        let all = enrolment.enrolled + enrolment.missing;
        self.language
            .with_all("overview-enrolled", [("count", enrolment.enrolled.into()), ("all", all.into())])
    }

    fn part(&self, check: &CheckView) -> Cow<'static, str> {
        self.language.text(match check.part {
            ProcessPart::Database => "overview-database",
            ProcessPart::Memory => "overview-memory",
            ProcessPart::Redis => "overview-redis",
            ProcessPart::Settings => "overview-settings",
            ProcessPart::Jobs => "overview-jobs",
        })
    }

    /// What to do about a part that fails.
    fn fix(&self, check: &CheckView) -> Cow<'static, str> {
        self.language.text(match check.part {
            ProcessPart::Database => "overview-database.next",
            ProcessPart::Memory => "overview-memory.next",
            ProcessPart::Redis => "overview-redis.next",
            ProcessPart::Settings => "overview-settings.next",
            ProcessPart::Jobs => "overview-jobs.next",
        })
    }

    fn health(&self, check: &CheckView) -> Cow<'static, str> {
        self.language.text(match check.health {
            Health::Good => "overview-good",
            Health::Bad => "overview-bad",
            Health::Unknown => "overview-unknown",
        })
    }

    fn health_kind(&self, check: &CheckView) -> &'static str {
        match check.health {
            Health::Good => "good",
            Health::Bad => "trouble",
            Health::Unknown => "plain",
        }
    }

    fn is_bad(&self, check: &CheckView) -> bool {
        check.health == Health::Bad
    }

    fn server_kind(&self, server: &ServerView) -> &'static str {
        match server.state {
            ServerState::InUse => "good",
            ServerState::Paused => "trouble",
            ServerState::OnTrial => "plain",
        }
    }

    fn server_state(&self, server: &ServerView) -> Cow<'static, str> {
        self.language.text(match (server.state, server.first) {
            (ServerState::InUse, true) => "overview-server-first",
            (ServerState::InUse, false) => "overview-server-ready",
            (ServerState::Paused, _) => "overview-server-paused",
            (ServerState::OnTrial, _) => "overview-server-trial",
        })
    }

    fn frequency(&self, directory: &DirectoryView) -> Cow<'static, str> {
        let sync = &directory.sync;
        match sync.frequency {
            Often::Realtime => self.language.text("overview-realtime"),
            Often::Hourly => self.language.text("overview-hourly"),
            Often::Daily => {
                let when = [("at", sync.at.as_str().into()), ("zone", sync.zone.as_str().into())];
                self.language.with_all("overview-daily", when)
            }
        }
    }

    fn decision(&self, decision: &DecisionView) -> Cow<'static, str> {
        let language = self.language;
        match &decision.kind {
            DecisionKind::Held(count) => language.with("decision-held", "count", *count),
            DecisionKind::Conflicts(count) => language.with("decision-conflicts", "count", *count),
            DecisionKind::Paused(_) => language.text("decision-paused"),
            DecisionKind::Failed => language.text("decision-failed"),
            DecisionKind::NotImported => language.text("decision-not-imported"),
            DecisionKind::Slow(minutes) => language.with("decision-slow", "count", *minutes),
            DecisionKind::UnknownGroup(_) => language.text("decision-unknown-group"),
            DecisionKind::Certificate { days_left: ..0, .. } => language.text("decision-certificate.over"),
            DecisionKind::Certificate { days_left, .. } => {
                language.with("decision-certificate", "count", *days_left)
            }
            DecisionKind::OldSecret { days_left } => {
                language.with("decision-old-secret", "count", *days_left)
            }
            DecisionKind::Approvals(count) => language.with("decision-approvals", "count", *count),
            DecisionKind::ChainBroken(_) => language.text("decision-chain-broken"),
            DecisionKind::ServiceStopped(_) => language.text("decision-service-stopped"),
            DecisionKind::ServiceAway(_) => language.text("decision-service-away"),
            DecisionKind::Quarantined(count) => language.with("decision-quarantined", "count", *count),
        }
    }

    /// The address of the page that solves it, and the text of the link. `None` if the role can't open it.
    fn solution(&self, decision: &DecisionView) -> Option<(String, Cow<'static, str>)> {
        let of_directory = [("directory", decision.id.as_str())];
        let (path, query, text) = match decision.kind {
            DecisionKind::Held(_) => (SYNC_LOG, &of_directory[..], "decision-held.next"),
            DecisionKind::Conflicts(_) => (SYNC_LOG, &of_directory[..], "decision-conflicts.next"),
            DecisionKind::Paused(_) => (SYNC_LOG, &of_directory[..], "decision-paused.next"),
            DecisionKind::Failed => (NOT_SYNCING, &[][..], "decision-failed.next"),
            DecisionKind::NotImported => (SYNC_SETTINGS, &of_directory[..], "decision-not-imported.next"),
            DecisionKind::Slow(_) => (SLOW_SYNC, &[][..], "decision-slow.next"),
            DecisionKind::UnknownGroup(_) => (ADMINISTRATORS, &[][..], "decision-unknown-group.next"),
            DecisionKind::Certificate { .. } => (CONFIGURE, &of_directory[..], "decision-certificate.next"),
            DecisionKind::ServiceStopped(_) | DecisionKind::ServiceAway(_) | DecisionKind::Quarantined(_) => {
                let text = self.language.text("decision-service-stopped.next");
                return self.frame.opens(SERVICE).then(|| (service_url(&decision.id), text));
            }
            DecisionKind::OldSecret { .. } => {
                let address = application_url(&decision.id);
                let text = self.language.text("decision-old-secret.next");
                return self.frame.opens(APPLICATION).then_some((address, text));
            }
            DecisionKind::Approvals(_) => (APPROVALS, &[][..], "decision-approvals.next"),
            DecisionKind::ChainBroken(_) => (AUDIT_LOG, &[][..], "decision-chain-broken.next"),
        };
        self.frame.opens(path).then(|| (with_query(path, query), self.language.text(text)))
    }

    /// The evidence in its own language: a text of the store, or a name of the directory.
    fn evidence<'a>(&self, decision: &'a DecisionView) -> &'a str {
        match &decision.kind {
            DecisionKind::Paused(text)
            | DecisionKind::UnknownGroup(text)
            | DecisionKind::ChainBroken(text)
            | DecisionKind::ServiceStopped(text)
            | DecisionKind::ServiceAway(text) => text,
            DecisionKind::Certificate { subject, .. } => subject,
            _ => "",
        }
    }
}

/// The time of day of an hour, in UTC.
fn clock(at: Millis) -> String {
    timestamp(at).get(11..16).unwrap_or_default().to_owned()
}

fn cause_key(gate: Gate) -> &'static str {
    match gate {
        Gate::SsoEnabled => "cause-sso-enabled",
        Gate::Found => "cause-found",
        Gate::Bound => "cause-bound",
        Gate::Enabled => "cause-enabled",
        Gate::NotExpired => "cause-not-expired",
        Gate::PasswordAllowed => "cause-password-allowed",
        Gate::NotLocked => "cause-not-locked",
        Gate::PasswordUsable => "cause-password-usable",
        Gate::InScope => "cause-in-scope",
        Gate::MailPresent => "cause-mail-present",
        Gate::AccountExists => "cause-account-exists",
        Gate::MailMatches => "cause-mail-matches",
        Gate::NotSuspended => "cause-not-suspended",
    }
}
