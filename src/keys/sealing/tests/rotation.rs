//! Rotation of the sealing key: each state that a crash leaves, what earlier versions wrote, and two nodes.

use aws_lc_rs::aead::{AES_256_GCM, LessSafeKey, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};

use super::*;

const NAMES: [&str; 4] = [files::KEY, files::NEXT, files::OLD, files::DIGESTS];

fn derived(key: &[u8; 32], label: &str) -> hmac::Key {
    let root = Salt::new(HKDF_SHA256, b"cloudsync-idp").extract(key);
    let (label, mut bytes) = ([label.as_bytes()], [0; 32]);
    root.expand(&label, HKDF_SHA256).and_then(|okm| okm.fill(&mut bytes)).expect("it derives");
    hmac::Key::new(hmac::HMAC_SHA256, &bytes)
}

/// A value as earlier versions sealed it.
fn version_1(key: &[u8; 32], content: &[u8]) -> Sealed {
    let head = [[1].as_slice(), &[9; 16]].concat();
    let value_key = hmac::sign(&derived(key, "seal"), &head);
    let value_key = LessSafeKey::new(UnboundKey::new(&AES_256_GCM, value_key.as_ref()).expect("a key"));
    let mut bytes = content.to_vec();
    let bound = [&1_u64.to_be_bytes(), b"ki".as_slice()].concat();
    let nonce = Nonce::assume_unique_for_key([8; NONCE_LEN]);
    value_key.seal_in_place_append_tag(nonce, Aad::from(bound), &mut bytes).expect("it seals");
    Sealed([head.as_slice(), &[8; NONCE_LEN], &bytes].concat())
}

#[test]
fn what_earlier_versions_sealed_and_digested_still_counts() {
    let key = [7; 32];
    let sealer = Sealer::new(&key).expect("a sealer");
    let old = version_1(&key, b"from before");
    assert_eq!(sealer.open("k", "i", &old).expect("it opens"), b"from before");
    assert!(sealer.open("k", "j", &old).is_err());
    assert_eq!(Sealer::key_of(&old), None);
    let again = sealer.reseal("k", "i", &old).expect("it opens").expect("it is sealed again");
    assert_eq!(Sealer::key_of(&again), Some(sealer.in_force()));
    assert_eq!(sealer.open("k", "i", &again).expect("it opens"), b"from before");
    assert_eq!(sealer.reseal("k", "i", &again).expect("it names its key"), None);
    for (label, word) in [(Label::Session, "session"), (Label::UnknownName, "unknown name")] {
        let expected = hmac::sign(&derived(&key, &format!("hmac:{word}")), b"x");
        assert_eq!(sealer.hmac(label, b"x").0, expected.as_ref());
    }
    let mark = hmac::sign(&derived(&key, "hmac:settings"), b"x");
    assert_eq!(sealer.key_of_settings_mark(b"x", mark.as_ref()), Some(sealer.in_force()));
}

#[test]
fn no_two_labels_share_a_word() {
    let words: std::collections::HashSet<_> = Label::ALL.iter().map(|label| label.as_str()).collect();
    assert_eq!(words.len(), Label::ALL.len());
    assert!(words.iter().all(|word| !matches!(*word, "later" | "settings" | "successor")));
}

/// A directory in which everything was made with the first key, and what was made.
struct KeptDirectory {
    dir: tempfile::TempDir,
    first: Sealed,
    version_1: Sealed,
    digest: Hashed,
    token: String,
}

impl KeptDirectory {
    fn new() -> Self {
        let dir = tempfile::tempdir().expect("a directory");
        let sealer = Sealer::open_dir(dir.path()).expect("it is made");
        let key = fs::read(dir.path().join(files::KEY)).expect("a key");
        Self {
            first: sealer.seal("k", "i", b"first"),
            version_1: version_1(key.as_slice().try_into().expect("32 bytes"), b"first"),
            digest: sealer.hmac(Label::Session, b"cookie"),
            token: sealer.new_token(Label::Refresh, "family"),
            dir,
        }
    }

    fn open(&self) -> Sealer {
        Sealer::open_dir(self.dir.path()).expect("it opens")
    }

    fn there(&self) -> Vec<&str> {
        NAMES.into_iter().filter(|name| self.dir.path().join(name).exists()).collect()
    }

    fn opens_all(&self, sealer: &Sealer) {
        for sealed in [&self.first, &self.version_1] {
            assert_eq!(sealer.open("k", "i", sealed).expect("it opens"), b"first", "{:?}", self.there());
        }
        self.keeps_digests(sealer);
    }

    fn keeps_digests(&self, sealer: &Sealer) {
        assert_eq!(sealer.hmac(Label::Session, b"cookie"), self.digest, "{:?}", self.there());
        assert!(sealer.is_token(Label::Refresh, "family", &self.token));
    }
}

#[test]
fn a_crash_at_any_step_leaves_a_directory_that_opens_everything_and_can_go_on() {
    let path = |kept: &KeptDirectory, name: &str| kept.dir.path().join(name);
    type CrashPoint<'a> = (&'a str, &'a dyn Fn(&KeptDirectory));
    let cut_off: [CrashPoint<'_>; 5] = [
        ("before", &|_| {}),
        ("digests only", &|kept| {
            kept.open().begin_rotation().expect("it begins");
            fs::remove_file(path(kept, files::NEXT)).expect("it was there");
        }),
        ("begun", &|kept| kept.open().begin_rotation().expect("it begins")),
        ("linked", &|kept| {
            kept.open().begin_rotation().expect("it begins");
            fs::hard_link(path(kept, files::KEY), path(kept, files::OLD)).expect("it links");
        }),
        ("renamed", &|kept| {
            let sealer = kept.open();
            sealer.begin_rotation().expect("it begins");
            sealer.complete_rotation().expect("it ends");
        }),
    ];
    for (step, cut_off) in cut_off {
        let kept = KeptDirectory::new();
        let first = kept.open().in_force();
        cut_off(&kept);
        kept.opens_all(&kept.open());
        let sealer = kept.open();
        if step != "renamed" {
            assert_eq!(sealer.in_force(), first, "{step}");
            sealer.begin_rotation().expect("it goes on");
        }
        kept.opens_all(&sealer);
        sealer.complete_rotation().expect("it goes on");
        sealer.complete_rotation().expect("and changes nothing a second time");
        let files = sealer.files();
        assert_eq!((files.next, files.old), (None, Some(first)), "{step}");
        assert_ne!(files.current, first);
        kept.opens_all(&kept.open());
        assert!(matches!(sealer.begin_rotation(), Err(KeyError::Unfinished { .. })), "{step}");
        let new = sealer.seal("k", "i", b"new");
        sealer.forget_old_key().expect("it goes");
        for sealer in [&sealer, &kept.open()] {
            assert_eq!(sealer.open("k", "i", &new).expect("it opens"), b"new");
            let refused = sealer.open("k", "i", &kept.first).expect_err("its key is gone").to_string();
            assert!(refused.contains(&first.to_string()), "{refused}");
            assert!(matches!(sealer.open("k", "i", &kept.version_1), Err(KeyError::Unsealable)));
            kept.keeps_digests(sealer);
        }
        assert_eq!(kept.there(), [files::KEY, files::DIGESTS]);
        let mode = |name| fs::metadata(path(&kept, name)).expect("it is there").permissions().mode() & 0o777;
        assert_eq!((mode(files::KEY), mode(files::DIGESTS)), (0o600, 0o600));
    }
}

#[test]
fn a_second_rotation_keeps_the_digests_of_the_first_key() {
    let kept = KeptDirectory::new();
    for _ in 0..2 {
        let sealer = kept.open();
        sealer.begin_rotation().expect("it begins");
        sealer.complete_rotation().expect("it ends");
        sealer.forget_old_key().expect("it goes");
        kept.keeps_digests(&kept.open());
    }
}

#[test]
fn a_directory_in_which_a_file_is_missing_or_broken_is_refused() {
    let rotated = || {
        let kept = KeptDirectory::new();
        kept.open().begin_rotation().expect("it begins");
        kept.open().complete_rotation().expect("it ends");
        kept
    };
    let refusal = |kept: &KeptDirectory| Sealer::open_dir(kept.dir.path()).expect_err("refused").to_string();
    let kept = rotated();
    fs::remove_file(kept.dir.path().join(files::DIGESTS)).expect("it was there");
    assert!(refusal(&kept).contains("digest.keys is missing"), "{}", refusal(&kept));

    let kept = rotated();
    fs::remove_file(kept.dir.path().join(files::KEY)).expect("it was there");
    assert!(refusal(&kept).contains("sealing.key is missing, though"), "no new one is made in its place");

    let kept = rotated();
    let path = kept.dir.path().join(files::DIGESTS);
    let whole = fs::read_to_string(&path).expect("text");
    for length in [0, 5, whole.len() / 2, whole.len() - 1] {
        fs::write(&path, &whole[..length]).expect("it is written");
        assert!(refusal(&kept).contains("digest.keys is damaged"), "{length}");
    }
    fs::write(&path, whole).expect("it is written");
    fs::set_permissions(&path, PermissionsExt::from_mode(0o640)).expect("it is changed");
    assert!(refusal(&kept).contains("chmod 600"), "{}", refusal(&kept));
}

/// A node keeps running with its keys, and does not take the new key without the digests that it needs.
#[test]
fn a_next_key_that_was_copied_alone_is_not_taken() {
    let (here, there) = (KeptDirectory::new(), tempfile::tempdir().expect("a directory"));
    let copy = |name: &str| fs::copy(here.dir.path().join(name), there.path().join(name)).expect("copied");
    copy(files::KEY);
    let node = Sealer::open_dir(there.path()).expect("it opens");
    here.open().begin_rotation().expect("it begins");
    copy(files::NEXT);
    assert!(matches!(node.read_again(), Err(KeyError::DigestsMissing { .. })));
    here.opens_all(&node);
    assert_eq!(node.held().len(), 1);
    copy(files::DIGESTS);
    node.read_again().expect("now it is taken");
    assert_eq!(node.held().len(), 2);
}

#[test]
fn a_digest_of_a_label_that_came_later_is_the_same_on_every_node() {
    let text = DigestSecrets::derived(&[7; 32]).expect("derived").to_text();
    let without: String =
        text.lines().filter(|line| !line.ends_with(" session")).map(|line| format!("{line}\n")).collect();
    let digests = || Digests::new(&DigestSecrets::parse(&without).expect("it reads"));
    let whole = Digests::new(&DigestSecrets::parse(&text).expect("it reads"));
    assert_eq!(digests().sign(Label::Session, b"x"), digests().sign(Label::Session, b"x"));
    assert_ne!(digests().sign(Label::Session, b"x"), whole.sign(Label::Session, b"x"));
    assert_eq!(digests().sign(Label::Code, b"x"), whole.sign(Label::Code, b"x"));
}

#[test]
fn the_files_are_read_once_for_an_unknown_key_until_the_next_regular_read() {
    let kept = KeptDirectory::new();
    let (node, command) = (kept.open(), kept.open());
    let made_up = Sealed([[2, 1, 2, 3, 4].as_slice(), &[0; 60]].concat());
    assert!(matches!(node.open("k", "i", &made_up), Err(KeyError::UnknownKey(_))));
    command.begin_rotation().expect("it begins");
    command.put_in_force(command.files().next.expect("it was made")).expect("it is held");
    let new = command.seal("k", "i", b"new");
    assert!(matches!(node.open("k", "i", &new), Err(KeyError::UnknownKey(_))), "its look was used up");
    node.read_again().expect("it reads");
    assert_eq!(node.open("k", "i", &new).expect("it opens"), b"new");
    let other = kept.open();
    assert_eq!(other.open("k", "i", &new).expect("it opens"), b"new");
}

#[test]
fn marks_and_next_tokens_follow_the_key_in_force() {
    let kept = KeptDirectory::new();
    let sealer = kept.open();
    let before = (sealer.settings_mark(b"x"), only(sealer.next_tokens(Label::Refresh, "f", "t")));
    let old = sealer.in_force();
    sealer.begin_rotation().expect("it begins");
    sealer.put_in_force(sealer.files().next.expect("it was made")).expect("it is held");
    let after = (sealer.settings_mark(b"x"), sealer.next_tokens(Label::Refresh, "f", "t"));
    assert!(after.0 != before.0 && after.1[0] != before.1);
    assert!(after.1.contains(&before.1), "what another node may have given out");
    assert_eq!(sealer.key_of_settings_mark(b"x", &before.0.0), Some(old));
    assert_eq!(sealer.key_of_settings_mark(b"x", &after.0.0), Some(sealer.in_force()));
    assert_eq!(sealer.key_of_settings_mark(b"y", &after.0.0), None);
    sealer.complete_rotation().expect("it ends");
    sealer.forget_old_key().expect("it goes");
    assert_eq!(sealer.key_of_settings_mark(b"x", &before.0.0), None);
    assert_eq!(only(sealer.next_tokens(Label::Refresh, "f", "t")), after.1[0]);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn whatever_two_nodes_do_during_a_rotation_everything_opens(steps in prop::collection::vec((0..5_u8, 0..2_usize), 1..24)) {
        let kept = KeptDirectory::new();
        let nodes = [kept.open(), kept.open()];
        let mut sealed = Vec::new();
        for (step, node) in steps {
            let node = &nodes[node];
            match step {
                0 => node.begin_rotation().or_else(|error| match error {
                    KeyError::Unfinished { .. } => Ok(()),
                    error => Err(error),
                }),
                1 => node.files().next.map_or(Ok(()), |next| node.put_in_force(next)),
                2 => node.complete_rotation(),
                3 => node.read_again(),
                _ => { sealed.push(node.seal("k", "i", b"content")); Ok(()) }
            }.expect("each step is good at any time");
            sealed.push(node.seal("k", "i", b"content"));
            for node in &nodes {
                node.read_again().expect("it reads");
                for one in &sealed {
                    prop_assert_eq!(node.open("k", "i", one).expect("it opens"), b"content");
                }
                kept.opens_all(node);
            }
        }
    }
}
