//! Check the URIs of clients. They are later compared by character, so unusual ones are refused here.

use std::net::IpAddr;

use url::{Host, Url};

use super::super::read::quoted;

/// Where responses may be sent (RFC 6749 section 3.1.2, RFC 9700 section 2.1, RFC 8252 section 7).
pub(super) fn redirect(text: &str, public: bool) -> Result<(), String> {
    let url = absolute(text)?;
    match url.scheme() {
        "https" | "http" => web(text, &url),
        scheme if !public => Err(format!(
            "{}: the scheme {scheme} is not allowed; use https (http for localhost, a private-use scheme for a \
             client without a secret)",
            quoted(text)
        )),
        // RFC 8252 section 7.1: a domain name in reverse, which also excludes javascript, data and file.
        scheme if !scheme.contains('.') => Err(format!(
            "{}: the scheme {scheme} is not allowed; a private-use scheme is a domain name in reverse, as in \
             com.example.app:/callback",
            quoted(text)
        )),
        _ => Ok(()),
    }
}

/// A page that people may be sent to.
pub(super) fn page(text: &str) -> Result<(), String> {
    let url = absolute(text)?;
    match url.scheme() {
        "https" | "http" => web(text, &url),
        scheme => Err(format!("{}: the scheme {scheme} is not allowed; use https", quoted(text))),
    }
}

/// A page linked on every page of ours: https only.
pub(super) fn secure_page(text: &str) -> Result<(), String> {
    page(text)?;
    match text.get(..8).is_some_and(|scheme| scheme.eq_ignore_ascii_case("https://")) {
        true => Ok(()),
        false => Err(format!("{}: use https", quoted(text))),
    }
}

fn absolute(text: &str) -> Result<Url, String> {
    if !text.bytes().all(|byte| matches!(byte, 0x21..=0x7e)) || text.contains(['\\', '"', '<', '>']) {
        return Err(format!("{}: only the characters of RFC 3986 may stand in an address", quoted(text)));
    }
    if text.contains('*') {
        return Err(format!("{}: addresses are compared letter by letter, a * means nothing", quoted(text)));
    }
    let url = Url::parse(text).map_err(|_| {
        format!("{} is not an absolute address, such as https://cloudsync.example.com/callback", quoted(text))
    })?;
    // RFC 6749 section 3.1.2: no fragment
    if text.contains('#') {
        return Err(format!("{}: an address here must not have a fragment (#...)", quoted(text)));
    }
    if !url.username().is_empty() || url.password().is_some() {
        return Err(format!("{}: an address here must not carry a user name", quoted(text)));
    }
    Ok(url)
}

fn web(text: &str, url: &Url) -> Result<(), String> {
    let lower = text.to_ascii_lowercase();
    if !lower.starts_with("https://") && !lower.starts_with("http://") {
        return Err(format!("{}: write it as {}://host/...", quoted(text), url.scheme()));
    }
    if url.scheme() == "http" && !is_loopback(url) {
        return Err(format!("{}: plain http is allowed for localhost only; use https", quoted(text)));
    }
    Ok(())
}

/// RFC 8252 section 7.3.
fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Domain(name)) => name.eq_ignore_ascii_case("localhost"),
        Some(Host::Ipv4(address)) => IpAddr::V4(address).is_loopback(),
        Some(Host::Ipv6(address)) => IpAddr::V6(address).is_loopback(),
        None => false,
    }
}
