//! The Sync Log: runs, changes, and the people who wait.

use std::borrow::Cow;

use askama::Template;

use super::changes::{ChangeTable, OLDEST_FIRST, ShownChange, SortLink, run_address};
use super::sync_words::{self, change_kind, people_done};
use crate::flow::admin::sync_log::{LogAction, RevertView, SyncLogView, SyncedView};
use crate::flow::sync::history::{ConflictView, HeldView, LogKind, LogQuery, RunState, RunView, counted};
use crate::flow::sync::progress::ProgressView;
use crate::web::admin::address::{HELD, HELD_OF, LOG_IN, SYNC_LOG, with_query};
use crate::web::admin::fields::Fields;
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The tokens of the page's forms; `None` for what the role may not do.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct LogTokens {
    pub held: Option<String>,
    pub hand_over: Option<String>,
    pub stop: Option<String>,
    pub resume: Option<String>,
    pub revert: Option<String>,
    pub export: Option<String>,
}

/// What was typed to narrow the log.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct TypedLog {
    pub person: String,
    pub run: String,
    pub directory: String,
    pub kind: String,
    pub from: String,
    pub until: String,
    /// [`OLDEST_FIRST`]; else the newest are first.
    pub order: String,
}

impl TypedLog {
    /// What was typed, or stands in the address.
    pub(in crate::web::admin) fn of(fields: &Fields) -> Self {
        let text = |name: &str| fields.text(name).trim().to_owned();
        Self {
            person: text("person"),
            run: text("run"),
            directory: text("directory"),
            kind: text("kind"),
            from: text("from"),
            until: text("until"),
            order: text("order"),
        }
    }

    fn conditions(&self) -> [(&'static str, &str); 6] {
        [
            ("person", &self.person),
            ("run", &self.run),
            ("directory", &self.directory),
            ("kind", &self.kind),
            ("from", &self.from),
            ("until", &self.until),
        ]
    }

    /// The address of the log with these conditions in this order, and more.
    pub(in crate::web::admin) fn address(&self, more: &[(&str, &str)]) -> String {
        self.address_in(&self.order, more)
    }

    fn address_in(&self, order: &str, more: &[(&str, &str)]) -> String {
        let order = [("order", order)];
        let fields = self.conditions().into_iter().chain(order).chain(more.iter().copied());
        with_query(SYNC_LOG, &fields.collect::<Vec<_>>())
    }
}

/// Where the page goes on: the first row of its lists.
const PLACES: [&str; 4] = ["before", "held_after", "conflicts_name", "conflicts_entry"];

/// The fields of a notice of what an action did.
pub(in crate::web::admin) fn fields_of_done(done: &LogAction) -> Vec<(&'static str, String)> {
    let mut fields = vec![("done", word(done).to_owned())];
    if let LogAction::Kept { done, left_out } = done {
        fields.extend([("kept", done.to_string()), ("left", left_out.to_string())]);
    }
    fields
}

/// The address of the log as it is shown at this one.
pub(in crate::web::admin) fn shown_again(query: &Fields) -> String {
    TypedLog::of(query).address(&PLACES.map(|name| (name, query.text(name))))
}

fn word(done: &LogAction) -> &'static str {
    match done {
        LogAction::Kept { .. } => "decided",
        LogAction::Nobody => "nobody",
        LogAction::HeldChanged => "held-changed",
        LogAction::Stopped => "stopped",
        LogAction::NotRunning => "not-running",
        LogAction::Paused => "paused",
        LogAction::Resumed => "resumed",
        LogAction::Unchanged => "unchanged",
    }
}

/// What an action did, by its notice.
pub(in crate::web::admin) fn done(notice: &Fields) -> Option<LogAction> {
    let count = |name: &str| notice.text(name).parse().ok();
    Some(match notice.text("done") {
        "decided" => LogAction::Kept { done: count("kept")?, left_out: count("left")? },
        "nobody" => LogAction::Nobody,
        "held-changed" => LogAction::HeldChanged,
        "stopped" => LogAction::Stopped,
        "not-running" => LogAction::NotRunning,
        "paused" => LogAction::Paused,
        "resumed" => LogAction::Resumed,
        "unchanged" => LogAction::Unchanged,
        _ => return None,
    })
}

/// The Sync Log.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sync-log.html")]
pub(in crate::web::admin) struct SyncLogPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub tokens: LogTokens,
    pub typed: TypedLog,
    /// True if a time can't be read.
    pub is_wrong: bool,
    pub asked: LogQuery,
    pub view: SyncLogView,
    /// What a revert of the run that is shown would do, for a role that may.
    pub revert: Option<RevertView>,
    pub done: Option<LogAction>,
    /// The query of this page, with a question mark: actions lead back to it.
    pub query: String,
}

/// A kind of rows to choose from.
struct KindOption {
    value: &'static str,
    text: Cow<'static, str>,
    is_chosen: bool,
}

impl SyncLogPage {
    fn is_asked(&self, directory: &SyncedView) -> bool {
        self.typed.directory == directory.id
    }

    fn is_narrow(&self) -> bool {
        self.typed.conditions().iter().any(|(_, text)| !text.is_empty())
    }

    fn lists_changes(&self) -> bool {
        self.asked.is_of_changes()
    }

    /// Of a directory something is shown: it runs, is paused, or people wait. All of it on the whole log.
    fn shows(&self, directory: &SyncedView) -> bool {
        let waits = !directory.held.is_empty() || !directory.conflicts.is_empty();
        waits || !self.lists_changes() && (self.typed.directory.is_empty() || self.is_asked(directory))
    }

    fn kinds(&self) -> Vec<KindOption> {
        let option = |kind: LogKind| KindOption {
            value: kind.as_str(),
            text: match kind {
                LogKind::Failed => self.language.text("sync-log.failed-runs"),
                LogKind::Changes(kind) => change_kind(self.language, kind),
            },
            is_chosen: self.typed.kind == kind.as_str(),
        };
        LogKind::ALL.map(option).into()
    }

    fn sort(&self) -> SortLink {
        let ascending = self.asked.oldest_first;
        let other = if ascending { "" } else { OLDEST_FIRST };
        SortLink { address: self.typed.address_in(other, &[]), ascending }
    }

    fn changes(&self) -> ChangeTable<'_> {
        let rows = self.view.log.changes.iter();
        ChangeTable {
            rows: rows.map(|change| ShownChange::logged(&self.frame, change)).collect(),
            sort: Some(self.sort()),
        }
    }

    /// The address of the first page, on any other.
    fn start(&self) -> Option<String> {
        self.asked.before.map(|_| self.typed.address(&[]))
    }

    /// The address of the next page.
    fn older(&self) -> Option<String> {
        Some(self.typed.address(&[("before", &self.view.log.more?.to_string())]))
    }

    fn more_held(&self, one: &SyncedView) -> Option<String> {
        let after = one.more_held.as_deref()?;
        Some(self.of_directory(one).address(&[("held_after", after)]))
    }

    fn more_conflicts(&self, one: &SyncedView) -> Option<String> {
        let (name, entry) = one.more_conflicts.as_ref()?;
        Some(self.of_directory(one).address(&[("conflicts_name", name), ("conflicts_entry", entry)]))
    }

    /// The page that says why this person can't sign in, for a role that may open it.
    fn person_url(&self, login_name: &str) -> Option<String> {
        self.frame.opens(LOG_IN).then(|| with_query(LOG_IN, &[("who", login_name)]))
    }

    /// The account that can be handed over to this person, with the token of the form.
    fn hand_over<'a>(&'a self, one: &'a ConflictView) -> Option<(&'a str, &'a str)> {
        self.tokens.hand_over.as_deref().zip(one.taken_by.as_deref()).filter(|_| one.hand_over)
    }

    /// The conditions of this page, for one directory.
    fn of_directory(&self, one: &SyncedView) -> TypedLog {
        TypedLog { directory: one.id.clone(), ..self.typed.clone() }
    }

    /// The page of a decision about all held people, and the text of the link.
    fn all_held(&self, one: &SyncedView) -> Option<(String, Cow<'static, str>)> {
        let text = self.language.with("held-all-link", "count", one.undecided);
        let address = with_query(HELD, &[(HELD_OF, &one.id)]);
        let query = self.query.trim_start_matches('?');
        let address = if query.is_empty() { address } else { format!("{address}&{query}") };
        (one.undecided > 1).then_some((address, text))
    }

    fn run_address(&self, run: &i64) -> String {
        run_address(*run)
    }

    fn duration(&self, run: &RunView) -> Cow<'static, str> {
        sync_words::duration(self.language, run.duration_ms)
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

    fn counts(&self, run: &RunView) -> Vec<Cow<'static, str>> {
        run.counts
            .as_ref()
            .map(|counts| sync_words::counts(self.language, &counted(counts)))
            .unwrap_or_default()
    }

    fn progress(&self, progress: &ProgressView) -> Cow<'static, str> {
        people_done(self.language, progress)
    }

    fn speed(&self, progress: &ProgressView) -> Option<Cow<'static, str>> {
        sync_words::speed(self.language, progress)
    }

    fn held_title(&self, one: &SyncedView) -> Cow<'static, str> {
        self.language.with("decision-held", "count", one.all_held)
    }

    fn conflicts_title(&self, one: &SyncedView) -> Cow<'static, str> {
        self.language.with("decision-conflicts", "count", one.all_conflicts)
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

    fn revert_button(&self, revert: &RevertView) -> Cow<'static, str> {
        self.language.with("sync-log-revert", "count", revert.accounts)
    }

    /// True if the action did nothing, and somebody may have expected it to.
    fn is_refused(&self) -> bool {
        matches!(self.done, Some(LogAction::Nobody | LogAction::HeldChanged | LogAction::NotRunning))
    }

    /// What the action did.
    fn told(&self) -> Option<Cow<'static, str>> {
        Some(match self.done.as_ref()? {
            LogAction::Kept { done, left_out: 0 } => self.language.with("sync-log-decided", "count", *done),
            LogAction::Kept { done, left_out } => {
                let parts = [("count", (*done).into()), ("left", (*left_out).into())];
                self.language.with_all("sync-log-decided-partly", parts)
            }
            LogAction::Nobody => self.language.text("sync-log-nobody"),
            LogAction::HeldChanged => self.language.text("sync-log-held-changed"),
            LogAction::Stopped => self.language.text("sync-log-stopped"),
            LogAction::NotRunning => self.language.text("sync-log-not-running"),
            LogAction::Paused => self.language.text("sync-log-paused"),
            LogAction::Resumed => self.language.text("sync-log-resumed"),
            LogAction::Unchanged => self.language.text("sync-log-unchanged"),
        })
    }
}
