//! Check the look of the pages: the picture, the contrast of the colour, the addresses.

use super::super::read::quoted;
use super::super::report::{ProblemReport, SettingPath};
use super::uri;
use crate::domain::colour::{Colour, ENOUGH, Scheme};
use crate::domain::picture::LogoFormat;
use crate::domain::settings::{Branding, Help, LegalLink};

const LONGEST_NAME: usize = 60;
const LONGEST_TEXT: usize = 300;
const MOST_LINKS: usize = 12;

pub(super) fn check(branding: &Branding, report: &mut ProblemReport) {
    let place = SettingPath::section("branding");
    names(branding, &place, report);
    logo(branding, &place, report);
    accents(branding, &place, report);
    helps(&branding.help, &place.key("help"), report);
    links(&branding.legal_links, &place.key("legal_links"), report);
}

fn names(branding: &Branding, place: &SettingPath, report: &mut ProblemReport) {
    if branding.product_name.trim().is_empty() {
        let message = "is empty; give the name of the service that people sign in to";
        report.problem(&place.key("product_name"), message);
    }
    for (key, name) in [("product_name", &branding.product_name), ("company_name", &branding.company_name)] {
        longest(name, LONGEST_NAME, &place.key(key), report);
    }
}

fn longest(text: &str, most: usize, place: &SettingPath, report: &mut ProblemReport) {
    if text.chars().count() > most {
        report.problem(place, format!("is longer than {most} characters"));
    }
}

fn logo(branding: &Branding, place: &SettingPath, report: &mut ProblemReport) {
    let at = place.key("logo");
    match branding.logo_bytes() {
        None => {}
        Some(None) => report.problem(&at, "is not base64; give the picture by logo_file = \"FILE\""),
        Some(Some(bytes)) => {
            if let Err(why) = LogoFormat::of(&bytes) {
                report.problem(&at, why.to_string());
            }
        }
    }
}

fn accents(branding: &Branding, place: &SettingPath, report: &mut ProblemReport) {
    let both = [
        ("accent_color", &branding.accent_color, Scheme::Light, "light", "darker"),
        ("accent_color_dark", &branding.accent_color_dark, Scheme::Dark, "dark", "lighter"),
    ];
    for (key, text, scheme, word, change) in both {
        if text.is_empty() {
            continue;
        }
        let at = place.key(key);
        let Some(colour) = Colour::parse(text) else {
            report.problem(&at, format!("{} is not a colour such as #2450d8", quoted(text)));
            continue;
        };
        let ratio = scheme.contrast_of(colour);
        if ratio < ENOUGH {
            let shade = scheme.readable(colour);
            // Rounded down: a ratio that fails must not be shown as one that passes.
            let shown = (ratio * 100.0).floor() / 100.0;
            let message = format!(
                "{} has a contrast of {shown:.2}:1 on the {word} page, and text needs {ENOUGH}:1 (WCAG 2.2 AA); \
                 the nearest {change} shade that can be read is {shade}",
                quoted(text)
            );
            report.problem(&at, message);
        }
    }
    if branding.accent_color.is_empty() && !branding.accent_color_dark.is_empty() {
        report.problem(
            &place.key("accent_color"),
            "is missing; accent_color_dark alone colours half of the pages",
        );
    }
}

fn helps(helps: &[Help], place: &SettingPath, report: &mut ProblemReport) {
    for (index, help) in helps.iter().enumerate() {
        let at = place.item(index);
        if helps[..index].iter().any(|other| other.language == help.language) {
            report.problem(&at, format!("the language {} has an entry already", help.language));
        }
        if [&help.text, &help.url, &help.email, &help.phone].into_iter().all(String::is_empty) {
            report.problem(&at, "is empty; give text, url, email or phone");
        }
        longest(&help.text, LONGEST_TEXT, &at.key("text"), report);
        if !help.url.is_empty()
            && let Err(message) = uri::secure_page(&help.url)
        {
            report.problem(&at.key("url"), message);
        }
        if !help.email.is_empty() && !is_address(&help.email) {
            report.problem(&at.key("email"), format!("{} is not an email address", quoted(&help.email)));
        }
        if !help.phone.is_empty() && !is_number(&help.phone) {
            let message =
                format!("{} is not a telephone number such as +49 30 1234-100", quoted(&help.phone));
            report.problem(&at.key("phone"), message);
        }
    }
}

/// True if the text can be used as it is in a `mailto:` link.
fn is_address(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b".-_+@".contains(&byte);
    let parts = text.split_once('@').filter(|(local, domain)| !local.is_empty() && domain.contains('.'));
    text.len() <= 254 && text.bytes().all(plain) && parts.is_some_and(|(_, domain)| !domain.contains('@'))
}

fn is_number(text: &str) -> bool {
    let plain = |c: char| c.is_ascii_digit() || "+-./() ".contains(c);
    text.len() <= 40 && text.chars().all(plain) && text.chars().filter(char::is_ascii_digit).count() >= 2
}

fn links(links: &[LegalLink], place: &SettingPath, report: &mut ProblemReport) {
    if links.len() > MOST_LINKS {
        report.problem(place, format!("has more than {MOST_LINKS} links"));
    }
    for (index, link) in links.iter().enumerate() {
        let at = place.item(index);
        if link.label.trim().is_empty() {
            report.problem(&at.key("label"), "is empty; give the text of the link, such as \"Privacy\"");
        }
        longest(&link.label, LONGEST_NAME, &at.key("label"), report);
        if let Err(message) = uri::secure_page(&link.url) {
            report.problem(&at.key("url"), message);
        }
    }
}
