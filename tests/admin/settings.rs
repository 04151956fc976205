//! `settings export` and `settings apply`.

use cloudsync_idp::flow::settings::{Mode, SettingsError, load, load_unverified};
use cloudsync_idp::keys::Sealer;

use super::process::Installation;
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, ldap_settings};

#[test]
fn a_wrong_file_is_reported_by_line_and_key_and_not_applied() {
    let idp = Installation::new();
    idp.apply(CLIENT);
    let before = idp.run(&["settings", "export"]).out;
    let file = "[session]\nidle_minutes = 60\nabsolute_hours = 0\n\n[tokens]\ncode_secnds = 3\n\n[[clients]]\n\
                client_id = \"other\"\nid_token_signed_response_alg = \"HS256\"\n";
    let path = idp.write("wrong.toml", file).display().to_string();
    let ran = idp.run(&["settings", "apply", &path]);
    assert_eq!((ran.status, ran.out.as_str()), (Some(2), ""));
    for said in [
        format!("{path}:3: session.absolute_hours: "),
        format!("{path}:6: tokens.code_secnds: "),
        format!("{path}:10: clients[other].id_token_signed_response_alg: "),
        "RS256, ES256, EdDSA".to_owned(),
    ] {
        assert!(ran.err.contains(&said), "{said} in {}", ran.err);
    }
    assert_eq!(idp.run(&["settings", "export"]).out, before, "nothing is half applied");
}

#[test]
fn what_is_exported_can_be_applied_and_changes_nothing() {
    let idp = Installation::of(lab::ldap());
    let exported = idp.run(&["settings", "export"]);
    assert_eq!((exported.status, exported.err.as_str()), (Some(0), ""));
    let path = idp.write("exported.toml", &exported.out).display().to_string();
    for arguments in [vec!["settings", "apply", &path], vec!["settings", "apply", "--replace", &path]] {
        let ran = idp.run(&arguments);
        assert_eq!((ran.status, ran.out.as_str()), (Some(0), "nothing to change\n"), "{ran:?}");
    }
    assert_eq!(idp.run(&["settings", "export"]).out, exported.out);
    assert!(!exported.out.contains("cloudsync-test-secret"));
    assert!(!exported.out.contains(&lab::ldap().service_password));

    let other = Installation::new();
    let path = other.write("exported.toml", &exported.out).display().to_string();
    let ran = other.run(&["settings", "apply", &path]);
    assert_eq!(
        ran.status,
        Some(2),
        "secrets of another installation can't be used, and that is said: {ran:?}"
    );
}

#[test]
fn a_merge_keeps_what_it_does_not_name_and_replace_does_not() {
    let idp = Installation::of(lab::ldap());
    let part = idp.write("part.toml", "[session]\nidle_minutes = 30\n").display().to_string();
    let ran = idp.run(&["settings", "apply", &part]);
    assert!(ran.out == "changed: session\n", "{ran:?}");
    let export = idp.run(&["settings", "export"]).out;
    assert!(export.contains("idle_minutes = 30") && export.contains("[[clients]]"), "{export}");
    assert_eq!(idp.run(&["settings", "apply", "--replace", &part]).status, Some(0));
    assert!(!idp.run(&["settings", "export"]).out.contains("[[clients]]"));
}

#[test]
fn secrets_may_come_from_files_and_from_the_environment() {
    let idp = Installation::new().set("LDAP_PASSWORD", &lab::ldap().service_password);
    idp.write("client-secret", "cloudsync-test-secret\n");
    let client =
        CLIENT.replace("client_secret = \"cloudsync-test-secret\"", "client_secret_file = \"client-secret\"");
    let password = format!("service_account_password = {:?}", lab::ldap().service_password);
    let directory = ldap_settings(&[lab::ldap()]);
    assert!(directory.contains(&password));
    idp.apply(&format!(
        "{client}{}",
        directory.replace(&password, "service_account_password_env = \"LDAP_PASSWORD\"")
    ));
    let ran = idp.run(&["sync"]);
    assert_eq!(ran.status, Some(0), "{ran:?}");
    let absent =
        idp.write("absent.toml", "[[clients]]\nclient_id = \"cloudsync\"\nclient_secret_env = \"NOT_SET\"\n");
    let ran = idp.run(&["settings", "apply", &absent.display().to_string()]);
    assert_eq!(ran.status, Some(2));
    assert!(ran.err.contains(":3: ") && ran.err.contains("NOT_SET"), "{}", ran.err);
}

#[test]
fn invalid_stored_settings_can_be_fixed() {
    let idp = Installation::of(lab::ldap());
    let exported = idp.run(&["settings", "export"]).out;
    let broken = exported.replace(&format!("base_dn = {:?}", lab::ldap().base_dn), "base_dn = \"no DN\"");
    assert_ne!(broken, exported);
    let file = idp.write("broken.toml", &broken).display().to_string();
    let refused = idp.run(&["settings", "apply", &file]);
    assert_eq!(refused.status, Some(2), "{refused:?}");
    assert!(refused.err.contains("base_dn"), "{}", refused.err);

    // An older version may have stored them.
    let store = rusqlite::Connection::open(idp.path("idp.db")).expect("the file opens");
    let version: (i64, i64) = store
        .query_row("SELECT generation, policy_generation FROM settings_versions", [], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })
        .expect("one version");
    let sealer = Sealer::open_dir(&idp.path("keys")).expect("its key");
    let mark = sealer.settings_mark(format!("{}.{}.{broken}", version.0, version.1).as_bytes()).0;
    store.execute("UPDATE settings_versions SET document = ?1, mark = ?2", (&broken, mark)).expect("written");
    drop(store);
    let shut = idp.run(&["sync"]);
    assert_eq!(shut.status, Some(2), "{shut:?}");
    assert!(shut.err.contains("no DN"), "{}", shut.err);
    for arguments in [vec!["settings", "export"], vec!["accounts", "list"], vec!["keys", "list"]] {
        assert_eq!(idp.run(&arguments).status, Some(0), "{arguments:?}");
    }
    let file = idp.write("mended.toml", &exported).display().to_string();
    let mended = idp.run(&["settings", "apply", &file]);
    assert_eq!(mended.status, Some(0), "{mended:?}");
    assert_eq!(idp.run(&["sync"]).status, Some(0));
}

#[test]
fn settings_that_were_changed_in_the_database_are_refused_with_what_to_do() {
    let idp = Installation::of(lab::ldap());
    let exported = idp.run(&["settings", "export"]).out;
    let store = rusqlite::Connection::open(idp.path("idp.db")).expect("the file opens");
    let sql =
        "UPDATE settings_versions SET document = replace(document, 'cloudsync.example', 'evil.example')";
    assert_eq!(store.execute(sql, []).expect("written"), 1);
    drop(store);
    for arguments in [vec!["sync"], vec!["settings", "export"], vec!["serve"]] {
        let refused = idp.run(&arguments);
        assert_eq!(refused.status, Some(2), "{refused:?}");
        for words in ["changed in the database", "settings export --unverified", "settings apply --replace"] {
            assert!(refused.err.contains(words), "{words}: {}", refused.err);
        }
    }
    assert!(idp.run(&["settings", "export", "--unverified"]).out.contains("evil.example"));
    let file = idp.write("good.toml", &exported).display().to_string();
    assert_eq!(
        idp.run(&["settings", "apply", &file]).status,
        Some(2),
        "a part is laid over nothing of theirs"
    );
    assert_eq!(idp.run(&["settings", "apply", "--replace", &file]).status, Some(0));
    assert_eq!(idp.run(&["settings", "export"]).out, exported);
    assert_eq!(idp.run(&["sync"]).status, Some(0));
}

/// Whatever is changed in a row, it is not ours any more.
#[tokio::test]
async fn every_part_of_a_version_is_authenticated() {
    let provider = Provider::for_ldap(&[lab::ldap()]).await;
    let (store, sealer) = (&provider.parts.store, &provider.parts.keys.sealer);
    let file = rusqlite::Connection::open(provider.sqlite()).expect("it opens");
    let other = Sealer::new(&[8; 32]).expect("a key");
    assert!(matches!(load(store, &other).await, Err(SettingsError::Altered(1))), "another sealing key");
    for change in [
        "document = replace(document, 'cloudsync.example', 'evil.example')",
        "policy_generation = 5",
        "mark = NULL",
        "generation = 7",
    ] {
        file.execute_batch("CREATE TABLE kept AS SELECT * FROM settings_versions").expect("kept");
        file.execute(&format!("UPDATE settings_versions SET {change}"), []).expect("changed");
        assert!(matches!(load(store, sealer).await, Err(SettingsError::Altered(_))), "{change}");
        file.execute_batch(
            "DELETE FROM settings_versions; INSERT INTO settings_versions SELECT * FROM kept; DROP TABLE kept",
        )
        .expect("put back");
        load(store, sealer).await.expect("as it was");
    }
    file.execute("UPDATE settings_versions SET document = replace(document, 'cloudsync', 'evil')", [])
        .expect("changed");
    let seen = load_unverified(store).await.expect("it can be looked at");
    assert!(seen.client("evil").is_some());
    let whole = format!("{CLIENT}\n{}", ldap_settings(&[lab::ldap()]));
    let replaced = provider.apply(&whole, Mode::Replace).await.expect("good settings");
    let loaded = load(store, sealer).await.expect("ours again");
    assert_eq!((loaded.generation, loaded.policy_generation), (replaced.generation, replaced.generation));
}
