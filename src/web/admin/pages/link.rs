//! The page of a break-glass link.

use askama::Template;

use crate::web::pages::Language;

/// Asks before the link is used. The form posts `t` to `/admin/link`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/link.html")]
pub(in crate::web::admin) struct LinkPage {
    pub language: Language,
    pub token: String,
}
