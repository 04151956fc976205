//! The cookies that we set: session, login in progress, known browser, remembered browser.

use axum::http::header::{COOKIE, SET_COOKIE};
use axum::http::{HeaderMap, HeaderValue};
use cookie::time::Duration;
use cookie::{Cookie as HttpCookie, CookieBuilder, SameSite};

use super::state::Surface;
use crate::domain::Millis;

/// A cookie, by purpose.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cookie {
    Session,
    /// Binds logins in progress to this browser; it proves no identity.
    Login,
    /// Marks a browser in which the person has signed in before, so that strangers' attempts cannot lock them
    /// out; it proves nothing else.
    Device,
    /// Skips the second factor in this browser, where the policy allows it.
    Remembered,
    /// The session of the admin panel.
    Admin,
    /// What an action of the admin panel has done, for the next page.
    Notice,
}

impl Cookie {
    /// With https, the prefix stops other hosts and plain-http pages from setting it (RFC 6265bis section
    /// 4.1.3.2).
    fn name(self, surface: &Surface) -> &'static str {
        match (self, surface.secure) {
            (Self::Session, true) => "__Host-cloudsync_session",
            (Self::Session, false) => "cloudsync_session",
            (Self::Login, true) => "__Host-cloudsync_login",
            (Self::Login, false) => "cloudsync_login",
            (Self::Device, true) => "__Host-cloudsync_device",
            (Self::Device, false) => "cloudsync_device",
            (Self::Remembered, true) => "__Host-cloudsync_remembered",
            (Self::Remembered, false) => "cloudsync_remembered",
            (Self::Admin, true) => "__Host-cloudsync_admin",
            (Self::Admin, false) => "cloudsync_admin",
            (Self::Notice, true) => "__Host-cloudsync_notice",
            (Self::Notice, false) => "cloudsync_notice",
        }
    }

    /// The longest value that we create; a longer one is ignored.
    fn longest(self) -> usize {
        match self {
            Self::Session | Self::Login | Self::Remembered | Self::Admin => 64,
            Self::Device => 2_500,
            Self::Notice => 1_000,
        }
    }
}

/// The cookie's value, if it is one that we could have created: at least 20 letters, digits, `-` and `_`.
#[must_use]
pub fn read(headers: &HeaderMap, surface: &Surface, cookie: Cookie) -> Option<String> {
    let name = cookie.name(surface);
    let lines = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.flat_map(HttpCookie::split_parse).filter_map(Result::ok);
    let found = cookies.find(|found| found.name() == name)?;
    made_here(cookie, found.value()).then(|| found.value().to_owned())
}

/// The value that a response of ours sets.
#[must_use]
pub fn given(headers: &HeaderMap, surface: &Surface, cookie: Cookie) -> Option<String> {
    let lines = headers.get_all(SET_COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut cookies = lines.filter_map(|line| HttpCookie::parse(line).ok());
    let found = cookies.find(|found| found.name() == cookie.name(surface))?;
    made_here(cookie, found.value()).then(|| found.value().to_owned())
}

fn made_here(cookie: Cookie, value: &str) -> bool {
    (20..=cookie.longest()).contains(&value.len())
        && value.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte))
}

/// Sets a cookie until the browser is closed; its real lifetime is checked on the server.
pub fn set(headers: &mut HeaderMap, surface: &Surface, cookie: Cookie, value: &str) {
    append(headers, build(surface, cookie, value));
}

/// Sets a cookie that survives closing the browser; its real lifetime is checked on the server.
pub fn keep(headers: &mut HeaderMap, surface: &Surface, cookie: Cookie, value: &str, lifetime: Millis) {
    append(headers, build(surface, cookie, value).max_age(Duration::milliseconds(lifetime)));
}

/// Deletes a cookie.
pub fn clear(headers: &mut HeaderMap, surface: &Surface, cookie: Cookie) {
    append(headers, build(surface, cookie, "").max_age(Duration::ZERO));
}

fn build<'a>(surface: &Surface, cookie: Cookie, value: &'a str) -> CookieBuilder<'a> {
    let built = HttpCookie::build((cookie.name(surface), value)).path("/").http_only(true);
    built.same_site(SameSite::Lax).secure(surface.secure)
}

fn append(headers: &mut HeaderMap, cookie: CookieBuilder<'_>) {
    if let Ok(line) = HeaderValue::from_str(&cookie.to_string()) {
        headers.append(SET_COOKIE, line);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::SECOND;

    fn surface(secure: bool) -> Surface {
        Surface { secure, trusted_proxies: Vec::new(), only_proxies: false, configuration: String::new() }
    }

    #[test]
    fn a_cookie_is_host_bound_secure_and_unreadable_for_scripts() {
        let mut headers = HeaderMap::new();
        set(&mut headers, &surface(true), Cookie::Session, "abc");
        assert_eq!(
            headers[SET_COOKIE],
            "__Host-cloudsync_session=abc; HttpOnly; SameSite=Lax; Secure; Path=/"
        );
    }

    #[test]
    fn a_persistent_cookie_has_a_max_age() {
        let mut headers = HeaderMap::new();
        keep(&mut headers, &surface(false), Cookie::Device, "abc", 90 * SECOND);
        let line = headers[SET_COOKIE].to_str().expect("text");
        assert_eq!(line, "cloudsync_device=abc; HttpOnly; SameSite=Lax; Path=/; Max-Age=90");
    }

    #[test]
    fn each_cookie_has_its_own_longest_value() {
        for (cookie, name, longest) in [(Cookie::Login, "login", 64), (Cookie::Device, "device", 2_500)] {
            for (length, found) in [(longest, true), (longest + 1, false)] {
                let mut headers = HeaderMap::new();
                let line = format!("cloudsync_{name}={}", "a".repeat(length));
                headers.insert(COOKIE, line.parse().expect("a header"));
                assert_eq!(read(&headers, &surface(false), cookie).is_some(), found, "{name} {length}");
            }
        }
    }

    #[test]
    fn only_values_of_our_own_form_are_read() {
        let good = "a".repeat(43);
        let table = [
            (format!("x=1; cloudsync_session={good}"), true),
            ("cloudsync_session=short".to_owned(), false),
            (format!("cloudsync_session={}", "a".repeat(5000)), false),
            (format!("cloudsync_session={}%00", "a".repeat(40)), false),
            (format!("__Host-cloudsync_session={good}"), false),
        ];
        for (line, found) in table {
            let mut headers = HeaderMap::new();
            headers.insert(COOKIE, line.parse().expect("a header"));
            assert_eq!(read(&headers, &surface(false), Cookie::Session).is_some(), found, "{line}");
        }
    }
}
