//! Questions to whoever sits at the terminal.

use std::io::{self, BufRead, IsTerminal, Write};

use anyhow::{Context, Result};

/// Asks a question that "y" alone agrees to. `None` where nobody is there to answer.
pub(super) fn confirm(question: &str) -> Result<Option<bool>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    let answer = ask(&format!("{question} [y/N] "))?;
    Ok(Some(matches!(answer.to_lowercase().as_str(), "y" | "yes")))
}

/// The next line of standard input, without the space around it. The question goes to standard error: standard output may
/// be a file.
fn ask(question: &str) -> Result<String> {
    let mut err = io::stderr().lock();
    write!(err, "{question}").and_then(|()| err.flush()).context("can't ask")?;
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).context("can't read the answer")?;
    Ok(line.trim().to_owned())
}
