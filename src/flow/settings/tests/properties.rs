//! Properties of every file.

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use super::{WHOLE, document, planned, sealer};
use crate::domain::client::{Client, ClientAuthMethod, GrantType, SigningAlgorithm};
use crate::domain::entry::DirectoryId;
use crate::domain::schema::Schema;
use crate::domain::secret::Plain;
use crate::domain::settings::{
    Depth, Directory, EmailAttribute, Encryption, Often, Required, ScopeSettings, SecondFactor, SecretText,
    SelectedUnit, Server, SessionSettings, Settings, Sso, Sync, TeamShareMapping, TokenSettings, Totp,
    TotpAlgorithm,
};
use crate::flow::settings::sealing::{hash_client_secret, seal_service_password};
use crate::flow::settings::{export, parse};

/// Text as people and directories write it, with all that TOML must escape.
fn words() -> impl Strategy<Value = String> {
    "[a-zA-ZäöüßéΩ漢0-9 '\"\\\\#=,.\\[\\]{}/-]{1,24}".prop_map(|text| format!("x{text}x"))
}

fn name_below_base() -> impl Strategy<Value = String> {
    "[a-zA-Z0-9'\"#éß ]{0,12}".prop_map(|name| format!("OU=x{name}x,DC=corp,DC=example"))
}

fn unit() -> impl Strategy<Value = SelectedUnit> {
    let depth = prop_oneof![Just(Depth::Subtree), Just(Depth::OneLevel)];
    (name_below_base(), depth).prop_map(|(dn, depth)| SelectedUnit { dn, depth })
}

fn server() -> impl Strategy<Value = Server> {
    let tls_name = option::of("[a-z]{1,8}\\.example");
    ("[a-z][a-z0-9]{0,8}\\.example", option::of(1u16..), tls_name).prop_map(|(host, port, tls_name)| Server {
        host,
        port,
        tls_name,
        via: None,
    })
}

fn sync() -> impl Strategy<Value = Sync> {
    let frequency = prop_oneof![Just(Often::Realtime), Just(Often::Hourly), Just(Often::Daily)];
    let zone = prop_oneof![Just("Europe/Berlin"), Just("Asia/Kolkata"), Just("UTC")];
    (frequency, 0u8..24, 0u8..60, zone, 1u32..1_000, 1u32..101).prop_map(
        |(frequency, hour, minute, zone, guard_people, guard_percent)| Sync {
            frequency,
            at: format!("{hour:02}:{minute:02}"),
            zone: zone.to_owned(),
            guard_people,
            guard_percent,
            ..Sync::default()
        },
    )
}

fn directory() -> impl Strategy<Value = Directory> {
    let choices = (
        prop_oneof![Just(Schema::ActiveDirectory), Just(Schema::Rfc2307bis)],
        prop_oneof![Just(Encryption::Ldaps), Just(Encryption::StartTls)],
        prop_oneof![
            Just(EmailAttribute::Mail),
            Just(EmailAttribute::ProxyAddresses),
            Just(EmailAttribute::UserPrincipalName)
        ],
        any::<bool>(),
        vec("[a-zé0-9]{1,8}(\\.[a-z-]{1,8}){0,2}", 0..3),
        sync(),
    );
    let names = || vec(name_below_base(), 0..3);
    let parts = (
        words(),
        vec(server(), 1..4),
        vec(unit(), 0..3),
        names(),
        names(),
        100u32..10_000,
        1u32..64,
        names(),
    );
    (("[a-z0-9-]{1,12}", words()), choices, parts)
        .prop_map(|((id, password), choices, parts)| Directory {
            // Sealed below, for its servers.
            service_account_password: Some(SecretText(password)),
            id: DirectoryId(id),
            name: parts.0,
            schema: choices.0,
            base_dn: "DC=corp,DC=example".to_owned(),
            encryption: choices.1,
            servers: parts.1,
            service_account: "CN=svc,DC=corp,DC=example".to_owned(),
            email_attribute: choices.2,
            email_written_by_admins_only: choices.3,
            connect_timeout_ms: parts.5,
            search_connections: parts.6,
            admin_groups: parts.4,
            scope: ScopeSettings {
                organizational_units: parts.2,
                groups: parts.3,
                exclude_groups: parts.7,
                filter: if choices.3 { "(&(a=b)(!(c=\\2a\\5c)))".to_owned() } else { String::new() },
                ..ScopeSettings::default()
            },
            email_domains: choices.4.clone(),
            domains: choices.4,
            sync: choices.5,
            ..Directory::default()
        })
        .prop_map(|mut directory| {
            let password = directory.service_account_password.take().map(|text| Plain::new(text.0));
            let sealed =
                seal_service_password(sealer(), &directory, &password.unwrap_or_else(|| Plain::new("")));
            Directory { service_account_password: Some(SecretText(sealed)), ..directory }
        })
}

fn client() -> impl Strategy<Value = Client> {
    let uris = || vec("https://[a-z]{1,9}\\.example/[a-z0-9?=&%'()]{0,9}", 1..4);
    let method = prop_oneof![
        Just(None),
        Just(Some(ClientAuthMethod::ClientSecretBasic)),
        Just(Some(ClientAuthMethod::None))
    ];
    let alg = prop_oneof![Just(SigningAlgorithm::RS256), Just(SigningAlgorithm::EdDSA)];
    let id = "[a-zA-Z0-9 .\\[\\]\"'\\\\#-]{1,20}";
    (id, option::of(words()), uris(), uris(), method, alg, option::of(0i64..1000)).prop_map(
        |(client_id, name, redirect_uris, post_logout_redirect_uris, method, alg, default_max_age)| Client {
            client_secret_hash: (method != Some(ClientAuthMethod::None))
                .then(|| hash_client_secret(sealer(), &client_id, "a secret of some length")),
            client_id,
            client_name: name.unwrap_or_default(),
            redirect_uris,
            post_logout_redirect_uris,
            token_endpoint_auth_method: method,
            grant_types: vec![GrantType::AuthorizationCode],
            id_token_signed_response_alg: alg,
            default_max_age,
            ..Client::default()
        },
    )
}

fn second_factor() -> impl Strategy<Value = SecondFactor> {
    let required = prop_oneof![Just(Required::Optional), Just(Required::Everyone)];
    let algorithm = prop_oneof![Just(TotpAlgorithm::Sha1), Just(TotpAlgorithm::Sha512)];
    (required, 0u32..365, algorithm, 6u8..9, 15u32..121).prop_map(
        |(required, grace_days, algorithm, digits, period)| SecondFactor {
            required,
            grace_days,
            totp: Totp { algorithm, digits, period },
            ..SecondFactor::default()
        },
    )
}

prop_compose! {
    fn settings()(
        (enabled, help_contact) in (any::<bool>(), words()),
        absolute_hours in 1u32..720,
        code_seconds in 10u32..600,
        second_factor in second_factor(),
        mut directories in vec(directory(), 0..3),
        mut clients in vec(client(), 0..3),
        shares in vec((name_below_base(), words()), 0..3),
    ) -> Settings {
        directories.sort_by(|a, b| a.id.cmp(&b.id));
        directories.dedup_by(|a, b| a.id == b.id);
        clients.sort_by(|a, b| a.client_id.cmp(&b.client_id));
        clients.dedup_by(|a, b| a.client_id == b.client_id);
        let shares = shares.into_iter().enumerate().filter_map(|(index, (group, name))| {
            let directory = directories.first()?.id.clone();
            Some(TeamShareMapping { directory, group, team_share: format!("{index}{name}") })
        });
        let mut team_shares: Vec<TeamShareMapping> = shares.collect();
        team_shares.sort();
        Settings {
            sso: Sso { enabled, help_contact, ..Sso::default() },
            session: SessionSettings { idle_minutes: 20, absolute_hours },
            tokens: TokenSettings { code_seconds, ..TokenSettings::default() },
            second_factor,
            directories,
            team_shares,
            clients,
            ..Settings::default()
        }
    }
}

/// Pieces of settings files, in any order.
fn nearly_toml() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("[[directories]]\n".to_owned()),
        Just("[[clients]]\n".to_owned()),
        Just("[directories.scope]\n".to_owned()),
        Just("[session]\n".to_owned()),
        Just("clients = 3\n".to_owned()),
        "(id|client_id|servers|scope|base_dn|redirect_uris|ca_file|idle_minutes|client_secret|x) = ",
        "(\"[a-z:/*#]{0,9}\"|[0-9]{1,20}|true|\\[|\\]|\\{|\\}|,|\\n|'''|1979-05-27|0x[0-9a-f]{1,17})",
        "\\PC{0,8}\n",
    ];
    vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn an_export_is_read_back_to_the_same_settings(settings in settings()) {
        let text = export(&settings);
        let plan = planned(None, &text).unwrap_or_else(|problems| panic!("{problems}\n{text}"));
        prop_assert_eq!(&plan.settings, &settings);
        prop_assert_eq!(&plan.document, &text);
        prop_assert_eq!(parse(&text).expect("readable"), settings);
    }

    #[test]
    fn applying_twice_is_applying_once(first in settings(), second in settings()) {
        let once = match planned(Some(&export(&first)), &export(&second)) {
            Ok(once) => once,
            // Two right files may contradict each other about one client.
            Err(problems) => {
                let shared = first.clients.iter().any(|client| second.client(&client.client_id).is_some());
                prop_assert!(shared, "{problems}");
                return Ok(());
            }
        };
        let twice = planned(Some(&once.document), &export(&second)).expect("both are right");
        prop_assert_eq!(&twice.document, &once.document);
        prop_assert!(twice.changed.is_empty());
    }

    #[test]
    fn no_text_makes_it_panic(text in nearly_toml()) {
        let _ = planned(None, &text);
        let _ = planned(Some(&document(WHOLE)), &text);
    }

    #[test]
    fn a_problem_lies_within_the_file(text in nearly_toml()) {
        if let Err(problems) = planned(None, &text) {
            let last = text.matches('\n').count() + 1;
            prop_assert!(problems.problems.iter().all(|problem| problem.line <= last));
            prop_assert!(!problems.to_string().chars().any(|c| c.is_control() && c != '\n'));
        }
    }
}
