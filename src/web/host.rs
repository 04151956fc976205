//! Checks the `Host` header. RFC 9112 section 3.2: "A server MUST respond with a 400 (Bad Request) status
//! code to any HTTP/1.1 request message that lacks a Host header field and to any request message that
//! contains more than one Host header field line or a Host header field with an invalid field value." Two
//! servers that disagree about the host of one request enable cache poisoning and request smuggling.

use axum::http::header::HOST;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Version};

/// True when a request names exactly one valid host.
pub fn is_valid(version: Version, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_host(host),
        (None, _) => version != Version::HTTP_11,
        (Some(_), Some(_)) => false,
    }
}

fn is_host(value: &HeaderValue) -> bool {
    let authority = value.to_str().ok().and_then(|text| text.parse::<Authority>().ok());
    authority.is_some_and(|authority| {
        let has_port = authority.as_str().len() > authority.host().len();
        !authority.as_str().contains('@')
            && !authority.host().is_empty()
            && (!has_port || authority.port_u16().is_some())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exactly_one_valid_host_is_accepted() {
        let table: [(&[&str], bool); 12] = [
            (&["idp.example.com"], true),
            (&["idp.example.com:8443"], true),
            (&["127.0.0.1:8080"], true),
            (&["[::1]:8080"], true),
            (&[], false),
            (&["idp.example.com", "idp.example.com"], false),
            (&["idp.example.com", "evil.example"], false),
            (&[""], false),
            (&["idp.example.com/path"], false),
            (&["user@idp.example.com"], false),
            (&["idp.example.com:port"], false),
            (&["a b"], false),
        ];
        for (hosts, valid) in table {
            let mut headers = HeaderMap::new();
            for host in hosts {
                headers.append(HOST, HeaderValue::from_static(host));
            }
            assert_eq!(is_valid(Version::HTTP_11, &headers), valid, "{hosts:?}");
        }
        // HTTP/2 sends the host in `:authority` (RFC 9113 section 8.3.1).
        assert!(is_valid(Version::HTTP_2, &HeaderMap::new()));
        assert!(is_valid(Version::HTTP_10, &HeaderMap::new()));
    }
}
