//! `cloudsync-idp doctor`: check the directories and print the findings.

use std::borrow::Cow;
use std::path::PathBuf;

use anyhow::{Result, ensure};
use serde_json::json;
use textwrap::WordSplitter;

use super::settings::reviewed;
use super::terminal::{self, TextColour, paint};
use super::{output, printable};
use crate::domain::doctor::{Finding, Severity, sort, worst};
use crate::domain::settings::Settings;
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::service_password;
use crate::flow::support::doctor::{ConnectionTest, DirectoryFindings, examine, test_connection};
use crate::volatile::Volatile;

/// The directories to check.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// Test what this settings file would make of the stored settings, before it is applied; people are not counted
    #[arg(long, value_name = "FILE")]
    settings: Option<PathBuf>,
}

/// Prints all findings, the worst last. Status 0 if nothing needs fixing, 1 for a warning, 2 for an error.
pub async fn run(
    parts: &OperationParts,
    volatile: &Volatile,
    arguments: Arguments,
    json: bool,
) -> Result<u8> {
    let named = arguments.directory.as_deref();
    let examined = match &arguments.settings {
        Some(file) => {
            let settings = reviewed(parts, file).await?;
            ensure_configured(&settings, named)?;
            tested(parts, volatile, &settings, named).await?
        }
        None => {
            ensure_configured(&parts.current().settings, named)?;
            examine(parts, named).await?
        }
    };
    let verdict = worst(examined.iter().flat_map(|one| &one.findings));
    if json {
        output::json(&of_all(&examined, verdict))?;
    } else {
        examined.iter().for_each(print);
    }
    Ok(verdict.status())
}

/// Without a directory to check, the doctor must not report success.
fn ensure_configured(settings: &Settings, named: Option<&str>) -> Result<()> {
    let ids: Vec<&str> = settings.directories.iter().map(|directory| directory.id.0.as_str()).collect();
    ensure!(
        !ids.is_empty(),
        "no directory is configured; write [[directories]] into a file and run: cloudsync-idp settings apply FILE"
    );
    if let Some(named) = named {
        ensure!(ids.contains(&named), "there is no directory {named:?}; there are: {}", ids.join(", "));
    }
    Ok(())
}

/// Tests the connections to these directories. Nothing is stored.
async fn tested(
    parts: &OperationParts,
    volatile: &Volatile,
    settings: &Settings,
    named: Option<&str>,
) -> Result<Vec<DirectoryFindings>> {
    let mut tested = Vec::new();
    for directory in settings.directories.iter().filter(|one| named.is_none_or(|named| one.id.0 == named)) {
        let password = Some(service_password(directory, &parts.keys.sealer)?);
        let test = ConnectionTest { directory, password, by_command: true };
        let mut findings: Vec<Finding> = Vec::new();
        test_connection(parts, volatile, &test, &mut findings).await?;
        sort(&mut findings);
        tested.push(DirectoryFindings { id: directory.id.clone(), name: directory.name.clone(), findings });
    }
    Ok(tested)
}

fn of_all(examined: &[DirectoryFindings], verdict: Severity) -> serde_json::Value {
    let one = |one: &DirectoryFindings| {
        json!({
            "id": one.id.0, "name": one.name, "verdict": worst(&one.findings), "findings": one.findings,
        })
    };
    json!({ "verdict": verdict, "directories": examined.iter().map(one).collect::<Vec<_>>() })
}

fn print(examined: &DirectoryFindings) {
    lines(examined).iter().for_each(|line| outln!("{line}"));
}

/// Prints the findings on standard error, during a dialogue.
pub(super) fn print_on_stderr(examined: &DirectoryFindings) {
    lines(examined).iter().for_each(|line| errln!("{line}"));
}

/// Prints findings on standard error.
pub(super) fn print_findings(findings: &[Finding]) {
    of_findings(findings).iter().for_each(|line| errln!("{line}"));
}

fn lines(examined: &DirectoryFindings) -> Vec<String> {
    let (name, id) = (printable(&examined.name), printable(&examined.id.0));
    let head = format!("{name} ({id}): {}", summary(&examined.findings));
    std::iter::once(head).chain(of_findings(&examined.findings)).collect()
}

fn of_findings(findings: &[Finding]) -> Vec<String> {
    let rows: Vec<FindingRow<'_>> = findings.iter().map(FindingRow::from).collect();
    finding_lines(&rows)
}

/// A finding as it is printed, whatever it is about.
pub(super) struct FindingRow<'a> {
    pub(super) check: &'a str,
    pub(super) server: Option<&'a str>,
    pub(super) verdict: Severity,
    pub(super) what: &'a str,
    pub(super) evidence: Option<&'a str>,
    pub(super) fix: Option<&'a str>,
}

impl<'a> From<&'a Finding> for FindingRow<'a> {
    fn from(finding: &'a Finding) -> Self {
        Self {
            check: finding.check,
            server: finding.server.as_deref(),
            verdict: finding.verdict,
            what: &finding.what,
            evidence: finding.evidence.as_deref(),
            fix: finding.fix.as_deref(),
        }
    }
}

/// The lines of findings, in columns.
pub(super) fn finding_lines(findings: &[FindingRow<'_>]) -> Vec<String> {
    let width = |text: fn(&FindingRow<'_>) -> usize| findings.iter().map(text).max().unwrap_or(0);
    let (checks, servers) = (width(|one| one.check.len()), width(|one| one.server.map_or(0, str::len)));
    let indent = checks + servers + 18;
    let mut lines = Vec::new();
    for finding in findings {
        let (mark, colour) = mark(finding.verdict);
        let mark = paint(&format!("{mark:<10}"), colour);
        let server = finding.server.unwrap_or_default();
        let head = format!("  {mark}  {:<checks$}  {server:<servers$}  ", finding.check);
        let what = wrapped(&printable(finding.what), indent);
        lines.push(format!("{head}{}", what.join(&format!("\n{}", " ".repeat(indent)))));
        let evidence = finding.evidence.iter().map(|text| (*text).to_owned());
        let fix = finding.fix.iter().map(|fix| format!("fix: {fix}"));
        for line in evidence.chain(fix).flat_map(|text| wrapped(&printable(&text), indent)) {
            lines.push(format!("{}{line}", " ".repeat(indent)));
        }
    }
    lines
}

fn mark(verdict: Severity) -> (&'static str, TextColour) {
    match verdict {
        Severity::Ok => ("PASS", TextColour::Good),
        Severity::Info => ("INFO", TextColour::Quiet),
        Severity::CantTell => ("CAN'T TELL", TextColour::Quiet),
        Severity::Warning => ("WARNING", TextColour::Warning),
        Severity::Error => ("FAIL", TextColour::Bad),
    }
}

/// Wraps text to the terminal's width less the indent; a word is never broken.
fn wrapped(text: &str, indent: usize) -> Vec<String> {
    const READABLE: usize = 90;
    const NARROWEST: usize = 30;
    let room = terminal::width().map_or(READABLE, |width| usize::from(width).saturating_sub(indent));
    let width = room.clamp(NARROWEST, READABLE);
    let options = textwrap::Options::new(width).break_words(false).word_splitter(WordSplitter::NoHyphenation);
    textwrap::wrap(text, options).into_iter().map(Cow::into_owned).collect()
}

fn plural(word: &str, count: usize) -> &'static str {
    if count > 1 && matches!(word, "error" | "warning") { "s" } else { "" }
}

fn summary(findings: &[Finding]) -> String {
    let all = [Severity::Error, Severity::Warning, Severity::CantTell, Severity::Info, Severity::Ok];
    let count = |verdict| findings.iter().filter(|finding| finding.verdict == verdict).count();
    let counts =
        all.into_iter().map(|verdict| (count(verdict), verdict.word())).filter(|(count, _)| *count > 0);
    counts
        .map(|(count, word)| format!("{count} {word}{}", plural(word, count)))
        .collect::<Vec<_>>()
        .join(", ")
}
