//! The words under which people are found: of ids, login names, email addresses and names. A search finds
//! words by their beginning.

use std::collections::BTreeMap;

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use super::account::{AccountId, Profile};
use super::email;
use super::name::fold;
use super::profile::ValueForm;

/// The longest word in characters: every database can index it.
const LONGEST: usize = 128;

/// How many parts of names an account has at most, besides the names themselves.
const MOST_PARTS: usize = 32;

/// How many words of a search count.
const MOST_TERMS: usize = 6;

/// One word of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SearchWord {
    pub text: String,
    /// True for a name by itself: id, login name or email address.
    pub is_name: bool,
}

/// The words of an account, each once.
#[must_use]
pub fn words_of(id: &AccountId, profile: &Profile) -> Vec<SearchWord> {
    let email = profile.email_key();
    let login = profile.login_name.as_deref().map(fold);
    let mut words = BTreeMap::new();
    for part in parts(&email, login.as_deref(), profile).into_iter().take(MOST_PARTS) {
        words.insert(part, false);
    }
    let names = [Some(fold(&id.0)), Some(email), login];
    for name in names.into_iter().flatten().filter(|name| !name.is_empty()) {
        words.insert(search_key(&name), true);
    }
    words.into_iter().map(|(text, is_name)| SearchWord { text, is_name }).collect()
}

/// The form in which a whole name stands among the words.
#[must_use]
pub fn search_key(folded: &str) -> String {
    folded.chars().take(LONGEST).collect()
}

/// The beginnings of words that a search asks for; all of them must match. A search without any finds
/// nobody.
#[must_use]
pub fn terms(search: &str) -> Vec<String> {
    let term = |typed: &str| {
        let name = typed.rsplit_once('\\').map_or(typed, |(_, login)| login);
        let key = if name.contains('@') { email::key(name) } else { fold(name) };
        search_key(trimmed(&key))
    };
    search.split_whitespace().map(term).filter(|term| !term.is_empty()).take(MOST_TERMS).collect()
}

/// The parts of a person's names: each word, what stands behind a separator in it, and both without accents.
fn parts(email: &str, login: Option<&str>, profile: &Profile) -> Vec<String> {
    let (local, domain) = email.rsplit_once('@').unwrap_or((email, ""));
    let names = profile.attributes.rows().filter(|(row, _)| row.form == ValueForm::Name);
    let names = names.filter_map(|(_, name)| name).map(fold);
    let texts: Vec<String> = names.chain(login.map(str::to_owned)).chain([local.to_owned()]).collect();
    let tokens = texts.iter().flat_map(|text| text.split_whitespace());
    let inner = tokens.flat_map(|token| {
        let pieces = token.split(|c: char| !c.is_alphanumeric() && !is_combining_mark(c));
        [token].into_iter().chain(pieces)
    });
    let all = [email, domain].into_iter().chain(inner).map(trimmed).filter(|part| !part.is_empty());
    let mut found = Vec::new();
    for part in all.map(search_key) {
        for form in [without_accents(&part), part] {
            if !form.is_empty() && !found.contains(&form) {
                found.push(form);
            }
        }
    }
    found
}

/// Without signs at either end.
fn trimmed(text: &str) -> &str {
    text.trim_matches(|c: char| !c.is_alphanumeric() && !is_combining_mark(c))
}

fn without_accents(text: &str) -> String {
    text.nfd().filter(|c| !is_combining_mark(*c)).nfc().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::profile::{ProfileAttribute, ProfileValues};

    fn profile(email: &str, login: &str, name: &str) -> Profile {
        Profile {
            email: email.into(),
            login_name: Some(login.into()),
            attributes: ProfileValues::default().with(ProfileAttribute::Name, name.to_owned()),
        }
    }

    fn finds(search: &str, id: &str, profile: &Profile) -> bool {
        let (terms, words) = (terms(search), words_of(&AccountId(id.into()), profile));
        let matches = |term: &String| words.iter().any(|word| word.text.starts_with(term.as_str()));
        !terms.is_empty() && terms.iter().all(matches)
    }

    #[test]
    fn people_are_found_by_the_beginning_of_each_of_their_words() {
        let zoe = profile("Zoe.OBrien@Example.com", "_zobrien-adm", "O'Brien, Zoë (Ops) Anna-Lena");
        for search in [
            "42",
            "zoe",
            "ZOË",
            "zo",
            "zobrien",
            "_zob",
            "adm",
            "obrien",
            "brien",
            "o'br",
            "ops",
            "lena",
            "anna-l",
            "zoe.obrien@example.com",
            "zoe.obrien@ex",
            "example.com",
            "@example",
            "CORP\\_zobrien",
            "brien zoe",
            "(ops)",
            " zoe  lena ",
            "O'Brien,",
        ] {
            assert!(finds(search, "42", &zoe), "{search}");
        }
        for search in ["", " ", "@", "\\", "oe", "com", "zoe alice", "2", "%", "xample"] {
            assert!(!finds(search, "42", &zoe), "{search}");
        }
    }

    #[test]
    fn whole_names_are_told_apart_from_parts_of_names() {
        let words = words_of(&AccountId("A1".into()), &profile("al@example.com", "Alice", "Bob Alice"));
        let is_name = |text: &str| words.iter().find(|word| word.text == text).map(|word| word.is_name);
        assert_eq!(["a1", "alice", "al@example.com"].map(is_name), [Some(true); 3]);
        assert_eq!(["bob", "al", "example.com"].map(is_name), [Some(false); 3]);
        assert_eq!(is_name("com"), None);
    }

    proptest! {
        #[test]
        fn everybody_is_found_by_each_whole_name_and_words_stay_few_and_short(
            id in "[ -~]{1,255}", email in "\\PC{1,200}", login in "\\PC{1,200}", name in "\\PC{0,256}"
        ) {
            let profile = profile(&email, &login, &name);
            let words = words_of(&AccountId(id.clone()), &profile);
            prop_assert!(words.len() <= MOST_PARTS + 3);
            for word in &words {
                prop_assert!(word.text.chars().count() <= LONGEST && !word.text.is_empty());
            }
            for whole in [fold(&id), fold(&login), profile.email_key()] {
                let key = search_key(&whole);
                prop_assert!(key.is_empty() || words.iter().any(|word| word.is_name && word.text == key), "{whole}");
            }
            prop_assert!(terms(&name).len() <= MOST_TERMS);
        }
    }
}
