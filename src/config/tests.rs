//! Valid and invalid configurations, and their error messages.

use std::collections::HashMap;
use std::path::Path;

use proptest::prelude::*;

use super::values::KEYS;
use super::*;

const PAGE: &str = include_str!("../../docs/configuration.md");

fn with(text: &str, environment: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let environment: HashMap<&str, &str> = environment.iter().copied().collect();
    let path = Path::new("/etc/idp/idp.toml");
    Config::parse(path, text, &|name| environment.get(name).map(|value| (*value).to_owned()))
}

fn said(text: &str, environment: &[(&str, &str)]) -> String {
    with(text, environment).map_or_else(|error| error.to_string(), |_| "nothing".to_owned())
}

const LOCAL: &str = "public_url = \"http://localhost:8080\"\n";

#[test]
fn only_the_issuer_is_required() {
    let config = with(LOCAL, &[]).expect("right");
    assert_eq!(config.public_url.as_str(), "http://localhost:8080");
    assert_eq!(config.listen.to_string(), "127.0.0.1:8080");
    assert_eq!(config.store.expose(), "sqlite:/etc/idp/idp.db");
    assert_eq!(config.volatile.expose(), "memory");
    assert_eq!(config.keys_dir, Path::new("/etc/idp/keys"));
    assert_eq!(config.log_format, LogFormat::Human);
    assert!(config.tls.is_none() && config.trusted_proxies.is_empty());
}

#[test]
fn the_environment_wins() {
    let environment = [
        ("CLOUDSYNC_IDP_PUBLIC_URL", "https://idp.example.com"),
        ("CLOUDSYNC_IDP_STORE", "postgres://idp:hunter2@db/idp"),
        ("CLOUDSYNC_IDP_VOLATILE", "redis://:hunter2@cache"),
        ("CLOUDSYNC_IDP_TRUSTED_PROXIES", "10.0.0.5, 192.168.0.0/16,fd00::/8"),
        ("CLOUDSYNC_IDP_LOG_FORMAT", "json"),
        ("CLOUDSYNC_IDP_KEYS_DIR", ""),
    ];
    let config =
        with(&format!("{LOCAL}listen = \"0.0.0.0:80\"\nkeys_dir = \"k\"\n"), &environment).expect("right");
    assert_eq!(config.public_url.as_str(), "https://idp.example.com");
    assert_eq!(config.store.expose(), "postgres://idp:hunter2@db/idp");
    assert_eq!(config.trusted_proxies.len(), 3);
    assert_eq!(config.log_format, LogFormat::Json);
    assert_eq!(config.keys_dir, Path::new("/etc/idp/k"));
}

#[test]
fn paths_of_the_file_are_relative_to_it_and_those_of_the_environment_are_not() {
    let text = "public_url = \"https://idp.example.com\"\nlisten = \"0.0.0.0:8443\"\nsqlite_synchronous = \"full\"\n\
                [tls]\ncertificate = \"tls/chain.pem\"\nprivate_key = \"/run/key.pem\"\n";
    let config = with(text, &[("CLOUDSYNC_IDP_KEYS_DIR", "keys")]).expect("right");
    let tls = config.tls.expect("set");
    assert_eq!(tls.certificate, Path::new("/etc/idp/tls/chain.pem"));
    assert_eq!(tls.private_key, Path::new("/run/key.pem"));
    assert_eq!(config.keys_dir, Path::new("keys"));
    assert_eq!(config.store.expose(), "sqlite:/etc/idp/idp.db?synchronous=full");
}

#[test]
fn a_password_is_not_printed() {
    let environment = [
        ("CLOUDSYNC_IDP_STORE", "postgres://idp:hunter2@db/idp?password=hunter2"),
        ("CLOUDSYNC_IDP_VOLATILE", "rediss://:hunter2@cache:6380/1"),
    ];
    let config = with(LOCAL, &environment).expect("right");
    let printed = format!("{config:?} {} {}", config.store, config.volatile);
    assert!(!printed.contains("hunter2"), "{printed}");
    assert!(
        printed.contains("postgres://idp:redacted@db/idp") && printed.contains("cache:6380"),
        "{printed}"
    );
    let socket = [("CLOUDSYNC_IDP_STORE", "postgres:///idp?host=/run/postgresql&password=hunter2")];
    assert_eq!(with(LOCAL, &socket).expect("right").store.to_string(), "postgres:///idp");
    for wrong in ["postgres:hunter2", "mysql://x:hunter2@db", "hunter2", "sqlite:x?hunter2"] {
        assert!(!said(LOCAL, &[("CLOUDSYNC_IDP_STORE", wrong)]).contains("hunter2"), "{wrong}");
        assert!(!said(LOCAL, &[("CLOUDSYNC_IDP_VOLATILE", wrong)]).contains("hunter2"), "{wrong}");
    }
}

#[test]
fn passwords_never_cross_a_network_in_clear_text() {
    let url = |url: &str| format!("public_url = \"{url}\"\n");
    let tls = "[tls]\ncertificate = \"c\"\nprivate_key = \"k\"\n";
    let open = "listen = \"0.0.0.0:80\"\n";
    let proxy = "trusted_proxies = [\"10.0.0.1\"]\n";
    for right in [
        url("http://localhost:8080"),
        url("http://127.9.9.9:8080"),
        url("http://[::1]:8080") + "listen = \"[::1]:8080\"\n",
        url("https://idp.example.com") + open + proxy,
        url("https://idp.example.com") + open + tls,
        url("https://idp.example.com") + open + proxy + tls,
        url("https://localhost:8443") + tls,
    ] {
        assert_eq!(said(&right, &[]), "nothing", "{right}");
    }
    for (wrong, words) in [
        (url("http://idp.example.com"), "plain http is for localhost only"),
        (url("http://idp.example.com") + open + proxy, "plain http is for localhost only"),
        (url("http://localhost.example.com"), "plain http is for localhost only"),
        (url("http://localhost:8080") + open, "Listen on 127.0.0.1"),
        (url("http://localhost:8080") + tls, "write public_url with https"),
        (url("https://idp.example.com"), "this process does not serve TLS"),
    ] {
        assert!(said(&wrong, &[]).contains(words), "{wrong}: {}", said(&wrong, &[]));
    }
}

#[test]
fn the_issuer_has_one_spelling() {
    for wrong in [
        "https://idp.example.com/",
        "https://idp.example.com/sso",
        "https://IDP.example.com",
        "https://idp.example.com:443",
        "https://idp.example.com?x",
        "https://idp.example.com#x",
        "https://me@idp.example.com",
    ] {
        let error = Issuer::parse(wrong).expect_err("wrong");
        assert!(error.contains("https://idp.example.com"), "{error}");
    }
    for wrong in ["idp.example.com", "ldap://idp.example.com", "", "https://"] {
        assert!(Issuer::parse(wrong).is_err(), "{wrong}");
    }
}

#[test]
fn each_wrong_value_is_named_with_its_place_and_what_is_allowed() {
    let keys = "public_url, listen, store, volatile, keys_dir, log_format, trusted_proxies, sqlite_synchronous, \
                tls.certificate, tls.private_key";
    for (line, message) in [
        (
            "listen = \"8080\"",
            "listen: \"8080\" is not allowed; use an IP address and a port, such as 127.0.0.1:8080 or [::]:8443",
        ),
        ("log_format = \"xml\"", "log_format: \"xml\" is not allowed; use one of human, json"),
        ("listen = 8080", "listen: must be a text in quotes that is not empty"),
        ("lisen = \"x\"", &format!("lisen: there is no such key; the keys are {keys}")),
        (
            "trusted_proxies = \"10.0.0.1\"",
            "trusted_proxies: must be a list of texts, such as [\"10.0.0.0/8\"]",
        ),
        (
            "trusted_proxies = [\"0.0.0.0/0\"]",
            "trusted_proxies: \"0.0.0.0/0\" would trust every client; name the addresses of the proxies",
        ),
        (
            "sqlite_synchronous = \"off\"",
            "sqlite_synchronous: \"off\" is not allowed; use one of normal, full",
        ),
        (
            "volatile = \"memcached\"",
            "volatile: is not allowed; use memory, redis://host or rediss://host (TLS)",
        ),
        (
            "store = \"sqlite:\"",
            "store: is not allowed; sqlite: needs the path of a file, such as sqlite:idp.db",
        ),
        ("listen", "not TOML: key with no value, expected `=`"),
    ] {
        assert_eq!(said(&format!("{LOCAL}{line}\n"), &[]), format!("idp.toml:2: {message}"));
    }
    assert_eq!(
        said("public_url = 1", &[]),
        "idp.toml:1: public_url: must be a text in quotes that is not empty"
    );
    assert_eq!(
        said(LOCAL, &[("CLOUDSYNC_IDP_LOG_FORMAT", "xml")]),
        "CLOUDSYNC_IDP_LOG_FORMAT: \"xml\" is not allowed; use one of human, json"
    );
    assert_eq!(
        said("[tls]\ncertificate = \"x\"\n", &[]),
        "public_url is missing, and there is no default for it: set it in idp.toml or in CLOUDSYNC_IDP_PUBLIC_URL\n\
         tls.private_key is missing, and tls.certificate is set without it: set it in idp.toml or in \
         CLOUDSYNC_IDP_TLS_PRIVATE_KEY"
    );
}

#[test]
fn a_file_that_is_not_there_is_named() {
    let error = Config::load(Some(Path::new("/nowhere/idp.toml")), &|_| None).expect_err("wrong");
    assert!(error.to_string().starts_with("can't read the configuration /nowhere/idp.toml: "), "{error}");
}

/// The reference page is complete, and its examples are valid.
#[test]
fn the_reference_has_every_key_with_its_variable_and_default() {
    for (key, variable, default) in KEYS {
        let row = PAGE.lines().find(|line| line.starts_with(&format!("| `{key}` |"))).unwrap_or_default();
        let default = default.filter(|default| !default.is_empty());
        assert!(row.contains(&format!("`{variable}`")), "{key} lacks {variable}");
        assert!(default.is_none_or(|default| row.contains(default)), "{key} lacks its default");
    }
    for example in PAGE.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
        assert_eq!(said(example, &[]), "nothing", "{example}");
    }
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(
        text in "((public_url|listen|store|volatile|tls|trusted_proxies|x) ?= ?(\"[a-z:/?@#0-9.\\[\\]]{0,12}\"|3|\\[|\\{)\\PC{0,3}\n){0,6}",
        value in "\\PC{0,20}",
    ) {
        let _ = with(&text, &[]);
        for (_, variable, _) in KEYS {
            let _ = with(LOCAL, &[(variable, &value)]);
        }
    }
}
