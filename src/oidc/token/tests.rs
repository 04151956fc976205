//! Tests for token requests and responses: each grant's requirements and each mistake's error code.

use proptest::prelude::*;

use super::*;

const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";

fn request(client: &Client, body: &str) -> Result<TokenRequest, ErrorCode> {
    check(&Params::parse(body.as_bytes()).unwrap(), client).map_err(|error| error.code)
}

#[test]
fn both_grants_are_read() {
    let client = Client::default();
    let body =
        format!("grant_type=authorization_code&code=c&redirect_uri=https://rp/cb&code_verifier={VERIFIER}");
    let expected = CodeExchange {
        code: Plain::new("c"),
        redirect_uri: "https://rp/cb".into(),
        code_verifier: Some(Plain::new(VERIFIER)),
    };
    assert_eq!(request(&client, &body), Ok(TokenRequest::AuthorizationCode(expected)));
    let expected = RefreshExchange { refresh_token: Plain::new("r"), scope: Some("openid".into()) };
    let body = "grant_type=refresh_token&refresh_token=r&scope=openid";
    assert_eq!(request(&client, body), Ok(TokenRequest::RefreshToken(expected)));
}

#[test]
fn each_fault_has_its_code() {
    use ErrorCode::*;
    let table = [
        ("", InvalidRequest),
        ("grant_type=password", UnsupportedGrantType),
        ("grant_type=refresh_token&grant_type=refresh_token", InvalidRequest),
        ("grant_type=authorization_code&redirect_uri=u", InvalidRequest),
        ("grant_type=authorization_code&code=c", InvalidRequest),
        ("grant_type=authorization_code&code=c&code=c&redirect_uri=u", InvalidRequest),
        ("grant_type=authorization_code&code=c&redirect_uri=u&code_verifier=short", InvalidRequest),
        ("grant_type=refresh_token", InvalidRequest),
    ];
    for (body, code) in table {
        assert_eq!(request(&Client::default(), body), Err(code), "{body}");
    }
}

#[test]
fn a_client_uses_only_its_own_grant_types() {
    let only_code = Client { grant_types: vec![GrantType::AuthorizationCode], ..Client::default() };
    let only_refresh = Client { grant_types: vec![GrantType::RefreshToken], ..Client::default() };
    assert_eq!(
        request(&only_code, "grant_type=refresh_token&refresh_token=r"),
        Err(ErrorCode::UnauthorizedClient)
    );
    assert_eq!(
        request(&only_refresh, "grant_type=authorization_code&code=c&redirect_uri=u"),
        Err(ErrorCode::UnauthorizedClient)
    );
}

#[test]
fn a_code_is_for_its_client_its_uri_and_its_verifier() {
    let made_for = |challenge: Option<String>| CodeRequest {
        client_id: "cloudsync".into(),
        redirect_uri: "https://rp/cb".into(),
        nonce: None,
        scope: ScopeSet::known_in("openid"),
        code_challenge: challenge,
        acr: AcrAsk::default(),
        claims: NamedClaims::default(),
    };
    let bound = made_for(Some(pkce::challenge_of(VERIFIER)));
    let unbound = made_for(None);
    let client = |id: &str| Client { client_id: id.into(), ..Client::default() };
    let exchange = |uri: &str, verifier: Option<&str>| CodeExchange {
        code: Plain::new("c"),
        redirect_uri: uri.into(),
        code_verifier: verifier.map(Plain::new),
    };
    let table = [
        (&bound, "cloudsync", exchange("https://rp/cb", Some(VERIFIER)), true),
        (&unbound, "cloudsync", exchange("https://rp/cb", None), true),
        (&bound, "other", exchange("https://rp/cb", Some(VERIFIER)), false),
        (&bound, "cloudsync", exchange("https://rp/cb/", Some(VERIFIER)), false),
        (&bound, "cloudsync", exchange("https://rp/cb", None), false),
        (&bound, "cloudsync", exchange("https://rp/cb", Some("x")), false),
        (&unbound, "cloudsync", exchange("https://rp/cb", Some(VERIFIER)), false),
    ];
    let mut answers = Vec::new();
    for (request, id, exchange, passes) in table {
        let outcome = exchange.belongs_to(request, &client(id));
        assert_eq!(outcome.is_ok(), passes, "{id} {exchange:?}");
        answers.extend(outcome.err().map(|error| error.body()));
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "the answer does not say why");
}

#[test]
fn a_refresh_may_ask_for_less_but_not_for_more() {
    let granted = ScopeSet::known_in("openid email offline_access");
    let table = [
        (None, Some("openid email offline_access")),
        (Some("openid"), Some("openid")),
        (Some("email openid"), Some("openid email")),
        (Some("openid groups"), None),
        (Some("openid address"), None),
        (Some("openid\n"), None),
        (Some(" "), None),
    ];
    for (scope, expected) in table {
        let refresh = RefreshExchange { refresh_token: Plain::new("r"), scope: scope.map(Into::into) };
        let narrowed = refresh.narrowed(granted);
        let expected = expected.map(ScopeSet::known_in).ok_or(ErrorCode::InvalidScope);
        assert_eq!(narrowed.map_err(|error| error.code), expected, "{scope:?}");
    }
}

#[test]
fn tokens_do_not_print() {
    let body = "grant_type=refresh_token&refresh_token=hunter2";
    assert!(!format!("{:?}", request(&Client::default(), body)).contains("hunter2"));
}

#[test]
fn a_response_omits_what_was_not_granted() {
    let response = TokenResponse {
        access_token: "a".into(),
        token_type: "Bearer",
        expires_in: 600,
        refresh_token: None,
        id_token: Some("i".into()),
        scope: ScopeSet::known_in("openid email"),
    };
    assert_eq!(
        serde_json::to_value(response).unwrap(),
        serde_json::json!({
            "access_token": "a", "token_type": "Bearer", "expires_in": 600, "id_token": "i", "scope": "openid email"
        })
    );
}

proptest! {
    #[test]
    fn any_form_is_read_or_refused(grant in "(authorization_code|refresh_token|x)", rest in prop::collection::vec(any::<u8>(), 0..200)) {
        let body = [format!("grant_type={grant}&").into_bytes(), rest].concat();
        if let Ok(params) = Params::parse(&body) {
            let _ = check(&params, &Client::default());
        }
    }

    #[test]
    fn a_narrowed_scope_never_grows(asked in "(openid|email|groups|x| ){0,6}", granted in "(openid |email ){0,2}") {
        let granted = ScopeSet::known_in(&granted);
        let refresh = RefreshExchange { refresh_token: Plain::new("r"), scope: Some(asked) };
        if let Ok(narrowed) = refresh.narrowed(granted) {
            prop_assert!(narrowed.is_within(granted));
        }
    }
}
