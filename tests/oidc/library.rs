//! The provider as a real relying party sees it: the `openidconnect` crate does all requests and checks.

use cloudsync_idp::clock::Clock;
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreJwsSigningAlgorithm, CoreProviderMetadata, CoreTokenResponse,
    CoreUserInfoClaims,
};
use openidconnect::{
    AccessTokenHash, AuthType, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce, OAuth2TokenResponse,
    PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SubjectIdentifier, TokenResponse,
};

use super::Stage;
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::Provider;
use crate::support::relying_party::Authorization;

pub(crate) type Party = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// One client of each method and algorithm, with secrets that need encoding.
const CLIENTS: &str = r#"
[[clients]]
client_id = "by basic"
client_secret = "s:e+c%r&e=t/ü \"x\""
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "client_secret_basic"
id_token_signed_response_alg = "RS256"

[[clients]]
client_id = "by post"
client_secret = "s:e+c%r&e=t/ü \"y\""
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "client_secret_post"
id_token_signed_response_alg = "ES256"
access_token_signed_response_alg = "RS256"

[[clients]]
client_id = "public"
redirect_uris = ["https://cloudsync.example/callback"]
token_endpoint_auth_method = "none"
id_token_signed_response_alg = "EdDSA"
"#;

/// A sign-in that was started.
pub(crate) struct Begun {
    pub(crate) asked: Authorization,
    pub(crate) state: CsrfToken,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
}

pub(crate) async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

pub(crate) async fn party(issuer: &str, id: &str, secret: Option<&str>, method: AuthType) -> Party {
    let issuer = IssuerUrl::new(issuer.to_owned()).unwrap();
    let metadata = CoreProviderMetadata::discover_async(issuer, &send).await.expect("discovery and keys");
    let secret = secret.map(|secret| ClientSecret::new(secret.to_owned()));
    CoreClient::from_provider_metadata(metadata, ClientId::new(id.to_owned()), secret)
        .set_redirect_uri(RedirectUrl::new("https://cloudsync.example/callback".to_owned()).unwrap())
        .set_auth_type(method)
}

pub(crate) fn begin(party: &Party) -> Begun {
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let flow = CoreAuthenticationFlow::AuthorizationCode;
    let (url, state, nonce) = party
        .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(["profile", "email", "offline_access"].map(|scope| Scope::new(scope.to_owned())))
        .set_pkce_challenge(challenge)
        .url();
    Begun { asked: Authorization { url: url.to_string() }, state, nonce, verifier }
}

/// Every check of an ID token that the crate has, including the access token's hash.
fn verified(
    party: &Party,
    tokens: &CoreTokenResponse,
    nonce: impl openidconnect::NonceVerifier,
    algorithm: &CoreJwsSigningAlgorithm,
) -> openidconnect::core::CoreIdTokenClaims {
    let verifier = party.id_token_verifier().set_allowed_algs([algorithm.clone()]);
    let id_token = tokens.id_token().expect("an ID token");
    let claims = id_token.claims(&verifier, nonce).expect("verified");
    let key = id_token.signing_key(&verifier).expect("a published key");
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key).expect("a hash");
    assert_eq!(claims.access_token_hash(), Some(&hash));
    claims.clone()
}

#[tokio::test]
async fn by_each_method_and_algorithm_a_library_signs_in_verifies_reads_and_refreshes() {
    let stage = Stage::at_any_time(CLIENTS, Clock::System).await;
    let secret = |last: &str| format!("s:e+c%r&e=t/ü \"{last}\"");
    let table = [
        ("by basic", Some(secret("x")), AuthType::BasicAuth, CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256),
        ("by post", Some(secret("y")), AuthType::RequestBody, CoreJwsSigningAlgorithm::EcdsaP256Sha256),
        ("public", None, AuthType::RequestBody, CoreJwsSigningAlgorithm::EdDsa),
    ];
    for (id, secret, method, algorithm) in table {
        let party = party(&stage.provider.url, id, secret.as_deref(), method).await;
        let Begun { asked, state, nonce, verifier } = begin(&party);
        let back = Browser::new().sign_in(&asked, "alice", &lab::ldap().user_password).await;
        assert_eq!(back.parameter("state").as_ref(), Some(state.secret()), "{id}");
        let code = AuthorizationCode::new(back.parameter("code").expect("a code"));
        let exchange = party.exchange_code(code).unwrap().set_pkce_verifier(verifier);
        let tokens = exchange.request_async(&send).await.expect("tokens");
        let claims = verified(&party, &tokens, &nonce, &algorithm);
        assert_eq!(claims.email().map(|email| email.as_str()), Some("alice@example.org"), "{id}");
        assert!(claims.auth_time().is_some_and(|at| at <= claims.issue_time()), "{id}");

        let subject = claims.subject().clone();
        let ask = |subject| party.user_info(tokens.access_token().clone(), Some(subject)).unwrap();
        let userinfo: CoreUserInfoClaims = ask(subject.clone()).request_async(&send).await.expect("userinfo");
        assert_eq!(userinfo.preferred_username().map(|name| name.as_str()), Some("alice"), "{id}");
        let stranger = SubjectIdentifier::new("somebody else".to_owned());
        let userinfo: Result<CoreUserInfoClaims, _> = ask(stranger).request_async(&send).await;
        assert!(userinfo.is_err(), "{id}: sub is compared");

        let refresh = tokens.refresh_token().expect("a refresh token");
        let next = party.exchange_refresh_token(refresh).unwrap().request_async(&send).await.expect("tokens");
        let without = |nonce: Option<&Nonce>| nonce.map_or(Ok(()), |_| Err("a nonce".to_owned()));
        assert_eq!(verified(&party, &next, without, &algorithm).subject(), &subject, "{id}");
    }
}

#[tokio::test]
async fn what_a_library_must_not_take_is_not_given() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let secret = Some("cloudsync-test-secret");
    let party = party(&provider.url, "cloudsync", secret, AuthType::BasicAuth).await;
    let Begun { asked, nonce, verifier, .. } = begin(&party);
    let back = Browser::new().sign_in(&asked, "alice", &lab::ldap().user_password).await;
    let code = AuthorizationCode::new(back.parameter("code").expect("a code"));
    let wrong = PkceCodeVerifier::new("w".repeat(43));
    let refused = party.exchange_code(code.clone()).unwrap().set_pkce_verifier(wrong);
    assert!(refused.request_async(&send).await.is_err(), "another verifier");
    let exchange = party.exchange_code(code).unwrap().set_pkce_verifier(verifier);
    let tokens = exchange.request_async(&send).await.expect("tokens");
    let verifier = party.id_token_verifier();
    let id_token = tokens.id_token().unwrap();
    assert!(id_token.claims(&verifier, &nonce).is_ok());
    assert!(id_token.claims(&verifier, &Nonce::new("another".to_owned())).is_err(), "another nonce");
}
