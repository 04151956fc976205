//! What the frame of a preview shows instead, if what was typed can't be used.

use askama::Template;

use crate::web::pages::Language;

/// The problems, each with its place.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/preview-problems.html")]
pub(in crate::web::admin) struct PreviewProblems {
    pub language: Language,
    pub lines: Vec<String>,
}
