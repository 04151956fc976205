//! The routes of the panel, built only here. A page or an action is added with a handler whose argument is the
//! check of the request, so that no handler can forget it. The table of routes comes from the same calls.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use axum::Router;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::handler::Handler;
use axum::http::HeaderValue;
use axum::http::header::CONTENT_SECURITY_POLICY;
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{MethodRouter, any, get, post};

use super::access::{PanelAction, PanelPage};
use super::address::twin;
use super::api::{self, DescribedRoute, OPENAPI, Schemas, VisitOf, schemas_of};
use super::notice::Delivery;
use super::permission::Permission;
use super::route::PanelRoute;
use super::view::{self, PanelView};
use crate::domain::admin::Capability;
use crate::web::pages::{PageScripts, content_security_policy};
use crate::web::state::Web;

/// The routes of the panel under construction.
///
/// A handler that takes the check compiles:
///
/// ```
/// use axum::response::{IntoResponse, Response};
/// use cloudsync_idp::web::admin::{Admin, AdminForm, EditRoles, Fresh, Panel, SeeOverview};
///
/// async fn page(_: Admin<SeeOverview>) -> Response { "".into_response() }
/// async fn action(_: AdminForm<SeeOverview>) -> Response { "".into_response() }
/// async fn dangerous(_: Fresh<EditRoles>) -> Response { "".into_response() }
/// let panel = Panel::default().page("/admin/x", page).action("/admin/y", action).action("/admin/z", dangerous);
/// assert_eq!(panel.routes().len(), 3);
/// ```
///
/// A page that forgets it does not:
///
/// ```compile_fail
/// use axum::response::{IntoResponse, Response};
/// use cloudsync_idp::web::admin::Panel;
///
/// async fn page(_: axum::extract::Request) -> Response { "".into_response() }
/// let panel = Panel::default().page("/admin/x", page);
/// ```
///
/// Nor does an action with the check of a page, which looks at no form:
///
/// ```compile_fail
/// use axum::response::{IntoResponse, Response};
/// use cloudsync_idp::web::admin::{Admin, Panel, SeeOverview};
///
/// async fn action(_: Admin<SeeOverview>) -> Response { "".into_response() }
/// let panel = Panel::default().action("/admin/x", action);
/// ```
///
/// Nor a page that needs a dangerous capability, such as a download of everything:
///
/// ```compile_fail
/// use axum::response::{IntoResponse, Response};
/// use cloudsync_idp::web::admin::{Admin, EditRoles, Panel};
///
/// async fn page(_: Admin<EditRoles>) -> Response { "".into_response() }
/// let panel = Panel::default().page("/admin/x", page);
/// ```
///
/// Nor a dangerous action without a fresh second factor:
///
/// ```compile_fail
/// use axum::response::{IntoResponse, Response};
/// use cloudsync_idp::web::admin::{AdminForm, EditRoles, Panel};
///
/// async fn action(_: AdminForm<EditRoles>) -> Response { "".into_response() }
/// let panel = Panel::default().action("/admin/x", action);
/// ```
#[derive(Default)]
pub struct Panel {
    router: Router<Web>,
    doors: Router<Web>,
    /// For scripts, by path.
    api: BTreeMap<String, MethodRouter<Web>>,
    described: Vec<DescribedRoute>,
    routes: Vec<PanelRoute>,
}

/// The longest form with a picture in base64, or with all OUs, groups and Team Shares of a directory.
const LARGE_FORM: usize = 768 * 1024;

impl Panel {
    /// Adds a page.
    #[must_use]
    pub fn page<A, F, R>(self, path: &'static str, handler: F) -> Self
    where
        A: PanelPage,
        F: Fn(A) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        self.with(PanelRoute { path, is_action: false, needs: A::NEEDS }, get(handler))
    }

    /// Adds a page that is a typed view, and its twin for scripts.
    #[must_use]
    pub fn view<V: PanelView>(self, path: &'static str) -> Self {
        let needs = <V::Needs as Permission>::CAPABILITY;
        let route = PanelRoute { path, is_action: false, needs };
        let panel = self.with(route, get(view::show::<V>));
        panel.with_twin(route, schemas_of::<V>(), get(api::read::<V>))
    }

    /// Adds an action, and its twin for scripts.
    #[must_use]
    pub fn action<A, F, R>(self, path: &'static str, handler: F) -> Self
    where
        A: PanelAction,
        F: Fn(A) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        self.with_action(path, handler, |methods| methods)
    }

    /// Adds an action whose form may contain a picture, or the choices of a large directory.
    #[must_use]
    pub fn large_action<A, F, R>(self, path: &'static str, handler: F) -> Self
    where
        A: PanelAction,
        F: Fn(A) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        self.with_action(path, handler, |methods| methods.layer(DefaultBodyLimit::max(LARGE_FORM)))
    }

    fn with_action<A, F, R>(
        self,
        path: &'static str,
        handler: F,
        sized: fn(MethodRouter<Web>) -> MethodRouter<Web>,
    ) -> Self
    where
        A: PanelAction,
        F: Fn(A) -> R + Clone + Send + Sync + 'static,
        R: Future<Output = Response> + Send + 'static,
    {
        let route = PanelRoute { path, is_action: true, needs: A::NEEDS };
        let for_scripts = handler.clone();
        let noticed = move |checked: A| {
            let admin = checked.admin();
            let delivery = Delivery::to(&admin.request.web, &admin.checked.session);
            let handler = handler.clone();
            async move { delivery.made(handler(checked).await) }
        };
        let twin = move |State(web): State<Web>, VisitOf(visit): VisitOf, request: Request| {
            api::act(web, visit, request, for_scripts.clone())
        };
        self.with(route, sized(post(noticed))).with_twin(route, Vec::new(), sized(post(twin)))
    }

    fn with_twin(mut self, route: PanelRoute, schemas: Schemas, method: MethodRouter<Web>) -> Self {
        let path = twin(route.path);
        let known = self.api.remove(&path).unwrap_or_default();
        self.api.insert(path, known.merge(method));
        self.described.push(DescribedRoute { route, schemas });
        self
    }

    /// The routes that scripts may use.
    pub(super) fn into_described(self) -> Vec<DescribedRoute> {
        self.described
    }

    /// The routes that were added, except for [`DOORS`].
    #[must_use]
    pub fn routes(&self) -> &[PanelRoute] {
        &self.routes
    }

    /// Their pages have the script of the panel; the doors have none.
    pub(in crate::web) fn into_router(self) -> Router<Web> {
        let mut api = Router::new().route(OPENAPI, get(api::document));
        for (path, methods) in self.api {
            api = api.route(&path, methods.fallback(api::wrong_method));
        }
        let api = api.route("/admin/api/{*path}", any(api::not_found));
        self.router.layer(map_response(with_policy)).merge(self.doors).merge(api)
    }

    fn with(mut self, route: PanelRoute, method: MethodRouter<Web>) -> Self {
        self.routes.push(route);
        Self { router: self.router.route(route.path, method), ..self }
    }

    /// Adds [`DOORS`], in their order: for people who have no session yet, so they check by themselves.
    pub(super) fn with_doors<E, L, R, A, B, C>(self, enter: E, link: L, redeem: R) -> Self
    where
        E: Handler<A, Web>,
        L: Handler<B, Web>,
        R: Handler<C, Web>,
        A: 'static,
        B: 'static,
        C: 'static,
    {
        let [(enter_path, _), (link_path, _), (redeem_path, _)] = DOORS;
        let doors = self.doors.route(enter_path, get(enter)).route(link_path, get(link));
        Self { doors: doors.route(redeem_path, post(redeem)), ..self }
    }
}

/// The policy of a page with the script of the panel.
static POLICY: LazyLock<Option<HeaderValue>> =
    LazyLock::new(|| HeaderValue::from_str(&content_security_policy(&[], PageScripts::Panel)).ok());

async fn with_policy(mut response: Response) -> Response {
    if let Some(policy) = POLICY.as_ref() {
        response.headers_mut().entry(CONTENT_SECURITY_POLICY).or_insert_with(|| policy.clone());
    }
    response
}

/// The three ways in, by path and whether it is a form: no other handler of the panel is without the check.
pub const DOORS: [(&str, bool); 3] = [("/admin/enter", false), ("/admin/link", false), ("/admin/link", true)];

/// True for the address of one of these pages, perhaps with a query.
pub(super) fn is_page_of(routes: &[PanelRoute], address: &str) -> bool {
    let plain = address.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'\\' && byte != b'#');
    let path = address.split_once('?').map_or(address, |(path, _)| path);
    plain && routes.iter().any(|route| !route.is_action && matches(route.path, path))
}

/// What the action at this path needs.
pub(super) fn needs_of_action(routes: &[PanelRoute], path: &str) -> Option<Capability> {
    routes.iter().find(|route| route.is_action && matches(route.path, path)).map(|route| route.needs)
}

/// What the page at this path needs.
pub(super) fn needs_of_page(routes: &[PanelRoute], path: &str) -> Option<Capability> {
    routes.iter().find(|route| !route.is_action && matches(route.path, path)).map(|route| route.needs)
}

/// True if the path is one of this route; a part in braces stands for any text.
fn matches(route: &str, path: &str) -> bool {
    let (route, path): (Vec<_>, Vec<_>) = (route.split('/').collect(), path.split('/').collect());
    let same = |(known, part): (&&str, &&str)| known == part || known.starts_with('{') && is_part(part);
    route.len() == path.len() && route.iter().zip(&path).all(same)
}

fn is_part(part: &str) -> bool {
    !part.is_empty() && part != "." && part != ".." && !part.contains('%')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_in_braces_stands_for_one_part_of_a_path() {
        assert!(matches("/admin/people/{id}", "/admin/people/a1"));
        for path in ["/admin/people/", "/admin/people/a/b", "/admin/people/..", "/admin/people/%2e%2e"] {
            assert!(!matches("/admin/people/{id}", path), "{path}");
        }
    }
}
