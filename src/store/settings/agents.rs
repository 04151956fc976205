//! Store the agents that dial out from behind a firewall: invitations, keys, revocations.

use crate::domain::Millis;
use crate::domain::audit::Event;
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Hashed;

use crate::store::SettingsStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{Cells, DbRow};
use crate::store::engine::value::{Value, values};
use crate::store::trail::audit;

/// An agent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AgentRow {
    pub id: String,
    pub name: String,
    pub directory: DirectoryId,
    pub invited_at: Millis,
    /// Until when its code may be used; without meaning once it is enrolled.
    pub code_until: Millis,
    /// `None`: it has not enrolled yet.
    pub public_key: Option<Vec<u8>>,
    pub enrolled_at: Option<Millis>,
    /// When the key was enrolled or renewed.
    pub key_at: Option<Millis>,
    /// What it may reach, as it has announced it last.
    pub targets: Vec<String>,
    /// When and why its last connection ended.
    pub gone: Option<(Millis, String)>,
    pub revoked_at: Option<Millis>,
}

/// A new invitation.
#[derive(Clone, Copy, Debug)]
pub struct NewAgent<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub directory: &'a DirectoryId,
    pub code: &'a Hashed,
    pub code_until: Millis,
}

/// The first key of an agent.
#[derive(Clone, Copy, Debug)]
pub struct AgentEnrolment<'a> {
    pub id: &'a str,
    pub code: &'a Hashed,
    pub public_key: &'a [u8],
    pub targets: &'a [String],
}

const AGENTS: &str = "SELECT id, name, directory, invited_at, code_until, public_key, enrolled_at, key_at, targets, gone_at, \
     gone_why, revoked_at FROM agents";

impl SettingsStore<'_> {
    /// Invites an agent at the event's time. An invitation of the same name that was not used is replaced. False: an
    /// enrolled agent has the name.
    pub async fn invite_agent(&self, agent: NewAgent<'_>, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "DELETE FROM agents WHERE name = $1 AND public_key IS NULL";
            tx.execute(sql, values![agent.name]).await?;
            let sql = "INSERT INTO agents (id, name, directory, invited_at, code_hash, code_until, targets) \
                 VALUES ($1, $2, $3, $4, $5, $6, '[]')";
            let NewAgent { id, name, directory, code, code_until } = agent;
            let values = values![id, name, directory, event.at, code, code_until];
            if tx.execute_unique(sql, values).await?.is_none() {
                return Ok(false);
            }
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Uses up a code at the event's time and stores the key; false for a wrong, used or expired code.
    pub async fn enrol_agent(&self, enrolment: AgentEnrolment<'_>, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let sql = "UPDATE agents SET public_key = $3, enrolled_at = $4, key_at = $4, targets = $5, code_hash = NULL \
                 WHERE id = $1 AND code_hash = $2 AND code_until > $4 AND public_key IS NULL AND revoked_at IS NULL";
            let AgentEnrolment { id, code, public_key, targets } = enrolment;
            let values = values![id, code, public_key.to_vec(), event.at, as_json(targets)];
            if tx.execute(sql, values).await? == 0 {
                return Ok(false);
            }
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Replaces the key of an agent; false if it has another key than the old one, or is revoked.
    pub async fn renew_agent_key(&self, id: &str, (old, new): (&[u8], &[u8]), event: &Event) -> Result<bool> {
        let sql = "UPDATE agents SET public_key = $2, key_at = $3 \
             WHERE id = $1 AND public_key = $4 AND revoked_at IS NULL";
        self.with_event(sql, values![id, new.to_vec(), event.at, old.to_vec()], event).await
    }

    /// Notes what an agent may reach; false if that is known already, or the agent is revoked.
    pub async fn note_agent_targets(&self, id: &str, targets: &[String], event: &Event) -> Result<bool> {
        let sql = "UPDATE agents SET targets = $2 WHERE id = $1 AND targets <> $2 AND revoked_at IS NULL";
        self.with_event(sql, values![id, as_json(targets)], event).await
    }

    /// Revokes an agent, invited or enrolled, at the event's time; false if it is revoked already.
    pub async fn revoke_agent(&self, id: &str, event: &Event) -> Result<bool> {
        let sql = "UPDATE agents SET revoked_at = $2, code_hash = NULL WHERE id = $1 AND revoked_at IS NULL";
        self.with_event(sql, values![id, event.at], event).await
    }

    /// Notes that the connection of an agent has ended.
    pub async fn note_agent_gone(&self, id: &str, why: &str, event: &Event) -> Result<bool> {
        let sql = "UPDATE agents SET gone_at = $2, gone_why = $3 WHERE id = $1";
        self.with_event(sql, values![id, event.at, why], event).await
    }

    /// Writes the event if the statement has changed a row.
    async fn with_event(&self, sql: &'static str, values: Vec<Value>, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if tx.execute(sql, values.clone()).await? == 0 {
                return Ok(false);
            }
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// The agent with this id.
    pub async fn agent(&self, id: &str) -> Result<Option<AgentRow>> {
        let row = self.store.db.row(format!("{AGENTS} WHERE id = $1"), values![id]).await?;
        row.as_ref().map(agent).transpose()
    }

    /// All agents by name, the revoked ones too.
    pub async fn agents(&self) -> Result<Vec<AgentRow>> {
        let rows = self.store.db.rows(format!("{AGENTS} ORDER BY name, invited_at, id"), Vec::new()).await?;
        rows.iter().map(agent).collect()
    }
}

fn as_json(targets: &[String]) -> String {
    // A list of texts can always be written.
    serde_json::to_string(targets).unwrap_or_default()
}

fn agent(row: &DbRow) -> Result<AgentRow> {
    let cells: Cells<'_> = row.of("agents", "id");
    let gone: (Option<Millis>, Option<String>) = (cells.cell("gone_at")?, cells.cell("gone_why")?);
    Ok(AgentRow {
        id: cells.cell("id")?,
        name: cells.cell("name")?,
        directory: DirectoryId(cells.cell("directory")?),
        invited_at: cells.cell("invited_at")?,
        code_until: cells.cell("code_until")?,
        public_key: cells.cell("public_key")?,
        enrolled_at: cells.cell("enrolled_at")?,
        key_at: cells.cell("key_at")?,
        targets: cells.parsed("targets", |text: String| serde_json::from_str(&text).ok())?,
        gone: gone.0.zip(gone.1),
        revoked_at: cells.cell("revoked_at")?,
    })
}
