//! What a page of ours may load, and where its forms may lead: the Content-Security-Policy.

/// Whether a page brings a script of ours along.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scripts {
    /// No script at all: nearly every page.
    None,
    /// Our own files under /assets: the page that passes a response on by form post, the recovery codes, which a script may
    /// copy, and the pages with a password, which a script may show.
    Own,
}

/// The policy of a page whose forms lead to ourselves and to `origins`.
///
/// Chromium applies `form-action` to the redirect after a post too, so the page before it must name the origin of the
/// validated redirect URI. A source that could smuggle in a directive is left out.
#[must_use]
pub fn content_security_policy(origins: &[&str], scripts: Scripts) -> String {
    let mut policy = String::from("default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; ");
    if scripts == Scripts::Own {
        policy.push_str("script-src 'self'; ");
    }
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
        let policy = content_security_policy(&["https://cloudsync.example"], Scripts::None);
        assert!(policy.ends_with("form-action 'self' https://cloudsync.example"), "{policy}");
        assert!(!policy.contains("script-src") && !policy.contains("unsafe"), "{policy}");
    }

    #[test]
    fn a_hostile_origin_adds_nothing() {
        for origin in ["https://a; script-src *", "'unsafe-inline'", "*", "https://a b", "https://a,b", ""] {
            assert!(
                content_security_policy(&[origin], Scripts::None).ends_with("form-action 'self'"),
                "{origin}"
            );
        }
    }
}
