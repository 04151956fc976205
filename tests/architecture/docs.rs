//! Checks the documentation: each command in it exists, each link has a target, each word of the glossary is
//! in the code.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use clap::error::ErrorKind;
use clap::{CommandFactory, Parser};
use cloudsync_idp::cli::Arguments;

const PROGRAM: &str = "cloudsync-idp";

/// All pages with their text.
fn pages() -> Vec<(PathBuf, String)> {
    let mut found = ["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md", "keys/README.md"]
        .map(PathBuf::from)
        .to_vec();
    let mut folders = vec![PathBuf::from("docs")];
    while let Some(folder) = folders.pop() {
        for item in fs::read_dir(&folder).expect("a folder") {
            let path = item.expect("an item").path();
            match path.extension().and_then(|extension| extension.to_str()) {
                None => folders.push(path),
                Some("md") => found.push(path),
                Some(_) => {}
            }
        }
    }
    found.sort();
    found.into_iter().map(|path| (path.clone(), fs::read_to_string(&path).expect("a page"))).collect()
}

/// Commands between backquotes, and lines that begin with the program's name.
fn commands(page: &str) -> Vec<String> {
    let first_words: BTreeSet<String> =
        Arguments::command().get_subcommands().map(|command| command.get_name().to_owned()).collect();
    let starts = |text: &str| text.split_whitespace().next().is_some_and(|word| first_words.contains(word));
    let mut found = Vec::new();
    for line in page.lines() {
        let typed = line.trim_start().trim_start_matches("$ ").trim_start_matches("sudo ");
        if let Some(rest) = typed.strip_prefix(PROGRAM).filter(|rest| rest.starts_with(' ')) {
            found.push(rest.trim().to_owned());
        }
        let quoted = line.split('`').skip(1).step_by(2);
        found.extend(quoted.filter_map(|text| match text.strip_prefix(PROGRAM) {
            Some(rest) if rest.starts_with(' ') => Some(rest.trim().to_owned()),
            _ => starts(text).then(|| text.to_owned()),
        }));
    }
    found
}

/// The words of a command, without pipes, redirections and comments, and without the brackets of optional
/// parts.
fn words(command: &str) -> Vec<String> {
    let typed = command.split(" #").next().unwrap_or_default();
    let typed = typed.split(" | ").next().unwrap_or_default().split(" > ").next().unwrap_or_default();
    let typed = typed.split("   ").next().unwrap_or_default();
    let bare = |word: &str| word.trim_matches(['[', ']', '…', ';', ',']).replace("\\|", "|");
    typed.split_whitespace().map(bare).filter(|word| !word.is_empty() && word != "...").collect()
}

/// The error if the command line does not accept a command. A missing value or word is no error.
fn unknown(command: &str) -> Option<String> {
    let words = std::iter::once(PROGRAM.to_owned()).chain(words(command));
    let error = Arguments::try_parse_from(words).err()?;
    let kinds = [
        ErrorKind::UnknownArgument,
        ErrorKind::InvalidSubcommand,
        ErrorKind::NoEquals,
        ErrorKind::TooManyValues,
    ];
    kinds.contains(&error.kind()).then(|| error.to_string().lines().next().unwrap_or_default().to_owned())
}

#[test]
fn every_command_in_the_documentation_exists() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for (path, text) in pages() {
        for command in commands(&text) {
            count += 1;
            wrong.extend(unknown(&command).map(|why| format!("{}: `{command}`: {why}", path.display())));
        }
    }
    assert!(count > 50, "only {count} commands were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(unknown("sync --plam").is_some() && unknown("settings expose").is_some(), "the check works");
}

/// The anchor of a heading, as GitHub makes it.
fn anchor(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = text.chars().filter(|char| char.is_alphanumeric() || matches!(char, ' ' | '-' | '_'));
    kept.map(|char| if char == ' ' { '-' } else { char }).collect()
}

fn has_anchor(page: &Path, wanted: &str) -> bool {
    let text = fs::read_to_string(page).unwrap_or_default();
    text.lines().any(|line| line.starts_with('#') && anchor(line) == wanted)
}

#[test]
fn every_link_in_the_documentation_has_a_target() {
    let mut broken = Vec::new();
    for (path, text) in pages() {
        let targets = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for target in targets.filter(|target| !target.contains("://") && !target.starts_with("mailto:")) {
            let (file, anchor) = target.split_once('#').unwrap_or((target, ""));
            let file = match file {
                "" => path.clone(),
                file => path.parent().unwrap_or(Path::new("")).join(file),
            };
            if !file.exists() || (!anchor.is_empty() && !has_anchor(&file, anchor)) {
                broken.push(format!("{}: {target}", path.display()));
            }
        }
    }
    assert!(broken.is_empty(), "{}", broken.join("\n"));
}

/// The paths of this crate between backquotes, as `flow::login::advance`.
fn crate_paths(line: &str) -> Vec<Vec<String>> {
    let quoted = line.split('`').skip(1).step_by(2).map(|text| text.trim_start_matches("crate::"));
    let words = quoted.map(|text| text.split("::").map(str::to_owned).collect::<Vec<_>>());
    let is_room = |name: &str| super::ROOMS.iter().any(|(room, _)| *room == name);
    let is_name = |word: &String| word.chars().all(|char| char.is_alphanumeric() || char == '_');
    words.filter(|path| path.len() > 1 && is_room(&path[0]) && path.iter().all(is_name)).collect()
}

#[test]
fn each_path_of_the_crate_in_a_comment_or_page_exists() {
    let read = |file: &str| fs::read_to_string(file).expect("a file that was listed");
    let files = super::rust_files(Path::new("src"));
    let modules: BTreeMap<_, _> = files.iter().map(|file| (super::module_of(file), read(file))).collect();
    let exists = |path: &[String]| {
        let depth = (1..=path.len()).rev().find(|depth| modules.contains_key(&path[..*depth]));
        depth.is_some_and(|depth| match path.get(depth) {
            Some(name) => modules[&path[..depth]]
                .split(|char: char| !(char.is_alphanumeric() || char == '_'))
                .any(|word| word == name),
            None => true,
        })
    };
    let comments = |text: &str| {
        text.lines().filter(|line| line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
    };
    let texts = files.iter().map(|file| (PathBuf::from(file), comments(&read(file)))).chain(pages());
    let mut unknown = Vec::new();
    for (file, text) in texts {
        let paths = text.lines().flat_map(crate_paths).filter(|path| !exists(path));
        unknown.extend(paths.map(|path| format!("{}: {}", file.display(), path.join("::"))));
    }
    assert!(unknown.is_empty(), "{}", unknown.join("\n"));
    assert!(!exists(&["flow".to_owned(), "own_password".to_owned()]), "the check works");
}

/// The names of all types and modules.
fn names() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for file in super::rust_files(Path::new("src")) {
        found.extend(super::module_of(&file).pop());
        let text = fs::read_to_string(&file).expect("a file that was listed");
        let words = text.split(|char: char| !(char.is_alphanumeric() || char == '_')).collect::<Vec<_>>();
        let kinds = ["struct", "enum", "trait", "type"];
        let defined = words.windows(2).filter(|pair| kinds.contains(&pair[0])).map(|pair| pair[1].to_owned());
        found.extend(defined);
    }
    found
}

/// A word of the glossary, spelled as a type and as a module.
fn spellings(word: &str) -> [String; 4] {
    let parts: Vec<String> = word.split(' ').map(str::to_lowercase).collect();
    let capital = |part: &String| part[..1].to_uppercase() + &part[1..];
    let (camel, snake) = (parts.iter().map(capital).collect::<String>(), parts.join("_"));
    [format!("{camel}s"), camel, format!("{snake}s"), snake]
}

#[test]
fn each_word_of_the_glossary_names_a_type_or_a_module() {
    let page = fs::read_to_string("docs/architecture.md").expect("the page");
    let glossary =
        page.split("## Words").nth(1).and_then(|rest| rest.split("\n## ").next()).expect("a glossary");
    let words: Vec<&str> =
        glossary.lines().filter_map(|line| line.strip_prefix("| ")?.split(" |").next()).skip(2).collect();
    assert!(words.len() > 15, "only {words:?}");
    let names = names();
    let is_known = |word: &&str| spellings(word).iter().any(|name| names.contains(name));
    let unknown: Vec<&str> = words.into_iter().filter(|word| !is_known(word)).collect();
    assert!(unknown.is_empty(), "no type or module is called {unknown:?}");
    assert!(!is_known(&"estate of the realm"), "the check works");
}

#[test]
fn each_test_that_the_asvs_page_names_exists() {
    let page = fs::read_to_string("docs/asvs.md").expect("the page");
    let code: String = ["src", "tests"]
        .iter()
        .flat_map(|folder| super::rust_files(Path::new(folder)))
        .map(|file| fs::read_to_string(&file).expect("a file that was listed"))
        .collect();
    let quoted = page.split('`').skip(1).step_by(2).filter_map(|text| text.rsplit("::").next());
    let names: Vec<&str> =
        quoted.filter(|name| name.matches('_').count() > 3 && !name.contains(' ')).collect();
    assert!(names.len() > 30, "only {} names were found", names.len());
    let missing: Vec<&&str> = names.iter().filter(|name| !code.contains(&format!("fn {name}("))).collect();
    assert!(missing.is_empty(), "no test is called {missing:#?}");
}
