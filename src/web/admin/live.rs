//! Server-sent events: a part of a page, again whenever it changes. Streams end by themselves.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use super::access::{Admin, may_still, refuse};
use super::pages::TaskPart;
use super::permission::{Permission, SeeSyncLog};
use super::tasks::{id_in, not_found};
use crate::domain::Millis;
use crate::flow::admin::task::{self, TaskView};
use crate::web::pages::Language;
use crate::web::streams::Place;

/// How often the session behind a stream is checked again.
const CHECK: Duration = Duration::from_secs(15);
/// How long a stream lasts; the browser opens another one by itself.
const LONGEST: Duration = Duration::from_secs(300);

/// The last part is followed by the event that it was the last.
const AT_ONCE: usize = 2;

/// A part of a page that changes until it is over.
pub(super) trait LivePart: Clone + Send + Sync + 'static {
    /// True if it does not change any more.
    fn is_over(&self) -> bool;
    /// The HTML inside of its element.
    fn draw(self, language: Language, now: Millis) -> String;
}

impl LivePart for TaskView {
    fn is_over(&self) -> bool {
        self.is_over()
    }

    fn draw(self, language: Language, now: Millis) -> String {
        TaskPart { language, now, view: self }.render().unwrap_or_default()
    }
}

/// `GET /admin/tasks/{id}/events`.
pub(super) async fn events(admin: Admin<SeeSyncLog>) -> Response {
    let web = &admin.request.web;
    let view = match task::view(&web.panel, id_in(&admin.path)).await {
        Ok(Some(view)) => view,
        Ok(None) => return not_found(&admin),
        Err(fault) => return refuse(&admin.request.context(), &fault),
    };
    let (streams, panel) = (Arc::clone(&web.streams), Arc::clone(&web.panel));
    stream_of(admin, move || streams.watch(&panel, view))
}

/// The stream of a part. Without room the answer is 204, which browsers do not ask again.
pub(super) fn stream_of<C: Permission, V: LivePart>(
    admin: Admin<C>,
    part: impl FnOnce() -> watch::Receiver<Option<V>>,
) -> Response {
    let Some(place) = admin.request.web.streams.place(&admin.checked.session.id_hash) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let (sender, receiver) = mpsc::channel(AT_ONCE);
    tokio::spawn(send(admin, place, part(), sender));
    let events = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|event| (Ok::<_, Infallible>(event), receiver))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Sends the part at each change, until the task is over, the session has ended or the browser is gone.
async fn send<C: Permission, V: LivePart>(
    admin: Admin<C>,
    place: Place,
    mut task: watch::Receiver<Option<V>>,
    sender: mpsc::Sender<Event>,
) {
    let mut ended = place.ended();
    if *ended.borrow() {
        return;
    }
    let end = Instant::now() + LONGEST;
    let mut checks = interval_at(Instant::now() + CHECK, CHECK);
    checks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    task.mark_changed();
    loop {
        tokio::select! {
            _ = ended.changed() => return,
            () = sender.closed() => return,
            _ = timeout_at(end, std::future::pending::<()>()) => return,
            // Whoever is no admin any more sees nothing more.
            _ = checks.tick() => if !may_still(&admin).await {
                return;
            },
            next = next_part(&mut task, &sender) => {
                let Some((view, mut room)) = next else { return };
                let is_over = view.is_over();
                let done = is_over.then(|| Event::default().event("done").data(""));
                for event in [part(&admin, view)].into_iter().chain(done) {
                    if let Some(room) = room.next() {
                        room.send(event);
                    }
                }
                if is_over {
                    return;
                }
            }
        }
    }
}

/// The newest state of the part, once the browser has read what was sent before. Nothing is lost if this is
/// dropped while it waits.
async fn next_part<'s, V: LivePart>(
    task: &mut watch::Receiver<Option<V>>,
    sender: &'s mpsc::Sender<Event>,
) -> Option<(V, mpsc::PermitIterator<'s, Event>)> {
    let room = sender.reserve_many(AT_ONCE).await.ok()?;
    task.changed().await.ok()?;
    let view = task.borrow_and_update().clone()?;
    Some((view, room))
}

fn part<C: Permission, V: LivePart>(admin: &Admin<C>, view: V) -> Event {
    let (language, now) = (admin.request.context().language, admin.request.web.parts.now());
    Event::default().event("part").data(view.draw(language, now))
}
