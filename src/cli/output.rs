//! Write to standard output and standard error; no other module does. A reader that goes away (`| head`) is
//! no error: the rest of the output is dropped and the command finishes its work.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, IsTerminal, Write};
use std::sync::OnceLock;

use serde::Serialize;

/// The error that closed standard output.
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

/// Writes text with its own line ends; unescaped if it does not go to a terminal, because a program reads it.
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
    // A failure here can't be reported anywhere.
    let _ = writeln!(io::stderr().lock(), "{}", harmless(&text.to_string()));
}

/// Untrusted text (from the directory or a file) as part of a line. Characters that control the terminal, the
/// text direction or the line are written as `\u202e`, as in JSON, where the text therefore stays the same.
pub(super) fn printable(text: &str) -> String {
    escaped(text, |_| false)
}

/// Escapes a whole output, but keeps line ends, tabs and our own colours.
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

/// The colour sequence at the start, such as `[1;31m` (ECMA-48, 8.3.117), unless it hides text.
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

/// Control characters (C0, DEL, C1), line and paragraph separators, marks and isolates of the bidirectional
/// algorithm (UAX 9), the byte order mark, and tags, which are invisible.
fn is_harmful(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        || matches!(c, '\u{feff}' | '\u{e0000}'..='\u{e007f}')
}

/// Writes one JSON document in one line, so that a reader can take several line by line.
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

/// True if the reader is gone, so that a long list may stop.
pub(super) fn is_closed() -> bool {
    FAILED.get().is_some()
}

/// Flushes at the end of a command. A failed write (a full disk) is an error, unless the reader went away.
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
    fn terminal_control_characters_are_escaped() {
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
    fn our_own_layout_and_colours_are_kept() {
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
        fn no_harmful_character_remains(text in "[a\\x00-\\x1f\u{202a}-\u{202e}\u{feff}\\[;0-9m]*") {
            prop_assert!(!printable(&text).contains(is_harmful));
            let left = harmless(&text).replace(['\x1b', '\n', '\t'], "");
            prop_assert!(!left.contains(is_harmful));
        }
    }
}
