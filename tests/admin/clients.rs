//! `cloudsync-idp clients`: the new secret is shown once, and the running server knows it.

use super::process::Installation;
use crate::support::provider::CLIENT;

#[test]
fn a_new_secret_is_shown_once_and_stored_as_a_digest() {
    let idp = Installation::new();
    idp.apply(CLIENT);
    let made = idp.run(&["clients", "rotate-secret", "cloudsync", "--json"]);
    let shape: serde_json::Value = serde_json::from_str(&made.out).unwrap_or_else(|_| panic!("{made:?}"));
    let secret = shape["client_secret"].as_str().expect("a secret");
    assert!(secret.len() == 43 && shape["old_accepted_until"].is_string(), "{shape}");
    let export = idp.run(&["settings", "export"]).out;
    assert!(
        export.contains("client_secret_old_hash = \"hmac-sha256:") && !export.contains(secret),
        "{export}"
    );

    let again = idp.run(&["clients", "rotate-secret", "cloudsync"]);
    assert_eq!(again.status, Some(2), "{again:?}");
    assert!(again.err.contains("clients end-old-secret"), "the way out is named: {}", again.err);
    let ended = idp.run(&["clients", "end-old-secret", "cloudsync"]);
    assert!(ended.status == Some(0) && ended.out.contains("not accepted any more"), "{ended:?}");
    assert!(!idp.run(&["settings", "export"]).out.contains("client_secret_old"), "it is gone");
    let none = idp.run(&["clients", "rotate-secret", "nobody"]);
    assert!(none.status == Some(2) && none.err.contains("there are: cloudsync"), "{none:?}");
    let long = idp.run(&["clients", "rotate-secret", "cloudsync", "--overlap-hours", "721"]);
    assert_eq!((long.status, long.out.as_str()), (Some(2), ""), "{long:?}");
}
