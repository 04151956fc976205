//! How the pages look and whom they name: the company's own words, picture and colour.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

/// The look of the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Branding {
    /// What people sign in to, as they call it.
    pub product_name: String,
    /// Whose it is; empty: not said.
    pub company_name: String,
    /// The logo, PNG or SVG, in base64; empty: ours.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub logo: String,
    /// A file to read `logo` from, on its way in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_file: Option<String>,
    /// Links and buttons on a light page, `#rrggbb`; empty: ours.
    pub accent_color: String,
    /// The same on a dark page; empty: a lighter shade of `accent_color`.
    pub accent_color_dark: String,
    /// Whom to ask, one entry a language.
    pub help: Vec<Help>,
    /// Links at the foot of each page.
    pub legal_links: Vec<LegalLink>,
}

impl Default for Branding {
    fn default() -> Self {
        Self {
            product_name: "CloudSync".to_owned(),
            company_name: String::new(),
            logo: String::new(),
            logo_file: None,
            accent_color: String::new(),
            accent_color_dark: String::new(),
            help: Vec::new(),
            legal_links: Vec::new(),
        }
    }
}

impl Branding {
    /// The picture; the inner value is `None` for a text that is not base64.
    #[must_use]
    pub fn logo_bytes(&self) -> Option<Option<Vec<u8>>> {
        let text: String = self.logo.split_whitespace().collect();
        (!text.is_empty()).then(|| BASE64_STANDARD.decode(text).ok())
    }
}

/// Whom to ask, in one language, and how to reach them.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Help {
    /// `en` or `de`.
    pub language: String,
    /// In the company's own words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    /// A page.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    /// An email address.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    /// A telephone number.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// A link at the foot of each page, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LegalLink {
    /// `en` or `de`.
    pub language: String,
    /// What it is called.
    pub label: String,
    /// Where it leads; https.
    pub url: String,
}
