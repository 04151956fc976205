//! The same checks for scripts: by an access token and never by a cookie, with a JSON object as the form.

use std::marker::PhantomData;

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::header::{AUTHORIZATION, CONTENT_TYPE};
use axum::http::{HeaderValue, Method, StatusCode};
use axum::response::{IntoResponse, Response};

use super::{Admin, AdminForm, Fresh, sealed};
use crate::domain::admin::Intent;
use crate::flow::admin::{session, token};
use crate::flow::settings::FLAG_ON;
use crate::oidc::bearer;
use crate::web::admin::address::page_of;
use crate::web::admin::condition::version_of;
use crate::web::admin::fields::{Fields, VERSION};
use crate::web::admin::permission::Permission;
use crate::web::admin::problem::Problem;
use crate::web::pages::ErrorKind;
use crate::web::request::PageRequest;
use crate::web::state::Web;

/// The field with which a script confirms what a page would show once more.
const CONFIRMED: &str = "confirmed";

impl<C: Permission> sealed::Checked for Admin<C> {
    type Needs = C;

    async fn by_token(request: Request, web: &Web) -> Result<Self, Response> {
        Self::of_token(request, web).await.map(|(admin, _)| admin)
    }

    fn admin(&self) -> &Admin<C> {
        self
    }

    fn content(&self) -> Vec<u8> {
        Vec::new()
    }
}

impl<C: Permission> sealed::Checked for AdminForm<C> {
    type Needs = C;

    async fn by_token(request: Request, web: &Web) -> Result<Self, Response> {
        Self::of_token(request, web).await
    }

    fn admin(&self) -> &Admin<C> {
        &self.admin
    }

    fn content(&self) -> Vec<u8> {
        self.fields.encoded_without(&[]).to_vec()
    }

    fn version(&self) -> Option<i64> {
        self.fields.text(VERSION).parse().ok()
    }
}

/// The token's check has asked for a fresh factor.
impl<C: Permission> sealed::Checked for Fresh<C> {
    type Needs = C;

    async fn by_token(request: Request, web: &Web) -> Result<Self, Response> {
        AdminForm::of_token(request, web).await.map(Self)
    }

    fn admin(&self) -> &Admin<C> {
        &self.0.admin
    }

    fn content(&self) -> Vec<u8> {
        self.0.content()
    }

    fn version(&self) -> Option<i64> {
        self.0.version()
    }
}

impl<C: Permission> Admin<C> {
    /// Checks the request of a script; its body is not read yet.
    pub(in crate::web::admin) async fn of_token(
        request: Request,
        web: &Web,
    ) -> Result<(Self, Request), Response> {
        let (mut parts, body) = request.into_parts();
        let page =
            PageRequest::from_request_parts(&mut parts, web).await.map_err(IntoResponse::into_response)?;
        let intent = Intent::of(C::CAPABILITY, !matches!(parts.method, Method::GET | Method::HEAD));
        let authorization = page.headers.get(AUTHORIZATION).map(HeaderValue::as_bytes);
        let checked = match bearer::token(authorization, None) {
            // In a box, since the compiler limits how deep futures are nested in each other.
            Ok(token) => Box::pin(token::check(&web.parts, &page.visit, token, intent)).await,
            Err(error) => Err(error.into()),
        };
        let checked = checked.map_err(|refused| Problem::of_token(&page.visit, &refused))?;
        let checked = checked.within(&page.visit);
        if !checked.session.role.can(C::CAPABILITY) {
            let cause = format!("capability:{}", C::CAPABILITY.as_str());
            let recorded = session::record_refusal(&web.parts, &page.visit, &checked, cause).await;
            return Err(match recorded {
                Ok(()) => Problem::of_page(&page.visit, &ErrorKind::AdminForbidden).into_response(),
                Err(fault) => Problem::of_fault(&page.visit, &fault),
            });
        }
        let query = Fields::parse(parts.uri.query().unwrap_or_default().as_bytes()).unwrap_or_default();
        let path = page_of(parts.uri.path());
        let notice = Fields::default();
        let admin = Self { request: page, checked, path, query, notice, permission: PhantomData };
        Ok((admin, Request::from_parts(parts, body)))
    }
}

impl<C: Permission> AdminForm<C> {
    async fn of_token(request: Request, web: &Web) -> Result<Self, Response> {
        let (admin, request) = Admin::<C>::of_token(request, web).await?;
        let visit = &admin.request.visit;
        let kind =
            request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json") {
            let (status, detail) = (StatusCode::UNSUPPORTED_MEDIA_TYPE, "send application/json");
            return Err(Problem::new(visit, status, "media-type", "Not JSON", detail).into_response());
        }
        let Ok(version) = version_of(request.headers()) else {
            let detail = "send the ETag of what was read, such as \"12\"";
            let (status, title) = (StatusCode::BAD_REQUEST, "If-Match can't be read");
            return Err(Problem::new(visit, status, "if-match", title, detail).into_response());
        };
        let body = Bytes::from_request(request, web).await.map_err(|rejection| {
            let status = rejection.status();
            let title = status.canonical_reason().unwrap_or("The request can't be read");
            Problem::new(visit, status, "body", title, "").into_response()
        })?;
        let mut fields = Fields::parse_json(&body).map_err(|error| {
            let (status, detail) = (StatusCode::UNPROCESSABLE_ENTITY, error.to_string());
            Problem::new(visit, status, "fields", "The fields can't be read", &detail).into_response()
        })?;
        if let Some(version) = version {
            fields.set(VERSION, &version.to_string());
        }
        let confirmed = fields.text(CONFIRMED) == FLAG_ON;
        Ok(Self { admin, fields, confirmed })
    }
}
