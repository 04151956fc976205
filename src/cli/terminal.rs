//! Properties of the terminal: its width, and whether it shows colour.

use std::io::{IsTerminal, stdout};

/// Text colours, by meaning.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum TextColour {
    Good,
    Warning,
    Bad,
    Quiet,
}

impl TextColour {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
        }
    }
}

/// The terminal's width in columns; `None` if standard output is no terminal.
pub(super) fn width() -> Option<u16> {
    const USUAL: u16 = 80;
    let size = || terminal_size::terminal_size_of(stdout()).map(|(width, _)| width.0);
    stdout().is_terminal().then(|| size().filter(|width| *width > 0).unwrap_or(USUAL))
}

/// Colours the text if the terminal shows colour and `NO_COLOR` is not set (<https://no-color.org>).
pub(super) fn paint(text: &str, colour: TextColour) -> String {
    if wants_colour(stdout().is_terminal(), |name| std::env::var(name).ok()) {
        format!("\u{1b}[{}m{text}\u{1b}[0m", colour.code())
    } else {
        text.to_owned()
    }
}

fn wants_colour(is_terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let refused = variable("NO_COLOR").is_some_and(|value| !value.is_empty());
    is_terminal && !refused && variable("TERM").is_none_or(|kind| kind != "dumb")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colour_is_used_only_on_terminals_that_show_it() {
        let table = [
            (true, None, true),
            (true, Some(("NO_COLOR", "1")), false),
            (true, Some(("NO_COLOR", "")), true),
            (true, Some(("TERM", "dumb")), false),
            (true, Some(("TERM", "xterm")), true),
            (false, None, false),
        ];
        for (is_terminal, set, wanted) in table {
            let variable =
                |name: &str| set.filter(|(set, _)| *set == name).map(|(_, value)| value.to_owned());
            assert_eq!(wants_colour(is_terminal, variable), wanted, "{is_terminal} {set:?}");
        }
    }
}
