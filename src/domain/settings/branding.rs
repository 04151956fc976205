//! Branding: product name, company name, logo, colours, help contacts and links.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

/// The look of the pages.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Branding {
    /// What people sign in to.
    pub product_name: String,
    pub company_name: String,
    /// PNG or SVG, in base64; empty: the default logo.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub logo: String,
    /// A file to read `logo` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub logo_file: Option<String>,
    /// Links and buttons on a light page, `#rrggbb`; empty: the default.
    pub accent_color: String,
    /// The same on a dark page; empty: a lighter shade of `accent_color`.
    pub accent_color_dark: String,
    /// Help contacts, one per language.
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
    /// The decoded logo; the inner value is `None` if the text is not base64.
    #[must_use]
    pub fn logo_bytes(&self) -> Option<Option<Vec<u8>>> {
        let text: String = self.logo.split_whitespace().collect();
        (!text.is_empty()).then(|| BASE64_STANDARD.decode(text).ok())
    }
}

/// A help contact in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Help {
    /// `en` or `de`.
    pub language: String,
    /// In the company's own words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub text: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub url: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub email: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub phone: String,
}

/// A link at the foot of each page, in one language.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LegalLink {
    /// `en` or `de`.
    pub language: String,
    pub label: String,
    /// An https URL.
    pub url: String,
}
