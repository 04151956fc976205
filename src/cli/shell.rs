//! `cloudsync-idp completions SHELL` and `cloudsync-idp man FOLDER`: generated from the command definitions.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use super::{Arguments, output};

/// Arguments of `completions`.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Arguments of `man`.
#[derive(Debug, clap::Args)]
pub struct Man {
    /// The folder; it is created if it does not exist
    folder: PathBuf,
}

/// Prints the completions for a shell.
pub fn completions(arguments: &Completions) -> u8 {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, name, &mut script);
    output::text(&String::from_utf8_lossy(&script));
    0
}

/// Writes a man page for each command.
pub fn man(arguments: &Man) -> Result<u8> {
    let folder = &arguments.folder;
    std::fs::create_dir_all(folder).with_context(|| format!("can't create {}", folder.display()))?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| format!("can't write to {}", folder.display()))?;
    outln!("written: {}", folder.display());
    Ok(0)
}
