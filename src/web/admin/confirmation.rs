//! Before something is done: what an action says that it would do, and how a form gets there that is confirmed
//! always.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::access::AdminForm;
use super::permission::Permission;
use super::problem::{FieldProblem, wrong};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::SettingDifference;
use crate::web::pages::Language;
use crate::web::reply::see_other;

/// The answer to a form that is confirmed always, and was not: it is kept, and shown once more. A script confirms by
/// a field.
pub(super) async fn first<C: Permission>(sent: &AdminForm<C>) -> Result<Response, Fault> {
    if sent.admin.checked.is_script() {
        let message = "this takes something from people: send \"confirmed\": true if you mean it";
        let problem = FieldProblem { field: "confirmed".to_owned(), message: message.to_owned() };
        return Ok(wrong(StatusCode::UNPROCESSABLE_ENTITY.into_response(), vec![problem]));
    }
    Ok(sent.keep().await?.map_or_else(|| sent.no_room(), |page| see_other(&page)))
}

/// What an action says that is about to be done.
pub(super) struct ConfirmWords {
    pub title: String,
    /// What it does, to how many.
    pub lines: Vec<String>,
    /// Settings that it changes.
    pub differences: Vec<SettingDifference>,
    /// The address of the page on which it was typed.
    pub back: String,
    /// The text of the button; `None` if something is wrong with the form, which says what.
    pub button: Option<String>,
}

impl ConfirmWords {
    /// With one line, by the keys of the texts.
    pub(super) fn of(
        language: Language,
        (title, line): (&str, &str),
        back: &str,
        button: Option<String>,
    ) -> Self {
        let lines = vec![language.text(line).into_owned()];
        let (title, back) = (language.text(title).into_owned(), back.to_owned());
        Self { title, lines, differences: Vec::new(), back, button }
    }
}
