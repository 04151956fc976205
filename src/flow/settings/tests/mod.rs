//! Settings files, right and wrong.

mod branding;
mod client_credentials;
mod editing;
mod merging;
mod properties;
mod provisioning;
mod reference;
mod secrets_in;
mod stored_settings;
mod typed_tokens;
mod wrong_clients;
mod wrong_files;

use std::path::Path;
use std::sync::LazyLock;

use super::*;
use crate::keys::Sealer;

/// A complete file, as `docs/settings.md` begins.
pub(super) const WHOLE: &str = r#"[sso]
help_contact = "the IT help desk, extension 100"

[[directories]]
id = "corp"
name = "Example Corp"
base_dn = "DC=corp,DC=example,DC=com"
netbios_name = "CORP"
servers = [{ host = "127.0.0.10", port = 636, tls_name = "dc1.corp.example.com" }]
service_account = "CN=Svc Sync,OU=Svc,DC=corp,DC=example,DC=com"
service_account_password = "reads the directory"
[directories.scope]
organizational_units = ["OU=Staff,DC=corp,DC=example,DC=com"]
groups = ["CN=CloudSync,OU=Groups,DC=corp,DC=example,DC=com"]

[[clients]]
client_id = "cloudsync"
client_secret = "cloudsync-demo-secret"
redirect_uris = ["http://localhost:8090/callback"]
"#;

/// The sealing key of these tests.
fn sealer() -> &'static Sealer {
    static SEALER: LazyLock<Sealer> = LazyLock::new(|| Sealer::new(&[7; 32]).expect("a key"));
    &SEALER
}

fn environment(name: &str) -> Option<String> {
    let known = [("SECRET_FROM_ENV", "a secret from the environment"), ("TOKEN_FROM_ENV", "the-next-token")];
    known.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
}

fn secrets() -> Secrets<'static> {
    Secrets::new(sealer(), environment)
}

pub(super) fn plan_in(
    folder: &Path,
    current: Option<&str>,
    text: &str,
    mode: Mode,
) -> Result<SettingsPlan, Problems> {
    plan(current, &SettingsFile { name: "settings.toml", text, folder }, mode, &secrets())
}

pub(super) fn planned(current: Option<&str>, text: &str) -> Result<SettingsPlan, Problems> {
    plan_in(Path::new("/nowhere"), current, text, Mode::Merge)
}

/// The document after a file without problems.
pub(super) fn document(text: &str) -> String {
    planned(None, text).unwrap_or_else(|problems| panic!("{problems}")).document
}
