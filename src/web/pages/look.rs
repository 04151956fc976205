//! The company's branding: names, logo, colour, help contact, footer links. It is the same on all pages, so
//! it is not part of their contexts: templates read it as `"look"|value::<Look>`.

use super::{HtmlPage, Language};
use crate::domain::settings::{Help, LegalLink, Settings};
use crate::web::assets;

/// The look of every page.
#[derive(Clone, Debug)]
pub struct Look {
    /// The product that people sign in to.
    pub product: String,
    /// The company; empty if not set.
    pub company: String,
    /// Address of the logo.
    pub logo: String,
    /// `Content-Type` of the logo.
    pub logo_type: &'static str,
    /// Address of the style sheet with the company's colour; empty: ours is used.
    pub sheet: String,
    helps: Vec<(Language, Help)>,
    links: Vec<LegalLink>,
}

impl Default for Look {
    fn default() -> Self {
        Self::of(&Settings::default())
    }
}

impl Look {
    /// The look of these settings, with our own logo and colour.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let help = |language: Language| Some((language, settings.help(language.tag())?.clone()));
        Self {
            product: settings.branding.product_name.clone(),
            company: settings.branding.company_name.clone(),
            logo: assets::url("logo").to_owned(),
            logo_type: "image/svg+xml",
            sheet: String::new(),
            helps: Language::ALL.into_iter().filter_map(help).collect(),
            links: settings.branding.legal_links.clone(),
        }
    }

    /// The help contact, with what becomes a link.
    #[must_use]
    pub fn help(&self, language: Language) -> Option<&Help> {
        self.helps.iter().find(|(of, _)| *of == language).map(|(_, help)| help)
    }

    /// The footer links of this language or, if it has none, of the first language that has.
    #[must_use]
    pub fn links(&self, language: Language) -> Vec<&LegalLink> {
        let of = |tag: &str| self.links.iter().filter(|link| link.language == tag).collect::<Vec<_>>();
        let own = of(language.tag());
        match self.links.first() {
            Some(first) if own.is_empty() => of(&first.language),
            _ => own,
        }
    }

    /// The part of a title that follows the client's name, without repeating that name.
    #[must_use]
    pub fn title_suffix(&self, client: &str) -> String {
        let name = if client.contains(&self.product) { &self.company } else { &self.product };
        if name.is_empty() { String::new() } else { format!(" · {name}") }
    }

    /// Product and company, for printed recovery codes.
    #[must_use]
    pub fn names(&self) -> String {
        match self.company.as_str() {
            "" => self.product.clone(),
            company => format!("{}, {company}", self.product),
        }
    }

    /// Renders a page in this look.
    #[must_use]
    pub fn draw(&self, page: &impl HtmlPage) -> String {
        page.html_in(self)
    }
}

/// The links of a help contact: address and label.
pub(in crate::web) fn links_of(help: &Help) -> Vec<(String, String)> {
    let digits: String = help.phone.chars().filter(|c| c.is_ascii_digit() || *c == '+').collect();
    let shown = help.url.split_once("://").map_or(help.url.as_str(), |(_, rest)| rest);
    let all = [
        (help.url.clone(), shown.trim_end_matches('/')),
        (format!("mailto:{}", help.email), help.email.as_str()),
        (format!("tel:{digits}"), help.phone.as_str()),
    ];
    let set = all.into_iter().filter(|(_, words)| !words.is_empty());
    set.map(|(address, words)| (address, words.to_owned())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::settings::Branding;
    use crate::web::pages::{Home, SignIn};

    fn settings() -> Settings {
        let link = |language: &str, label: &str| LegalLink {
            language: language.into(),
            label: label.into(),
            url: "https://corp.example/legal".into(),
        };
        let help = Help {
            language: "de".into(),
            text: "Helpdesk".into(),
            url: "https://help.corp.example/".into(),
            email: "help@corp.example".into(),
            phone: "+49 (30) 12-34".into(),
        };
        let branding = Branding {
            product_name: "Files".into(),
            company_name: "Corp & Sons".into(),
            help: vec![help],
            legal_links: vec![link("en", "Privacy"), link("de", "Datenschutz"), link("de", "Impressum")],
            ..Branding::default()
        };
        Settings { branding, ..Settings::default() }
    }

    fn sign_in(language: Language, client: &str) -> SignIn {
        let help_contact = settings().help_contact(language.tag());
        SignIn { language, client_name: client.into(), help_contact, ..SignIn::default() }
    }

    #[test]
    fn names_links_and_help_are_on_every_page() {
        let look = Look::of(&settings());
        let html = look.draw(&sign_in(Language::German, "Mail"));
        for part in [
            "<title>Bei Mail anmelden · Files</title>",
            "Corp &#38; Sons",
            "Datenschutz</a>",
            "Impressum</a>",
            "href=\"https://help.corp.example/\"",
            "href=\"mailto:help@corp.example\"",
            "href=\"tel:+493012",
            "help.corp.example</a>",
        ] {
            assert!(html.contains(part), "{part}: {html}");
        }
        assert!(!html.contains("Privacy") && !html.contains("CloudSync"), "{html}");
        assert!(look.draw(&Home::default()).contains("sign in to Files"));
    }

    #[test]
    fn a_title_has_no_name_twice() {
        let title = |look: &Look, client: &str| {
            let html = look.draw(&sign_in(Language::English, client));
            html.split("<title>").nth(1).and_then(|rest| rest.split("</title>").next()).map(str::to_owned)
        };
        assert_eq!(title(&Look::default(), "CloudSync").as_deref(), Some("Sign in to CloudSync"));
        assert_eq!(title(&Look::default(), "Mail").as_deref(), Some("Sign in to Mail · CloudSync"));
        let branded = Look::of(&settings());
        assert_eq!(title(&branded, "Files").as_deref(), Some("Sign in to Files · Corp &#38; Sons"));
    }

    #[test]
    fn a_language_without_help_has_the_old_contact_or_that_of_another_language() {
        let mut settings = settings();
        assert_eq!(settings.help("en").map(|help| help.text.as_str()), Some("Helpdesk"));
        settings.sso.help_contact = "extension 100".into();
        assert_eq!((settings.help("en"), settings.help_contact("en").as_str()), (None, "extension 100"));
        assert!(settings.help_contact("de").starts_with("Helpdesk, "));
        let html = Look::of(&settings).draw(&sign_in(Language::English, "Files"));
        assert!(!html.contains("mailto:"), "{html}");
    }
}
