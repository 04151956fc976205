//! Two of the manual's questions: "Users not syncing" and "Sync is slow".

use std::borrow::Cow;

use askama::Template;

use super::sync_words;
use crate::domain::{MINUTE, SECOND};
use crate::flow::admin::troubleshooting::{NotSyncingView, SlowSyncView, SyncObstacle};
use crate::flow::sync::history::RunView;
use crate::flow::sync::progress::ProgressView;
use crate::web::admin::address::{SYNC_LOG, SYNC_SETTINGS, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::{Language, PANEL_PAGE};

/// "Users not syncing".
#[derive(Clone, Debug, Template)]
#[template(path = "admin/not-syncing.html")]
pub(in crate::web::admin) struct NotSyncingPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub directories: Vec<NotSyncingView>,
}

/// An obstacle with what to do about it, and where.
struct ShownObstacle<'v> {
    title: Cow<'static, str>,
    /// In English, or names of the directory.
    evidence: Vec<&'v str>,
    fix: Cow<'static, str>,
    /// `None` if the role may not open the page.
    address: Option<String>,
    link: Cow<'static, str>,
}

impl NotSyncingPage {
    fn found(&self, one: &NotSyncingView) -> Cow<'static, str> {
        self.language.with("not-syncing.found", "count", one.obstacles.len())
    }

    fn obstacles<'v>(&self, one: &'v NotSyncingView) -> Vec<ShownObstacle<'v>> {
        one.obstacles.iter().map(|obstacle| self.obstacle(one, obstacle)).collect()
    }

    fn obstacle<'v>(&self, one: &NotSyncingView, obstacle: &'v SyncObstacle) -> ShownObstacle<'v> {
        let language = self.language;
        let (title, fix) = obstacle_words(obstacle);
        let (title, evidence) = match obstacle {
            SyncObstacle::Held(count) | SyncObstacle::Conflicts(count) => {
                (language.with(title, "count", *count), Vec::new())
            }
            SyncObstacle::Paused(why) | SyncObstacle::Empty(why) => {
                (language.text(title), vec![why.as_str()])
            }
            SyncObstacle::Failed { error, advice } => {
                (language.text(title), std::iter::once(error.as_str()).chain(advice.as_deref()).collect())
            }
            _ => (language.text(title), Vec::new()),
        };
        let (path, link) = match obstacle {
            SyncObstacle::NothingSelected
            | SyncObstacle::NeverImported
            | SyncObstacle::WaitsForImport
            | SyncObstacle::Empty(_) => (SYNC_SETTINGS, "sync-settings"),
            SyncObstacle::Late(_) => (PANEL_PAGE, "overview"),
            _ => (SYNC_LOG, "sync-log"),
        };
        ShownObstacle {
            title,
            evidence,
            fix: language.text(fix),
            address: self.frame.opens(path).then(|| match path {
                PANEL_PAGE => path.to_owned(),
                path => with_query(path, &[("directory", &one.id)]),
            }),
            link: language.text(link),
        }
    }
}

/// The keys of what is wrong, and of what to do.
fn obstacle_words(obstacle: &SyncObstacle) -> (&'static str, &'static str) {
    match obstacle {
        SyncObstacle::NothingSelected => ("obstacle-nothing-selected", "obstacle-nothing-selected.next"),
        SyncObstacle::WaitsForImport => ("obstacle-waits", "obstacle-waits.next"),
        SyncObstacle::NeverImported => ("obstacle-never", "obstacle-never.next"),
        SyncObstacle::Paused(_) => ("sync-log.paused", "next-paused"),
        SyncObstacle::Failed { .. } => ("decision-failed", "next-failed"),
        SyncObstacle::Late(_) => ("obstacle-late", "obstacle-late.next"),
        SyncObstacle::Held(_) => ("decision-held", "next-held"),
        SyncObstacle::Conflicts(_) => ("decision-conflicts", "next-conflicts"),
        SyncObstacle::Empty(_) => ("obstacle-empty", "obstacle-empty.next"),
    }
}

/// "Sync is slow".
#[derive(Clone, Debug, Template)]
#[template(path = "admin/slow-sync.html")]
pub(in crate::web::admin) struct SlowSyncPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub directories: Vec<SlowSyncView>,
    /// The token of the form for the support bundle; `None` for a role that may not.
    pub support: Option<String>,
}

impl SlowSyncPage {
    fn slow(&self, one: &SlowSyncView) -> Option<Cow<'static, str>> {
        Some(self.language.with("decision-slow", "count", one.slow_for? / MINUTE))
    }

    /// What the feed means for the time that a sync takes.
    fn of_feed(&self, one: &SlowSyncView) -> Cow<'static, str> {
        self.language.text(match (one.imported, &one.feed) {
            (false, _) => "slow-sync.initial",
            (true, Some((feed, _))) if *feed == "full scan" => "slow-sync.full",
            (true, _) => "slow-sync.by-changes",
        })
    }

    fn people_done(&self, progress: &ProgressView) -> Cow<'static, str> {
        sync_words::people_done(self.language, progress)
    }

    fn speed(&self, progress: &ProgressView) -> Option<Cow<'static, str>> {
        sync_words::speed(self.language, progress)
    }

    fn lasted(&self, run: &RunView) -> Cow<'static, str> {
        let lasted = run.duration_ms.unwrap_or_default();
        match lasted {
            MINUTE.. => self.language.with("slow-sync.minutes", "count", lasted / MINUTE),
            _ => self.language.with("slow-sync.seconds", "count", (lasted + SECOND - 1) / SECOND),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::admin::Role;
    use crate::web::admin::pages::samples::frame;

    #[test]
    fn no_link_leads_to_a_page_that_the_role_may_not_open() {
        let one = NotSyncingView { id: "corp".into(), ..NotSyncingView::default() };
        let address = |role, obstacle| {
            let frame = AdminFrame { role, ..frame() };
            let page = NotSyncingPage { language: frame.language, frame, directories: Vec::new() };
            page.obstacle(&one, &obstacle).address
        };
        let settings = address(Role::Operator, SyncObstacle::NothingSelected);
        assert_eq!(settings, Some(format!("{SYNC_SETTINGS}?directory=corp")));
        assert_eq!(address(Role::HelpDesk, SyncObstacle::NothingSelected), None);
        assert_eq!(address(Role::HelpDesk, SyncObstacle::Late(None)).as_deref(), Some("/admin"));
        assert!(address(Role::HelpDesk, SyncObstacle::Held(3)).is_some());
    }
}
