//! Files that an admin downloads.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::TryStream;

use super::fields::Fields;
use crate::domain::export::ExportForm;
use crate::web::pages::Language;

/// The response with a file of this name, which is sent while it is read.
pub(super) fn download<S>(form: ExportForm, name: &'static str, file: S) -> Response
where
    S: TryStream + Send + 'static,
    S::Ok: Into<Bytes>,
    S::Error: Into<axum::BoxError>,
{
    let headers =
        [(CONTENT_TYPE, form.content_type().to_owned()), (CONTENT_DISPOSITION, form.disposition(name))];
    (headers, Body::from_stream(file)).into_response()
}

/// The button of a download on the page that confirms it: the form of the file that was asked for.
pub(super) fn button(language: Language, sent: &Fields) -> String {
    match ExportForm::parse(sent.text("format")) {
        ExportForm::JsonLines => language.text("audit-log.json-lines").into_owned(),
        ExportForm::Csv => "CSV".to_owned(),
    }
}
