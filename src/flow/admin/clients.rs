//! Applications (clients): one with what an admin has to know of it, and what changes a client as a whole or
//! its secret. The settings of a client are fields like all others.

use crate::domain::admin::Actor;
use crate::domain::audit::{Decision, Event};
use crate::domain::client::{Client, ClientAuthMethod};
use crate::domain::secret::Plain;
use crate::domain::settings::Settings;
use crate::domain::{DAY, HOUR, Millis};
use crate::flow::admin::four_eyes::Asked;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings::{asked, put_in_force, stored};
use crate::flow::installation::context::{PanelParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::{
    self, ClientSecretError, Edit, EditError, EditedSettings, NewClientSecret, Problem, SettingField,
    SettingPath, SettingsError, TypedSecret,
};
use crate::store::{AuditConditions, AuditFilter};

/// How far back a use of an old secret is looked for.
const OLD_USES: Millis = 40 * DAY;

/// A client, with what its settings do not say.
#[derive(Clone, Debug)]
pub struct ClientView {
    pub client: Client,
    /// Of the settings that it was read from.
    pub generation: i64,
    /// Until when the secret before is accepted; `None` if it is not.
    pub old_until: Option<Millis>,
    /// When the secret before was last used, within an hour.
    pub old_used_at: Option<Millis>,
}

/// A client to add.
#[derive(Clone, Debug)]
pub struct NewClient {
    /// The generation that the page has shown.
    pub expected: i64,
    pub id: String,
    /// True for one that can't keep a secret.
    pub is_public: bool,
    pub fields: Vec<(SettingField, String)>,
}

/// What became of a change.
#[derive(Debug)]
pub enum ClientSaving {
    /// It is in force. A new client with a secret has it here, once.
    Done(Option<Plain>),
    /// Nothing was saved.
    Wrong(Vec<Problem>),
    /// Nothing was saved, since somebody else has saved meanwhile.
    Stale,
    /// Nothing was saved yet, since it needs a second owner.
    Asked(Asked),
}

/// What became of a secret.
#[derive(Debug)]
pub enum SecretChange {
    /// The new secret, once, and until when the one before is accepted.
    Done(Plain, Option<Millis>),
    /// The one before is still accepted; a third one would shut the client out.
    OldStillAccepted,
    /// It is gone, or has no secret.
    NoSecret,
}

/// A client by its id.
pub async fn client(parts: &PanelParts, id: &str) -> Result<Option<ClientView>, Fault> {
    let (stored, now) = (stored(parts).await?, parts.login.now());
    let Some(client) = stored.settings.client(id).cloned() else { return Ok(None) };
    let old_until = client.old_secret_hash(now).and_then(|_| client.old_secret_until());
    let old_used_at = match old_until {
        Some(_) => old_used_at(parts, id).await?,
        None => None,
    };
    Ok(Some(ClientView { client, generation: stored.generation, old_until, old_used_at }))
}

/// How many sign-ins at a client are open. It reads all of them: not for a page that is only looked at.
pub async fn count_sign_ins(parts: &PanelParts, id: &str) -> Result<i64, Fault> {
    Ok(parts.login.store.login().count_grants(id, parts.login.now()).await?)
}

async fn old_used_at(parts: &PanelParts, id: &str) -> Result<Option<Millis>, Fault> {
    let filter = AuditFilter::Where(AuditConditions {
        decision: Some(Decision::OldSecretUsed.as_str().to_owned()),
        client: Some(id.to_owned()),
        from: Some(parts.login.now() - OLD_USES),
        ..AuditConditions::default()
    });
    let last = parts.login.store.login().audit_page(None, 1, &filter).await?.pop();
    Ok(last.map(|row| row.last_at.unwrap_or(row.at)))
}

/// Adds a client with a secret of our own making.
pub async fn add(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    new: &NewClient,
) -> Result<ClientSaving, Fault> {
    if let Some(problem) = taken(parts, new).await? {
        return Ok(ClientSaving::Wrong(vec![problem]));
    }
    let secret = (!new.is_public).then(|| Plain::new(parts.login.random_id()));
    let secrets = secrets(new, secret.as_ref());
    let change = Edit { expected: new.expected, fields: &new.fields, secrets: &secrets };
    let event = event(parts, visit, admin);
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    let put = |settings: &mut Settings| new.put(settings);
    let saved = settings::edit(store, sealer, &change, event.clone(), put).await;
    saving(parts, (event, &admin.actor), saved, secret).await
}

/// What [`add`] would do. Writes nothing.
pub async fn review_add(parts: &PanelParts, new: &NewClient) -> Result<ClientSaving, Fault> {
    if let Some(problem) = taken(parts, new).await? {
        return Ok(ClientSaving::Wrong(vec![problem]));
    }
    let secret = (!new.is_public).then(|| Plain::new("not made yet"));
    let secrets = secrets(new, secret.as_ref());
    let change = Edit { expected: new.expected, fields: &new.fields, secrets: &secrets };
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    let reviewed = settings::review_edit(store, sealer, &change, |settings| new.put(settings)).await;
    outcome(reviewed.map(|_| None))
}

/// Removes a client.
pub async fn remove(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    id: &str,
    expected: i64,
) -> Result<ClientSaving, Fault> {
    let change = Edit { expected, fields: &[], secrets: &[] };
    let event = event(parts, visit, admin);
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    let without = |settings: &mut Settings| settings.clients.retain(|client| client.client_id != id);
    let saved = settings::edit(store, sealer, &change, event.clone(), without).await;
    saving(parts, (event, &admin.actor), saved, None).await
}

/// Gives a client a new secret; the one until now is accepted for some hours more.
pub async fn rotate_secret(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    id: &str,
    overlap_hours: u32,
) -> Result<SecretChange, Fault> {
    let (secret, event) = (Plain::new(parts.login.random_id()), event(parts, visit, admin));
    let old_until = event.at + Millis::from(overlap_hours) * HOUR;
    let new = NewClientSecret { client_id: id, secret: &secret, old_until };
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    match settings::rotate_client_secret(store, sealer, &new, event).await {
        Ok(()) => {
            put_in_force(parts).await;
            Ok(SecretChange::Done(secret, (overlap_hours > 0).then_some(old_until)))
        }
        Err(ClientSecretError::OldStillAccepted { .. }) => Ok(SecretChange::OldStillAccepted),
        Err(ClientSecretError::NoClient { .. } | ClientSecretError::Public(_)) => Ok(SecretChange::NoSecret),
        Err(ClientSecretError::Settings(error)) => Err(error.into()),
    }
}

/// Ends the secret before the current one. False if it was not accepted anyway.
pub async fn end_old_secret(
    parts: &PanelParts,
    visit: &Visit,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<bool, Fault> {
    let event = event(parts, visit, admin);
    let (store, sealer) = (&parts.login.store, &parts.login.keys.sealer);
    match settings::end_old_client_secret(store, sealer, id, event).await {
        Ok(ended) => {
            put_in_force(parts).await;
            Ok(ended)
        }
        Err(ClientSecretError::Settings(error)) => Err(error.into()),
        Err(_) => Ok(false),
    }
}

impl NewClient {
    fn put(&self, settings: &mut Settings) {
        settings.clients.push(Client {
            client_id: self.id.clone(),
            token_endpoint_auth_method: self.is_public.then_some(ClientAuthMethod::None),
            ..Client::default()
        });
    }
}

fn secrets(new: &NewClient, secret: Option<&Plain>) -> Vec<TypedSecret> {
    secret.map(|secret| TypedSecret::Client(new.id.clone(), secret.clone())).into_iter().collect()
}

/// Of two entries with one id, a form could not say which it means.
async fn taken(parts: &PanelParts, new: &NewClient) -> Result<Option<Problem>, Fault> {
    let is_taken = stored(parts).await?.settings.client(&new.id).is_some();
    Ok(is_taken.then(|| Problem {
        line: 0,
        place: SettingPath::named("clients", &new.id).key("client_id"),
        message: "is taken by another application; choose another id".to_owned(),
    }))
}

fn event(parts: &PanelParts, visit: &Visit, admin: &CheckedAdmin) -> Event {
    visit.event(parts.login.now(), Decision::SettingsChanged).by(&admin.actor)
}

async fn saving(
    parts: &PanelParts,
    (event, actor): (Event, &Actor),
    saved: Result<EditedSettings, EditError>,
    secret: Option<Plain>,
) -> Result<ClientSaving, Fault> {
    // The new secret of a client that waits is never shown: its owner gets another one afterwards.
    if let Err(EditError::NeedsTwo(waiting)) = saved {
        return Ok(ClientSaving::Asked(asked(parts, event, actor, *waiting).await?));
    }
    let saving = outcome(saved.map(|_| secret))?;
    if let ClientSaving::Done(_) = &saving {
        put_in_force(parts).await;
    }
    Ok(saving)
}

fn outcome(saved: Result<Option<Plain>, EditError>) -> Result<ClientSaving, Fault> {
    match saved {
        Ok(secret) => Ok(ClientSaving::Done(secret)),
        Err(EditError::Settings(SettingsError::Wrong(problems))) => {
            Ok(ClientSaving::Wrong(problems.problems))
        }
        Err(EditError::Settings(error)) => Err(error.into()),
        Err(EditError::Stale | EditError::NeedsTwo(_)) => Ok(ClientSaving::Stale),
    }
}
