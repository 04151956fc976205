//! Shows once what an action has done, on the page to which it leads. The notice comes by a cookie that is bound to
//! the session and to the address of that page: no link can make one up, and loading the page again repeats none.

use aws_lc_rs::constant_time::verify_slices_are_equal;
use axum::response::Response;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use super::fields::Fields;
use super::problem::ForScripts;
use crate::domain::admin::AdminSession;
use crate::domain::{MINUTE, Millis};
use crate::flow::admin::session::notice_mark;
use crate::web::cookies::{self, Cookie};
use crate::web::reply::see_other;
use crate::web::request::PageRequest;
use crate::web::state::Web;

/// For how long a notice waits for its page.
const LIFETIME: Millis = MINUTE;

/// The length of the mark, in characters.
const MARK: usize = 64;

/// What a page shows next.
#[derive(Clone)]
struct Notice {
    page: String,
    content: String,
}

/// Leads to a page, which shows these fields once.
pub(super) fn noticed(page: &str, fields: &[(&str, impl AsRef<str>)]) -> Response {
    let content = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
    let mut response = see_other(page);
    response.extensions_mut().insert(Notice { page: page.to_owned(), content });
    response
}

/// Leads to a page that says whether something was saved.
pub(super) fn saved(page: &str, changed: bool) -> Response {
    let mut response = noticed(page, &[("saved", if changed { "yes" } else { "no" })]);
    response.extensions_mut().insert(ForScripts::Shown(json!({ "changed": changed })));
    response
}

/// Hands the notice of an action to the browser that has sent it.
pub(super) struct Delivery {
    web: Web,
    session: AdminSession,
}

impl Delivery {
    /// To the browser of this session.
    pub(super) fn to(web: &Web, session: &AdminSession) -> Self {
        Self { web: web.clone(), session: session.clone() }
    }

    /// The response with the cookie, if it has a notice.
    pub(super) fn made(&self, mut response: Response) -> Response {
        if let Some(Notice { page, content }) = response.extensions_mut().remove::<Notice>() {
            let mark = notice_mark(&self.web.parts, &self.session, &page, &content);
            let value = format!("{mark}{}", URL_SAFE_NO_PAD.encode(content));
            cookies::keep(response.headers_mut(), &self.web.surface, Cookie::Notice, &value, LIFETIME);
        }
        response
    }
}

/// What an action of this session has left for the page at this address.
pub(super) fn left_for(request: &PageRequest, session: &AdminSession, page: &str) -> Fields {
    let held = cookies::read(&request.headers, &request.web.surface, Cookie::Notice);
    held.and_then(|value| opened(&request.web, session, page, &value)).unwrap_or_default()
}

fn opened(web: &Web, session: &AdminSession, page: &str, value: &str) -> Option<Fields> {
    let (sent, content) = value.split_at_checked(MARK)?;
    let content = String::from_utf8(URL_SAFE_NO_PAD.decode(content).ok()?).ok()?;
    let mark = notice_mark(&web.parts, session, page, &content);
    verify_slices_are_equal(sent.as_bytes(), mark.as_bytes()).ok()?;
    Fields::parse(content.as_bytes()).ok()
}

/// The response of a page that has shown this notice.
pub(super) fn shown(web: &Web, notice: &Fields, mut response: Response) -> Response {
    if !notice.is_empty() {
        cookies::clear(response.headers_mut(), &web.surface, Cookie::Notice);
    }
    response
}
