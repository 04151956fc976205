//! Many people at once: each signs in on a kept connection, one after the other.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result};
use futures_util::future::try_join_all;

use crate::common::http::Http;
use crate::common::journey::{Client, Person};
use crate::phones::Phones;
use crate::plan::Plan;

pub struct Timed {
    pub took: Duration,
    /// Each login, from the authorization request to the response of userinfo; sorted.
    each: Vec<Duration>,
}

/// Signs in `count` people, beginning with this number; with codes of their authenticators if they are asked
/// for them.
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
        let email = format!("{name}@example.org");
        let person = Person { name: &name, email: &email, password: &plan.password, code: &code };
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
