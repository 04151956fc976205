//! Server-sent events of a task: its part of the page, again whenever it changes. Streams end by themselves.

use std::convert::Infallible;
use std::time::Duration;

use askama::Template;
use axum::http::StatusCode;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, MissedTickBehavior, interval_at, timeout_at};

use super::access::{Admin, refuse};
use super::pages::TaskPart;
use super::permission::SeeSyncLog;
use super::tasks::{id_in, not_found};
use crate::domain::admin::Intent;
use crate::flow::admin::session;
use crate::flow::admin::task::{self, TaskView};
use crate::web::cookies::{self, Cookie};
use crate::web::streams::Place;

/// How often the session behind a stream is checked again.
const CHECK: Duration = Duration::from_secs(15);
/// How long a stream lasts; the browser opens another one by itself.
const LONGEST: Duration = Duration::from_secs(300);

/// `GET /admin/tasks/{id}/events`. Without room the answer is 204, which browsers do not ask again.
pub(super) async fn events(admin: Admin<SeeSyncLog>) -> Response {
    let web = &admin.request.web;
    let view = match task::view(&web.panel, id_in(&admin.path)).await {
        Ok(Some(view)) => view,
        Ok(None) => return not_found(&admin),
        Err(fault) => return refuse(&admin.request.context(), &fault),
    };
    let Some(place) = web.streams.place(&admin.checked.session.id_hash) else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let task = web.streams.watch(&web.panel, view);
    let (sender, receiver) = mpsc::channel(1);
    tokio::spawn(send(admin, place, task, sender));
    let events = stream::unfold(receiver, |mut receiver| async {
        receiver.recv().await.map(|event| (Ok::<_, Infallible>(event), receiver))
    });
    Sse::new(events).keep_alive(KeepAlive::default()).into_response()
}

/// Sends the part at each change, until the task is over, the session has ended or the browser is gone.
async fn send(
    admin: Admin<SeeSyncLog>,
    place: Place,
    mut task: watch::Receiver<Option<TaskView>>,
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
            _ = checks.tick() => if !still_admin(&admin).await {
                return;
            },
            changed = task.changed() => {
                let view = task.borrow_and_update().clone();
                let (Ok(()), Some(view)) = (changed, view) else { return };
                let is_over = view.is_over();
                let _ = sender.send(part(&admin, view)).await;
                if is_over {
                    let _ = sender.send(Event::default().event("done").data("")).await;
                    return;
                }
            }
        }
    }
}

fn part(admin: &Admin<SeeSyncLog>, view: TaskView) -> Event {
    let (language, now) = (admin.request.context().language, admin.request.web.parts.now());
    let html = TaskPart { language, now, view }.render().unwrap_or_default();
    Event::default().event("part").data(html)
}

/// Whoever is no admin any more sees nothing more.
async fn still_admin(admin: &Admin<SeeSyncLog>) -> bool {
    let (request, web) = (&admin.request, &admin.request.web);
    let Some(id) = cookies::read(&request.headers, &web.surface, Cookie::Admin) else { return false };
    let checked = Box::pin(session::check(&web.parts, &request.visit, &id, Intent::Read)).await;
    matches!(checked, Ok(Some(_)))
}
