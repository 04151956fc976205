//! Count failed attempts, on all nodes together, before the directory is asked. Whether the name exists makes
//! no difference, so a refusal reveals nothing. The lockout budget prevents lockouts in the domain.

mod address;
mod client;
mod codes;
mod issued;

pub use client::client_refused;
pub use codes::{CodeSubject, CodeTry, admit_code};
pub use issued::admit_issue;

use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::name::{fold, login_part};
use crate::domain::throttle::{Counted, Limit, Window, in_seconds, limits};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::device::Device;
use crate::flow::installation::fault::Fault;
use crate::keys::Label;

/// Who makes the attempt.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    pub visit: &'a Visit,
    pub client_id: &'a str,
    pub device: &'a Device,
}

/// The permission to try one password. It is counted as failed until it is given back, so a crash or an
/// aborted request gains no attempt.
#[derive(Debug, Default)]
#[must_use = "a right password is given back"]
pub struct Admission {
    keys: Vec<String>,
    is_known: bool,
}

/// Counts one attempt with this name as typed, or fails with [`Fault::Throttled`].
pub async fn admit(parts: &LoginParts, asker: &Asker<'_>, typed_name: &str) -> Result<Admission, Fault> {
    let now = parts.now();
    let window = Window::at(now);
    let is_known = asker.device.knows_name(parts, typed_name).await?;
    let mut admission = Admission { keys: Vec::new(), is_known };
    for (limit, counted_for) in counts(parts, asker, typed_name, is_known) {
        let key = key(limit.by, window.number, &counted_for);
        let count = parts.volatile.count(&key, window.left, now).await?;
        if limit.is_passed(count) {
            admission.give_back(parts).await?;
            if limit.is_just_passed(count) {
                record(parts, asker, limit.by, None).await?;
            }
            return Err(Fault::Throttled { seconds: in_seconds(window.left) });
        }
        admission.keys.push(key);
    }
    Ok(admission)
}

impl Admission {
    /// True if somebody has signed in with this name in this browser before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes the count back: the password was right (even if a gate was shut), or could not be tried at all.
    pub async fn give_back(self, parts: &LoginParts) -> Result<(), Fault> {
        for key in &self.keys {
            parts.volatile.uncount(key, parts.now()).await?;
        }
        Ok(())
    }
}

/// How much of a throttle is used up.
#[derive(Clone, Debug, serde::Serialize, utoipa::ToSchema)]
pub struct Used {
    pub throttle: &'static str,
    /// Wrong passwords in unknown browsers, in this minute.
    pub wrong: u64,
    /// The limit for a minute.
    pub most: u32,
}

/// What unknown browsers have used up with this name, and all of them together; counts nothing.
pub async fn used(parts: &LoginParts, typed_name: &str) -> Result<Vec<Used>, Fault> {
    let now = parts.now();
    let number = Window::at(now).number;
    let current = parts.current();
    let mut all = Vec::new();
    for limit in limits(&current.settings.throttle, false, &[]).into_iter().filter(|limit| limit.most != 0) {
        let counted_for =
            if limit.by == Counted::Name { digest(parts, &login_part(typed_name)) } else { String::new() };
        let wrong = parts.volatile.counted(&key(limit.by, number, &counted_for), now).await?;
        all.push(Used { throttle: limit.by.as_str(), wrong, most: limit.most });
    }
    Ok(all)
}

fn key(by: Counted, window: i64, counted_for: &str) -> String {
    format!("{}:{window}:{counted_for}", by.as_str())
}

/// The limits that apply, each with the key that it is counted under.
fn counts(parts: &LoginParts, asker: &Asker<'_>, typed_name: &str, is_known: bool) -> Vec<(Limit, String)> {
    let current = parts.current();
    let settings = &current.settings.throttle;
    let (addresses, most): (Vec<_>, Vec<_>) =
        address::steps(&asker.visit.address, settings).into_iter().unzip();
    let mut addresses = addresses.into_iter();
    // All spellings of a name share one count.
    let name = digest(parts, &login_part(typed_name));
    let counted = limits(settings, is_known, &most).into_iter().map(|limit| {
        let counted_for = match limit.by {
            Counted::Address => addresses.next().unwrap_or_default(),
            Counted::Name => name.clone(),
            Counted::Browser => format!("{}:{name}", asker.device.serial()),
            _ => String::new(),
        };
        (limit, counted_for)
    });
    counted.filter(|(limit, _)| limit.most != 0).collect()
}

/// The key of a name's count: of fixed length, and unreadable in Redis.
fn digest(parts: &LoginParts, name: &str) -> String {
    hex::encode(&parts.keys.sealer.hmac(Label::Throttle, fold(name).as_bytes()).0[..16])
}

/// Writes one event per window, so that thousands of attempts do not fill the audit trail. Codes after a
/// right password are recorded under their account.
async fn record(
    parts: &LoginParts,
    asker: &Asker<'_>,
    by: Counted,
    account: Option<&AccountId>,
) -> Result<(), Fault> {
    let event = Event {
        keep: if account.is_some() { Keep::Long } else { Keep::Short },
        account_id: account.map(|id| id.0.clone()),
        client_id: Some(asker.client_id.to_owned()),
        cause: Some(by.as_str().to_owned()),
        ..asker.visit.event(parts.now(), Decision::SignInThrottled)
    };
    Ok(parts.store.login().append(&event).await?)
}
