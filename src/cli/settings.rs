//! `cloudsync-idp settings`: export, check, compare and apply settings.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::Serialize;

use super::actor::actor;
use super::terminal::{TextColour, paint};
use super::{output, printable};
use crate::domain::audit::{Decision, Event};
use crate::domain::settings::Settings;
use crate::flow::installation::context::OperationParts;
use crate::flow::settings::{
    Mode, Problem, Secrets, SettingDifference, SettingsFile, apply, differences, export, load,
    load_unverified, review,
};

/// Commands for settings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Print all settings, in the form that `apply` reads
    Export {
        /// Print what the database holds even if it was changed there by hand; check it before you apply it
        #[arg(long)]
        unverified: bool,
    },
    /// Apply a settings file: all of it, or nothing
    Apply(FileArguments),
    /// Check a settings file, and change nothing
    Check(FileArguments),
    /// Show key by key what a settings file would change; status 1 if it would change something
    Diff(FileArguments),
}

/// A settings file.
#[derive(Debug, clap::Args)]
pub struct FileArguments {
    /// Replace all settings: what the file leaves out is reset to its default, or removed
    #[arg(long)]
    replace: bool,
    /// The file
    file: PathBuf,
}

/// The result of `apply` and `check`, as JSON.
#[derive(Serialize)]
struct AppliedShape<'a> {
    changed: &'a [String],
    warnings: Vec<String>,
}

/// Runs the command.
pub async fn run(parts: &OperationParts, command: Command, json: bool) -> Result<u8> {
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
        Command::Apply(arguments) => apply_file(parts, &arguments, json).await,
        Command::Check(arguments) => check(parts, &arguments, json).await,
        Command::Diff(arguments) => diff(parts, &arguments, json).await,
    }
}

/// A settings file that was read.
struct InputFile {
    name: String,
    text: String,
    folder: PathBuf,
    mode: Mode,
}

impl InputFile {
    fn read(arguments: &FileArguments) -> Result<Self> {
        let path = &arguments.file;
        let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let mode = if arguments.replace { Mode::Replace } else { Mode::Merge };
        Ok(Self { name: path.display().to_string(), text, folder: folder.to_owned(), mode })
    }

    fn file(&self) -> SettingsFile<'_> {
        SettingsFile { name: &self.name, text: &self.text, folder: &self.folder }
    }

    fn warning_texts(&self, warnings: &[Problem]) -> Vec<String> {
        warnings.iter().map(|warning| warning.in_file(&self.name)).collect()
    }
}

fn secrets(parts: &OperationParts) -> Secrets<'_> {
    Secrets::new(&parts.keys.sealer, |name| std::env::var(name).ok())
}

/// The settings that a file would make of the stored ones.
pub(super) async fn reviewed(parts: &OperationParts, file: &Path) -> Result<Settings> {
    let input = InputFile::read(&FileArguments { replace: false, file: file.to_owned() })?;
    Ok(review(&parts.store, &secrets(parts), &input.file(), input.mode).await?.1.settings)
}

async fn apply_file(parts: &OperationParts, arguments: &FileArguments, json: bool) -> Result<u8> {
    let input = InputFile::read(arguments)?;
    let event = Event::new(parts.now(), Decision::SettingsChanged).by(&actor());
    let applied = apply(&parts.store, &secrets(parts), &input.file(), input.mode, event).await?;
    let warnings = input.warning_texts(&applied.warnings);
    if json {
        output::json(&AppliedShape { changed: &applied.changed, warnings })?;
        return Ok(0);
    }
    warnings.iter().for_each(|warning| errln!("note: {warning}"));
    match applied.changed.as_slice() {
        [] => outln!("nothing to change"),
        changed => outln!("changed: {}", changed.join(", ")),
    }
    Ok(0)
}

async fn check(parts: &OperationParts, arguments: &FileArguments, json: bool) -> Result<u8> {
    let input = InputFile::read(arguments)?;
    let plan = review(&parts.store, &secrets(parts), &input.file(), input.mode).await?.1;
    let warnings = input.warning_texts(&plan.warnings);
    if json {
        output::json(&AppliedShape { changed: &plan.changed, warnings })?;
        return Ok(0);
    }
    warnings.iter().for_each(|warning| errln!("note: {warning}"));
    match plan.changed.as_slice() {
        [] => outln!("{} is valid, and would change nothing", input.name),
        changed => outln!("{} is valid, and would change: {}", input.name, changed.join(", ")),
    }
    Ok(0)
}

async fn diff(parts: &OperationParts, arguments: &FileArguments, json: bool) -> Result<u8> {
    let input = InputFile::read(arguments)?;
    let (stored, plan) = review(&parts.store, &secrets(parts), &input.file(), input.mode).await?;
    let differences = differences(&stored, &plan.settings);
    match json {
        true => output::json(&differences)?,
        false => differences.iter().for_each(print),
    }
    Ok(u8::from(!differences.is_empty()))
}

fn print(difference: &SettingDifference) {
    let line = |sign: &str, value: &Option<String>, colour| {
        if let Some(value) = value {
            outln!("{}", paint(&printable(&format!("{sign} {} = {value}", difference.key)), colour));
        }
    };
    line("-", &difference.before, TextColour::Bad);
    line("+", &difference.after, TextColour::Good);
}
