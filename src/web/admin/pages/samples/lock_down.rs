//! Samples of the page of a lock-down.

use super::{NOW, frame, named};
use crate::domain::MINUTE;
use crate::domain::lock_down::{EndedHere, LockDownState, StepState};
use crate::flow::account::lock_down_view::{LockDownStepView, LockDownSteps, LockDownView};
use crate::flow::account::views::AccountNames;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{LockDownPage, LockDownPart, PersonAction, PersonButton};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

pub(super) fn all() -> Vec<Sample> {
    let confirmed = vec![step("cloudsync", StepState::Confirmed, Some("status 200"))];
    let open = [StepState::Waiting, StepState::Refused, StepState::Stopped, StepState::GivenUp];
    let failed = open.map(|state| step("cloudsync", state, Some("503: busy"))).to_vec();
    let apart = vec![step("notes", StepState::NotTold, None), step("notes", StepState::NotThere, None)];
    let mut samples = vec![
        sample("panel-lock-down", frame(), "Alice Adams", (LockDownState::Confirmed, confirmed)),
        sample("panel-lock-down-empty", frame(), "Alice Adams", (LockDownState::Confirmed, Vec::new())),
        sample("panel-lock-down-apart", frame(), "Alice Adams", (LockDownState::Confirmed, apart)),
        sample("panel-lock-down-failed", frame(), "Alice Adams", (LockDownState::Failed, failed)),
        sample(
            "panel-lock-down-waiting",
            frame(),
            "Alice Adams",
            (LockDownState::Waiting, vec![step("cloudsync", StepState::Waiting, None)]),
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let refused = (LockDownState::Failed, vec![step(text, StepState::Refused, Some(text))]);
        samples.push(sample(&format!("hostile-{label}-panel-lock-down"), named(text), text, refused));
    }
    samples
}

fn sample(
    name: &str,
    frame: AdminFrame,
    text: &str,
    (state, steps): (LockDownState, Vec<LockDownStepView>),
) -> Sample {
    let view = LockDownView {
        names: AccountNames { account: "42".into(), login_name: None, email: text.into() },
        state,
        at: NOW - MINUTE,
        by: text.into(),
        times: 1,
        ended: EndedHere { sessions: 2, refresh_families: 3, ..EndedHere::default() },
        steps: LockDownSteps { clients: steps.clone(), services: steps },
        access_tokens_end: NOW + 9 * MINUTE,
        concluded_at: None,
    };
    let text = text.to_owned();
    Sample::new(name, "admin/lock-down.html", move |language| {
        let button = PersonButton { action: PersonAction::LockDown, token: "token".into() };
        LockDownPage {
            language,
            frame: AdminFrame { language, ..frame.clone() },
            name: text.clone(),
            again: Some(button).filter(|_| !view.is_over()),
            refreshes: !view.is_over(),
            part: LockDownPart { language, now: NOW, view: view.clone() },
        }
        .html()
    })
}

fn step(id: &str, state: StepState, words: Option<&str>) -> LockDownStepView {
    LockDownStepView { id: id.into(), state, words: words.map(str::to_owned) }
}
