//! The time from a change in the directory to a refused refresh, while the provider watches the directory: a
//! person signs in, is disabled (in OpenLDAP, which has no such state, deleted), and requests new tokens in a
//! loop.

use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use crate::admin::Admin;
use crate::common::http::Http;
use crate::common::journey::{Client, Person, text};
use crate::common::process::{Launch, Provider};
use crate::plan::Plan;

/// NORMAL_ACCOUNT and ACCOUNTDISABLE (MS-ADTS 2.2.16).
const DISABLED: &str = "514";
const PATIENCE: Duration = Duration::from_secs(30);
/// Between two token requests.
const PAUSE: Duration = Duration::from_millis(2);
/// The first change is not counted: after it the provider watches.
const WARM_UP: usize = 1;

/// The time of each change, sorted.
pub struct Latency(Vec<Duration>);

impl Latency {
    pub fn at(&self, quantile: f64) -> Duration {
        let rank = (self.0.len() as f64 * quantile).ceil() as usize;
        self.0.get(rank.saturating_sub(1)).copied().unwrap_or_default()
    }
}

pub async fn measure(plan: &Plan, admin: &mut Admin) -> Result<Latency> {
    let (config, address) = (plan.home.join("idp.toml"), plan.issuer.trim_start_matches("http://"));
    let launch = Launch { program: &plan.provider, config: &config, folder: &plan.home, address };
    let (provider, _) = Provider::start(&launch).await?;
    let client = Client::connect(&plan.issuer, "openid profile email offline_access").await?;
    let mut http = Http::connect(address).await?;
    let mut each = Vec::with_capacity(plan.changes);
    for number in 0..plan.changes + WARM_UP {
        // At varying phases of the provider's polling: it polls some servers once a second.
        tokio::time::sleep(Duration::from_millis(number as u64 * 137 % 1_000)).await;
        let took = one(plan, admin, &client, &mut http, number).await;
        let took = took.with_context(|| plan.person(number))?;
        each.extend((number >= WARM_UP).then_some(took));
    }
    provider.stop()?;
    each.sort_unstable();
    Ok(Latency(each))
}

async fn one(
    plan: &Plan,
    admin: &mut Admin,
    client: &Client,
    http: &mut Http,
    number: usize,
) -> Result<Duration> {
    let (name, email) = (plan.person(number), plan.email(number));
    let person = Person { name: &name, email: &email, password: &plan.password, code: &|| Ok(None) };
    let signed_in = client.sign_in(http, &person).await?;
    let mut token = text(&signed_in.tokens, "refresh_token").to_owned();
    if plan.is_active_directory() {
        admin.replace(&plan.dn(number), "userAccountControl", DISABLED).await?;
    } else {
        admin.delete(&plan.dn(number)).await?;
    }
    let changed = Instant::now();
    while let Some(next) = refreshed(client, http, &token).await? {
        token = next;
        ensure!(changed.elapsed() < PATIENCE, "the refresh still succeeds");
        tokio::time::sleep(PAUSE).await;
    }
    let took = changed.elapsed();
    let landing = client.without_page(http, &signed_in.session).await?;
    ensure!(landing.contains("error=login_required"), "the session still exists: {landing}");
    Ok(took)
}

/// The next refresh token, or `None` if the refresh was refused.
async fn refreshed(client: &Client, http: &mut Http, token: &str) -> Result<Option<String>> {
    let answer = client.refresh(http, token).await?;
    let body: Value = serde_json::from_str(&answer.body)?;
    match (answer.status, text(&body, "error")) {
        (200, _) => Ok(Some(text(&body, "refresh_token").to_owned())),
        (400, "invalid_grant") => Ok(None),
        _ => bail!("{}: {}", answer.status, answer.body),
    }
}
