//! Write what was judged, one transaction for each page of people.

use std::collections::HashSet;

use super::judge::JudgedPerson;
use super::order::SyncError;
use crate::domain::audit::Event;
use crate::domain::entry::EntryId;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::flow::person::guard::{Guard, Paused};
use crate::flow::person::write::{DecidedBy, PersonWriter};
use crate::flow::sync::run_log::Log;
use crate::store::Applied;

pub(super) struct Applier<'a> {
    parts: &'a SyncParts,
    writer: PersonWriter<'a>,
}

impl<'a> Applier<'a> {
    /// `version` is the version of the mirror by which people are judged: if another process has written it
    /// since, nothing is written here.
    pub(super) fn new(parts: &'a SyncParts, site: &'a Site, version: i64, guard: Guard) -> Self {
        let by = DecidedBy::Mirror { version };
        Self { parts, writer: PersonWriter::new(&parts.store, site, by, guard) }
    }

    /// Writes one page, and that its people were judged.
    pub(super) async fn write_page(
        &mut self,
        log: &mut Log<'_>,
        page: Vec<JudgedPerson>,
    ) -> Result<(), SyncError> {
        self.write_decided(log, page, Vec::new()).await
    }

    /// The same with what an administrator has decided about these people, for the audit trail.
    pub(super) async fn write_decided(
        &mut self,
        log: &mut Log<'_>,
        page: Vec<JudgedPerson>,
        events: Vec<Event>,
    ) -> Result<(), SyncError> {
        let here: HashSet<EntryId> = page.iter().map(|one| one.decided.entry).collect();
        let (mut judged, mut touched) = (Vec::with_capacity(page.len()), Vec::new());
        let mut people = Vec::with_capacity(page.len());
        for JudgedPerson { decided, settled, touches, .. } in page {
            // The people of this page were judged with each other's current state.
            touched.extend(touches.into_iter().filter(|other| !here.contains(other)));
            judged.push(settled);
            people.push(decided);
        }
        let now = self.parts.now();
        let mut past_guard = self.writer.ask_guard(people, now).await?;
        (past_guard.verdicts.judged, past_guard.verdicts.touched) = (judged, touched);
        past_guard.verdicts.events = events;
        if past_guard.needs_a_run() {
            log.begin().await?;
        }
        match self.writer.write(log.run(), past_guard.verdicts, now).await? {
            Applied::Done(done) => log.count(done, past_guard.newly_held),
            Applied::Overtaken => return Err(SyncError::Overtaken),
            Applied::Paused(pause) => return Err(Paused(pause).into()),
        }
        Ok(())
    }
}
