//! Files that an admin downloads.

use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::TryStream;

use crate::domain::export::ExportForm;

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
