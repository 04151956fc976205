//! Names of every form against one directory and against several.

use proptest::prelude::*;

use super::*;

fn territory(id: &str, netbios: &str, base: &str, domains: &[&str]) -> Territory {
    Territory::of(&settings::Directory {
        id: DirectoryId(id.to_owned()),
        netbios_name: netbios.to_owned(),
        base_dn: base.to_owned(),
        domains: domains.iter().map(|domain| (*domain).to_owned()).collect(),
        ..settings::Directory::default()
    })
}

fn corp(domains: &[&str]) -> Territory {
    territory("corp", "CORP", "DC=corp,DC=example,DC=com", domains)
}

fn lab(domains: &[&str]) -> Territory {
    territory("lab", "LAB", "ou=people,dc=example,dc=org", domains)
}

fn school(domains: &[&str]) -> Territory {
    territory("school", "", "o=School", domains)
}

/// The ids of the candidates, separated by spaces.
fn meant(typed: &str, all: &[Territory]) -> String {
    let name = TypedName::parse(typed).expect("a name");
    candidates(&name, all).into_iter().map(|id| id.0.as_str()).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_single_directory_gets_every_name_except_other_domains() {
    for domains in [&[][..], &["example.com"]] {
        let all = [corp(domains)];
        let table = [
            ("alice", "corp"),
            ("corp\\alice", "corp"),
            ("corp.example.com\\alice", "corp"),
            ("OTHER\\alice", ""),
            ("alice@example.com", "corp"),
            ("alice@elsewhere.example", "corp"),
            ("alice@", "corp"),
        ];
        for (typed, expected) in table {
            assert_eq!(meant(typed, &all), expected, "{typed}");
        }
    }
    assert_eq!(meant("alice", &[]), "");
    assert_eq!(meant("alice@example.com", &[]), "");
}

#[test]
fn among_several_directories_the_domain_decides() {
    let all = [corp(&["example.com", "shared.example"]), lab(&["Example.NET", "shared.example"])];
    let table = [
        ("alice", "corp lab"),
        ("CORP\\alice", "corp"),
        ("lab\\alice", "lab"),
        ("example.org\\alice", "lab"),
        // an email domain is not a domain for signing in
        ("example.com\\alice", ""),
        ("OTHER\\alice", ""),
        ("alice@example.com", "corp"),
        ("alice@corp.example.com", "corp"),
        ("alice@CORP", "corp"),
        ("alice@example.net", "lab"),
        ("alice@EXAMPLE.ORG", "lab"),
        ("a@lice@example.org", "lab"),
        ("alice@shared.example", "corp lab"),
        ("alice@elsewhere.example", ""),
        ("alice@sub.example.com", ""),
        ("alice@", ""),
    ];
    for (typed, expected) in table {
        assert_eq!(meant(typed, &all), expected, "{typed}");
    }
}

#[test]
fn a_directory_without_domains_gets_undeclared_ones() {
    let one_open = [corp(&["example.com"]), lab(&[])];
    let all_open = [corp(&[]), lab(&[]), school(&[])];
    for (all, typed, expected) in [
        (&one_open[..], "alice@example.com", "corp"),
        (&one_open, "alice@elsewhere.example", "lab"),
        (&one_open, "alice@example.org", "lab"),
        (&all_open, "alice@corp.example.com", "corp"),
        (&all_open, "alice@elsewhere.example", "corp lab school"),
        (&all_open, "\u{20}alice ", "corp lab school"),
        (&all_open, "school\\alice", ""),
    ] {
        assert_eq!(meant(typed, all), expected, "{typed}");
    }
}

#[test]
fn two_domains_with_the_same_name_need_a_choice() {
    let all = [corp(&[]), territory("old", "CORP", "DC=old,DC=example,DC=com", &[])];
    assert_eq!(meant("CORP\\alice", &all), "corp old");
    assert_eq!(meant("old.example.com\\alice", &all), "old");
}

#[test]
fn the_persons_choice_precedes_the_remembered_one() {
    let [a, b, other] = ["a", "b", "other"].map(|id| DirectoryId(id.to_owned()));
    let both = || vec![&a, &b];
    let table = [
        (vec![], Some(&a), Some(&a), Route::Nobody),
        (vec![&a], Some(&b), Some(&b), Route::One(&a)),
        (both(), None, None, Route::Choose(both())),
        (both(), None, Some(&b), Route::One(&b)),
        (both(), Some(&a), Some(&b), Route::One(&a)),
        (both(), Some(&other), Some(&b), Route::Choose(both())),
        (both(), None, Some(&other), Route::Choose(both())),
    ];
    for (candidates, chosen, last, expected) in table {
        assert_eq!(route(candidates, chosen, last), expected, "{chosen:?} {last:?}");
    }
}

fn domains() -> impl Strategy<Value = Vec<String>> {
    let domain = prop::sample::select(vec!["a.example", "b.example", "c.example", "d.example"]);
    prop::collection::vec(domain.prop_map(str::to_owned), 0..3)
}

fn territories() -> impl Strategy<Value = Vec<Territory>> {
    let base = prop::sample::select(vec!["dc=a,dc=example", "dc=x,dc=example", "o=Nowhere"]);
    let netbios = prop::sample::select(vec!["", "A", "B"]);
    let one = (netbios, base, domains());
    prop::collection::vec(one, 0..4).prop_map(|all| {
        let named = |(number, (netbios, base, domains)): (usize, (&str, &str, Vec<String>))| {
            let domains: Vec<&str> = domains.iter().map(String::as_str).collect();
            territory(&number.to_string(), netbios, base, &domains)
        };
        all.into_iter().enumerate().map(named).collect()
    })
}

fn typed() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-z]{1,6}",
        "(A|a|B|C|a\\.example)\\\\[a-z]{1,6}",
        "[a-z]{1,6}@([a-d]\\.example|x\\.example|A|e\\.example)",
        "\\PC{1,12}",
    ]
}

proptest! {
    /// Which of two people has the name, and in which case it is typed, changes nothing.
    #[test]
    fn only_the_form_of_a_name_matters(all in territories(), login in "[a-z]{1,6}", domain in "(A|[a-e]\\.example)") {
        for (one, other) in [
            (login.clone(), "bob".to_owned()),
            (format!("{domain}\\{login}"), format!("{}\\bob", domain.to_uppercase())),
            (format!("{login}@{domain}"), format!("bob@{}", domain.to_uppercase())),
        ] {
            prop_assert_eq!(meant(&one, &all), meant(&other, &all));
        }
    }

    #[test]
    fn a_route_is_a_candidate_or_a_choice_of_all(
        all in territories(),
        typed in typed(),
        chosen in prop::option::of("[0-5]"),
        last in prop::option::of("[0-5]"),
    ) {
        let Some(name) = TypedName::parse(&typed) else { return Ok(()) };
        let (chosen, last) = (chosen.map(DirectoryId), last.map(DirectoryId));
        let candidates = candidates(&name, &all);
        match route(candidates.clone(), chosen.as_ref(), last.as_ref()) {
            Route::One(one) => prop_assert!(candidates.contains(&one)),
            Route::Choose(several) => {
                prop_assert!(several.len() > 1);
                prop_assert_eq!(several, candidates);
            }
            Route::Nobody => prop_assert!(candidates.is_empty()),
        }
    }

    /// Declaring a domain only takes names in it to its owner; names without a domain are unaffected.
    #[test]
    fn a_bare_name_may_belong_to_any_directory(all in territories(), login in "[a-z]{1,6}") {
        let name = TypedName::parse(&login).expect("a name");
        prop_assert_eq!(candidates(&name, &all).len(), all.len());
    }
}
