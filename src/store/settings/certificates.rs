//! Record the certificates of directory servers, as last seen.

use crate::domain::Millis;
use crate::domain::entry::DirectoryId;
use crate::domain::expiry::SeenCertificate;

use crate::store::SettingsStore;
use crate::store::engine::error::Result;
use crate::store::engine::retry::retry;
use crate::store::engine::value::values;

/// A certificate that a server has sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CertificateRow {
    /// `host:port`, or `ca_pem` for the CA certificates of the settings.
    pub server: String,
    pub certificate: SeenCertificate,
    pub seen_at: Millis,
}

impl SettingsStore<'_> {
    /// Replaces what a server has sent; an empty chain forgets it.
    pub async fn certificates_seen(
        &self,
        directory: &DirectoryId,
        server: &str,
        chain: &[SeenCertificate],
        now: Millis,
    ) -> Result<()> {
        retry(|| async {
            let mut tx = self.store.db.begin().await?;
            let gone = "DELETE FROM directory_certificates WHERE directory = $1 AND server = $2";
            tx.execute(gone, values![directory, server]).await?;
            let sql = "INSERT INTO directory_certificates \
                 (directory, server, place, subject, not_after, seen_at) VALUES ($1, $2, $3, $4, $5, $6)";
            for (place, one) in (0_i64..).zip(chain) {
                let row = values![directory, server, place, &one.subject, one.not_after, now];
                tx.execute(sql, row).await?;
            }
            tx.commit().await
        })
        .await
    }

    /// What the servers of a directory have sent last.
    pub async fn certificates(&self, directory: &DirectoryId) -> Result<Vec<CertificateRow>> {
        let sql = "SELECT server, subject, not_after, seen_at FROM directory_certificates \
             WHERE directory = $1 ORDER BY server, place";
        let rows = self.store.db.rows(sql, values![directory]).await?;
        let certificate = |row: &crate::store::engine::sql::DbRow| {
            let cells = row.of("directory_certificates", "server");
            Ok(CertificateRow {
                server: cells.cell("server")?,
                certificate: SeenCertificate {
                    subject: cells.cell("subject")?,
                    not_after: cells.cell("not_after")?,
                },
                seen_at: cells.cell("seen_at")?,
            })
        };
        rows.iter().map(certificate).collect()
    }
}
