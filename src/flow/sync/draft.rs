//! Settings that are only tried: another scope and other Team Shares. The objects that they name are found in the
//! mirror as a run would find them, and nothing is written.

use super::order::SyncError;
use super::selected::is_scope;
use crate::domain::dn::Dn;
use crate::domain::scope::{Pin, PinKind, Pins, Scope, configured};
use crate::domain::settings::{ScopeSettings, Settings, TeamShareMapping};
use crate::domain::team_share::Mappings;
use crate::flow::installation::context::SyncParts;
use crate::flow::installation::current::Site;
use crate::store::{MirroredKind, StoreError};

/// What of a directory's settings is tried.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DraftSite {
    pub scope: ScopeSettings,
    /// Of this directory; mappings of others stay as they are.
    pub team_shares: Vec<TeamShareMapping>,
}

/// A draft whose objects were found.
pub(super) struct ResolvedDraft {
    pub scope: Scope,
    pub mappings: Mappings,
}

/// Finds the objects of a draft. An object of the scope that the mirror lacks is an error, as in a run.
pub(super) async fn resolve(
    parts: &SyncParts,
    site: &Site,
    draft: &DraftSite,
) -> Result<ResolvedDraft, SyncError> {
    let settings = with_draft(parts, site, draft);
    let own = settings.directories.iter().find(|directory| directory.id == *site.id());
    let named = own.map(|own| configured(&settings, own)).unwrap_or_default();
    let known = parts.store.sync().pins(site.id()).await?;
    let (mut pins, mut missing) = (Vec::new(), None);
    for (kind, dn) in named {
        match find_one(parts, site, known.get(kind, &dn), kind, &dn).await? {
            FoundObject::Pinned(pin) => pins.push(pin),
            FoundObject::Base => {}
            FoundObject::Missing if is_scope(kind) && missing.is_none() => missing = Some(dn),
            FoundObject::Missing => {}
        }
    }
    if let Some(dn) = missing {
        return Err(SyncError::ScopeObject(dn));
    }
    let pins: Pins = pins.into_iter().collect();
    let scope = Scope::new(&draft.scope, &pins)?;
    if scope.is_empty() {
        return Err(SyncError::NoScope);
    }
    Ok(ResolvedDraft { scope, mappings: Mappings::new(&settings, site.id(), &pins)? })
}

/// The settings in force with the draft in place of this directory's scope and Team Shares.
fn with_draft(parts: &SyncParts, site: &Site, draft: &DraftSite) -> Settings {
    let mut settings = parts.current().settings.clone();
    for directory in settings.directories.iter_mut().filter(|directory| directory.id == *site.id()) {
        directory.scope.clone_from(&draft.scope);
    }
    settings.team_shares.retain(|mapping| mapping.directory != *site.id());
    settings.team_shares.extend(draft.team_shares.iter().cloned());
    settings
}

enum FoundObject {
    Pinned(Pin),
    /// The base DN, which may be no object that is mirrored.
    Base,
    Missing,
}

async fn find_one(
    parts: &SyncParts,
    site: &Site,
    pin: Option<&Pin>,
    kind: PinKind,
    dn: &Dn,
) -> Result<FoundObject, StoreError> {
    let sync = parts.store.sync();
    let is_right = |found: MirroredKind| (found == MirroredKind::Group) == kind.is_group();
    let pinned = |entry, dn: Dn, configured: &Dn| Pin {
        kind,
        configured: configured.key(),
        entry,
        dn,
        gone_since: None,
    };
    if let Some(pin) = pin {
        let found = sync.object_by_id(site.id(), pin.entry).await?.filter(|(kind, _)| is_right(*kind));
        return Ok(
            found.map_or(FoundObject::Missing, |(_, now)| FoundObject::Pinned(pinned(pin.entry, now, dn)))
        );
    }
    Ok(match sync.object_by_dn(site.id(), dn).await? {
        Some((entry, found)) if is_right(found) => FoundObject::Pinned(pinned(entry, dn.clone(), dn)),
        _ if dn == site.directory.base() && !kind.is_group() => FoundObject::Base,
        _ => FoundObject::Missing,
    })
}
