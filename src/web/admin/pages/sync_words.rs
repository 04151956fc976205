//! Words about the sync that several pages use.

use std::borrow::Cow;

use crate::domain::history::ChangeKind;
use crate::domain::{Millis, SECOND};
use crate::flow::sync::history::RunCount;
use crate::flow::sync::progress::ProgressView;
use crate::web::pages::Language;

/// What a run did, or a plan would do, in numbers that are not zero.
pub(super) fn counts(language: Language, counts: &[(RunCount, u64)]) -> Vec<Cow<'static, str>> {
    let text = |(what, count): &(RunCount, u64)| {
        let key = match what {
            RunCount::Created => "sync-log-created",
            RunCount::Linked => "sync-log-linked",
            RunCount::Updated => "sync-log-updated",
            RunCount::Suspended => "sync-log-suspended",
            RunCount::Reactivated => "sync-log-reactivated",
            RunCount::SharesJoined => "sync-log-shares-joined",
            RunCount::SharesLeft => "sync-log-shares-left",
            RunCount::Conflicts => "sync-log-with-conflict",
            RunCount::Held => "sync-log-newly-held",
        };
        language.with(key, "count", *count)
    };
    counts.iter().filter(|(_, count)| *count > 0).map(text).collect()
}

/// What a change is called.
pub(super) fn change_kind(language: Language, kind: ChangeKind) -> Cow<'static, str> {
    language.text(match kind {
        ChangeKind::Created => "change-created",
        ChangeKind::Linked => "change-linked",
        ChangeKind::Unlinked => "change-unlinked",
        ChangeKind::HandedOver => "change-handed-over",
        ChangeKind::Updated => "change-updated",
        ChangeKind::Suspended => "change-suspended",
        ChangeKind::Reactivated => "change-reactivated",
        ChangeKind::ShareJoined => "change-share-joined",
        ChangeKind::ShareLeft => "change-share-left",
    })
}

/// A kind of changes, and how many there are.
pub(super) fn kind_title(language: Language, kind: ChangeKind, count: u64) -> Cow<'static, str> {
    let parts = [("kind", change_kind(language, kind).into_owned().into()), ("count", count.into())];
    language.with_all("sync-preview.kind", parts)
}

/// A duration in the largest unit that it has.
pub(super) fn duration(language: Language, lasted: Option<Millis>) -> Cow<'static, str> {
    match lasted.map(|lasted| lasted / SECOND) {
        None => "–".into(),
        Some(seconds) if seconds < 120 => language.with("overview-seconds", "count", seconds),
        Some(seconds) if seconds < 7_200 => language.with("overview-minutes", "count", seconds / 60),
        Some(seconds) => language.with("overview-hours", "count", seconds / 3_600),
    }
}

/// How many people are done.
pub(super) fn people_done(language: Language, progress: &ProgressView) -> Cow<'static, str> {
    match progress.of {
        Some(of) => {
            language.with_all("sync-log-progress", [("people", progress.people.into()), ("of", of.into())])
        }
        None => language.with("sync-log-progress-open", "people", progress.people),
    }
}

/// The rate and the time left, once they are known.
pub(super) fn speed(language: Language, progress: &ProgressView) -> Option<Cow<'static, str>> {
    let (rate, left) = progress.per_second.zip(progress.seconds_left)?;
    let parts = [("rate", rate.into()), ("minutes", left.div_ceil(60).into())];
    Some(language.with_all("sync-log-speed", parts))
}
