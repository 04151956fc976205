//! `cloudsync-idp admin`: help desk commands for one person.

use std::fs::File;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, ensure};
use serde::Serialize;
use serde_json::json;

use super::actor::actor;
use super::person::{named, who};
use super::{admin_approvals, admin_link, output, printable, purge, sessions};
use crate::domain::account::Account;
use crate::domain::factor::{Factor, FactorKind, TotpParameters};
use crate::domain::timestamp;
use crate::flow::account::factors;
use crate::flow::account::views::{AccountNames, FactorView, algorithm};
use crate::flow::installation::context::LoginParts;

/// The groups of help desk commands.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Second factors
    #[command(subcommand)]
    Factors(Factors),
    /// Accounts
    #[command(subcommand)]
    Accounts(purge::Command),
    /// Sessions and tokens
    #[command(subcommand)]
    Sessions(sessions::Command),
    /// Create a link into the admin panel as an owner: for ten minutes, once, without the directory
    Link(admin_link::Arguments),
    /// List what admins of the panel have asked a second owner for (`four_eyes`)
    Approvals,
}

/// Commands for second factors.
#[derive(Debug, clap::Subcommand)]
pub enum Factors {
    /// Show a person's second factors
    List {
        /// Login name, email address or account id
        name: String,
    },
    /// Create a code to set up a factor, or to sign in once without one; it replaces an older code
    Invite {
        /// Login name, email address or account id
        name: String,
    },
    /// Remove a person's factors and end their sessions; they set up a new one at the next sign-in
    Reset {
        /// Login name, email address or account id
        name: String,
    },
    /// Import authenticators of another system from a CSV file: name,secret (base32 or an otpauth URI)
    Import {
        /// The file; only its owner may have access to it
        file: PathBuf,
        /// Only show what would be done
        #[arg(long)]
        dry_run: bool,
        /// Import the valid lines although others are invalid, and report those
        #[arg(long)]
        skip_bad: bool,
    },
}

/// Runs the command.
pub async fn run(parts: &LoginParts, command: Command, json: bool) -> Result<u8> {
    let command = match command {
        Command::Factors(command) => command,
        Command::Accounts(purge::Command::Purge { name, yes_erase_active }) => {
            return purge::run(parts, &named(parts, &name).await?, yes_erase_active, json).await;
        }
        Command::Sessions(command) => return sessions::run(parts, command, json).await,
        Command::Link(arguments) => return admin_link::run(parts, &arguments, json).await,
        Command::Approvals => return admin_approvals::run(parts, json).await,
    };
    match command {
        Factors::List { name } => list(parts, &named(parts, &name).await?, json).await,
        Factors::Invite { name } => invite(parts, &named(parts, &name).await?, json).await,
        Factors::Reset { name } => reset(parts, &named(parts, &name).await?, json).await,
        Factors::Import { file, dry_run, skip_bad } => {
            import(parts, &file, factors::ImportOptions { dry_run, skip_bad }, json).await
        }
    }
}

/// A person's second factors, as JSON.
#[derive(Serialize)]
struct FactorsShape {
    #[serde(flatten)]
    identity: AccountNames,
    factors: Vec<FactorView>,
    recovery_codes_left: u32,
    invited_until: Option<String>,
}

/// A help-desk code, as JSON.
#[derive(Serialize)]
struct InvitationShape<'a> {
    #[serde(flatten)]
    identity: AccountNames,
    code: &'a str,
    good_until: String,
}

/// One line of an imported file, as JSON.
#[derive(Serialize)]
struct LoadedShape<'a> {
    name: &'a str,
    account: &'a str,
    loaded: bool,
}

impl<'a> From<&'a factors::AssignedLine> for LoadedShape<'a> {
    fn from(line: &'a factors::AssignedLine) -> Self {
        Self { name: &line.name, account: &line.account.0, loaded: line.given }
    }
}

async fn list(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let standing = factors::account_factors(parts, &account.id).await?;
    let invited_until = parts.store.identity().invited_until(&account.id, parts.now()).await?;
    if json {
        output::json(&FactorsShape {
            identity: account.into(),
            factors: standing.factors.iter().map(FactorView::from).collect(),
            recovery_codes_left: standing.recovery_left,
            invited_until: invited_until.map(timestamp),
        })?;
        return Ok(0);
    }
    outln!("{}", who(account));
    if !standing.has_factor() {
        outln!("  no second factor");
    }
    for factor in &standing.factors {
        outln!("  {}", line(factor));
    }
    outln!("  {} recovery codes left", standing.recovery_left);
    if let Some(until) = invited_until {
        outln!("  invited until {}", timestamp(until));
    }
    Ok(0)
}

async fn invite(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    let invitation = factors::invite(parts, &account.id, &actor()).await?;
    if json {
        let (code, good_until) = (&invitation.code, timestamp(invitation.expires_at));
        output::json(&InvitationShape { identity: account.into(), code, good_until })?;
        return Ok(0);
    }
    outln!("{}", who(account));
    outln!("  code:       {}", invitation.code);
    outln!("  good until: {}, once", timestamp(invitation.expires_at));
    outln!(
        "Verify the caller's identity before you read out the code: anyone with this code and the password can sign in."
    );
    Ok(0)
}

async fn reset(parts: &LoginParts, account: &Account, json: bool) -> Result<u8> {
    factors::reset(parts, &account.id, &actor()).await?;
    if json {
        output::json(&AccountNames::from(account))?;
        return Ok(0);
    }
    outln!("{}", who(account));
    outln!("  factors, recovery codes and remembered browsers are removed, all sessions are ended");
    Ok(0)
}

/// Status 1 if a person already has a factor (and keeps it), or a line was skipped.
async fn import(parts: &LoginParts, path: &Path, options: factors::ImportOptions, json: bool) -> Result<u8> {
    let file = private(path)?;
    let imported = factors::import(parts, file, options, &actor()).await?;
    let (lines, skipped) = (&imported.lines, &imported.skipped);
    let given = lines.iter().filter(|line| line.given).count();
    let status = u8::from(given < lines.len() || !skipped.is_empty());
    if json {
        let people: Vec<_> = lines.iter().map(LoadedShape::from).collect();
        let dry_run = options.dry_run;
        output::json(&json!({ "dry_run": dry_run, "loaded": given, "people": people, "skipped": skipped }))?;
        return Ok(status);
    }
    let word = if options.dry_run { "would be loaded" } else { "loaded" };
    outln!("{given} {word}, {} have a second factor already and keep it", lines.len() - given);
    for line in lines {
        let mark = if line.given { word } else { "has one" };
        outln!("  {}\t{}\t{mark}", printable(&line.name), printable(&line.account.0));
    }
    skipped.iter().for_each(|line| outln!("  skipped: {}", printable(line)));
    if !options.dry_run {
        outln!("Delete the file: it contains the second factors of all these people.");
    }
    Ok(status)
}

/// Opens a file of secrets, if only its owner has access to it.
fn private(path: &Path) -> Result<File> {
    let file = File::open(path).with_context(|| format!("can't open {}", path.display()))?;
    // The mode of the opened file, not of its name: the file can't be replaced between check and read.
    let metadata = file.metadata().with_context(|| format!("can't check {}", path.display()))?;
    ensure!(metadata.is_file(), "{} is not a file", path.display());
    let mode = metadata.permissions().mode() & 0o777;
    ensure!(
        mode & 0o077 == 0,
        "{path} can be read by others (mode {mode:03o}); run: chmod 600 {path}",
        path = path.display()
    );
    Ok(file)
}

fn line(factor: &Factor) -> String {
    let used = factor.used_at.map_or_else(|| "never used".to_owned(), |at| format!("used {}", timestamp(at)));
    let kind = match factor.kind {
        FactorKind::Totp(parameters) => totp(parameters),
    };
    format!("{}\t{kind}\tsince {}\t{used}", printable(&factor.name), timestamp(factor.created_at))
}

fn totp(parameters: TotpParameters) -> String {
    let hash = algorithm(parameters.algorithm);
    format!("TOTP {hash}, {} digits, {} s", parameters.digits, parameters.period)
}
