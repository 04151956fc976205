//! The Content-Security-Policy of a page: what it may load, and where its forms may lead.

/// Whether a page has a script of ours.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PageScripts {
    /// No script: nearly every page.
    None,
    /// Our own files under /assets: on the form-post page, the recovery codes (to copy them) and the pages
    /// with a password (to show it).
    Own,
    /// The script of the admin panel, which also loads pages and streams of our own.
    Panel,
}

/// The policy of a page whose forms lead to ourselves and to `origins`.
///
/// Chromium applies `form-action` also to the redirect after a post, so the page before it must name the
/// origin of the validated redirect URI. A source that could inject a directive is left out.
#[must_use]
pub fn content_security_policy(origins: &[&str], scripts: PageScripts) -> String {
    let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; ");
    policy.push_str(match scripts {
        PageScripts::None => "",
        PageScripts::Own => "script-src 'self'; ",
        PageScripts::Panel => "script-src 'self'; connect-src 'self'; ",
    });
    policy.push_str("frame-ancestors 'none'; form-action 'self'");
    for origin in origins.iter().filter(|origin| is_source(origin)) {
        policy.push(' ');
        policy.push_str(origin);
    }
    policy
}

/// CSP Level 3, 2.3.1: a host or scheme source has no white space, semicolon or comma (nor a quoted keyword).
fn is_source(origin: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"+-._:/[]".contains(&byte);
    origin.contains(':') && origin.bytes().all(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_may_post_to_itself_and_to_the_client() {
        let policy = content_security_policy(&["https://cloudsync.example"], PageScripts::None);
        assert!(policy.ends_with("form-action 'self' https://cloudsync.example"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn a_hostile_origin_adds_nothing() {
        for origin in ["https://a; script-src *", "'unsafe-inline'", "*", "https://a b", "https://a,b", ""] {
            assert!(
                content_security_policy(&[origin], PageScripts::None).ends_with("form-action 'self'"),
                "{origin}"
            );
        }
    }
}
