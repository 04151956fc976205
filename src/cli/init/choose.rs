//! Let the administrator choose OUs and groups from lists.

use anyhow::{Result, ensure};

use crate::cli::{printable, prompt};
use crate::domain::settings::Directory;
use crate::flow::support::setup::{self, Choice, Survey};

/// How many choices are shown at once; a search finds the others.
const SHOWN: usize = 40;

/// Sets the scope from the options, or asks.
pub(super) fn scope(
    directory: &mut Directory,
    survey: &Survey,
    units: &[String],
    groups: &[String],
) -> Result<()> {
    errln!("{} enabled people below {}.", survey.people, printable(&directory.base_dn));
    let (mut units, mut groups) = (units.to_vec(), groups.to_vec());
    if units.is_empty() && groups.is_empty() {
        errln!(
            "Who may sign in? Choose OUs (including all OUs below), groups (including nested groups), or both."
        );
        units = picked("OUs", &survey.units)?;
        groups = picked("groups", &survey.groups)?;
    }
    ensure!(
        setup::set_scope(directory, &units, groups),
        "without an OU or a group nobody could sign in: choose one, or use --ou or --group"
    );
    Ok(())
}

/// Asks until the answer is a list of numbers, a DN, or nothing.
pub(super) fn picked(what: &str, all: &[Choice]) -> Result<Vec<String>> {
    let mut search = String::new();
    loop {
        errln!("\n{what}{}", if search.is_empty() { String::new() } else { format!(" with {search:?}") });
        let mut more = 0;
        for (shown, (at, one)) in setup::containing(all, &search).enumerate() {
            match shown < SHOWN {
                true => errln!("  {:>4}  {:>7} people  {}", at + 1, one.people, printable(one.dn.as_str())),
                false => more += 1,
            }
        }
        if more > 0 {
            errln!("  and {more} more: type a part of the name to search");
        }
        let question =
            format!("Which {what}? Numbers such as 1,3-5, a DN, a part of a name to search, or nothing: ");
        let Some(typed) = prompt::line(&question)?.filter(|typed| !typed.is_empty()) else {
            return Ok(Vec::new());
        };
        if let Some(one) = setup::with_dn(all, &typed) {
            return Ok(vec![one.dn.to_string()]);
        }
        match numbers(&typed, all.len()) {
            Some(numbers) => {
                let names = numbers.into_iter().filter_map(|number| all.get(number - 1));
                return Ok(names.map(|one| one.dn.to_string()).collect());
            }
            None => search = typed,
        }
    }
}

/// Reads `1,3-5`, each between 1 and `most`; `None` if it is no such list.
fn numbers(typed: &str, most: usize) -> Option<Vec<usize>> {
    let mut numbers = Vec::new();
    for part in typed.split(',').map(str::trim) {
        let (from, to) = part.split_once('-').unwrap_or((part, part));
        let (from, to): (usize, usize) = (from.trim().parse().ok()?, to.trim().parse().ok()?);
        if from == 0 || to > most || from > to {
            return None;
        }
        numbers.extend((from..=to).filter(|number| !numbers.contains(number)).collect::<Vec<_>>());
    }
    Some(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_and_anything_else_is_a_search() {
        for (typed, expected) in [
            ("1", Some(vec![1])),
            ("3, 1-2,2", Some(vec![3, 1, 2])),
            ("0", None),
            ("10", None),
            ("2-1", None),
            ("1-", None),
            ("staff", None),
            ("", None),
        ] {
            assert_eq!(numbers(typed, 9), expected, "{typed}");
        }
    }
}
