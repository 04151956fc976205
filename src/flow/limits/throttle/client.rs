//! Count clients that fail to authenticate. A right secret is never refused, or anybody who shares an address
//! with a client could block it; wrong ones soon get no answer and no audit event.

use super::address;
use crate::domain::advice::Cause;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::throttle::{Window, in_seconds};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;

/// How many failures of one client from one address are answered in a minute.
const ANSWERED: u64 = 60;
/// How many audit events all failures together may write in a minute.
const MOST_ROWS: u64 = 100;

/// Counts a failure to authenticate as this client (`None`: as one that does not exist), or fails with
/// [`Fault::Throttled`]. Only the first of a client and address in a minute is recorded.
pub async fn client_refused(parts: &LoginParts, visit: &Visit, client_id: Option<&str>) -> Result<(), Fault> {
    let now = parts.now();
    let window = Window::at(now);
    let address = address::of(&visit.address, &parts.current().settings.throttle);
    let key = format!("client:{}:{address}:{}", window.number, client_id.unwrap_or_default());
    let failures = parts.volatile.count(&key, window.left, now).await?;
    if failures == 1 {
        let rows = parts.volatile.count(&format!("client_rows:{}", window.number), window.left, now).await?;
        if rows <= MOST_ROWS {
            record(parts, visit, client_id).await?;
        }
    }
    if failures > ANSWERED {
        return Err(Fault::Throttled { seconds: in_seconds(window.left) });
    }
    Ok(())
}

async fn record(parts: &LoginParts, visit: &Visit, client_id: Option<&str>) -> Result<(), Fault> {
    let event = Event {
        keep: Keep::Short,
        client_id: client_id.map(str::to_owned),
        cause: Some(Cause::ClientSecret.word().to_owned()),
        ..visit.event(parts.now(), Decision::ClientRefused)
    };
    Ok(parts.store.login().append(&event).await?)
}
