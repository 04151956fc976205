//! What can be said of a host by its name alone.

use std::net::IpAddr;

/// True for `localhost` and for loopback addresses, in brackets or not: what is sent there does not leave the machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let address = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    host.eq_ignore_ascii_case("localhost")
        || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}
