//! Who has set up a second factor and who has not.

use askama::Template;

use super::changes::SortLink;
use crate::domain::enrolment::EnrolmentList;
use crate::flow::support::enrolment::{EnrolledView, EnrolmentPage, EnrolmentView};
use crate::web::admin::address::{PERSON, TWO_STEP_PEOPLE, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The word for the other order.
pub(in crate::web::admin) const DESCENDING: &str = "descending";

/// One of the two lists. The download posts `show` and `format` to the path with `/export`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/two-step-people.html")]
pub(in crate::web::admin) struct TwoStepPeoplePage {
    pub language: Language,
    pub frame: AdminFrame,
    pub list: EnrolmentList,
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
    fn word(&self) -> &'static str {
        if self.list.enrolled { "enrolled" } else { "missing" }
    }

    fn address(&self, descending: bool, after: &str) -> String {
        let order = if descending { DESCENDING } else { "" };
        with_query(TWO_STEP_PEOPLE, &[("show", self.word()), ("order", order), ("after", after)])
    }

    fn sort(&self) -> SortLink {
        let descending = self.list.descending;
        SortLink { address: self.address(!descending, ""), ascending: !descending }
    }

    fn next_url(&self) -> Option<String> {
        Some(self.address(self.list.descending, self.view.next.as_ref()?))
    }
}
