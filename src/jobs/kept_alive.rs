//! Restart a background job that ends, for example by a panic, after a pause; log and count it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt;

use crate::flow::installation::background::Background;

/// Runs the work again and again. A new run keeps nothing of the previous one, so a panic leaves nothing half
/// done, except what the store rolls back.
pub(super) async fn kept_alive<F: Future<Output = ()>>(
    job: &'static str,
    background: Arc<Background>,
    pause: Duration,
    work: impl Fn() -> F,
) {
    loop {
        let ended = AssertUnwindSafe(async { work().await }).catch_unwind().await;
        let why = ended.err().map_or_else(|| "it ended".to_owned(), |panic| words(&*panic));
        background.died(job);
        let pause_ms = pause.as_millis() as u64;
        tracing::error!(job, why, pause_ms, "a background job has ended and is restarted");
        tokio::time::sleep(pause).await;
    }
}

fn words(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use tokio::sync::Notify;

    use super::*;

    #[tokio::test]
    async fn a_job_that_panics_is_restarted_and_reported_as_failing() {
        let (background, starts, worked) = (Arc::<Background>::default(), AtomicU32::new(0), Notify::new());
        let work = || async {
            match starts.fetch_add(1, Ordering::Relaxed) {
                0 => panic!("at once"),
                1 => {}
                2 => panic!("{}", "again"),
                _ => {
                    worked.notify_one();
                    std::future::pending().await
                }
            }
        };
        tokio::select! {
            () = kept_alive("test", background.clone(), Duration::ZERO, work) => unreachable!("it never ends"),
            () = worked.notified() => {}
        }
        assert_eq!(background.failing(), Some("test"));
    }
}
