//! Sentences of the command line on a page: where they name a setting or a command, the page names the place in the
//! panel's own menu, with a link. A German page has them in German.

use std::borrow::Cow;
use std::cmp::Reverse;

use super::address::{APPLICATIONS, CONNECTION_TROUBLE, DIRECTORIES, PEOPLE, SYNC_LOG, SYNC_SETTINGS};
use super::menu::menu_path;
use super::phrases::AdvicePart;
use super::{phrases, sso, two_step};
use crate::web::pages::Language;

/// What stands on a page for words of the command line.
enum Stand {
    /// The place in the menu.
    Page,
    /// The label of a field, by its key, and the place.
    Field(&'static str),
    /// These words, and the place.
    Words(&'static str),
    /// These words alone.
    Plain(&'static str),
}

use Stand::{Field, Page, Plain, Words};

/// Words of the command line, what stands for them, and the page.
static PLACES: &[(&str, Stand, &str)] = &[
    ("[directories.scope]", Page, SYNC_SETTINGS),
    ("[[directories]]", Page, DIRECTORIES),
    ("[[directories]] servers", Words("the servers"), DIRECTORIES),
    ("base_dn", Field("directory-base"), DIRECTORIES),
    ("netbios_name", Field("directory-netbios"), DIRECTORIES),
    ("netbios_name in [[directories]]", Field("directory-netbios"), DIRECTORIES),
    ("email_attribute", Field("directory-email"), DIRECTORIES),
    ("email_domains in [[directories]]", Field("directory-email-domains"), DIRECTORIES),
    (
        "email_written_by_admins_only = false",
        Words("it switched off that only admins write addresses"),
        DIRECTORIES,
    ),
    ("connect_timeout_ms", Field("directory-connect"), DIRECTORIES),
    ("operation_timeout_ms", Field("directory-operation"), DIRECTORIES),
    ("search_connections", Field("directory-search"), DIRECTORIES),
    ("bind_connections of the directory", Field("directory-bind"), DIRECTORIES),
    ("service_account_password", Words("the password"), DIRECTORIES),
    ("ca_file (or ca_pem)", Field("directory-ca"), DIRECTORIES),
    ("ca_file", Field("directory-ca"), DIRECTORIES),
    ("tls_name of this server", Words("the name in the certificate of this server"), DIRECTORIES),
    ("tls_name", Words("the name in the certificate"), DIRECTORIES),
    ("[sso] enabled = true", Page, sso::PATH),
    ("[sso] enabled", Page, sso::PATH),
    ("password_change", Words("changing passwords"), sso::PATH),
    ("[throttle] name_per_minute", Field("sso-throttle-name"), sso::PATH),
    ("[throttle] overall_per_minute", Field("sso-throttle-overall"), sso::PATH),
    ("[throttle] person_codes_per_minute", Field("sso-throttle-person-codes"), sso::PATH),
    ("[throttle] address_codes_per_minute", Field("sso-throttle-address-codes"), sso::PATH),
    ("[second_factor]", Page, two_step::PATH),
    ("require_second_factor of a client", Words("the application"), APPLICATIONS),
    ("[[clients]]", Page, APPLICATIONS),
    ("cloudsync-idp doctor", Words("the connection test"), CONNECTION_TROUBLE),
    ("run the doctor again", Words("test the connection again"), CONNECTION_TROUBLE),
    (
        "email_written_by_admins_only = true",
        Words("the setting that only admins write addresses"),
        DIRECTORIES,
    ),
    ("make and apply a plan: cloudsync-idp sync --plan", Words("make and apply a plan"), SYNC_SETTINGS),
    ("Run: cloudsync-idp sync --plan", Words("Make a plan"), SYNC_SETTINGS),
    ("run: cloudsync-idp sync --plan", Words("make a plan"), SYNC_SETTINGS),
    ("run: cloudsync-idp sync --resume", Words("resume the sync"), SYNC_LOG),
    ("resume with: cloudsync-idp sync --resume", Words("resume it"), SYNC_LOG),
    ("Run: cloudsync-idp sync", Words("Sync now"), SYNC_LOG),
    ("Run cloudsync-idp sync", Words("Sync now"), SYNC_LOG),
    ("run: cloudsync-idp sync", Words("sync now"), SYNC_LOG),
    ("sync status", Words("the Sync Log"), SYNC_LOG),
    ("the settings: cloudsync-idp settings apply FILE", Page, DIRECTORIES),
    ("Then run: cloudsync-idp settings apply FILE", Plain("Then save"), ""),
    ("and run: cloudsync-idp settings apply FILE", Plain("and save"), ""),
    (
        "For a lost phone: cloudsync-idp admin factors invite NAME",
        Words("For a lost phone issue a code"),
        PEOPLE,
    ),
    ("create a code: cloudsync-idp admin factors invite NAME", Words("issue a code"), PEOPLE),
];

/// A sentence as a page shows it.
pub(super) struct Said {
    pub parts: Vec<AdvicePart>,
    /// Its language, if it is not that of the page.
    pub tag: Option<&'static str>,
}

/// An advice, a cause or a finding in the language of a page, with links.
pub(super) fn said(language: &Language, text: impl AsRef<str>) -> Said {
    in_language(*language, text.as_ref(), advice)
}

/// A text in the language of a page. In English it stays as it is.
pub(super) fn plain(language: &Language, text: impl AsRef<str>) -> Said {
    in_language(*language, text.as_ref(), |text| vec![AdvicePart::plain(text)])
}

fn in_language(language: Language, text: &str, english: impl Fn(&str) -> Vec<AdvicePart>) -> Said {
    let german = (language == Language::German).then(|| phrases::german(text));
    match german {
        Some(Some(parts)) => Said { parts, tag: None },
        // A name or a number alone has no language.
        Some(None) => Said { parts: english(text), tag: text.contains(' ').then(|| Language::English.tag()) },
        None => Said { parts: english(text), tag: None },
    }
}

/// The parts of an advice in English, as the command line has it.
fn advice(text: &str) -> Vec<AdvicePart> {
    let (mut rest, mut parts) = (text, Vec::new());
    while let Some((at, (words, stand, page))) = next_place(rest) {
        let (before, after) = rest.split_at(at);
        parts.extend([AdvicePart::plain(before), shown(stand, page)]);
        rest = after.strip_prefix(words).unwrap_or_default();
    }
    parts.push(AdvicePart::plain(rest));
    parts.retain(|part| !part.text.is_empty());
    parts
}

/// The first words of the command line in a text; the longest of those that begin there.
fn next_place(text: &str) -> Option<(usize, &'static (&'static str, Stand, &'static str))> {
    let found = PLACES.iter().filter_map(|place| Some((text.find(place.0)?, place)));
    found.min_by_key(|(at, place)| (*at, Reverse(place.0.len())))
}

fn shown(stand: &Stand, page: &'static str) -> AdvicePart {
    let label: Cow<'static, str> = match stand {
        Plain(words) => return AdvicePart::plain(words),
        Page => return AdvicePart { text: menu_path(Language::English, page), page: Some(page) },
        Field(key) => format!("“{}”", Language::English.text(key)).into(),
        Words(words) => (*words).into(),
    };
    let text = format!("{label} ({})", menu_path(Language::English, page));
    AdvicePart { text, page: Some(page) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::admin::phrases::tests::texts;

    /// The files whose texts are shown in the panel.
    const FILES: [&str; 12] = [
        "src/domain/advice.rs",
        "src/domain/sync_advice.rs",
        "src/domain/selection.rs",
        "src/domain/reconcile/conflict.rs",
        "src/domain/gates/checks.rs",
        "src/domain/doctor/limits.rs",
        "src/domain/doctor/network.rs",
        "src/domain/doctor/people.rs",
        "src/domain/doctor/tls.rs",
        "src/flow/support/doctor.rs",
        "src/flow/sync/order.rs",
        "src/flow/person/guard.rs",
    ];

    /// What only the command line can do, and settings that only a file has.
    const COMMAND_LINE_ONLY: [&str; 7] = [
        "cloudsync-idp agents list",
        "cloudsync-idp accounts import",
        "cloudsync-idp admin accounts purge",
        "cloudsync-idp accounts hand-over",
        "cloudsync-idp settings export",
        "[throttle] networks",
        "trusted_proxies",
    ];

    fn joined(text: &str) -> String {
        advice(text).into_iter().map(|part| part.text).collect()
    }

    /// The sentences of these files.
    fn sentences() -> impl Iterator<Item = String> {
        FILES.iter().flat_map(|path| texts(path)).filter(|text| text.contains(' '))
    }

    #[test]
    fn advice_names_the_menu_of_the_panel() {
        let table = [
            (
                "add their OU to [directories.scope]. Then",
                "add their OU to Settings › Active Directory › Sync Settings. Then",
            ),
            ("and run: cloudsync-idp settings apply FILE", "and save"),
            ("run: cloudsync-idp sync --resume", "resume the sync (Settings › Active Directory › Sync Log)"),
            (
                "Switch it on in the settings: [sso] enabled = true.",
                "Switch it on in the settings: Settings › Integrations › Single Sign-On.",
            ),
            ("nothing to do", "nothing to do"),
            ("", ""),
        ];
        for (text, expected) in table {
            assert_eq!(joined(text), expected);
        }
        let part = &advice("raise operation_timeout_ms, or")[1];
        assert_eq!(part.page, Some(DIRECTORIES));
        assert!(
            part.text.starts_with('“') && part.text.ends_with("(Settings › Integrations › Active Directory)"),
            "{part:?}"
        );
    }

    #[test]
    fn no_advice_on_a_page_names_a_file_or_a_command() {
        let mut left = Vec::new();
        let german = phrases::FILES.iter().flat_map(|file| phrases::pairs(file));
        for text in sentences().chain(german.map(|[_, german]| german.to_owned())) {
            let parts = advice(&text);
            let mut plain: String =
                parts.iter().filter(|part| part.page.is_none()).map(|part| part.text.as_str()).collect();
            for known in COMMAND_LINE_ONLY {
                plain = plain.replace(known, "");
            }
            let is_named = [
                "cloudsync-idp ",
                "[[",
                "[directories",
                "[sso",
                "[throttle",
                "[second_factor",
                "_ms",
                "base_dn",
                "ca_file",
            ];
            if is_named.iter().any(|word| plain.replace("{base_dn}", "").contains(word)) {
                left.push(text);
            }
        }
        assert!(left.is_empty(), "{left:#?}");
        assert!(sentences().count() > 200, "the texts are found");
    }

    #[test]
    fn each_place_is_a_page_of_the_menu_and_is_needed() {
        for (words, stand, page) in PLACES {
            let is_plain = matches!(stand, Plain(_));
            assert_eq!(is_plain, page.is_empty(), "{words}");
            assert!(is_plain || !menu_path(Language::English, page).is_empty(), "{words}");
            let is_used = sentences().any(|text| text.contains(words));
            assert!(is_used, "{words}");
        }
    }
}
