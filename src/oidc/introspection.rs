//! The response to a question about a token (RFC 7662 section 2.2).

use serde::Serialize;

use super::claims::{AccessTokenClaims, ClientTokenClaims, seconds};
use super::hint::Audience;
use super::scope::ScopeSet;
use crate::domain::grant::Grant;

/// The response. Of a token that is not active it says nothing else, not even why.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Introspection {
    active: bool,
    #[serde(flatten)]
    token: Option<ActiveToken>,
}

impl Introspection {
    /// Of a token that is unknown, has ended, or is not for the client that asks.
    pub const INACTIVE: Self = Self { active: false, token: None };
}

impl From<Option<ActiveToken>> for Introspection {
    fn from(token: Option<ActiveToken>) -> Self {
        Self { active: token.is_some(), token }
    }
}

/// What the response says of an active token. There is no email address or name here: they are at userinfo.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ActiveToken {
    scope: ScopeSet,
    client_id: String,
    iss: String,
    sub: String,
    aud: Audience,
    exp: i64,
    iat: i64,
    /// `Bearer`, of access tokens only: whoever checks it takes no refresh token for one.
    #[serde(skip_serializing_if = "Option::is_none")]
    token_type: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    jti: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    username: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sid: Option<String>,
    /// When the person typed the password (RFC 9470 section 6.2).
    #[serde(skip_serializing_if = "Option::is_none")]
    auth_time: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    acr: Option<String>,
}

impl ActiveToken {
    /// The access token of a person, with the scope that counts now.
    #[must_use]
    pub fn access(claims: AccessTokenClaims, scope: ScopeSet, username: Option<String>) -> Self {
        Self {
            scope,
            client_id: claims.client_id,
            iss: claims.iss,
            sub: claims.sub,
            aud: claims.aud,
            exp: claims.exp,
            iat: claims.iat,
            token_type: Some("Bearer"),
            jti: Some(claims.jti),
            username,
            sid: Some(claims.sid),
            auth_time: Some(claims.auth_time),
            acr: Some(claims.acr),
        }
    }

    /// The access token of a client itself.
    #[must_use]
    pub fn client(claims: ClientTokenClaims) -> Self {
        Self {
            scope: claims.scope,
            client_id: claims.client_id,
            iss: claims.iss,
            sub: claims.sub,
            aud: claims.aud,
            exp: claims.exp,
            iat: claims.iat,
            token_type: Some("Bearer"),
            jti: Some(claims.jti),
            username: None,
            sid: None,
            auth_time: None,
            acr: None,
        }
    }

    /// The current refresh token of a grant, with the scope that counts now.
    #[must_use]
    pub fn refresh(issuer: &str, grant: &Grant, scope: ScopeSet) -> Self {
        Self {
            scope,
            client_id: grant.client_id.clone(),
            iss: issuer.to_owned(),
            sub: grant.evidence.account.0.clone(),
            aud: Audience::One(issuer.to_owned()),
            exp: seconds(grant.expires_at.min(grant.refresh_expires_at)),
            iat: seconds(grant.refresh_rotated_at.unwrap_or(grant.created_at)),
            token_type: None,
            jti: None,
            username: None,
            sid: Some(grant.sid.clone()),
            auth_time: Some(seconds(grant.evidence.auth_time)),
            acr: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::evidence::{Evidence, Method};
    use crate::domain::grant::GrantId;

    fn written(token: Option<ActiveToken>) -> Value {
        serde_json::to_value(Introspection::from(token)).unwrap()
    }

    #[test]
    fn of_an_inactive_token_nothing_else_is_said() {
        assert_eq!(written(None), json!({ "active": false }));
    }

    #[test]
    fn an_access_token_says_what_its_claims_say_but_for_the_grant() {
        let claims = AccessTokenClaims {
            iss: "https://idp".into(),
            sub: "7".into(),
            aud: Audience::One("https://idp".into()),
            exp: 20,
            iat: 10,
            jti: "j".into(),
            client_id: "cloudsync".into(),
            scope: ScopeSet::known_in("openid email"),
            auth_time: 5,
            acr: "sfa".into(),
            amr: vec!["pwd".into()],
            sid: "s".into(),
            grant_id: "g".into(),
        };
        let token = ActiveToken::access(claims, ScopeSet::known_in("openid"), Some("alice".into()));
        let expected = json!({
            "active": true, "scope": "openid", "client_id": "cloudsync", "iss": "https://idp", "sub": "7",
            "aud": "https://idp", "exp": 20, "iat": 10, "token_type": "Bearer", "jti": "j",
            "username": "alice", "sid": "s", "auth_time": 5, "acr": "sfa",
        });
        assert_eq!(written(Some(token)), expected);
    }

    #[test]
    fn a_refresh_token_ends_with_its_family_or_unused_and_has_no_type() {
        let evidence = Evidence {
            account: AccountId("7".into()),
            methods: vec![Method::Pwd],
            auth_time: 5_000,
            account_generation: 1,
            policy_generation: 1,
            password_set_at: None,
        };
        let mut grant = Grant {
            id: GrantId("g".into()),
            client_id: "cloudsync".into(),
            sid: "s".into(),
            scope: "openid offline_access".into(),
            claims: None,
            groups: Vec::new(),
            evidence,
            created_at: 10_000,
            expires_at: 90_000,
            refresh_hash: None,
            refresh_expires_at: 30_000,
            refresh_rotated_at: None,
            revoked_at: None,
        };
        let said = |grant: &Grant| written(Some(ActiveToken::refresh("https://idp", grant, ScopeSet::all())));
        let first = said(&grant);
        assert_eq!((&first["iat"], &first["exp"]), (&json!(10), &json!(30)));
        assert!(first.get("token_type").is_none() && first.get("username").is_none(), "{first}");
        (grant.refresh_rotated_at, grant.refresh_expires_at) = (Some(80_000), 100_000);
        let last = said(&grant);
        assert_eq!((&last["iat"], &last["exp"]), (&json!(80), &json!(90)));
    }
}
