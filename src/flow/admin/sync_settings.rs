//! Sync Settings of the panel: what is chosen of a directory, who would be in and who not, and saving it on the
//! version that the page has shown.

mod chooser;
mod draft;
mod merge;

use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::admin::Role;
use crate::domain::audit::Decision;
use crate::domain::entry::DirectoryId;
use crate::domain::group::GroupGraph;
use crate::domain::scope::Pins;
use crate::domain::settings::{ScopeSettings, Settings};
use crate::flow::admin::directory::NamedDirectory;
use crate::flow::admin::four_eyes::Asked;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{LastChange, asked, last_change, put_in_force, stored};
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{
    self, Edit, EditError, EditedSettings, Problem, SettingDifference, SettingsError,
};
use crate::flow::sync::pause::wait_for_import;
use crate::flow::sync::preview::{self, DraftSite, PreviewError, PreviewFrom, PreviewView};
use crate::flow::sync::progress::running;
use crate::flow::sync::units::{GroupView, search_groups, units};
use crate::store::StoreError;

pub use self::chooser::{GroupChoice, GroupOption, UnitChoice, UnitView};
pub use self::draft::{SyncDraft, TYPED, field};
pub use self::merge::{ChosenAs, ContestedChoice, MergedDraft};

/// How many groups a search shows.
const MOST_GROUPS: usize = 30;

/// What the page is asked to show.
#[derive(Clone, Debug, Default)]
pub struct SyncQuery {
    pub directory: Option<String>,
    /// The containers that are open.
    pub open: Vec<String>,
    /// Words of group names; `None`: no group was searched for.
    pub groups: Option<String>,
    /// The last group of the page before.
    pub after: Option<GroupView>,
}

/// Sync Settings of one directory.
#[derive(Clone, Debug, Default, Serialize, ToSchema)]
pub struct SyncSettingsView {
    /// The generation that is shown, to be sent back with the fields.
    #[serde(rename = "version")]
    pub generation: i64,
    /// Every directory.
    pub directories: Vec<NamedDirectory>,
    /// The one that is shown; empty if there is none.
    pub directory: String,
    pub base_dn: String,
    #[serde(skip)]
    pub draft: SyncDraft,
    /// When the directory was last read completely.
    pub read_at: Option<Millis>,
    /// A run is in progress.
    pub is_running: bool,
    /// The initial sync has been completed.
    pub imported: bool,
    /// The saved settings select an OU or a group, so that there is something to sync.
    pub can_run: bool,
    pub units: Vec<UnitView>,
    /// Chosen containers that the tree does not show.
    pub other_units: Vec<UnitView>,
    /// Chosen groups, then those found.
    pub groups: Vec<GroupOption>,
    /// The last group found, if there may be more.
    pub more_groups: Option<GroupView>,
    pub team_share_names: Vec<String>,
}

/// What is stored with one more OU and everything below it, and the generation that it is based on.
pub async fn with_unit(parts: &PanelParts, directory: &str, unit: &str) -> Result<(i64, SyncDraft), Fault> {
    let stored = stored(parts).await?;
    let mut draft = SyncDraft::stored(&stored.settings, &DirectoryId(directory.to_owned()));
    draft.scope.organizational_units.push(unit.into());
    Ok((stored.generation, draft))
}

/// True if this draft is what is stored.
pub async fn is_stored(parts: &PanelParts, directory: &str, draft: &SyncDraft) -> Result<bool, Fault> {
    let (stored, id) = (stored(parts).await?, DirectoryId(directory.to_owned()));
    Ok(draft.says_the_same(&SyncDraft::stored(&stored.settings, &id), &id))
}

/// True if saving lets somebody in, or takes something from somebody, at once. A directory that was never imported
/// changes nobody before a plan is applied.
async fn changes_people(parts: &PanelParts, id: &DirectoryId, draft: &SyncDraft) -> Result<bool, Fault> {
    if parts.login.store.sync().completed_at(id).await?.is_none() {
        return Ok(false);
    }
    Ok(match preview(parts, &id.0, draft).await {
        Ok(preview) => preview.is_some_and(|preview| {
            let counts = &preview.counts;
            let lets_in = counts.created + counts.linked + counts.reactivated;
            lets_in + counts.suspended + counts.shares_left > 0 || preview.filter_unknown
        }),
        Err(PreviewError::NotRead) => false,
        // Who that is can't be counted: the page that asks says so.
        Err(_) => true,
    })
}

/// What became of saving.
#[derive(Debug)]
pub enum SyncSaving {
    /// False if it was stored already.
    Saved(bool),
    /// Nothing was saved yet: it changes people, which the admin has not seen.
    Unconfirmed,
    Wrong(Vec<Problem>),
    /// Somebody else has saved since: the form with their changes, and what saving it would change now.
    Stale {
        generation: i64,
        last: Option<LastChange>,
        merged: Box<MergedDraft>,
        differences: Vec<SettingDifference>,
    },
    /// Nothing was saved yet, since it needs a second owner.
    Asked(Asked),
}

/// Reads what the page shows: of the first directory, if none is named. `None`: there is none of that name.
pub async fn sync_settings(
    parts: &PanelParts,
    query: &SyncQuery,
    draft: Option<SyncDraft>,
) -> Result<Option<SyncSettingsView>, Fault> {
    let stored = stored(parts).await?;
    let all = &stored.settings.directories;
    let directories = all.iter().map(NamedDirectory::from).collect();
    let view = SyncSettingsView { generation: stored.generation, directories, ..SyncSettingsView::default() };
    let found = match &query.directory {
        Some(id) => all.iter().find(|one| one.id.0 == *id),
        None => all.first(),
    };
    let Some(directory) = found else { return Ok(query.directory.is_none().then_some(view)) };
    let saved = SyncDraft::stored(&stored.settings, &directory.id);
    let view = SyncSettingsView {
        directory: directory.id.0.clone(),
        base_dn: directory.base_dn.clone(),
        can_run: !saved.is_empty(),
        draft: draft.unwrap_or(saved),
        team_share_names: known_team_shares(&stored.settings),
        ..view
    };
    let current = parts.login.current();
    let Some(site) = current.site(&directory.id) else {
        // The settings were saved a moment ago on another node. What is chosen is in the form all the same.
        return Ok(Some(without_mirror(view)));
    };
    Ok(Some(with_mirror(parts, site, query, view).await?))
}

fn without_mirror(mut view: SyncSettingsView) -> SyncSettingsView {
    let (scope, pins) = (&view.draft.scope, Pins::default());
    view.groups = chooser::chosen_groups(&GroupGraph::default(), scope, &pins);
    (view.units, view.other_units) = chooser::shown_units(None, scope, &pins, &[]);
    view
}

async fn with_mirror(
    parts: &PanelParts,
    site: &Arc<Site>,
    query: &SyncQuery,
    mut view: SyncSettingsView,
) -> Result<SyncSettingsView, StoreError> {
    let store = &parts.login.store;
    view.read_at = store.sync().mirror_state(site.id()).await?.scanned_at;
    view.is_running = running(&parts.sync, site.id()).await?.is_some();
    view.imported = store.sync().completed_at(site.id()).await?.is_some();
    let (pins, scope) = (site.pins(), &view.draft.scope);
    let mut groups = chooser::chosen_groups(&site.graph(), scope, &pins);
    if let Some(text) = &query.groups {
        let found = search_groups(site, text, query.after.as_ref(), MOST_GROUPS);
        view.more_groups = found.last().filter(|_| found.len() == MOST_GROUPS).cloned();
        groups.extend(chooser::not_chosen(found, &groups));
    }
    let counted = match view.read_at {
        Some(_) => Some(units(&parts.sync, site).await?),
        None => None,
    };
    let tree = counted.as_ref().map(|counted| &counted.tree);
    (view.units, view.other_units) = chooser::shown_units(tree, scope, &pins, &query.open);
    view.groups = groups;
    Ok(view)
}

/// A group of some directory that a search has found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoundGroup {
    pub directory: DirectoryId,
    /// The name of the directory.
    pub directory_name: String,
    pub group: GroupView,
}

/// The groups of every directory that match a text, at most [`MOST_GROUPS`] of each.
#[must_use]
pub fn find_groups(parts: &PanelParts, text: &str) -> Vec<FoundGroup> {
    let current = parts.login.current();
    let of_site = |site: &Site| {
        let found = |group| FoundGroup {
            directory: site.id().clone(),
            directory_name: site.settings.shown_name().to_owned(),
            group,
        };
        search_groups(site, text, None, MOST_GROUPS).into_iter().map(found).collect::<Vec<_>>()
    };
    current.sites().iter().flat_map(|site| of_site(site)).collect()
}

/// The Team Shares whose names are known: those in the settings. CloudSync's own list comes with delivery.
#[must_use]
pub fn known_team_shares(settings: &Settings) -> Vec<String> {
    let mut names: Vec<String> =
        settings.team_shares.iter().map(|mapping| mapping.team_share.clone()).collect();
    names.sort_unstable();
    names.dedup();
    names
}

/// Who would be in and who not. `None`: the directory is not in force.
pub async fn preview(
    parts: &PanelParts,
    directory: &str,
    draft: &SyncDraft,
) -> Result<Option<PreviewView>, PreviewError> {
    preview_from(parts, directory, draft, None).await
}

/// The same, with a later part of the people of one kind.
pub async fn preview_from(
    parts: &PanelParts,
    directory: &str,
    draft: &SyncDraft,
    from: Option<PreviewFrom>,
) -> Result<Option<PreviewView>, PreviewError> {
    let (current, id) = (parts.login.current(), DirectoryId(directory.to_owned()));
    let Some(site) = current.site(&id) else { return Ok(None) };
    let scope = ScopeSettings { filter: draft.filter(), ..draft.scope.clone() };
    let tried = DraftSite { scope, team_shares: draft.mappings(&id) };
    preview::preview(&parts.sync, site, &tried, from).await.map(Some)
}

/// Saves the draft on the version that the page has shown. A directory that was never imported waits then for
/// Run Initial Sync. What changes people is saved only if the admin has seen it.
pub async fn save(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    (directory, expected): (&str, i64),
    draft: &SyncDraft,
    is_confirmed: bool,
) -> Result<SyncSaving, Fault> {
    let (login, id) = (&parts.login, DirectoryId(directory.to_owned()));
    let (store, sealer) = (&login.store, &login.keys.sealer);
    let fields = draft.fields(&id);
    let edit = |expected| Edit { expected, fields: &fields, secrets: &[] };
    let change = |settings: &mut Settings| draft.put(&id, settings);
    let event = visit.event(login.now(), Decision::SettingsChanged).by(&admin.actor);
    match settings::review_edit(store, sealer, &edit(expected), change).await {
        Ok(EditedSettings { differences, .. }) if differences.is_empty() => {
            return Ok(SyncSaving::Saved(false));
        }
        Ok(_) => {
            if admin.session.role != Role::Owner {
                let problems = against_admins(parts, &id, draft, admin.session.role).await?;
                if !problems.is_empty() {
                    return Ok(SyncSaving::Wrong(problems));
                }
            }
            if !is_confirmed && changes_people(parts, &id, draft).await? {
                return Ok(SyncSaving::Unconfirmed);
            }
            // First, so that no watch begins to import with the new scope.
            wait_for_import(&parts.sync, &id).await?;
        }
        Err(EditError::Settings(SettingsError::Wrong(problems))) => {
            return Ok(SyncSaving::Wrong(problems.problems));
        }
        Err(EditError::Settings(error)) => return Err(error.into()),
        Err(EditError::Stale | EditError::NeedsTwo(_)) => return stale(parts, (&id, expected), draft).await,
    }
    match settings::edit(store, sealer, &edit(expected), event.clone(), change).await {
        Ok(_) => {
            put_in_force(parts).await;
            Ok(SyncSaving::Saved(true))
        }
        Err(EditError::NeedsTwo(waiting)) => {
            Ok(SyncSaving::Asked(asked(parts, event, &admin.actor, *waiting).await?))
        }
        Err(EditError::Settings(error)) => Err(error.into()),
        Err(EditError::Stale) => stale(parts, (&id, expected), draft).await,
    }
}

/// What an admin of this role may not do with a scope: take something from admins on whom they may not act.
async fn against_admins(
    parts: &PanelParts,
    id: &DirectoryId,
    draft: &SyncDraft,
    role: Role,
) -> Result<Vec<Problem>, Fault> {
    let wrong = |key, message: String| Problem { line: 0, place: field(id, key).place(), message };
    let preview = match preview(parts, &id.0, draft).await {
        Ok(Some(preview)) => preview,
        // Before the directory was read nobody has an account. What is missing is reported by the sync.
        Ok(None) | Err(PreviewError::NotRead) => return Ok(Vec::new()),
        Err(error) => {
            let message =
                format!("who would lose access can't be said ({error}), so only an owner can save this");
            return Ok(vec![wrong("scope.filter", message)]);
        }
    };
    if preview.filter_unknown {
        let message = "who matches another filter is known only after a sync, so only an owner can change it";
        return Ok(vec![wrong("scope.filter", message.to_owned())]);
    }
    let protected = preview.admins.iter().filter(|(_, other)| !role.may_act_on(Some(*other)));
    let names: Vec<&str> = protected.map(|(name, _)| name.as_str()).collect();
    if names.is_empty() {
        return Ok(Vec::new());
    }
    let message = format!(
        "this takes access from {}, who have a role like yours or a higher one: only an owner can save it",
        names.join(", ")
    );
    Ok(vec![wrong("scope.exclude_groups", message)])
}

/// What saving would do.
#[derive(Debug)]
pub enum SyncReview {
    /// What it would change.
    Good(Vec<SettingDifference>),
    Wrong(Vec<Problem>),
    /// Somebody else has saved since.
    Stale,
}

/// Looks at what saving would do. Writes nothing.
pub async fn review(
    parts: &PanelParts,
    (directory, expected): (&str, i64),
    draft: &SyncDraft,
) -> Result<SyncReview, Fault> {
    let (store, sealer, id) =
        (&parts.login.store, &parts.login.keys.sealer, DirectoryId(directory.to_owned()));
    let fields = draft.fields(&id);
    let edit = Edit { expected, fields: &fields, secrets: &[] };
    match settings::review_edit(store, sealer, &edit, |settings| draft.put(&id, settings)).await {
        Ok(edited) => Ok(SyncReview::Good(edited.differences)),
        Err(EditError::Stale | EditError::NeedsTwo(_)) => Ok(SyncReview::Stale),
        Err(EditError::Settings(SettingsError::Wrong(problems))) => Ok(SyncReview::Wrong(problems.problems)),
        Err(EditError::Settings(error)) => Err(error.into()),
    }
}

/// The draft on top of the settings as they are now.
async fn stale(
    parts: &PanelParts,
    (id, expected): (&DirectoryId, i64),
    draft: &SyncDraft,
) -> Result<SyncSaving, Fault> {
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    let now = stored(parts).await?;
    let seen = settings::load_version(store, sealer, expected).await?;
    let seen = seen.map(|seen| SyncDraft::stored(&seen, id));
    let merged = merge::merged(id, seen.as_ref(), &SyncDraft::stored(&now.settings, id), draft);
    let fields = merged.draft.fields(id);
    let edit = Edit { expected: now.generation, fields: &fields, secrets: &[] };
    let put = |settings: &mut Settings| merged.draft.put(id, settings);
    let reviewed = settings::review_edit(store, sealer, &edit, put).await;
    let differences = reviewed.map(|edited| edited.differences).unwrap_or_default();
    let (last, merged) = (last_change(parts).await?, Box::new(merged));
    Ok(SyncSaving::Stale { generation: now.generation, last, merged, differences })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::TeamShareMapping;

    #[test]
    fn each_team_share_is_offered_once() {
        let mapping = |group: &str, team_share: &str| TeamShareMapping {
            directory: DirectoryId("corp".into()),
            group: group.into(),
            team_share: team_share.into(),
        };
        let team_shares =
            vec![mapping("cn=1", "Plans"), mapping("cn=2", "Archive"), mapping("cn=3", "Plans")];
        let settings = Settings { team_shares, ..Settings::default() };
        assert_eq!(known_team_shares(&settings), ["Archive", "Plans"]);
    }
}
