//! Samples of pages with a company's branding.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;

use super::{MARKUP, Sample, known, sign_in_page};
use crate::domain::settings::{Branding, Help, LegalLink, Settings};
use crate::web::brand::Brand;
use crate::web::pages::{ErrorKind, ErrorPage, SignIn};

const LOGO: &str = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 96 40\"><rect width=\"96\" height=\"40\" \
     rx=\"8\" fill=\"#8a1538\"/><circle cx=\"24\" cy=\"20\" r=\"10\" fill=\"#ffffff\"/></svg>";

/// The look of these samples.
pub(in crate::web::pages) fn brand() -> Brand {
    brand_of("Example Files", "Example Corp")
}

fn brand_of(product: &str, company: &str) -> Brand {
    let help = |language: &str, text: &str| Help {
        language: language.into(),
        text: text.into(),
        url: "https://help.corp.example.com/sign-in".into(),
        email: "helpdesk@corp.example.com".into(),
        phone: "+49 30 1234-100".into(),
    };
    let link = |language: &str, label: &str| LegalLink {
        language: language.into(),
        label: label.into(),
        url: "https://corp.example.com/legal".into(),
    };
    let links = [("en", "Privacy"), ("en", "Imprint"), ("de", "Datenschutz"), ("de", "Impressum")];
    let branding = Branding {
        product_name: product.into(),
        company_name: company.into(),
        logo: BASE64_STANDARD.encode(LOGO),
        accent_color: "#8a1538".into(),
        help: vec![help("en", "the IT help desk"), help("de", "der Helpdesk")],
        legal_links: links.map(|(language, label)| link(language, label)).into(),
        ..Branding::default()
    };
    Brand::of(&Settings { branding, ..Settings::default() })
}

pub(super) fn all() -> Vec<Sample> {
    let known = SignIn { known_person: known("Alice Example"), ..sign_in_page() };
    vec![
        sign_in("sign-in-branded", brand(), sign_in_page()),
        sign_in("sign-in-branded-known", brand(), known),
        sign_in("hostile-markup-branded", brand_of(MARKUP, MARKUP), sign_in_page()),
        error("error-branded", brand()),
    ]
}

fn sign_in(name: &str, brand: Brand, page: SignIn) -> Sample {
    Sample::new(name, "sign-in.html", move |language| brand.look.draw(&SignIn { language, ..page.clone() }))
}

fn error(name: &str, brand: Brand) -> Sample {
    Sample::new(name, "error.html", move |language| {
        brand.look.draw(&ErrorPage {
            language,
            kind: ErrorKind::DirectoryUnavailable,
            attempt_id: Some(super::ATTEMPT.into()),
            return_to: None,
            help_contact: super::HELP.into(),
            known_person: None,
            resume_at: None,
        })
    })
}
