//! Wrong tries counted, on all nodes together, before anything is asked of the directory. Whether an entry has the name
//! plays no part, so a refusal here tells nothing. That no account is locked in the domain is the lockout budget's work
//! and not this module's.

mod address;
mod client;
mod codes;
mod issued;

pub use client::client_refused;
pub use codes::{CodeTry, Whose, admit_code};
pub use issued::admit_issue;

use crate::domain::account::AccountId;
use crate::domain::audit::{Decision, Event, Keep};
use crate::domain::name::{fold, login_part};
use crate::domain::throttle::{Counted, Limit, Window, in_seconds, limits};
use crate::flow::installation::context::{Parts, Visit};
use crate::flow::installation::device::Device;
use crate::flow::installation::fault::Fault;
use crate::keys::Label;

/// Who is trying.
#[derive(Clone, Copy)]
pub struct Asker<'a> {
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
    is_known: bool,
}

/// Counts one try with this name as it was typed, or fails with [`Fault::Throttled`].
pub async fn admit(parts: &Parts, asker: &Asker<'_>, name: &str) -> Result<Admission, Fault> {
    let now = parts.now();
    let window = Window::at(now);
    let is_known = asker.device.knows_name(parts, name).await?;
    let mut admission = Admission { keys: Vec::new(), is_known };
    for (limit, whose) in counts(parts, asker, name, is_known) {
        let key = key(limit.by, window.number, &whose);
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
    /// True when somebody has signed in with this name in this browser before.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.is_known
    }

    /// Takes the count back: the password was right (whatever gate was shut then), or could not be tried at all.
    pub async fn give_back(self, parts: &Parts) -> Result<(), Fault> {
        for key in &self.keys {
            parts.volatile.uncount(key, parts.now()).await?;
        }
        Ok(())
    }
}

/// How much of a throttle is used up.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Used {
    pub throttle: &'static str,
    /// Wrong passwords in browsers that are not known, in this minute.
    pub wrong: u64,
    /// How many a minute takes.
    pub most: u32,
}

/// What strangers have used up with this name, and all of them together; without counting.
pub async fn used(parts: &Parts, name: &str) -> Result<Vec<Used>, Fault> {
    let now = parts.now();
    let number = Window::at(now).number;
    let current = parts.current();
    let mut all = Vec::new();
    for limit in limits(&current.settings.throttle, false, &[]).into_iter().filter(|limit| limit.most != 0) {
        let whose = if limit.by == Counted::Name { digest(parts, &login_part(name)) } else { String::new() };
        let wrong = parts.volatile.counted(&key(limit.by, number, &whose), now).await?;
        all.push(Used { throttle: limit.by.as_str(), wrong, most: limit.most });
    }
    Ok(all)
}

fn key(by: Counted, window: i64, whose: &str) -> String {
    format!("{}:{window}:{whose}", by.as_str())
}

/// The limits that there are, each with whom it is counted for.
fn counts(parts: &Parts, asker: &Asker<'_>, name: &str, is_known: bool) -> Vec<(Limit, String)> {
    let current = parts.current();
    let settings = &current.settings.throttle;
    let (addresses, most): (Vec<_>, Vec<_>) =
        address::steps(&asker.visit.address, settings).into_iter().unzip();
    let mut addresses = addresses.into_iter();
    // one count for all spellings of a name, whoever has it
    let name = digest(parts, &login_part(name));
    let counted = limits(settings, is_known, &most).into_iter().map(|limit| {
        let whose = match limit.by {
            Counted::Address => addresses.next().unwrap_or_default(),
            Counted::Name => name.clone(),
            Counted::Browser => format!("{}:{name}", asker.device.serial()),
            _ => String::new(),
        };
        (limit, whose)
    });
    counted.filter(|(limit, _)| limit.most != 0).collect()
}

/// What a name is counted under: of one length, however long the name is, and not to be read in Redis.
fn digest(parts: &Parts, name: &str) -> String {
    hex::encode(&parts.keys.sealer.hmac(Label::Throttle, fold(name).as_bytes()).0[..16])
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
    Ok(parts.store.login().append(&event).await?)
}
