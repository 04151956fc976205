//! Wrong tries counted, on all nodes together, before anything is asked of the directory. Whether an entry has the name
//! plays no part, so a refusal here tells nothing. That no account is locked in the domain is the lockout budget's work
//! and not this module's.

mod address;
mod codes;
mod issued;

pub use codes::{CodeTry, Whose, admit_code};
pub use issued::admit_issue;

use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::name::fold;
use crate::domain::throttle::{Counted, Limit, Window, in_seconds, limits};
use crate::flow::context::{Parts, Visit};
use crate::flow::device::Device;
use crate::flow::fault::Fault;

/// Who is trying.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
    /// The request.
    pub visit: &'a Visit,
    /// The client that the login is for.
    pub client_id: &'a str,
    /// What we know of the browser.
    pub device: &'a Device,
}

/// The right to try one password. It was counted as a wrong try, and stays so unless it is given back: a crash, or who
/// goes away in between, gains no try.
#[derive(Debug, Default)]
#[must_use = "a right password is given back"]
pub struct Admission {
    keys: Vec<String>,
}

/// Counts one try with this name as it was typed, or fails with [`Fault::Throttled`].
pub async fn admit(parts: &Parts, asker: &Asker<'_>, name: &str) -> Result<Admission, Fault> {
    let now = parts.now();
    let window = Window::at(now);
    let mut admission = Admission::default();
    let known = asker.device.knows_name(parts, name).await?;
    for (limit, whose) in counts(parts, asker, name, known) {
        let key = format!("{}:{}:{whose}", limit.by.as_str(), window.number);
        let count = parts.volatile.count(&key, window.left, now).await?;
        if limit.is_passed(count) {
            admission.give_back(parts).await?;
            if limit.is_just_passed(count) {
                tell(parts, asker, limit.by, None).await?;
            }
            return Err(Fault::Throttled { seconds: in_seconds(window.left) });
        }
        admission.keys.push(key);
    }
    Ok(admission)
}

impl Admission {
    /// Takes the count back: the password was right (whatever gate was shut then), or could not be tried at all.
    pub async fn give_back(self, parts: &Parts) -> Result<(), Fault> {
        for key in &self.keys {
            parts.volatile.uncount(key, parts.now()).await?;
        }
        Ok(())
    }
}

/// The limits that there are, each with whom it is counted for.
fn counts(parts: &Parts, asker: &Asker<'_>, name: &str, is_known: bool) -> Vec<(Limit, String)> {
    let current = parts.current();
    let settings = &current.settings.throttle;
    let (address, address_limit) = address::of(&asker.visit.address, settings);
    let all = limits(settings, is_known, address_limit);
    let set = all.into_iter().filter(|limit| limit.most != 0);
    let counted = set.map(|limit| {
        let whose = match limit.by {
            Counted::Address => address.clone(),
            Counted::Name => digest(parts, name),
            Counted::Browser => format!("{}:{}", asker.device.serial(), digest(parts, name)),
            _ => String::new(),
        };
        (limit, whose)
    });
    counted.collect()
}

/// What a name is counted under: of one length, however long the name is, and not to be read in Redis.
fn digest(parts: &Parts, name: &str) -> String {
    hex::encode(&parts.keys.sealer.hmac("throttle", fold(name).as_bytes()).0[..16])
}

/// One event a window: who sends thousands of tries must not fill the trail as well.
/// Codes after a right password have an account, and are told under it.
async fn tell(
    parts: &Parts,
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
    Ok(parts.store.append(&event).await?)
}
