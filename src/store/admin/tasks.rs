//! Tasks of the admin panel. One node works on a task; only its own writes count, and another node takes the
//! task once this one has been silent for some time.

use aws_lc_rs::digest::{SHA256, digest};

use crate::domain::admin::{Actor, AdminTask, Role, TASK_ABANDONED, TaskKind, TaskOrder, TaskState};
use crate::domain::audit::{Decision, Event};
use crate::domain::entry::DirectoryId;
use crate::domain::{DAY, Millis};

use crate::store::AdminStore;
use crate::store::engine::counted::Counted;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::sql::{DbRow, Tx};
use crate::store::engine::value::values;
use crate::store::trail::audit;

/// How long the result of a task is kept.
const KEEP: Millis = 30 * DAY;

const COLUMNS: &str = "id, kind, directory, ordered, asked_by, role, state, stop_asked, taken, node, heartbeat, run, \
     progress, result, made_at, ended_at";
const INSERT: &str = "INSERT INTO admin_tasks \
     (id, kind, directory, subject, ordered, asked_by, role, state, stop_asked, taken, made_at) \
     VALUES ($1, $2, $3, $4, $5, $6, $7, 'waiting', 0, 0, $8) ON CONFLICT DO NOTHING";
const OPEN: &str =
    "SELECT id FROM admin_tasks WHERE kind = $1 AND directory = $2 AND subject = $3 AND ended_at IS NULL";
const COUNT: &str = "SELECT count(*) AS in_all, count(CASE WHEN asked_by = $1 THEN 1 END) AS own \
     FROM admin_tasks WHERE ended_at IS NULL AND CASE WHEN kind = 'sync_person' THEN 1 ELSE 0 END = $2";
const FREE: &str =
    "SELECT id FROM admin_tasks WHERE ended_at IS NULL AND (heartbeat IS NULL OR heartbeat <= $1) LIMIT 1";
/// The condition stands twice: of two nodes that find the same task, the second one's no longer holds.
const TAKE: &str = "UPDATE admin_tasks SET node = $1, heartbeat = $2, taken = taken + 1 \
     WHERE id = (SELECT id FROM admin_tasks WHERE ended_at IS NULL AND (heartbeat IS NULL OR heartbeat <= $3) \
     ORDER BY coalesce(heartbeat, 0), kind = 'sync_person', made_at, id LIMIT 1) AND ended_at IS NULL AND (heartbeat IS NULL OR heartbeat <= $3) RETURNING ";
const BEGIN: &str =
    "UPDATE admin_tasks SET state = 'running' WHERE id = $1 AND node = $2 AND ended_at IS NULL";
/// As if its node had been silent, so that it is free at once, and comes after those that were not tried yet.
const PUT_BACK: &str = "UPDATE admin_tasks SET state = CASE WHEN stop_asked = 1 THEN 'stopped' ELSE 'waiting' END, \
     ended_at = CASE WHEN stop_asked = 1 THEN $3 END, heartbeat = $4, node = NULL, taken = taken - 1 \
     WHERE id = $1 AND node = $2 AND ended_at IS NULL";
const BEAT: &str = "UPDATE admin_tasks SET heartbeat = $3, progress = coalesce($4, progress), run = coalesce($5, run) \
     WHERE id = $1 AND node = $2 AND ended_at IS NULL RETURNING stop_asked, id";
const END: &str = "UPDATE admin_tasks SET state = $3, result = $4, ended_at = $5 \
     WHERE id = $1 AND node = $2 AND ended_at IS NULL";
const STOP: &str =
    "UPDATE admin_tasks SET stop_asked = 1 WHERE id = $1 AND ended_at IS NULL AND stop_asked = 0";
const STOP_OF_LINKS: &str = "UPDATE admin_tasks SET stop_asked = 1 \
     WHERE asked_by LIKE $1 AND ended_at IS NULL AND stop_asked = 0 RETURNING id, directory";
/// A task that no node has begun ends at once.
const STOP_WAITING: &str = "UPDATE admin_tasks SET state = 'stopped', ended_at = $2 \
     WHERE id = $1 AND state = 'waiting' AND ended_at IS NULL";

/// A task to be added.
#[derive(Clone, Copy, Debug)]
pub struct NewTask<'a> {
    pub id: &'a str,
    pub directory: &'a DirectoryId,
    pub order: &'a TaskOrder,
    pub by: &'a str,
    pub role: Option<Role>,
}

impl AdminStore<'_> {
    /// Adds a task, with its event; or joins the one of the same kind, directory and subject that is not over.
    /// Returns the id of either; `None` if there is no room for another one ([`TaskKind::room`]).
    pub async fn add_task(&self, task: NewTask<'_>, event: &Event) -> Result<Option<String>> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let id = insert(&mut tx, task, event).await?;
            tx.commit().await?;
            Ok(id)
        })
        .await
    }

    /// A task.
    pub async fn task(&self, id: &str) -> Result<Option<AdminTask>> {
        let sql = format!("SELECT {COLUMNS} FROM admin_tasks WHERE id = $1");
        self.store.db.row(sql, values![id]).await?.as_ref().map(task).transpose()
    }

    /// Takes a task that nobody works on for this node: a new one first, then the one that was tried least recently.
    /// The sync of a single person comes last, since anybody at the help desk orders many.
    pub async fn take_task(&self, node: &str, now: Millis) -> Result<Option<AdminTask>> {
        // Mostly there is none, and then nothing is locked.
        if self.store.db.row(FREE, values![now - TASK_ABANDONED]).await?.is_none() {
            return Ok(None);
        }
        // Not repeated after a commit whose result is unknown: the task is free again after some time.
        let mut tx = self.store.db.begin().await?;
        let taken = tx.row(format!("{TAKE}{COLUMNS}"), values![node, now, now - TASK_ABANDONED]).await?;
        let taken = taken.as_ref().map(task).transpose()?;
        tx.commit().await?;
        Ok(taken)
    }

    /// Begins a task of this node. False if it is no longer this node's, or was stopped.
    pub async fn begin_task(&self, id: &str, node: &str) -> Result<bool> {
        Ok(self.store.db.execute(BEGIN, values![id, node]).await? == 1)
    }

    /// Puts a task of this node back, to be tried again. It ends instead if somebody has asked to stop it.
    pub async fn put_back_task(&self, id: &str, node: &str, now: Millis) -> Result<()> {
        self.store.db.execute(PUT_BACK, values![id, node, now, now - TASK_ABANDONED]).await?;
        Ok(())
    }

    /// Says that this node still works on a task, how far it is, and which run it has begun. `None` if the task is
    /// no longer this node's, which must stop then; true if somebody has asked to stop it.
    pub async fn beat_task(
        &self,
        id: &str,
        node: &str,
        (progress, run): (Option<&str>, Option<i64>),
        now: Millis,
    ) -> Result<Option<bool>> {
        let mut tx = self.store.db.begin().await?;
        let row = tx.row(BEAT, values![id, node, now, progress, run]).await?;
        let asked = row.map(|row| row.of("admin_tasks", "id").cell::<i64>("stop_asked")).transpose()?;
        tx.commit().await?;
        Ok(asked.map(|asked| asked == 1))
    }

    /// Ends a task of this node. False if it is no longer this node's.
    pub async fn end_task(
        &self,
        id: &str,
        node: &str,
        state: TaskState,
        result: Option<&str>,
        now: Millis,
    ) -> Result<bool> {
        let values = values![id, node, state.as_str(), result, now];
        Ok(self.store.db.execute(END, values).await? == 1)
    }

    /// Asks to stop a task, with its event. False if it is over, or somebody has asked already.
    pub async fn stop_task(&self, id: &str, event: &Event) -> Result<bool> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            if tx.execute(STOP, values![id]).await? == 0 {
                return Ok(false);
            }
            tx.execute(STOP_WAITING, values![id, event.at]).await?;
            audit::insert(&mut tx, event).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    /// Removes tasks that ended long ago.
    pub(super) async fn expire_tasks(&self, now: Millis) -> Result<()> {
        self.store.db.execute("DELETE FROM admin_tasks WHERE ended_at <= $1", values![now - KEEP]).await?;
        Ok(())
    }
}

/// Stops what was ordered by break-glass links, since they have ended: each task with an event of whoever has ended
/// them.
pub(super) async fn stop_of_links(tx: &mut Tx, ended: &Event) -> Result<()> {
    for row in tx.rows(STOP_OF_LINKS, values![Actor::names_of_break_glass()]).await? {
        let cells = row.of("admin_tasks", "id");
        let (id, directory): (String, String) = (cells.cell("id")?, cells.cell("directory")?);
        tx.execute(STOP_WAITING, values![&id, ended.at]).await?;
        let detail = serde_json::json!({ "task": id }).to_string();
        let event = Event {
            cause: Some("link_ended".to_owned()),
            directory: Some(directory),
            detail: Some(detail),
            actor: ended.actor.clone(),
            role: ended.role,
            ..Event::new(ended.at, Decision::TaskStopped)
        };
        audit::insert(tx, &event).await?;
    }
    Ok(())
}

/// True if another task of this kind may wait; no other transaction adds one until this one ends.
async fn has_room(tx: &mut Tx, kind: TaskKind, by: &str) -> Result<bool> {
    let Some(row) = tx.row(COUNT, values![by, i64::from(kind.is_small())]).await? else { return Ok(true) };
    let (cells, room) = (row.of("admin_tasks", "in_all"), kind.room());
    Ok(cells.cell::<i64>("own")? < room.own && cells.cell::<i64>("in_all")? < room.in_all)
}

/// Adds a task with its event, or finds the one that it joins. `None` if there is no room.
pub(super) async fn insert(tx: &mut Tx, task: NewTask<'_>, event: &Event) -> Result<Option<String>> {
    let NewTask { id, directory, order, by, role } = task;
    let (kind, subject, role) = (order.kind().as_str(), digested(&order.subject()), role.map(Role::as_str));
    // An order contains texts, words and numbers only.
    let words = serde_json::to_string(order).unwrap_or_default();
    tx.count_alone(Counted::Tasks).await?;
    // A node of an earlier version may add the same task between the two statements; then this one joins it.
    loop {
        if let Some(row) = tx.row(OPEN, values![kind, directory, subject.clone()]).await? {
            // Whoever joins has ordered it, too.
            audit::insert(tx, &Event { cause: Some("joined".to_owned()), ..event.clone() }).await?;
            return row.of("admin_tasks", "id").cell("id").map(Some);
        }
        if !has_room(tx, order.kind(), by).await? {
            return Ok(None);
        }
        let new = values![id, kind, directory, subject.clone(), &words, by, role, event.at];
        if tx.execute(INSERT, new).await? == 1 {
            audit::insert(tx, event).await?;
            return Ok(Some(id.to_owned()));
        }
    }
}

/// It may be long, so an index holds only its digest.
fn digested(subject: &str) -> Vec<u8> {
    digest(&SHA256, subject.as_bytes()).as_ref().to_vec()
}

fn task(row: &DbRow) -> Result<AdminTask> {
    let cells = row.of("admin_tasks", "id");
    Ok(AdminTask {
        id: cells.cell("id")?,
        kind: cells.word("kind", TaskKind::parse)?,
        directory: DirectoryId(cells.cell("directory")?),
        order: cells.cell("ordered")?,
        by: cells.cell("asked_by")?,
        role: cells.cell::<Option<String>>("role")?.as_deref().and_then(Role::parse),
        state: cells.word("state", TaskState::parse)?,
        taken: cells.cell("taken")?,
        stop_asked: cells.cell::<i64>("stop_asked")? == 1,
        node: cells.cell("node")?,
        heartbeat: cells.cell("heartbeat")?,
        run: cells.cell("run")?,
        progress: cells.cell("progress")?,
        result: cells.cell("result")?,
        made_at: cells.cell("made_at")?,
        ended_at: cells.cell("ended_at")?,
    })
}
