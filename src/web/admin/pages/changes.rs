//! Changes to accounts, as the macro `changes` shows them.

use std::borrow::Cow;

use super::sync_words::change_kind;
use crate::flow::sync::history::{ChangeView, Differing, PlannedView};
use crate::web::admin::address::{PERSON, SYNC_LOG, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::when::ShownTime;

/// One change.
pub(super) struct ShownChange<'a> {
    pub name: &'a str,
    /// The page of the person, unless the account is still to be created.
    pub person: Option<String>,
    pub what: Cow<'static, str>,
    pub why: Option<&'a str>,
    pub differs: &'a Differing,
    /// Of a change that was made.
    pub made: Option<MadeIn>,
}

/// When a change was made, and in which run.
pub(super) struct MadeIn {
    pub at: ShownTime,
    /// The number and the address.
    pub run: Option<(i64, String)>,
}

impl<'a> ShownChange<'a> {
    /// A change that a plan or a preview has.
    fn planned(frame: &AdminFrame, change: &'a PlannedView) -> Self {
        Self {
            name: &change.login_name,
            person: change.account.as_deref().map(person_address),
            what: change_kind(frame.language, change.kind),
            why: change.why.as_deref(),
            differs: &change.differs,
            made: None,
        }
    }

    /// A change of the log.
    pub(super) fn logged(frame: &AdminFrame, change: &'a ChangeView) -> Self {
        let run = change.run.map(|run| (run, run_address(run)));
        Self {
            name: change.login_name.as_deref().unwrap_or(&change.account),
            person: Some(person_address(&change.account)),
            what: change_kind(frame.language, change.kind),
            why: change.why.as_deref(),
            differs: &change.differs,
            made: Some(MadeIn { at: frame.when(&change.at), run }),
        }
    }
}

fn person_address(account: &str) -> String {
    with_query(PERSON, &[("id", account)])
}

/// The log of one run.
pub(super) fn run_address(run: i64) -> String {
    with_query(SYNC_LOG, &[("run", &run.to_string())])
}

/// A table of changes.
pub(super) struct ChangeTable<'a> {
    pub rows: Vec<ShownChange<'a>>,
    /// Of changes that were made.
    pub sort: Option<SortLink>,
}

impl<'a> ChangeTable<'a> {
    /// The table of changes that a plan or a preview has.
    pub(super) fn planned(frame: &AdminFrame, rows: &'a [PlannedView]) -> Self {
        Self { rows: rows.iter().map(|row| ShownChange::planned(frame, row)).collect(), sort: None }
    }
}

/// The word for the other order of events.
pub(in crate::web::admin) const OLDEST_FIRST: &str = "oldest";

/// The head of a column by which the server sorts: a link to the other order.
#[derive(Clone, Debug)]
pub(super) struct SortLink {
    pub address: String,
    pub ascending: bool,
}
