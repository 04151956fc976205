//! `cloudsync-idp completions SHELL` and `cloudsync-idp man FOLDER`: both from the one description of the commands.

use std::path::PathBuf;

use anyhow::{Context, Result};
use clap::CommandFactory;
use clap_complete::Shell;

use super::{Arguments, output};

/// For which shell.
#[derive(Debug, clap::Args)]
pub struct Completions {
    /// The shell
    shell: Shell,
}

/// Where to.
#[derive(Debug, clap::Args)]
pub struct Man {
    /// The folder; it is made if it is not there
    folder: PathBuf,
}

/// Prints the completions.
pub fn completions(asked: &Completions) -> u8 {
    let mut command = Arguments::command();
    let name = command.get_name().to_owned();
    let mut script = Vec::new();
    clap_complete::generate(asked.shell, &mut command, name, &mut script);
    output::text(&String::from_utf8_lossy(&script));
    0
}

/// Writes a man page for each command.
pub fn man(asked: &Man) -> Result<u8> {
    let folder = &asked.folder;
    std::fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    clap_mangen::generate_to(Arguments::command(), folder)
        .with_context(|| format!("can't write into {}", folder.display()))?;
    outln!("written: {}", folder.display());
    Ok(0)
}
