//! `cloudsync-idp lock-down NAME`: suspend a person here and everywhere, and show each answer as it comes.

use std::collections::BTreeMap;

use anyhow::{Result, bail};
use tokio::time::{Duration, sleep, timeout};

use super::actor::actor;
use super::{output, person, printable, prompt};
use crate::domain::account::Account;
use crate::domain::lock_down::{LockDownState, StepState};
use crate::domain::timestamp;
use crate::flow::account::lock_down::lock_down;
use crate::flow::account::lock_down_view::{LockDownStepView, LockDownView, lock_down_of};
use crate::flow::installation::context::LoginParts;

/// How often it is looked for answers.
const LOOK: Duration = Duration::from_millis(250);

/// The status if something still waits.
const WAITS: u8 = 3;

/// Whom to lock down.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Login name, email address or account id
    name: String,
    /// Do it without asking
    #[arg(long)]
    yes: bool,
    /// How long to wait for the answers of clients and services
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    wait: u64,
}

/// Runs the command. Status 0: all is confirmed; 1: not confirmed by the user, or somebody refuses it or was given up;
/// 3: something still waits.
pub async fn run(parts: &LoginParts, arguments: Arguments, json: bool) -> Result<u8> {
    let account = person::named(parts, &arguments.name).await?;
    if !arguments.yes && !confirmed(&account)? {
        return Ok(1);
    }
    let mut view = lock_down(parts, &account, &actor()).await?;
    if !json {
        print_here(&account, &view);
    }
    let mut shown = Shown { steps: BTreeMap::new(), silent: json };
    let answers = follow(parts, &account, (&mut view, &mut shown));
    if let Ok(followed) = timeout(Duration::from_secs(arguments.wait), answers).await {
        followed?;
    }
    match json {
        true => output::json(&view)?,
        false => print_end(&view),
    }
    Ok(status(view.state))
}

fn status(state: LockDownState) -> u8 {
    match state {
        LockDownState::Confirmed => 0,
        LockDownState::Failed => 1,
        LockDownState::Waiting => WAITS,
    }
}

/// Shows each answer once, until no step waits any more.
async fn follow(
    parts: &LoginParts,
    account: &Account,
    (view, shown): (&mut LockDownView, &mut Shown),
) -> Result<()> {
    shown.news(view);
    while view.is_waiting() {
        sleep(LOOK).await;
        *view = match lock_down_of(parts, account).await? {
            Some(view) => view,
            None => bail!("somebody else has reactivated or erased the account meanwhile"),
        };
        shown.news(view);
    }
    Ok(())
}

/// What was shown of each step.
struct Shown {
    steps: BTreeMap<(&'static str, String), StepState>,
    silent: bool,
}

impl Shown {
    /// Shows the steps that do not wait and were not shown.
    fn news(&mut self, view: &LockDownView) {
        for (kind, step) in steps(view).filter(|(_, step)| step.state != StepState::Waiting) {
            let before = self.steps.insert((kind, step.id.clone()), step.state);
            if before != Some(step.state) && !self.silent {
                outln!("{}", line(kind, step));
            }
        }
    }
}

fn steps(view: &LockDownView) -> impl Iterator<Item = (&'static str, &LockDownStepView)> {
    let clients = view.steps.clients.iter().map(|step| ("client", step));
    clients.chain(view.steps.services.iter().map(|step| ("service", step)))
}

fn line(kind: &str, step: &LockDownStepView) -> String {
    let words = step.words.as_deref().map(|words| format!(" ({})", printable(words))).unwrap_or_default();
    let what = match (step.state, kind) {
        (StepState::Confirmed, "client") => "has confirmed that the sessions have ended",
        (StepState::Confirmed, _) => "has confirmed that the person is inactive",
        (StepState::NotThere, _) => "does not have the person",
        (StepState::Waiting, _) => "still waiting",
        (StepState::Refused, _) => "refuses it; it is tried again every 15 minutes",
        (StepState::Stopped, _) => "gets nothing until it is resumed: cloudsync-idp delivery retry",
        (StepState::GivenUp, _) => "could not be told for a day, and was given up",
        (StepState::NotTold, _) => "can't be told: a session of its own goes on until it ends or asks here",
    };
    format!("  {kind} {}: {what}{words}", printable(&step.id))
}

fn print_here(account: &Account, view: &LockDownView) {
    let ended = view.ended;
    outln!("{}", person::who(account));
    outln!("  suspended here, whatever the directory says");
    outln!(
        "  ended here: {} sessions, {} refresh families, {} remembered browsers, {} sessions of the panel, {} codes of the help desk",
        ended.sessions,
        ended.refresh_families,
        ended.remembered_browsers,
        ended.panel_sessions,
        ended.help_desk_codes
    );
}

fn print_end(view: &LockDownView) {
    for (kind, step) in steps(view).filter(|(_, step)| step.state == StepState::Waiting) {
        outln!("{}", line(kind, step));
    }
    if view.is_waiting() {
        outln!("  it goes on by itself while `serve` runs; to see how far it is, repeat the command");
    }
    outln!(
        "  best effort: a client ends its own sessions only if it supports back-channel logout; an API that does not ask here \
         accepts access tokens until {}",
        timestamp(view.access_tokens_end)
    );
}

fn confirmed(account: &Account) -> Result<bool> {
    let question = format!(
        "{} would be locked down: suspended here whatever the directory says, signed out everywhere, and made inactive at \
         every service",
        person::who(account).replace('\t', " ")
    );
    match prompt::confirm(&format!("{question}. Lock down this person?"))? {
        Some(answer) => Ok(answer),
        None => bail!("{question}; to do it without this question: --yes"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_says_whether_all_is_confirmed() {
        for (state, expected) in
            [(LockDownState::Confirmed, 0), (LockDownState::Failed, 1), (LockDownState::Waiting, WAITS)]
        {
            assert_eq!(status(state), expected, "{state}");
        }
    }

    #[test]
    fn a_line_names_the_step_and_has_the_words_of_the_other_side_without_control_characters() {
        let step = |state, words: Option<&str>| LockDownStepView {
            id: "cloudsync".into(),
            state,
            words: words.map(str::to_owned),
        };
        for (kind, step, expected) in [
            (
                "client",
                step(StepState::Confirmed, Some("status 200")),
                "  client cloudsync: has confirmed that the sessions have ended (status 200)",
            ),
            (
                "service",
                step(StepState::Confirmed, None),
                "  service cloudsync: has confirmed that the person is inactive",
            ),
            (
                "service",
                step(StepState::Waiting, Some("a\u{1b}[2J")),
                "  service cloudsync: still waiting (a\\u001b[2J)",
            ),
        ] {
            assert_eq!(line(kind, &step), expected);
        }
    }
}
