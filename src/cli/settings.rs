//! `cloudsync-idp settings`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::terminal::{Colour, paint};
use super::{output, printable};
use crate::flow::context::Parts;
use crate::flow::settings::{
    Difference, Mode, Problem, Secrets, SettingsFile, apply, differences, export, load, load_unverified,
    review,
};

/// What to do with settings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write all settings to the terminal, in a form that `apply` reads
    Export {
        /// Show what the database holds even if it was changed there by hand; check it before you apply it
        #[arg(long)]
        unverified: bool,
    },
    /// Take over a settings file: all of it, or nothing
    Apply(Given),
    /// Say what is wrong with a settings file, and change nothing
    Check(Given),
    /// Show key by key what a settings file would change; status 1 where it would change something
    Diff(Given),
}

/// A settings file.
#[derive(Debug, clap::Args)]
pub struct Given {
    /// The file is the whole: what it leaves out goes back to its default, or goes
    #[arg(long)]
    replace: bool,
    /// The file
    file: PathBuf,
}

/// What `apply` and `check` say, as JSON.
#[derive(Serialize)]
struct Shape<'a> {
    changed: &'a [String],
    warnings: Vec<String>,
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command, json: bool) -> Result<u8> {
    match command {
        Command::Export { unverified } => {
            let settings = match unverified {
                true => load_unverified(&parts.store).await?,
                false => load(&parts.store, &parts.keys.sealer).await?.settings,
            };
            match json {
                true => output::json(&settings)?,
                false => output::text(&export(&settings)),
            }
            Ok(0)
        }
        Command::Apply(given) => take_over(parts, &given, json).await,
        Command::Check(given) => check(parts, &given, json).await,
        Command::Diff(given) => diff(parts, &given, json).await,
    }
}

/// The text of a file, and how it meets what is stored.
struct Read {
    name: String,
    text: String,
    folder: PathBuf,
    mode: Mode,
}

impl Read {
    fn new(given: &Given) -> Result<Self> {
        let path = &given.file;
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mode = if given.replace { Mode::Replace } else { Mode::Merge };
        Ok(Self { name: path.display().to_string(), text, folder: folder.to_owned(), mode })
    }

    fn file(&self) -> SettingsFile<'_> {
        SettingsFile { name: &self.name, text: &self.text, folder: &self.folder }
    }

    fn said(&self, warnings: &[Problem]) -> Vec<String> {
        warnings.iter().map(|warning| warning.in_file(&self.name)).collect()
    }
}

fn secrets(parts: &Parts) -> Secrets<'_> {
    Secrets::new(&parts.keys.sealer, |name| std::env::var(name).ok())
}

async fn take_over(parts: &Parts, given: &Given, json: bool) -> Result<u8> {
    let read = Read::new(given)?;
    let applied = apply(&parts.store, &secrets(parts), &read.file(), read.mode, parts.now()).await?;
    let warnings = read.said(&applied.warnings);
    if json {
        output::json(&Shape { changed: &applied.changed, warnings })?;
        return Ok(0);
    }
    warnings.iter().for_each(|warning| errln!("note: {warning}"));
    match applied.changed.as_slice() {
        [] => outln!("nothing to change"),
        changed => outln!("changed: {}", changed.join(", ")),
    }
    Ok(0)
}

async fn check(parts: &Parts, given: &Given, json: bool) -> Result<u8> {
    let read = Read::new(given)?;
    let plan = review(&parts.store, &secrets(parts), &read.file(), read.mode).await?.1;
    let warnings = read.said(&plan.warnings);
    if json {
        output::json(&Shape { changed: &plan.changed, warnings })?;
        return Ok(0);
    }
    warnings.iter().for_each(|warning| errln!("note: {warning}"));
    match plan.changed.as_slice() {
        [] => outln!("{} is good, and would change nothing", read.name),
        changed => outln!("{} is good, and would change: {}", read.name, changed.join(", ")),
    }
    Ok(0)
}

async fn diff(parts: &Parts, given: &Given, json: bool) -> Result<u8> {
    let read = Read::new(given)?;
    let (stored, plan) = review(&parts.store, &secrets(parts), &read.file(), read.mode).await?;
    let differences = differences(&stored, &plan.settings);
    match json {
        true => output::json(&differences)?,
        false => differences.iter().for_each(print),
    }
    Ok(u8::from(!differences.is_empty()))
}

fn print(difference: &Difference) {
    let line = |sign: &str, value: &Option<String>, colour| {
        if let Some(value) = value {
            outln!("{}", paint(&printable(&format!("{sign} {} = {value}", difference.key)), colour));
        }
    };
    line("-", &difference.before, Colour::Bad);
    line("+", &difference.after, Colour::Good);
}
