//! German for the sentences that the code writes in English: causes, advice, findings, errors, reasons. They are
//! stored, logged and sent as JSON in English; a German page translates them. What has no translation, such as
//! messages of servers, stays English.
//!
//! Two lines of a file make a phrase: the text of the source with its holes, and the German one with the same
//! holes. There, `[words](page)` names a page of the menu by the key of its title, and `[$key](page)` a field of it
//! by the key of its label.

use std::cmp::Reverse;
use std::sync::LazyLock;

use super::menu::{menu_path, page_of};
use crate::web::pages::Language;

/// The files, in pairs of lines.
pub(super) const FILES: [&str; 5] = [
    include_str!("../../../templates/i18n/admin/de/phrases/sign-in.txt"),
    include_str!("../../../templates/i18n/admin/de/phrases/sync.txt"),
    include_str!("../../../templates/i18n/admin/de/phrases/doctor.txt"),
    include_str!("../../../templates/i18n/admin/de/phrases/settings.txt"),
    include_str!("../../../templates/i18n/admin/de/phrases/services.txt"),
];

/// The most specific phrase first.
pub(super) static PHRASES: LazyLock<Vec<Phrase>> = LazyLock::new(|| {
    let mut phrases: Vec<Phrase> = FILES.iter().flat_map(|file| pairs(file)).map(Phrase::new).collect();
    phrases.sort_by_key(|phrase| Reverse(phrase.weight()));
    phrases
});

/// A part of a sentence on a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct AdvicePart {
    pub text: String,
    /// The page that the text names.
    pub page: Option<&'static str>,
}

impl AdvicePart {
    pub(super) fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), page: None }
    }
}

/// How deep the value of a hole is translated too.
const DEPTH: usize = 3;

/// A text in English and German.
pub(super) struct Phrase {
    pub english: Vec<Piece>,
    pub german: Vec<Piece>,
}

/// A piece of a text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    Text(&'static str),
    /// By its name, or its number if it has none.
    Hole(String),
    /// A place in the panel.
    Place {
        words: &'static str,
        page: &'static str,
    },
}

/// The English and the German text of each phrase of a file.
pub(super) fn pairs(file: &'static str) -> Vec<[&'static str; 2]> {
    let lines: Vec<_> = file.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect();
    lines.as_chunks().0.to_vec()
}

impl Phrase {
    fn new([english, german]: [&'static str; 2]) -> Self {
        let with_places = |piece| match piece {
            Piece::Text(text) => places(text),
            other => vec![other],
        };
        Self { english: pieces(english), german: pieces(german).into_iter().flat_map(with_places).collect() }
    }

    /// How much of the text is fixed.
    fn weight(&self) -> usize {
        let fixed = self.english.iter().map(|piece| match piece {
            Piece::Text(text) => text.len(),
            _ => 0,
        });
        fixed.sum()
    }

    /// What stands in the holes of this text, if it is this phrase.
    pub(super) fn values<'t>(&self, text: &'t str) -> Option<Vec<(&str, &'t str)>> {
        let (mut rest, mut hole, mut values) = (text, None, Vec::new());
        for (number, piece) in self.english.iter().enumerate() {
            let fixed = match piece {
                Piece::Text(fixed) => *fixed,
                Piece::Hole(name) => {
                    hole = Some(name.as_str());
                    continue;
                }
                Piece::Place { .. } => continue,
            };
            let is_last = number + 1 == self.english.len();
            let at = if is_last { rest.strip_suffix(fixed)?.len() } else { rest.find(fixed)? };
            match hole.take() {
                Some(name) => values.push((name, rest.get(..at)?)),
                None if at > 0 => return None,
                None => {}
            }
            rest = rest.get(at + fixed.len()..)?;
        }
        values.extend(hole.map(|name| (name, std::mem::take(&mut rest))));
        rest.is_empty().then_some(values)
    }
}

/// The texts and holes of a text. A brace before a space is text.
fn pieces(text: &'static str) -> Vec<Piece> {
    let mut parts = text.split('{');
    let mut pieces = vec![Piece::Text(parts.next().unwrap_or_default())];
    let mut unnamed = 0;
    for part in parts {
        let Some((name, after)) = part.split_once('}').filter(|(name, _)| !name.contains(' ')) else {
            pieces.extend([Piece::Text("{"), Piece::Text(part)]);
            continue;
        };
        let name = if name.is_empty() { unnamed.to_string() } else { name.to_owned() };
        unnamed += usize::from(name.parse() == Ok(unnamed));
        pieces.extend([Piece::Hole(name), Piece::Text(after)]);
    }
    pieces.retain(|piece| *piece != Piece::Text(""));
    pieces
}

/// The texts and places of a text without holes.
fn places(text: &'static str) -> Vec<Piece> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some((before, words, page, after)) = next_place(rest) {
        pieces.extend([Piece::Text(before), Piece::Place { words, page }]);
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

fn next_place(text: &'static str) -> Option<(&'static str, &'static str, &'static str, &'static str)> {
    let (before, from) = text.split_once('[')?;
    let (words, from) = from.split_once("](")?;
    let (page, after) = from.split_once(')')?;
    Some((before, words, page, after))
}

/// The text in German, if there is a phrase for it, or one for each of its parts.
pub(super) fn german(text: &str) -> Option<Vec<AdvicePart>> {
    translated(text, DEPTH).or_else(|| {
        let (first, rest) = text.split_once("; ")?;
        Some([translated(first, DEPTH)?, vec![AdvicePart::plain("; ")], german(rest)?].concat())
    })
}

fn translated(text: &str, depth: usize) -> Option<Vec<AdvicePart>> {
    let (phrase, values) = PHRASES.iter().find_map(|phrase| Some((phrase, phrase.values(text)?)))?;
    let value = |hole: &String| values.iter().find(|(name, _)| name == hole).map_or("", |(_, value)| value);
    let shown = |piece: &Piece| match piece {
        Piece::Text(text) => vec![AdvicePart::plain(text)],
        Piece::Hole(name) => inserted(value(name), depth),
        Piece::Place { words, page } => vec![place(words, page)],
    };
    let parts = phrase.german.iter().flat_map(shown);
    Some(parts.filter(|part| !part.text.is_empty()).collect())
}

/// The value of a hole: a phrase itself, or what it is. A word alone may be a name.
fn inserted(value: &str, depth: usize) -> Vec<AdvicePart> {
    let is_phrase = depth > 0 && value.contains(' ');
    let phrase = is_phrase.then(|| translated(value, depth - 1)).flatten();
    phrase.unwrap_or_else(|| vec![AdvicePart::plain(value)])
}

fn place(words: &str, page: &str) -> AdvicePart {
    let (language, page) = (Language::German, page_of(page));
    let menu = menu_path(language, page.unwrap_or_default());
    let text = match words.strip_prefix('$') {
        Some(key) => format!("„{}“ ({menu})", language.text(key)),
        None if words.is_empty() => menu,
        None => format!("{words} ({menu})"),
    };
    AdvicePart { text, page }
}

#[cfg(test)]
pub(super) mod tests;
