//! `cloudsync-idp init`: set up a new installation. It asks for what it can't detect, and each question has
//! an option for scripts. The dialogue goes to standard error, the values to enter in CloudSync to standard
//! output.

mod answers;
mod choose;
mod connect;
mod files;

use std::path::{Path, PathBuf};

use anyhow::{Context, Result, anyhow, bail, ensure};
use serde::Serialize;

use self::answers::{answer, given_or};
use self::files::Files;
use super::actor::actor;
use super::{doctor, output};
use crate::app;
use crate::clock::Clock;
use crate::config::Config;
use crate::domain::audit::{Decision, Event};
use crate::domain::doctor::{Severity, worst};
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Required};
use crate::flow::settings::{Mode, Secrets, SettingsFile, apply};
use crate::flow::support::doctor::examine;
use crate::flow::support::setup::{self, SetupChoices, SetupSecrets, Survey, settings_text};
use crate::keys::random_id;

/// The answers that are given as options.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// The folder for the installation; it must not contain one
    #[arg(long, value_name = "FOLDER", default_value = ".")]
    folder: PathBuf,
    /// The domain, such as corp.example.com
    #[arg(long)]
    domain: Option<String>,
    /// A server: HOST, HOST:PORT, or ADDRESS=NAME if its certificate has another name; may be repeated
    #[arg(long = "server", value_name = "SERVER")]
    servers: Vec<String>,
    /// The certificate of the CA that issued the servers' certificates (PEM or DER)
    #[arg(long, value_name = "FILE", conflicts_with = "trust")]
    ca_file: Option<PathBuf>,
    /// Trust the CA certificate that the server sends, if this is its SHA-256 fingerprint
    #[arg(long, value_name = "FINGERPRINT")]
    trust: Option<String>,
    /// The account that reads the directory: its DN, or its userPrincipalName in Active Directory
    #[arg(long, value_name = "NAME")]
    service_account: Option<String>,
    /// A file with the service account's password
    #[arg(long, value_name = "FILE")]
    password_file: Option<PathBuf>,
    /// An OU whose people may sign in; may be repeated
    #[arg(long = "ou", value_name = "DN")]
    units: Vec<String>,
    /// A group whose members may sign in; may be repeated
    #[arg(long = "group", value_name = "DN")]
    groups: Vec<String>,
    /// The URL of this provider in browsers, such as https://login.example.com
    #[arg(long, value_name = "URL")]
    public_url: Option<String>,
    /// The address and port to listen on
    #[arg(long, value_name = "ADDRESS")]
    listen: Option<String>,
    /// The provider's own certificate chain (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_key")]
    tls_certificate: Option<String>,
    /// The private key of that certificate (PEM)
    #[arg(long, value_name = "FILE", requires = "tls_certificate")]
    tls_key: Option<String>,
    /// The address of a proxy that terminates TLS; may be repeated
    #[arg(long = "proxy", value_name = "ADDRESS")]
    proxies: Vec<String>,
    /// CloudSync's client id at this provider
    #[arg(long, value_name = "ID", default_value = "cloudsync")]
    client_id: String,
    /// CloudSync's redirect URI, as its settings show it
    #[arg(long, value_name = "URI")]
    redirect_uri: Option<String>,
    /// Who must use a second factor: nobody, optional, everyone or groups
    #[arg(long, value_name = "WHO")]
    second_factor: Option<String>,
    /// With `--second-factor groups`: a group whose members must use it; may be repeated
    #[arg(long = "second-factor-group", value_name = "DN")]
    second_factor_groups: Vec<String>,
}

/// The values to enter in CloudSync, and the files, as JSON.
#[derive(Serialize)]
struct InstallationShape<'a> {
    issuer: &'a str,
    client_id: &'a str,
    client_secret: &'a str,
    redirect_uri: &'a str,
    configuration: String,
    settings: String,
    doctor: Severity,
}

/// Sets up an installation. Status 2 if the doctor finds an error in it.
pub async fn run(arguments: Arguments, json: bool) -> Result<u8> {
    let files = Files::new(&arguments.folder)?;
    let process = files::process(&arguments)?;
    let config = Config::parse(&files.configuration(), &process, &|name: &str| std::env::var(name).ok())
        .map_err(|error| anyhow!("these answers make no valid configuration:\n{error}"))?;
    super::log(config.log_format);
    let (mut directory, password) = connect::directory(&arguments).await?;
    errln!("\nReading OUs, groups and people …");
    let survey = setup::survey(&directory, &password).await.map_err(anyhow::Error::msg)?;
    choose::scope(&mut directory, &survey, &arguments.units, &arguments.groups)?;
    let chosen = chosen(&arguments, directory, &survey)?;
    let secret = random_id();
    let given = SetupSecrets { password: password.expose(), client_secret: &secret };
    let wanted = chosen.wanted(&arguments);
    apply_settings(&config, &files, &wanted, &given).await?;
    // From here on show the secret whatever fails: it can't be read again.
    let written = write(&files, process.as_str(), &wanted);
    let verdict = examined(&config, &chosen.directory).await.unwrap_or_else(|error| {
        errln!("the doctor could not check the directory: {error:#}");
        Severity::Error
    });
    let shape = InstallationShape {
        issuer: config.public_url.as_str(),
        client_id: &arguments.client_id,
        client_secret: &secret,
        redirect_uri: &chosen.redirect_uri,
        configuration: files.configuration().display().to_string(),
        settings: files.path(files::SETTINGS).display().to_string(),
        doctor: verdict,
    };
    match json {
        true => output::json(&shape)?,
        false => print(&shape),
    }
    written.context(
        "the settings are stored, and the secret above is valid, but not all files were written; write the settings to a \
         file with: cloudsync-idp settings export",
    )?;
    Ok(if verdict == Severity::Error { 2 } else { 0 })
}

/// The settings that the answers make.
struct Chosen {
    directory: Directory,
    second_factor: Required,
    second_factor_groups: Vec<String>,
    redirect_uri: String,
}

impl Chosen {
    fn wanted<'a>(&'a self, arguments: &'a Arguments) -> SetupChoices<'a> {
        SetupChoices {
            directory: &self.directory,
            ca_file: self.directory.ca_pem.is_some().then_some(files::CA),
            second_factor: self.second_factor,
            second_factor_groups: &self.second_factor_groups,
            client_id: &arguments.client_id,
            redirect_uri: &self.redirect_uri,
        }
    }
}

fn chosen(arguments: &Arguments, directory: Directory, survey: &Survey) -> Result<Chosen> {
    let (second_factor, second_factor_groups) = second_factor(arguments, survey)?;
    let redirect_uri = given_or(arguments.redirect_uri.clone(), "redirect-uri", || {
        errln!("\nCloudSync shows its redirect URI in its single sign-on settings.");
        answer("Redirect URI", None)
    })?;
    Ok(Chosen { directory, second_factor, second_factor_groups, redirect_uri })
}

/// Writes the files after the settings are stored, so that they exist only if everything before succeeded.
fn write(files: &Files, process: &str, wanted: &SetupChoices<'_>) -> Result<()> {
    files.write(files::SETTINGS, &settings_text(wanted, None))?;
    files.write(files::CONFIGURATION, process)
}

fn second_factor(arguments: &Arguments, survey: &Survey) -> Result<(Required, Vec<String>)> {
    let word = given_or(arguments.second_factor.clone(), "second-factor", || {
        errln!("\nWho must use a second factor (an authenticator app)?");
        errln!("  everyone  all people, from their first sign-in");
        errln!("  groups    the members of groups that you choose");
        errln!("  optional  only people who have set one up");
        errln!("  nobody    no second factor at all");
        answer("Second factor", Some("everyone"))
    })?;
    let required = match word.as_str() {
        "nobody" => Required::Nobody,
        "optional" => Required::Optional,
        "everyone" => Required::Everyone,
        "groups" => Required::Groups,
        other => bail!("{other:?} is not allowed; use one of everyone, groups, optional, nobody"),
    };
    let groups = match required {
        Required::Groups if arguments.second_factor_groups.is_empty() => {
            choose::picked("groups for the second factor", &survey.groups)?
        }
        _ => arguments.second_factor_groups.clone(),
    };
    ensure!(required != Required::Groups || !groups.is_empty(), "no group was chosen for the second factor");
    Ok((required, groups))
}

/// Applies the settings, as `settings apply` does. The CA file is written first, because the settings name it.
async fn apply_settings(
    config: &Config,
    files: &Files,
    wanted: &SetupChoices<'_>,
    given: &SetupSecrets<'_>,
) -> Result<()> {
    if let Some(pem) = &wanted.directory.ca_pem {
        files.write(files::CA, pem)?;
    }
    let parts = app::bare_parts(config, Clock::System).await?;
    let is_new = parts.store.settings().settings().await?.is_none();
    ensure!(is_new, "the store already has settings: change them with settings apply, or use another store");
    let secrets = Secrets::new(&parts.keys.sealer, |_| None);
    let text = settings_text(wanted, Some(given));
    let file = SettingsFile { name: files::SETTINGS, text: &text, folder: files.folder() };
    let event = Event::new(parts.now(), Decision::SettingsChanged).by(&actor());
    let applied = apply(&parts.store, &secrets, &file, Mode::Merge, event)
        .await
        .context("these answers make no valid settings")?;
    applied.warnings.iter().for_each(|warning| errln!("note: {}", warning.in_file(files::SETTINGS)));
    Ok(())
}

/// Runs the doctor on the new directory.
async fn examined(config: &Config, directory: &Directory) -> Result<Severity> {
    errln!("\nChecking the directory, as `cloudsync-idp doctor` does …");
    let parts = app::parts_without_directories(config, Clock::System).await?;
    let examined = examine(&parts.operation(), Some(directory.id.0.as_str())).await?;
    examined.iter().for_each(doctor::print_on_stderr);
    Ok(worst(examined.iter().flat_map(|one| &one.findings)))
}

fn print(shape: &InstallationShape<'_>) {
    outln!("\nEnter these values in CloudSync's single sign-on settings:");
    outln!("  issuer:         {}", shape.issuer);
    outln!("  client ID:      {}", shape.client_id);
    outln!("  client secret:  {}", shape.client_secret);
    outln!("  redirect URI:   {} (CloudSync's own; it is registered here)", shape.redirect_uri);
    outln!(
        "The secret is shown only once. To set a new one: write client_secret in {} and run settings apply.",
        shape.settings
    );
    outln!("\nStart the provider, and sign in from CloudSync:");
    outln!("  cloudsync-idp --config {} serve", shape.configuration);
}

/// Reads the service account's password from a file.
fn password_from(path: &Path) -> Result<Plain> {
    let text = std::fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let password = Plain::new(text.trim_end_matches(['\r', '\n']));
    ensure!(!password.is_blank(), "{} is empty", path.display());
    Ok(password)
}
