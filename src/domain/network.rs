//! Detect loopback hosts by name.

/// True for `localhost` and loopback addresses, in brackets or not: data sent there does not leave the
/// machine.
#[must_use]
pub fn is_loopback(host: &str) -> bool {
    let octets: Vec<Option<u8>> = host.split('.').map(|part| part.parse().ok()).collect();
    let ipv4 = matches!(octets.as_slice(), [Some(127), Some(_), Some(_), Some(_)]);
    ipv4 || matches!(host, "::1" | "[::1]") || host.eq_ignore_ascii_case("localhost")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_loopback() {
        for here in ["localhost", "LOCALHOST", "127.0.0.1", "127.255.0.9", "::1", "[::1]"] {
            assert!(is_loopback(here), "{here}");
        }
        for elsewhere in
            ["", "127.0.0.1.example.com", "127.0.0", "127.0.0.256", "128.0.0.1", "localhost.example.com"]
        {
            assert!(!is_loopback(elsewhere), "{elsewhere}");
        }
    }
}
