//! Change the secret of a client without an outage: for a while the old one is accepted as well.

use super::edit::{Edit, EditError, edit};
use super::error::SettingsError;
use super::stored::load;
use super::typed_secret::TypedSecret;
use crate::domain::audit::Event;
use crate::domain::client::Client;
use crate::domain::secret::Plain;
use crate::domain::settings::Settings;
use crate::domain::{Millis, timestamp};
use crate::keys::Sealer;
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

/// Stores the new secret. The old one is accepted until the given time, or not at all if that is over. `event`
/// says who does it, and when.
pub async fn rotate_client_secret(
    store: &Store,
    sealer: &Sealer,
    new: &NewClientSecret<'_>,
    event: Event,
) -> Result<(), ClientSecretError> {
    let (now, id) = (event.at, new.client_id);
    let (client, generation) = stored_client(store, sealer, id).await?;
    if client.old_secret_hash(now).is_some() {
        return Err(ClientSecretError::OldStillAccepted { until: client.old_secret_until().unwrap_or(now) });
    }
    if client.client_secret_hash.is_none() {
        return Err(ClientSecretError::Public(client.client_id));
    }
    let until = (now < new.old_until).then(|| timestamp(new.old_until));
    let (id, plain) = (id.to_owned(), new.secret.clone());
    let secret = match until {
        Some(_) => TypedSecret::NextOfClient(id, plain),
        None => TypedSecret::Client(id, plain),
    };
    let change = Edit { expected: generation, fields: &[], secrets: &[secret] };
    save(store, sealer, &change, event, |settings| set_old(settings, new.client_id, until)).await
}

/// Ends the secret before the current one. False if it is not accepted anyway.
pub async fn end_old_client_secret(
    store: &Store,
    sealer: &Sealer,
    client_id: &str,
    event: Event,
) -> Result<bool, ClientSecretError> {
    let (client, generation) = stored_client(store, sealer, client_id).await?;
    let was_accepted = client.old_secret_hash(event.at).is_some();
    if client.client_secret_old_hash.is_some() {
        let change = Edit { expected: generation, fields: &[], secrets: &[] };
        save(store, sealer, &change, event, |settings| set_old(settings, client_id, None)).await?;
    }
    Ok(was_accepted)
}

/// Until when the secret before is accepted; a digest that is stored here already is forgotten.
fn set_old(settings: &mut Settings, client_id: &str, until: Option<String>) {
    for client in settings.clients.iter_mut().filter(|client| client.client_id == client_id) {
        client.client_secret_old_hash = None;
        client.client_secret_old_until.clone_from(&until);
    }
}

async fn save(
    store: &Store,
    sealer: &Sealer,
    change: &Edit<'_>,
    event: Event,
    set: impl FnOnce(&mut Settings) + Send,
) -> Result<(), ClientSecretError> {
    match edit(store, sealer, change, event, set).await {
        Ok(_) => Ok(()),
        Err(EditError::Settings(error)) => Err(error.into()),
        // A secret alone never needs a second owner.
        Err(EditError::Stale | EditError::NeedsTwo(_)) => Err(SettingsError::Busy.into()),
    }
}

/// The client, and the generation of the settings that it was read from.
async fn stored_client(
    store: &Store,
    sealer: &Sealer,
    client_id: &str,
) -> Result<(Client, i64), ClientSecretError> {
    let loaded = load(store, sealer).await?;
    let known = || loaded.settings.clients.iter().map(|client| client.client_id.clone()).collect();
    let client = loaded.settings.client(client_id).cloned();
    let client =
        client.ok_or_else(|| ClientSecretError::NoClient { id: client_id.to_owned(), known: known() })?;
    Ok((client, loaded.generation))
}
