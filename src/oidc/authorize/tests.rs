//! Tests for authorization requests: each check of the protocol fails once.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use proptest::prelude::*;

use super::*;
use crate::domain::account::AccountId;
use crate::domain::client::ClientAuthMethod;
use crate::domain::login::Ask;
use crate::domain::policy::AcrAsk;
use crate::oidc::claim_set::NamedClaims;
use crate::oidc::reply::Reply;

/// Parameters that replace valid ones.
type ParamChanges<'a> = &'a [(&'a str, &'a str)];

const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
const CALLBACK: &str = "https://cloud.example.com/cb";

fn cloudsync() -> Client {
    Client { client_id: "cloudsync".into(), redirect_uris: vec![CALLBACK.into()], ..Client::default() }
}

fn settings(client: Client) -> Settings {
    let other = Client {
        client_id: "other".into(),
        redirect_uris: vec!["https://other.example.com/cb?x=1".into(), "com.example.app:/cb".into()],
        require_pkce: false,
        ..Client::default()
    };
    Settings { clients: vec![client, other], ..Settings::default() }
}

/// A valid request with some parameters changed; an empty value removes one.
fn query(changes: ParamChanges) -> String {
    let mut fields = vec![
        ("client_id", "cloudsync"),
        ("redirect_uri", CALLBACK),
        ("response_type", "code"),
        ("scope", "openid email"),
        ("state", "s t"),
        ("code_challenge", CHALLENGE),
        ("code_challenge_method", "S256"),
    ];
    fields.retain(|(name, _)| changes.iter().all(|(changed, _)| changed != name));
    fields.extend(changes);
    form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

fn check_as(client: Client, changes: ParamChanges) -> Result<AuthorizeRequest, AuthorizeError> {
    check(&Params::parse(query(changes).as_bytes()).unwrap(), &settings(client))
}

fn checked(changes: ParamChanges) -> AuthorizeRequest {
    check_as(cloudsync(), changes).unwrap_or_else(|error| panic!("{changes:?}: {error}"))
}

fn refused_as(client: Client, changes: ParamChanges) -> ErrorCode {
    match check_as(client, changes) {
        Err(AuthorizeError::Redirectable { error, reply_to, .. }) => {
            assert_eq!(reply_to.redirect_uri, CALLBACK, "{changes:?}");
            error.code
        }
        other => panic!("{changes:?}: {other:?}"),
    }
}

fn refused(changes: ParamChanges) -> ErrorCode {
    refused_as(cloudsync(), changes)
}

#[test]
fn a_good_request_is_read_whole() {
    let request = checked(&[
        ("scope", "openid groups offline_access address"),
        ("nonce", "n"),
        ("response_mode", "form_post"),
        ("prompt", "consent"),
        ("max_age", "300"),
        ("login_hint", "alice"),
        ("id_token_hint", "a.b.c"),
        ("ui_locales", "de-AT de en"),
        ("acr_values", "x y"),
        ("display", "popup"),
        ("claims", "{\"userinfo\":{\"email\":null,\"team_shares\":null},\"id_token\":{\"name\":null}}"),
        ("something", "else"),
    ]);
    let expected = AuthorizeRequest {
        client_id: "cloudsync".into(),
        redirect_uri: CALLBACK.into(),
        response_mode: ResponseMode::FormPost,
        state: Some("s t".into()),
        nonce: Some("n".into()),
        scope: ScopeSet::known_in("openid groups offline_access"),
        code_challenge: Some(CHALLENGE.into()),
        prompt: Prompt::AsNeeded,
        max_age: Some(300),
        login_hint: Some("alice".into()),
        ui_locales: vec!["de-AT".into(), "de".into(), "en".into()],
        id_token_hint: Some("a.b.c".into()),
        acr: AcrAsk::default(),
        subject: None,
        claims: NamedClaims {
            id_token: ClaimSet::known(["name"]),
            userinfo: ClaimSet::known(["email", "team_shares"]),
        },
    };
    assert_eq!(request, expected);
    let sealed = serde_json::to_string(&request).unwrap();
    let travelled = AuthorizeRequest { id_token_hint: None, ..request.clone() };
    assert_eq!(serde_json::from_str::<AuthorizeRequest>(&sealed).unwrap(), travelled, "the hint may be long");
    assert!(!format!("{request:?}").contains("alice"));
}

#[test]
fn without_a_known_client_and_its_exact_uri_nothing_is_redirected() {
    use Unverified::{BadRedirectUri, UnknownClient};
    let table: [(ParamChanges, Option<Unverified>); 13] = [
        (&[("client_id", "nobody")], Some(UnknownClient)),
        (&[("client_id", "CloudSync")], Some(UnknownClient)),
        (&[("client_id", "")], None),
        (&[("redirect_uri", "")], None),
        (&[("redirect_uri", "https://evil.example.com/cb")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com/cb/")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com/CB")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com:443/cb")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com/cb?x=1")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com/cb#")], Some(BadRedirectUri)),
        (&[("redirect_uri", "https://cloud.example.com/./cb")], Some(BadRedirectUri)),
        (&[("redirect_uri", "com.example.app:/cb")], Some(BadRedirectUri)),
        (&[("client_id", "cloudsync"), ("client_id", "cloudsync")], None),
    ];
    for (changes, expected) in table {
        match (check_as(cloudsync(), changes), expected) {
            (Err(AuthorizeError::NotRedirectable(Unverified::Malformed(_))), None) => {}
            (Err(AuthorizeError::NotRedirectable(found)), Some(expected)) => assert_eq!(found, expected),
            other => panic!("{changes:?}: {other:?}"),
        }
    }
    let twice = query(&[("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK)]);
    let outcome = check(&Params::parse(twice.as_bytes()).unwrap(), &settings(cloudsync()));
    assert!(matches!(outcome, Err(AuthorizeError::NotRedirectable(Unverified::Malformed(_)))));
}

#[test]
fn claims_by_name_stay_within_the_clients_scopes() {
    let client = Client { scope: "openid email".into(), ..cloudsync() };
    let asked =
        "{\"userinfo\":{\"email\":null,\"groups\":{\"essential\":true}},\"id_token\":{\"name\":null}}";
    let request = check_as(client, &[("scope", "openid"), ("claims", asked)]).unwrap();
    assert_eq!(
        (request.claims.id_token.to_string(), request.claims.userinfo.to_string()),
        ("".into(), "email".into())
    );
    assert_eq!(request.shown_claims().to_string(), "email");
}

// OpenID Connect Core section 6.1: parameters may be only in the request object.
#[test]
fn the_error_for_a_request_object_uses_its_response_mode_if_no_other_is_given() {
    let payload = BASE64_URL_SAFE_NO_PAD.encode(r#"{"response_mode":"form_post","state":"inside"}"#);
    let object = format!("eyJhbGciOiJub25lIn0.{payload}.");
    let reply_to = |changes: ParamChanges| {
        let changes = [changes, &[("request", object.as_str())]].concat();
        match check_as(cloudsync(), &changes) {
            Err(AuthorizeError::Redirectable { error, reply_to, .. }) => {
                assert_eq!(error.code, ErrorCode::RequestNotSupported);
                (reply_to.response_mode, reply_to.state)
            }
            other => panic!("{other:?}"),
        }
    };
    let (form, query) = (ResponseMode::FormPost, ResponseMode::Query);
    assert_eq!(reply_to(&[("state", "")]), (form, Some("inside".into())));
    assert_eq!(reply_to(&[]), (form, Some("s t".into())));
    assert_eq!(reply_to(&[("response_mode", "query")]), (query, Some("s t".into())));
}

// RFC 8252 section 7.3: the server "MUST allow any port to be specified at the time of the request for
// loopback IP redirect URIs, to accommodate clients that obtain an available ephemeral port from the
// operating system at the time of the request".
#[test]
fn a_native_app_may_listen_on_any_port() {
    let native = Client {
        redirect_uris: vec!["http://127.0.0.1/cb".into()],
        token_endpoint_auth_method: Some(ClientAuthMethod::None),
        ..cloudsync()
    };
    let uri = "http://127.0.0.1:51004/cb";
    let request = check_as(native.clone(), &[("redirect_uri", uri)]).unwrap();
    assert_eq!(request.redirect_uri, uri, "the answer goes to the port that was asked for");
    assert!(request.client(&settings(native.clone())).is_some());
    let confidential = Client { token_endpoint_auth_method: None, ..native.clone() };
    for (client, uri) in [(native, "http://127.0.0.1:51004/other"), (confidential, uri)] {
        let refused = check_as(client, &[("redirect_uri", uri)]);
        assert_eq!(refused, Err(AuthorizeError::NotRedirectable(Unverified::BadRedirectUri)), "{uri}");
    }
}

#[test]
fn a_registered_uri_with_a_fragment_is_never_used() {
    let uri = "https://cloud.example.com/cb#x";
    let client = Client { redirect_uris: vec![uri.into()], ..cloudsync() };
    let outcome = check_as(client, &[("redirect_uri", uri)]);
    assert_eq!(outcome, Err(AuthorizeError::NotRedirectable(Unverified::BadRedirectUri)));
}

#[test]
fn each_fault_has_its_code() {
    use ErrorCode::*;
    let table: [(ParamChanges, ErrorCode); 27] = [
        (&[("state", "a"), ("state", "b")], InvalidRequest),
        (&[("response_mode", "fragment")], InvalidRequest),
        (&[("response_mode", "query.jwt")], InvalidRequest),
        (&[("request", "a.b.c")], RequestNotSupported),
        (&[("request_uri", "https://rp/r")], RequestUriNotSupported),
        (&[("registration", "{}")], RegistrationNotSupported),
        (&[("response_type", "")], InvalidRequest),
        (&[("response_type", "token")], UnsupportedResponseType),
        (&[("response_type", "code id_token")], UnsupportedResponseType),
        (&[("response_type", "none")], UnsupportedResponseType),
        (&[("scope", "")], InvalidScope),
        (&[("scope", "email")], InvalidScope),
        (&[("scope", "openid \"x\"")], InvalidScope),
        (&[("nonce", "a"), ("nonce", "b")], InvalidRequest),
        (&[("nonce", "a\0b")], InvalidRequest),
        (&[("code_challenge", ""), ("code_challenge_method", "")], InvalidRequest),
        (&[("code_challenge", "")], InvalidRequest),
        (&[("code_challenge", "short")], InvalidRequest),
        (&[("code_challenge_method", "plain")], InvalidRequest),
        (&[("code_challenge_method", "")], InvalidRequest),
        (&[("code_challenge_method", "s256")], InvalidRequest),
        (&[("prompt", "none login")], InvalidRequest),
        (&[("prompt", "create")], InvalidRequest),
        (&[("max_age", "-1")], InvalidRequest),
        (&[("max_age", "+1")], InvalidRequest),
        (&[("max_age", "1.5")], InvalidRequest),
        (&[("login_hint", "a"), ("login_hint", "a")], InvalidRequest),
    ];
    for (changes, code) in table {
        assert_eq!(refused(changes), code, "{changes:?}");
    }
}

#[test]
fn a_client_gets_only_what_it_is_registered_for() {
    let no_code = Client { grant_types: vec![GrantType::RefreshToken], ..cloudsync() };
    assert_eq!(refused_as(no_code, &[]), ErrorCode::UnauthorizedClient);
    let no_response = Client { response_types: vec![], ..cloudsync() };
    assert_eq!(refused_as(no_response, &[]), ErrorCode::UnauthorizedClient);
    let no_openid = Client { scope: "email".into(), ..cloudsync() };
    assert_eq!(refused_as(no_openid, &[]), ErrorCode::InvalidScope);

    let everything = [("scope", "openid profile email groups offline_access")];
    let few = Client { scope: "openid email phone".into(), ..cloudsync() };
    assert_eq!(check_as(few, &everything).unwrap().scope.to_string(), "openid email");
    let no_refresh = Client { grant_types: vec![GrantType::AuthorizationCode], ..cloudsync() };
    assert_eq!(check_as(no_refresh, &everything).unwrap().scope.to_string(), "openid profile email groups");
}

#[test]
fn pkce_is_optional_only_for_a_confidential_client_that_says_so() {
    let without = [("code_challenge", ""), ("code_challenge_method", "")];
    let relaxed = Client { require_pkce: false, ..cloudsync() };
    assert_eq!(check_as(relaxed.clone(), &without).unwrap().code_challenge, None);
    assert_eq!(check_as(relaxed.clone(), &[]).unwrap().code_challenge.as_deref(), Some(CHALLENGE));
    assert_eq!(refused_as(relaxed.clone(), &[("code_challenge_method", "plain")]), ErrorCode::InvalidRequest);
    let public = Client { token_endpoint_auth_method: Some(ClientAuthMethod::None), ..relaxed };
    assert_eq!(refused_as(public, &without), ErrorCode::InvalidRequest);
}

#[test]
fn prompt_decides_which_pages_may_be_shown() {
    let table = [
        ("", Prompt::AsNeeded),
        ("none", Prompt::Nothing),
        ("none none", Prompt::Nothing),
        ("login", Prompt::Login),
        ("select_account", Prompt::Login),
        ("consent", Prompt::AsNeeded),
        ("consent login", Prompt::Login),
    ];
    for (word, expected) in table {
        assert_eq!(checked(&[("prompt", word)]).prompt, expected, "{word:?}");
    }
}

#[test]
fn max_age_is_the_requests_or_the_clients() {
    let default = Client { default_max_age: Some(60), ..cloudsync() };
    assert_eq!(check_as(default.clone(), &[]).unwrap().max_age, Some(60));
    assert_eq!(check_as(default, &[("max_age", "90")]).unwrap().max_age, Some(90));
    assert_eq!(checked(&[("max_age", "99999999999999999999")]).max_age, Some(u32::MAX));
    assert_eq!(checked(&[]).max_age, None);
}

#[test]
fn a_request_lists_the_requirements_of_the_sign_in() {
    let table = [
        (("prompt", ""), Ask::default()),
        (("prompt", "none"), Ask { silent: true, ..Ask::default() }),
        (("prompt", "login"), Ask { fresh: true, ..Ask::default() }),
        (("max_age", "0"), Ask { fresh: true, max_age: Some(0), ..Ask::default() }),
        (("max_age", "10"), Ask { max_age: Some(10), ..Ask::default() }),
    ];
    for (change, expected) in table {
        assert_eq!(checked(&[change]).ask(None), expected, "{change:?}");
    }
    let alice = AccountId("7".into());
    assert_eq!(checked(&[]).ask(Some(alice.clone())).subject, Some(alice));
}

#[test]
fn an_early_error_is_answered_as_the_client_asked() {
    let Err(AuthorizeError::Redirectable { error, reply_to, client_id }) =
        check_as(cloudsync(), &[("response_mode", "form_post"), ("request", "x")])
    else {
        panic!("not refused")
    };
    assert_eq!(client_id, "cloudsync");
    let Reply::FormPost { action, fields } = reply_to.error("https://idp", &error) else {
        panic!("not a form")
    };
    assert_eq!(action, CALLBACK);
    assert!(fields.contains(&("state", "s t".into())));
    assert!(fields.contains(&("iss", "https://idp".into())));
}

#[test]
fn a_uri_that_was_taken_away_meanwhile_is_not_used() {
    let request = checked(&[]);
    assert!(request.client(&settings(cloudsync())).is_some());
    assert!(request.client(&settings(Client { redirect_uris: vec![], ..cloudsync() })).is_none());
    assert!(request.client(&Settings::default()).is_none());
}

/// Parameters in any number and order, with valid, invalid or hostile values.
fn any_fields() -> impl Strategy<Value = Vec<(String, String)>> {
    let name = prop::sample::select(vec![
        "client_id",
        "redirect_uri",
        "response_type",
        "response_mode",
        "scope",
        "state",
        "nonce",
        "prompt",
        "max_age",
        "code_challenge",
        "code_challenge_method",
        "request",
        "login_hint",
        "ui_locales",
        "unknown",
    ]);
    let value = prop_oneof![
        4 => prop::sample::select(vec![
            "cloudsync", "other", CALLBACK, "https://other.example.com/cb?x=1", "com.example.app:/cb", "code", "query",
            "form_post", "openid email", "none", "login", "0", CHALLENGE, "S256", "https://evil.example.com/cb",
        ]).prop_map(str::to_owned),
        1 => any::<String>(),
    ];
    prop::collection::vec((name.prop_map(str::to_owned), value), 0..8)
}

/// Those parameters added to a valid request, or alone.
fn any_request() -> impl Strategy<Value = Vec<(String, String)>> {
    let good = || form_urlencoded::parse(query(&[]).as_bytes()).into_owned().collect::<Vec<_>>();
    (any_fields(), 0u8..3).prop_map(move |(fields, kind)| match kind {
        0 => fields,
        1 => good().into_iter().chain(fields).collect(),
        _ => {
            let kept = good().into_iter().filter(|(name, _)| fields.iter().all(|(other, _)| other != name));
            kept.chain(fields.clone()).collect()
        }
    })
}

proptest! {
    #[test]
    fn whatever_is_asked_only_a_registered_uri_is_answered_and_the_state_comes_back(fields in any_request()) {
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(&fields).finish();
        let params = Params::parse(body.as_bytes()).unwrap();
        let settings = settings(cloudsync());
        let (reply_to, client_id) = match check(&params, &settings) {
            Ok(request) => (request.reply_to(), request.client_id),
            Err(AuthorizeError::Redirectable { reply_to, client_id, .. }) => (*reply_to, client_id),
            Err(AuthorizeError::NotRedirectable(_)) => return Ok(()),
        };
        prop_assert!(settings.client(&client_id).unwrap().redirect_uris.contains(&reply_to.redirect_uri));
        prop_assert_eq!(Some(client_id.as_str()), params.value("client_id").unwrap());

        let error = OAuthError::new(ErrorCode::ServerError, "x");
        let sent = match reply_to.error("https://idp", &error) {
            Reply::FormPost { fields, .. } => fields.into_iter().find(|(name, _)| *name == "state").map(|(_, value)| value),
            Reply::Redirect(url) => {
                prop_assert!(url.starts_with(&reply_to.redirect_uri));
                url::Url::parse(&url).unwrap().query_pairs().find(|(name, _)| name == "state").map(|(_, value)| value.into_owned())
            }
        };
        // If `state` was sent twice, none is returned: it is unknown which one is the client's.
        prop_assert_eq!(sent, params.owned("state").unwrap_or(None));
    }

    #[test]
    fn any_query_is_answered(input in prop::collection::vec(any::<u8>(), 0..300)) {
        if let Ok(params) = Params::parse(&input) {
            let _ = check(&params, &settings(cloudsync()));
        }
    }
}
