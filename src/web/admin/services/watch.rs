//! Shows the result of work that runs beside the requests, as it grows.

use axum::response::Response;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};

use crate::flow::installation::fault::Fault;
use crate::web::admin::access::Admin;
use crate::web::admin::live::{self, LivePart};
use crate::web::admin::permission::Permission;
use crate::web::pages::{ErrorKind, ReturnTo};

/// How often a result is read for an admin who watches it.
const POLL: Duration = Duration::from_millis(500);

/// The stream of a result: what `read` finds, whenever that changes, as long as somebody watches it.
pub(super) async fn stream<C, V, F, R>(admin: Admin<C>, read: F) -> Response
where
    C: Permission,
    V: LivePart + PartialEq,
    F: Fn() -> R + Send + Sync + 'static,
    R: Future<Output = Result<Option<V>, Fault>> + Send + 'static,
{
    let first = match read().await {
        Ok(Some(first)) => first,
        Ok(None) => {
            let back = Some(ReturnTo::panel());
            return admin.request.context().page_with_link(ErrorKind::FormExpired, back);
        }
        Err(fault) => return admin.answer(Err(fault)),
    };
    let (sender, receiver) = watch::channel(Some(first));
    live::stream_of(admin, move || {
        tokio::spawn(async move { poll(read, sender).await });
        receiver
    })
}

async fn poll<V, F, R>(read: F, sender: watch::Sender<Option<V>>)
where
    V: LivePart + PartialEq,
    F: Fn() -> R + Send + Sync,
    R: Future<Output = Result<Option<V>, Fault>> + Send,
{
    while !sender.is_closed() {
        sleep(POLL).await;
        match read().await {
            Ok(found) => {
                sender.send_if_modified(|known| {
                    let differs = *known != found;
                    *known = found;
                    differs
                });
            }
            Err(error) => tracing::debug!(%error, "a result about a service can't be read"),
        }
    }
}
