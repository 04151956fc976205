//! Requests to the provider, and every check of its responses. Only verified claims leave this file.

use std::collections::HashMap;
use std::pin::Pin;

use axum::http::StatusCode;
use openidconnect::core::{
    CoreAuthDisplay, CoreAuthPrompt, CoreAuthenticationFlow, CoreErrorResponseType, CoreGenderClaim,
    CoreJsonWebKey, CoreJweContentEncryptionAlgorithm, CoreJwsSigningAlgorithm, CoreRevocableToken,
    CoreRevocationErrorResponse, CoreTokenIntrospectionResponse, CoreTokenType,
};
use openidconnect::url::Url;
use openidconnect::{
    AccessToken, AccessTokenHash, AdditionalClaims, AuthorizationCode, Client, ClientId, ClientSecret,
    CsrfToken, EmptyExtraTokenFields, EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, IdToken, IdTokenFields, IssuerUrl, LogoutRequest, Nonce, NonceVerifier,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, PostLogoutRedirectUrl,
    ProviderMetadataWithLogout, RedirectUrl, RefreshToken, RequestTokenError, Scope, StandardErrorResponse,
    StandardTokenResponse, SubjectIdentifier, TokenResponse, UserInfoClaims,
};
use serde_json::{Map, Value};

/// Non-standard claims, such as `groups`, kept unchanged.
#[derive(Clone, Debug, serde::Deserialize, serde::Serialize)]
pub struct More(Map<String, Value>);
impl AdditionalClaims for More {}

type Jwe = CoreJweContentEncryptionAlgorithm;
type OurIdToken = IdToken<More, CoreGenderClaim, Jwe, CoreJwsSigningAlgorithm>;
type Fields = IdTokenFields<More, EmptyExtraTokenFields, CoreGenderClaim, Jwe, CoreJwsSigningAlgorithm>;
type Tokens = StandardTokenResponse<Fields, CoreTokenType>;
type OurClient = Client<
    More,
    CoreAuthDisplay,
    CoreGenderClaim,
    Jwe,
    CoreJsonWebKey,
    CoreAuthPrompt,
    StandardErrorResponse<CoreErrorResponseType>,
    Tokens,
    CoreTokenIntrospectionResponse,
    CoreRevocableToken,
    CoreRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub struct Provider {
    pub issuer: String,
    pub origin: String,
    id: ClientId,
    secret: ClientSecret,
    callback: RedirectUrl,
    signed_out: PostLogoutRedirectUrl,
    http: reqwest::Client,
}

/// What must be remembered between request and response.
#[derive(Clone)]
pub struct Begun {
    state: CsrfToken,
    nonce: Nonce,
    verifier: String,
}

/// The verified result of a sign-in.
#[derive(Clone)]
pub struct SignedIn {
    pub claims: Map<String, Value>,
    pub algorithm: String,
    pub access_seconds: Option<u64>,
    pub scopes: Vec<String>,
    pub refreshed: u32,
    pub userinfo: Option<Map<String, Value>>,
    subject: SubjectIdentifier,
    id_token: OurIdToken,
    access_token: AccessToken,
    pub refresh_token: Option<RefreshToken>,
}

#[derive(Debug)]
pub enum Trouble {
    /// The response belongs to no sign-in that this browser started.
    NotOurs,
    /// The provider refused, with its own code and description.
    Refused { code: String, words: String },
    /// The provider does not respond.
    Away(String),
    /// It responded, and a check failed.
    NotVerified(String),
}

impl Trouble {
    pub fn status(&self) -> StatusCode {
        match self {
            Self::NotOurs => StatusCode::BAD_REQUEST,
            Self::Refused { code, .. } if code == "temporarily_unavailable" => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Refused { .. } => StatusCode::FORBIDDEN,
            Self::Away(_) => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotVerified(_) => StatusCode::BAD_GATEWAY,
        }
    }

    /// A refused refresh means that the company no longer vouches for this person; no response means nothing.
    pub fn ends_the_session(&self) -> bool {
        matches!(self, Self::NotVerified(_))
            || matches!(self, Self::Refused { code, .. } if code == "invalid_grant")
    }
}

impl Provider {
    pub fn new(issuer: &str, own_url: &str, id: String, secret: String) -> anyhow::Result<Self> {
        // fails only if a provider is already installed
        let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
        let own = own_url.trim_end_matches('/');
        Ok(Self {
            issuer: issuer.to_owned(),
            origin: Url::parse(issuer)?.origin().ascii_serialization(),
            id: ClientId::new(id),
            secret: ClientSecret::new(secret),
            callback: RedirectUrl::new(format!("{own}/callback"))?,
            signed_out: PostLogoutRedirectUrl::new(format!("{own}/"))?,
            http: reqwest::Client::builder()
                .redirect(reqwest::redirect::Policy::none()) // a response must come from the server that was asked
                .timeout(std::time::Duration::from_secs(10))
                .build()?,
        })
    }

    /// The URL to redirect the browser to.
    pub async fn begin(&self) -> Result<(Url, Begun), Trouble> {
        let (client, _) = self.discover().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = client
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(
                ["profile", "email", "groups", "offline_access"].map(|name| Scope::new(name.to_owned())),
            )
            .set_pkce_challenge(challenge)
            .url();
        Ok((url, Begun { state, nonce, verifier: verifier.into_secret() }))
    }

    /// The browser is back: checks the response, exchanges the code, verifies the ID token.
    pub async fn finish(&self, begun: Begun, answer: &HashMap<String, String>) -> Result<SignedIn, Trouble> {
        if answer.get("state") != Some(begun.state.secret()) {
            return Err(Trouble::NotOurs);
        }
        // RFC 9207 section 2.4: a response of another issuer is rejected
        if answer.get("iss") != Some(&self.issuer) {
            return Err(Trouble::NotVerified(
                "the answer does not name the issuer that was asked".to_owned(),
            ));
        }
        if let Some(code) = answer.get("error") {
            let words = answer.get("error_description").cloned().unwrap_or_default();
            return Err(Trouble::Refused { code: code.clone(), words });
        }
        let Some(code) = answer.get("code") else { return Err(Trouble::NotOurs) };
        let (client, _) = self.discover().await?;
        let tokens = client
            .exchange_code(AuthorizationCode::new(code.clone()))
            .map_err(not_verified)?
            .set_pkce_verifier(PkceCodeVerifier::new(begun.verifier))
            .request_async(&self.http())
            .await
            .map_err(token_trouble)?;
        SignedIn::verified(&client, &tokens, &begun.nonce)
    }

    /// New tokens; the person must still be the same.
    pub async fn refresh(&self, before: &SignedIn) -> Result<SignedIn, Trouble> {
        let (client, _) = self.discover().await?;
        let Some(token) = &before.refresh_token else {
            let words = "There is no refresh token: offline_access was not granted.".to_owned();
            return Err(Trouble::Refused { code: "invalid_grant".to_owned(), words });
        };
        let tokens = client
            .exchange_refresh_token(token)
            .map_err(not_verified)?
            .request_async(&self.http())
            .await
            .map_err(token_trouble)?;
        // OpenID Connect Core 12.2: a refreshed ID token needs no nonce; its subject must be the same
        let mut after = SignedIn::verified(&client, &tokens, |_: Option<&Nonce>| Ok(()))?;
        if after.subject != before.subject {
            return Err(Trouble::NotVerified("the refreshed ID token is about somebody else".to_owned()));
        }
        after.refresh_token = after.refresh_token.or_else(|| before.refresh_token.clone());
        after.refreshed = before.refreshed + 1;
        Ok(after)
    }

    pub async fn userinfo(&self, signed_in: &SignedIn) -> Result<Map<String, Value>, Trouble> {
        let (client, _) = self.discover().await?;
        let claims: UserInfoClaims<More, CoreGenderClaim> = client
            .user_info(signed_in.access_token.clone(), Some(signed_in.subject.clone()))
            .map_err(not_verified)?
            .request_async(&self.http())
            .await
            .map_err(|error| match error {
                openidconnect::UserInfoError::Request(cause) => Trouble::Away(cause.to_string()),
                openidconnect::UserInfoError::Response(status, ..) if status == StatusCode::UNAUTHORIZED => {
                    let words = "The access token is no longer accepted: refresh, then ask again.".to_owned();
                    Trouble::Refused { code: "invalid_token".to_owned(), words }
                }
                other => not_verified(other),
            })?;
        object(serde_json::to_value(claims))
    }

    /// The URL that ends the session everywhere, and the state that comes back.
    pub async fn sign_out(&self, signed_in: &SignedIn) -> Result<(Url, String), Trouble> {
        let (_, metadata) = self.discover().await?;
        let Some(endpoint) = metadata.additional_metadata().end_session_endpoint.clone() else {
            return Err(Trouble::NotVerified("the provider announces no end_session_endpoint".to_owned()));
        };
        let state = CsrfToken::new_random();
        let url = LogoutRequest::from(endpoint)
            .set_id_token_hint(&signed_in.id_token)
            .set_client_id(self.id.clone())
            .set_post_logout_redirect_uri(self.signed_out.clone())
            .set_state(state.clone())
            .http_get_url();
        Ok((url, state.into_secret()))
    }

    /// Fetched each time, so that neither start order nor a key rotation matters here.
    async fn discover(&self) -> Result<(OurClient, ProviderMetadataWithLogout), Trouble> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(not_verified)?;
        let metadata =
            ProviderMetadataWithLogout::discover_async(issuer, &self.http()).await.map_err(|error| {
                match error {
                    openidconnect::DiscoveryError::Validation(words) => Trouble::NotVerified(words),
                    other => Trouble::Away(other.to_string()),
                }
            })?;
        let client =
            Client::from_provider_metadata(metadata.clone(), self.id.clone(), Some(self.secret.clone()))
                .set_redirect_uri(self.callback.clone());
        Ok((client, metadata))
    }

    /// The HTTP client that `openidconnect` uses.
    fn http(&self) -> impl Fn(HttpRequest) -> Answer + Send + Sync + use<> {
        let http = self.http.clone();
        move |request| Box::pin(send(http.clone(), request))
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<HttpResponse, reqwest::Error>> + Send>>;

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}

impl SignedIn {
    fn verified(client: &OurClient, tokens: &Tokens, nonce: impl NonceVerifier) -> Result<Self, Trouble> {
        let id_token =
            tokens.id_token().ok_or_else(|| Trouble::NotVerified("there is no ID token".to_owned()))?;
        let verifier = client.id_token_verifier().set_allowed_algs([
            CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
            CoreJwsSigningAlgorithm::EcdsaP256Sha256,
            CoreJwsSigningAlgorithm::EdDsa,
        ]);
        let claims = id_token.claims(&verifier, nonce).map_err(not_verified)?;
        let algorithm = id_token.signing_alg().map_err(not_verified)?;
        if let Some(expected) = claims.access_token_hash() {
            let key = id_token.signing_key(&verifier).map_err(not_verified)?;
            let actual =
                AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(not_verified)?;
            if actual != *expected {
                return Err(Trouble::NotVerified(
                    "the access token is not the one that was signed for".to_owned(),
                ));
            }
        }
        Ok(Self {
            claims: object(serde_json::to_value(claims))?,
            algorithm: serde_json::to_value(algorithm)
                .ok()
                .and_then(|name| Some(name.as_str()?.to_owned()))
                .unwrap_or_default(),
            access_seconds: tokens.expires_in().map(|time| time.as_secs()),
            scopes: tokens.scopes().into_iter().flatten().map(|scope| (**scope).clone()).collect(),
            refreshed: 0,
            userinfo: None,
            subject: claims.subject().clone(),
            id_token: id_token.clone(),
            access_token: tokens.access_token().clone(),
            refresh_token: tokens.refresh_token().cloned(),
        })
    }
}

fn object(value: serde_json::Result<Value>) -> Result<Map<String, Value>, Trouble> {
    match value {
        Ok(Value::Object(map)) => Ok(map),
        _ => Err(Trouble::NotVerified("the claims are no JSON object".to_owned())),
    }
}

fn not_verified(error: impl std::error::Error) -> Trouble {
    Trouble::NotVerified(error.to_string())
}

fn token_trouble(
    error: RequestTokenError<reqwest::Error, StandardErrorResponse<CoreErrorResponseType>>,
) -> Trouble {
    match error {
        RequestTokenError::ServerResponse(answer) => Trouble::Refused {
            code: answer.error().as_ref().to_owned(),
            words: answer.error_description().cloned().unwrap_or_default(),
        },
        RequestTokenError::Request(cause) => Trouble::Away(cause.to_string()),
        other => Trouble::NotVerified(other.to_string()),
    }
}
