//! Collect the problems of a settings file with their places, so that all can be fixed at once.

use std::collections::BTreeMap;
use std::fmt;

/// A place in the settings: `session.idle_minutes`, `directories[corp].servers[0].host`.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SettingPath {
    section: String,
    key: String,
}

impl SettingPath {
    /// A section, or the list of entries with this name.
    #[must_use]
    pub fn section(name: &str) -> Self {
        Self { section: name.to_owned(), key: String::new() }
    }

    /// An entry of a list whose entries have names.
    #[must_use]
    pub fn named(list: &str, name: &str) -> Self {
        Self::section(&format!("{list}[{}]", printable(name)))
    }

    /// A key below this place.
    #[must_use]
    pub fn key(&self, name: &str) -> Self {
        let name = printable(name);
        if self.section.is_empty() {
            return Self::section(&name);
        }
        let dot = if self.key.is_empty() { "" } else { "." };
        Self { section: self.section.clone(), key: format!("{}{dot}{name}", self.key) }
    }

    /// An item of the list at this place, counted from 0.
    #[must_use]
    pub fn item(&self, index: usize) -> Self {
        if self.key.is_empty() {
            return Self::section(&format!("{}[{index}]", self.section));
        }
        Self { section: self.section.clone(), key: format!("{}[{index}]", self.key) }
    }

    /// The place that contains this one, within its section.
    fn parent(&self) -> Option<Self> {
        let end = self.key.rfind(['.', '[']).unwrap_or(0);
        (!self.key.is_empty())
            .then(|| Self { section: self.section.clone(), key: self.key[..end].to_owned() })
    }
}

/// Names come from the file, so one that is no word must not break the message.
fn printable(name: &str) -> String {
    name.chars().take(80).map(|c| if c.is_control() { '?' } else { c }).collect()
}

impl fmt::Display for SettingPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.section)?;
        if self.key.is_empty() { Ok(()) } else { write!(f, ".{}", self.key) }
    }
}

/// A message about one place. It never repeats a secret.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// Line of the file, from 1; 0 if the file does not mention the place.
    pub line: usize,
    pub place: SettingPath,
    /// What is wrong and what would be right.
    pub message: String,
}

impl Problem {
    /// True if it is of the setting at this place, or of what is in it.
    #[must_use]
    pub fn is_at(&self, place: &str) -> bool {
        let own = self.place.to_string();
        own.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    }

    /// The message with its place: `settings.toml:12: session.idle_minutes: 0 is not allowed; use 1 to
    /// 10080`.
    #[must_use]
    pub fn in_file(&self, file: &str) -> String {
        let mut said = file.to_owned();
        if self.line > 0 {
            said += &format!(":{}", self.line);
        }
        if self.place != SettingPath::default() {
            said += &format!(": {}", self.place);
        }
        format!("{said}: {}", self.message)
    }
}

/// All problems (or warnings) of one file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct Problems {
    /// As the administrator gave it.
    pub file: String,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let said: Vec<String> = self.problems.iter().map(|problem| problem.in_file(&self.file)).collect();
        f.write_str(&said.join("\n"))
    }
}

/// Collects problems and warnings while a file is read and checked.
#[derive(Debug, Default)]
pub(super) struct ProblemReport {
    lines: BTreeMap<SettingPath, usize>,
    problems: Vec<Problem>,
    warnings: Vec<Problem>,
}

impl ProblemReport {
    /// Records the line of a place.
    pub(super) fn note(&mut self, place: &SettingPath, line: usize) {
        self.lines.insert(place.clone(), line);
    }

    /// The line on which the file mentions this place.
    pub(super) fn noted(&self, place: &SettingPath) -> Option<usize> {
        self.lines.get(place).copied()
    }

    /// Reports a problem of this place, on its line or that of the nearest place around it.
    pub(super) fn problem(&mut self, place: &SettingPath, message: impl Into<String>) {
        let line = self.line(place);
        self.problem_on(line, place, message);
    }

    /// Reports a problem on this line.
    pub(super) fn problem_on(&mut self, line: usize, place: &SettingPath, message: impl Into<String>) {
        self.problems.push(Problem { line, place: place.clone(), message: message.into() });
    }

    /// True if no problem was reported in the section of this place.
    pub(super) fn is_sound(&self, place: &SettingPath) -> bool {
        !self.problems.iter().any(|problem| problem.place.section == place.section)
    }

    /// Warns of something that is allowed.
    pub(super) fn warning(&mut self, place: &SettingPath, message: impl Into<String>) {
        let line = self.line(place);
        self.warnings.push(Problem { line, place: place.clone(), message: message.into() });
    }

    /// Adds the problems of `other`, except for sections that have some already: those that follow from a
    /// value that could not be read would only mislead.
    pub(super) fn absorb(&mut self, other: Self) {
        self.lines.extend(other.lines);
        let misread: Vec<String> =
            self.problems.iter().map(|problem| problem.place.section.clone()).collect();
        let sound = other.problems.into_iter().filter(|problem| !misread.contains(&problem.place.section));
        self.problems.extend(sound);
        self.warnings.extend(other.warnings);
    }

    /// An empty report that knows the same lines.
    pub(super) fn next(&self) -> Self {
        Self { lines: self.lines.clone(), ..Self::default() }
    }

    /// The warnings, or every problem.
    pub(super) fn finish(mut self, file: &str) -> Result<Vec<Problem>, Problems> {
        if self.problems.is_empty() {
            self.warnings.sort();
            return Ok(self.warnings);
        }
        self.problems.sort();
        self.problems.dedup();
        Err(Problems { file: file.to_owned(), problems: self.problems })
    }

    fn line(&self, place: &SettingPath) -> usize {
        let mut at = Some(place.clone());
        while let Some(place) = at {
            if let Some(line) = self.lines.get(&place) {
                return *line;
            }
            at = place.parent();
        }
        0
    }
}
