//! The same pages and actions for scripts, at `/admin/api/v1`: with an access token and never by a cookie, in
//! JSON, under the same capabilities. The builder of the routes adds them, so that no page can forget it.

mod idempotency;
mod openapi;
mod precondition;

use axum::Json;
use axum::extract::{FromRequestParts, Request, State};
use axum::http::StatusCode;
use axum::http::header::{CONTENT_TYPE, IF_MATCH, LOCATION};
use axum::http::request::Parts;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

pub(super) use self::openapi::{DescribedRoute, Schemas, document, schemas_of};
use super::access::{Admin, PanelAction};
use super::address::twin;
use super::condition::tagged;
use super::problem::{ForScripts, Problem};
use super::view::{NoView, PanelView};
use crate::flow::installation::context::Visit;
use crate::web::pages::ErrorKind;
use crate::web::request::PageRequest;
use crate::web::state::Web;
use crate::web::unfinished::Unfinished;

/// The description of the routes.
pub(super) const OPENAPI: &str = "/admin/api/v1/openapi.json";

/// What an action answers.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(super) struct Answer {
    /// Where the result is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub location: Option<String>,
    /// What is shown once, such as a new secret.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub shown: Option<serde_json::Value>,
}

/// A page as JSON.
pub(super) async fn read<V: PanelView>(State(web): State<Web>, visit: VisitOf, request: Request) -> Response {
    let admin = match Admin::<V::Needs>::of_token(request, &web).await {
        Ok((admin, _)) => admin,
        Err(response) => return response,
    };
    match V::read(&admin).await {
        Ok(view) => tagged(view.version(), Json(view).into_response()),
        Err(NoView::Missing | NoView::Expired) => {
            Problem::of_page(&visit.0, &ErrorKind::NotFound).into_response()
        }
        Err(NoView::Fault(fault)) => Problem::of_fault(&visit.0, &fault),
    }
}

/// An action with a JSON object as its form.
pub(super) async fn act<A, F, R>(web: Web, visit: Visit, request: Request, handler: F) -> Response
where
    A: PanelAction,
    F: Fn(A) -> R,
    R: Future<Output = Response>,
{
    let key = idempotency::key(request.headers());
    let is_conditional = request.headers().contains_key(IF_MATCH);
    let form = match A::by_token(request, &web).await {
        Ok(form) => form,
        Err(response) => return response,
    };
    let sent = form.version().filter(|_| is_conditional);
    let once = match idempotency::begin(&web, &visit, key, form.sent()).await {
        Ok(once) => once,
        Err(response) => return response,
    };
    let answered = match precondition::failed(&web, &visit, sent).await {
        Some(failed) => failed,
        None => match answer(&visit, handler(form).await) {
            // Somebody has saved since the look above.
            answered if answered.status() == StatusCode::CONFLICT && is_conditional => {
                precondition::failed(&web, &visit, sent).await.unwrap_or(answered)
            }
            answered => answered,
        },
    };
    match once {
        Some(once) => once.end(&web, answered).await,
        None => answered,
    }
}

/// The visit of a request.
pub(super) struct VisitOf(pub Visit);

impl FromRequestParts<Web> for VisitOf {
    type Rejection = Response;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Response> {
        let page = PageRequest::from_request_parts(parts, web).await;
        page.map(|page| Self(page.visit)).map_err(IntoResponse::into_response)
    }
}

/// What a handler has answered, in JSON: a redirect as its target, an error page as a problem.
fn answer(visit: &Visit, mut response: Response) -> Response {
    let status = response.status();
    if let Some(Unfinished::Error(page)) = response.extensions_mut().remove::<Unfinished>() {
        return Problem::of_page(visit, &page.kind).into_response();
    }
    let typed = response.extensions_mut().remove::<ForScripts>();
    if let Some(ForScripts::Wrong(problems)) = typed {
        let detail = "nothing was done: correct the fields";
        let problem =
            Problem::new(visit, StatusCode::UNPROCESSABLE_ENTITY, "wrong-fields", "Wrong fields", detail);
        return Problem { problems, ..problem }.into_response();
    }
    if let Some(ForScripts::Refused(status, why)) = typed {
        return Problem::new(visit, status, why, "Nothing was done", "").into_response();
    }
    if status == StatusCode::CONFLICT {
        let detail = "somebody else has saved since: read it again, and send the new version";
        return Problem::new(visit, status, "stale-version", "Nothing was saved", detail).into_response();
    }
    if status.is_client_error() || status.is_server_error() {
        let title = status.canonical_reason().unwrap_or("The request failed");
        return Problem::new(visit, status, "request", title, "").into_response();
    }
    let is_page =
        response.headers().get(CONTENT_TYPE).is_none_or(|kind| kind.as_bytes().starts_with(b"text/html"));
    if !is_page {
        return response;
    }
    let location = response.headers().get(LOCATION).and_then(|to| to.to_str().ok());
    let location = location.and_then(|to| to.split('#').next());
    let location = location.filter(|to| super::has_twin(to)).map(twin);
    let shown = match typed {
        Some(ForScripts::Shown(shown)) => Some(shown),
        _ => None,
    };
    Json(Answer { location, shown }).into_response()
}

/// No such path.
pub(super) async fn not_found(VisitOf(visit): VisitOf) -> Problem {
    Problem::of_page(&visit, &ErrorKind::NotFound)
}

/// The path exists, but not for this method.
pub(super) async fn wrong_method(VisitOf(visit): VisitOf) -> Problem {
    Problem::of_page(&visit, &ErrorKind::MethodNotAllowed)
}
