//! Redirect URIs: which an administrator may register, and what the content security policy must allow for one.

use url::{Host, Url};

/// Why a URI can't be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unfit {
    /// It is relative, or no URI at all.
    #[error("must be an absolute URI")]
    NotAbsolute,
    /// It has a fragment.
    #[error("must not have a fragment (#)")]
    Fragment,
    /// Clear text to another machine.
    #[error("must be https; http is only for loopback addresses")]
    ClearText,
    /// A scheme such as `javascript`.
    #[error("must be https or a private scheme with a dot in it, such as com.example.app")]
    Scheme,
    /// A user name or password in it.
    #[error("must not carry a user name or password")]
    UserInfo,
    /// Characters that have to be percent-encoded.
    #[error("must be written in ASCII without spaces or quotes")]
    Characters,
}

/// Checks a URI that an administrator wants to register.
///
/// # Errors
/// Why it can't be.
pub fn check(uri: &str) -> Result<(), Unfit> {
    if !uri.bytes().all(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'<' | b'>' | b'\\')) {
        return Err(Unfit::Characters);
    }
    let url = Url::parse(uri).map_err(|_| Unfit::NotAbsolute)?;
    // RFC 6749 section 3.1.2: "The endpoint URI MUST NOT include a fragment component."
    if uri.contains('#') {
        return Err(Unfit::Fragment);
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(Unfit::UserInfo);
    }
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_loopback(&url) => Ok(()),
        "http" => Err(Unfit::ClearText),
        // RFC 8252 section 7.1: private-use schemes are reversed domain names. So `javascript:` and `data:` stay out.
        scheme if scheme.contains('.') => Ok(()),
        _ => Err(Unfit::Scheme),
    }
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost" || name.ends_with(".localhost"),
        None => false,
    }
}

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
    fn what_may_be_registered() {
        let table = [
            ("https://cloud.example.com/cb", Ok(())),
            ("https://cloud.example.com/cb?tenant=1", Ok(())),
            ("http://localhost:8090/callback", Ok(())),
            ("http://127.0.0.1/cb", Ok(())),
            ("http://[::1]:9000/cb", Ok(())),
            ("com.example.app:/cb", Ok(())),
            ("http://cloud.example.com/cb", Err(Unfit::ClearText)),
            ("https://cloud.example.com/cb#x", Err(Unfit::Fragment)),
            ("https://cloud.example.com/cb#", Err(Unfit::Fragment)),
            ("https://user:pw@cloud.example.com/", Err(Unfit::UserInfo)),
            ("javascript:alert(1)", Err(Unfit::Scheme)),
            ("data:text/html,x", Err(Unfit::Scheme)),
            ("/cb", Err(Unfit::NotAbsolute)),
            ("", Err(Unfit::NotAbsolute)),
            ("https://cloud.example.com/c b", Err(Unfit::Characters)),
        ];
        for (uri, expected) in table {
            assert_eq!(check(uri), expected, "{uri}");
        }
    }

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
            let _ = check(&uri);
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
