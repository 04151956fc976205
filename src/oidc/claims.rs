//! The content of tokens and userinfo. Claims of a scope go to userinfo, and also into the ID token unless
//! the client is configured otherwise; claims by name go where the request asked for them. The access token
//! has no personal data.

use aws_lc_rs::digest::{SHA256, SHA512, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use super::acr::acr;
use super::bearer::BearerError;
use super::claim_set::{Claim, ClaimSet, NamedClaims};
use super::hint::Audience;
use super::scope::{OAuthScope, ScopeSet};
use crate::domain::account::Account;
use crate::domain::client::{Client, IdTokenClaimSource as InIdToken, SigningAlgorithm};
use crate::domain::evidence::{Evidence, Level};
use crate::domain::grant::GrantId;
use crate::domain::{Millis, SECOND};

/// What clients may learn about a person.
#[derive(Clone, Copy, Debug)]
pub struct ClaimsSubject<'a> {
    /// Its id is `sub`.
    pub account: &'a Account,
    /// Whether the administrator vouches for the email address.
    pub email_verified: bool,
    /// Names of the person's groups, for the scope `groups`.
    pub groups: &'a [String],
    /// Team Shares, for the scopes `groups` and `team_shares`; `None` if no mappings are configured.
    pub team_shares: Option<&'a [String]>,
}

/// Claims about a person (OpenID Connect Core section 5.1, and our own), by name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct PersonClaims(Map<String, Value>);

impl PersonClaims {
    // OpenID Connect Core section 5.3.2: "If a Claim is not returned, that Claim Name SHOULD be omitted from
    // the JSON object ...; it SHOULD NOT be present with a null or empty string value."
    /// Those of `shown` for which the person has a value.
    #[must_use]
    pub fn new(shown: ClaimSet, person: &ClaimsSubject<'_>) -> Self {
        let claims = Claim::all().filter(|claim| shown.has(*claim));
        Self(claims.filter_map(|claim| Some((claim.as_str().to_owned(), value(claim, person)?))).collect())
    }
}

fn value(claim: Claim, person: &ClaimsSubject<'_>) -> Option<Value> {
    let profile = &person.account.profile;
    let text = |text: Option<&str>| text.filter(|text| !text.is_empty()).map(Value::from);
    match claim {
        Claim::Attribute(attribute) => text(profile.attributes.get(attribute)),
        Claim::PreferredUsername => text(profile.login_name.as_deref()),
        // OpenID Connect Core section 5.1: "the number of seconds from 1970-01-01T00:00:00Z".
        Claim::UpdatedAt => person.account.profile_changed_at.map(|at| seconds(at).into()),
        Claim::Email => text(Some(&profile.email)),
        Claim::EmailVerified => (!profile.email.is_empty()).then_some(person.email_verified.into()),
        Claim::Groups => Some(person.groups.into()),
        Claim::TeamShares => person.team_shares.map(Value::from),
    }
}

/// The claims that this client's ID token contains.
fn in_id_token(issuing: &Issuing<'_>) -> ClaimSet {
    let Issuing { client, scope, named, .. } = *issuing;
    let named = named.id_token.and(ClaimSet::of_scopes(ScopeSet::known_in(&client.scope)));
    match client.id_token_claims {
        InIdToken::Scopes => ClaimSet::of_scopes(scope).or(named),
        InIdToken::Requested => named,
    }
}

/// The common data of an ID token and its access token.
#[derive(Clone, Copy, Debug)]
pub struct Issuing<'a> {
    pub issuer: &'a str,
    pub client: &'a Client,
    pub grant: &'a GrantId,
    pub sid: &'a str,
    /// How the person authenticated.
    pub evidence: &'a Evidence,
    /// The level reported to the client.
    pub level: Level,
    /// The granted scope, or less after a refresh that asked for less.
    pub scope: ScopeSet,
    /// Claims that the authorization request asked for by name.
    pub named: NamedClaims,
    pub now: Millis,
}

/// The payload of an ID token (OpenID Connect Core section 2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct IdTokenPayload {
    iss: String,
    sub: String,
    aud: String,
    exp: i64,
    iat: i64,
    auth_time: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    acr: &'static str,
    amr: Vec<&'static str>,
    at_hash: String,
    sid: String,
    #[serde(flatten)]
    person: PersonClaims,
}

impl IdTokenPayload {
    /// Claims of an ID token that lives for `lifetime` and is issued with `access_token`.
    ///
    /// `nonce` is that of the authorization request; `None` after a refresh (OpenID Connect Core section
    /// 12.2: "it SHOULD NOT have a nonce Claim"). `auth_time` stays that of the sign-in (same section).
    #[must_use]
    pub fn new(
        issuing: &Issuing<'_>,
        person: &ClaimsSubject<'_>,
        nonce: Option<String>,
        access_token: &str,
        lifetime: Millis,
    ) -> Self {
        let Issuing { issuer, client, sid, evidence, level, now, .. } = *issuing;
        Self {
            iss: issuer.to_owned(),
            sub: evidence.account.0.clone(),
            aud: client.client_id.clone(),
            exp: seconds(now + lifetime),
            iat: seconds(now),
            auth_time: seconds(evidence.auth_time),
            nonce,
            acr: acr(level),
            amr: evidence.amr(),
            at_hash: at_hash(access_token, client.id_token_signed_response_alg),
            sid: sid.to_owned(),
            person: PersonClaims::new(in_id_token(issuing), person),
        }
    }
}

/// `typ` in the header of an access token (RFC 9068 section 2.1). It prevents use as an ID token.
pub const ACCESS_TOKEN_TYPE: &str = "at+jwt";

/// The payload of an access token (RFC 9068 section 2.2).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessTokenClaims {
    pub iss: String,
    pub sub: String,
    /// The issuer: see `docs/protocol.md`.
    pub aud: Audience,
    pub exp: i64,
    pub iat: i64,
    /// Different for every token.
    pub jti: String,
    pub client_id: String,
    pub scope: ScopeSet,
    pub auth_time: i64,
    pub acr: String,
    pub amr: Vec<String>,
    pub sid: String,
    /// Revoking the grant makes the token invalid here.
    pub grant_id: String,
}

impl AccessTokenClaims {
    // RFC 9068 section 3: without a `resource` parameter the server "MUST use a default resource indicator in
    // the aud claim". Ours is the issuer. It does not name the client: a client that checks only `aud` must
    // not take an access token for an ID token (RFC 9068 section 5).
    /// Claims of an access token with this unique `jti` that lives for `lifetime`.
    #[must_use]
    pub fn new(issuing: &Issuing<'_>, jti: String, lifetime: Millis) -> Self {
        let Issuing { issuer, client, grant, sid, evidence, level, scope, now, .. } = *issuing;
        Self {
            iss: issuer.to_owned(),
            sub: evidence.account.0.clone(),
            aud: Audience::One(issuer.to_owned()),
            exp: seconds(now + lifetime),
            iat: seconds(now),
            jti,
            client_id: client.client_id.clone(),
            scope,
            auth_time: seconds(evidence.auth_time),
            acr: acr(level).to_owned(),
            amr: evidence.amr().into_iter().map(str::to_owned).collect(),
            sid: sid.to_owned(),
            grant_id: grant.0.clone(),
        }
    }

    /// Checks a token whose signature and `typ` were verified, where this scope is needed.
    ///
    /// # Errors
    /// Not issued by us, expired, or without the scope.
    pub fn check(&self, issuer: &str, now: Millis, needed: OAuthScope) -> Result<(), BearerError> {
        if !self.is_current(issuer, now) {
            return Err(BearerError::InvalidToken);
        }
        if !self.scope.has(needed) {
            return Err(BearerError::InsufficientScope(needed));
        }
        Ok(())
    }

    // RFC 9068 section 4: iss "MUST exactly match", aud must name the resource server, "the current time
    // MUST be before the time represented by the exp claim".
    /// True if a token whose signature and `typ` were verified was issued by us and has not expired.
    #[must_use]
    pub fn is_current(&self, issuer: &str, now: Millis) -> bool {
        self.iss == issuer && self.aud.contains(issuer) && seconds(now) < self.exp
    }
}

/// The payload of the access token of a client itself (RFC 9068 section 2.2: `sub` is the client).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientTokenClaims {
    pub iss: String,
    pub sub: String,
    pub aud: Audience,
    pub exp: i64,
    pub iat: i64,
    pub jti: String,
    pub client_id: String,
    pub scope: ScopeSet,
    /// Identifies the secret that the client has sent for it.
    pub credential: String,
}

impl ClientTokenClaims {
    /// Claims of a token with this unique `jti` that lives for `lifetime`.
    #[must_use]
    pub fn new(
        issuer: &str,
        client_id: &str,
        secret_hash: &str,
        jti: String,
        now: Millis,
        lifetime: Millis,
    ) -> Self {
        Self {
            iss: issuer.to_owned(),
            sub: client_id.to_owned(),
            aud: Audience::One(issuer.to_owned()),
            exp: seconds(now + lifetime),
            iat: seconds(now),
            jti,
            client_id: client_id.to_owned(),
            scope: ScopeSet::from_iter([OAuthScope::Admin]),
            credential: credential(secret_hash),
        }
    }

    /// True if it was issued for the secret with this stored digest.
    #[must_use]
    pub fn is_for_secret(&self, secret_hash: &str) -> bool {
        self.credential == credential(secret_hash)
    }

    /// Checks a token whose signature and `typ` were verified.
    ///
    /// # Errors
    /// Not issued by us, or expired.
    pub fn check(&self, issuer: &str, now: Millis) -> Result<(), BearerError> {
        let ours = self.iss == issuer && self.aud.contains(issuer) && self.sub == self.client_id;
        if ours && seconds(now) < self.exp && self.scope.has(OAuthScope::Admin) {
            return Ok(());
        }
        Err(BearerError::InvalidToken)
    }
}

/// The stored digest is keyed, so nobody can guess a secret by this.
fn credential(secret_hash: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, secret_hash.as_bytes()))
}

/// The userinfo response (OpenID Connect Core section 5.3.2: `sub` "MUST always be returned").
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserInfo {
    sub: String,
    #[serde(flatten)]
    person: PersonClaims,
}

impl UserInfo {
    /// Those of `shown` for which the person has a value, and `sub`.
    #[must_use]
    pub fn new(shown: ClaimSet, person: &ClaimsSubject<'_>) -> Self {
        Self { sub: person.account.id.0.clone(), person: PersonClaims::new(shown, person) }
    }
}

// OpenID Connect Core section 3.1.3.6: "the base64url encoding of the left-most half of the hash of the
// octets of the ASCII representation of the access_token value, where the hash algorithm used is the hash
// algorithm used in the alg Header Parameter of the ID Token's JOSE Header". Ed25519 hashes with SHA-512 (RFC
// 8032 section 5.1).
fn at_hash(access_token: &str, alg: SigningAlgorithm) -> String {
    let algorithm = match alg {
        SigningAlgorithm::RS256 | SigningAlgorithm::ES256 => &SHA256,
        SigningAlgorithm::EdDSA => &SHA512,
    };
    let hash = digest(algorithm, access_token.as_bytes());
    let (left, _) = hash.as_ref().split_at(hash.as_ref().len() / 2);
    BASE64_URL_SAFE_NO_PAD.encode(left)
}

/// Whole seconds since 1970, rounded down (RFC 7519 section 2, `NumericDate`).
pub(super) fn seconds(at: Millis) -> i64 {
    at.div_euclid(SECOND)
}

#[cfg(test)]
mod tests;
