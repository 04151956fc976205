//! The authorization endpoint (OpenID Connect Core section 3.1.2).

use axum::body::Bytes;
use axum::extract::RawQuery;
use axum::response::Response;

use super::admin::is_own_test;
use super::browser::browser;
use super::error::{RequestContext, kind};
use super::outcome::first_response;
use super::pages::ErrorKind;
use super::reply::{respond, see_other};
use super::request::PageRequest;
use crate::domain::client::TEST_CLIENT_ID;
use crate::flow::installation::causes::Causes;
use crate::flow::login::authorize::{authorize, verified_ask};
use crate::oidc::authorize::{AuthorizeError, AuthorizeRequest, Prompt, Unverified, check};
use crate::oidc::discovery::path;
use crate::oidc::error::{ErrorCode, OAuthError};
use crate::oidc::params::Params;

/// `POST /authorize` (required by OpenID Connect Core section 3.1.2.1). A post from another site comes
/// without our Lax cookies, so it is redirected to a GET, which has them.
pub async fn post(request: PageRequest, body: Bytes) -> Response {
    match std::str::from_utf8(&body) {
        Ok(form) if form.bytes().all(|byte| byte.is_ascii_graphic()) => {
            see_other(&format!("{}?{form}", path::AUTHORIZE))
        }
        _ => {
            let detail = "the form is not URL-encoded".to_owned();
            request.context().page(ErrorKind::BadRequest { detail })
        }
    }
}

/// `GET /authorize`.
pub async fn get(request: PageRequest, RawQuery(query): RawQuery) -> Response {
    let (web, visit, context) = (&request.web, &request.visit, request.context());
    let current = web.parts.current();
    let params = match Params::parse(query.unwrap_or_default().as_bytes()) {
        Ok(params) => params,
        Err(error) => return context.page(ErrorKind::BadRequest { detail: error.to_string() }),
    };
    if params.text("client_id") == TEST_CLIENT_ID {
        match is_own_test(&request, params.text("state")).await {
            Ok(true) => {}
            Ok(false) => return context.page(ErrorKind::UnknownClient),
            Err(fault) => return context.fail(&fault),
        }
    }
    match check(&params, &current.settings) {
        Ok(request) => {
            let client = current.settings.client(&request.client_id);
            answer(&context.for_client(client, &request.ui_locales), request).await
        }
        Err(AuthorizeError::NotRedirectable(why)) => {
            tracing::info!(id = %visit.attempt_id, %why, "an authorization request was refused");
            context.page(unverified(&why))
        }
        Err(AuthorizeError::Redirectable { error, reply_to, client_id }) => {
            tracing::info!(id = %visit.attempt_id, client_id, %error, "an authorization request was refused");
            respond(web, reply_to.error(&web.parts.issuer, &error), context.language, &client_id)
        }
    }
}

fn unverified(why: &Unverified) -> ErrorKind {
    match why {
        Unverified::UnknownClient => ErrorKind::UnknownClient,
        Unverified::BadRedirectUri => ErrorKind::BadRedirectUri,
        Unverified::Malformed(error) => ErrorKind::BadRequest { detail: error.to_string() },
    }
}

async fn answer(context: &RequestContext<'_>, request: AuthorizeRequest) -> Response {
    let web = context.web;
    let Some(ask) = verified_ask(&web.parts, &request) else {
        let error = OAuthError::invalid_request("id_token_hint is not an ID token of this provider");
        return refuse(context, &request, &error);
    };
    let decided = async {
        let browser = browser(web, context.headers).await?;
        let outcome = authorize(&web.parts, context.visit, &request, &ask, &browser).await?;
        Ok((browser, outcome))
    };
    match decided.await {
        Ok((browser, outcome)) => first_response(context, &request, &browser, outcome),
        // No page may be shown, so the error goes to the client (OpenID Connect Core section 3.1.2.6).
        Err(error) if request.prompt == Prompt::Nothing => {
            let code = match kind(&error) {
                ErrorKind::DirectoryUnavailable | ErrorKind::StorageUnavailable | ErrorKind::Busy => {
                    ErrorCode::TemporarilyUnavailable
                }
                _ => ErrorCode::ServerError,
            };
            tracing::error!(id = %context.visit.attempt_id, error = %Causes(&error), "a silent request failed");
            refuse(context, &request, &OAuthError::new(code, "try again later"))
        }
        Err(error) => context.fail(&error),
    }
}

fn refuse(context: &RequestContext<'_>, request: &AuthorizeRequest, error: &OAuthError) -> Response {
    let reply = request.reply_to().error(&context.web.parts.issuer, error);
    respond(context.web, reply, context.language, &request.client_id)
}
