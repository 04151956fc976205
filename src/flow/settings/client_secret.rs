//! Change the secret of a client without an outage: for a while the old one is accepted as well.

use std::path::Path;

use toml::{Table, Value};

use super::error::SettingsError;
use super::plan::{Mode, SettingsFile};
use super::secrets::Secrets;
use super::stored::{apply, load};
use crate::domain::client::Client;
use crate::domain::secret::Plain;
use crate::domain::{Millis, timestamp};
use crate::store::Store;

/// Why the secret of a client was not changed.
#[derive(Debug, thiserror::Error)]
pub enum ClientSecretError {
    #[error("there is no client {id:?}; there are: {}", .known.join(", "))]
    NoClient { id: String, known: Vec<String> },
    #[error("client {0:?} has no secret (token_endpoint_auth_method = \"none\")")]
    Public(String),
    #[error(
        "the secret before the current one is accepted until {}: a third one would shut out a client that still sends it. \
         Wait, or end it with: cloudsync-idp clients end-old-secret", timestamp(*.until)
    )]
    OldStillAccepted { until: Millis },
    #[error(transparent)]
    Settings(#[from] SettingsError),
}

/// A new secret for a client.
#[derive(Clone, Copy, Debug)]
pub struct NewClientSecret<'a> {
    pub client_id: &'a str,
    pub secret: &'a Plain,
    /// Until when the current secret is accepted as well.
    pub old_until: Millis,
}

/// Stores the new secret. The old one is accepted until the given time, or not at all if that is over.
pub async fn rotate_client_secret(
    store: &Store,
    secrets: &Secrets<'_>,
    new: &NewClientSecret<'_>,
    now: Millis,
) -> Result<(), ClientSecretError> {
    let client = stored_client(store, secrets, new.client_id).await?;
    if client.old_secret_hash(now).is_some() {
        return Err(ClientSecretError::OldStillAccepted { until: client.old_secret_until().unwrap_or(now) });
    }
    let hash =
        client.client_secret_hash.ok_or_else(|| ClientSecretError::Public(client.client_id.clone()))?;
    let old = if now < new.old_until { (hash, timestamp(new.old_until)) } else { Default::default() };
    let changes = [("client_secret", new.secret.expose().to_owned()), (OLD_HASH, old.0), (OLD_UNTIL, old.1)];
    Ok(change(store, secrets, new.client_id, changes, now).await?)
}

/// Ends the secret before the current one. False if it is not accepted anyway.
pub async fn end_old_client_secret(
    store: &Store,
    secrets: &Secrets<'_>,
    client_id: &str,
    now: Millis,
) -> Result<bool, ClientSecretError> {
    let client = stored_client(store, secrets, client_id).await?;
    let was_accepted = client.old_secret_hash(now).is_some();
    if client.client_secret_old_hash.is_some() {
        change(store, secrets, client_id, [OLD_HASH, OLD_UNTIL].map(|key| (key, String::new())), now).await?;
    }
    Ok(was_accepted)
}

const OLD_HASH: &str = "client_secret_old_hash";
const OLD_UNTIL: &str = "client_secret_old_until";

async fn stored_client(
    store: &Store,
    secrets: &Secrets<'_>,
    client_id: &str,
) -> Result<Client, ClientSecretError> {
    let settings = load(store, secrets.sealer()).await?.settings;
    settings.client(client_id).cloned().ok_or_else(|| ClientSecretError::NoClient {
        id: client_id.to_owned(),
        known: settings.clients.iter().map(|client| client.client_id.clone()).collect(),
    })
}

async fn change<const N: usize>(
    store: &Store,
    secrets: &Secrets<'_>,
    client_id: &str,
    changes: [(&str, String); N],
    now: Millis,
) -> Result<(), SettingsError> {
    let mut entry: Table =
        changes.into_iter().map(|(key, value)| (key.to_owned(), Value::String(value))).collect();
    entry.insert("client_id".to_owned(), Value::String(client_id.to_owned()));
    let clients = Value::Array(vec![Value::Table(entry)]);
    let text = zeroize::Zeroizing::new(Table::from_iter([("clients".to_owned(), clients)]).to_string());
    let file = SettingsFile { name: "the change", text: &text, folder: Path::new(".") };
    apply(store, secrets, &file, Mode::Merge, now).await.map(drop)
}
