//! The attacks that sealing prevents.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use proptest::prelude::*;

use super::*;
use crate::keys::random::random_id;

mod rotation;

fn only(tokens: Vec<String>) -> String {
    let [token] = tokens.try_into().expect("one key is held");
    token
}

fn sealer() -> Sealer {
    Sealer::new(&[7; KEY_LEN]).expect("a sealer")
}

#[test]
fn two_processes_that_start_at_once_read_one_key() {
    let dir = tempfile::tempdir().expect("a directory");
    let keys = dir.path().join("keys");
    let digests: Vec<_> = std::thread::scope(|scope| {
        let open = || Sealer::open_dir(&keys).expect("it opens").hmac(Label::Test, b"data");
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(open)).collect();
        threads.into_iter().map(|thread| thread.join().expect("no panic")).collect()
    });
    assert!(digests.iter().all(|digest| *digest == digests[0]));
    let mode = |path: &Path| fs::metadata(path).expect("it is there").permissions().mode() & 0o777;
    assert_eq!((mode(&keys), mode(&keys.join(files::KEY))), (0o700, 0o600));
    assert_eq!(fs::read_dir(&keys).expect("it lists").count(), 1, "nothing is left beside it");
}

#[test]
fn a_key_that_others_can_read_is_refused_with_the_fix() {
    let dir = tempfile::tempdir().expect("a directory");
    Sealer::open_dir(dir.path()).expect("it is made");
    let path = dir.path().join(files::KEY);
    for mode in [0o640, 0o604, 0o644] {
        fs::set_permissions(&path, PermissionsExt::from_mode(mode)).expect("it is changed");
        let refused = Sealer::open_dir(dir.path()).expect_err("others can read it").to_string();
        assert!(refused.ends_with(&format!("chmod 600 {}", path.display())), "{refused}");
    }
}

#[test]
fn a_file_of_another_size_is_no_key() {
    let dir = tempfile::tempdir().expect("a directory");
    Sealer::open_dir(dir.path()).expect("it is made");
    for size in [0, 31, 33, 1_000] {
        fs::write(dir.path().join(files::KEY), vec![1; size]).expect("it is written");
        assert!(matches!(Sealer::open_dir(dir.path()), Err(KeyError::NotAKey { .. })), "{size}");
    }
}

#[test]
fn a_sealed_value_opens_in_its_place_only() {
    let sealer = sealer();
    let sealed = sealer.seal("ab", "c", b"secret");
    assert_eq!(sealer.open("ab", "c", &sealed).expect("it opens"), b"secret");
    for (kind, id) in [("a", "bc"), ("ab", "d"), ("abc", ""), ("", "abc")] {
        assert!(sealer.open(kind, id, &sealed).is_err(), "{kind:?} {id:?}");
    }
    let other = Sealer::new(&[8; KEY_LEN]).expect("a sealer");
    assert!(other.open("ab", "c", &sealed).is_err());
    assert_ne!(sealer.seal("ab", "c", b"secret"), sealed, "no two are alike");
}

#[test]
fn a_digest_of_one_label_is_invalid_for_another() {
    let sealer = sealer();
    assert_eq!(sealer.hmac(Label::Test, b"x"), sealer.hmac(Label::Test, b"x"));
    assert_ne!(sealer.hmac(Label::Test, b"x"), sealer.hmac(Label::Code, b"x"));
    assert_ne!(sealer.hmac(Label::Test, b"x"), sealer.hmac(Label::Test, b"y"));
}

#[test]
fn our_tokens_are_distinguished_from_made_up_ones() {
    let sealer = sealer();
    let token = sealer.new_token(Label::Refresh, "family");
    assert!(sealer.is_token(Label::Refresh, "family", &token));
    assert!(!sealer.is_token(Label::Refresh, "other", &token));
    assert!(!sealer.is_token(Label::Code, "family", &token));
    assert!(!sealer.is_token(Label::Refresh, "family", &random_id()));
    assert!(!sealer.is_token(Label::Refresh, "family", ""));
}

proptest! {
    #[test]
    fn what_is_sealed_comes_back(content: Vec<u8>) {
        let sealer = sealer();
        prop_assert_eq!(sealer.open("k", "i", &sealer.seal("k", "i", &content)).expect("it opens"), content);
    }

    #[test]
    fn every_changed_byte_is_noticed(position in any::<prop::sample::Index>(), bit in 0_u8..8) {
        let sealer = sealer();
        let Sealed(mut sealed) = sealer.seal("k", "i", b"some content");
        let position = position.index(sealed.len());
        sealed[position] ^= 1 << bit;
        prop_assert!(sealer.open("k", "i", &Sealed(sealed)).is_err());
    }

    #[test]
    fn no_bytes_make_opening_panic(bytes: Vec<u8>) {
        let _ = sealer().open("k", "i", &Sealed(bytes));
    }
}

#[test]
fn the_next_token_is_one_for_each_token_and_context() {
    let sealer = Sealer::new(&[1; KEY_LEN]).unwrap();
    let first = sealer.new_token(Label::Refresh, "family");
    let next = only(sealer.next_tokens(Label::Refresh, "family", &first));
    assert_eq!(only(sealer.next_tokens(Label::Refresh, "family", &first)), next);
    assert!(sealer.is_token(Label::Refresh, "family", &next) && next != first);
    assert!(!sealer.is_token(Label::Refresh, "another", &next));
    for other in [
        only(sealer.next_tokens(Label::Refresh, "another", &first)),
        only(sealer.next_tokens(Label::Test, "family", &first)),
        only(sealer.next_tokens(Label::Refresh, "family", &next)),
        only(Sealer::new(&[2; KEY_LEN]).unwrap().next_tokens(Label::Refresh, "family", &first)),
    ] {
        assert_ne!(other, next);
    }
}
