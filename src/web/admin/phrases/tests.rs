//! Each text of a closed set has German, and each phrase is a text of the code.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use super::*;
use crate::domain::account::SuspendedBecause;
use crate::domain::advice::Cause;

/// The files whose texts are all shown to admins, as far as `STAYS_ENGLISH` does not name them.
const CLOSED: [&str; 39] = [
    "src/domain/gates/checks.rs",
    "src/domain/sync_advice.rs",
    "src/domain/reconcile/conflict.rs",
    "src/domain/selection.rs",
    "src/domain/shortfall.rs",
    "src/domain/revert.rs",
    "src/domain/team_share.rs",
    "src/domain/scope.rs",
    "src/domain/doctor/account.rs",
    "src/domain/doctor/limits.rs",
    "src/domain/doctor/lockout.rs",
    "src/domain/doctor/network.rs",
    "src/domain/doctor/people.rs",
    "src/domain/doctor/rights.rs",
    "src/domain/doctor/tls.rs",
    "src/domain/service_test/answers.rs",
    "src/domain/service_test/network.rs",
    "src/domain/service_test/round_trip.rs",
    "src/domain/service_test/tls.rs",
    "src/domain/service_test/trouble.rs",
    "src/domain/delivery/token.rs",
    "src/flow/support/doctor/live.rs",
    "src/flow/sync/order.rs",
    "src/flow/sync/pause.rs",
    "src/flow/sync/read.rs",
    "src/flow/person/guard.rs",
    "src/flow/admin/task/run.rs",
    "src/flow/admin/task/view.rs",
    "src/flow/settings/check/branding.rs",
    "src/flow/settings/check/certificate.rs",
    "src/flow/settings/check/client.rs",
    "src/flow/settings/check/directory.rs",
    "src/flow/settings/check/mod.rs",
    "src/flow/settings/check/protection.rs",
    "src/flow/settings/check/provisioning.rs",
    "src/flow/settings/check/provisioning/oauth.rs",
    "src/flow/settings/check/server.rs",
    "src/flow/settings/check/team_shares.rs",
    "src/flow/settings/check/uri.rs",
];

/// Other files that have some of the texts.
const OTHERS: [&str; 36] = [
    "src/directory/error.rs",
    "src/directory/feed/mod.rs",
    "src/domain/account.rs",
    "src/domain/advice.rs",
    "src/domain/audit_chain.rs",
    "src/domain/dn.rs",
    "src/domain/email.rs",
    "src/domain/picture.rs",
    "src/domain/schedule.rs",
    "src/domain/settings/sync.rs",
    "src/flow/admin/clients.rs",
    "src/flow/admin/directory.rs",
    "src/flow/admin/look.rs",
    "src/flow/admin/service_test.rs",
    "src/flow/admin/services.rs",
    "src/flow/admin/settings.rs",
    "src/flow/admin/sync_settings.rs",
    "src/flow/delivery/compare/error.rs",
    "src/flow/delivery/service_test/prepared.rs",
    "src/flow/settings/edit.rs",
    "src/flow/settings/error.rs",
    "src/flow/settings/field.rs",
    "src/flow/settings/read.rs",
    "src/flow/settings/secrets.rs",
    "src/flow/settings/tokens.rs",
    "src/flow/settings/typed_secret.rs",
    "src/flow/support/doctor.rs",
    "src/flow/sync/plan/apply.rs",
    "src/flow/sync/plan/make.rs",
    "src/flow/sync/preview.rs",
    "src/flow/sync/round.rs",
    "src/store/engine/error.rs",
    "src/store/sync/changes.rs",
    "src/store/sync/ids.rs",
    "src/store/sync/undo.rs",
    "src/web/admin/directory/form.rs",
];

/// Commands, evidence that is made of names and numbers, and parts of a text that has a phrase.
const STAYS_ENGLISH: [&str; 14] = [
    "account {id}",
    "cloudsync-idp accounts hand-over {account} {}",
    "{} or {last}",
    "result {code}",
    "result {code}: {text}",
    "ahead of",
    "its clock is {} s {direction} this machine's",
    "syncrepl (RFC 4533)",
    "assumed_lockout_threshold = 0",
    "used: {}",
    "{} for {}",
    "{}: {} to {}",
    "PRIVATE KEY-----",
    "not the password",
];

/// Sentences that the code puts together from two texts.
const COMPOSED: [&str; 7] = [
    "{dn}: excluded by {}",
    "{dn}: excluded as a member of {}",
    "{dn}: does not match the filter {}",
    "its clock is {} s ahead of this machine's",
    "its clock is {} s behind this machine's",
    "{} is not allowed; use one of {}",
    "{} is not allowed; use {}",
];

/// German words for which the panel has another one, so that a text names what the menu has.
const OTHER_WORDS: [&str; 13] = [
    "Wächter",
    "Synchronisation ",
    "Synchronisationsprotokoll",
    "Team-Freigabe",
    "Team-Share",
    "Benutzerkonto",
    "Servicekonto",
    "Einmalanmeldung",
    "einmalige Anmeldung",
    "Zwei-Faktor",
    "Konto-ID",
    "Übersicht",
    "ins Protokoll",
];

/// The texts in quotation marks before the tests of a file, each on one line.
pub(in crate::web::admin) fn texts(path: &str) -> Vec<String> {
    let source = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect(path);
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
    let code = lines.collect::<Vec<_>>().join("\n").replace("'\"'", "").replace("\\\"", "\u{1}");
    let one_line = |text: &str| {
        let lines = text.split("\\\n").map(str::trim_start);
        let first = text.split("\\\n").next().unwrap_or_default();
        std::iter::once(first).chain(lines.skip(1)).collect::<String>()
    };
    let plain = |text: String| text.replace('\u{1}', "\"").replace("\\\\", "\\");
    code.split('"').skip(1).step_by(2).map(|text| plain(one_line(text))).collect()
}

/// A text with a space that has letters outside of its holes.
fn is_sentence(text: &str) -> bool {
    let fixed: String = pieces(Box::leak(text.to_owned().into_boxed_str()))
        .iter()
        .filter_map(|piece| match piece {
            Piece::Text(text) => Some(*text),
            _ => None,
        })
        .collect();
    text.contains(' ') && fixed.chars().any(char::is_alphabetic)
}

fn all() -> impl Iterator<Item = [&'static str; 2]> {
    FILES.iter().flat_map(|file| pairs(file))
}

fn joined(text: &str) -> Option<String> {
    Some(german(text)?.into_iter().map(|part| part.text).collect())
}

#[test]
fn each_text_of_a_closed_set_has_german() {
    let known: BTreeSet<_> = all().map(|[english, _]| english).collect();
    let sentences = CLOSED.iter().flat_map(|path| texts(path)).filter(|text| is_sentence(text));
    let is_missing =
        |text: &String| !known.contains(text.as_str()) && !STAYS_ENGLISH.contains(&text.as_str());
    let missing: BTreeSet<_> = sentences.filter(is_missing).collect();
    assert!(missing.is_empty(), "no German in templates/i18n/admin/de/phrases: {missing:#?}");
}

#[test]
fn each_cause_and_each_word_alone_has_german() {
    for cause in Cause::ALL {
        assert!(joined(cause.what()).is_some() && joined(cause.advice()).is_some(), "{cause:?}");
    }
    let triggers = texts("src/store/sync/ids.rs").into_iter().filter(|text| !text.contains('{'));
    let triggers: Vec<_> = triggers.filter(|text| !text.is_empty() && !text.ends_with(' ')).collect();
    assert!(triggers.len() >= 10, "{triggers:?}");
    let doing = ["reading", "judging", "planning"].map(str::to_owned);
    let reasons = SuspendedBecause::WORDS.iter().map(|word| (*word).to_owned());
    for word in triggers.into_iter().chain(doing).chain(reasons) {
        assert!(joined(&word).is_some(), "{word}");
    }
}

#[test]
fn each_phrase_is_a_text_of_the_code_once() {
    let mut known: BTreeSet<String> = COMPOSED.iter().map(|text| (*text).to_owned()).collect();
    known.extend(CLOSED.iter().chain(&OTHERS).flat_map(|path| texts(path)));
    let mut seen = BTreeSet::new();
    for [english, german] in all() {
        assert!(known.contains(english), "no code says: {english}");
        assert!(seen.insert(english), "twice: {english}");
        assert!(!german.is_empty(), "{english}");
    }
    for file in FILES {
        let lines = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#'));
        assert_eq!(lines.count() % 2, 0, "a line without its other half");
    }
}

#[test]
fn each_phrase_has_the_holes_of_the_english_text_and_names_existing_places() {
    for [english, german] in all() {
        let phrase = Phrase::new([english, german]);
        let holes = |pieces: &[Piece]| -> BTreeSet<String> {
            let names = pieces.iter().filter_map(|piece| match piece {
                Piece::Hole(name) => Some(name.clone()),
                _ => None,
            });
            names.collect()
        };
        assert_eq!(holes(&phrase.german), holes(&phrase.english), "{german}");
        for piece in &phrase.german {
            let Piece::Place { words, page } = piece else { continue };
            assert!(page_of(page).is_some(), "{german}: {page}");
            let label = words.strip_prefix('$').map(|key| Language::German.text(key));
            assert!(label.is_none_or(|label| !label.contains('⟦')), "{german}");
        }
    }
}

#[test]
fn each_thing_has_one_german_name() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("templates/i18n/admin/de");
    let files = fs::read_dir(folder).expect("the folder").map(|file| file.expect("a file").path());
    let files: Vec<_> = files.filter(|path| path.is_file()).collect();
    assert!(files.len() > 10, "{files:?}");
    let texts = files.iter().map(|path| fs::read_to_string(path).expect("a text"));
    for text in texts.chain(FILES.map(str::to_owned)) {
        let wrong: Vec<_> = OTHER_WORDS.iter().filter(|word| text.contains(**word)).collect();
        assert!(wrong.is_empty(), "{wrong:?} has another word in the panel");
    }
}

#[test]
fn a_text_is_translated_with_what_stands_in_its_holes() {
    let table = [
        ("The password is wrong.", Some("Das Passwort ist falsch.")),
        ("run 41 was reverted", Some("Lauf 41 wurde rückgängig gemacht")),
        ("undo of run 7", Some("Rücknahme von Lauf 7")),
        (
            "the password is correct; the account is disabled (533)",
            Some("das Passwort stimmt; das Konto ist deaktiviert (533)"),
        ),
        (
            "undone; the account was changed since the run",
            Some("rückgängig gemacht; das Konto wurde seit dem Lauf geändert"),
        ),
        (
            "the sync of this directory is paused (waits for Run Initial Sync); resume with: cloudsync-idp sync --resume",
            Some(
                "der Sync dieses Verzeichnisses ist angehalten (wartet auf die erste Synchronisierung); setzen Sie ihn fort (Einstellungen › Active Directory › Sync-Protokoll)",
            ),
        ),
        ("paused by person", Some("angehalten von person")),
        ("dc1 says no", None),
        ("", None),
    ];
    for (english, german) in table {
        assert_eq!(joined(english).as_deref(), german, "{english}");
    }
    let advice = german("Switch it on in the settings: [sso] enabled = true.").expect("a phrase");
    assert!(advice.iter().any(|part| part.page == page_of("sso")), "{advice:?}");
}
