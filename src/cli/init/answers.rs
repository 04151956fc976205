//! Answers, given as an option or asked for. At the end of the input the default is used; without a default,
//! the error names the option.

use anyhow::{Result, bail};

use crate::cli::prompt;

/// The option's value, or else the answer.
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

/// The answer, or an error that names the option.
pub(super) fn required(answer: Option<String>, option: &str) -> Result<String> {
    match answer {
        Some(answer) if !answer.is_empty() => Ok(answer),
        _ => bail!("no answer was given; answer the question, or use --{option}"),
    }
}

/// Asks where a password will be sent: an empty line means the default, but the end of the input is no
/// answer.
pub(super) fn confirmed(question: &str, default: Option<&str>) -> Result<Option<String>> {
    let shown = default.map_or(String::new(), |default| format!(" [{default}]"));
    let typed = prompt::line(&format!("{question}{shown}: "))?;
    Ok(typed.and_then(|typed| if typed.is_empty() { default.map(str::to_owned) } else { Some(typed) }))
}

/// Asks; an empty answer or the end of the input means the default.
pub(super) fn answer(question: &str, default: Option<&str>) -> Result<Option<String>> {
    let shown = default.map_or(String::new(), |default| format!(" [{default}]"));
    let typed = prompt::line(&format!("{question}{shown}: "))?;
    Ok(typed.filter(|typed| !typed.is_empty()).or_else(|| default.map(str::to_owned)))
}
