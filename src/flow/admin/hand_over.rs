//! Hand an account over to the person who has a conflict about it, as `accounts hand-over` does.

use std::slice;
use std::sync::Arc;

use crate::domain::account::AccountId;
use crate::domain::entry::{DirectoryId, Entry, EntryId};
use crate::flow::admin::person::{ActError, Acting};
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::outbound;
use crate::flow::support::people::{self, PersonView};
use crate::flow::sync::hand_over::{self, NobodyFound};
use crate::store::{HandOverOutcome, StoreError};

/// Which account goes to whom.
#[derive(Clone, Copy, Debug)]
pub struct AskedHandOver<'a> {
    /// The id of the directory.
    pub directory: &'a str,
    /// The entry of the person who gets it.
    pub entry: &'a str,
    pub account: &'a str,
}

/// What a hand-over does.
pub struct HandOverView {
    /// The account, with everything of its owner until now.
    pub person: PersonView,
    /// The person who gets it.
    pub entry: Entry,
}

/// Whom a hand-over is about, as long as this person has a conflict about the account.
struct Heir {
    site: Arc<Site>,
    entry: Entry,
}

/// Reads what a hand-over would do. `None`: the conflict is solved, or is another one by now.
pub async fn hand_over_view(
    acting: &Acting<'_>,
    asked: &AskedHandOver<'_>,
) -> Result<Option<HandOverView>, Fault> {
    let Some(Heir { entry, .. }) = heir(acting, asked).await? else { return Ok(None) };
    let Some(account) = people::account(acting.parts, asked.account).await? else { return Ok(None) };
    Ok(Some(HandOverView { person: people::person(acting.parts, &account).await?, entry }))
}

impl Acting<'_> {
    /// Links the account to the entry. Everything that its owner had set up or opened ends.
    pub async fn hand_over(&self, panel: &PanelParts, asked: &AskedHandOver<'_>) -> Result<(), ActError> {
        let account = self.other_person(asked.account).await?;
        let heir = heir(self, asked).await?.ok_or(ActError::NotHandedOver)?;
        let (actor, Heir { site, entry }) = (&self.admin.actor, heir);
        match hand_over::hand_over(&panel.sync, &account, (&*site, &entry), actor).await? {
            HandOverOutcome::Done => Ok(()),
            HandOverOutcome::Unknown => Err(ActError::Unknown),
            HandOverOutcome::InUse | HandOverOutcome::EntryHas(_) => Err(ActError::NotHandedOver),
        }
    }
}

async fn heir(acting: &Acting<'_>, asked: &AskedHandOver<'_>) -> Result<Option<Heir>, Fault> {
    let (parts, directory) = (acting.parts, DirectoryId(asked.directory.to_owned()));
    let (Some(site), Some(entry)) =
        (parts.current().site(&directory).cloned(), EntryId::from_entry_uuid(asked.entry))
    else {
        return Ok(None);
    };
    if !has_conflict(acting, &directory, entry, asked.account).await? {
        return Ok(None);
    }
    outbound::admit_person(&parts.volatile, &acting.admin.actor.to_string(), parts.now()).await?;
    match hand_over::find(slice::from_ref(&site), &entry.to_string()).await {
        Ok((site, entry)) => Ok(Some(Heir { site, entry })),
        Err(NobodyFound::None | NobodyFound::Several) => Ok(None),
        Err(NobodyFound::Directory(error)) => Err(error.into()),
    }
}

/// True if the conflict of this person is about the account, and can be solved by it.
async fn has_conflict(
    acting: &Acting<'_>,
    directory: &DirectoryId,
    entry: EntryId,
    account: &str,
) -> Result<bool, StoreError> {
    let conflict = acting.parts.store.sync().conflict(directory, entry).await?;
    let account = AccountId(account.to_owned());
    Ok(conflict.is_some_and(|row| row.can_hand_over() && row.taken_by == Some(account)))
}
