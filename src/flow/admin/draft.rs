//! What an admin has sent without a fresh second factor. It waits, sealed, while the admin proves one, and is
//! then shown once more and used once. It belongs to one person in one browser, and to one action.

use zeroize::Zeroizing;

use crate::domain::admin::AdminHolder;
use crate::domain::secret::Sealed;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::store::{DraftOwner, DraftRow};

/// What the sealed content is sealed as.
const SEALED_AS: &str = "admin_draft";

/// What was sent.
pub struct AdminDraft {
    /// The path of the action.
    pub path: String,
    /// The form; it may contain passwords.
    pub content: Zeroizing<Vec<u8>>,
}

/// Keeps what was sent to this path; returns its id. `None` if there is no room, and for the session of a
/// break-glass link, which has no factor to prove: a newer link is another session.
pub async fn keep(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    path: &str,
    content: &[u8],
) -> Result<Option<String>, Fault> {
    let Some(owner) = owner(admin) else { return Ok(None) };
    let id = parts.random_id();
    let sealed = parts.keys.sealer.seal(SEALED_AS, &place(owner, &id, path), content);
    let draft = DraftRow { id, path: path.to_owned(), content: sealed };
    let kept = parts.store.admin().keep_draft(owner, &draft, parts.now()).await?;
    Ok(kept.then_some(draft.id))
}

/// What this admin has sent in this browser, to be shown. `None` if it was used, or is too old.
pub async fn read(parts: &LoginParts, admin: &CheckedAdmin, id: &str) -> Result<Option<AdminDraft>, Fault> {
    let Some(owner) = owner(admin) else { return Ok(None) };
    let found = parts.store.admin().draft(owner, id, parts.now()).await?;
    Ok(found.and_then(|row| opened(parts, owner, &row)))
}

/// The same for the action at this path, once.
pub async fn take(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
    path: &str,
) -> Result<Option<AdminDraft>, Fault> {
    let Some(owner) = owner(admin) else { return Ok(None) };
    let found = parts.store.admin().take_draft(owner, id, path, parts.now()).await?;
    Ok(found.and_then(|row| opened(parts, owner, &row)))
}

/// A sign-in of the same person in the same browser keeps the id of the browser session.
fn owner(admin: &CheckedAdmin) -> Option<DraftOwner<'_>> {
    match &admin.session.holder {
        AdminHolder::Person { account, sid } => Some(DraftOwner { account, sid }),
        AdminHolder::Link { .. } | AdminHolder::Token => None,
    }
}

/// What can't be opened was sealed by another key or belongs to another place: it is gone.
fn opened(parts: &LoginParts, owner: DraftOwner<'_>, row: &DraftRow) -> Option<AdminDraft> {
    let sealed: &Sealed = &row.content;
    let content = parts.keys.sealer.open(SEALED_AS, &place(owner, &row.id, &row.path), sealed).ok()?;
    Some(AdminDraft { path: row.path.clone(), content: Zeroizing::new(content) })
}

/// None of the parts before the path contains a space.
fn place(owner: DraftOwner<'_>, id: &str, path: &str) -> String {
    format!("{} {} {id} {path}", owner.account.0, owner.sid)
}
