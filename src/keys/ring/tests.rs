//! Tokens: ours verify, for us and for others by the published keys; all others fail.

use jsonwebtoken::jwk::JwkSet;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use proptest::prelude::*;
use std::sync::LazyLock;

use super::*;

static RING: LazyLock<KeyRing> = LazyLock::new(|| ring(&sealer()));

fn sealer() -> Sealer {
    Sealer::new(&[7; 32]).expect("a sealer")
}

fn records(sealer: &Sealer) -> Vec<KeyRecord> {
    let states = [KeyState::Current, KeyState::Next];
    let wanted = SigningAlgorithm::ALL.into_iter().flat_map(|alg| states.map(|state| (alg, state)));
    wanted.map(|(alg, state)| KeyRecord::generate(alg, state, sealer, 5).expect("a key")).collect()
}

fn ring(sealer: &Sealer) -> KeyRing {
    KeyRing::open(3, &records(sealer), sealer).expect("it opens")
}

#[test]
fn what_is_signed_verifies_and_comes_back() {
    for alg in SigningAlgorithm::ALL {
        let token = RING.sign(alg, "JWT", br#"{"sub":"alice","exp":1}"#).expect("it signs");
        let claims = RING.verify(&token, "JWT").expect("it is ours, and time is not its business");
        assert_eq!(claims, br#"{"sub":"alice","exp":1}"#);
        assert_eq!(RING.verify(&token, "at+jwt"), Err(VerifyError::WrongType));
        let others = ring(&sealer());
        assert_eq!(others.verify(&token, "JWT"), Err(VerifyError::UnknownKey));
    }
}

#[test]
fn others_verify_our_tokens_by_the_published_keys() {
    let jwks: JwkSet = serde_json::from_str(RING.jwks()).expect("a key set");
    assert_eq!(jwks.keys.len(), 6);
    let algorithms = [Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA];
    for (ours, theirs) in SigningAlgorithm::ALL.into_iter().zip(algorithms) {
        let token = RING.sign(ours, "at+jwt", br#"{"sub":"alice"}"#).expect("it signs");
        let header = jsonwebtoken::decode_header(&token).expect("a header");
        assert_eq!((header.alg, header.typ.as_deref()), (theirs, Some("at+jwt")));
        let key = jwks.find(&header.kid.expect("a kid")).expect("it is published");
        let mut validation = Validation::new(theirs);
        validation.required_spec_claims.clear();
        validation.validate_exp = false;
        let key = DecodingKey::from_jwk(key).expect("a usable key");
        let claims =
            jsonwebtoken::decode::<serde_json::Value>(&token, &key, &validation).expect("it verifies");
        assert_eq!(claims.claims["sub"], "alice");
    }
}

#[test]
fn a_kid_is_the_thumbprint_that_others_compute() {
    let jwks: JwkSet = serde_json::from_str(RING.jwks()).expect("a key set");
    for key in &jwks.keys {
        let thumbprint = key.thumbprint(jsonwebtoken::jwk::ThumbprintHash::SHA256).expect("a digest");
        assert_eq!(key.common.key_id.as_deref(), Some(thumbprint.as_str()));
        assert_eq!(key.common.public_key_use, Some(jsonwebtoken::jwk::PublicKeyUse::Signature));
    }
    assert!(!RING.jwks().contains("\"d\""), "nothing private");
}

#[test]
fn a_token_that_chooses_its_own_algorithm_is_refused() {
    let token = RING.sign(SigningAlgorithm::RS256, "JWT", b"{}").expect("it signs");
    let kid = jsonwebtoken::decode_header(&token).expect("a header").kid.expect("a kid");
    let claims = URL_SAFE_NO_PAD.encode("{}");
    for alg in ["none", "None", "HS256", "ES256", "PS256", "EdDSA"] {
        let header = URL_SAFE_NO_PAD.encode(format!(r#"{{"alg":"{alg}","typ":"JWT","kid":"{kid}"}}"#));
        for signature in ["", "AAAA", token.rsplit('.').next().expect("a signature")] {
            let forged = format!("{header}.{claims}.{signature}");
            assert_eq!(RING.verify(&forged, "JWT"), Err(VerifyError::UnknownKey), "{alg}");
        }
    }
}

#[test]
fn only_the_current_key_signs() {
    let sealer = sealer();
    let next = KeyRecord::generate(SigningAlgorithm::ES256, KeyState::Next, &sealer, 5).expect("a key");
    let ring = KeyRing::open(0, &[next], &sealer).expect("it opens");
    let refused = ring.sign(SigningAlgorithm::ES256, "JWT", b"{}");
    assert!(matches!(refused, Err(KeyError::NoSigningKey(SigningAlgorithm::ES256))));
}

#[test]
fn a_retired_key_still_verifies() {
    let sealer = sealer();
    let mut records = records(&sealer);
    let before = KeyRing::open(0, &records, &sealer).expect("it opens");
    let token = before.sign(SigningAlgorithm::EdDSA, "JWT", b"{}").expect("it signs");
    for record in &mut records {
        record.state = if record.state == KeyState::Current { KeyState::Retired } else { KeyState::Current };
    }
    let after = KeyRing::open(1, &records, &sealer).expect("it opens");
    assert!(after.verify(&token, "JWT").is_ok());
    let next = after.sign(SigningAlgorithm::EdDSA, "JWT", b"{}").expect("it signs");
    assert!(before.verify(&next, "JWT").is_ok(), "another process that has not noticed yet");
}

#[test]
fn a_record_under_another_name_or_key_does_not_open() {
    let sealer = sealer();
    let mut record =
        KeyRecord::generate(SigningAlgorithm::ES256, KeyState::Current, &sealer, 5).expect("a key");
    let other = Sealer::new(&[8; 32]).expect("a sealer");
    assert!(matches!(KeyRing::open(0, &[record.clone()], &other), Err(KeyError::UnknownKey(_))));
    record.kid = "another".into();
    assert!(matches!(KeyRing::open(0, &[record], &sealer), Err(KeyError::Unsealable)));
}

proptest! {
    #[test]
    fn no_text_makes_verification_panic(text in any::<String>(), parts in "[A-Za-z0-9_.-]{0,200}") {
        prop_assert!(RING.verify(&text, "JWT").is_err());
        prop_assert!(RING.verify(&parts, "JWT").is_err());
    }

    #[test]
    fn a_changed_token_never_verifies(
        alg in prop::sample::select(SigningAlgorithm::ALL.to_vec()),
        position in any::<prop::sample::Index>(),
        letter in "[A-Za-z0-9_.=-]",
    ) {
        let token = RING.sign(alg, "JWT", br#"{"sub":"alice"}"#).expect("it signs");
        let position = position.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(position..=position, &letter);
        prop_assume!(changed != token);
        prop_assert!(RING.verify(&changed, "JWT").is_err(), "{changed}");
    }
}
