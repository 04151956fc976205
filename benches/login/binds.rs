//! The rate at which the directory itself answers simple binds, from the same machine over LDAPS: no login
//! that verifies a password there can be faster.

use std::net::TcpStream;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result};
use futures_util::future::try_join_all;
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, StdStream};

use crate::plan::Plan;

/// Binds per second, `at_once` in parallel, each on a kept connection of its own.
pub async fn rate(plan: &Plan) -> Result<f64> {
    let _ = rustls::crypto::aws_lc_rs::default_provider().install_default();
    let mut connections = Vec::with_capacity(plan.at_once);
    for _ in 0..plan.at_once {
        connections.push(connect(plan).await.context("connecting")?);
    }
    let next = AtomicUsize::new(0);
    let started = Instant::now();
    try_join_all(connections.into_iter().map(|ldap| bind_on(plan, ldap, &next))).await?;
    Ok(plan.binds as f64 / started.elapsed().as_secs_f64())
}

async fn connect(plan: &Plan) -> Result<Ldap> {
    let stream = TcpStream::connect(&plan.ldaps)?;
    stream.set_nodelay(true)?;
    stream.set_nonblocking(true)?;
    // The certificate does not change the cost of a bind.
    let settings = LdapConnSettings::new().set_no_tls_verify(true).set_std_stream(StdStream::Tcp(stream));
    let url = format!("ldaps://{}", plan.ldaps).parse()?;
    let (connection, ldap) = LdapConnAsync::from_url_with_settings(settings, &url).await?;
    tokio::spawn(async move { connection.drive().await });
    Ok(ldap)
}

async fn bind_on(plan: &Plan, mut ldap: Ldap, next: &AtomicUsize) -> Result<()> {
    loop {
        let number = next.fetch_add(1, Ordering::Relaxed);
        if number >= plan.binds {
            return Ok(ldap.unbind().await?);
        }
        let dn = format!("uid={},ou=people,{}", plan.person(number), plan.base_dn);
        ldap.simple_bind(&dn, &plan.password).await?.success().context(dn)?;
    }
}
