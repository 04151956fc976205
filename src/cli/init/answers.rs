//! Answers: given by an option, or asked for. At the end of the input a default is taken, and where there is none the
//! option is named.

use anyhow::{Result, bail};

use crate::cli::prompt;

/// What the option gave, or what is answered.
pub(super) fn given_or(
    given: Option<String>,
    option: &str,
    ask: impl FnOnce() -> Result<Option<String>>,
) -> Result<String> {
    match given {
        Some(given) => Ok(given),
        None => required(ask()?, option),
    }
}

/// An answer there must be.
pub(super) fn required(answer: Option<String>, option: &str) -> Result<String> {
    match answer {
        Some(answer) if !answer.is_empty() => Ok(answer),
        _ => bail!("there is no answer; answer the question, or give --{option}"),
    }
}

/// Asks for what a password depends on: an empty line is the default, but the end of the input is no answer.
pub(super) fn confirmed(question: &str, default: Option<&str>) -> Result<Option<String>> {
    let shown = default.map_or(String::new(), |default| format!(" [{default}]"));
    let typed = prompt::line(&format!("{question}{shown}: "))?;
    Ok(typed.and_then(|typed| if typed.is_empty() { default.map(str::to_owned) } else { Some(typed) }))
}

/// Asks; an empty answer is the default.
pub(super) fn answer(question: &str, default: Option<&str>) -> Result<Option<String>> {
    let shown = default.map_or(String::new(), |default| format!(" [{default}]"));
    let typed = prompt::line(&format!("{question}{shown}: "))?;
    Ok(typed.filter(|typed| !typed.is_empty()).or_else(|| default.map(str::to_owned)))
}
