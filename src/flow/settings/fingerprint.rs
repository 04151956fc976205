//! SHA-256 of a certificate or of a long text, for people to compare.

use aws_lc_rs::digest::{SHA256, digest};

/// SHA-256 in the form that certificate tools show: `AB:CD:…`.
#[must_use]
pub fn fingerprint(encoded: &[u8]) -> String {
    let bytes = digest(&SHA256, encoded);
    bytes.as_ref().iter().map(|byte| format!("{byte:02X}")).collect::<Vec<_>>().join(":")
}
