//! Why a sign-in is refused, as far as the person may know.

use tokio::time::Duration;

use crate::domain::gates::Gate;

/// A refusal before the password is proven takes at least this long: the time would reveal whether there was
/// an entry to bind as, that is, whether the name exists (2 ms without a bind, 5 to 40 ms with one).
pub const ALIKE: Duration = Duration::from_millis(300);

/// Why a sign-in was refused, as far as the person may know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInRefusal {
    /// Nothing was tried: the name could be in several directories, and the person has to choose.
    WhichDirectory,
    /// The password was not proven: every such refusal looks the same.
    NotProven,
    /// Nothing was tried: too many wrong passwords came before. Names that do not exist get this answer too.
    TooMany {
        /// Until the next attempt is allowed, if no other is made meanwhile.
        minutes: u32,
        /// The person has signed in in this browser before.
        known_browser: bool,
    },
    /// The password is right but expired: [`Gate::PasswordUsable`] is shut by its age and not by a reset.
    PasswordExpired,
    /// The password is right; this gate is shut.
    Shut(Gate),
    /// The password is right; another account or entry has the email address.
    MailTaken,
    /// The password is right; the entry's email address is invalid or in a foreign domain.
    MailUnusable,
    /// The password is right; an account that existed in CloudSync waits for an administrator to link it.
    LinkPending,
}
