//! What an admin has typed and not saved yet. It is kept for some minutes, sealed, and belongs to one person in one
//! browser, or to one session of a break-glass link. A form that has to be confirmed is shown once more and used
//! once, by the action that it was sent to.

use zeroize::Zeroizing;

use crate::domain::Millis;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::store::{DraftRow, NewDraft};

/// What the sealed content is sealed as.
const SEALED_AS: &str = "admin_draft";

/// A form that has to be confirmed.
pub struct AdminDraft {
    /// The path of the action.
    pub path: String,
    /// The form; it may contain passwords.
    pub content: Zeroizing<Vec<u8>>,
}

/// What was typed, with the report of its test.
pub(super) struct TestedDraft {
    /// `None` once it was saved.
    pub content: Option<Zeroizing<Vec<u8>>>,
    pub report: Option<String>,
    /// When the report was written.
    pub reported_at: Millis,
}

/// Keeps what was typed for this path; returns its id. `None` if there is no room.
pub async fn keep(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    path: &str,
    content: &[u8],
) -> Result<Option<String>, Fault> {
    let (owner, id) = (admin.session.owner_of_drafts(), parts.random_id());
    let content = &parts.keys.sealer.seal(SEALED_AS, &place(&owner, &id, path), content);
    let person = &admin.actor.to_string();
    let draft = NewDraft { id: &id, owner: &owner, person, path, content };
    let kept = parts.store.admin().keep_draft(draft, parts.now()).await?;
    Ok(kept.then_some(id))
}

/// What this admin has sent to an action, to be shown. `None` if it was used, or is too old.
pub async fn read(parts: &LoginParts, admin: &CheckedAdmin, id: &str) -> Result<Option<AdminDraft>, Fault> {
    let owner = admin.session.owner_of_drafts();
    let found = parts.store.admin().draft(&owner, id, parts.now()).await?;
    Ok(found.and_then(|row| sent(parts, &owner, row)))
}

/// The same for the action at this path, once.
pub async fn take(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
    path: &str,
) -> Result<Option<AdminDraft>, Fault> {
    let owner = admin.session.owner_of_drafts();
    let found = parts.store.admin().take_draft(&owner, id, path, parts.now()).await?;
    Ok(found.and_then(|row| sent(parts, &owner, row)))
}

/// What this admin has typed for this path, with the report of its test.
pub(super) async fn tested(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
    path: &str,
) -> Result<Option<TestedDraft>, Fault> {
    let owner = admin.session.owner_of_drafts();
    let found = parts.store.admin().draft(&owner, id, parts.now()).await?.filter(|row| row.path == path);
    Ok(found.map(|row| {
        let content = opened(parts, &owner, &row);
        TestedDraft { content, report: row.report, reported_at: row.reported_at }
    }))
}

fn sent(parts: &LoginParts, owner: &str, row: DraftRow) -> Option<AdminDraft> {
    let content = opened(parts, owner, &row)?;
    Some(AdminDraft { path: row.path, content })
}

/// What can't be opened was saved, was sealed by another key, or belongs to another place.
fn opened(parts: &LoginParts, owner: &str, row: &DraftRow) -> Option<Zeroizing<Vec<u8>>> {
    let place = place(owner, &row.id, &row.path);
    parts.keys.sealer.open(SEALED_AS, &place, &row.content).ok().map(Zeroizing::new)
}

/// An owner is two words, an id is one.
fn place(owner: &str, id: &str, path: &str) -> String {
    format!("{owner} {id} {path}")
}
