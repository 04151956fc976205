//! Who has set up a second factor and who has not.

use askama::Template;

use crate::flow::support::enrolment::{EnrolledView, EnrolmentPage, EnrolmentView};
use crate::web::admin::address::{PERSON, TWO_STEP_PEOPLE, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// One of the two lists. The download posts `show` and `format` to the path with `/export`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/two-step-people.html")]
pub(in crate::web::admin) struct TwoStepPeoplePage {
    pub language: Language,
    pub frame: AdminFrame,
    /// True for the people with a second factor.
    pub enrolled: bool,
    /// None until they are counted for the first time.
    pub counts: Option<EnrolmentView>,
    pub view: EnrolmentPage,
    /// The token of the download, for those who may.
    pub export_token: Option<String>,
}

impl TwoStepPeoplePage {
    fn person_url(&self, person: &EnrolledView) -> String {
        with_query(PERSON, &[("id", &person.names.account)])
    }

    /// The word of this list in addresses and forms.
    fn list(&self) -> &'static str {
        if self.enrolled { "enrolled" } else { "missing" }
    }

    fn next_url(&self) -> Option<String> {
        let next = self.view.next.as_ref()?;
        Some(with_query(TWO_STEP_PEOPLE, &[("show", self.list()), ("after", next)]))
    }
}
