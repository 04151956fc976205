//! Redirect URIs: what the content security policy must allow for one. Which may be registered is checked with the settings.

use url::{Host, Url};

/// What `form-action` must name so that an answer can be sent to `uri`: its origin, or its scheme alone where there is
/// no origin that a policy can name (private schemes, IPv6 literals). `None` when nothing safe can be written.
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

    proptest! {
        #[test]
        fn an_origin_never_ends_the_directive(uri in any::<String>()) {
            if let Some(origin) = origin(&uri) {
                prop_assert!(!origin.contains([';', ',', ' ', '\'', '"', '\n', '*']), "{}", origin);
            }
        }

        #[test]
        fn nor_does_one_of_a_web_address(rest in "[ -~]{0,30}") {
            if let Some(origin) = origin(&format!("https://{rest}")) {
                prop_assert!(!origin.contains([';', ',', ' ', '\'', '"', '*']), "{}", origin);
            }
        }
    }
}
