//! RFC 6238 by its own vectors, and our additions.

use proptest::prelude::*;
use rand::SeedableRng;
use rand::rngs::StdRng;

use super::*;
use crate::domain::SECOND;
use crate::domain::account::{Profile, Status};
use crate::domain::place::Place;
use crate::domain::samples::NOW;
use crate::domain::settings::TotpAlgorithm;

const KEY: &[u8] = b"1234567890123456789012345678901234567890123456789012345678901234";

fn parameters(algorithm: TotpAlgorithm, digits: u8, period: u32) -> TotpParameters {
    TotpParameters { algorithm, digits, period }
}

fn usual() -> TotpParameters {
    TotpParameters::default()
}

/// RFC 6238 appendix B: the seed is as long as the hash (erratum 2866).
#[test]
fn the_test_vectors_of_the_rfc_pass() {
    use TotpAlgorithm::{Sha1, Sha256, Sha512};
    #[rustfmt::skip]
    let table = [
        (59, 1, ["94287082", "46119246", "90693936"]),
        (1_111_111_109, 0x23523EC, ["07081804", "68084774", "25091201"]),
        (1_111_111_111, 0x23523ED, ["14050471", "67062674", "99943326"]),
        (1_234_567_890, 0x273EF07, ["89005924", "91819424", "93441116"]),
        (2_000_000_000, 0x3F940AA, ["69279037", "90698825", "38618901"]),
        (20_000_000_000, 0x27BC86AA, ["65353130", "77737706", "47863826"]),
    ];
    for (seconds, step, codes) in table {
        for ((algorithm, length), code) in [(Sha1, 20), (Sha256, 32), (Sha512, 64)].into_iter().zip(codes) {
            let parameters = parameters(algorithm, 8, 30);
            let now = seconds * SECOND;
            assert_eq!(code_at(&KEY[..length], &parameters, now).as_deref(), Some(code), "{seconds}");
            assert_eq!(matching_step(&KEY[..length], &parameters, code, now), Some(step), "{seconds}");
        }
    }
}

#[test]
fn a_code_is_valid_one_step_either_way() {
    let secret = &KEY[..20];
    let at = NOW - NOW % (30 * SECOND);
    let step = at / (30 * SECOND);
    let code = code_at(secret, &usual(), at).unwrap();
    let table =
        [(-30 * SECOND - 1, false), (-30 * SECOND, true), (0, true), (59_999, true), (60 * SECOND, false)];
    for (later, good) in table {
        let matched = matching_step(secret, &usual(), &code, at + later);
        assert_eq!(matched, good.then_some(step), "{later}");
    }
}

#[test]
fn a_code_may_contain_spaces() {
    let code = code_at(KEY, &usual(), NOW).unwrap();
    let (left, right) = code.split_at(3);
    for typed in [
        format!("{left} {right}"),
        format!(" {code}\n"),
        format!("{left}\u{a0}{right}"),
        format!("{left}-{right}"),
    ] {
        assert!(matching_step(KEY, &usual(), &typed, NOW).is_some(), "{typed:?}");
        assert!(is_totp(&typed));
    }
    for typed in ["", "+12345", "12345", "123456789", "７２３４５６", "7K3PW-0QX9M-2R8TD"] {
        assert_eq!(matching_step(KEY, &usual(), typed, NOW), None, "{typed:?}");
        assert!(!is_totp(typed), "{typed:?}");
    }
}

#[test]
fn secrets_are_parsed_as_people_copy_them() {
    let secret = TotpSecret::from_base32("JBSWY3DPEHPK3PXP").unwrap();
    assert_eq!((secret.bytes().len(), secret.to_base32().as_str()), (10, "JBSWY3DPEHPK3PXP"));
    for typed in
        ["jbsw y3dp ehpk 3pxp", "JBSW-Y3DP-EHPK-3PXP", "JBSWY3DPEHPK3PXP=====", " JBSWY3DPEHPK3PXP\t"]
    {
        assert_eq!(TotpSecret::from_base32(typed).as_ref(), Ok(&secret), "{typed}");
    }
    assert_eq!(TotpSecret::from_base32("JBSWY3DP"), Err(SecretError::Length { bits: 40 }));
    assert_eq!(TotpSecret::from_base32(""), Err(SecretError::Length { bits: 0 }));
    assert_eq!(TotpSecret::from_base32("JBSWY3DPEHPK3PX1"), Err(SecretError::NotBase32));
    assert_eq!(format!("{secret:?}"), "[redacted]");
}

#[test]
fn a_new_secret_has_160_bits_and_survives_base32() {
    let mut rng = StdRng::seed_from_u64(1);
    let secret = TotpSecret::new(&mut rng);
    assert_eq!((secret.bytes().len(), secret.to_base32().len()), (20, 32));
    assert_ne!(secret, TotpSecret::new(&mut rng));
    let text = serde_json::to_string(&secret).unwrap();
    assert_eq!(serde_json::from_str::<TotpSecret>(&text).unwrap(), secret);
}

#[test]
fn a_uri_names_only_unusual_parameters() {
    let secret = TotpSecret::from_base32("JBSWY3DPEHPK3PXP").unwrap();
    let uri = otpauth_uri(&secret, &usual(), "Example: Files", "alice@example.com").unwrap();
    assert_eq!(
        uri,
        "otpauth://totp/Example%20Files:alice%40example.com?secret=JBSWY3DPEHPK3PXP&issuer=Example%20Files"
    );
    let rare = parameters(TotpAlgorithm::Sha256, 8, 60);
    let uri = otpauth_uri(&secret, &rare, "", ":").unwrap();
    assert!(uri.starts_with("otpauth://totp/CloudSync:account?"), "{uri}");
    for part in ["digits=8", "algorithm=SHA256", "period=60"] {
        assert!(uri.contains(part), "{part} in {uri}");
    }
    assert_eq!(parse_otpauth_uri(&uri).unwrap(), (secret, rare));
}

#[test]
fn only_safe_uris_of_other_systems_are_accepted() {
    let good = "otpauth://totp/Old%20System:alice?secret=JBSWY3DPEHPK3PXP&issuer=Old%20System&image=x";
    assert_eq!(parse_otpauth_uri(good).unwrap().1, usual());
    let table = [
        ("otpauth://hotp/alice?secret=JBSWY3DPEHPK3PXP&counter=1", "begin with otpauth://totp/"),
        ("https://totp/alice?secret=JBSWY3DPEHPK3PXP", "begin with otpauth://totp/"),
        ("otpauth://totp/alice", "no secret"),
        ("otpauth://totp/alice?secret=!", "no secret"),
        ("otpauth://totp/alice?secret=JBSWY3DP", "40 bits"),
        ("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&digits=5", "6 to 8 digits"),
        ("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&digits=10", "6 to 8 digits"),
        ("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&period=0", "15 to 120 seconds"),
        ("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&period=x", "must be numbers"),
        ("otpauth://totp/alice?secret=JBSWY3DPEHPK3PXP&algorithm=MD5", "SHA1, SHA256 or SHA512"),
        ("JBSWY3DPEHPK3PXP", "can't be read"),
    ];
    for (uri, why) in table {
        let error = parse_otpauth_uri(uri).expect_err(uri).to_string();
        assert!(error.contains(why), "{uri}: {error}");
        assert!(!error.contains("JBSW"), "no secret in {error}");
    }
}

#[test]
fn invalid_parameters_accept_no_code() {
    for wrong in [
        parameters(TotpAlgorithm::Sha1, 0, 30),
        parameters(TotpAlgorithm::Sha1, 10, 30),
        parameters(TotpAlgorithm::Sha1, 6, 0),
    ] {
        assert_eq!(code_at(KEY, &wrong, NOW), None);
        assert_eq!(matching_step(KEY, &wrong, "000000", NOW), None);
    }
    assert_eq!(code_at(&KEY[..9], &usual(), NOW), None, "72 bits");
    assert_eq!(matching_step(KEY, &usual(), "123456", -1_000), None);
}

fn account() -> Account {
    Account {
        id: AccountId("a1".into()),
        link: None,
        profile: Profile::default(),
        profile_changed_at: None,
        status: Status::Active,
        expires_at: None,
        generation: 1,
        password_changed_at: None,
        seen_at: None,
    }
}

#[test]
fn a_remembered_browser_is_valid_for_one_account_policy_and_time() {
    let browser = Remembered {
        id_hash: Hashed([1; 32]),
        account: AccountId("a1".into()),
        policy_generation: 3,
        account_generation: 7,
        password_as_of: NOW - 5,
        created_at: NOW,
        expires_at: NOW + 10,
        place: Place::default(),
    };
    let now = Account { generation: 7, password_changed_at: None, ..account() };
    let good = |account: &Account, policy, now| browser.is_good(account, policy, now);
    assert!(good(&now, 3, NOW + 9));
    assert!(!good(&now, 4, NOW) && !good(&now, 3, NOW + 10));
    assert!(!good(&Account { id: AccountId("a2".into()), ..now.clone() }, 3, NOW));
    assert!(!good(&Account { generation: 8, ..now.clone() }, 3, NOW), "suspended or reset since");
    for (changed, holds) in [(NOW - 6, true), (NOW - 5, true), (NOW - 4, false)] {
        let account = Account { password_changed_at: Some(changed), ..now.clone() };
        assert_eq!(good(&account, 3, NOW), holds, "a password of {changed}");
    }
}

#[test]
fn names_of_factors_are_short_and_printable() {
    assert_eq!(factor_name("  My phone ").as_deref(), Some("My phone"));
    for wrong in ["", "  ", "a\u{1b}b", &"x".repeat(LONGEST_NAME + 1)] {
        assert_eq!(factor_name(wrong), None, "{wrong:?}");
    }
}

proptest! {
    #[test]
    fn any_text_is_parsed_or_refused(text: String, now: i64) {
        let _ = matching_step(KEY, &usual(), &text, now);
        let _ = parse_otpauth_uri(&text);
        if let Ok(secret) = TotpSecret::from_base32(&text) {
            prop_assert_eq!(TotpSecret::from_base32(&secret.to_base32()), Ok(secret));
        }
    }

    #[test]
    fn the_shown_code_is_accepted(
        secret in prop::collection::vec(any::<u8>(), 10..64), digits in 6_u8..9, period in 15_u32..121, now in 0..NOW * 2,
    ) {
        let parameters = parameters(TotpAlgorithm::Sha1, digits, period);
        let code = code_at(&secret, &parameters, now).unwrap();
        let step = now / (i64::from(period) * SECOND);
        let matched = matching_step(&secret, &parameters, &code, now);
        prop_assert!(matched.is_some_and(|matched| (matched - step).abs() <= 1));
    }
}
