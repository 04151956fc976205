//! Download the audit log: all events that match, as CSV or as lines of JSON, page by page.

use futures_util::stream::{self, Stream};

use super::trail::{EventView, TrailError, TrailQuery, read};
use crate::domain::export::{ExportForm, csv_line};
use crate::domain::timestamp;
use crate::flow::installation::context::LoginParts;

/// How many events are read at once.
const PAGE: u32 = 500;

/// The columns of the CSV file.
const HEADERS: [&str; 14] = [
    "id",
    "at",
    "decision",
    "cause",
    "account",
    "directory",
    "client",
    "address",
    "times",
    "last_at",
    "attempt",
    "actor",
    "role",
    "detail",
];

/// What is left to be read.
struct Rest {
    parts: LoginParts,
    query: TrailQuery,
    form: ExportForm,
    is_first: bool,
}

/// The file in pieces; the conditions of `query` count, its place and limit do not.
pub fn export(
    parts: LoginParts,
    query: TrailQuery,
    form: ExportForm,
) -> impl Stream<Item = Result<String, TrailError>> + Send + 'static {
    let query = TrailQuery { before: None, limit: PAGE, ..query };
    let rest = Rest { parts, query, form, is_first: true };
    stream::try_unfold(Some(rest), |rest| async move {
        match rest {
            Some(rest) => next(rest).await.map(Some),
            None => Ok(None),
        }
    })
}

async fn next(mut rest: Rest) -> Result<(String, Option<Rest>), TrailError> {
    let page = read(&rest.parts, &rest.query).await?;
    let mut text = match (rest.form, rest.is_first) {
        (ExportForm::Csv, true) => csv_line(HEADERS.map(str::to_owned)),
        _ => String::new(),
    };
    for event in &page.decisions {
        text.push_str(&written(event, rest.form));
    }
    rest.is_first = false;
    rest.query.before = page.next_before;
    Ok((text, page.next_before.map(|_| rest)))
}

fn written(event: &EventView, form: ExportForm) -> String {
    match form {
        ExportForm::Csv => csv_line(cells(event)),
        // A view of texts and numbers can always be written.
        ExportForm::JsonLines => serde_json::to_string(event).unwrap_or_default() + "\n",
    }
}

fn cells(event: &EventView) -> [String; 14] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        event.id.to_string(),
        timestamp(event.at),
        event.decision.clone(),
        text(&event.cause),
        text(&event.account),
        text(&event.directory),
        text(&event.client),
        text(&event.address),
        event.times.to_string(),
        event.last_at.map(timestamp).unwrap_or_default(),
        text(&event.attempt),
        text(&event.actor),
        text(&event.role),
        event.detail.as_ref().map(ToString::to_string).unwrap_or_default(),
    ]
}
