//! The reference page is complete: every key, every word, every range.

use std::fs;

use super::{WHOLE, planned};
use crate::flow::settings::read::read;
use crate::flow::settings::report::ProblemReport;
use crate::flow::settings::schema::{ROOT, SettingKey, ValueKind};

const PAGE: &str = include_str!("../../../../docs/settings.md");

#[test]
fn the_reference_has_every_key_with_what_it_allows() {
    let mut missing = Vec::new();
    for key in ROOT {
        match key.kind {
            ValueKind::Table(keys) => section(&format!("## `[{}]`", key.name), keys, &mut missing),
            ValueKind::Named(_, keys) => section(&format!("## `[[{}]]`", key.name), keys, &mut missing),
            _ => {}
        }
    }
    assert!(missing.is_empty(), "docs/settings.md lacks {missing:#?}");
}

fn section(heading: &str, keys: &[SettingKey], missing: &mut Vec<String>) {
    let Some((_, rest)) = PAGE.split_once(&format!("\n{heading}\n")) else {
        missing.push(heading.to_owned());
        return;
    };
    rows(heading, rest.split("\n## ").next().unwrap_or_default(), keys, missing);
}

fn rows(heading: &str, text: &str, keys: &[SettingKey], missing: &mut Vec<String>) {
    for key in keys {
        let row = text.lines().find(|line| line.starts_with(&format!("| `{}` |", key.name)));
        let says = |word: &str| row.is_some_and(|row| row.contains(word));
        let complete = match key.kind {
            ValueKind::Number(min, max) => says(&format!("{min} to {max}")),
            ValueKind::OneOf(words) | ValueKind::List(&ValueKind::OneOf(words)) => {
                words.iter().all(|word| says(&format!("`{word}`")))
            }
            ValueKind::Table(inner) | ValueKind::List(&ValueKind::Table(inner)) => {
                rows(heading, text, inner, missing);
                true
            }
            _ => row.is_some(),
        };
        if !complete {
            missing.push(format!("{heading} {}", key.name));
        }
    }
}

/// Every TOML block of the documentation has only keys of the schema, except the process's configuration.
#[test]
fn every_example_of_settings_reads() {
    let mut count = 0;
    for file in fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/docs")).expect("a folder") {
        let path = file.expect("an item").path();
        if path.extension().is_none_or(|extension| extension != "md") || path.ends_with("configuration.md") {
            continue;
        }
        let page = fs::read_to_string(&path).expect("a page");
        for block in page.split("```toml\n").skip(1).filter_map(|rest| rest.split("```").next()) {
            count += 1;
            let text = in_its_place(block);
            let mut report = ProblemReport::default();
            read(&text, &mut report);
            report
                .finish("the example")
                .unwrap_or_else(|problems| panic!("{}: {problems}\n{text}", path.display()));
        }
    }
    assert!(count > 15, "only {count} examples were found");
}

/// The block under the heading of its list, if it belongs to an entry.
fn in_its_place(block: &str) -> String {
    match block.trim_start() {
        part if part.starts_with("[directories.") => format!("[[directories]]\nid = \"corp\"\n{part}"),
        part if part.starts_with('[') => part.to_owned(),
        // Secrets of either list, one instead of the other.
        part => part.lines().fold(String::new(), |text, line| match line.starts_with("client_") {
            true => format!("{text}[[clients]]\nclient_id = \"a{}\"\n{line}\n", text.len()),
            false => format!("{text}[[directories]]\nid = \"a{}\"\n{line}\n", text.len()),
        }),
    }
}

/// The page's first example can be applied.
#[test]
fn the_example_of_the_reference_is_right() {
    let example =
        PAGE.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).expect("an example");
    assert_eq!(example, WHOLE);
    planned(None, example).unwrap_or_else(|problems| panic!("{problems}"));
}
