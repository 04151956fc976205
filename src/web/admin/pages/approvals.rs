//! What needs a second owner: the list, and one request.

use std::borrow::Cow;

use askama::Template;

use super::settings::{ChangedSetting, consequence};
use crate::domain::admin::{ApprovalState, TaskKind};
use crate::flow::admin::approval_views::{ApprovalEffect, ApprovalView, ApprovalsView, MOST_NAMES};
use crate::flow::admin::four_eyes::ApprovalLine;
use crate::flow::admin::settings::Consequence;
use crate::flow::settings::SettingDifference;
use crate::web::admin::address::{SYNC_LOG, approval_path, plan_path, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::readable::readable;
use crate::web::pages::Language;

/// All requests.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/approvals.html")]
pub(in crate::web::admin) struct ApprovalsPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// What has just happened, in a word of ours.
    pub notice: String,
    pub view: ApprovalsView,
}

/// The tokens of the forms about a request.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct ApprovalTokens {
    pub ask: String,
    pub withdraw: String,
    pub approve: String,
    pub reject: String,
}

/// One request.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/approval.html")]
pub(in crate::web::admin) struct ApprovalPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub notice: String,
    pub view: ApprovalView,
    pub tokens: ApprovalTokens,
}

/// What is asked for.
pub(in crate::web::admin) fn approval_title(language: Language, line: &ApprovalLine) -> Cow<'static, str> {
    language.text(match line.kind {
        None => "approval-settings",
        Some(TaskKind::ApplyPlan) => "task-apply-plan",
        Some(TaskKind::ApproveHeld) => "task-approve-held",
        Some(TaskKind::Revert) => "task-revert",
        Some(TaskKind::ReadDirectory | TaskKind::Plan | TaskKind::Sync | TaskKind::SyncPerson) => "approval",
    })
}

fn state(language: Language, state: ApprovalState) -> Cow<'static, str> {
    language.text(match state {
        ApprovalState::Open => "approval-open",
        ApprovalState::Waiting => "approval-waiting",
        ApprovalState::Approved => "approval-approved",
        ApprovalState::Rejected => "approval-rejected",
        ApprovalState::Withdrawn => "approval-withdrawn",
        ApprovalState::Expired => "approval-expired",
    })
}

fn state_kind(state: ApprovalState) -> &'static str {
    match state {
        ApprovalState::Approved => "good",
        ApprovalState::Waiting => "warn",
        ApprovalState::Rejected => "trouble",
        ApprovalState::Open | ApprovalState::Withdrawn | ApprovalState::Expired => "plain",
    }
}

/// What has happened.
struct ShownNotice {
    kind: &'static str,
    title: Cow<'static, str>,
    what: Cow<'static, str>,
}

impl ShownNotice {
    fn is_good(&self) -> bool {
        self.kind == "good"
    }
}

/// `None` for a word that is not ours.
fn notice(language: Language, word: &str) -> Option<ShownNotice> {
    let (kind, key) = match word {
        "asked" => ("good", "approval-done-asked"),
        "saved" => ("good", "approval-done-saved"),
        "rejected" => ("good", "approval-done-rejected"),
        "withdrawn" => ("good", "approval-done-withdrawn"),
        "ended" => ("good", "approval-done-ended"),
        "not-a-person" => ("warn", "approval-not-a-person"),
        "against-admin" => ("warn", "approval-against-admin"),
        "full" => ("warn", "approval-full"),
        "stale" => ("warn", "settings-stale"),
        "not-waiting" => ("warn", "approval-not-waiting"),
        "not-seen" => ("warn", "approval-not-seen"),
        "own" => ("warn", "approval-own"),
        "let-in" => ("warn", "approval-let-in"),
        "asker-lost" => ("warn", "approval-asker-lost"),
        "no-reason" => ("warn", "approval-no-reason"),
        _ => return None,
    };
    Some(ShownNotice { kind, title: language.text(key), what: language.text(&format!("{key}.what")) })
}

impl ApprovalsPage {
    fn notice(&self) -> Option<ShownNotice> {
        notice(self.language, &self.notice)
    }

    fn title(&self, line: &ApprovalLine) -> Cow<'static, str> {
        approval_title(self.language, line)
    }

    fn url(&self, line: &ApprovalLine) -> String {
        approval_path(&line.id)
    }

    fn state(&self, line: &ApprovalLine) -> Cow<'static, str> {
        state(self.language, line.state)
    }

    fn state_kind(&self, line: &ApprovalLine) -> &'static str {
        state_kind(line.state)
    }
}

impl ApprovalPage {
    fn notice(&self) -> Option<ShownNotice> {
        notice(self.language, &self.notice)
    }

    fn title(&self) -> Cow<'static, str> {
        approval_title(self.language, &self.view.line)
    }

    fn state(&self) -> Cow<'static, str> {
        state(self.language, self.view.line.state)
    }

    fn state_kind(&self) -> &'static str {
        state_kind(self.view.line.state)
    }

    fn is_open(&self) -> bool {
        self.view.is_mine && self.view.line.state == ApprovalState::Open && !self.view.seen.is_empty()
    }

    fn is_waiting(&self) -> bool {
        self.view.line.state == ApprovalState::Waiting
    }

    fn consequence(&self, one: &Consequence) -> Cow<'static, str> {
        consequence(self.language, one)
    }

    fn changes(&self) -> Vec<ChangedSetting> {
        let changed = |one: &SettingDifference| {
            let SettingDifference { key, before, after } = readable(self.language, one.clone());
            ChangedSetting { label: key, before, after }
        };
        self.view.changes.iter().map(changed).collect()
    }

    fn lines(&self) -> Vec<String> {
        self.view.effect.iter().flat_map(|effect| effect.lines(self.language)).collect()
    }

    /// The page that shows all of it.
    fn more(&self) -> Option<(String, Cow<'static, str>)> {
        let effect = self.view.effect.as_ref()?;
        Some(match (effect.plan, effect.run) {
            (Some(plan), _) => (plan_path(plan), self.language.text("sync-plan.look")),
            (None, Some(run)) => {
                (with_query(SYNC_LOG, &[("run", &run.to_string())]), self.language.text("approval.run"))
            }
            (None, None) => {
                let directory = [("directory", effect.directory.as_str())];
                (with_query(SYNC_LOG, &directory), self.language.text("sync-log"))
            }
        })
    }
}

impl ApprovalView {
    /// What it does, in sentences, without its settings.
    pub(in crate::web::admin) fn lines(&self, language: Language) -> Vec<String> {
        let consequences = self.consequences.iter().map(|one| consequence(language, one).into_owned());
        consequences.chain(self.effect.iter().flat_map(|effect| effect.lines(language))).collect()
    }
}

impl ApprovalEffect {
    fn lines(&self, language: Language) -> Vec<String> {
        let people = match self.run {
            Some(run) => {
                language.with_all("approval-reverts", [("run", run.into()), ("count", self.people.into())])
            }
            None => language
                .with_all("approval-takes", [("count", self.people.into()), ("beyond", self.beyond.into())]),
        };
        let more = u64::try_from(self.names.len()).ok().and_then(|named| self.people.checked_sub(named));
        let more = more.filter(|more| *more > 0 && self.names.len() == MOST_NAMES);
        let more = more.map(|more| language.with("approval-more", "count", more).into_owned());
        std::iter::once(people.into_owned()).chain(self.names.iter().cloned()).chain(more).collect()
    }
}
