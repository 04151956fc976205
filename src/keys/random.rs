//! Unguessable ids, from the cryptographic library's generator.

use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// Letters and digits that nobody confuses when read aloud (Crockford's).
const SPOKEN: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 256 random bits in 43 characters that need no escaping: session ids, codes, tokens.
#[must_use]
pub fn random_id() -> String {
    URL_SAFE_NO_PAD.encode(random::<32>())
}

/// An id to read out to a help desk: `7K3PW-0QX9M`, 50 bits. It finds an attempt and grants nothing.
#[must_use]
pub fn random_attempt_id() -> String {
    let letters = random::<10>().map(|byte| char::from(SPOKEN[usize::from(byte % 32)]));
    let (first, second) = letters.split_at(5);
    first.iter().chain(['-'].iter()).chain(second).collect()
}

/// 256 random bits, which whoever has to prove something signs.
#[must_use]
pub fn random_nonce() -> [u8; 32] {
    random()
}

/// Random bytes.
///
/// # Panics
/// If the operating system has no randomness: nothing that could be done then would be safe.
pub(super) fn random<const N: usize>() -> [u8; N] {
    let mut bytes = [0; N];
    SystemRandom::new().fill(&mut bytes).expect("the operating system has randomness");
    bytes
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn ids_have_their_form_and_do_not_repeat() {
        let ids: HashSet<String> = (0..1_000).map(|_| random_id()).collect();
        assert_eq!(ids.len(), 1_000);
        assert!(ids.iter().all(|id| id.len() == 43));
        let attempt = random_attempt_id();
        assert_eq!((attempt.len(), attempt.find('-')), (11, Some(5)), "{attempt}");
    }
}
