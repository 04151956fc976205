//! Email addresses: validate them, and normalise them for comparison and uniqueness.

use email_address::{EmailAddress, Options};

use super::name::fold;

/// The form for comparison: the local part folded like a name, and the domain as in the DNS, so that
/// `bücher.example` and `xn--bcher-kva.example` are equal (RFC 5890, UTS #46).
#[must_use]
pub fn key(address: &str) -> String {
    match address.trim().rsplit_once('@') {
        Some((local, domain)) => format!("{}@{}", fold(local), domain_key(domain)),
        None => fold(address),
    }
}

/// True if both are the same address.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    key(one) == key(other)
}

/// The form for comparing domains; a text that is not a domain name is folded like a name.
#[must_use]
pub fn domain_key(domain: &str) -> String {
    let domain = domain.trim();
    if domain.is_ascii() && !may_be_encoded(domain) {
        return domain.to_ascii_lowercase();
    }
    to_ascii(domain).unwrap_or_else(|| fold(domain))
}

/// The domain as in the DNS. Some characters stand for a space or an at sign, which no domain has.
fn to_ascii(domain: &str) -> Option<String> {
    let ascii = idna::domain_to_ascii_cow(domain.as_bytes(), idna::AsciiDenyList::URL).ok()?;
    Some(ascii.into_owned())
}

/// The spellings that a directory may use for an address: as typed, and with its domain in both forms.
#[must_use]
pub fn spellings(address: &str) -> Vec<String> {
    let mut all = vec![address.to_owned()];
    let Some((local, domain)) = address.rsplit_once('@') else { return all };
    if domain.is_ascii() && !may_be_encoded(domain) {
        return all;
    }
    let encoded = domain_key(domain);
    let (decoded, _) = idna::domain_to_unicode(&encoded);
    for domain in [encoded, decoded] {
        let spelling = format!("{local}@{domain}");
        if !all.contains(&spelling) {
            all.push(spelling);
        }
    }
    all
}

/// What is wrong with an address; `None` for a valid one (RFC 5321, RFC 6531).
#[must_use]
pub fn fault(address: &str) -> Option<String> {
    if address.chars().any(|c| c.is_control() || c.is_whitespace() || is_invisible(c)) {
        return Some("it contains a space or an invisible character".to_owned());
    }
    let Some((local, domain)) = address.rsplit_once('@') else {
        return Some("it has no at sign".to_owned());
    };
    let Some(domain) = to_ascii(domain) else {
        return Some("the part after the at sign is not a domain name".to_owned());
    };
    let options = Options { allow_domain_literal: false, allow_display_text: false, ..Options::default() };
    let parsed = EmailAddress::parse_with_options(&format!("{local}@{domain}"), options);
    parsed.err().map(|error| error.to_string())
}

/// Whether the address is in one of these domains; true if the list is empty.
#[must_use]
pub fn is_in(address: &str, domains: &[String]) -> bool {
    let domain = address.trim().rsplit_once('@').map_or_else(String::new, |(_, domain)| domain_key(domain));
    domains.is_empty() || domains.iter().any(|allowed| domain_key(allowed) == domain)
}

/// True if the domain may contain an encoded (`xn--`) label.
fn may_be_encoded(domain: &str) -> bool {
    domain.as_bytes().windows(4).any(|part| part.eq_ignore_ascii_case(b"xn--"))
}

/// Formatting characters, some of which change the direction of the text (the Unicode Standard, section
/// 23.2).
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_address_has_one_key_in_all_its_spellings() {
        let table = [
            ("Alice@Example.COM", "alice@example.com"),
            (" alice@example.com ", "alice@example.com"),
            ("alice@b\u{fc}cher.example", "alice@xn--bcher-kva.example"),
            ("alice@bu\u{308}cher.example", "alice@xn--bcher-kva.example"),
            ("alice@B\u{dc}CHER.example", "alice@xn--bcher-kva.example"),
            ("alice@XN--Bcher-KVA.example", "alice@xn--bcher-kva.example"),
            ("Zo\u{cb}@example.com", "zo\u{eb}@example.com"),
            ("n/a", "n/a"),
            // these stand for a space and an at sign
            ("alice@\u{fe72}\u{fe6b}x", "alice@\u{fe72}\u{fe6b}x"),
        ];
        for (address, expected) in table {
            assert_eq!(key(address), expected, "{address}");
        }
        assert!(!same("alice@bucher.example", "alice@b\u{fc}cher.example"));
        assert!(!same("ines@example.com", "in\u{ea}s@example.com"));
    }

    #[test]
    fn a_directory_is_searched_for_both_forms_of_a_domain() {
        assert_eq!(spellings("a@example.com"), ["a@example.com"]);
        assert_eq!(spellings("a@b\u{fc}cher.de"), ["a@b\u{fc}cher.de", "a@xn--bcher-kva.de"]);
        assert_eq!(spellings("a@xn--bcher-kva.de"), ["a@xn--bcher-kva.de", "a@b\u{fc}cher.de"]);
        assert_eq!(spellings("alice"), ["alice"]);
    }

    #[test]
    fn each_malformed_address_has_its_reason() {
        let good = [
            "a@b.de",
            "alice@localhost",
            "o'brien+x@example.com",
            "zo\u{eb}@example.com",
            "a@b\u{fc}cher.de",
            "a@xn--bcher-kva.de",
            "\"a.b\"@example.com",
            "first.last@sub.example.co.uk",
        ];
        for address in good {
            assert_eq!(fault(address), None, "{address}");
        }
        let bad = [
            "n/a",
            "",
            "-",
            "alice",
            "@example.com",
            "alice@",
            "alice@@example.com",
            "a b@example.com",
            "alice@exam ple.com",
            "alice@example.com, bob@example.com",
            "Alice <alice@example.com>",
            "alice@[192.0.2.1]",
            "alice.@example.com",
            ".alice@example.com",
            "alice@example..com",
            "alice@xn--\u{fc}",
            "alice\u{202e}@example.com",
            "ali\u{200b}ce@example.com",
            "alice@example.com\n",
            "mailto:alice@example.com;x",
        ];
        for address in bad {
            assert!(fault(address).is_some(), "{address:?}");
        }
        assert!(fault(&format!("{}@example.com", "a".repeat(65))).is_some());
    }

    #[test]
    fn email_domains_are_compared_exactly() {
        let domains = ["Example.com".to_owned(), "b\u{fc}cher.example".to_owned()];
        for address in ["a@example.COM", "a@xn--bcher-kva.example", "a@b\u{fc}cher.example"] {
            assert!(is_in(address, &domains), "{address}");
        }
        for address in ["a@sub.example.com", "a@example.com.evil.org", "a@evil.org", "n/a", "a@"] {
            assert!(!is_in(address, &domains), "{address}");
        }
        assert!(is_in("a@anywhere.example", &[]));
    }

    proptest! {
        #[test]
        fn the_key_of_a_key_is_itself(address in "\\PC{0,12}@?\\PC{0,12}") {
            let form = key(&address);
            prop_assert_eq!(key(&form), form);
        }

        #[test]
        fn every_spelling_of_an_address_is_that_address(domain in "[a-zäöüé]{1,8}\\.(de|example)") {
            let address = format!("a@{domain}");
            for spelling in spellings(&address) {
                prop_assert!(same(&spelling, &address), "{} {}", spelling, address);
                prop_assert_eq!(fault(&spelling), None);
            }
        }

        #[test]
        fn any_text_is_accepted_or_refused(text in any::<String>()) {
            let _ = (fault(&text), key(&text), spellings(&text), is_in(&text, &["a.de".to_owned()]));
        }
    }
}
