//! Finds circles: files of one folder that use each other, directly or through others of that folder. A folder
//! is read one file after the other, and a circle has no first one. A parent and its child may use each other.

use std::collections::{BTreeMap, BTreeSet};

/// A module and the paths that it uses, from the root of the crate.
pub type Uses = (Vec<String>, Vec<Vec<String>>);

/// Which module of a folder uses which other one.
type Arrows<'a> = BTreeMap<&'a str, BTreeSet<&'a str>>;

/// Each arrow that is part of a circle, as a sentence.
pub fn circles(uses: &[Uses]) -> Vec<String> {
    let modules: BTreeSet<&[String]> = uses.iter().map(|(module, _)| module.as_slice()).collect();
    let mut folders: BTreeMap<&[String], Arrows<'_>> = BTreeMap::new();
    for (module, paths) in uses {
        for path in paths {
            let target = (0..=path.len()).rev().map(|end| &path[..end]).find(|path| modules.contains(path));
            let Some(target) = target else { continue };
            let shared = module.iter().zip(target).take_while(|(one, other)| one == other).count();
            if let (Some(from), Some(to)) = (module.get(shared), target.get(shared)) {
                folders.entry(&module[..shared]).or_default().entry(from).or_default().insert(to);
            }
        }
    }
    let mut found = Vec::new();
    for (folder, arrows) in &folders {
        for (from, targets) in arrows {
            let back = targets.iter().filter(|to| reaches(arrows, to, from));
            found.extend(back.map(|to| format!("src/{}: {from} uses {to}, which uses it", folder.join("/"))));
        }
    }
    found
}

fn reaches(arrows: &Arrows<'_>, from: &str, to: &str) -> bool {
    let (mut seen, mut open) = (BTreeSet::new(), vec![from]);
    while let Some(next) = open.pop() {
        if next == to {
            return true;
        }
        if seen.insert(next) {
            open.extend(arrows.get(next).into_iter().flatten());
        }
    }
    false
}

#[test]
fn a_circle_is_found_also_through_a_third_file_and_from_inside_a_folder() {
    let path = |text: &str| text.split("::").map(str::to_owned).collect::<Vec<_>>();
    let uses = |table: &[(&str, &[&str])]| -> Vec<String> {
        let uses: Vec<Uses> = table
            .iter()
            .map(|(module, paths)| (path(module), paths.iter().map(|used| path(used)).collect()))
            .collect();
        circles(&uses)
    };
    let fine: &[(&str, &[&str])] =
        &[("a", &["a::b"]), ("a::b", &["a", "a::c::Type"]), ("a::c", &["other::crate"]), ("d", &["a::b"])];
    assert_eq!(uses(fine), Vec::<String>::new());
    let circle: &[(&str, &[&str])] = &[
        ("a", &[]),
        ("a::b", &["a::c::Type"]),
        ("a::c", &[]),
        ("a::c::x", &["a::d"]),
        ("a::d", &["a::b::f"]),
    ];
    assert_eq!(
        uses(circle),
        [
            "src/a: b uses c, which uses it",
            "src/a: c uses d, which uses it",
            "src/a: d uses b, which uses it"
        ]
    );
}
