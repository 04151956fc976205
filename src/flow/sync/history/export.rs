//! Download the changes of the sync log as CSV or as lines of JSON, page by page.

use futures_util::stream::{self, Stream};

use super::log::{LogQuery, changes_page};
use super::views::ChangeView;
use crate::domain::export::{ExportForm, csv_line};
use crate::domain::timestamp;
use crate::flow::installation::context::SyncParts;
use crate::store::StoreError;

/// How many changes are read at once.
const PAGE: u32 = 500;

/// The columns of the CSV file.
const HEADERS: [&str; 9] =
    ["change", "at", "run", "directory", "account", "login_name", "kind", "why", "differs"];

/// What is left to be read.
struct UnreadChanges {
    parts: SyncParts,
    query: LogQuery,
    form: ExportForm,
    is_first: bool,
}

/// The file in pieces; the conditions of `query` count, its place and limit do not.
pub fn export(
    parts: SyncParts,
    query: LogQuery,
    form: ExportForm,
) -> impl Stream<Item = Result<String, StoreError>> + Send + 'static {
    let query = LogQuery { before: None, limit: PAGE, ..query };
    let unread = UnreadChanges { parts, query, form, is_first: true };
    stream::try_unfold(Some(unread), |unread| async move {
        match unread {
            Some(unread) => next(unread).await.map(Some),
            None => Ok(None),
        }
    })
}

async fn next(mut unread: UnreadChanges) -> Result<(String, Option<UnreadChanges>), StoreError> {
    let changes = changes_page(&unread.parts, &unread.query).await?;
    let mut text = match (unread.form, unread.is_first) {
        (ExportForm::Csv, true) => csv_line(HEADERS.map(str::to_owned)),
        _ => String::new(),
    };
    for change in &changes {
        text.push_str(&written(change, unread.form));
    }
    unread.is_first = false;
    unread.query.before = changes.last().map(|change| change.change);
    let is_full = changes.len() == PAGE as usize;
    Ok((text, is_full.then_some(unread)))
}

fn written(change: &ChangeView, form: ExportForm) -> String {
    match form {
        ExportForm::Csv => csv_line(cells(change)),
        // A view of texts and numbers can always be written.
        ExportForm::JsonLines => serde_json::to_string(change).unwrap_or_default() + "\n",
    }
}

fn cells(change: &ChangeView) -> [String; 9] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    [
        change.change.to_string(),
        timestamp(change.at),
        change.run.map(|run| run.to_string()).unwrap_or_default(),
        text(&change.directory),
        change.account.clone(),
        text(&change.login_name),
        change.kind.to_string(),
        text(&change.why),
        serde_json::to_string(&change.differs).unwrap_or_default(),
    ]
}
