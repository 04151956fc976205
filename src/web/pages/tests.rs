//! Rules for all pages, checked on the samples; also writes the files that the browser test opens.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::{env, fs};

use super::samples::{self, Sample};
use super::{Language, catalog};
use crate::web::admin::pages::samples as panel;
use crate::web::assets;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.filter(|path| path.is_file()).collect()
}

/// The text of all templates and page modules, for searching.
pub(super) fn sources_of_pages() -> String {
    let folders = [
        "templates/pages",
        "templates/parts",
        "templates/admin",
        "templates/admin/parts",
        "src/web/pages",
        "src/web/admin",
        "src/web/admin/directory",
        "src/web/admin/pages",
        "src/web/admin/services",
    ];
    let paths = folders.into_iter().flat_map(|folder| files(&root().join(folder)));
    paths.map(|path| fs::read_to_string(path).unwrap()).collect()
}

/// The samples of all pages.
fn samples() -> impl Iterator<Item = Sample> {
    samples::samples().into_iter().chain(panel::all())
}

fn every_sample(check: impl Fn(&Sample, Language, &str)) {
    for sample in samples() {
        for language in Language::ALL {
            check(&sample, language, &sample.html(language));
        }
    }
}

#[test]
fn the_german_texts_name_a_thing_by_one_word() {
    let others = [
        ("Wächter", "Schutz"),
        ("Team-Freigabe", "Team Share"),
        ("Synchronisierungsprotokoll", "Sync-Protokoll"),
        ("Synchronisationsprotokoll", "Sync-Protokoll"),
        ("Einmalanmeldung", "Single Sign-On"),
        ("inmalige Anmeldung", "Single Sign-On"),
        ("Zwei-Faktor", "Zwei-Schritt-Authentifizierung"),
    ];
    for text in catalog::sources(Language::German) {
        for (other, word) in others {
            assert!(!text.contains(other), "{other}: say {word}");
        }
    }
}

#[test]
fn every_template_is_in_the_list_of_samples() {
    let listed: BTreeSet<&str> = samples().map(|sample| sample.template).collect();
    for (folder, prefix) in [("templates/pages", ""), ("templates/admin", "admin/")] {
        for path in files(&root().join(folder)) {
            let name = format!("{prefix}{}", path.file_name().unwrap().to_string_lossy());
            assert!(listed.contains(name.as_str()), "{folder}/{name} is in no sample");
        }
    }
}

#[test]
fn every_part_is_used_by_a_template() {
    let sources = sources_of_pages();
    for folder in ["parts", "admin/parts"] {
        for path in files(&root().join("templates").join(folder)) {
            let name = format!("{folder}/{}", path.file_name().unwrap().to_string_lossy());
            assert!(sources.contains(&format!("\"{name}\"")), "{name} is in no page");
        }
    }
}

#[test]
fn no_text_is_missing_on_any_page() {
    every_sample(|sample, language, html| {
        assert!(!html.contains('⟦') && !html.contains("{$"), "{} {language:?}: {html}", sample.name);
    });
}

#[test]
fn every_page_is_a_whole_document_in_its_language() {
    every_sample(|sample, language, html| {
        let opening = format!("<html lang=\"{}\"", language.tag());
        assert!(html.starts_with("<!doctype html>") && html.contains(&opening), "{}", sample.name);
        assert_eq!(html.matches("<h1").count(), 1, "{}", sample.name);
        assert_eq!(html.matches("<main").count(), 1, "{}", sample.name);
        assert!(html.trim_end().ends_with("</html>"), "{}", sample.name);
    });
}

/// Pages with a script; they work without it.
const SCRIPTED: [&str; 5] =
    ["form-post.html", "recovery-codes.html", "sign-in.html", "change-password.html", "own-password.html"];

/// The policy would block each of these, so pages must not use them.
#[test]
fn no_page_has_inline_style_script_or_handlers() {
    every_sample(|sample, _, html| {
        for banned in
            ["<style", " style=\"", "<script>", "javascript:", " onload=\"", " onclick=\"", "<img src=x"]
        {
            assert!(!html.contains(banned), "{}: {banned}", sample.name);
        }
        let scripts = html.matches("<script").count();
        let without = ["admin/link.html", "admin/preview-problems.html"].contains(&sample.template);
        let of_panel = sample.template.starts_with("admin/") && !without;
        let scripted = of_panel || SCRIPTED.contains(&sample.template);
        assert_eq!(scripts, usize::from(scripted), "{}", sample.name);
    });
}

#[test]
fn the_languages_differ_on_every_page() {
    for sample in samples() {
        assert_ne!(sample.html(Language::English), sample.html(Language::German), "{}", sample.name);
    }
}

#[test]
fn every_sample_has_a_name_of_its_own() {
    let names: BTreeSet<String> = samples().map(|sample| sample.name.to_lowercase()).collect();
    assert_eq!(names.len(), samples().count());
}

#[test]
fn a_known_person_can_say_not_you_on_every_page_of_the_session() {
    every_sample(|sample, _, html| {
        if sample.name.ends_with("-known") {
            assert!(html.contains("action=\"/session/forget\""), "{}", sample.name);
        }
    });
}

/// Writes `target/page-samples`: `index.json`, `<lang>/<name>.html`, and the assets.
#[test]
fn the_samples_are_written_for_the_browser_test() {
    let target = env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from);
    let out = target.join("page-samples");
    let mut index = Vec::new();
    for language in Language::ALL {
        let folder = out.join(language.tag());
        fs::create_dir_all(&folder).unwrap();
        for sample in samples() {
            let file = format!("{}/{}.html", language.tag(), sample.name);
            fs::write(out.join(&file), sample.html(language)).unwrap();
            index.push(serde_json::json!({ "name": sample.name, "language": language.tag(), "file": file, "policy": sample.policy }));
        }
    }
    fs::create_dir_all(out.join("assets")).unwrap();
    for asset in assets::all() {
        fs::write(out.join("assets").join(asset.name()), asset.body).unwrap();
    }
    for file in samples::branded::brand().files() {
        fs::write(out.join("assets").join(&file.name), &file.body).unwrap();
    }
    fs::write(out.join("index.json"), serde_json::to_string_pretty(&index).unwrap()).unwrap();
}
