//! `cloudsync-idp settings`.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::output;
use crate::flow::context::Parts;
use crate::flow::settings::{Mode, Secrets, SettingsFile, apply, export, load};

/// What to do with settings.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Write all settings to the terminal, in a form that `apply` reads
    Export,
    /// Take over a settings file: all of it, or nothing
    Apply {
        /// The file is the whole: what it leaves out goes back to its default, or goes
        #[arg(long)]
        replace: bool,
        /// The file
        file: PathBuf,
    },
}

/// Runs the command.
pub async fn run(parts: &Parts, command: Command) -> Result<u8> {
    match command {
        Command::Export => {
            output::text(&export(&load(&parts.store).await?.settings));
            Ok(0)
        }
        Command::Apply { replace, file } => {
            take_over(parts, if replace { Mode::Replace } else { Mode::Merge }, &file).await
        }
    }
}

async fn take_over(parts: &Parts, mode: Mode, path: &Path) -> Result<u8> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let name = path.display().to_string();
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let file = SettingsFile { name: &name, text: &text, folder };
    let secrets = Secrets::new(&parts.keys.sealer, |name| std::env::var(name).ok());
    let applied = apply(&parts.store, &secrets, &file, mode, parts.now()).await?;
    for warning in &applied.warnings {
        errln!("note: {}", warning.in_file(&name));
    }
    match applied.changed.as_slice() {
        [] => outln!("nothing to change"),
        changed => outln!("changed: {}", changed.join(", ")),
    }
    Ok(0)
}
