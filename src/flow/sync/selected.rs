//! Find the objects that the settings name: by id if the object was found before, otherwise by name. So an OU
//! or a group that is renamed or moved stays selected, and one that is gone raises an alarm instead of
//! suspending everybody in it.

use tokio::time::{Duration, Instant};

use super::order::SyncError;
use crate::domain::audit::{Decision, Event};
use crate::domain::dn::Dn;
use crate::domain::entry::EntryId;
use crate::domain::scope::{Pin, PinKind, configured};
use crate::domain::selection::mismatch;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::MirroredKind;

/// How long the directory may take to look up a name.
const PATIENCE: Duration = Duration::from_secs(10);

/// Looks up all that the settings name in this directory. The mirror must be up to date.
pub(super) async fn find(parts: &SyncParts, site: &Site) -> Result<(), SyncError> {
    let named = configured(&parts.current().settings, &site.settings);
    let pins = parts.store.sync().pins(site.id()).await?;
    // Written only if something differs, since this runs for every change of the directory.
    let is_named = |pin: &Pin| named.iter().any(|(kind, dn)| *kind == pin.kind && dn.key() == pin.configured);
    if !pins.iter().all(is_named) {
        parts.store.sync().forget_pins(site.id(), &named).await?;
    }
    let mut missing = None;
    for (kind, dn) in named {
        let found = find_one(parts, site, pins.get(kind, &dn), kind, &dn).await?;
        if !found && is_scope(kind) {
            missing.get_or_insert((kind, dn));
        }
    }
    // All are looked up first, so that moves are followed even while another object is missing.
    match missing {
        None => Ok(()),
        Some((kind, dn)) => Err(why_missing(site, kind, dn).await?),
    }
}

/// Why an object is missing in the mirror, or has another class there: the directory is asked.
async fn why_missing(site: &Site, kind: PinKind, dn: Dn) -> Result<SyncError, SyncError> {
    let found = site.directory.resolve(&dn, Instant::now() + PATIENCE).await?;
    let classes = found.map(|object| object.classes).filter(|classes| !classes.is_empty());
    let mismatch = classes.and_then(|classes| mismatch(site.settings.schema, kind.is_group(), &classes));
    Ok(match mismatch {
        Some(why) => SyncError::ScopeClass { dn, why },
        None => SyncError::ScopeObject(dn),
    })
}

async fn find_one(
    parts: &SyncParts,
    site: &Site,
    pin: Option<&Pin>,
    kind: PinKind,
    dn: &Dn,
) -> Result<bool, SyncError> {
    let store = &parts.store;
    let is_right = |found: MirroredKind| (found == MirroredKind::Group) == kind.is_group();
    if let Some(pin) = pin {
        return match store.sync().object_by_id(site.id(), pin.entry).await? {
            Some((found, now)) if is_right(found) => {
                if pin.dn.as_str() != now.as_str() || pin.gone_since.is_some() {
                    store.sync().pin_moved(site.id(), pin.entry, &now).await?;
                }
                Ok(true)
            }
            _ => {
                if pin.gone_since.is_none()
                    && store.sync().pin_gone(site.id(), pin.entry, parts.now()).await?
                {
                    tracing::error!(directory = %site.id(), %dn, "an object named in the settings no longer exists");
                }
                Ok(false)
            }
        };
    }
    match store.sync().object_by_dn(site.id(), dn).await? {
        Some((entry, found)) if is_right(found) => {
            store.sync().pin(site.id(), kind, dn, entry, dn).await?;
            if kind == PinKind::Admin {
                role_group_found(parts, site, dn, entry).await?;
            }
            Ok(true)
        }
        // The base DN may be no object that is mirrored.
        _ => Ok(dn == site.directory.base() && !kind.is_group()),
    }
}

/// Records the object that gives a role from now on: it may be another group than the administrator meant, if
/// it was created after the settings were applied.
async fn role_group_found(parts: &SyncParts, site: &Site, dn: &Dn, entry: EntryId) -> Result<(), SyncError> {
    tracing::warn!(directory = %site.id(), %dn, %entry, "a group gives a role in the admin panel from now on");
    let event = Event {
        directory: Some(site.id().0.clone()),
        detail: Some(serde_json::json!({ "group": dn.as_str(), "entry": entry.to_string() }).to_string()),
        ..Event::new(parts.now(), Decision::AdminGroupFound)
    };
    Ok(parts.store.login().append(&event).await?)
}

/// True for objects that must not be lost: a selected object, and one whose members are excluded.
pub(super) fn is_scope(kind: PinKind) -> bool {
    matches!(
        kind,
        PinKind::OrganizationalUnit | PinKind::Group | PinKind::ExcludedUnit | PinKind::ExcludedGroup
    )
}

/// The rules that everybody is judged by, as one text: when it changes, everybody is judged again.
pub(super) fn rules(parts: &SyncParts, site: &Site) -> String {
    let current = parts.current();
    let settings = &site.settings;
    let shares: Vec<_> = current.settings.team_shares_of(&settings.id).collect();
    let emails = (settings.email_attribute, settings.email_written_by_admins_only, &settings.email_domains);
    let rules = (&settings.scope, shares, emails);
    serde_json::to_string(&rules).unwrap_or_default()
}
