//! Who has set up a second factor and who has not: count, list, download.

use futures_util::stream::{self, Stream};
use serde::Serialize;
use utoipa::ToSchema;

use super::hours::{ENROLLED, ENROLMENT, MISSING, hour_of};
use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::enrolment::EnrolmentList;
use crate::domain::export::{ExportForm, csv_line};
use crate::domain::{DAY, Millis, timestamp};
use crate::flow::account::views::{AccountNames, in_rfc_3339, maybe_in_rfc_3339};
use crate::flow::installation::context::LoginParts;
use crate::store::{EnrolmentRow, StoreError};

/// How many people a download reads at once.
const PAGE: u32 = 500;

/// How many active accounts have a second factor, as last counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnrolmentView {
    pub enrolled: u64,
    pub missing: u64,
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub hour: Millis,
}

/// A person with an active account, and what they have for the second step.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnrolledView {
    #[serde(flatten)]
    pub names: AccountNames,
    pub name: Option<String>,
    pub directory: Option<String>,
    pub factors: u32,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Millis>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub used_at: Option<Millis>,
    #[serde(serialize_with = "maybe_in_rfc_3339")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub invited_until: Option<Millis>,
}

/// A page of people, ordered by email address.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct EnrolmentPage {
    pub people: Vec<EnrolledView>,
    /// Where the next page begins, if there may be one.
    pub next: Option<String>,
}

/// The last count of the job.
pub async fn counts(parts: &LoginParts) -> Result<Option<EnrolmentView>, StoreError> {
    let measured = parts.store.login().measured_since(ENROLMENT, hour_of(parts.now()) - DAY).await?;
    let Some(hour) = measured.last().map(|one| one.hour) else { return Ok(None) };
    let value = |label: &str| {
        let found = measured.iter().find(|one| one.hour == hour && one.label == label);
        found.map_or(0, |one| one.value.unsigned_abs())
    };
    Ok(Some(EnrolmentView { enrolled: value(ENROLLED), missing: value(MISSING), hour }))
}

/// People of one of the lists, after the place `after` of an earlier page.
pub async fn people(
    parts: &LoginParts,
    list: EnrolmentList,
    after: &str,
    limit: u32,
) -> Result<EnrolmentPage, StoreError> {
    let rows = parts.store.identity().enrolment_page(list, after, limit, parts.now()).await?;
    let next =
        rows.last().filter(|_| rows.len() == limit as usize).map(|row| row.account.profile.email_key());
    Ok(EnrolmentPage { people: rows.into_iter().map(EnrolledView::from).collect(), next })
}

impl From<EnrolmentRow> for EnrolledView {
    fn from(row: EnrolmentRow) -> Self {
        let EnrolmentRow { account, factors, since, used_at, invited_until } = row;
        Self {
            names: AccountNames::from(&account),
            name: account.profile.name().map(str::to_owned),
            directory: account.directory().map(|directory| directory.0.clone()),
            factors,
            since,
            used_at,
            invited_until,
        }
    }
}

/// Records that an admin downloads the list.
pub async fn record_export(parts: &LoginParts, enrolled: bool, actor: &Actor) -> Result<(), StoreError> {
    let event = Event {
        detail: Some(serde_json::json!({ "enrolled": enrolled }).to_string()),
        ..Event::new(parts.now(), Decision::PeopleExported).by(actor)
    };
    parts.store.login().append(&event).await
}

/// All of them as a file, in pieces.
pub fn export(
    parts: LoginParts,
    list: EnrolmentList,
    form: ExportForm,
) -> impl Stream<Item = Result<String, StoreError>> + Send + 'static {
    stream::try_unfold(Some(String::new()), move |after| {
        let parts = parts.clone();
        async move {
            let Some(after) = after else { return Ok(None) };
            let page = people(&parts, list, &after, PAGE).await?;
            let head = if after.is_empty() && form == ExportForm::Csv { header() } else { String::new() };
            let text: String = page.people.iter().map(|person| written(person, form)).collect();
            Ok(Some((head + &text, page.next)))
        }
    })
}

fn header() -> String {
    let names = [
        "account",
        "login_name",
        "email",
        "name",
        "directory",
        "factors",
        "since",
        "used_at",
        "invited_until",
    ];
    csv_line(names.map(str::to_owned))
}

fn written(person: &EnrolledView, form: ExportForm) -> String {
    let (text, time) = (
        |text: &Option<String>| text.clone().unwrap_or_default(),
        |at: Option<Millis>| at.map(timestamp).unwrap_or_default(),
    );
    match form {
        ExportForm::Csv => csv_line([
            person.names.account.clone(),
            text(&person.names.login_name),
            person.names.email.clone(),
            text(&person.name),
            text(&person.directory),
            person.factors.to_string(),
            time(person.since),
            time(person.used_at),
            time(person.invited_until),
        ]),
        // A view of texts and numbers can always be written.
        ExportForm::JsonLines => serde_json::to_string(person).unwrap_or_default() + "\n",
    }
}
