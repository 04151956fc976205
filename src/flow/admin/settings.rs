//! Settings on pages of the panel: read the stored ones, and change them on the version that the page has
//! shown. If somebody has saved meanwhile, nothing is saved, and each field is compared.

use crate::domain::Millis;
use crate::domain::admin::{Actor, MergedField, merged_field};
use crate::domain::audit::{Decision, Event};
use crate::domain::settings::Settings;
use crate::flow::admin::acting::actor_name;
use crate::flow::admin::four_eyes::{self, Asked};
use crate::flow::admin::second_factor;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{
    self, Edit, EditError, EditedSettings, FLAG_ON, LoadedSettings, Problem, SettingDifference, SettingField,
    SettingTexts, SettingsError, TypedSecret, WaitingSettings,
};
use crate::store::{AuditConditions, AuditFilter};

/// What a form of settings has sent.
#[derive(Clone, Debug)]
pub struct SettingsChange {
    /// The generation that the page has shown.
    pub expected: i64,
    pub fields: Vec<(SettingField, String)>,
    /// Secrets that were typed; all others stay.
    pub secrets: Vec<TypedSecret>,
}

/// What became of it.
#[derive(Debug)]
pub enum Saving {
    /// It is in force, key by key; none if nothing was changed.
    Saved(Vec<SettingDifference>),
    /// Nothing was saved.
    Wrong(Vec<Problem>),
    /// Nothing was saved, since somebody else has saved meanwhile.
    Conflict(SettingsConflict),
    /// Nothing was saved yet, since it needs a second owner.
    Asked(Asked),
}

/// A change without a mistake, before it is saved.
#[derive(Clone, Debug)]
pub struct ReviewedChange {
    /// Key by key; none if nothing was changed.
    pub differences: Vec<SettingDifference>,
    pub consequences: Vec<Consequence>,
}

/// What a change takes away from everybody, so that an admin confirms it always.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consequence {
    /// Single sign-on is switched off.
    NobodySignsIn,
    /// No group gives the role of an owner any more.
    NoOwners,
    /// A group of owners is taken out.
    FewerOwners,
    /// Other people are asked for a second factor than before.
    SecondFactorAsked {
        before: i64,
        after: i64,
        /// How many of `after` have none yet.
        without: i64,
    },
    /// A thief of a password has it easier to get past the second factor.
    WeakerFactor,
}

/// A form on a version that was replaced.
#[derive(Clone, Debug)]
pub struct SettingsConflict {
    /// The generation now in force.
    pub generation: i64,
    /// The last change; `None` if the audit log does not have it among its latest events.
    pub last: Option<LastChange>,
    pub fields: Vec<ComparedField>,
}

/// Who has changed the settings last, and when.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastChange {
    /// The name of a person, or the actor as in the audit log; `None` for a command that named nobody.
    pub by: Option<String>,
    pub at: Millis,
}

/// One field of such a form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ComparedField {
    pub field: SettingField,
    /// As the page has shown it; `None` if that version is gone.
    pub seen: Option<String>,
    pub theirs: String,
    pub mine: String,
    pub merged: MergedField,
}

/// The stored settings: newer than those in force on this node, for up to a second.
pub async fn stored(parts: &PanelParts) -> Result<LoadedSettings, Fault> {
    Ok(settings::load(&parts.login.store, &parts.login.keys.sealer).await?)
}

/// Saves what was sent, and puts it in force on this node.
pub async fn save(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    change: &SettingsChange,
) -> Result<Saving, Fault> {
    if let Some(wrong) = lone_owner(parts, change).await? {
        return Ok(wrong);
    }
    let event = visit.event(parts.login.now(), Decision::SettingsChanged).by(&admin.actor);
    match save_with(parts, event.clone(), change, &change.secrets, |_| ()).await {
        Err(EditError::NeedsTwo(waiting)) => {
            Ok(Saving::Asked(asked(parts, event, &admin.actor, *waiting).await?))
        }
        Ok(saved) => Ok(Saving::Saved(saved.differences)),
        Err(error) => refused(parts, change, error).await,
    }
}

/// Keeps a change that needs a second owner.
pub(super) async fn asked(
    parts: &PanelParts,
    event: Event,
    actor: &Actor,
    waiting: WaitingSettings,
) -> Result<Asked, Fault> {
    let asked = four_eyes::keep_settings(&parts.login, event, actor, waiting).await?;
    if asked == Asked::Ended {
        put_in_force(parts).await;
    }
    Ok(asked)
}

/// With one owner alone, four-eyes would only stop all changes.
async fn lone_owner(parts: &PanelParts, change: &SettingsChange) -> Result<Option<Saving>, Fault> {
    let four_eyes = SettingField::new("admin", "four_eyes");
    let begins = change.fields.iter().any(|(field, text)| *field == four_eyes && text == FLAG_ON);
    if !begins || stored(parts).await?.settings.admin.four_eyes {
        return Ok(None);
    }
    if four_eyes::has_two_owners(&parts.login).await? {
        return Ok(None);
    }
    let message = "needs two owners who have signed in to this panel; let another owner sign in first";
    let problem = Problem { line: 0, place: four_eyes.place(), message: message.to_owned() };
    Ok(Some(Saving::Wrong(vec![problem])))
}

/// The same with secrets, and with changes that are no fields.
pub(super) async fn save_with(
    parts: &PanelParts,
    event: Event,
    change: &SettingsChange,
    secrets: &[TypedSecret],
    put: impl FnOnce(&mut Settings) + Send,
) -> Result<EditedSettings, EditError> {
    let login = &parts.login;
    let edit = Edit { secrets, ..edit(change) };
    let saved = settings::edit(&login.store, &login.keys.sealer, &edit, event, put).await?;
    put_in_force(parts).await;
    Ok(saved)
}

/// Puts what was saved in force on this node.
pub(super) async fn put_in_force(parts: &PanelParts) {
    if let Err(error) = parts.login.installation.refresh().await {
        // The job that checks every second tries again.
        tracing::error!(error = %Causes(&error), "saved settings can't be put in force yet");
    }
}

/// What [`save`] would do, and take away; or why it would not. Writes nothing.
pub async fn review(
    parts: &PanelParts,
    change: &SettingsChange,
) -> Result<Result<ReviewedChange, Saving>, Fault> {
    if let Some(wrong) = lone_owner(parts, change).await? {
        return Ok(Err(wrong));
    }
    match review_with(parts, change, &change.secrets, |_| ()).await {
        Ok(edited) => Ok(Ok(reviewed(parts, edited).await?)),
        Err(error) => Ok(Err(refused(parts, change, error).await?)),
    }
}

/// A change without a mistake, with what it takes away.
pub(super) async fn reviewed(parts: &PanelParts, edited: EditedSettings) -> Result<ReviewedChange, Fault> {
    let EditedSettings { differences, before, after, .. } = edited;
    let mut consequences = consequences(&before, &after);
    let factor = second_factor::change(parts, &before.second_factor, &after.second_factor).await?;
    let asked = |(before, after, without)| Consequence::SecondFactorAsked { before, after, without };
    consequences.extend(factor.asked.map(asked));
    consequences.extend(factor.weaker.then_some(Consequence::WeakerFactor));
    Ok(ReviewedChange { differences, consequences })
}

/// What the settings would be with these fields, on whatever version is stored; or what is wrong.
pub async fn preview(
    parts: &PanelParts,
    fields: &[(SettingField, String)],
) -> Result<Result<Settings, Vec<Problem>>, Fault> {
    let login = &parts.login;
    let change = Edit { expected: stored(parts).await?.generation, fields, secrets: &[] };
    match settings::review_edit(&login.store, &login.keys.sealer, &change, |_| ()).await {
        Ok(edited) => Ok(Ok(edited.after)),
        Err(EditError::Settings(SettingsError::Wrong(problems))) => Ok(Err(problems.problems)),
        Err(EditError::Settings(error)) => Err(error.into()),
        Err(EditError::Stale | EditError::NeedsTwo(_)) => Err(SettingsError::Busy.into()),
    }
}

/// What [`save_with`] would do. Writes nothing.
pub(super) async fn review_with(
    parts: &PanelParts,
    change: &SettingsChange,
    secrets: &[TypedSecret],
    put: impl FnOnce(&mut Settings) + Send,
) -> Result<EditedSettings, EditError> {
    let login = &parts.login;
    let edit = Edit { secrets, ..edit(change) };
    settings::review_edit(&login.store, &login.keys.sealer, &edit, put).await
}

fn edit(change: &SettingsChange) -> Edit<'_> {
    Edit { expected: change.expected, fields: &change.fields, secrets: &[] }
}

/// Why nothing was saved.
pub(super) async fn refused(
    parts: &PanelParts,
    change: &SettingsChange,
    error: EditError,
) -> Result<Saving, Fault> {
    match error {
        EditError::Settings(SettingsError::Wrong(problems)) => Ok(Saving::Wrong(problems.problems)),
        EditError::Settings(error) => Err(error.into()),
        // Who saves has asked a second owner before.
        EditError::Stale | EditError::NeedsTwo(_) => Ok(Saving::Conflict(compared(parts, change).await?)),
    }
}

/// What a change takes away from everybody.
fn consequences(before: &Settings, after: &Settings) -> Vec<Consequence> {
    let owners = |settings: &Settings| -> Vec<String> {
        settings.directories.iter().flat_map(|directory| directory.admin_groups.clone()).collect()
    };
    let (had, has) = (owners(before), owners(after));
    let mut found = Vec::new();
    if before.sso.enabled && !after.sso.enabled {
        found.push(Consequence::NobodySignsIn);
    }
    if before.names_owners() && !after.names_owners() {
        found.push(Consequence::NoOwners);
    } else if had.iter().any(|group| !has.contains(group)) {
        found.push(Consequence::FewerOwners);
    }
    found
}

async fn compared(parts: &PanelParts, change: &SettingsChange) -> Result<SettingsConflict, Fault> {
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    let now = stored(parts).await?;
    let seen = settings::load_version(store, sealer, change.expected).await?;
    let (theirs, seen) = (SettingTexts::new(&now.settings), seen.as_ref().map(SettingTexts::new));
    let fields = change.fields.iter().map(|(field, mine)| {
        let (seen, theirs) = (seen.as_ref().map(|seen| seen.of(field)), theirs.of(field));
        let merged = merged_field(seen.as_deref(), &theirs, mine);
        ComparedField { field: field.clone(), seen, theirs, mine: mine.clone(), merged }
    });
    let (fields, last) = (fields.collect(), last_change(parts).await?);
    Ok(SettingsConflict { generation: now.generation, last, fields })
}

pub(super) async fn last_change(parts: &PanelParts) -> Result<Option<LastChange>, Fault> {
    let decision = Some(Decision::SettingsChanged.as_str().to_owned());
    let filter = AuditFilter::Where(AuditConditions { decision, ..AuditConditions::default() });
    let Some(row) = parts.login.store.login().audit_page(None, 1, &filter).await?.pop() else {
        return Ok(None);
    };
    let by = match row.actor {
        Some(actor) => Some(actor_name(&parts.login, &actor).await?),
        None => None,
    };
    Ok(Some(LastChange { by, at: row.at }))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::{Directory, Sso};

    #[test]
    fn what_a_change_takes_from_everybody_is_named() {
        let with = |enabled: bool, owners: &[&str]| {
            let admin_groups = owners.iter().map(|group| (*group).to_owned()).collect();
            let sso = Sso { enabled, ..Sso::default() };
            let directory = Directory { admin_groups, ..Directory::default() };
            Settings { sso, directories: vec![directory], ..Settings::default() }
        };
        use Consequence::{FewerOwners, NoOwners, NobodySignsIn};
        for (before, after, expected) in [
            (with(true, &["a"]), with(true, &["a", "b"]), &[][..]),
            (with(false, &[]), with(true, &["a"]), &[]),
            (with(false, &[]), with(false, &[]), &[]),
            (with(true, &["a"]), with(false, &["a"]), &[NobodySignsIn]),
            (with(true, &["a", "b"]), with(true, &["b"]), &[FewerOwners]),
            (with(true, &["a"]), with(true, &["b"]), &[FewerOwners]),
            (with(true, &["a"]), with(false, &[]), &[NobodySignsIn, NoOwners]),
        ] {
            assert_eq!(consequences(&before, &after), expected, "{:?}", after.directories[0].admin_groups);
        }
    }
}
