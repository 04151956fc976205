//! What a file changes and what it leaves alone.

use std::path::Path;

use super::{WHOLE, document, plan_in, planned};
use crate::domain::client::ClientAuthMethod;
use crate::domain::entry::DirectoryId;
use crate::flow::settings::{Mode, SEALED, SettingsPlan, export, parse};

fn after(current: &str, text: &str) -> SettingsPlan {
    planned(Some(current), text).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_key_of_a_section_leaves_its_neighbours_alone() {
    let first = document(&format!("{WHOLE}[session]\nidle_minutes = 30\nabsolute_hours = 2\n"));
    let plan = after(&first, "[session]\nidle_minutes = 45\n");
    assert_eq!((plan.settings.session.idle_minutes, plan.settings.session.absolute_hours), (45, 2));
    assert_eq!(plan.settings.sso.help_contact, "the IT help desk, extension 100");
    assert_eq!(plan.changed, ["session"]);
}

#[test]
fn a_directory_is_changed_key_by_key_and_keeps_its_password() {
    let first = document(WHOLE);
    let plan = after(
        &first,
        "[[directories]]\nid = \"corp\"\nname = \"New Name\"\n[directories.scope]\ngroups = []\n",
    );
    let before = parse(&first).expect("it was stored");
    let corp = DirectoryId("corp".to_owned());
    let (old, new) =
        (before.directory(&corp).expect("there"), plan.settings.directory(&corp).expect("there"));
    assert_eq!(new.name, "New Name");
    assert_eq!(new.service_account_password, old.service_account_password);
    assert_eq!(new.scope.organizational_units, old.scope.organizational_units);
    assert!(new.scope.groups.is_empty());
    assert_eq!(plan.changed, ["directories[corp]"]);
}

#[test]
fn another_client_joins_the_first() {
    let file = "[[clients]]\nclient_id = \"app\"\ntoken_endpoint_auth_method = \"none\"\n\
                redirect_uris = [\"com.example.app:/callback\"]\n";
    let plan = after(&document(WHOLE), file);
    let ids: Vec<&str> = plan.settings.clients.iter().map(|client| client.client_id.as_str()).collect();
    assert_eq!(ids, ["cloudsync", "app"]);
    assert_eq!(plan.changed, ["clients[app]"]);
}

#[test]
fn applying_the_same_file_again_changes_nothing() {
    let first = document(WHOLE);
    let plan = after(&first, WHOLE);
    assert_eq!(plan.document, first);
    assert!(plan.changed.is_empty());
}

#[test]
fn replace_forgets_what_the_file_leaves_out() {
    let first = document(&format!("{WHOLE}[session]\nidle_minutes = 30\n"));
    let without_client = &WHOLE[..WHOLE.find("[[clients]]").expect("there")];
    let plan = plan_in(Path::new("."), Some(&first), without_client, Mode::Replace)
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert!(plan.settings.clients.is_empty());
    assert_eq!(plan.settings.session.idle_minutes, 480);
    assert_eq!(plan.changed, ["session", "clients[cloudsync]"]);
}

#[test]
fn a_client_that_becomes_public_loses_its_secret() {
    let file = "[[clients]]\nclient_id = \"cloudsync\"\ntoken_endpoint_auth_method = \"none\"\n";
    let plan = after(&document(WHOLE), file);
    let client = plan.settings.client("cloudsync").expect("there");
    assert_eq!(client.token_endpoint_auth_method, Some(ClientAuthMethod::None));
    assert_eq!(client.client_secret_hash, None);
}

#[test]
fn an_empty_text_resets_an_option() {
    let with = format!("{WHOLE}client_uri = \"http://localhost:8090/\"\n");
    let plan = after(&document(&with), "[[clients]]\nclient_id = \"cloudsync\"\nclient_uri = \"\"\n");
    assert_eq!(plan.settings.client("cloudsync").expect("there").client_uri, None);
}

#[test]
fn an_empty_scope_is_allowed_with_a_warning() {
    let plan = after(
        &document(WHOLE),
        "[[directories]]\nid = \"corp\"\n[directories.scope]\norganizational_units = []\ngroups = []\n",
    );
    assert_eq!(plan.warnings.len(), 1);
    assert_eq!(plan.warnings[0].line, 3);
}

#[test]
fn an_export_shows_every_section_with_its_defaults() {
    let text = export(&parse(&document(WHOLE)).expect("it was stored"));
    // Sealed anew each time.
    let (before, sealed) = text.split_once(SEALED).expect("there");
    let (_, after) = sealed.split_once('"').expect("there");
    insta::assert_snapshot!(format!("{before}{SEALED}...\"{after}"));
}

#[test]
fn a_mapping_to_a_team_share_is_added_to_the_existing_ones() {
    let mapping = |group: &str, share: &str| {
        format!(
            "[[team_shares]]\ndirectory = \"corp\"\ngroup = \"CN={group},DC=corp,DC=example,DC=com\"\n\
             team_share = \"{share}\"\n"
        )
    };
    let first = document(&format!("{WHOLE}{}", mapping("Marketing", "Campaigns")));
    let more =
        mapping("Marketing", "Campaigns") + &mapping("Marketing", "Press") + &mapping("Sales", "Campaigns");
    let plan = planned(Some(&first), &more).expect("right");
    let held: Vec<&str> =
        plan.settings.team_shares.iter().map(|mapping| mapping.team_share.as_str()).collect();
    assert_eq!(held, ["Campaigns", "Press", "Campaigns"], "in order of their groups");
    assert_eq!(plan.changed, ["team_shares"]);
    let fewer = plan_in(Path::new("/"), Some(&plan.document), &first, Mode::Replace).expect("right");
    assert_eq!(fewer.settings.team_shares.len(), 1);
}

#[test]
fn an_ou_is_written_as_its_dn_unless_only_one_level_of_it_is_selected() {
    let text = WHOLE.replace(
        "organizational_units = [",
        "organizational_units = [{ dn = \"OU=Flat,DC=corp,DC=example,DC=com\", depth = \"one_level\" }, \
         { dn = \"OU=Deep,DC=corp,DC=example,DC=com\" }, ",
    );
    let document = document(&text);
    assert!(
        document.contains("{ depth = \"one_level\", dn = \"OU=Flat,DC=corp,DC=example,DC=com\" },"),
        "{document}"
    );
    assert!(document.contains("    \"OU=Deep,DC=corp,DC=example,DC=com\",\n"), "{document}");
}
