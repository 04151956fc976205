//! What a client may demand of the sign-in: `prompt`, `max_age`, `login_hint`, `ui_locales`, `id_token_hint`.

use super::{HOUR, SECOND, START, Stage};
use crate::support::browser::Browser;

#[tokio::test]
async fn each_prompt_value_works_with_and_without_a_session() {
    let stage = Stage::new().await;
    let (known, _) = stage.signed_in().await;
    let table = [
        ("", "page", "code"),
        ("none", "login_required", "code"),
        ("none none", "login_required", "code"),
        ("consent", "page", "code"),
        ("login", "page", "page"),
        ("select_account", "page", "page"),
        ("login consent", "page", "page"),
        ("consent select_account", "page", "page"),
        ("none login", "invalid_request", "invalid_request"),
        ("none consent", "invalid_request", "invalid_request"),
        ("create", "invalid_request", "invalid_request"),
        ("LOGIN", "invalid_request", "invalid_request"),
    ];
    for (prompt, without, with) in table {
        assert_eq!(stage.ask(&Browser::new(), &[("prompt", prompt)]).await, without, "{prompt:?}, unknown");
        assert_eq!(stage.ask(&known, &[("prompt", prompt)]).await, with, "{prompt:?}, known");
    }
}

#[tokio::test]
async fn prompt_login_and_max_age_0_require_the_password_again() {
    let stage = Stage::new().await;
    let (browser, first) = stage.signed_in().await;
    assert_eq!(first.payload("id_token")["auth_time"], START / SECOND);
    for (round, demand) in [("prompt", "login"), ("max_age", "0")].into_iter().enumerate() {
        stage.later(10 * SECOND);
        let claims = stage.sign_in(&browser, "alice", &[demand]).await.payload("id_token");
        let now = START / SECOND + 10 * (i64::try_from(round).unwrap() + 1);
        assert_eq!(claims["auth_time"], now, "{demand:?}");
        assert_eq!(claims["sid"], first.payload("id_token")["sid"], "the same person goes on");
    }
}

#[tokio::test]
async fn max_age_is_counted_from_the_password() {
    let stage = Stage::new().await;
    let (browser, _) = stage.signed_in().await;
    stage.later(100 * SECOND);
    let table = [
        ("0", "page", "login_required"),
        ("99", "page", "login_required"),
        ("100", "code", "code"),
        ("4294967296", "code", "code"),
        ("99999999999999999999999999", "code", "code"),
        ("-1", "invalid_request", "invalid_request"),
        ("+100", "invalid_request", "invalid_request"),
        ("1e9", "invalid_request", "invalid_request"),
        ("ten", "invalid_request", "invalid_request"),
        (" 100", "invalid_request", "invalid_request"),
    ];
    for (age, shown, silent) in table {
        assert_eq!(stage.ask(&browser, &[("max_age", age)]).await, shown, "{age}");
        let silently = [("max_age", age), ("prompt", "none")];
        assert_eq!(stage.ask(&browser, &silently).await, silent, "{age}, silently");
    }
}

#[tokio::test]
async fn a_client_has_a_default_max_age_which_a_request_overrides() {
    let eager = r#"
[[clients]]
client_id = "eager"
client_secret = "eager-long-test-secret"
redirect_uris = ["https://cloudsync.example/callback"]
default_max_age = 60
"#;
    let stage = Stage::with(eager).await;
    let (browser, _) = stage.signed_in().await;
    stage.later(61 * SECOND);
    let table = [(vec![], "page"), (vec![("max_age", "61")], "code"), (vec![("max_age", "60")], "page")];
    for (changes, expected) in table {
        let changes = [vec![("client_id", "eager")], changes].concat();
        assert_eq!(stage.ask(&browser, &changes).await, expected, "{changes:?}");
    }
}

#[tokio::test]
async fn a_login_hint_is_put_into_the_field() {
    let stage = Stage::new().await;
    let table =
        [("alice", "value=\"alice\""), ("a\"<b>&", "value=\"a&#34;&#60;b&#62;&#38;\""), ("Zoë", "\"Zoë\"")];
    for (hint, field) in table {
        let page = Browser::new().follow(&stage.cloudsync.authorize(&[("login_hint", hint)]).url).await;
        assert!(page.body.contains(field), "{hint}: {}", page.body);
    }
}

#[tokio::test]
async fn the_page_uses_the_first_supported_language_of_ui_locales() {
    let stage = Stage::new().await;
    let table = [("de", "de"), ("fr-CA de-AT en", "de"), ("tlh", "en"), ("en de", "en"), ("", "en")];
    for (locales, language) in table {
        let page = Browser::new().follow(&stage.cloudsync.authorize(&[("ui_locales", locales)]).url).await;
        assert!(page.body.contains(&format!("lang=\"{language}\"")), "{locales}");
    }
}

#[tokio::test]
async fn an_id_token_hint_names_the_person_who_must_be_signed_in() {
    let stage = Stage::new().await;
    let (browser, own) = stage.signed_in().await;
    let (_, others) = stage.signed_in_as("zoe").await;
    stage.later(HOUR); // expired by now, which does not matter
    let mut tampered = own.text("id_token").to_owned();
    tampered.replace_range(tampered.len() - 8..tampered.len() - 4, "AAAA");
    let foreign = "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhbGljZSJ9.";
    let table = [
        ("one's own", own.text("id_token"), "code", "code"),
        ("another person's", others.text("id_token"), "page", "login_required"),
        ("an access token", own.text("access_token"), "invalid_request", "invalid_request"),
        ("tampered", &tampered, "invalid_request", "invalid_request"),
        ("foreign", foreign, "invalid_request", "invalid_request"),
        ("no token", "alice", "invalid_request", "invalid_request"),
    ];
    for (what, hint, shown, silent) in table {
        assert_eq!(stage.ask(&browser, &[("id_token_hint", hint)]).await, shown, "{what}");
        let silently = [("id_token_hint", hint), ("prompt", "none")];
        assert_eq!(stage.ask(&browser, &silently).await, silent, "{what}, silently");
    }
}

#[tokio::test]
async fn a_different_person_than_the_hinted_one_gets_no_code() {
    let stage = Stage::new().await;
    let (_, zoe) = stage.signed_in_as("zoe").await;
    let hint = [("id_token_hint", zoe.text("id_token"))];
    let back = stage.arrive(&Browser::new(), "alice", &hint).await;
    assert_eq!(back.parameter("error").as_deref(), Some("login_required"), "{:?}", back.location);
    assert_eq!(back.parameter("state").as_deref(), Some("a-state"));
    assert!(!back.headers.contains_key("set-cookie"), "and no session");
    let tokens = stage.sign_in(&Browser::new(), "zoe", &hint).await;
    assert_eq!(tokens.payload("id_token")["sub"], zoe.payload("id_token")["sub"]);
}
