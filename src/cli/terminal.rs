//! What is known of the terminal: how wide it is, and whether colour is wanted.

use std::io::{IsTerminal, stdout};

/// The colours that mean something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Colour {
    Good,
    Warning,
    Bad,
    Quiet,
}

impl Colour {
    fn code(self) -> &'static str {
        match self {
            Self::Good => "32",
            Self::Warning => "33",
            Self::Bad => "31",
            Self::Quiet => "2",
        }
    }
}

/// How many columns the reader's terminal has; `None` where no terminal reads.
pub(super) fn width() -> Option<u16> {
    const USUAL: u16 = 80;
    let size = || terminal_size::terminal_size_of(stdout()).map(|(width, _)| width.0);
    stdout().is_terminal().then(|| size().filter(|width| *width > 0).unwrap_or(USUAL))
}

/// The text in a colour, on a terminal that wants colours (<https://no-color.org>).
pub(super) fn paint(text: &str, colour: Colour) -> String {
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
    fn colour_is_for_terminals_that_want_it() {
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
