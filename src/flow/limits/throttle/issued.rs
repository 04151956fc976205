//! Limit authorization codes before they are issued: each takes short-lived state and an audit event.

use super::address;
use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::throttle::{Counted, Window, code_limits, in_seconds};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;

/// Counts one code for this person, or fails with [`Fault::Throttled`].
pub async fn admit_issue(
    parts: &LoginParts,
    visit: &Visit,
    client_id: &str,
    account: &AccountId,
) -> Result<(), Fault> {
    let now = parts.now();
    let window = Window::at(now);
    let current = parts.current();
    let settings = &current.settings.throttle;
    for limit in code_limits(settings).into_iter().filter(|limit| limit.most != 0) {
        let counted_for = match limit.by {
            Counted::AddressCodes => address::of(&visit.address, settings),
            _ => account.0.clone(),
        };
        let key = format!("{}:{}:{counted_for}", limit.by.as_str(), window.number);
        let count = parts.volatile.count(&key, window.left, now).await?;
        if limit.is_just_passed(count) {
            // One event a minute, so that the audit trail does not fill.
            let event = Event {
                keep: Keep::Short,
                account_id: Some(account.0.clone()),
                client_id: Some(client_id.to_owned()),
                cause: Some(limit.by.as_str().to_owned()),
                ..visit.event(now, Decision::SignInThrottled)
            };
            parts.store.login().append(&event).await?;
        }
        if limit.is_passed(count) {
            return Err(Fault::Throttled { seconds: in_seconds(window.left) });
        }
    }
    Ok(())
}
