//! Ask questions on the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, Result};

use super::printable;
use crate::domain::secret::Plain;

/// Asks a yes-or-no question; only "y" or "yes" means yes. `None` if standard input is not a terminal.
pub(super) fn confirm(question: &str) -> Result<Option<bool>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    Ok(Some(agrees(question)?.unwrap_or(false)))
}

/// The same on any standard input; `None` at its end.
pub(super) fn agrees(question: &str) -> Result<Option<bool>> {
    let answer = line(&format!("{question} [y/N] "))?;
    Ok(answer.map(|answer| matches!(answer.to_lowercase().as_str(), "y" | "yes")))
}

/// The next line of standard input, trimmed; `None` at its end. The question goes to standard error, because
/// standard output may be a file.
pub(super) fn line(question: &str) -> Result<Option<String>> {
    let mut err = io::stderr().lock();
    write!(err, "{}", printable(question)).and_then(|()| err.flush()).context("can't ask")?;
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line).context("can't read the answer")?;
    Ok((read > 0).then(|| line.trim().to_owned()))
}

/// Asks for a secret, which the terminal does not show.
pub(super) fn secret(question: &str) -> Result<Option<Plain>> {
    if io::stdin().is_terminal() {
        let typed = rpassword::prompt_password(printable(question)).context("can't read the answer")?;
        return Ok(Some(Plain::new(typed)));
    }
    Ok(line(question)?.map(Plain::new))
}
