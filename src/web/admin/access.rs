//! The check that every handler of the panel takes as its argument: session, role, capability, and for a form
//! that our own page in this session sent it.

mod by_token;

use std::marker::PhantomData;

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE, ORIGIN};
use axum::http::{HeaderMap, HeaderValue, Method};
use axum::response::{IntoResponse, Response};
use url::Url;

use super::address::{confirm_path, enter_url};
use super::fields::Fields;
use super::notice;
use super::permission::{Dangerous, Harmless, Permission};
use crate::domain::admin::{AdminHolder, Capability, Intent};
use crate::flow::admin::session::{self, CheckedAdmin, form_token};
use crate::flow::admin::{draft, token};
use crate::flow::installation::causes::Causes;
use crate::flow::installation::fault::{Blame, Fault};
use crate::oidc::bearer;
use crate::web::cookies::{self, Cookie};
use crate::web::error::RequestContext;
use crate::web::form::bad_form;
use crate::web::pages::{ErrorKind, PANEL_PAGE, ReturnTo};
use crate::web::reply::see_other;
use crate::web::request::PageRequest;
use crate::web::state::Web;

/// The field with the token of the form.
const CSRF: &str = "csrf";
/// The field with the id of a form that was kept.
const DRAFT: &str = "draft";
/// The field of a kept form with the query of its address: an action leads back to the list as it was shown.
pub(super) const PLACE: &str = "_place";

/// A request of an admin who may do this.
pub struct Admin<C: Permission> {
    pub(in crate::web) request: PageRequest,
    pub(in crate::web) checked: CheckedAdmin,
    /// The path of the request.
    pub path: String,
    /// The query of the request.
    pub query: Fields,
    /// What an action has just done, to be shown on this page.
    pub(in crate::web::admin) notice: Fields,
    permission: PhantomData<C>,
}

/// A form of an admin who may do this, sent by our own page in the same session.
pub struct AdminForm<C: Permission> {
    /// The request.
    pub admin: Admin<C>,
    /// The form.
    pub fields: Fields,
    /// True if the admin has seen it on the page that asks for a confirmation.
    pub confirmed: bool,
}

/// The same for a dangerous action: the second factor was proven in the last minutes. Without that the form is
/// kept, and comes back by its id once the admin has proven it and has seen it again.
pub struct Fresh<C: Permission>(pub AdminForm<C>);

mod sealed {
    use super::{Admin, CheckedAdmin, Permission, Request, Response, Web};

    /// Only the types of this file have it.
    pub trait Checked: Sized {
        /// What it needs.
        type Needs: Permission;

        /// The same check of a script: by its access token, with a JSON object as the form.
        fn by_token(request: Request, web: &Web) -> impl Future<Output = Result<Self, Response>> + Send;

        /// Who sends it.
        fn admin(&self) -> &Admin<Self::Needs>;

        /// The form as it is sent, to recognise it again.
        fn content(&self) -> Vec<u8>;

        /// The version that it is sent on, if it names one.
        fn version(&self) -> Option<i64> {
            None
        }

        /// Who sends it, and what.
        fn sent(&self) -> (&CheckedAdmin, Vec<u8>) {
            let admin = self.admin();
            let query = admin.query.encoded_without(&[]);
            (&admin.checked, [admin.path.as_bytes(), b"?", &query, b"\n", &self.content()].concat())
        }
    }
}

/// What a handler of a page may take.
pub trait PanelPage: sealed::Checked + FromRequest<Web, Rejection = Response> + Send + 'static {
    /// What the page needs.
    const NEEDS: Capability;
}

/// What a handler of a form may take.
pub trait PanelAction: sealed::Checked + FromRequest<Web, Rejection = Response> + Send + 'static {
    /// What the action needs.
    const NEEDS: Capability;
}

impl<C: Harmless> PanelPage for Admin<C> {
    const NEEDS: Capability = C::CAPABILITY;
}

impl<C: Harmless> PanelAction for AdminForm<C> {
    const NEEDS: Capability = C::CAPABILITY;
}

impl<C: Dangerous> PanelAction for Fresh<C> {
    const NEEDS: Capability = C::CAPABILITY;
}

impl<C: Harmless> FromRequest<Web> for Admin<C> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        Self::of(request, web).await.map(|(admin, _)| admin)
    }
}

impl<C: Harmless> FromRequest<Web> for AdminForm<C> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        Self::of(request, web).await
    }
}

impl<C: Dangerous> FromRequest<Web> for Fresh<C> {
    type Rejection = Response;

    async fn from_request(request: Request, web: &Web) -> Result<Self, Response> {
        let form = AdminForm::of(request, web).await?;
        if !form.admin.checked.is_fresh(web.parts.now()) {
            return Err(confirmed_later(&form).await);
        }
        let draft = form.fields.text(DRAFT);
        if draft.is_empty() {
            return Ok(Self(form));
        }
        let fields = drafted(web, &form.admin, draft).await?;
        Ok(Self(AdminForm { fields, confirmed: true, ..form }))
    }
}

/// Keeps the form while the admin proves a fresh factor, and leads there. Then it is shown once more.
async fn confirmed_later<C: Permission>(form: &AdminForm<C>) -> Response {
    let draft = form.fields.text(DRAFT);
    // A link has no factor to prove: a newer one begins another session.
    if matches!(form.admin.checked.session.holder, AdminHolder::Link { .. }) {
        return form.admin.request.context().page_with_link(ErrorKind::AdminLinkOld, Some(ReturnTo::panel()));
    }
    if !draft.is_empty() {
        return see_other(&enter_url(&confirm_path(draft), true));
    }
    match form.keep().await {
        Ok(Some(page)) => see_other(&enter_url(&page, true)),
        Ok(None) => form.no_room(),
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

/// The form that was kept under this id for the action of this request.
async fn drafted<C: Permission>(web: &Web, admin: &Admin<C>, id: &str) -> Result<Fields, Response> {
    let context = admin.request.context();
    match draft::take(&web.parts, &admin.checked, id, &admin.path).await {
        Ok(Some(draft)) => Fields::parse(&draft.content).map_err(|error| bad_form(&context, &error)),
        Ok(None) => Err(context.page_with_link(ErrorKind::FormExpired, Some(ReturnTo::panel()))),
        Err(fault) => Err(refuse(&context, &fault)),
    }
}

impl<C: Permission> Admin<C> {
    /// Checks the request; its body is not read yet.
    async fn of(request: Request, web: &Web) -> Result<(Self, Request), Response> {
        let (mut parts, body) = request.into_parts();
        let page =
            PageRequest::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
        let uri = parts.uri.clone();
        let is_page = matches!(parts.method, Method::GET | Method::HEAD);
        let here = uri.path_and_query().map_or(PANEL_PAGE, |here| here.as_str());
        let intent = match uri.path().ends_with("/events") {
            true => Intent::Watch,
            false => Intent::of(C::CAPABILITY, !is_page),
        };
        let checked = match checked(&page, intent).await {
            Ok(Some(checked)) => checked,
            // A form is not kept: after the sign-in, the panel is shown.
            Ok(None) => return Err(see_other(&enter_url(if is_page { here } else { PANEL_PAGE }, false))),
            Err(fault) => return Err(refuse(&page.context(), &fault)),
        };
        if !checked.session.role.can(C::CAPABILITY) {
            let cause = format!("capability:{}", C::CAPABILITY.as_str());
            return Err(refused(&page, &checked, cause, ErrorKind::AdminForbidden).await);
        }
        let query = Fields::parse(uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        let path = uri.path().to_owned();
        let notice =
            if is_page { notice::left_for(&page, &checked.session, here) } else { Fields::default() };
        let admin = Self { request: page, checked, path, query, notice, permission: PhantomData };
        Ok((admin, Request::from_parts(parts, body)))
    }
}

impl<C: Permission> Admin<C> {
    /// The response, or the page of the fault.
    pub(super) fn answer(&self, response: Result<Response, Fault>) -> Response {
        response.unwrap_or_else(|fault| refuse(&self.request.context(), &fault))
    }

    /// The token of the form at this path; `None` for a role that may not send it.
    pub(super) fn token_for(&self, capability: Capability, path: &str) -> Option<String> {
        let session = &self.checked.session;
        session.role.can(capability).then(|| form_token(&self.request.web.parts, session, path))
    }
}

impl<C: Permission> AdminForm<C> {
    /// Keeps the form for a confirmation: the address of the page that shows it. `None` if there is no room.
    pub(super) async fn keep(&self) -> Result<Option<String>, Fault> {
        let admin = &self.admin;
        let mut fields = self.fields.clone();
        fields.set(PLACE, &String::from_utf8_lossy(&admin.query.encoded_without(&[])));
        let content = fields.encoded_without(&[CSRF, DRAFT]);
        let id = draft::keep(&admin.request.web.parts, &admin.checked, &admin.path, &content).await?;
        Ok(id.map(|id| confirm_path(&id)))
    }

    /// The page for a form that can't be kept: nothing is done without its confirmation.
    pub(super) fn no_room(&self) -> Response {
        self.admin.request.context().page_with_link(ErrorKind::TooManyDrafts, Some(ReturnTo::panel()))
    }

    async fn of(request: Request, web: &Web) -> Result<Self, Response> {
        let (admin, request) = Admin::<C>::of(request, web).await?;
        let expired = || refused(&admin.request, &admin.checked, "form".to_owned(), ErrorKind::FormExpired);
        if !is_from_here(web, &admin.request.headers) {
            return Err(expired().await);
        }
        let content_type = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok());
        let content_type = content_type.unwrap_or_default().to_owned();
        let body = Bytes::from_request(request, web).await.map_err(IntoResponse::into_response)?;
        let read = Fields::sent(&content_type, body).await;
        let fields = read.map_err(|error| bad_form(&admin.request.context(), &error))?;
        let token = form_token(&web.parts, &admin.checked.session, &admin.path);
        if verify_slices_are_equal(fields.text(CSRF).as_bytes(), token.as_bytes()).is_err() {
            return Err(expired().await);
        }
        Ok(Self { admin, fields, confirmed: false })
    }
}

/// The admin of the panel's cookie.
pub(super) async fn checked(request: &PageRequest, intent: Intent) -> Result<Option<CheckedAdmin>, Fault> {
    let web = &request.web;
    let Some(id) = cookies::read(&request.headers, &web.surface, Cookie::Admin) else { return Ok(None) };
    // In a box, since the compiler limits how deep futures are nested in each other.
    Box::pin(session::check(&web.parts, &request.visit, &id, intent)).await
}

/// True if the admin of a request may still do this, while its answer is being sent.
pub(super) async fn may_still<C: Permission>(admin: &Admin<C>) -> bool {
    let request = &admin.request;
    // In a box, since the compiler limits how deep futures are nested in each other.
    let checked = if admin.checked.is_script() {
        let authorization = request.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let Ok(token) = bearer::token(authorization, None) else { return false };
        Box::pin(token::check_again(&request.web.parts, token)).await.ok()
    } else {
        checked(request, Intent::Watch).await.ok().flatten()
    };
    checked.is_some_and(|checked| checked.session.role.can(C::CAPABILITY))
}

/// Records a refusal and returns its page.
pub(super) async fn refused(
    request: &PageRequest,
    admin: &CheckedAdmin,
    cause: String,
    kind: ErrorKind,
) -> Response {
    let recorded = session::record_refusal(&request.web.parts, &request.visit, admin, cause).await;
    match recorded {
        Ok(()) => request.context().page_with_link(kind, Some(ReturnTo::panel())),
        Err(fault) => request.context().fail(&fault),
    }
}

/// The page for a fault. Without the directory nobody's role can be confirmed; the page names the way in.
pub(super) fn refuse(context: &RequestContext<'_>, fault: &Fault) -> Response {
    if fault.blame() != Blame::Directory {
        return context.fail(fault);
    }
    tracing::warn!(id = %context.visit.attempt_id, error = %Causes(fault), "an admin's role can't be confirmed");
    context.page(ErrorKind::AdminRoleUnconfirmed)
}

/// True for a form that a page of ours has sent. Other sites can't set either header; a browser that sends
/// neither is not trusted here.
pub(super) fn is_from_here(web: &Web, headers: &HeaderMap) -> bool {
    let own = Url::parse(&web.parts.issuer).map(|url| url.origin().ascii_serialization());
    let site = headers.get("sec-fetch-site").map(|site| site.as_bytes() == b"same-origin");
    match (headers.get(ORIGIN), site) {
        (_, Some(false)) | (None, None) => false,
        (Some(origin), _) => own.is_ok_and(|own| origin.as_bytes() == own.as_bytes()),
        (None, Some(true)) => true,
    }
}
