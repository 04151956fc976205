//! The cost of a sign-in on kept connections: printed, with a limit far above the normal value.

use std::time::Instant;

use cloudsync_idp::domain::bind::BindOutcome;
use cloudsync_idp::domain::secret::Plain;

use super::{deadline, ldap, one};
use crate::support::{bind, lab};

const PEOPLE: usize = 32;
const EACH: usize = 30;

#[tokio::test(flavor = "multi_thread")]
async fn many_sign_in_on_few_connections() {
    let lab = lab::ldap();
    let directory = ldap(lab);
    one(&directory, "alice").await;
    let before = Instant::now();
    let tasks = (0..PEOPLE).map(|_| {
        let (directory, password) = (directory.clone(), Plain::new(lab.user_password.clone()));
        tokio::spawn(async move {
            for _ in 0..EACH {
                let alice = one(&directory, "alice").await;
                let bound = bind(&directory, &alice, &password, deadline()).await.expect("an answer");
                assert_eq!(bound.outcome, BindOutcome::Accepted);
            }
        })
    });
    for task in futures_util::future::join_all(tasks).await {
        task.expect("every sign-in succeeds");
    }
    let (rate, stats) = ((PEOPLE * EACH) as f64 / before.elapsed().as_secs_f64(), directory.stats());
    println!("{rate:.0} find and bind a second, {stats:?}");
    assert!(stats.binds.opened <= 8 && stats.searches.opened <= 4, "{stats:?}");
    assert_eq!((stats.binds.shed, stats.searches.shed), (0, 0));
    assert!(rate > 100.0, "{rate}");
}
