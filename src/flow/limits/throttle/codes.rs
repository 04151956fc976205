//! Count second-factor codes, recovery codes and help-desk codes: five wrong ones are free, then each means a
//! longer wait. The counts are stored beside the login, so starting over does not reset them.
//!
//! Before the password, anybody may type codes for any name. There they are counted by name and address, so
//! that an attacker blocks only their own address, and all addresses together have too few attempts to guess
//! a code.

use super::{Asker, address, digest, record};
use crate::domain::account::Account;
use crate::domain::name::login_part;
use crate::domain::throttle::{
    BEFORE_PASSWORD, CODES_BEFORE, Counted, FREE_CODES, Window, in_seconds, wait_after,
};
use crate::domain::{DAY, Millis};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;

/// How long a wrong code counts.
const REMEMBERED: Millis = DAY;

/// What codes are counted for.
#[derive(Clone, Copy, Debug)]
pub enum CodeSubject<'a> {
    /// An account whose password was right. A browser in which the person has signed in before has its own
    /// count, so that a thief of the password can't block the owner there.
    Account(&'a Account),
    /// A typed name, before any password, from one address. Counted apart from the account, or anybody could
    /// block the owner without the password.
    Name(&'a str),
}

/// The permission to try one code. It is counted as a wrong one.
#[derive(Debug)]
#[must_use = "a right code ends the count"]
pub struct CodeTry {
    /// The counts that include it: the address first, then the wider networks around it.
    held: Vec<HeldCount>,
    /// The count of all addresses together for the name: a right code takes back only its own attempt.
    together: Option<String>,
}

#[derive(Debug)]
struct HeldCount {
    count: String,
    /// The wait that this attempt began, and its holder.
    wait: Option<(String, String)>,
}

/// A wait in progress, and how long it lasts.
struct CodeWait(String, Millis);

/// Counts one code, or fails with [`Fault::Throttled`] during a wait.
pub async fn admit_code(
    parts: &LoginParts,
    asker: &Asker<'_>,
    subject: CodeSubject<'_>,
) -> Result<CodeTry, Fault> {
    let mut attempt = CodeTry { held: Vec::new(), together: None };
    for (key, free) in counted_as(parts, asker, subject).into_iter().zip((1..).map(|step| FREE_CODES * step))
    {
        match hold(parts, &key, free).await? {
            Ok(held) => attempt.held.push(held),
            Err(CodeWait(waits, wait)) => {
                attempt.give_back(parts).await?;
                return refuse(parts, asker, subject, &waits, wait).await;
            }
        }
    }
    admit_together(parts, asker, subject, attempt).await
}

async fn hold(parts: &LoginParts, key: &str, free: u64) -> Result<Result<HeldCount, CodeWait>, Fault> {
    let (now, volatile) = (parts.now(), &parts.volatile);
    let (count, waits) = (format!("codes:{key}"), format!("codes_wait:{key}"));
    if let Some(until) = volatile.claimed_until(&waits, now).await? {
        return Ok(Err(CodeWait(waits, until - now)));
    }
    let Some(wait) = wait_after(volatile.count(&count, REMEMBERED, now).await?, free) else {
        return Ok(Ok(HeldCount { count, wait: None }));
    };
    // Begin the wait before the code is checked: of many simultaneous attempts one gets through.
    let holder = parts.random_id();
    if volatile.claim(&waits, &holder, now + wait, now).await? {
        return Ok(Ok(HeldCount { count, wait: Some((waits, holder)) }));
    }
    volatile.uncount(&count, now).await?;
    Ok(Err(CodeWait(waits, wait)))
}

/// Counts a code before the password for its name as well, unless the attempt has to wait.
async fn admit_together(
    parts: &LoginParts,
    asker: &Asker<'_>,
    subject: CodeSubject<'_>,
    attempt: CodeTry,
) -> Result<CodeTry, Fault> {
    let CodeSubject::Name(typed_name) = subject else { return Ok(attempt) };
    let now = parts.now();
    let window = Window::of(now, BEFORE_PASSWORD);
    let together =
        format!("codes_together:{}:{}", window.number, &digest(parts, &login_part(typed_name))[..4]);
    if parts.volatile.count(&together, window.left, now).await? <= CODES_BEFORE {
        return Ok(CodeTry { together: Some(together), ..attempt });
    }
    parts.volatile.uncount(&together, now).await?;
    attempt.give_back(parts).await?;
    refuse(parts, asker, subject, &together, window.left).await
}

impl CodeTry {
    /// Clears the counts after a right code. The code is spent by now, so an error must not lose what it
    /// proved.
    pub async fn right(self, parts: &LoginParts) {
        if let Err(error) = self.settle(parts).await {
            tracing::warn!(error = %Causes(&error), "the count of wrong codes could not be taken back");
        }
    }

    async fn settle(mut self, parts: &LoginParts) -> Result<(), Fault> {
        if !self.held.is_empty() {
            // Others share the wider networks, so their wrong codes stay counted.
            let own = self.held.remove(0);
            parts.volatile.forget(&own.count).await?;
            own.end_wait(parts).await?;
        }
        self.give_back(parts).await
    }

    /// Returns the result of a check with the attempt; gives the attempt back if the check failed.
    pub async fn looked_at<T>(
        self,
        parts: &LoginParts,
        looked: Result<T, Fault>,
    ) -> Result<(Self, T), Fault> {
        match looked {
            Ok(looked) => Ok((self, looked)),
            Err(error) => {
                self.give_back(parts).await?;
                Err(error)
            }
        }
    }

    /// Takes the count back: the code could not be checked.
    pub async fn give_back(self, parts: &LoginParts) -> Result<(), Fault> {
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

impl HeldCount {
    async fn end_wait(&self, parts: &LoginParts) -> Result<(), Fault> {
        if let Some((waits, holder)) = &self.wait {
            parts.volatile.release(waits, holder).await?;
        }
        Ok(())
    }
}

/// The smallest network first; each wider one allows more free codes.
fn counted_as(parts: &LoginParts, asker: &Asker<'_>, subject: CodeSubject<'_>) -> Vec<String> {
    match subject {
        // Made-up names share 65,536 counts, so that they can't fill the memory; so do all addresses.
        CodeSubject::Name(typed_name) => {
            let name = login_part(typed_name);
            let steps = address::steps(&asker.visit.address, &parts.current().settings.throttle);
            let counted = |(address, _)| digest(parts, &format!("{name} {address}"))[..4].to_owned();
            steps.into_iter().map(|step| format!("before:{}", counted(step))).collect()
        }
        CodeSubject::Account(account) => {
            let browser = if asker.device.knows(account) { asker.device.serial() } else { "" };
            vec![format!("after:{}:{browser}", account.id)]
        }
    }
}

async fn refuse(
    parts: &LoginParts,
    asker: &Asker<'_>,
    subject: CodeSubject<'_>,
    waits: &str,
    wait: Millis,
) -> Result<CodeTry, Fault> {
    let reported = format!("told:{waits}");
    if parts.volatile.count(&reported, wait.max(1), parts.now()).await? == 1 {
        let account = match subject {
            CodeSubject::Account(account) => Some(&account.id),
            CodeSubject::Name(_) => None,
        };
        record(parts, asker, Counted::Code, account).await?;
    }
    Err(Fault::Throttled { seconds: in_seconds(wait) })
}
