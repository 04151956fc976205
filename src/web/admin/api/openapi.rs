//! The description of the routes for scripts (OpenAPI 3.1), made from the types of the views.

use std::collections::BTreeMap;

use axum::Json;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use utoipa::openapi::path::{
    HttpMethod, Operation, OperationBuilder, ParameterBuilder, ParameterIn, PathItem, PathsBuilder,
};
use utoipa::openapi::request_body::RequestBodyBuilder;
use utoipa::openapi::schema::{AdditionalProperties, ComponentsBuilder, ObjectBuilder, Schema};
use utoipa::openapi::security::{HttpAuthScheme, HttpBuilder, SecurityRequirement, SecurityScheme};
use utoipa::openapi::{
    ContentBuilder, InfoBuilder, OpenApi, OpenApiBuilder, Ref, RefOr, Required, ResponseBuilder,
};
use utoipa::{PartialSchema, ToSchema};

use super::Answer;
use crate::domain::admin::Capability;
use crate::domain::export::ExportForm;
use crate::web::admin::access::Admin;
use crate::web::admin::address::twin;
use crate::web::admin::permission::SeeOverview;
use crate::web::admin::problem::Problem;
use crate::web::admin::route::PanelRoute;
use crate::web::state::Web;

/// A schema and those that it refers to, by name; the first is its own.
pub(in crate::web::admin) type Schemas = Vec<(String, RefOr<Schema>)>;

/// A route that scripts may use.
#[derive(Clone)]
pub(in crate::web::admin) struct DescribedRoute {
    pub route: PanelRoute,
    /// What it returns.
    pub schemas: Schemas,
}

/// The schemas of a type.
pub(in crate::web::admin) fn schemas_of<T: ToSchema>() -> Schemas {
    let mut schemas = vec![(T::name().into_owned(), T::schema())];
    T::schemas(&mut schemas);
    schemas
}

/// `GET /admin/api/v1/openapi.json`.
pub(in crate::web::admin) async fn document(State(web): State<Web>, request: Request) -> Response {
    match Admin::<SeeOverview>::of_token(request, &web).await {
        Ok(_) => Json(describe(crate::web::admin::described())).into_response(),
        Err(response) => response,
    }
}

fn describe(routes: &[DescribedRoute]) -> OpenApi {
    let mut components = ComponentsBuilder::new();
    let mut paths: BTreeMap<String, Vec<(HttpMethod, Operation)>> = BTreeMap::new();
    let own = [schemas_of::<Answer>(), schemas_of::<Problem>()];
    for (name, schema) in own.into_iter().flatten().chain(routes.iter().flat_map(|one| one.schemas.clone())) {
        components = components.schema(name, schema);
    }
    for one in routes {
        let method = if one.route.is_action { HttpMethod::Post } else { HttpMethod::Get };
        paths.entry(twin(one.route.path)).or_default().push((method, operation(one)));
    }
    let token = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).bearer_format("JWT").build();
    let components = components.security_scheme("token", SecurityScheme::Http(token));
    let mut list = PathsBuilder::new();
    for (path, operations) in paths {
        for (method, operation) in operations {
            list = list.path(&path, PathItem::new(method, operation));
        }
    }
    let info = InfoBuilder::new().title("cloudsync-idp admin panel").version("1").build();
    let security = SecurityRequirement::new("token", ["admin"]);
    OpenApiBuilder::new()
        .info(info)
        .paths(list.build())
        .components(Some(components.build()))
        .security(Some([security]))
        .build()
}

fn operation(one: &DescribedRoute) -> Operation {
    let PanelRoute { path, is_action, needs } = one.route;
    let verb = if is_action { "post" } else { "get" };
    let name = path.trim_start_matches("/admin").trim_matches('/').replace(['/', '{', '}'], "-");
    let mut operation = OperationBuilder::new()
        .operation_id(Some(format!("{verb}-{}", if name.is_empty() { "overview" } else { &name })))
        .description(Some(capability(needs)));
    for part in path.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')) {
        let parameter = ParameterBuilder::new().name(part).parameter_in(ParameterIn::Path);
        operation = operation.parameter(parameter.required(Required::True).schema(Some(String::schema())));
    }
    if is_action {
        let key = ParameterBuilder::new().name("Idempotency-Key").parameter_in(ParameterIn::Header);
        let form = ContentBuilder::new().schema(Some(form())).build();
        let body = RequestBodyBuilder::new().content("application/json", form).required(Some(Required::True));
        let version = ParameterBuilder::new().name("If-Match").parameter_in(ParameterIn::Header);
        let version =
            version.description(Some("The ETag of what was read: it is saved only on this version"));
        operation = operation
            .parameter(key.required(Required::False).schema(Some(String::schema())))
            .parameter(version.required(Required::False).schema(Some(String::schema())))
            .request_body(Some(body.build()));
    }
    let name = one.schemas.first().map_or_else(|| Answer::name().into_owned(), |(name, _)| name.clone());
    operation = operation.response(
        "200",
        match needs {
            Capability::Export => file(),
            _ => answer("application/json", &name, "The result"),
        },
    );
    for (status, what) in
        REFUSED.into_iter().filter(|(status, _)| is_action || !ONLY_ACTIONS.contains(status))
    {
        operation = operation.response(status, answer("application/problem+json", &Problem::name(), what));
    }
    operation.build()
}

const REFUSED: [(&str, &str); 11] = [
    ("400", "The request can't be read"),
    ("401", "No token, or one that does not suffice"),
    ("403", "The role does not allow it"),
    ("404", "There is nothing at this path"),
    ("409", "Somebody else has saved since, or the same request is being carried out"),
    ("412", "Somebody else has saved since the version in If-Match"),
    ("413", "Too much was sent"),
    ("415", "Not JSON"),
    ("422", "Wrong fields: nothing was done"),
    ("429", "Too many requests"),
    ("503", "A store or the directory is not available"),
];
const ONLY_ACTIONS: [&str; 6] = ["400", "409", "412", "413", "415", "422"];

fn answer(media: &str, name: &str, what: &str) -> utoipa::openapi::Response {
    let content = ContentBuilder::new().schema(Some(Ref::from_schema_name(name))).build();
    ResponseBuilder::new().description(what).content(media, content).build()
}

/// A download: CSV, or lines of JSON.
fn file() -> utoipa::openapi::Response {
    let text = || ContentBuilder::new().schema(Some(String::schema())).build();
    let [csv, lines] = [ExportForm::Csv, ExportForm::JsonLines].map(|form| type_of(form.content_type()));
    ResponseBuilder::new().description("The file").content(csv, text()).content(lines, text()).build()
}

/// A media type without its parameters.
fn type_of(kind: &'static str) -> &'static str {
    kind.split(';').next().unwrap_or(kind)
}

/// The fields of a form, each a text, a number, true or false, or a list of texts.
fn form() -> Schema {
    let any = AdditionalProperties::FreeForm(true);
    ObjectBuilder::new().additional_properties(Some(any)).into()
}

fn capability(needs: Capability) -> String {
    let fresh =
        if needs.is_dangerous() { "; a person's sign-in must be at most five minutes old" } else { "" };
    format!("Needs the capability {}{fresh}.", needs.as_str())
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    /// Objects that have other members each time: what is shown once.
    const UNTYPED: [&str; 1] = ["Answer.shown"];

    #[test]
    fn every_object_has_a_type() {
        let document = json!(describe(crate::web::admin::described()));
        let mut untyped = Vec::new();
        for (name, schema) in document["components"]["schemas"].as_object().expect("schemas") {
            find_untyped(name, schema, &mut untyped);
        }
        assert_eq!(untyped, UNTYPED);
    }

    fn find_untyped(place: &str, schema: &Value, untyped: &mut Vec<String>) {
        let kind = &schema["type"];
        let is_object =
            *kind == "object" || kind.as_array().is_some_and(|all| all.contains(&json!("object")));
        if is_object && schema["properties"].is_null() && schema["additionalProperties"].is_null() {
            untyped.push(place.to_owned());
        }
        for (name, member) in schema["properties"].as_object().into_iter().flatten() {
            find_untyped(&format!("{place}.{name}"), member, untyped);
        }
        let lists = ["allOf", "oneOf", "anyOf", "prefixItems"].map(|list| schema[list].as_array());
        let inner = ["items", "additionalProperties"].map(|one| schema.get(one));
        for member in lists.into_iter().flatten().flatten().chain(inner.into_iter().flatten()) {
            find_untyped(place, member, untyped);
        }
    }

    #[test]
    fn each_name_stands_for_one_type() {
        let mut known: BTreeMap<String, RefOr<Schema>> = BTreeMap::new();
        for (name, schema) in crate::web::admin::described().iter().flat_map(|one| one.schemas.clone()) {
            if let Some(other) = known.insert(name.clone(), schema.clone()) {
                assert_eq!(json!(other), json!(schema), "{name}");
            }
        }
    }
}
