//! The authorization request (OpenID Connect Core section 3.1.2.1): all checks without session and account.
//!
//! Until client and redirect URI are verified, nothing is redirected: the person sees a page. After that, the
//! checks in [`CHECKS`] run in order, and the first failure is sent to the client.

mod request;

pub(super) use self::request::registered_client;
pub use self::request::{AuthorizeRequest, Prompt};
use super::claim_set::ClaimSet;
use super::claims_request;
use super::error::{ErrorCode, OAuthError};
use super::params::{ParamError, Params};
use super::pkce;
use super::redirect_uri;
use super::reply::{ReplyTo, ResponseMode};
use super::scope::{OAuthScope, ScopeSet};
use crate::domain::client::{Client, GrantType, ResponseType};
use crate::domain::settings::Settings;

/// Why a request was refused, and whether the client may receive the error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthorizeError {
    /// Show it to the person, here. Never redirect.
    #[error("not redirectable: {0}")]
    NotRedirectable(Unverified),
    /// Send it to the client.
    #[error("{error}")]
    Redirectable { error: OAuthError, reply_to: Box<ReplyTo>, client_id: String },
}

/// Why no redirect is possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unverified {
    #[error("unknown client_id")]
    UnknownClient,
    #[error("redirect_uri is not registered for this client")]
    BadRedirectUri,
    /// `client_id` or `redirect_uri` is missing, repeated or unreadable.
    #[error("{0}")]
    Malformed(ParamError),
}

/// Checks an authorization request from its parameters (a query or a form: OpenID Connect Core section
/// 3.1.2.1 requires both).
///
/// # Errors
/// The first check that fails.
pub fn check(params: &Params, settings: &Settings) -> Result<AuthorizeRequest, AuthorizeError> {
    let client = known_client(params, settings).map_err(AuthorizeError::NotRedirectable)?;
    let redirect_uri = registered_uri(params, client).map_err(AuthorizeError::NotRedirectable)?;
    let mut request = AuthorizeRequest::blank(client, redirect_uri, params);
    match CHECKS.iter().try_for_each(|check| check(params, client, &mut request)) {
        Ok(()) => Ok(request),
        Err(error) => Err(AuthorizeError::Redirectable {
            error,
            reply_to: Box::new(request.reply_to()),
            client_id: request.client_id,
        }),
    }
}

// RFC 6749 section 4.1.2.1: with a missing or invalid redirection URI or client identifier, the server "MUST
// NOT automatically redirect the user-agent to the invalid redirection URI". Both are checked first.
fn known_client<'a>(params: &Params, settings: &'a Settings) -> Result<&'a Client, Unverified> {
    let client_id = params.required("client_id").map_err(Unverified::Malformed)?;
    settings.client(client_id).ok_or(Unverified::UnknownClient)
}

// OpenID Connect Core section 3.1.2.1: redirect_uri is REQUIRED and "MUST exactly match one of the
// Redirection URI values for the Client pre-registered", by "Simple String Comparison" (RFC 3986 section
// 6.2.1; RFC 9700 section 2.1).
fn registered_uri<'a>(params: &'a Params, client: &Client) -> Result<&'a str, Unverified> {
    let wanted = params.required("redirect_uri").map_err(Unverified::Malformed)?;
    let is_registered = redirect_uri::is_registered(wanted, &client.redirect_uris, client.is_public());
    is_registered.then_some(wanted).ok_or(Unverified::BadRedirectUri)
}

type Check = fn(&Params, &Client, &mut AuthorizeRequest) -> Result<(), OAuthError>;

/// The checks whose failure is sent to the client, in order.
const CHECKS: [Check; 14] = [
    state,
    response_mode,
    request_objects,
    registration,
    response_type,
    client_may_ask,
    scope,
    offline_access,
    nonce,
    code_challenge,
    prompt,
    max_age,
    hints,
    claims,
];

// RFC 6749 section 4.1.1: RECOMMENDED. Read first, so that every error can carry it.
fn state(params: &Params, _: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if let Some(state) = params.owned("state")? {
        request.state = Some(state);
    }
    Ok(())
}

// OAuth 2.0 Multiple Response Type Encoding Practices section 2.1. `fragment` is not accepted: scripts and
// referrers could read the code, and no client of the code flow needs it.
fn response_mode(params: &Params, _: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if let Some(word) = params.value("response_mode")? {
        request.response_mode = ResponseMode::parse(word)
            .ok_or_else(|| OAuthError::invalid_request("response_mode must be query or form_post"))?;
    }
    Ok(())
}

// OpenID Connect Core sections 6.1 and 6.2: an OP that does not support them "MUST return"
// `request_not_supported` (section 3.1.2.6) and `request_uri_not_supported`. Ignoring them would drop
// parameters that the client signed.
fn request_objects(params: &Params, _: &Client, _: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if params.has("request") {
        return Err(OAuthError::new(ErrorCode::RequestNotSupported, "request is not supported"));
    }
    if params.has("request_uri") {
        return Err(OAuthError::new(ErrorCode::RequestUriNotSupported, "request_uri is not supported"));
    }
    Ok(())
}

// OpenID Connect Core section 7.2.1 with section 3.1.2.6.
fn registration(params: &Params, _: &Client, _: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if params.has("registration") {
        return Err(OAuthError::new(ErrorCode::RegistrationNotSupported, "registration is not supported"));
    }
    Ok(())
}

// RFC 6749 section 3.1.1: "If an authorization request is missing the "response_type" parameter, or if the
// response type is not understood, the authorization server MUST return an error response".
fn response_type(params: &Params, _: &Client, _: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if params.required("response_type")? == "code" {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnsupportedResponseType, "response_type must be code"))
}

// RFC 6749 section 4.1.2.1, `unauthorized_client`. A client without the code grant could not use its code.
fn client_may_ask(_: &Params, client: &Client, _: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    let may = client.response_types.contains(&ResponseType::Code)
        && client.grant_types.contains(&GrantType::AuthorizationCode);
    if may {
        return Ok(());
    }
    Err(OAuthError::new(ErrorCode::UnauthorizedClient, "the client may not use the authorization code flow"))
}

// OpenID Connect Core section 3.1.2.1: scope is REQUIRED and "MUST contain the openid scope value". A request
// without it is plain OAuth 2.0, which is not offered. "Scope values used that are not understood by an
// implementation SHOULD be ignored"; so are those that the client may not have (RFC 6749 section 3.3).
fn scope(params: &Params, client: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    let invalid = |description| OAuthError::new(ErrorCode::InvalidScope, description);
    let text = params.value("scope")?.ok_or_else(|| invalid("scope is missing: it must contain openid"))?;
    let asked = ScopeSet::parse(text).map_err(|_| invalid("scope is malformed"))?.known;
    if !asked.has(OAuthScope::OpenId) {
        return Err(invalid("scope must contain openid"));
    }
    request.scope = asked.and(ScopeSet::known_in(&client.scope));
    if !request.scope.has(OAuthScope::OpenId) {
        return Err(invalid("the client may not ask for openid"));
    }
    Ok(())
}

// OpenID Connect Core section 11: offline_access needs `prompt=consent` "unless other conditions for
// processing the request permitting offline access to the requested resources are in place": the
// administrator gave consent by registering the client with the refresh_token grant. Otherwise the scope is
// ignored.
fn offline_access(_: &Params, client: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    if !client.grant_types.contains(&GrantType::RefreshToken) {
        request.scope = request.scope.without(OAuthScope::OfflineAccess);
    }
    Ok(())
}

// OpenID Connect Core section 3.1.2.1: "The value is passed through unmodified". OPTIONAL in the code flow.
// It is stored with the code, so its length is limited; clients send some 20 to 200 characters.
fn nonce(params: &Params, _: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    request.nonce = params.owned("nonce")?;
    if request.nonce.as_ref().is_some_and(|nonce| nonce.len() > LONGEST_NONCE) {
        return Err(OAuthError::invalid_request("nonce is longer than 1024 bytes"));
    }
    Ok(())
}

const LONGEST_NONCE: usize = 1024;

// RFC 7636 section 4.4.1: a server that requires PKCE "MUST return" `invalid_request` when there is no
// challenge, and when the transformation is not supported. A challenge without a method means `plain`
// (section 4.3), which does not protect against an attacker who can read the request (RFC 9700 section
// 2.1.1).
fn code_challenge(
    params: &Params,
    client: &Client,
    request: &mut AuthorizeRequest,
) -> Result<(), OAuthError> {
    let refuse = |description| Err(OAuthError::invalid_request(description));
    let (challenge, method) = (params.value("code_challenge")?, params.value("code_challenge_method")?);
    match (challenge, method) {
        (None, None) if client.needs_pkce() => {
            refuse("code_challenge is missing: PKCE with S256 is required")
        }
        (None, None) => Ok(()),
        (None, Some(_)) => refuse("code_challenge_method without a code_challenge"),
        (Some(challenge), Some("S256")) if pkce::is_well_formed(challenge) => {
            request.code_challenge = Some(challenge.to_owned());
            Ok(())
        }
        (Some(_), Some("S256")) => refuse("code_challenge is malformed"),
        (Some(_), _) => refuse("code_challenge_method must be S256"),
    }
}

// OpenID Connect Core section 3.1.2.1: "If this parameter contains none with any other value, an error is
// returned." Initiating User Registration via OpenID Connect 1.0 section 4.1: a value that is not supported
// is `invalid_request`.
fn prompt(params: &Params, _: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    let words: Vec<&str> = words(params.value("prompt")?).collect();
    if !words.iter().all(|word| PROMPTS.contains(word)) {
        return Err(OAuthError::invalid_request("prompt has a value that is not supported"));
    }
    request.prompt = if words.iter().all(|word| *word == "none") && !words.is_empty() {
        Prompt::Nothing
    } else if words.contains(&"none") {
        return Err(OAuthError::invalid_request("prompt=none must be the only value"));
    } else if words.contains(&"login") || words.contains(&"select_account") {
        Prompt::Login
    } else {
        Prompt::AsNeeded
    };
    Ok(())
}

/// Supported values of `prompt`.
pub const PROMPTS: [&str; 4] = ["none", "login", "consent", "select_account"];

// OpenID Connect Core section 3.1.2.1; `default_max_age` (Dynamic Client Registration section 2) is what "The
// max_age request parameter overrides".
fn max_age(params: &Params, client: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    let Some(text) = params.value("max_age")? else {
        request.max_age = client.default_max_age.map(|age| u32::try_from(age.max(0)).unwrap_or(u32::MAX));
        return Ok(());
    };
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(OAuthError::invalid_request("max_age must be a number of seconds"));
    }
    // Only a number with too many digits fails here: older than any session can be.
    request.max_age = Some(text.parse().unwrap_or(u32::MAX));
    Ok(())
}

// OpenID Connect Core section 3.1.2.1: all OPTIONAL, and unsupported languages must not cause errors.
fn hints(params: &Params, _: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    request.login_hint = params.owned("login_hint")?;
    request.id_token_hint = params.owned("id_token_hint")?;
    request.ui_locales = words(params.value("ui_locales")?).map(str::to_owned).collect();
    Ok(())
}

// OpenID Connect Core sections 3.1.2.1 (`acr_values`: voluntary, in order of preference) and 5.5 (`claims`).
fn claims(params: &Params, client: &Client, request: &mut AuthorizeRequest) -> Result<(), OAuthError> {
    let asked = claims_request::read(params.value("claims")?, words(params.value("acr_values")?))?;
    request.acr = asked.acr;
    request.subject = asked.subject;
    request.claims = asked.named.within(ClaimSet::of_scopes(ScopeSet::known_in(&client.scope)));
    Ok(())
}

fn words(value: Option<&str>) -> impl Iterator<Item = &str> {
    value.unwrap_or_default().split(' ').filter(|word| !word.is_empty())
}

#[cfg(test)]
mod tests;
