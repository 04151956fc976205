//! Wrong files and the exact messages that an administrator reads.

use super::wrong_clients::WRONG_CLIENTS;
use super::{WHOLE, document, planned};

/// What to replace in [`WHOLE`], by what, and the message.
const REPLACED: [(&str, &str, &str); 51] = [
    (
        "help_contact =",
        "help_contract =",
        "2: sso.help_contract: there is no such key; did you mean `help_contact`?",
    ),
    (
        "[sso]",
        "[sso]\npassword = 1",
        "2: sso.password: there is no such key; the keys here are enabled, help_contact, forgot_password_url",
    ),
    (
        "[sso]",
        "[sso]\nforgot_password_url = \"http://password.example.com/\"",
        "2: sso.forgot_password_url: \"http://password.example.com/\": plain http is allowed for localhost only; use https",
    ),
    (
        "[sso]",
        "[sso]\nforgot_password_url = \"javascript:alert(1)\"",
        "2: sso.forgot_password_url: \"javascript:alert(1)\": the scheme javascript is not allowed; use https",
    ),
    ("[sso]", "[sso]\nenabled = 1", "2: sso.enabled: must be true or false, not a whole number"),
    (
        "[sso]",
        "[session]\nidle_minutes = 0\n[sso]",
        "2: session.idle_minutes: 0 is not allowed; use 1 to 10080",
    ),
    (
        "[sso]",
        "[session]\nabsolute_hours = 1\nidle_minutes = 90\n[sso]",
        "3: session.idle_minutes: is longer than absolute_hours allows; use at most 60",
    ),
    (
        "[sso]",
        "[tokens]\ncode_seconds = \"60\"\n[sso]",
        "2: tokens.code_seconds: must be a whole number from 10 to 600, not a text",
    ),
    ("[sso]", "tokens = 3\n[sso]", "1: tokens: must be a table, not a whole number"),
    (
        "the IT help desk",
        "the IT\\nhelp desk",
        "2: sso.help_contact: must be one line without control characters",
    ),
    ("id = \"corp\"\n", "", "4: directories[?]: `id` is missing"),
    (
        "id = \"corp\"",
        "id = \"Corp\"",
        "5: directories[Corp].id: \"Corp\" is not allowed; use 1 to 64 of the characters a to z, 0 to 9 and -",
    ),
    (
        "netbios_name = \"CORP\"",
        "encryption = \"ldap\"",
        "8: directories[corp].encryption: \"ldap\" is not allowed; use one of ldaps, start_tls, \
         unencrypted_loopback_only",
    ),
    (
        "netbios_name = \"CORP\"",
        "netbios_name = \"CORP\\\\\"",
        "8: directories[corp].netbios_name: \"CORP\\\\\" is not allowed; it is the part before the backslash in \
         CORP\\alice, at most 15 characters",
    ),
    (
        "netbios_name = \"CORP\"",
        "domains = [\"example.com\", \"@corp.example.com\"]",
        "8: directories[corp].domains[1]: \"@corp.example.com\" is not a domain; write the part after the at sign, \
         such as example.com",
    ),
    (
        "name = \"Example Corp\"\n",
        "",
        "4: directories[corp].name: is missing; people read it, for example name = \"Example Corp\"",
    ),
    (
        "base_dn = \"DC=corp,DC=example,DC=com\"\n",
        "",
        "4: directories[corp].base_dn: is missing; for example base_dn = \"DC=corp,DC=example,DC=com\"",
    ),
    (
        "base_dn = \"DC=corp,DC=example,DC=com\"",
        "base_dn = \"corp.example.com\"",
        "7: directories[corp].base_dn: \"corp.example.com\" is not a DN: a part without \"attribute=value\"",
    ),
    (
        "groups = [\"CN=CloudSync,OU=Groups,DC=corp",
        "groups = [\n  \"CN=CloudSync,OU=Groups,DC=other",
        "15: directories[corp].scope.groups[0]: \"CN=CloudSync,OU=Groups,DC=other,DC=example,DC=com\" does not lie \
         within base_dn \"DC=corp,DC=example,DC=com\"",
    ),
    (
        "organizational_units = [\"OU=Staff,DC=corp",
        "organizational_units = [{ dn = \"OU=Staff,DC=other\" }, \"OU=Staff,DC=corp",
        "13: directories[corp].scope.organizational_units[0]: \"OU=Staff,DC=other\" does not lie within base_dn \
         \"DC=corp,DC=example,DC=com\"",
    ),
    (
        "organizational_units = [\"OU=Staff,DC=corp",
        "organizational_units = [{ dn = \"DC=corp,DC=example,DC=com\", depth = \"one\" }, \"OU=Staff,DC=corp",
        "13: directories[corp].scope.organizational_units[0].depth: \"one\" is not allowed; use one of subtree, one_level",
    ),
    (
        "organizational_units = [\"OU=Staff,DC=corp",
        "organizational_units = [{ depth = \"one_level\" }, \"OU=Staff,DC=corp",
        "13: directories[corp].scope.organizational_units[0]: `dn` is missing",
    ),
    (
        "organizational_units = [\"OU=Staff,DC=corp",
        "organizational_units = [5, \"OU=Staff,DC=corp",
        "13: directories[corp].scope.organizational_units[0]: must be a text in quotes or a table in {braces}, not a \
         whole number",
    ),
    (
        "[directories.scope]",
        "[directories.scope]\nexclude_organizational_units = [\"DC=example,DC=com\"]",
        "13: directories[corp].scope.exclude_organizational_units[0]: \"DC=example,DC=com\" does not lie within base_dn \
         \"DC=corp,DC=example,DC=com\"",
    ),
    (
        "[directories.scope]",
        "[directories.scope]\nexclude_groups = [\"Temps\"]",
        "13: directories[corp].scope.exclude_groups[0]: \"Temps\" is not a DN: a part without \"attribute=value\"",
    ),
    (
        "[directories.scope]",
        "[directories.scope]\nfilter = \"employeeType=internal\"",
        "13: directories[corp].scope.filter: \"employeeType=internal\" is not an LDAP filter (RFC 4515); for example \
         filter = \"(employeeType=internal)\"",
    ),
    (
        "[[clients]]",
        "[[team_shares]]\ndirectory = \"crop\"\ngroup = \"CN=M,DC=corp,DC=example,DC=com\"\nteam_share = \"M\"\n[[clients]]",
        "17: team_shares[0].directory: \"crop\" is no directory here; use one of corp",
    ),
    (
        "[[clients]]",
        "[[team_shares]]\ndirectory = \"corp\"\ngroup = \"CN=M,DC=other\"\nteam_share = \"M\"\n[[clients]]",
        "18: team_shares[0].group: \"CN=M,DC=other\" does not lie within base_dn \"DC=corp,DC=example,DC=com\"",
    ),
    (
        "[[clients]]",
        "[[team_shares]]\ndirectory = \"corp\"\ngroup = \"CN=M,DC=corp,DC=example,DC=com\"\nteam_share = \" \"\n[[clients]]",
        "19: team_shares[0].team_share: \" \" is not allowed; use 1 to 200 characters",
    ),
    (
        "[[clients]]",
        "[[team_shares]]\ndirectory = \"corp\"\ngroup = \"CN=M,DC=corp,DC=example,DC=com\"\n[[clients]]",
        "16: team_shares[0]: `team_share` is missing",
    ),
    (
        "[[clients]]",
        "[[team_shares]]\ndirectory = \"corp\"\ngroup = \"CN=M,DC=corp,DC=example,DC=com\"\nteam_share = \"M\"\n\
         [[team_shares]]\ndirectory = \"corp\"\ngroup = \"cn=m, DC=corp,DC=example,DC=com\"\nteam_share = \"M\"\n[[clients]]",
        "20: team_shares[1]: is a duplicate: the same group is mapped to the same Team Share twice",
    ),
    (
        "[{ host = \"127.0.0.10\", port = 636, tls_name = \"dc1.corp.example.com\" }]",
        "[]",
        "9: directories[corp].servers: at least one server is needed: servers = [{ host = \"dc1.example.com\" }]",
    ),
    ("host = \"127.0.0.10\", ", "", "9: directories[corp].servers[0]: `host` is missing"),
    (
        "host = \"127.0.0.10\", port = 636, tls_name = \"dc1.corp.example.com\"",
        "host = \"2001:db8::1\"",
        "9: directories[corp].servers[0].host: \"2001:db8::1\" can't be verified in a server certificate: set tls_name \
         to a host name",
    ),
    (
        "tls_name = \"dc1.corp.example.com\"",
        "tls_name = \"2001:db8::1\"",
        "9: directories[corp].servers[0].tls_name: \"2001:db8::1\" can't be verified in a server certificate: set \
         tls_name to a host name",
    ),
    (
        "port = 636",
        "port = 65536",
        "9: directories[corp].servers[0].port: 65536 is not allowed; use 1 to 65535",
    ),
    (
        "\"127.0.0.10\"",
        "\"ldaps://dc1\"",
        "9: directories[corp].servers[0].host: \"ldaps://dc1\" has a scheme; give the host alone, the scheme follows \
         from `encryption`",
    ),
    (
        "\"127.0.0.10\"",
        "\"dc1:636\"",
        "9: directories[corp].servers[0].host: \"dc1:636\" has a port; write host = \"dc1\" and put the port in \
         `port`",
    ),
    (
        "\"127.0.0.10\"",
        "\"dc 1\"",
        "9: directories[corp].servers[0].host: \"dc 1\" is neither a host name nor an IP address",
    ),
    (
        "\"127.0.0.10\"",
        "\"10.0.0.1\"",
        "9: directories[corp].servers[0].host: \"10.0.0.1\" is not on this machine, and passwords would cross the \
         network in clear text; set encryption to ldaps or start_tls",
    ),
    (
        "service_account = \"CN=Svc Sync,OU=Svc,DC=corp,DC=example,DC=com\"",
        "service_account = \"svc\"",
        "10: directories[corp].service_account: \"svc\" is neither a DN nor a user principal name \
         (svc@corp.example.com)",
    ),
    (
        "service_account_password = \"reads the directory\"\n",
        "",
        "4: directories[corp].service_account_password: is missing; give service_account_password_file, \
         service_account_password_env or service_account_password",
    ),
    (
        "service_account_password = \"reads the directory\"",
        "service_account_password_env = \"NOT_SET\"",
        "11: directories[corp].service_account_password_env: the environment variable NOT_SET is not set",
    ),
    (
        "service_account_password = \"reads the directory\"",
        "service_account_password = \"sealed:v2:00\"",
        "11: directories[corp].service_account_password: this installation can't open that sealed password (it was \
         sealed by another one, or for another directory id); give the password itself, with \
         service_account_password_file or service_account_password_env",
    ),
    (
        "[[clients]]",
        "[directories.sync]\nfrequency = \"weekly\"\n[[clients]]",
        "17: directories[corp].sync.frequency: \"weekly\" is not allowed; use one of realtime, hourly, daily",
    ),
    (
        "[[clients]]",
        "[directories.sync]\nat = \"2:30\"\n[[clients]]",
        "17: directories[corp].sync.at: \"2:30\" is not a time of the day; write hh:mm, from 00:00 to 23:59",
    ),
    (
        "[[clients]]",
        "[directories.sync]\nat = \"24:00\"\n[[clients]]",
        "17: directories[corp].sync.at: \"24:00\" is not a time of the day; write hh:mm, from 00:00 to 23:59",
    ),
    (
        "[[clients]]",
        "[directories.sync]\nzone = \"CEST\"\n[[clients]]",
        "17: directories[corp].sync.zone: \"CEST\" is not a zone of the IANA database; write its name, such as \
         Europe/Berlin or UTC",
    ),
    (
        "[[clients]]",
        "[directories.sync]\nguard_percent = 0\n[[clients]]",
        "17: directories[corp].sync.guard_percent: 0 is not allowed; use 1 to 100",
    ),
    (
        "[[clients]]",
        "[admin]\noutbound_networks = [\"10.0.0.0/33\"]\n[[clients]]",
        "17: admin.outbound_networks[0]: \"10.0.0.0/33\" is not a network; for example 10.0.0.0/8",
    ),
    (
        "[[clients]]",
        "[admin]\noutbound_ports = [0]\n[[clients]]",
        "17: admin.outbound_ports[0]: 0 is not allowed; use 1 to 65535",
    ),
];

fn said(text: &str) -> String {
    planned(None, text).map_or_else(|problems| problems.to_string(), |_| "nothing".to_owned())
}

#[test]
fn each_wrong_value_is_named_with_its_line_its_key_and_what_is_allowed() {
    for (right, wrong, message) in REPLACED.into_iter().chain(WRONG_CLIENTS) {
        assert!(WHOLE.contains(right), "{right}");
        let mut text = WHOLE.replacen(right, wrong, 1);
        if wrong == "\"10.0.0.1\"" {
            text = text.replace("netbios_name = \"CORP\"", "encryption = \"unencrypted_loopback_only\"");
        }
        assert_eq!(said(&text), format!("settings.toml:{message}"), "for {wrong}");
    }
}

#[test]
fn all_problems_are_reported_at_once_without_those_that_only_follow() {
    let text = "[session]\nidle_minutes = -1\n\n[[directories]]\nid = \"corp\"\nschema = \"LDAP\"\n\n\
                [[clients]]\nclient_id = \"cloudsync\"\nclient_secret = \"cloudsync-demo-secret\"\n\n[more]\nx = 1\n";
    assert_eq!(
        said(text),
        "settings.toml:2: session.idle_minutes: -1 is not allowed; use 1 to 10080\n\
         settings.toml:6: directories[corp].schema: \"LDAP\" is not allowed; use one of ActiveDirectory, Rfc2307bis\n\
         settings.toml:8: clients[cloudsync].redirect_uris: is missing; for example redirect_uris = \
         [\"https://cloudsync.example.com/callback\"]\n\
         settings.toml:12: more: there is no such key; the keys here are sso, branding, session, tokens, login, second_factor, \
         throttle, keys, admin, directories, team_shares, clients, provisioning"
    );
}

#[test]
fn an_id_that_comes_twice_is_named_with_both_lines() {
    let twice = format!("{WHOLE}\n[[clients]]\nclient_id = \"cloudsync\"\n");
    let wanted = "settings.toml:21: clients[cloudsync]: this `client_id` was used on line 16 already";
    assert_eq!(said(&twice), wanted);
}

#[test]
fn what_is_not_toml_is_named_with_its_line() {
    let text = "[sso]\nenabled = true\nenabled = false\nhelp_contact = \"x\n";
    assert_eq!(
        said(text),
        "settings.toml:3: not TOML: duplicate key\n\
         settings.toml:4: not TOML: invalid basic string, expected `\"`"
    );
}

/// The file does not mention the client that its change breaks, so there is no line to name.
#[test]
fn what_a_change_breaks_elsewhere_is_named_without_a_line() {
    let first = document(WHOLE);
    let problems = planned(Some(&first), "[session]\nabsolute_hours = 1\n").expect_err("wrong");
    assert_eq!(
        problems.to_string(),
        "settings.toml:1: session.idle_minutes: is longer than absolute_hours allows; use at most 60"
    );
    let first = document(&format!("{WHOLE}[session]\nidle_minutes = 90\n"));
    let replaced = first.replace("absolute_hours = 24", "absolute_hours = 1");
    let problems = planned(Some(&replaced), "").expect_err("wrong");
    let wanted = "settings.toml: session.idle_minutes: is longer than absolute_hours allows; use at most 60";
    assert_eq!(problems.to_string(), wanted);
}
