//! Remember a refused password by a digest under the sealing key: of the slot of its count, the time when the
//! person's password was set, and the password.

use zeroize::Zeroizing;

use super::counts::CountSlot;
use super::{PasswordAttempt, Subject};
use crate::domain::refused::Mark;
use crate::flow::installation::context::LoginParts;
use crate::keys::Label;

/// `None` if the directory does not report when the password was set: a reset to the very password that was
/// refused would go unnoticed.
pub(super) fn of(parts: &LoginParts, slot: &CountSlot, attempt: &PasswordAttempt<'_>) -> Option<Mark> {
    if attempt.password.is_blank() {
        return None;
    }
    let set_at = match attempt.subject {
        Subject::Entry(entry) => entry.password_changed_at?,
        // These counts only decide what a page says and never refuse a password, so they need no time.
        Subject::Name(_) | Subject::Form(..) => 0,
    };
    let password = attempt.password.expose().as_bytes();
    let covered = [slot.key.as_bytes(), &[0], &slot.tag, &set_at.to_be_bytes(), password];
    let covered = Zeroizing::new(covered.concat());
    parts.keys.sealer.hmac(Label::RefusedPassword, &covered).0.first_chunk().copied()
}
