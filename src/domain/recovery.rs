//! One-time codes for a lost phone: recovery codes, which their owner keeps, and invitations, which the help
//! desk reads out. Both have the same form, and each works once.

use rand::CryptoRng;

/// The number of recovery codes per person.
pub const RECOVERY_CODES: usize = 10;

/// Letters and digits that are not confused on paper or by ear (Crockford's): no I, L, O and U.
const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const LENGTH: usize = 15;
const GROUP: usize = 5;

/// A new code, `7K3PW-0QX9M-2R8TD`: 75 random bits.
///
/// Therefore a keyed digest (HMAC-SHA-256) is enough for storage, and no slow hash is needed. A slow hash
/// makes guesses at a secret that a *person* chose expensive; here all 2^75 values are equally likely. An
/// attacker with the database but without the sealing key can't test a guess at all. With both, it takes 2^71
/// guesses on average to hit one of ten codes: some seventy thousand years at a thousand million a second.
/// And a slow hash would let strangers use up our processors by typing codes, ten hashes per attempt.
#[must_use]
pub fn new_code(rng: &mut impl CryptoRng) -> String {
    let mut bytes = [0; LENGTH];
    rng.fill_bytes(&mut bytes);
    grouped(bytes.map(|byte| char::from(LETTERS[usize::from(byte % 32)])))
}

/// Ten new codes.
#[must_use]
pub fn new_codes(rng: &mut impl CryptoRng) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| new_code(rng)).collect()
}

/// The canonical form of a typed code: groups, case and the letters that look like digits do not matter.
/// `None` if it is not a code.
#[must_use]
pub fn normalise(typed: &str) -> Option<String> {
    let mut code = ['0'; LENGTH];
    let mut letters =
        typed.chars().filter(|c| !c.is_whitespace() && !matches!(c, '-' | '\u{2010}'..='\u{2015}'));
    for place in &mut code {
        *place = one_letter(letters.next()?)?;
    }
    letters.next().is_none().then(|| grouped(code))
}

fn one_letter(c: char) -> Option<char> {
    let letter = match c.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    (letter.is_ascii() && LETTERS.contains(&(letter as u8))).then_some(letter)
}

fn grouped(code: [char; LENGTH]) -> String {
    code.chunks(GROUP).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use proptest::prelude::*;
    use rand::SeedableRng;
    use rand::rngs::StdRng;

    use super::*;

    #[test]
    fn codes_are_well_formed_and_unique() {
        let mut rng = StdRng::seed_from_u64(1);
        let codes: HashSet<String> = (0..100).flat_map(|_| new_codes(&mut rng)).collect();
        assert_eq!(codes.len(), 1_000);
        for code in &codes {
            assert_eq!((code.len(), normalise(code).as_ref()), (17, Some(code)));
        }
    }

    #[test]
    fn a_code_is_parsed_in_any_spelling() {
        let expected = Some("7K3PW-0QX9M-2R81D".to_owned());
        for typed in ["7k3pwOqx9m2r8id", " 7K3PW 0QX9M 2R8LD\n", "7-K-3-P-W-0QX9M2R81D", "7K3PW–0QX9M–2R81D"]
        {
            assert_eq!(normalise(typed), expected, "{typed}");
        }
        for typed in
            ["", "123456", "7K3PW-0QX9M-2R81", "7K3PW-0QX9M-2R81DD", "7K3PW-0QX9M-2R81U", "7K3PW-0QX9M-2R81é"]
        {
            assert_eq!(normalise(typed), None, "{typed}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_parsed_or_refused(typed: String) {
            if let Some(code) = normalise(&typed) {
                prop_assert_eq!(normalise(&code), Some(code));
            }
        }
    }
}
