//! The Sync Log: runs, changes, and the people who wait for a decision.

use std::borrow::Cow;

use askama::Template;

use super::when::ShownTime;
use crate::domain::Millis;
use crate::flow::admin::sync_log::{LogAction, SyncLogView, SyncedView};
use crate::flow::sync::history::{HeldView, LogQuery, RunState, RunView};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The Sync Log.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sync-log.html")]
pub(in crate::web::admin) struct SyncLogPage {
    pub language: Language,
    pub now: Millis,
    pub frame: AdminFrame,
    /// True if the admin may decide about held people.
    pub decides: bool,
    /// True if the admin may stop a run.
    pub stops: bool,
    pub held_token: String,
    pub stop_token: String,
    pub asked: LogQuery,
    pub view: SyncLogView,
    pub done: Option<LogAction>,
}

impl SyncLogPage {
    fn when(&self, at: &Millis) -> ShownTime {
        ShownTime::new(*at, self.now, self.language)
    }

    fn person(&self) -> &str {
        self.asked.person.as_deref().unwrap_or_default()
    }

    fn is_asked(&self, directory: &SyncedView) -> bool {
        self.asked.directory.as_ref().is_some_and(|asked| asked.0 == directory.id)
    }

    /// True if the page shows changes of a person or of a run.
    fn is_narrow(&self) -> bool {
        self.asked.person.is_some() || self.asked.run.is_some()
    }

    fn held_of(&self, directory: &SyncedView) -> Vec<&HeldView> {
        self.view.log.held.iter().filter(|one| one.directory == directory.id).collect()
    }

    /// The query of the next page.
    fn older(&self) -> Option<String> {
        let before = self.view.log.more?;
        let mut query = form_urlencoded::Serializer::new(String::new());
        for (name, value) in [
            ("person", self.asked.person.clone()),
            ("run", self.asked.run.map(|run| run.to_string())),
            ("directory", self.asked.directory.as_ref().map(|id| id.0.clone())),
        ] {
            if let Some(value) = value {
                query.append_pair(name, &value);
            }
        }
        Some(query.append_pair("before", &before.to_string()).finish())
    }

    fn state_kind(&self, run: &RunView) -> &'static str {
        match run.state {
            RunState::Running => "plain",
            RunState::Done => "good",
            RunState::Failed => "trouble",
        }
    }

    fn state(&self, run: &RunView) -> Cow<'static, str> {
        self.language.text(match run.state {
            RunState::Running => "sync-log-running",
            RunState::Done => "sync-log-done",
            RunState::Failed => "sync-log-failed",
        })
    }

    /// What the run did, in numbers that are not zero.
    fn counts(&self, run: &RunView) -> Vec<Cow<'static, str>> {
        let Some(counts) = &run.counts else { return Vec::new() };
        [
            ("sync-log-created", counts.created),
            ("sync-log-linked", counts.linked),
            ("sync-log-updated", counts.updated),
            ("sync-log-suspended", counts.suspended),
            ("sync-log-reactivated", counts.reactivated),
            ("sync-log-shares-joined", counts.shares_joined),
            ("sync-log-shares-left", counts.shares_left),
            ("sync-log-with-conflict", counts.conflicts),
            ("sync-log-newly-held", counts.held),
        ]
        .into_iter()
        .filter(|(_, count)| *count > 0)
        .map(|(key, count)| self.language.with(key, "count", count))
        .collect()
    }

    fn progress(&self, run: &RunView) -> Option<Cow<'static, str>> {
        let progress = run.progress.as_ref()?;
        let of = progress.of.map_or_else(|| "?".to_owned(), |of| of.to_string());
        let parts = [("people", progress.people.into()), ("of", of.into())];
        Some(self.language.with_all("sync-log-progress", parts))
    }

    /// The rate and the time left, once they are known.
    fn speed(&self, run: &RunView) -> Option<Cow<'static, str>> {
        let progress = run.progress.as_ref()?;
        let (rate, left) = progress.per_second.zip(progress.seconds_left)?;
        let parts = [("rate", rate.into()), ("minutes", left.div_ceil(60).into())];
        Some(self.language.with_all("sync-log-speed", parts))
    }

    fn loss(&self, one: &HeldView) -> Vec<Cow<'static, str>> {
        let suspend =
            one.what.suspend.map(|why| self.language.with("sync-log-loses-account", "why", why.as_str()));
        let shares = one.what.shares.join(", ");
        let shares = (!shares.is_empty())
            .then(|| self.language.with("sync-log-loses-shares", "shares", shares.as_str()));
        suspend.into_iter().chain(shares).collect()
    }

    fn rejected(&self, one: &HeldView) -> Option<Cow<'static, str>> {
        let by = one.rejected_by.as_ref()?;
        Some(self.language.with("sync-log-rejected", "by", by.as_str()))
    }

    /// What the action did.
    fn told(&self) -> Option<Cow<'static, str>> {
        Some(match self.done.as_ref()? {
            LogAction::Decided { done, left_out: 0 } => {
                self.language.with("sync-log-decided", "count", *done)
            }
            LogAction::Decided { done, left_out } => {
                let parts = [("count", (*done).into()), ("left", (*left_out).into())];
                self.language.with_all("sync-log-decided-partly", parts)
            }
            LogAction::Stopped => self.language.text("sync-log-stopped"),
            LogAction::NotRunning => self.language.text("sync-log-not-running"),
            LogAction::Failed { .. } => self.language.text("sync-log-action-failed"),
        })
    }

    /// The error of the action and what to do, in English.
    fn failure(&self) -> Option<(&str, &str)> {
        match self.done.as_ref()? {
            LogAction::Failed { error, advice } => Some((error, advice)),
            _ => None,
        }
    }
}
