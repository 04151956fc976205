//! Describe where a session or a remembered browser is, so that its owner recognises it: browser, system and
//! network. No decision depends on it, and no text from a browser is stored: the names come from these lists.

use core::net::IpAddr;

/// Each mark comes before those that its browsers send as well.
const BROWSERS: [(&str, &str); 19] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("OPT/", "Opera"),
    ("OPiOS/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Vivaldi/", "Vivaldi"),
    ("YaBrowser/", "Yandex"),
    ("DuckDuckGo/", "DuckDuckGo"),
    ("Ddg/", "DuckDuckGo"),
    ("UCBrowser/", "UC Browser"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("CriOS/", "Chrome"),
    ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"),
    ("Epiphany/", "GNOME Web"),
    ("Safari/", "Safari"),
    ("Trident/", "Internet Explorer"),
    ("MSIE ", "Internet Explorer"),
];

const SYSTEMS: [(&str, &str); 9] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Macintosh", "macOS"),
    ("Mac OS X", "macOS"),
    ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
];

/// Only the first part of the header is read; the marks are in it.
const LONGEST_READ: usize = 512;
/// The longest form of an IPv6 network written here.
const LONGEST_NETWORK: usize = 16;

/// Browser, system and network; each may be unknown.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    browser: &'static str,
    system: &'static str,
    network: String,
}

impl Place {
    /// From the `User-Agent` and the address of a request.
    #[must_use]
    pub fn of(user_agent: &str, address: &str) -> Self {
        let read = user_agent.get(..LONGEST_READ).unwrap_or(user_agent);
        let named = |names: &[(&str, &'static str)]| {
            names.iter().find(|(mark, _)| read.contains(mark)).map_or("", |(_, name)| *name)
        };
        let network = address.parse().map(network_of).unwrap_or_default();
        Self { browser: named(&BROWSERS), system: named(&SYSTEMS), network }
    }

    /// From stored values. An unlisted name or a malformed network becomes unknown.
    #[must_use]
    pub fn restored(browser: &str, system: &str, network: String) -> Self {
        let listed = |names: &[(&str, &'static str)], stored: &str| {
            names.iter().find(|(_, name)| *name == stored).map_or("", |(_, name)| *name)
        };
        let plain = |byte: u8| byte.is_ascii_hexdigit() || b".:x".contains(&byte);
        let ours = network.len() <= LONGEST_NETWORK && network.bytes().all(plain);
        Self {
            browser: listed(&BROWSERS, browser),
            system: listed(&SYSTEMS, system),
            network: if ours { network } else { String::new() },
        }
    }

    /// For example `Firefox`; empty: unknown.
    #[must_use]
    pub fn browser(&self) -> &'static str {
        self.browser
    }

    /// For example `Windows`; empty: unknown.
    #[must_use]
    pub fn system(&self) -> &'static str {
        self.system
    }

    /// For example `192.0.2.x` or `2001:db8:1:x`; empty: unknown.
    #[must_use]
    pub fn network(&self) -> &str {
        &self.network
    }
}

/// The first 24 bits of an IPv4 address, the first 48 of an IPv6 address: enough to recognise a company or a
/// provider, but not a person.
fn network_of(address: IpAddr) -> String {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [a, b, c, _] = address.octets();
            format!("{a}.{b}.{c}.x")
        }
        IpAddr::V6(address) => {
            let [a, b, c, ..] = address.segments();
            format!("{a:x}:{b:x}:{c:x}:x")
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn browsers_are_recognised_by_their_user_agent() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        let phone = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15";
        let windows = "Mozilla/5.0 (Windows NT 10.0; Win64; x64)";
        for (said, browser, system) in [
            (format!("{windows} Gecko/20100101 Firefox/145.0"), "Firefox", "Windows"),
            (format!("{windows} {webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"), "Edge", "Windows"),
            (format!("{windows} {webkit} Chrome/142.0.0.0 Safari/537.36 OPR/126.0"), "Opera", "Windows"),
            (format!("{windows} Trident/7.0; rv:11.0) like Gecko"), "Internet Explorer", "Windows"),
            (
                format!("Mozilla/5.0 (Linux; Android 10; K) {webkit} Chrome/142.0.0.0 Mobile Safari/537.36"),
                "Chrome",
                "Android",
            ),
            (format!("{phone} Version/18.0 Mobile/15E148 Safari/604.1"), "Safari", "iPhone"),
            (format!("{phone} CriOS/142.0 Mobile/15E148 Safari/604.1"), "Chrome", "iPhone"),
            (
                format!("Mozilla/5.0 (X11; CrOS x86_64) {webkit} Chrome/142.0 Safari/537.36"),
                "Chrome",
                "ChromeOS",
            ),
            (
                format!("Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) {webkit} Version/18 Safari/605"),
                "Safari",
                "macOS",
            ),
            (
                format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} HeadlessChrome/140.0 Safari/537.36"),
                "Chrome",
                "Linux",
            ),
            ("curl/8.5.0".into(), "", ""),
            ("<script>".into(), "", ""),
            (String::new(), "", ""),
        ] {
            let place = Place::of(&said, "192.0.2.77");
            assert_eq!((place.browser(), place.system()), (browser, system), "{said}");
        }
    }

    #[test]
    fn an_address_is_kept_as_coarse_as_its_network() {
        for (address, network) in [
            ("192.0.2.77", "192.0.2.x"),
            ("::ffff:192.0.2.77", "192.0.2.x"),
            ("2001:db8:1:2:3:4:5:6", "2001:db8:1:x"),
            ("2001:db8::7", "2001:db8:0:x"),
            ("ffff:ffff:ffff:ffff::1", "ffff:ffff:ffff:x"),
            ("no address", ""),
        ] {
            assert_eq!(Place::of("", address).network(), network, "{address}");
        }
    }

    #[test]
    fn foreign_stored_values_become_unknown() {
        let place = Place::restored("<b>", "Windows\n", "<script>".into());
        assert_eq!(place, Place::default());
    }

    proptest! {
        #[test]
        fn a_stored_place_is_restored(user_agent: String, address: IpAddr) {
            let place = Place::of(&user_agent, &address.to_string());
            let stored = (place.browser(), place.system(), place.network().to_owned());
            prop_assert_eq!(Place::restored(stored.0, stored.1, stored.2), place);
        }
    }
}
