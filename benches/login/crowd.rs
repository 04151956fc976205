//! Many people at once: each signs in on a connection that is kept, and the next one follows at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::common::http::Http;
use crate::common::journey::{Client, Person};
use crate::phones::Phones;
use crate::plan::Plan;

/// How long it took.
pub struct Timed {
    /// All of it.
    pub took: Duration,
    /// Each login, from the authorization request to the answer of userinfo; in order of length.
    each: Vec<Duration>,
}

/// Signs in `count` people, beginning with the one of this number; with their phones where they are asked for a code.
pub async fn sign_in(
    plan: &Plan,
    client: &Client,
    (first, count): (usize, usize),
    phones: Option<&Phones>,
) -> Result<Timed> {
    let next = Arc::new(AtomicUsize::new(0));
    let mut connections = Vec::with_capacity(plan.at_once);
    for _ in 0..plan.at_once {
        connections.push(Http::connect(plan.address()).await?);
    }
    let started = Instant::now();
    let places = connections.into_iter().map(|http| place(plan, client, http, (first, count), phones, &next));
    let each: Vec<Vec<Duration>> = try_join_all(places).await?;
    let took = started.elapsed();
    let mut each: Vec<Duration> = each.into_iter().flatten().collect();
    each.sort_unstable();
    Ok(Timed { took, each })
}

async fn place(
    plan: &Plan,
    client: &Client,
    mut http: Http,
    (first, count): (usize, usize),
    phones: Option<&Phones>,
    next: &AtomicUsize,
) -> Result<Vec<Duration>> {
    let mut each = Vec::with_capacity(count / plan.at_once * 2);
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= count {
            return Ok(each);
        }
        let name = plan.person(first + number);
        let code = || phones.map(|phones| phones.code(plan, first + number)).transpose();
        let mail = format!("{name}@example.org");
        let person = Person { name: &name, mail: &mail, password: &plan.password, code: &code };
        let started = Instant::now();
        client.sign_in(&mut http, &person).await.with_context(|| format!("login of {name}"))?;
        each.push(started.elapsed());
    }
}

impl Timed {
    pub fn quantile_ms(&self, quantile: f64) -> f64 {
        let at = (self.each.len() as f64 * quantile) as usize;
        self.each.get(at).or(self.each.last()).map_or(0.0, |length| length.as_secs_f64() * 1e3)
    }
}
