//! The relying party of Test SSO: the `openidconnect` crate makes all requests and checks, as a real
//! application does. Its requests are answered in this process.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use openidconnect::core::{
    CoreAuthPrompt, CoreAuthenticationFlow, CoreClient, CoreGenderClaim, CoreIdToken, CoreIdTokenClaims,
    CoreProviderMetadata, CoreTokenResponse,
};
use openidconnect::{
    AccessTokenHash, AdditionalClaims, AuthorizationCode, ClientId, ClientSecret, CsrfToken,
    EndpointMaybeSet, EndpointNotSet, EndpointSet, HttpRequest, HttpResponse, IssuerUrl, Nonce,
    OAuth2TokenResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, Scope, SubjectIdentifier,
    TokenResponse, UserInfoClaims,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::domain::client::TEST_CLIENT_ID;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::test_sso;
use crate::flow::installation::causes::Causes;
use crate::flow::installation::context::Visit;
use crate::flow::installation::fault::Fault;
use crate::web::admin::pages::{Stopped, TestReport, TestStep};
use crate::web::in_process::{self, InProcessError};
use crate::web::state::Web;

type Party = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

/// The longest part of a foreign text that is shown.
const LONGEST_TEXT: usize = 300;

/// Every claim that the crate has no field for.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct AllClaims {
    #[serde(flatten)]
    all: Map<String, Value>,
}

impl AdditionalClaims for AllClaims {}

/// What is kept until the answer comes.
#[derive(Serialize, Deserialize)]
struct Kept {
    nonce: String,
    verifier: String,
}

/// A test that has begun.
pub(super) struct BegunTest {
    /// Where the browser goes.
    pub url: String,
    pub state: String,
    pub content: Vec<u8>,
}

/// The parameters of the redirect back.
pub(super) struct Answer<'a> {
    pub code: &'a str,
    pub iss: &'a str,
    pub error: &'a str,
    pub description: &'a str,
}

/// A relying party for one request of an admin.
pub(super) struct RelyingParty<'a> {
    web: &'a Web,
    visit: &'a Visit,
}

impl<'a> RelyingParty<'a> {
    pub(super) const fn new(web: &'a Web, visit: &'a Visit) -> Self {
        Self { web, visit }
    }

    /// Discovers the provider and makes an authorization request: always with a sign-in, so that the test
    /// shows what a person would go through.
    pub(super) async fn begin(&self) -> Result<BegunTest, TestReport> {
        let mut report = TestReport::default();
        let Ok(party) = self.discover(&mut report).await else { return Err(report) };
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let flow = CoreAuthenticationFlow::AuthorizationCode;
        let (url, state, nonce) = party
            .authorize_url(flow, CsrfToken::new_random, Nonce::new_random)
            .add_scopes(["profile", "email", "groups"].map(|scope| Scope::new(scope.to_owned())))
            .add_prompt(CoreAuthPrompt::Login)
            .set_pkce_challenge(challenge)
            .url();
        let kept = Kept { nonce: nonce.secret().clone(), verifier: verifier.into_secret() };
        // Two texts can always be written.
        let content = serde_json::to_vec(&kept).unwrap_or_default();
        Ok(BegunTest { url: url.to_string(), state: state.into_secret(), content })
    }

    /// Takes the answer of the sign-in through all steps that follow.
    pub(super) async fn finish(
        &self,
        admin: &CheckedAdmin,
        answer: &Answer<'_>,
        content: &[u8],
    ) -> Result<TestReport, Fault> {
        let (mut report, mut tokens) = (TestReport::default(), None);
        let walked = self.walk(&mut report, &mut tokens, answer, content).await;
        if let Some(tokens) = &tokens {
            self.revoke(&mut report, admin, tokens).await?;
        }
        let subject = report.subject.as_deref();
        tracing::info!(id = %self.visit.attempt_id, passed = walked.is_ok(), subject, "single sign-on was tested");
        Ok(report)
    }

    async fn walk(
        &self,
        report: &mut TestReport,
        tokens: &mut Option<CoreTokenResponse>,
        answer: &Answer<'_>,
        content: &[u8],
    ) -> Result<(), Stopped> {
        let party = self.discover(report).await?;
        let kept = serde_json::from_slice::<Kept>(content)
            .map_err(|_| report.stopped(TestStep::Authorization, "the request of this test can't be read"))?;
        report.passed(TestStep::Authorization, ["response_type=code, prompt=login, PKCE with S256, a nonce"]);
        let code = self.code(report, answer)?;
        let exchanged = self.exchange(&party, code, &kept).await;
        let exchanged = exchanged.map_err(|error| report.stopped(TestStep::Exchange, error))?;
        let seconds = exchanged.expires_in().unwrap_or_default().as_secs();
        let evidence = format!("client_secret_basic; an access token for {seconds} seconds, and an ID token");
        report.passed(TestStep::Exchange, [evidence]);
        let response = tokens.insert(exchanged);
        self.verify(report, &party, response, kept.nonce)?;
        self.read(report, &party, response).await
    }

    async fn discover(&self, report: &mut TestReport) -> Result<Party, Stopped> {
        let parts = &self.web.parts;
        let found = async {
            let issuer = IssuerUrl::new(parts.issuer.to_string()).map_err(|error| error.to_string())?;
            let own = format!("{}{}", parts.issuer, super::CALLBACK);
            let callback = RedirectUrl::new(own).map_err(|error| error.to_string())?;
            Ok((self.metadata(issuer).await?, callback))
        };
        let found: Result<_, String> = found.await;
        let (metadata, callback) = found.map_err(|error| report.stopped(TestStep::Discovery, error))?;
        let keys = metadata.jwks().keys().len();
        let evidence = [format!("issuer {}", metadata.issuer().as_str()), format!("{keys} signing keys")];
        report.passed(TestStep::Discovery, evidence);
        let secret = ClientSecret::new(test_sso::client_secret(parts).expose().to_owned());
        let id = ClientId::new(TEST_CLIENT_ID.to_owned());
        let party = CoreClient::from_provider_metadata(metadata, id, Some(secret));
        Ok(party.set_redirect_uri(callback))
    }

    /// The code of an answer from our issuer (RFC 9207). Its `state` is that of a test of this session, or it
    /// would not have come this far.
    fn code(&self, report: &mut TestReport, answer: &Answer<'_>) -> Result<AuthorizationCode, Stopped> {
        let brief = |text: &str| text.chars().take(LONGEST_TEXT).collect::<String>();
        if *answer.iss != *self.web.parts.issuer {
            let evidence = format!("iss is {:?}, not {:?}", brief(answer.iss), self.web.parts.issuer);
            return Err(report.stopped(TestStep::Answer, evidence));
        }
        if !answer.error.is_empty() || answer.code.is_empty() {
            let evidence = format!("error {:?}: {}", brief(answer.error), brief(answer.description));
            return Err(report.stopped(TestStep::Answer, evidence));
        }
        report.passed(TestStep::Answer, ["a code; state and iss are those of this test"]);
        Ok(AuthorizationCode::new(answer.code.to_owned()))
    }

    fn verify(
        &self,
        report: &mut TestReport,
        party: &Party,
        tokens: &CoreTokenResponse,
        nonce: String,
    ) -> Result<(), Stopped> {
        let now = Duration::from_millis(self.web.parts.now().unsigned_abs());
        let verified = verified(party, tokens, nonce, now);
        let (claims, evidence) = verified.map_err(|error| report.stopped(TestStep::IdToken, error))?;
        report.passed(TestStep::IdToken, [evidence]);
        report.subject = Some(claims.subject().to_string());
        if let Some(payload) = tokens.id_token().and_then(payload) {
            report.take_id_token(&payload);
        }
        Ok(())
    }

    async fn read(
        &self,
        report: &mut TestReport,
        party: &Party,
        tokens: &CoreTokenResponse,
    ) -> Result<(), Stopped> {
        let subject = report.subject.clone().unwrap_or_default();
        let found = self.userinfo(party, tokens, subject).await;
        let found = found.map_err(|error| report.stopped(TestStep::UserInfo, error))?;
        report.passed(TestStep::UserInfo, ["sub is that of the ID token"]);
        if let Ok(Value::Object(claims)) = serde_json::to_value(&found) {
            report.take_userinfo(&claims);
        }
        Ok(())
    }

    async fn userinfo(
        &self,
        party: &Party,
        tokens: &CoreTokenResponse,
        subject: String,
    ) -> Result<UserInfoClaims<AllClaims, CoreGenderClaim>, String> {
        let request = party.user_info(tokens.access_token().clone(), Some(SubjectIdentifier::new(subject)));
        let request = request.map_err(|error| error.to_string())?;
        let http = self.http();
        // In a box of its own, like the others: the compiler can't follow the lifetimes of the crate's futures.
        let answered =
            async move { request.request_async(&http).await.map_err(|error| Causes(&error).to_string()) };
        answered.boxed().await
    }

    /// Revokes the tokens, and asks with the access token once more.
    async fn revoke(
        &self,
        report: &mut TestReport,
        admin: &CheckedAdmin,
        tokens: &CoreTokenResponse,
    ) -> Result<(), Fault> {
        let token = tokens.access_token().secret();
        let revoked = test_sso::revoke(&self.web.parts, self.visit, admin, token).await?;
        let Ok(party) = self.discover(&mut TestReport::default()).await else { return Ok(()) };
        let subject = report.subject.clone().unwrap_or_default();
        match self.userinfo(&party, tokens, subject).await {
            Err(_) if revoked => {
                report.passed(TestStep::Revocation, ["userinfo refuses the access token now"])
            }
            _ => report.failed(TestStep::Revocation, "the access token is still accepted"),
        }
        Ok(())
    }

    fn http(&self) -> impl Fn(HttpRequest) -> InProcess + Send + Sync + 'static {
        let (web, visit) = (self.web.clone(), self.visit.clone());
        move |request| {
            let (web, visit) = (web.clone(), visit.clone());
            async move { in_process::call(&web, &visit, request).await }.boxed()
        }
    }

    async fn exchange(
        &self,
        party: &Party,
        code: AuthorizationCode,
        kept: &Kept,
    ) -> Result<CoreTokenResponse, String> {
        let (party, http) = (party.clone(), self.http());
        let verifier = PkceCodeVerifier::new(kept.verifier.clone());
        let answered = async move {
            let request = party.exchange_code(code).map_err(|error| error.to_string())?;
            let request = request.set_pkce_verifier(verifier);
            request.request_async(&http).await.map_err(|error| Causes(&error).to_string())
        };
        answered.boxed().await
    }

    async fn metadata(&self, issuer: IssuerUrl) -> Result<CoreProviderMetadata, String> {
        let http = self.http();
        let answered = async move { CoreProviderMetadata::discover_async(issuer, &http).await };
        answered.boxed().await.map_err(|error| Causes(&error).to_string())
    }
}

/// An answer of this process.
type InProcess = BoxFuture<'static, Result<HttpResponse, InProcessError>>;

/// The claims of the ID token if it is genuine, and what was checked.
fn verified(
    party: &Party,
    tokens: &CoreTokenResponse,
    nonce: String,
    now: Duration,
) -> Result<(CoreIdTokenClaims, String), String> {
    let verifier = party.id_token_verifier().set_time_fn(move || (UNIX_EPOCH + now).into());
    let id_token = tokens.id_token().ok_or("there is no ID token in the answer")?;
    let claims = id_token.claims(&verifier, &Nonce::new(nonce)).map_err(|error| error.to_string())?;
    let algorithm = id_token.signing_alg().map_err(|error| error.to_string())?;
    let key = id_token.signing_key(&verifier).map_err(|error| error.to_string())?;
    let hash = AccessTokenHash::from_token(tokens.access_token(), algorithm, key);
    let hash = hash.map_err(|error| error.to_string())?;
    if claims.access_token_hash() != Some(&hash) {
        return Err("at_hash is not that of the access token".to_owned());
    }
    let evidence =
        format!("signed with {algorithm:?}; iss, aud, exp, nonce and at_hash are right for this test");
    Ok((claims.clone(), evidence))
}

/// All claims of an ID token that was verified: the crate keeps only those that it knows.
fn payload(id_token: &CoreIdToken) -> Option<Map<String, Value>> {
    let token = id_token.to_string();
    let payload = token.split('.').nth(1)?;
    serde_json::from_slice(&URL_SAFE_NO_PAD.decode(payload).ok()?).ok()
}
