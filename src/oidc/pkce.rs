//! Proof Key for Code Exchange (RFC 7636), S256 only.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;

use super::error::OAuthError;

// RFC 7636 sections 4.1 and 4.2: 43*128unreserved, for the verifier and for the challenge alike.
/// True for a well-formed verifier or challenge.
#[must_use]
pub fn is_well_formed(text: &str) -> bool {
    let unreserved = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
    (43..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// Checks a verifier against the challenge that came with the authorization request.
///
/// # Errors
/// `invalid_grant` if only one of the two is there, or they do not match.
pub fn verify(challenge: Option<&str>, verifier: Option<&str>) -> Result<(), OAuthError> {
    match (challenge, verifier) {
        (None, None) => Ok(()),
        (Some(_), None) => Err(OAuthError::invalid_grant("code_verifier is missing")),
        // RFC 9700 section 2.1.1: the server must accept a verifier only if the authorization request had a
        // challenge. Otherwise an attacker strips the challenge there (section 4.8.2, PKCE downgrade).
        (None, Some(_)) => Err(OAuthError::invalid_grant("code_verifier without a code_challenge")),
        (Some(challenge), Some(verifier)) => verify_s256(challenge, verifier),
    }
}

// RFC 7636 section 4.6: BASE64URL-ENCODE(SHA256(ASCII(code_verifier))) == code_challenge, else
// `invalid_grant`.
fn verify_s256(challenge: &str, verifier: &str) -> Result<(), OAuthError> {
    let made = challenge_of(verifier);
    verify_slices_are_equal(made.as_bytes(), challenge.as_bytes())
        .map_err(|_| OAuthError::invalid_grant("code_verifier does not match"))
}

/// The S256 challenge of a verifier (RFC 7636 section 4.2).
#[must_use]
pub fn challenge_of(verifier: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(digest(&SHA256, verifier.as_bytes()))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::oidc::error::ErrorCode;

    // RFC 7636 appendix B
    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    #[test]
    fn the_vector_of_the_rfc_passes() {
        assert_eq!(challenge_of(VERIFIER), CHALLENGE);
        assert_eq!(verify(Some(CHALLENGE), Some(VERIFIER)), Ok(()));
        assert_eq!(verify(None, None), Ok(()));
    }

    #[test]
    fn one_without_the_other_is_refused() {
        for (challenge, verifier) in
            [(Some(CHALLENGE), None), (None, Some(VERIFIER)), (Some(CHALLENGE), Some(CHALLENGE))]
        {
            assert_eq!(verify(challenge, verifier).unwrap_err().code, ErrorCode::InvalidGrant);
        }
    }

    #[test]
    fn length_and_characters_are_bounded() {
        assert!(is_well_formed(VERIFIER));
        assert!(is_well_formed(&"~".repeat(128)));
        for bad in [&"a".repeat(42), &"a".repeat(129), &format!("{}=", "a".repeat(43)), &"é".repeat(30)] {
            assert!(!is_well_formed(bad), "{bad}");
        }
    }

    proptest! {
        #[test]
        fn only_the_right_verifier_passes(right in "[A-Za-z0-9._~-]{43,128}", other in any::<String>()) {
            let challenge = challenge_of(&right);
            prop_assert!(is_well_formed(&challenge));
            prop_assert!(verify(Some(&challenge), Some(&right)).is_ok());
            prop_assert_eq!(verify(Some(&challenge), Some(&other)).is_ok(), other == right);
        }
    }
}
