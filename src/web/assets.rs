//! The style sheet, the logo and the scripts, which are built into the binary.
//!
//! A file name contains a hash of the content, so that a browser may cache it forever and never mixes
//! releases. Only these files are served, so no path can escape a directory.

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::HeaderName;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE, X_CONTENT_TYPE_OPTIONS};
use axum::response::{IntoResponse, Response};

/// Path below which the assets are served.
pub const PREFIX: &str = "/assets/";

pub(super) const IMMUTABLE: &str = "public, max-age=31536000, immutable";

/// One file that pages refer to.
#[derive(Debug)]
pub struct Asset {
    stem: &'static str,
    /// Path that pages use: prefix, stem, content hash, extension.
    pub url: String,
    pub content_type: &'static str,
    pub body: &'static [u8],
}

impl Asset {
    fn new(stem: &'static str, ending: &str, content_type: &'static str, body: &'static [u8]) -> Self {
        let hash = hex::encode(digest(&SHA256, body));
        Self { stem, url: format!("{PREFIX}{stem}.{}.{ending}", &hash[..12]), content_type, body }
    }

    /// The last part of [`Asset::url`].
    #[must_use]
    pub fn name(&self) -> &str {
        &self.url[PREFIX.len()..]
    }
}

static ASSETS: LazyLock<[Asset; 7]> = LazyLock::new(|| {
    [
        Asset::new(
            "style",
            "css",
            "text/css; charset=utf-8",
            include_bytes!("../../templates/assets/style.css"),
        ),
        Asset::new(
            "admin",
            "css",
            "text/css; charset=utf-8",
            include_bytes!("../../templates/assets/admin.css"),
        ),
        Asset::new(
            "panel",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../templates/assets/admin.js"),
        ),
        Asset::new("logo", "svg", "image/svg+xml", include_bytes!("../../templates/assets/logo.svg")),
        Asset::new(
            "form-post",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../templates/assets/form-post.js"),
        ),
        Asset::new(
            "sheet",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../templates/assets/sheet.js"),
        ),
        Asset::new(
            "password",
            "js",
            "text/javascript; charset=utf-8",
            include_bytes!("../../templates/assets/password.js"),
        ),
    ]
});

/// Every asset.
#[must_use]
pub fn all() -> &'static [Asset] {
    &*ASSETS
}

/// URL of the asset with this stem (`style`, `admin`, `panel`, `logo`, `form-post`, `sheet`, `password`); empty if unknown.
#[must_use]
pub fn url(stem: &str) -> &'static str {
    all().iter().find(|asset| asset.stem == stem).map_or("", |asset| asset.url.as_str())
}

/// The response with an asset; `None` if there is none of this name.
pub fn built_in(name: &str) -> Option<Response> {
    let asset = all().iter().find(|asset| asset.name() == name)?;
    let headers: [(HeaderName, &str); 3] =
        [(CONTENT_TYPE, asset.content_type), (CACHE_CONTROL, IMMUTABLE), (X_CONTENT_TYPE_OPTIONS, "nosniff")];
    Some((headers, asset.body).into_response())
}

#[cfg(test)]
mod tests {
    use axum::http::StatusCode;

    use super::*;

    #[test]
    fn a_hashed_asset_may_be_cached_forever() {
        let response = built_in(all()[0].name()).expect("it is there");
        assert_eq!(response.status(), StatusCode::OK);
        assert_eq!(response.headers()[CACHE_CONTROL], IMMUTABLE);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/css; charset=utf-8");
    }

    #[test]
    fn nothing_else_is_served() {
        for name in ["style.css", "", "../pages/home.html", "style.000000000000.css"] {
            assert!(built_in(name).is_none(), "{name}");
        }
    }

    #[test]
    fn a_stem_finds_its_url_and_an_unknown_one_nothing() {
        assert!(url("style").starts_with("/assets/style.") && url("style").ends_with(".css"));
        assert_eq!(url("nothing"), "");
    }

    /// A `<style>`, a script or an external address inside the picture would violate the page's policy.
    #[test]
    fn the_logo_is_only_shapes() {
        let logo = include_str!("../../templates/assets/logo.svg");
        for banned in ["<style", "style=", "<script", "href="] {
            assert!(!logo.contains(banned), "{banned}");
        }
    }

    /// A page of the panel loads it before anything else happens by it.
    #[test]
    fn the_script_of_the_panel_is_small() {
        let script = all().iter().find(|asset| asset.stem == "panel").expect("it is there");
        assert!(script.body.len() < 15 * 1024, "{} bytes", script.body.len());
    }
}
