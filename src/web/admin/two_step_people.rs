//! `/admin/security/two-step-authentication/people`: who has set up a second factor and who has not.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Admin, Fresh, refuse};
use super::address::{TWO_STEP_PEOPLE, with_query};
use super::confirmation::ConfirmWords;
use super::download::{button, download};
use super::fields::Fields;
use super::frame::AdminFrame;
use super::pages::{DESCENDING, TwoStepPeoplePage};
use super::permission::{Confirm, Export, SeePeople};
use super::view::{NoView, PanelView};
use crate::domain::admin::Capability;
use crate::domain::enrolment::EnrolmentList;
use crate::domain::export::ExportForm;
use crate::flow::installation::fault::Fault;
use crate::flow::support::enrolment::{self, EnrolmentPage, EnrolmentView};
use crate::web::reply::html;

/// The path of the download.
pub(super) const EXPORT: &str = "/admin/security/two-step-authentication/people/export";

/// How many people a page shows.
const PAGE: u32 = 50;

/// One of the two lists.
#[derive(Serialize, ToSchema)]
pub(super) struct TwoStepPeopleView {
    /// True for the people with a second factor.
    enrolled: bool,
    /// `None` until they are counted for the first time.
    counts: Option<EnrolmentView>,
    #[serde(flatten)]
    page: EnrolmentPage,
}

/// `GET /admin/security/two-step-authentication/people?show=enrolled&order=descending&after=PLACE`.
impl PanelView for TwoStepPeopleView {
    type Needs = SeePeople;

    async fn read(admin: &Admin<SeePeople>) -> Result<Self, NoView> {
        let (parts, list) = (&admin.request.web.parts, list(&admin.query));
        let page = enrolment::people(parts, list, admin.query.text("after"), PAGE).await;
        let counts = enrolment::counts(parts).await.map_err(Fault::from)?;
        Ok(Self { enrolled: list.enrolled, counts, page: page.map_err(Fault::from)? })
    }

    fn draw(self, admin: &Admin<SeePeople>, frame: AdminFrame) -> Response {
        let Self { counts, page: view, .. } = self;
        let list = list(&admin.query);
        let export_token = admin.token_for(Capability::Export, EXPORT);
        let language = frame.language;
        html(&TwoStepPeoplePage { language, frame, list, counts, view, export_token })
    }
}

/// `POST /admin/security/two-step-authentication/people/export`: all of one of the two lists.
pub(super) async fn export(Fresh(form): Fresh<Export>) -> Response {
    let parts = form.admin.request.web.parts.clone();
    let (list, file) = (list(&form.fields), ExportForm::parse(form.fields.text("format")));
    if let Err(error) = enrolment::record_export(&parts, list.enrolled, &form.admin.checked.actor).await {
        return refuse(&form.admin.request.context(), &error.into());
    }
    let name = if list.enrolled { "two-step-enrolled" } else { "two-step-missing" };
    download(form.admin, file, name, enrolment::export(parts, list, file))
}

/// What a download contains, before it is confirmed.
pub(super) fn words(admin: &Admin<Confirm>, sent: &Fields) -> ConfirmWords {
    let language = admin.request.context().language;
    let key = if list(sent).enrolled { "two-step-people.enrolled" } else { "two-step-people.missing" };
    ConfirmWords {
        title: language.text("two-step-people").into_owned(),
        lines: [key, "two-step-people.export"].map(|key| language.text(key).into_owned()).into(),
        differences: Vec::new(),
        back: with_query(TWO_STEP_PEOPLE, &[("show", sent.text("show"))]),
        button: Some(button(language, sent)),
    }
}

/// Those without a second factor are shown first: they are why an admin comes.
fn list(fields: &Fields) -> EnrolmentList {
    EnrolmentList {
        enrolled: fields.text("show") == "enrolled",
        descending: fields.text("order") == DESCENDING,
    }
}
