//! What a browser says of itself, in the two words by which its owner knows it again. Nothing is decided by it.

/// Each name stands before those that its browsers claim to be as well.
const BROWSERS: [(&str, &str); 7] = [
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("SamsungBrowser/", "Samsung Internet"),
    ("Firefox/", "Firefox"),
    ("FxiOS/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
];

const SYSTEMS: [(&str, &str); 7] = [
    ("Windows", "Windows"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Mac OS X", "Mac"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
];

/// `Firefox, Windows`; empty for a browser that says neither.
#[must_use]
pub fn browser_name(user_agent: &str) -> String {
    let said = |names: &[(&str, &'static str)]| {
        names.iter().find(|(mark, _)| user_agent.contains(mark)).map(|(_, name)| *name)
    };
    [said(&BROWSERS), said(&SYSTEMS)].into_iter().flatten().collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn browsers_are_known_by_their_own_words() {
        let webkit = "AppleWebKit/537.36 (KHTML, like Gecko)";
        for (said, name) in [
            ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0".into(), "Firefox, Windows"),
            (format!("Mozilla/5.0 (Windows NT 10.0; Win64; x64) {webkit} Chrome/142.0.0.0 Safari/537.36 Edg/142.0.0.0"), "Edge, Windows"),
            (format!("Mozilla/5.0 (Linux; Android 10; K) {webkit} Chrome/142.0.0.0 Mobile Safari/537.36"), "Chrome, Android"),
            ("Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Mobile/15E148 Safari/604.1".into(), "Safari, iPhone"),
            (format!("Mozilla/5.0 (X11; Linux x86_64) {webkit} HeadlessChrome/140.0.0.0 Safari/537.36"), "Chrome, Linux"),
            ("curl/8.5.0".into(), ""),
            ("<script>".into(), ""),
            (String::new(), ""),
        ] {
            assert_eq!(browser_name(&said), name, "{said}");
        }
    }
}
