//! Write the first settings file, without secrets: once applied, the store holds them sealed or hashed.

use std::fmt::Write;

use serde::Serialize;
use toml::Value;

use crate::domain::settings::{Directory, Required, Server};

/// The choices of the set-up.
pub struct SetupChoices<'a> {
    /// The directory, with its scope.
    pub directory: &'a Directory,
    /// The file of its CA beside the settings, if it has one of its own.
    pub ca_file: Option<&'a str>,
    /// Who must prove a second factor.
    pub second_factor: Required,
    /// The groups for [`Required::Groups`].
    pub second_factor_groups: &'a [String],
    /// The client id of CloudSync.
    pub client_id: &'a str,
    pub redirect_uri: &'a str,
}

/// The secrets, for the text that is applied and not stored.
pub struct SetupSecrets<'a> {
    pub password: &'a str,
    pub client_secret: &'a str,
}

/// The text, with or without secrets.
#[must_use]
pub fn settings_text(wanted: &SetupChoices<'_>, given: Option<&SetupSecrets<'_>>) -> String {
    let mut text =
        "# Written by cloudsync-idp init. docs/settings.md explains every key; after a change run:\n\
        # cloudsync-idp settings apply settings.toml\n\
        # The secrets are not in here: the store keeps them sealed or hashed.\n"
            .to_owned();
    text += "\n[second_factor]\n";
    line(&mut text, "required", word(wanted.second_factor));
    if wanted.second_factor == Required::Groups {
        line(&mut text, "groups", list(wanted.second_factor_groups));
    }
    directory(&mut text, wanted, given);
    text += "\n[[clients]]\n";
    line(&mut text, "client_id", wanted.client_id);
    line(&mut text, "client_name", "CloudSync");
    line(&mut text, "redirect_uris", list(&[wanted.redirect_uri.to_owned()]));
    if let Some(given) = given {
        line(&mut text, "client_secret", given.client_secret);
    }
    text
}

fn line(text: &mut String, key: &str, value: impl Into<Value>) {
    let _ = writeln!(text, "{key} = {}", value.into());
}

fn directory(text: &mut String, wanted: &SetupChoices<'_>, given: Option<&SetupSecrets<'_>>) {
    let directory = wanted.directory;
    *text += "\n[[directories]]\n";
    line(text, "id", directory.id.0.as_str());
    line(text, "name", directory.name.as_str());
    line(text, "schema", word(directory.schema));
    line(text, "base_dn", directory.base_dn.as_str());
    if !directory.netbios_name.is_empty() {
        line(text, "netbios_name", directory.netbios_name.as_str());
    }
    line(text, "encryption", word(directory.encryption));
    line(text, "servers", Value::Array(directory.servers.iter().map(server).collect()));
    if let Some(file) = wanted.ca_file {
        line(text, "ca_file", file);
    }
    line(text, "service_account", directory.service_account.as_str());
    if let Some(given) = given {
        line(text, "service_account_password", given.password);
    }
    let units = directory.scope.organizational_units.iter().map(|unit| unit.dn.clone());
    *text += "[directories.scope]\n";
    line(text, "organizational_units", list(&units.collect::<Vec<_>>()));
    line(text, "groups", list(&directory.scope.groups));
}

fn list(items: &[String]) -> Value {
    Value::Array(items.iter().map(|item| Value::from(item.as_str())).collect())
}

fn server(server: &Server) -> Value {
    let mut table = toml::Table::new();
    table.insert("host".into(), server.host.as_str().into());
    if let Some(port) = server.port {
        table.insert("port".into(), i64::from(port).into());
    }
    if let Some(name) = &server.tls_name {
        table.insert("tls_name".into(), name.as_str().into());
    }
    if let Some(via) = server.via {
        table.insert("via".into(), word(via));
    }
    Value::Table(table)
}

/// The TOML word of a setting.
fn word(setting: impl Serialize) -> Value {
    Value::try_from(setting).unwrap_or_else(|_| Value::from(""))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::domain::settings::SelectedUnit;
    use crate::flow::settings::{Mode, Secrets, SettingsFile, plan};
    use crate::keys::Sealer;

    #[test]
    fn what_is_written_is_good_settings_and_the_file_holds_no_secret() {
        let unit = "OU=Staff\\, all,DC=corp,DC=example,DC=com";
        let mut directory = super::super::draft(
            "corp.example.com",
            vec![Server {
                host: "10.0.0.1".into(),
                port: Some(636),
                tls_name: Some("dc1.corp.example.com".into()),
                via: None,
            }],
        );
        directory.service_account = "svc@corp.example.com".into();
        directory.scope.organizational_units = vec![SelectedUnit::from(unit)];
        let wanted = SetupChoices {
            directory: &directory,
            ca_file: None,
            second_factor: Required::Everyone,
            second_factor_groups: &[],
            client_id: "cloudsync",
            redirect_uri: "https://cloudsync.example/callback",
        };
        let given = SetupSecrets { password: "pass\"word'\\", client_secret: "0123456789abcdef" };
        let (open, secret) = (settings_text(&wanted, None), settings_text(&wanted, Some(&given)));
        assert!(!open.contains("word'") && !open.contains("0123456789abcdef"), "{open}");
        let sealer = Sealer::new(&[7; 32]).expect("a key");
        let secrets = Secrets::new(&sealer, |_| None);
        let file = |text| SettingsFile { name: "f", text, folder: Path::new(".") };
        let first = plan(None, &file(&secret), Mode::Merge, &secrets).expect("good settings");
        assert_eq!(first.settings.directories[0].scope.organizational_units[0].dn, unit);
        assert_eq!(first.settings.second_factor.required, Required::Everyone);
        let again = plan(Some(&first.document), &file(&open), Mode::Merge, &secrets).expect("good settings");
        assert_eq!(again.changed, [""; 0], "the file applied again changes nothing");
    }
}
