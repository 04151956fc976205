//! Codes of the second factor, recovery codes and help-desk codes: five wrong ones are free, then each waits longer. The
//! counts live beside the login and not in it, so that starting again changes nothing.
//!
//! Before the password, anybody may type codes for any name. There they are counted by name and address, so that one
//! stranger makes only their own address wait, and all addresses together have so many tries that guessing stays hopeless.

use super::{Asker, address, digest, tell};
use crate::domain::account::Account;
use crate::domain::name::login_part;
use crate::domain::throttle::{
    BEFORE_PASSWORD, CODES_BEFORE, Counted, FREE_CODES, Window, in_seconds, wait_after,
};
use crate::domain::{DAY, Millis};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Parts;
use crate::flow::installation::fault::Fault;

/// How long a wrong code counts.
const REMEMBERED: Millis = DAY;

/// Whose codes are counted.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Somebody's whose password was right. In a browser in which they have signed in before they are counted apart,
    /// so that a thief of the password can't make its owner wait there.
    Account(&'a Account),
    /// Of the name that was typed, before any password, from one address. Counted apart from the above, or strangers, who
    /// need no password for it, could make the owner wait.
    Name(&'a str),
}

/// The right to try one code. It was counted as a wrong one.
#[derive(Debug)]
#[must_use = "a right code ends the count"]
pub struct CodeTry {
    /// By whom it was counted: the address first, then the wider networks around it.
    held: Vec<Held>,
    /// What all addresses together have typed for the name: a right code takes back its own try of it and no other.
    together: Option<String>,
}

#[derive(Debug)]
struct Held {
    count: String,
    /// The wait that this try began, and the name under which it holds it.
    wait: Option<(String, String)>,
}

/// A wait that goes on, and for how long.
struct Waiting(String, Millis);

/// Counts one code, or fails with [`Fault::Throttled`] while a wait goes on.
pub async fn admit_code(parts: &Parts, asker: &Asker<'_>, whose: Whose<'_>) -> Result<CodeTry, Fault> {
    let mut attempt = CodeTry { held: Vec::new(), together: None };
    for (who, free) in counted_as(parts, asker, whose).into_iter().zip((1..).map(|step| FREE_CODES * step)) {
        match hold(parts, &who, free).await? {
            Ok(held) => attempt.held.push(held),
            Err(Waiting(waits, wait)) => {
                attempt.give_back(parts).await?;
                return refuse(parts, asker, (&waits, whose), wait).await;
            }
        }
    }
    admit_together(parts, asker, whose, attempt).await
}

async fn hold(parts: &Parts, who: &str, free: u64) -> Result<Result<Held, Waiting>, Fault> {
    let (now, volatile) = (parts.now(), &parts.volatile);
    let (count, waits) = (format!("codes:{who}"), format!("codes_wait:{who}"));
    if let Some(until) = volatile.claimed_until(&waits, now).await? {
        return Ok(Err(Waiting(waits, until - now)));
    }
    let Some(wait) = wait_after(volatile.count(&count, REMEMBERED, now).await?, free) else {
        return Ok(Ok(Held { count, wait: None }));
    };
    // The wait begins before the code is looked at: of many who try at the same instant, one gets through.
    let holder = parts.random_id();
    if volatile.claim(&waits, &holder, now + wait, now).await? {
        return Ok(Ok(Held { count, wait: Some((waits, holder)) }));
    }
    volatile.uncount(&count, now).await?;
    Ok(Err(Waiting(waits, wait)))
}

/// Counts a code before the password for its name as well, whatever the address: who waits has used up nothing of it.
async fn admit_together(
    parts: &Parts,
    asker: &Asker<'_>,
    whose: Whose<'_>,
    attempt: CodeTry,
) -> Result<CodeTry, Fault> {
    let Whose::Name(name) = whose else { return Ok(attempt) };
    let now = parts.now();
    let window = Window::of(now, BEFORE_PASSWORD);
    let together = format!("codes_together:{}:{}", window.number, &digest(parts, &login_part(name))[..4]);
    if parts.volatile.count(&together, window.left, now).await? <= CODES_BEFORE {
        return Ok(CodeTry { together: Some(together), ..attempt });
    }
    parts.volatile.uncount(&together, now).await?;
    attempt.give_back(parts).await?;
    refuse(parts, asker, (&together, whose), window.left).await
}

impl CodeTry {
    /// The code was right: nothing is held against the person any more. The code is spent by now, so what was proven by it
    /// must not be lost where the counts can't be reached.
    pub async fn right(self, parts: &Parts) {
        if let Err(error) = self.settle(parts).await {
            tracing::warn!(error = %Causes(&error), "the count of wrong codes could not be taken back");
        }
    }

    async fn settle(mut self, parts: &Parts) -> Result<(), Fault> {
        if !self.held.is_empty() {
            // others share the wider networks: what they have typed stays counted
            let own = self.held.remove(0);
            parts.volatile.forget(&own.count).await?;
            own.end_wait(parts).await?;
        }
        self.give_back(parts).await
    }

    /// What looking at the code gave, and the try to be settled by it; a code that could not be looked at is given back.
    pub async fn looked_at<T>(self, parts: &Parts, looked: Result<T, Fault>) -> Result<(Self, T), Fault> {
        match looked {
            Ok(looked) => Ok((self, looked)),
            Err(error) => {
                self.give_back(parts).await?;
                Err(error)
            }
        }
    }

    /// The code could not be looked at.
    pub async fn give_back(self, parts: &Parts) -> Result<(), Fault> {
        for held in &self.held {
            parts.volatile.uncount(&held.count, parts.now()).await?;
            held.end_wait(parts).await?;
        }
        if let Some(together) = &self.together {
            parts.volatile.uncount(together, parts.now()).await?;
        }
        Ok(())
    }
}

impl Held {
    async fn end_wait(&self, parts: &Parts) -> Result<(), Fault> {
        if let Some((waits, holder)) = &self.wait {
            parts.volatile.release(waits, holder).await?;
        }
        Ok(())
    }
}

/// The smallest first: each of the wider networks around an address has as many free codes more as the address itself.
fn counted_as(parts: &Parts, asker: &Asker<'_>, whose: Whose<'_>) -> Vec<String> {
    match whose {
        // Names that anybody makes up share 65,536 counts, so that they fill no memory; so do those of all addresses.
        Whose::Name(name) => {
            let name = login_part(name);
            let steps = address::steps(&asker.visit.address, &parts.current().settings.throttle);
            let counted = |(address, _)| digest(parts, &format!("{name} {address}"))[..4].to_owned();
            steps.into_iter().map(|step| format!("before:{}", counted(step))).collect()
        }
        Whose::Account(account) => {
            let browser = if asker.device.knows(account) { asker.device.serial() } else { "" };
            vec![format!("after:{}:{browser}", account.id)]
        }
    }
}

async fn refuse(
    parts: &Parts,
    asker: &Asker<'_>,
    (waits, whose): (&str, Whose<'_>),
    wait: Millis,
) -> Result<CodeTry, Fault> {
    let told = format!("told:{waits}");
    if parts.volatile.count(&told, wait.max(1), parts.now()).await? == 1 {
        let account = match whose {
            Whose::Account(account) => Some(&account.id),
            Whose::Name(_) => None,
        };
        tell(parts, asker, Counted::Code, account).await?;
    }
    Err(Fault::Throttled { seconds: in_seconds(wait) })
}
