//! Files that an admin downloads.

use axum::BoxError;
use axum::body::{Body, Bytes};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use futures_util::{TryStream, TryStreamExt};

use super::access::{Admin, may_still};
use super::fields::Fields;
use super::permission::Export;
use crate::domain::export::ExportForm;
use crate::domain::{Millis, SECOND};
use crate::web::pages::Language;

/// How often the admin is checked again while a file is sent.
const CHECK: Millis = 5 * SECOND;

/// A file that is being sent.
struct Sending<S> {
    admin: Admin<Export>,
    file: S,
    checked_at: Millis,
}

/// The response with a file of this name, which is sent while it is read. If the admin loses the role or the session
/// meanwhile, the transfer is cut off, so that the client sees that the file is not complete.
pub(super) fn download<S>(admin: Admin<Export>, form: ExportForm, name: &'static str, file: S) -> Response
where
    S: TryStream + Send + 'static,
    S::Ok: Into<Bytes> + Send,
    S::Error: Into<BoxError> + Send,
{
    let headers =
        [(CONTENT_TYPE, form.content_type().to_owned()), (CONTENT_DISPOSITION, form.disposition(name))];
    let file = Box::pin(file.into_stream());
    let checked_at = admin.request.web.parts.now();
    let pieces = stream::try_unfold(Sending { admin, file, checked_at }, |mut sending| async move {
        checked(&mut sending).await?;
        let piece: Option<S::Ok> = sending.file.try_next().await.map_err(Into::into)?;
        Ok::<_, BoxError>(piece.map(|piece| (piece.into(), sending)))
    });
    (headers, Body::from_stream(pieces)).into_response()
}

async fn checked<S>(sending: &mut Sending<S>) -> Result<(), BoxError> {
    let now = sending.admin.request.web.parts.now();
    if (0..CHECK).contains(&(now - sending.checked_at)) {
        return Ok(());
    }
    if !may_still(&sending.admin).await {
        let id = &sending.admin.request.visit.attempt_id;
        tracing::info!(%id, "a download was cut off: the admin may not read it any more");
        return Err("the admin may not download this any more".into());
    }
    sending.checked_at = now;
    Ok(())
}

/// The button of a download on the page that confirms it: the form of the file that was asked for.
pub(super) fn button(language: Language, sent: &Fields) -> String {
    match ExportForm::parse(sent.text("format")) {
        ExportForm::JsonLines => language.text("audit-log.json-lines").into_owned(),
        ExportForm::Csv => "CSV".to_owned(),
    }
}
