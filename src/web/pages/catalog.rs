//! The texts of the pages: Fluent files for each language, compiled in.
//!
//! A missing text shows its key in brackets and never fails a page; a test prevents releasing one.

use std::borrow::Cow;
use std::sync::LazyLock;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

use super::language::Language;

type Bundle = FluentBundle<FluentResource>;

static ENGLISH: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::English));
static GERMAN: LazyLock<Bundle> = LazyLock::new(|| bundle(Language::German));

/// The Fluent files of a language.
pub(super) fn sources(language: Language) -> &'static [&'static str] {
    match language {
        Language::English => &[
            include_str!("../../../templates/i18n/en.ftl"),
            include_str!("../../../templates/i18n/admin/en/applications.ftl"),
            include_str!("../../../templates/i18n/admin/en/approvals.ftl"),
            include_str!("../../../templates/i18n/admin/en/audit.ftl"),
            include_str!("../../../templates/i18n/admin/en/decisions.ftl"),
            include_str!("../../../templates/i18n/admin/en/directory.ftl"),
            include_str!("../../../templates/i18n/admin/en/frame.ftl"),
            include_str!("../../../templates/i18n/admin/en/overview.ftl"),
            include_str!("../../../templates/i18n/admin/en/services.ftl"),
            include_str!("../../../templates/i18n/admin/en/settings.ftl"),
            include_str!("../../../templates/i18n/admin/en/tasks.ftl"),
            include_str!("../../../templates/i18n/admin/en/sync-log.ftl"),
            include_str!("../../../templates/i18n/admin/en/test-sso.ftl"),
            include_str!("../../../templates/i18n/admin/en/people.ftl"),
            include_str!("../../../templates/i18n/admin/en/sync-settings.ftl"),
        ],
        Language::German => &[
            include_str!("../../../templates/i18n/de.ftl"),
            include_str!("../../../templates/i18n/admin/de/applications.ftl"),
            include_str!("../../../templates/i18n/admin/de/approvals.ftl"),
            include_str!("../../../templates/i18n/admin/de/audit.ftl"),
            include_str!("../../../templates/i18n/admin/de/decisions.ftl"),
            include_str!("../../../templates/i18n/admin/de/directory.ftl"),
            include_str!("../../../templates/i18n/admin/de/frame.ftl"),
            include_str!("../../../templates/i18n/admin/de/overview.ftl"),
            include_str!("../../../templates/i18n/admin/de/services.ftl"),
            include_str!("../../../templates/i18n/admin/de/settings.ftl"),
            include_str!("../../../templates/i18n/admin/de/tasks.ftl"),
            include_str!("../../../templates/i18n/admin/de/sync-log.ftl"),
            include_str!("../../../templates/i18n/admin/de/test-sso.ftl"),
            include_str!("../../../templates/i18n/admin/de/people.ftl"),
            include_str!("../../../templates/i18n/admin/de/sync-settings.ftl"),
        ],
    }
}

impl Language {
    /// The text with this key (`message` or `message.attribute`).
    #[must_use]
    pub fn text(self, key: &str) -> Cow<'static, str> {
        format(self, key, [])
    }

    /// The text with this key and one argument.
    #[must_use]
    pub fn with<'a>(
        self,
        key: &str,
        name: &'static str,
        value: impl Into<FluentValue<'a>>,
    ) -> Cow<'static, str> {
        format(self, key, [(name, value.into())])
    }

    /// The text with this key and several arguments.
    #[must_use]
    pub fn with_all<'a>(
        self,
        key: &str,
        arguments: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>,
    ) -> Cow<'static, str> {
        format(self, key, arguments)
    }
}

/// The text of `message` or `message.attribute`, for the template to escape.
fn format<'a>(
    language: Language,
    key: &str,
    arguments: impl IntoIterator<Item = (&'static str, FluentValue<'a>)>,
) -> Cow<'static, str> {
    let bundle = match language {
        Language::English => &*ENGLISH,
        Language::German => &*GERMAN,
    };
    let (message, attribute) = match key.split_once('.') {
        Some((message, attribute)) => (message, Some(attribute)),
        None => (key, None),
    };
    let pattern = bundle.get_message(message).and_then(|message| match attribute {
        Some(attribute) => message.get_attribute(attribute).map(|attribute| attribute.value()),
        None => message.value(),
    });
    let Some(pattern) = pattern else { return Cow::Owned(format!("⟦{key}⟧")) };
    let mut given = FluentArgs::new();
    for (name, value) in arguments {
        given.set(name, value);
    }
    bundle.format_pattern(pattern, Some(&given), &mut Vec::new()).into_owned().into()
}

fn bundle(language: Language) -> Bundle {
    let locale: LanguageIdentifier = language.tag().parse().unwrap_or_default();
    let mut bundle = Bundle::new_concurrent(vec![locale]);
    // Fluent's isolation marks would end up inside attributes and titles; free-standing names are in <bdi>.
    bundle.set_use_isolating(false);
    // A resource keeps what could be parsed; a test checks that everything could.
    for source in sources(language) {
        let resource = FluentResource::try_new((*source).to_owned()).unwrap_or_else(|(resource, _)| resource);
        bundle.add_resource_overriding(resource);
    }
    bundle
}

#[cfg(test)]
mod tests {
    use std::collections::{BTreeMap, BTreeSet};

    use super::*;

    /// Keys (also `key.attribute`), each with the arguments that its text uses.
    fn texts(language: Language) -> BTreeMap<String, BTreeSet<String>> {
        let (mut texts, mut message, mut key) = (BTreeMap::new(), String::new(), String::new());
        let lines = sources(language).iter().flat_map(|source| source.lines());
        for line in lines.filter(|line| !line.starts_with('#')) {
            if let Some((name, _)) =
                line.split_once(" =").filter(|_| line.starts_with(|c: char| c.is_ascii_lowercase()))
            {
                message = name.to_owned();
                key.clone_from(&message);
            } else if let Some((name, _)) =
                line.trim_start().strip_prefix('.').and_then(|rest| rest.split_once(" ="))
            {
                key = format!("{message}.{name}");
            }
            let arguments = texts.entry(key.clone()).or_insert_with(BTreeSet::new);
            arguments.extend(
                line.split('$')
                    .skip(1)
                    .map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric()).collect::<String>()),
            );
        }
        texts.remove("");
        texts
    }

    #[test]
    fn every_file_is_read_without_a_fault() {
        for language in Language::ALL {
            for source in sources(language) {
                let read = FluentResource::try_new((*source).to_owned());
                assert_eq!(read.err().map(|(_, errors)| errors), None, "{language:?}");
            }
        }
    }

    #[test]
    fn no_language_misses_a_text_or_has_one_too_many() {
        let english = texts(Language::English);
        assert!(english.len() > 50, "the scan finds too little: {english:?}");
        for language in Language::ALL {
            let own = texts(language);
            let missing: Vec<_> = english.keys().filter(|key| !own.contains_key(*key)).collect();
            let surplus: Vec<_> = own.keys().filter(|key| !english.contains_key(*key)).collect();
            assert!(
                missing.is_empty() && surplus.is_empty(),
                "{language:?}: missing {missing:?}, surplus {surplus:?}"
            );
            for (key, arguments) in &own {
                assert_eq!(arguments, &english[key], "{language:?}: the arguments of {key}");
            }
        }
    }

    #[test]
    fn no_file_says_the_same_key_twice() {
        for language in Language::ALL {
            let mut seen = BTreeSet::new();
            let lines = sources(language).iter().flat_map(|source| source.lines());
            let keys = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase()));
            for key in keys.filter_map(|line| line.split_once(" =")).map(|(key, _)| key) {
                assert!(seen.insert(key), "{language:?}: {key} twice");
            }
        }
    }

    #[test]
    fn every_text_is_used_by_a_template_or_a_page() {
        let sources = super::super::tests::sources_of_pages();
        let named = |key: &str| sources.contains(&format!("\"{key}\""));
        // Notices and errors build their key from a name in the code and one of these two parts.
        let composed = |(name, part): (&str, &str)| named(name) && matches!(part, "what" | "next");
        // The label of a decision has its key from the stored word.
        let is_event = |key: &str| key.starts_with("event-");
        for key in texts(Language::English).keys() {
            assert!(
                named(key) || is_event(key) || key.split_once('.').is_some_and(composed),
                "{key} is used nowhere"
            );
        }
    }

    #[test]
    fn a_missing_text_shows_its_key_and_does_not_fail() {
        assert_eq!(format(Language::German, "no-such-key", []), "⟦no-such-key⟧");
    }
}
