//! The streams of server-sent events that are open at this node. One poller a task reads the store for all who
//! watch it. Streams are few.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::sleep;

use crate::domain::secret::Hashed;
use crate::flow::admin::task::{self, TaskView};
use crate::flow::installation::context::PanelParts;

/// How often the store is read for a task that somebody watches.
const POLL: Duration = Duration::from_millis(500);
/// How many streams one session has at most.
const MOST_OF_ONE: usize = 4;
/// How many streams this node has at most.
const MOST: usize = 64;

type Watched = watch::Sender<Option<TaskView>>;

/// The streams that are open at this node.
#[derive(Debug)]
pub struct Streams {
    tasks: Mutex<HashMap<String, Watched>>,
    open: Mutex<Vec<Hashed>>,
    ended: watch::Sender<bool>,
}

impl Default for Streams {
    fn default() -> Self {
        Self { tasks: Mutex::default(), open: Mutex::default(), ended: watch::Sender::new(false) }
    }
}

impl Streams {
    /// Ends all of them, since a stop of the server waits for requests.
    pub fn end(&self) {
        self.ended.send_replace(true);
    }

    /// A place for one more; `None` if there are too many.
    pub fn place(self: &Arc<Self>, session: &Hashed) -> Option<Place> {
        let mut open = locked(&self.open);
        if open.len() >= MOST || open.iter().filter(|one| *one == session).count() >= MOST_OF_ONE {
            return None;
        }
        open.push(*session);
        Some(Place { streams: Arc::clone(self), session: *session })
    }

    /// The task, read again and again as long as anybody watches it.
    pub fn watch(
        self: &Arc<Self>,
        parts: &Arc<PanelParts>,
        view: TaskView,
    ) -> watch::Receiver<Option<TaskView>> {
        let id = view.id.clone();
        let mut tasks = locked(&self.tasks);
        if let Some(known) = tasks.get(&id) {
            return known.subscribe();
        }
        let (sender, receiver) = watch::channel(Some(view));
        tasks.insert(id.clone(), sender.clone());
        drop(tasks);
        tokio::spawn(poll(Arc::clone(self), Arc::clone(parts), id, sender));
        receiver
    }

    /// Forgets a task that nobody watches any more.
    fn forgets(&self, id: &str, sender: &Watched) -> bool {
        let mut tasks = locked(&self.tasks);
        let unused = sender.is_closed();
        if unused {
            tasks.remove(id);
        }
        unused
    }
}

async fn poll(streams: Arc<Streams>, parts: Arc<PanelParts>, id: String, sender: Watched) {
    loop {
        sleep(POLL).await;
        if streams.forgets(&id, &sender) {
            return;
        }
        match task::view(&parts, &id).await {
            Ok(view) => {
                sender.send_if_modified(|known| {
                    let differs = *known != view;
                    *known = view;
                    differs
                });
            }
            Err(error) => tracing::debug!(%error, "a task can't be read"),
        }
    }
}

/// The place of one stream; dropping it makes room.
pub struct Place {
    streams: Arc<Streams>,
    session: Hashed,
}

impl Place {
    /// Reports when all streams end.
    pub fn ended(&self) -> watch::Receiver<bool> {
        self.streams.ended.subscribe()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut open = locked(&self.streams.open);
        if let Some(at) = open.iter().position(|one| *one == self.session) {
            open.swap_remove(at);
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
