//! The one place where commands write on standard output and standard error. A reader that goes away (`| head`) is no
//! error: the rest is dropped and the command does its work to the end.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

/// Why standard output takes nothing any more.
static FAILED: OnceLock<io::Error> = OnceLock::new();

/// Writes a line on standard output.
macro_rules! outln {
    ($($text:tt)*) => { $crate::cli::output::line(::std::format_args!($($text)*)) };
}

/// Writes a line on standard error.
macro_rules! errln {
    ($($text:tt)*) => { $crate::cli::output::note(::std::format_args!($($text)*)) };
}

pub(crate) fn line(text: Arguments<'_>) {
    write(|out| writeln!(out, "{}", harmless(&text.to_string())));
}

/// Writes text that brings its own line ends: as it is into a file, which another program reads.
pub(super) fn text(text: &str) {
    match io::stdout().is_terminal() {
        true => write(|out| out.write_all(harmless(text).as_bytes())),
        false => write(|out| out.write_all(text.as_bytes())),
    }
}

fn write(text: impl FnOnce(&mut io::StdoutLock<'_>) -> io::Result<()>) {
    if is_closed() {
        return;
    }
    if let Err(error) = text(&mut io::stdout().lock()) {
        // The first error is kept.
        let _ = FAILED.set(error);
    }
}

pub(crate) fn note(text: Arguments<'_>) {
    // Nobody is left to report it to.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(&text.to_string()));
}

/// Other people's text (the directory's, a file's) as part of a line: each control character, and each that changes the
/// direction or the lines of what stands around it, is written as `\u202e`. That is how JSON writes it, so it stays the same
/// text there.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |_| false)
}

/// A whole output, the last look at it: lines, columns and our own colours stay.
fn harmless(text: &str) -> String {
    let mut harmless = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('\x1b') {
        harmless += &escaped(before, is_layout);
        let colour = colour(after);
        harmless += if colour.is_empty() { "\\u001b" } else { "\x1b" };
        harmless += colour;
        rest = &after[colour.len()..];
    }
    harmless + &escaped(rest, is_layout)
}

fn is_layout(c: char) -> bool {
    matches!(c, '\n' | '\t')
}

/// `[1;31m` and the like (ECMA-48, 8.3.117), but not what hides text.
fn colour(after: &str) -> &str {
    let end = after.find(|c: char| !matches!(c, '[' | ';' | '0'..='9')).unwrap_or(after.len());
    let whole = after.starts_with('[') && after[end..].starts_with('m');
    let hides =
        after[..end].trim_start_matches('[').split(';').any(|code| code.trim_start_matches('0') == "8");
    if whole && !hides { &after[..=end] } else { "" }
}

fn escaped(text: &str, stays: impl Fn(char) -> bool) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        if !is_harmful(c) || stays(c) {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            escaped += &format!("\\u{unit:04x}");
        }
    }
    escaped
}

/// Control characters (C0, DEL, C1), line and paragraph separators, marks and isolates of the bidirectional algorithm (UAX 9),
/// the byte order mark, and tags, which nobody sees.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// One document, in one line: where a command writes several, a reader takes them line by line.
pub(super) fn json(value: &impl Serialize) -> serde_json::Result<()> {
    let document = serde_json::to_string(value)?;
    line(format_args!("{document}"));
    Ok(())
}

/// A long list as one JSON document, written item by item.
#[derive(Default)]
pub(super) struct JsonList {
    begun: bool,
}

impl JsonList {
    pub(super) fn item(&mut self, value: &impl Serialize) -> serde_json::Result<()> {
        text(if self.begun { ",\n" } else { "[" });
        self.begun = true;
        text(&serde_json::to_string(value)?);
        Ok(())
    }

    pub(super) fn finish(self) {
        text(if self.begun { "]\n" } else { "[]\n" });
    }
}

/// Nobody reads any more: a long list may stop here.
pub(super) fn is_closed() -> bool {
    FAILED.get().is_some()
}

/// The end of a command. What could not be written for another reason than a reader's leaving (a full disk) is an error.
pub(super) fn finish() -> io::Result<()> {
    if FAILED.get().is_none() {
        write(|out| out.flush());
    }
    match FAILED.get() {
        Some(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(io::Error::new(error.kind(), error.to_string()))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_would_rule_a_terminal_is_shown_and_not_obeyed() {
        let table = [
            ("Zoë O'Brien", "Zoë O'Brien"),
            ("مریم\u{200c}خانم", "مریم\u{200c}خانم"),
            ("a\u{202e}nimda", "a\\u202enimda"),
            ("\u{2066}x\u{2069}", "\\u2066x\\u2069"),
            ("\x1b]0;title\x07", "\\u001b]0;title\\u0007"),
            ("a\r\nb\tc", "a\\u000d\\u000ab\\u0009c"),
            ("\u{9b}31m", "\\u009b31m"),
            ("\u{e0041}", "\\udb40\\udc41"),
        ];
        for (text, shown) in table {
            assert_eq!(printable(text), shown);
        }
    }

    #[test]
    fn our_own_layout_and_colours_pass() {
        let table = [
            ("a\tb\nc", "a\tb\nc"),
            ("\x1b[1;31mFAIL\x1b[0m \u{202e}", "\x1b[1;31mFAIL\x1b[0m \\u202e"),
            ("\x1b[8mhidden", "\\u001b[8mhidden"),
            ("\x1b[2J", "\\u001b[2J"),
            ("\x1b", "\\u001b"),
        ];
        for (text, shown) in table {
            assert_eq!(harmless(text), shown);
        }
    }

    proptest! {
        #[test]
        fn json_stays_the_same_text(text: String) {
            let json = serde_json::to_string(&text).expect("text");
            let read: String = serde_json::from_str(&harmless(&json)).expect("JSON still");
            prop_assert_eq!(read, text);
        }

        #[test]
        fn nothing_harmful_is_left(text in "[a\\x00-\\x1f\u{202a}-\u{202e}\u{feff}\\[;0-9m]*") {
            prop_assert!(!printable(&text).contains(is_harmful));
            let left = harmless(&text).replace(['\x1b', '\n', '\t'], "");
            prop_assert!(!left.contains(is_harmful));
        }
    }
}
