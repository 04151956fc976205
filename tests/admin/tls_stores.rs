//! PostgreSQL and Redis beyond this machine, by TLS with a CA of one's own. The lab's are on loopback; `::ffff:` before their
//! address leads there and passes for another machine.

use super::process::Installation;
use super::process::free_port;
use crate::support::browser::Browser;
use crate::support::lab;
use crate::support::provider::{CLIENT, ldap_settings};

/// With these stores, on a port of its own.
fn with(store: &str, volatile: &str, ca: &str) -> Installation {
    let port = free_port();
    let config = format!(
        "public_url = \"http://127.0.0.1:{port}\"\nlisten = \"127.0.0.1:{port}\"\n{store}\n{volatile}\n"
    );
    Installation::with(port, &config).set("SSL_CERT_FILE", ca)
}

#[tokio::test(flavor = "multi_thread")]
async fn stores_elsewhere_are_reached_by_verified_tls_and_not_otherwise() {
    let (postgres, redis) = tokio::task::spawn_blocking(lab::tls_stores).await.expect("they run");
    let elsewhere = |url: &str| {
        let (head, rest) = url.rsplit_once("127.").expect("a loopback address");
        let (host, rest) = rest.split_once(':').expect("a port");
        format!("{head}[::ffff:127.{host}]:{rest}")
    };
    let (pg_here, redis_here) = (postgres.url(), redis.url().replace("redis:", "rediss:"));
    let (pg, cache) = (elsewhere(&pg_here), elsewhere(&redis_here));
    let verified = |url: &str, ca: &str| format!("store = \"{url}?sslmode=verify-full&sslrootcert={ca}\"");
    let volatile = |url: &str| format!("volatile = \"{url}\"");
    let (pg_ca, redis_ca) = (postgres.ca(), redis.ca());

    let idp = with(&verified(&pg, &pg_ca), &volatile(&cache), &redis_ca);
    idp.apply(&format!("{CLIENT}{}", ldap_settings(&[lab::ldap()])));
    let served = idp.serve();
    let cloudsync = served.cloudsync();
    let person = &lab::ldap().user_password;
    let arrived = Browser::new().sign_in(&cloudsync.authorize(&[]), "alice", person).await;
    let tokens = cloudsync.exchange(&arrived).await;
    assert_eq!(tokens.status, 200, "{:?}", tokens.body);

    let none = "";
    let table = [
        ("another CA", verified(&pg, &redis_ca), none.to_owned(), "sslrootcert=FILE"),
        ("another name", verified(&pg_here, &pg_ca), none.to_owned(), "as it is in the certificate"),
        ("no CA file", verified(&pg, "/nowhere.pem"), none.to_owned(), "the file that sslrootcert names"),
        ("plain TCP", format!("store = \"{pg}\""), none.to_owned(), "sslmode=verify-full"),
        ("unverified", format!("store = \"{pg}?sslmode=require\""), none.to_owned(), "sslmode=verify-full"),
        ("another name", none.to_owned(), volatile(&redis_here), "as it is in the certificate"),
        ("plain TCP", none.to_owned(), volatile(&cache.replace("rediss:", "redis:")), "Write rediss://"),
        ("unverified", none.to_owned(), volatile(&format!("{cache}#insecure")), "without #insecure"),
    ];
    for (what, store, volatile, advice) in table {
        let ran = with(&store, &volatile, &redis_ca).run(&["serve"]);
        assert_eq!(ran.status, Some(2), "{what}: {ran:?}");
        assert!(ran.err.contains(advice), "{what}, {store}{volatile}: {}", ran.err);
    }
    let ran = with(none, &volatile(&cache), &pg_ca).run(&["serve"]);
    assert!(ran.status == Some(2) && ran.err.contains("SSL_CERT_FILE"), "another CA: {ran:?}");
}
