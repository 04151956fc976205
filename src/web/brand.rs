//! Builds the look of the pages from the current settings: names, the company's logo, and a style sheet with
//! its colour. Both files are named by their content hash, like our own assets.

use std::sync::Arc;

use arc_swap::ArcSwap;
use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

use super::assets::{IMMUTABLE, PREFIX};
use super::pages::Look;
use crate::domain::colour::{Accent, Colour, Scheme};
use crate::domain::picture::LogoFormat;
use crate::domain::settings::{Branding, Settings};
use crate::flow::installation::current::Current;

/// An SVG may contain scripts and links. An `<img>` runs none; this header stops them in a file opened
/// directly.
const PICTURE_POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; sandbox";

/// The look of the pages under one version of the settings.
#[derive(Debug, Default)]
pub struct Brand {
    pub look: Look,
    files: Vec<BrandFile>,
}

/// A file of the company: the logo or the style sheet.
#[derive(Debug)]
pub struct BrandFile {
    /// Last part of its URL.
    pub name: String,
    content_type: &'static str,
    pub body: Vec<u8>,
}

impl BrandFile {
    fn new(stem: &str, ending: &str, content_type: &'static str, body: Vec<u8>) -> Self {
        let hash = hex::encode(digest(&SHA256, &body));
        Self { name: format!("{stem}.{}.{ending}", &hash[..12]), content_type, body }
    }

    /// Its URL, once it is saved.
    pub fn url(&self) -> String {
        format!("{PREFIX}{}", self.name)
    }

    /// Its `Content-Type`.
    pub fn kind(&self) -> &'static str {
        self.content_type
    }
}

impl Brand {
    /// Settings are checked before they are stored; a part that is unusable anyway is left out.
    #[must_use]
    pub fn of(settings: &Settings) -> Self {
        let (logo, sheet) = (logo(&settings.branding), sheet(&settings.branding));
        let mut look = Look::of(settings);
        if let Some(logo) = &logo {
            (look.logo, look.logo_type) = (logo.url(), logo.content_type);
        }
        if let Some(sheet) = &sheet {
            look.sheet = sheet.url();
        }
        Self { look, files: logo.into_iter().chain(sheet).collect() }
    }

    /// Its files.
    #[must_use]
    pub fn files(&self) -> &[BrandFile] {
        &self.files
    }

    /// The file with this name, as a response.
    #[must_use]
    pub fn serve(&self, name: &str) -> Option<Response> {
        let file = self.files.iter().find(|file| file.name == name)?;
        let headers: [(HeaderName, &str); 4] = [
            (CONTENT_TYPE, file.content_type),
            (CACHE_CONTROL, IMMUTABLE),
            (X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (CONTENT_SECURITY_POLICY, PICTURE_POLICY),
        ];
        Some((headers, file.body.clone()).into_response())
    }
}

fn logo(branding: &Branding) -> Option<BrandFile> {
    let bytes = branding.logo_bytes()??;
    let kind = LogoFormat::of(&bytes).ok()?;
    Some(BrandFile::new("brand", kind.ending(), kind.content_type(), bytes))
}

/// The accent colour for both schemes. Without one for dark pages, the nearest shade readable on them.
fn sheet(branding: &Branding) -> Option<BrandFile> {
    let light = Colour::parse(&branding.accent_color)?;
    let dark = Colour::parse(&branding.accent_color_dark).unwrap_or(light);
    let shades = |scheme: Scheme, colour| css_variables(scheme.accent(scheme.readable(colour)));
    let (light, dark) = (shades(Scheme::Light, light), shades(Scheme::Dark, dark));
    let text = format!(":root {{ {light} }}\n@media (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}\n");
    Some(BrandFile::new("brand", "css", "text/css; charset=utf-8", text.into_bytes()))
}

fn css_variables(accent: Accent) -> String {
    let Accent { plain, strong, wash, on } = accent;
    format!(
        "--accent: {plain}; --accent-strong: {strong}; --accent-wash: {wash}; --glow: {wash}; --on-accent: {on};"
    )
}

/// The brand of the current settings, built once for each version of them.
#[derive(Debug, Default)]
pub struct Brands {
    held: ArcSwap<(i64, Arc<Brand>)>,
}

impl Brands {
    /// The brand of these settings.
    #[must_use]
    pub fn of(&self, current: &Current) -> Arc<Brand> {
        let held = self.held.load();
        if held.0 == current.generation {
            return Arc::clone(&held.1);
        }
        let brand = Arc::new(Brand::of(&current.settings));
        self.held.store(Arc::new((current.generation, Arc::clone(&brand))));
        brand
    }
}

#[cfg(test)]
mod tests {
    use base64::Engine;
    use base64::prelude::BASE64_STANDARD;

    use super::*;

    const HOSTILE: &str =
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"><script>alert(1)</script></svg>";

    fn brand(accent: &str, dark: &str) -> Brand {
        let branding = Branding {
            logo: BASE64_STANDARD.encode(HOSTILE),
            accent_color: accent.into(),
            accent_color_dark: dark.into(),
            ..Branding::default()
        };
        Brand::of(&Settings { branding, ..Settings::default() })
    }

    #[test]
    fn a_hostile_picture_is_served_where_it_can_do_nothing() {
        let brand = brand("", "");
        let name = brand.look.logo.strip_prefix(PREFIX).expect("ours");
        let response = brand.serve(name).expect("it is there");
        let header = |name| response.headers()[name].to_str().expect("text").to_owned();
        assert_eq!(header(CONTENT_TYPE), "image/svg+xml");
        assert_eq!(header(X_CONTENT_TYPE_OPTIONS), "nosniff");
        assert_eq!(header(CONTENT_SECURITY_POLICY), PICTURE_POLICY);
        assert!(brand.serve("brand.svg").is_none() && brand.look.sheet.is_empty());
    }

    #[test]
    fn the_sheet_has_both_schemes_and_a_shade_of_its_own_for_the_dark() {
        let sheet = |accent, dark| {
            let brand = brand(accent, dark);
            let file = brand.files().iter().find(|file| brand.look.sheet.ends_with(&file.name));
            String::from_utf8(file.expect("a sheet").body.clone()).expect("text")
        };
        let one = sheet("#8a1538", "");
        let (light, dark) = one.split_once("@media").expect("two schemes");
        assert!(light.contains("--accent: #8a1538;") && !dark.contains("#8a1538"), "{one}");
        assert!(sheet("#8a1538", "#ffb3c7").contains("--accent: #ffb3c7;"));
    }
}
