//! Samples of the lists of people with and without a second factor.

use super::{NOW, frame, named};
use crate::domain::admin::Role;
use crate::domain::enrolment::EnrolmentList;
use crate::domain::{DAY, HOUR};
use crate::flow::account::views::AccountNames;
use crate::flow::support::enrolment::{EnrolledView, EnrolmentPage, EnrolmentView};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::TwoStepPeoplePage;
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

const PATH: &str = "/admin/security/two-step-authentication/people";

/// All of them.
pub(super) fn all() -> Vec<Sample> {
    let at = || AdminFrame { path: PATH.into(), ..frame() };
    let desk = AdminFrame { role: Role::HelpDesk, ..at() };
    let mut samples = vec![
        one("panel-two-step-missing", at(), false, list("Alice Adams")),
        one("panel-two-step-enrolled", at(), true, list("Alice Adams")),
        one("panel-two-step-nobody-missing", desk.clone(), false, EnrolmentPage::default()),
        one("panel-two-step-nobody-enrolled", desk, true, EnrolmentPage::default()),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        samples.push(one(&format!("hostile-{label}-panel-two-step"), named(text), true, list(text)));
    }
    samples
}

fn one(name: &str, frame: AdminFrame, enrolled: bool, view: EnrolmentPage) -> Sample {
    Sample::new(name, "admin/two-step-people.html", move |language| {
        let frame = AdminFrame { language, ..frame.clone() };
        let is_help_desk = frame.role == Role::HelpDesk;
        TwoStepPeoplePage {
            language,
            counts: (!is_help_desk).then_some(EnrolmentView { enrolled: 812, missing: 40, hour: NOW - HOUR }),
            export_token: (!is_help_desk).then(|| "token".to_owned()),
            frame,
            list: EnrolmentList { enrolled, descending: enrolled },
            view: view.clone(),
        }
        .html()
    })
}

fn list(text: &str) -> EnrolmentPage {
    let person = |number: u32, invited: bool| EnrolledView {
        names: AccountNames {
            account: number.to_string(),
            login_name: (number > 1).then(|| text.to_owned()),
            email: format!("{text}{number}@example.com"),
        },
        name: (number > 1).then(|| text.to_owned()),
        directory: Some(text.to_owned()),
        factors: number,
        since: Some(NOW - DAY),
        used_at: (number > 1).then_some(NOW - HOUR),
        invited_until: invited.then_some(NOW + HOUR),
    };
    EnrolmentPage {
        people: vec![person(1, false), person(2, true)],
        next: Some(format!("{text}@example.com")),
    }
}
