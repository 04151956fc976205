//! Agents: the rules of the process behind a firewall that dials out and carries bytes to a directory server. What it
//! may reach is on its own list; what it carries it can't read.

mod allow_list;
mod choice;
mod code;
mod message;
mod open;
mod pause;
mod signature;

pub use allow_list::{AddressRefused, AllowList, MOST_TARGETS, Target, TargetError, index_of};
pub use choice::{Load, order};
pub use code::{CODE_LIFETIME, EnrolmentCode};
pub use message::{
    Enrolment, FromAgent, FromProvider, Hello, LONGEST_MESSAGE, MessageError, NextKey, PROTOCOL, Proof,
    RefusedBecause, Signed, key_of, nonce_of,
};
pub use open::{Open, OpenRefusal};
pub use pause::pause;
pub use signature::{Bound, NONCE_LEN, Purpose, signed_message};

use super::{DAY, Millis};

/// The route of the WebSocket below the provider's public address.
pub const PATH: &str = "/agent";

/// An agent's key is replaced after this long.
const KEY_LIFETIME: Millis = 30 * DAY;

/// Whether an agent replaces its key, which it made at that time, by its own clock. A key from the future was made
/// under a wrong clock, so its age is not known.
#[must_use]
pub fn is_renewal_due(made_at: Millis, now: Millis) -> bool {
    now.saturating_sub(made_at) >= KEY_LIFETIME || made_at.saturating_sub(now) > DAY
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_replaced_after_thirty_days() {
        let made = 1_000 * DAY;
        let table = [
            (made, false),
            (made + 30 * DAY - 1, false),
            (made + 30 * DAY, true),
            (made - DAY, false),
            (made - DAY - 1, true),
            (Millis::MAX, true),
            (Millis::MIN, true),
        ];
        for (now, due) in table {
            assert_eq!(is_renewal_due(made, now), due, "{now}");
        }
    }
}
