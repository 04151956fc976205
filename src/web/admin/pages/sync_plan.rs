//! A plan of the sync, with the button that applies it.

use std::borrow::Cow;

use askama::Template;

use super::sync_words::{change_kind, counts};
use super::when::ShownTime;
use crate::domain::Millis;
use crate::domain::history::ChangeKind;
use crate::flow::admin::sync_plan::PlanView;
use crate::flow::sync::history::counted;
use crate::web::admin::address::{plan_path, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The kinds of changes that a plan has.
const KINDS: [ChangeKind; 7] = [
    ChangeKind::Created,
    ChangeKind::Linked,
    ChangeKind::Reactivated,
    ChangeKind::Updated,
    ChangeKind::Suspended,
    ChangeKind::ShareJoined,
    ChangeKind::ShareLeft,
];

/// The plan.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sync-plan.html")]
pub(in crate::web::admin) struct SyncPlanPage {
    pub language: Language,
    pub now: Millis,
    pub frame: AdminFrame,
    pub view: PlanView,
    /// The kind of changes that are shown.
    pub shown: Option<ChangeKind>,
    /// Of the form that applies it; `None` for a role that may not.
    pub csrf: Option<String>,
}

/// A link to the changes of one kind.
struct PlanTab {
    text: Cow<'static, str>,
    address: String,
    is_current: bool,
}

impl SyncPlanPage {
    fn when(&self, at: &Millis) -> ShownTime {
        ShownTime::new(*at, self.now, self.language)
    }

    fn can_apply(&self) -> bool {
        self.csrf.is_some() && self.view.applied_at.is_none() && !self.counts().is_empty()
    }

    fn token(&self) -> &str {
        self.csrf.as_deref().unwrap_or_default()
    }

    /// How many get in and how many are suspended.
    fn summary(&self) -> Cow<'static, str> {
        let parts = [("in", gets_in(&self.view).into()), ("out", self.view.counts.suspended.into())];
        self.language.with_all("sync-preview.summary", parts)
    }

    fn counts(&self) -> Vec<Cow<'static, str>> {
        counts(self.language, &counted(&self.view.counts))
    }

    fn beyond(&self) -> Cow<'static, str> {
        self.language.with("sync-plan-beyond.what", "count", self.view.takes.beyond)
    }

    fn button(&self) -> Cow<'static, str> {
        apply_text(self.language, &self.view)
    }

    fn kind(&self, kind: &ChangeKind) -> Cow<'static, str> {
        change_kind(self.language, *kind)
    }

    fn address(&self, kind: Option<ChangeKind>, after: Option<i64>) -> String {
        let after = after.map(|after| after.to_string()).unwrap_or_default();
        let kind = kind.map(ChangeKind::as_str).unwrap_or_default();
        with_query(&plan_path(self.view.plan), &[("kind", kind), ("after", &after)])
    }

    fn tabs(&self) -> Vec<PlanTab> {
        let tab = |kind: Option<ChangeKind>| PlanTab {
            text: match kind {
                Some(kind) => change_kind(self.language, kind),
                None => self.language.text("sync-log.all-kinds"),
            },
            address: self.address(kind, None),
            is_current: self.shown == kind,
        };
        std::iter::once(None).chain(KINDS.map(Some)).map(tab).collect()
    }

    fn more(&self) -> Option<String> {
        self.view.next_after.map(|after| self.address(self.shown, Some(after)))
    }
}

/// What applying a plan does, to how many.
pub(in crate::web::admin) fn apply_text(language: Language, view: &PlanView) -> Cow<'static, str> {
    let parts = [("in", gets_in(view).into()), ("takes", view.takes.people.into())];
    language.with_all("sync-plan.apply", parts)
}

fn gets_in(view: &PlanView) -> u64 {
    view.counts.created + view.counts.linked + view.counts.reactivated
}
