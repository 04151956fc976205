//! The directory's administrator, on one kept connection: the time of a change is known to the millisecond.

use std::collections::HashSet;
use std::net::TcpStream;

use anyhow::{Context, Result};
use ldap3::{Ldap, LdapConnAsync, LdapConnSettings, Mod, StdStream};

use crate::plan::Plan;

pub struct Admin {
    ldap: Ldap,
}

impl Admin {
    pub async fn connect(plan: &Plan) -> Result<Self> {
        let stream = TcpStream::connect(&plan.ldaps)?;
        stream.set_nodelay(true)?;
        stream.set_nonblocking(true)?;
        // The certificate does not change what is measured.
        let settings = LdapConnSettings::new().set_no_tls_verify(true).set_std_stream(StdStream::Tcp(stream));
        let url = format!("ldaps://{}", plan.ldaps).parse()?;
        let (connection, mut ldap) = LdapConnAsync::from_url_with_settings(settings, &url).await?;
        tokio::spawn(async move { connection.drive().await });
        ldap.simple_bind(&plan.admin.0, &plan.admin.1).await?.success()?;
        Ok(Self { ldap })
    }

    pub async fn replace(&mut self, dn: &str, attribute: &str, value: &str) -> Result<()> {
        self.modify(dn, Mod::Replace(attribute.to_owned(), HashSet::from([value.to_owned()]))).await
    }

    pub async fn add_member(&mut self, group: &str, member: String) -> Result<()> {
        self.modify(group, Mod::Add("member".to_owned(), HashSet::from([member]))).await
    }

    pub async fn remove_member(&mut self, group: &str, member: String) -> Result<()> {
        self.modify(group, Mod::Delete("member".to_owned(), HashSet::from([member]))).await
    }

    pub async fn delete(&mut self, dn: &str) -> Result<()> {
        self.ldap.delete(dn).await?.success().with_context(|| dn.to_owned())?;
        Ok(())
    }

    async fn modify(&mut self, dn: &str, modification: Mod<String>) -> Result<()> {
        self.ldap.modify(dn, vec![modification]).await?.success().with_context(|| dn.to_owned())?;
        Ok(())
    }
}
