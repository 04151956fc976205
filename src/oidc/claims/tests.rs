//! Tests for claims: which scope gives which, and what is left out.

use serde_json::json;

use super::*;
use crate::domain::account::{AccountId, Profile, Status};
use crate::domain::evidence::Method;
use crate::domain::profile::{ProfileAttribute, ProfileValues};
use crate::oidc::acr::{ACR_ONE_FACTOR, ACR_SEVERAL_FACTORS};

fn account() -> Account {
    Account {
        id: AccountId("42".into()),
        link: None,
        profile: Profile {
            email: "zoe@example.com".into(),
            login_name: Some("zoe".into()),
            attributes: ProfileValues::default()
                .with(ProfileAttribute::Name, "O'Brien, Zoë (Ops)")
                .with(ProfileAttribute::GivenName, "Zoë")
                .with(ProfileAttribute::FamilyName, "")
                .with(ProfileAttribute::PhoneNumber, "+43 1 234")
                .with(ProfileAttribute::Title, "Lead")
                .with(ProfileAttribute::EmployeeNumber, "0042"),
        },
        profile_changed_at: Some(1_700_000_000_999),
        status: Status::Active,
        expires_at: None,
        generation: 1,
        password_changed_at: None,
        seen_at: None,
    }
}

fn evidence(methods: &[Method]) -> Evidence {
    Evidence {
        account: AccountId("42".into()),
        methods: methods.to_vec(),
        auth_time: 1_700_000_000_999,
        account_generation: 1,
        policy_generation: 1,
        password_set_at: None,
    }
}

fn claims_of(scope: &str, account: &Account) -> Value {
    let groups = ["Ops".to_owned(), "Staff".to_owned()];
    let team_shares = ["Press".to_owned()];
    let person =
        ClaimsSubject { account, email_verified: true, groups: &groups, team_shares: Some(&team_shares) };
    serde_json::to_value(UserInfo::new(ClaimSet::of_scopes(ScopeSet::known_in(scope)), &person)).unwrap()
}

#[test]
fn each_scope_shows_its_claims_and_no_others() {
    let account = account();
    let profile = json!({
        "sub": "42", "name": "O'Brien, Zoë (Ops)", "given_name": "Zoë", "preferred_username": "zoe",
        "updated_at": 1_700_000_000,
    });
    let table = [
        ("openid", json!({"sub": "42"})),
        ("openid profile", profile),
        ("openid email", json!({"sub": "42", "email": "zoe@example.com", "email_verified": true})),
        ("openid phone", json!({"sub": "42", "phone_number": "+43 1 234"})),
        ("openid employment", json!({"sub": "42", "title": "Lead", "employeeNumber": "0042"})),
        ("openid groups", json!({"sub": "42", "groups": ["Ops", "Staff"], "team_shares": ["Press"]})),
        ("openid team_shares", json!({"sub": "42", "team_shares": ["Press"]})),
    ];
    for (scope, expected) in table {
        assert_eq!(claims_of(scope, &account), expected, "{scope}");
    }
    let nameless = Account { profile: Profile::default(), profile_changed_at: None, ..account };
    assert_eq!(claims_of("openid profile email", &nameless), json!({"sub": "42"}));
}

fn both_tokens(client: &Client, methods: &[Method], nonce: Option<&str>) -> (Value, AccessTokenClaims) {
    let (account, evidence, grant) = (account(), evidence(methods), GrantId("g1".into()));
    let issuing = Issuing {
        issuer: "https://idp.example.com",
        client,
        grant: &grant,
        sid: "s1",
        evidence: &evidence,
        level: evidence.level(),
        scope: ScopeSet::known_in("openid email"),
        named: NamedClaims { id_token: ClaimSet::known(["name"]), userinfo: ClaimSet::known(["groups"]) },
        now: 1_700_000_100_500,
    };
    let person = ClaimsSubject { account: &account, email_verified: false, groups: &[], team_shares: None };
    let id_token = IdTokenPayload::new(
        &issuing,
        &person,
        nonce.map(Into::into),
        "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y",
        600_000,
    );
    (serde_json::to_value(id_token).unwrap(), AccessTokenClaims::new(&issuing, "j1".into(), 300_000))
}

#[test]
fn an_id_token_names_person_time_and_methods() {
    let client = Client { client_id: "cloudsync".into(), ..Client::default() };
    let (id_token, _) = both_tokens(&client, &[Method::Pwd], Some("n"));
    let expected = json!({
        "iss": "https://idp.example.com", "sub": "42", "aud": "cloudsync", "exp": 1_700_000_700, "iat": 1_700_000_100,
        "auth_time": 1_700_000_000, "nonce": "n", "acr": ACR_ONE_FACTOR, "amr": ["pwd"],
        "at_hash": "77QmUPtjPfzWtF2AnpK9RQ", "sid": "s1", "email": "zoe@example.com", "email_verified": false,
        "name": "O'Brien, Zoë (Ops)",
    });
    assert_eq!(id_token, expected);
    assert_eq!(both_tokens(&client, &[Method::Pwd], None).0.get("nonce"), None);
}

#[test]
fn a_client_may_have_its_scopes_claims_at_userinfo_alone() {
    let client = Client { id_token_claims: InIdToken::Requested, ..Client::default() };
    let (id_token, _) = both_tokens(&client, &[Method::Pwd], None);
    assert_eq!((id_token.get("email"), id_token["name"].as_str()), (None, Some("O'Brien, Zoë (Ops)")));
    let narrow = Client { scope: "openid email".into(), ..client };
    let (id_token, _) = both_tokens(&narrow, &[Method::Pwd], None);
    assert_eq!(id_token.get("name"), None, "the client was not given the scope of that claim");
}

#[test]
fn amr_and_acr_distinguish_one_factor_from_several() {
    let (id_token, access_token) = both_tokens(&Client::default(), &[Method::Pwd, Method::Otp], None);
    assert_eq!(id_token["amr"], json!(["pwd", "otp", "mfa"]));
    assert_eq!(access_token.acr, ACR_SEVERAL_FACTORS);
}

// The first value is from OpenID Connect Core appendix A.3.
#[test]
fn the_hash_of_the_access_token_is_half_of_the_algorithms_own() {
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    assert_eq!(at_hash(token, SigningAlgorithm::RS256), "77QmUPtjPfzWtF2AnpK9RQ");
    assert_eq!(at_hash(token, SigningAlgorithm::ES256), "77QmUPtjPfzWtF2AnpK9RQ");
    let long = BASE64_URL_SAFE_NO_PAD.decode(at_hash(token, SigningAlgorithm::EdDSA)).unwrap();
    assert_eq!(long, digest(&SHA512, token.as_bytes()).as_ref()[..32]);
}

#[test]
fn an_access_token_has_the_claims_of_rfc_9068_and_no_personal_data() {
    let client = Client { client_id: "cloudsync".into(), ..Client::default() };
    let (_, access_token) = both_tokens(&client, &[Method::Pwd], Some("n"));
    let written = serde_json::to_value(&access_token).unwrap();
    let expected = json!({
        "iss": "https://idp.example.com", "sub": "42", "aud": "https://idp.example.com", "exp": 1_700_000_400,
        "iat": 1_700_000_100, "jti": "j1", "client_id": "cloudsync", "scope": "openid email", "auth_time": 1_700_000_000,
        "acr": ACR_ONE_FACTOR, "amr": ["pwd"], "sid": "s1", "grant_id": "g1",
    });
    assert_eq!(written, expected);
    assert_eq!(serde_json::from_value::<AccessTokenClaims>(written).unwrap(), access_token);
}

#[test]
fn userinfo_accepts_only_our_own_valid_tokens() {
    let (_, good) = both_tokens(&Client::default(), &[Method::Pwd], None);
    let issuer = "https://idp.example.com";
    let (last, end) = (1_700_000_399_999, 1_700_000_400_000);
    assert_eq!(good.check(issuer, last, OAuthScope::OpenId), Ok(()));
    assert_eq!(good.check(issuer, end, OAuthScope::OpenId), Err(BearerError::InvalidToken));
    assert_eq!(good.check("https://other", last, OAuthScope::OpenId), Err(BearerError::InvalidToken));
    let elsewhere = AccessTokenClaims { aud: Audience::One("https://api".into()), ..good.clone() };
    assert_eq!(elsewhere.check(issuer, last, OAuthScope::OpenId), Err(BearerError::InvalidToken));
    let narrow = AccessTokenClaims { scope: ScopeSet::known_in("email"), ..good };
    assert_eq!(
        narrow.check(issuer, last, OAuthScope::OpenId),
        Err(BearerError::InsufficientScope(OAuthScope::OpenId))
    );
}

#[test]
fn a_token_of_a_client_is_no_token_of_a_person() {
    let issuer = "https://idp.example.com";
    let claims = ClientTokenClaims::new(issuer, "script", "digest", "j".into(), 1_000 * SECOND, 60 * SECOND);
    assert_eq!(claims.check(issuer, 1_059 * SECOND), Ok(()));
    for (issuer, now) in [(issuer, 1_060 * SECOND), ("https://other.example", 1_000 * SECOND)] {
        assert_eq!(claims.check(issuer, now), Err(BearerError::InvalidToken), "{issuer} {now}");
    }
    assert!(claims.is_for_secret("digest") && !claims.is_for_secret("of another secret"));
    let other = ClientTokenClaims { sub: "ada".into(), ..claims.clone() };
    assert_eq!(other.check(issuer, 1_000 * SECOND), Err(BearerError::InvalidToken));
    let json = serde_json::to_string(&claims).expect("it is written");
    assert!(serde_json::from_str::<AccessTokenClaims>(&json).is_err(), "it has no grant");
    let person = json.replace("\"jti\"", "\"grant_id\":\"g\",\"jti\"");
    assert!(serde_json::from_str::<ClientTokenClaims>(&person).is_err(), "it has a grant");
}
