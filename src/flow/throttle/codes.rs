//! Codes of the second factor, recovery codes and help-desk codes: five wrong ones are free, then each waits longer. The
//! counts live beside the login and not in it, so that starting again changes nothing.

use super::{Asker, digest, tell};
use crate::domain::account::Account;
use crate::domain::throttle::{Counted, in_seconds, wait_after};
use crate::domain::{DAY, Millis};
use crate::flow::context::Parts;
use crate::flow::fault::Fault;

/// How long a wrong code counts.
const REMEMBERED: Millis = DAY;

/// Whose codes are counted.
#[derive(Clone, Copy, Debug)]
pub enum Whose<'a> {
    /// Somebody's whose password was right. In a browser in which they have signed in before they are counted apart,
    /// so that a thief of the password can't make its owner wait there.
    Account(&'a Account),
    /// Of the name that was typed, before any password. Counted apart from the above, or strangers, who need no
    /// password for it, could make the owner wait.
    Name(&'a str),
}

/// The right to try one code. It was counted as a wrong one.
#[derive(Debug)]
#[must_use = "a right code ends the count"]
pub struct CodeTry {
    count: String,
    /// The wait that this try began, and the name under which it holds it.
    wait: Option<(String, String)>,
}

/// Counts one code, or fails with [`Fault::Throttled`] while a wait goes on.
pub async fn admit_code(parts: &Parts, asker: &Asker<'_>, whose: Whose<'_>) -> Result<CodeTry, Fault> {
    let (now, volatile) = (parts.now(), &parts.volatile);
    let whose = counted_as(parts, asker, whose);
    let (count, waits) = (format!("codes:{whose}"), format!("codes_wait:{whose}"));
    if let Some(until) = volatile.claimed_until(&waits, now).await? {
        return refuse(parts, asker, &waits, until - now).await;
    }
    let Some(wait) = wait_after(volatile.count(&count, REMEMBERED, now).await?) else {
        return Ok(CodeTry { count, wait: None });
    };
    // The wait begins before the code is looked at: of many who try at the same instant, one gets through.
    let holder = parts.random_id();
    if volatile.claim(&waits, &holder, now + wait, now).await? {
        return Ok(CodeTry { count, wait: Some((waits, holder)) });
    }
    volatile.uncount(&count, now).await?;
    refuse(parts, asker, &waits, wait).await
}

impl CodeTry {
    /// The code was right: nothing is held against the person any more.
    pub async fn right(self, parts: &Parts) -> Result<(), Fault> {
        parts.volatile.forget(&self.count).await?;
        self.end_wait(parts).await
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
        parts.volatile.uncount(&self.count, parts.now()).await?;
        self.end_wait(parts).await
    }

    async fn end_wait(self, parts: &Parts) -> Result<(), Fault> {
        if let Some((waits, holder)) = &self.wait {
            parts.volatile.release(waits, holder).await?;
        }
        Ok(())
    }
}

fn counted_as(parts: &Parts, asker: &Asker<'_>, whose: Whose<'_>) -> String {
    match whose {
        // Names that anybody makes up share 65,536 counts, so that they fill no memory.
        Whose::Name(name) => format!("before:{}", &digest(parts, name)[..4]),
        Whose::Account(account) => {
            let link = account.link.as_ref();
            let known = link.is_some_and(|link| asker.device.knows_entry(&link.directory, link.entry));
            let browser = if known { asker.device.serial() } else { "" };
            format!("after:{}:{browser}", account.id)
        }
    }
}

async fn refuse(parts: &Parts, asker: &Asker<'_>, waits: &str, wait: Millis) -> Result<CodeTry, Fault> {
    let told = format!("told:{waits}");
    if parts.volatile.count(&told, wait.max(1), parts.now()).await? == 1 {
        tell(parts, asker, Counted::Code).await?;
    }
    Err(Fault::Throttled { seconds: in_seconds(wait) })
}
