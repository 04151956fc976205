//! Redirect URIs: checks whether one is registered, and what the content security policy must allow for it.
//! The settings check which URIs may be registered.

use url::{Host, Url};

/// Loopback hosts (RFC 8252 sections 7.3 and 8.3).
const LOOPBACK: [&str; 3] = ["127.0.0.1", "[::1]", "localhost"];

// RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component", registered or not.
/// True if `wanted` is a registered URI, letter by letter. A native app (RFC 8252 section 7.3: a public
/// client that listens on the loopback interface with plain http) may use any port.
#[must_use]
pub fn is_registered(wanted: &str, registered: &[String], is_public: bool) -> bool {
    let of_native_app = |uri: &str| {
        let (one, other) = (without_port(uri), without_port(wanted));
        is_public && one.is_some() && one == other
    };
    !wanted.contains('#') && registered.iter().any(|uri| uri == wanted || of_native_app(uri))
}

/// Host of a loopback URI, and what follows the port.
fn without_port(uri: &str) -> Option<(&'static str, &str)> {
    let rest = uri.strip_prefix("http://")?;
    let (host, rest) = LOOPBACK.iter().find_map(|host| Some((*host, rest.strip_prefix(host)?)))?;
    let rest = match rest.strip_prefix(':') {
        Some(rest) => {
            let (port, rest) = rest.split_at(rest.find(['/', '?']).unwrap_or(rest.len()));
            let digits = port.bytes().all(|byte| byte.is_ascii_digit());
            port.parse::<u16>().ok().filter(|_| digits)?;
            rest
        }
        None => rest,
    };
    (rest.is_empty() || rest.starts_with(['/', '?'])).then_some((host, rest))
}

/// The `form-action` source for sending a response to `uri`: its origin, or only its scheme if a policy
/// cannot express the origin (private schemes, IPv6 literals). `None` if no safe source can be written.
#[must_use]
pub fn origin(uri: &str) -> Option<String> {
    let url = Url::parse(uri).ok()?;
    let scheme = url.scheme();
    if !matches!(scheme, "http" | "https") {
        return Some(format!("{scheme}:"));
    }
    match url.host()? {
        Host::Ipv6(_) => Some(format!("{scheme}:")),
        host => {
            let host = host.to_string();
            // A host may contain `;` and `,`, which would end the directive.
            let plain = host.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'));
            let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
            plain.then(|| format!("{scheme}://{host}{port}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_policy_names_the_origin() {
        let table = [
            ("https://cloud.example.com/cb?x=1", Some("https://cloud.example.com")),
            ("https://cloud.example.com:443/cb", Some("https://cloud.example.com")),
            ("http://localhost:8090/callback", Some("http://localhost:8090")),
            ("http://[::1]:9000/cb", Some("http:")),
            ("com.example.app:/cb", Some("com.example.app:")),
            ("https://a;script-src/cb", None),
            ("/cb", None),
        ];
        for (uri, expected) in table {
            assert_eq!(origin(uri).as_deref(), expected, "{uri}");
        }
    }

    #[test]
    fn only_the_port_of_a_loopback_address_is_free() {
        let registered = ["http://127.0.0.1/cb", "http://[::1]:7/cb?x=1", "http://localhost:3000/"];
        let registered = registered.map(str::to_owned);
        let table = [
            ("http://127.0.0.1/cb", true),
            ("http://127.0.0.1:51004/cb", true),
            ("http://[::1]/cb?x=1", true),
            ("http://[::1]:51004/cb?x=1", true),
            ("http://localhost:51004/", true),
            ("http://127.0.0.1:51004/cb/", false),
            ("http://127.0.0.1:51004/cb#x", false),
            ("http://127.0.0.1:51004", false),
            ("http://127.0.0.1:/cb", false),
            ("http://127.0.0.1:+80/cb", false),
            ("http://127.0.0.1:99999/cb", false),
            ("http://127.0.0.1:80@evil.example/cb", false),
            ("http://127.0.0.1.evil.example/cb", false),
            ("http://localhost.evil.example:3000/", false),
            ("http://127.0.0.2/cb", false),
            ("https://127.0.0.1/cb", false),
            ("HTTP://127.0.0.1/cb", false),
        ];
        for (wanted, expected) in table {
            assert_eq!(is_registered(wanted, &registered, true), expected, "{wanted}");
        }
        assert!(
            !is_registered("http://127.0.0.1:51004/cb", &registered, false),
            "not for a client with a secret"
        );
        let elsewhere = ["https://app.example/cb".to_owned()];
        assert!(!is_registered("https://app.example:51004/cb", &elsewhere, true));
    }

    proptest! {
        /// Every accepted URI other than the registered one has the same host on the same machine.
        #[test]
        fn any_port_is_a_port_of_this_machine(wanted in "http://(127\\.0\\.0\\.1|localhost)[ -~]{0,12}") {
            if is_registered(&wanted, &["http://127.0.0.1/cb".to_owned()], true) {
                let url = url::Url::parse(&wanted).unwrap();
                prop_assert_eq!((url.host_str(), url.path(), url.username()), (Some("127.0.0.1"), "/cb", ""));
            }
        }

        #[test]
        fn an_origin_never_ends_the_directive(uri in any::<String>()) {
            if let Some(origin) = origin(&uri) {
                prop_assert!(!origin.contains([';', ',', ' ', '\'', '"', '\n', '*']), "{}", origin);
            }
        }

        #[test]
        fn a_web_origin_never_ends_the_directive(rest in "[ -~]{0,30}") {
            if let Some(origin) = origin(&format!("https://{rest}")) {
                prop_assert!(!origin.contains([';', ',', ' ', '\'', '"', '*']), "{}", origin);
            }
        }
    }
}
