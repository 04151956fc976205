//! `cloudsync-idp support-bundle`: create a support bundle.

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use serde_json::json;

use super::output;
use crate::domain::entry::DirectoryId;
use crate::flow::installation::context::OperationParts;
use crate::flow::support::bundle::{bundle, text, write_new};

/// What the bundle contains, and where to write it.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Only this directory (its id in the settings)
    #[arg(long, value_name = "ID")]
    directory: Option<String>,
    /// The file to write; it must not exist yet
    file: PathBuf,
}

/// Writes the bundle.
pub async fn run(parts: &OperationParts, arguments: Arguments, json: bool) -> Result<u8> {
    let Arguments { directory, file } = arguments;
    let only = directory.map(DirectoryId);
    if let Some(only) = &only {
        let current = parts.current();
        let known = current.settings.directories.iter().any(|one| one.id == *only);
        ensure!(known, "there is no directory {:?}", only.0);
    }
    let bundle = bundle(parts, only.as_ref(), "requested by command").await;
    write_new(&file, &text(&bundle)).with_context(|| format!("can't write {}", file.display()))?;
    if json {
        output::json(&json!({ "written": file.display().to_string() }))?;
        return Ok(0);
    }
    outln!("written: {}", file.display());
    outln!(
        "It contains no password, secret or key. It names servers, OUs, groups and some people: check it before you send it."
    );
    Ok(0)
}
