//! `[branding]`: what is accepted, and the exact messages about what is not.

use std::fs;

use super::{Mode, WHOLE, document, plan_in, planned};
use crate::flow::settings::parse;

const SVG: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\"/>";

fn with(lines: &str) -> String {
    format!("{WHOLE}[branding]\n{lines}\n")
}

#[test]
fn a_logo_or_colour_that_can_not_be_shown_is_refused_with_a_fix() {
    let table = [
        ("product_name = \" \"", "product_name: is empty; give the name"),
        ("accent_color = \"blue\"", "accent_color: \"blue\" is not a colour such as #2450d8"),
        (
            "accent_color = \"#ffd500\"",
            "accent_color: \"#ffd500\" has a contrast of 1.26:1 on the light page, and text needs 4.5:1 (WCAG 2.2 AA); \
             the nearest darker shade that can be read is #",
        ),
        (
            "accent_color = \"#8a1538\"\naccent_color_dark = \"#8a1538\"",
            "accent_color_dark: \"#8a1538\" has a contrast of ",
        ),
        ("accent_color_dark = \"#8fb0ff\"", "accent_color: is missing; accent_color_dark alone"),
        ("logo = \"?\"", "logo: is not base64; give the picture by logo_file"),
        ("logo = \"aGVsbG8=\"", "logo: is neither a PNG nor an SVG (checked by its content"),
        (
            "help = [{ language = \"fr\", text = \"x\" }]",
            "help[0].language: \"fr\" is not allowed; use one of en, de",
        ),
        ("help = [{ language = \"en\" }]", "help[0]: is empty; give text, url, email or phone"),
        (
            "help = [{ language = \"en\", text = \"x\" }, { language = \"en\", text = \"y\" }]",
            "help[1]: the language en has an entry already",
        ),
        ("help = [{ language = \"en\", url = \"javascript:alert(1)\" }]", "help[0].url: "),
        (
            "help = [{ language = \"en\", url = \"http://help.example\" }]",
            "help[0].url: \"http://help.example\": plain http",
        ),
        (
            "help = [{ language = \"en\", email = \"a@b.example?bcc=x\" }]",
            "help[0].email: \"a@b.example?bcc=x\" is not an email address",
        ),
        (
            "help = [{ language = \"en\", phone = \"call me\" }]",
            "help[0].phone: \"call me\" is not a telephone number",
        ),
        ("legal_links = [{ language = \"en\", label = \"Privacy\" }]", "`url` is missing"),
        (
            "legal_links = [{ language = \"en\", label = \"\", url = \"https://corp.example/\" }]",
            "legal_links[0].label: is empty",
        ),
        (
            "legal_links = [{ language = \"en\", label = \"x\", url = \"http://localhost/\" }]",
            "legal_links[0].url: \"http://localhost/\": use https",
        ),
    ];
    for (lines, words) in table {
        let problems = planned(None, &with(lines)).expect_err(lines).to_string();
        assert!(problems.contains(words), "{lines}: {problems}");
    }
}

#[test]
fn a_logo_is_read_from_its_file_and_comes_back_from_an_export() {
    let folder = tempfile::tempdir().expect("a directory");
    fs::write(folder.path().join("logo.svg"), SVG).expect("a file");
    let text = with("logo_file = \"logo.svg\"\naccent_color = \"#8a1538\"");
    let plan =
        plan_in(folder.path(), None, &text, Mode::Merge).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(plan.settings.branding.logo_bytes(), Some(Some(SVG.into())));
    assert_eq!(plan.settings.branding.logo_file, None);
    let again = planned(None, &plan.document).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(again.document, plan.document);
    let without = planned(Some(&plan.document), "[branding]\nlogo = \"\"\n").expect("right");
    assert_eq!(
        (without.settings.branding.logo_bytes(), without.changed),
        (None, vec!["branding".to_owned()])
    );

    fs::write(folder.path().join("logo.png"), b"\xff\xd8\xff\xe0 a photograph").expect("a file");
    for (lines, words) in [
        ("logo_file = \"logo.png\"", "neither a PNG nor an SVG"),
        ("logo_file = \"nothing.png\"", "can't read"),
        ("logo_file = \"logo.svg\"\nlogo = \"aGVsbG8=\"", "give logo_file or logo, not both"),
    ] {
        let refused = plan_in(folder.path(), None, &with(lines), Mode::Merge).expect_err(lines).to_string();
        assert!(refused.contains(words), "{lines}: {refused}");
    }
}

#[test]
fn settings_of_an_earlier_version_keep_their_contact() {
    let settings = parse(&document(WHOLE)).expect("it was stored");
    assert_eq!(settings.help_contact("de"), "the IT help desk, extension 100");
    assert_eq!(settings.branding.product_name, "CloudSync");
}
