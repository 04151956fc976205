//! The one place where commands write on standard output and standard error. A reader that goes away (`| head`) is no
//! error: the rest is dropped and the command does its work to the end.

use std::fmt::Arguments;
use std::io::{self, ErrorKind, Write};
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
    write(|out| writeln!(out, "{text}"));
}

/// Writes text that brings its own line ends.
pub(super) fn text(text: &str) {
    write(|out| out.write_all(text.as_bytes()));
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
    let _ = writeln!(io::stderr().lock(), "{text}");
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
