//! Routes and HTTP (RFC 7644 section 3).

use std::sync::Arc;

use axum::Router;
use axum::extract::{Request, State};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ETAG, LOCATION, WWW_AUTHENTICATE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};

use super::call::Call;
use super::error::{SCIM_JSON, ScimError};
use super::normal::{self, Object};
use super::query::Query;
use super::schema::Type;
use super::shown::Wanted;
use super::store::Change;
use super::{PATH, Scim, config};

type Answer = Result<Response, ScimError>;

/// Schema of a search by POST.
const SEARCH: &str = "urn:ietf:params:scim:api:messages:2.0:SearchRequest";

/// The routes of the service.
pub fn routes(scim: Arc<Scim>) -> Router {
    let mut inner = Router::new()
        .route(
            "/ServiceProviderConfig",
            get(|call: Call| async move { json_of(&config::service(&call.scim.base)) }),
        )
        .route(
            "/ResourceTypes",
            get(|call: Call| async move { listed(&call, config::resource_types(&call.scim.base)) }),
        )
        .route(
            "/ResourceTypes/{id}",
            get(|call: Call| async move { one(&call, config::resource_types(&call.scim.base)) }),
        )
        .route("/Schemas", get(|call: Call| async move { listed(&call, config::schemas(&call.scim.base)) }))
        .route("/Schemas/{id}", get(|call: Call| async move { one(&call, config::schemas(&call.scim.base)) }))
        .route("/.search", post(|call: Call| async move { search(&Type::ALL, &call) }));
    for of in Type::ALL {
        inner = inner.merge(resources(of));
    }
    let inner = inner
        .fallback(|| async move { ScimError::new(StatusCode::NOT_FOUND, "there is no such address") })
        .method_not_allowed_fallback(|| async move {
            ScimError::new(StatusCode::METHOD_NOT_ALLOWED, "this address has no such method")
        })
        .layer(from_fn_with_state(Arc::clone(&scim), authenticated))
        .with_state(scim);
    Router::new().nest(PATH, inner)
}

fn resources(of: Type) -> Router<Arc<Scim>> {
    let all = of.endpoint();
    Router::new()
        .route(
            all,
            get(move |call: Call| async move { list(of, &call) })
                .post(move |call: Call| async move { create(of, &call) }),
        )
        .route(&format!("{all}/.search"), post(move |call: Call| async move { search(&[of], &call) }))
        .route(
            &format!("{all}/{{id}}"),
            get(move |call: Call| async move { read(of, &call) })
                .put(move |call: Call| async move { replace(of, &call) })
                .patch(move |call: Call| async move { patch(of, &call) })
                .delete(move |call: Call| async move { delete(of, &call) }),
        )
}

/// Lets nobody in without the token (RFC 6750 section 3).
async fn authenticated(
    State(scim): State<Arc<Scim>>,
    headers: HeaderMap,
    request: Request,
    next: Next,
) -> Response {
    let given = headers.get(AUTHORIZATION).and_then(|value| value.to_str().ok()?.split_once(' '));
    let token =
        given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer")).map(|(_, token)| token.trim());
    match token {
        Some(token) if scim.knows(token) => next.run(request).await,
        _ => {
            let error = if token.is_some() { ", error=\"invalid_token\"" } else { "" };
            let header = [(WWW_AUTHENTICATE, format!("Bearer realm=\"scim\"{error}"))];
            (header, ScimError::new(StatusCode::UNAUTHORIZED, "the token is missing or wrong"))
                .into_response()
        }
    }
}

fn list(of: Type, call: &Call) -> Answer {
    page(&[of], call, &Query::of_address(call.query.as_deref())?)
}

fn search(of: &[Type], call: &Call) -> Answer {
    let message = call.message()?;
    normal::names_schema(SEARCH, &message)?;
    page(of, call, &Query::of_fields(message.as_object().unwrap_or(&Object::new()))?)
}

fn page(of: &[Type], call: &Call, query: &Query) -> Answer {
    let store = call.scim.store();
    let found = of.iter().flat_map(|of| {
        let found = store.find(*of, query).into_iter();
        found.map(|resource| query.wanted.of(*of, resource))
    });
    json_of(&query.page(found.collect()))
}

fn create(of: Type, call: &Call) -> Answer {
    let (wanted, body) = (call.wanted()?, body(of, call)?);
    let created = call.scim.write(|store| store.create(of, body, &now()))?;
    Ok(shown(StatusCode::CREATED, of, created, &wanted))
}

fn read(of: Type, call: &Call) -> Answer {
    let (wanted, resource) = (call.wanted()?, call.scim.store().read(of, &call.id)?);
    let version = meta(&resource, "version");
    if call.has_seen(version) {
        return Ok((StatusCode::NOT_MODIFIED, [(ETAG, version.to_owned())]).into_response());
    }
    Ok(shown(StatusCode::OK, of, resource, &wanted))
}

fn replace(of: Type, call: &Call) -> Answer {
    let change = Change::Replace(body(of, call)?);
    changed(of, call, change)
}

fn patch(of: Type, call: &Call) -> Answer {
    changed(of, call, Change::Patch(&call.message()?))
}

fn changed(of: Type, call: &Call, change: Change<'_>) -> Answer {
    let wanted = call.wanted()?;
    let changed = call.scim.write(|store| store.change(of, &call.id, change, call.if_match(), &now()))?;
    Ok(shown(StatusCode::OK, of, changed, &wanted))
}

fn delete(of: Type, call: &Call) -> Answer {
    call.scim.write(|store| store.delete(of, &call.id, call.if_match(), &now()))?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

fn body(of: Type, call: &Call) -> Result<Object, ScimError> {
    let message = call.message()?;
    normal::names_schema(of.schema(), &message)?;
    normal::resource(of, &message)
}

fn shown(status: StatusCode, of: Type, resource: Object, wanted: &Wanted) -> Response {
    let headers = [
        (CONTENT_TYPE, SCIM_JSON.to_owned()),
        (ETAG, meta(&resource, "version").to_owned()),
        (LOCATION, meta(&resource, "location").to_owned()),
    ];
    (status, headers, Value::Object(wanted.of(of, resource)).to_string()).into_response()
}

fn meta<'a>(resource: &'a Object, name: &str) -> &'a str {
    resource.get("meta").and_then(|meta| meta.get(name)?.as_str()).unwrap_or_default()
}

/// A list that cannot be filtered (RFC 7644 section 4).
fn listed(call: &Call, all: Vec<Value>) -> Answer {
    if Query::of_address(call.query.as_deref())?.filter.is_some() {
        return Err(ScimError::new(StatusCode::FORBIDDEN, "this list has no filters"));
    }
    json_of(&json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:ListResponse"],
        "totalResults": all.len(), "startIndex": 1, "itemsPerPage": all.len(), "Resources": all}))
}

fn one(call: &Call, all: Vec<Value>) -> Answer {
    let found = all.iter().find(|one| one["id"] == call.id.as_str());
    json_of(found.ok_or_else(|| ScimError::not_found(&call.id))?)
}

fn json_of(value: &Value) -> Answer {
    Ok(([(CONTENT_TYPE, SCIM_JSON)], value.to_string()).into_response())
}

#[allow(clippy::disallowed_methods, reason = "the stand-in shares no clock with the provider")]
fn now() -> String {
    jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string()
}
