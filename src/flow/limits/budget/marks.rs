//! What a refused password is remembered by: a digest under the sealing key, of the place of its count, of when the person's
//! password was set, and of the password.

use zeroize::Zeroizing;

use super::counts::Place;
use super::{Attempt, Subject};
use crate::domain::refused::Mark;
use crate::flow::installation::context::Parts;
use crate::keys::Label;

/// `None` where nothing may be remembered: where the directory does not say when the password was set, a reset to the very
/// password that was refused would not show.
pub(super) fn of(parts: &Parts, place: &Place, attempt: &Attempt<'_>) -> Option<Mark> {
    if attempt.password.is_blank() {
        return None;
    }
    let set_at = match attempt.subject {
        Subject::Entry(entry) => entry.password_changed_at?,
        // Only for what a page tells: by these nothing is refused unseen.
        Subject::Name(_) | Subject::Form(..) => 0,
    };
    let password = attempt.password.expose().as_bytes();
    let covered = [place.key.as_bytes(), &[0], &place.tag, &set_at.to_be_bytes(), password];
    let covered = Zeroizing::new(covered.concat());
    parts.keys.sealer.hmac(Label::RefusedPassword, &covered).0.first_chunk().copied()
}
