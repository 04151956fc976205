//! Applications: the list, and one with what has to be pasted into it.

use std::borrow::Cow;

use askama::Template;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::Millis;
use crate::domain::client::Client;
use crate::oidc::discovery::path;
use crate::web::admin::address::{APPLICATION_EDIT, application_url, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// What the page of a client says above.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum ApplicationNotice {
    Added,
    NewSecret,
    OldEnded,
    /// A third secret would shut it out.
    OldStillAccepted,
    /// The number of hours is none.
    WrongOverlap,
    /// Somebody else has saved.
    Stale,
}

/// A client in the list.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::admin) struct ApplicationRow {
    #[serde(flatten)]
    pub shown: ShownApplication,
    /// True while two secrets are accepted.
    pub has_old: bool,
    pub second_factor: bool,
}

impl ApplicationRow {
    pub(in crate::web::admin) fn of(client: &Client, now: Millis) -> Self {
        Self {
            shown: ShownApplication::of(client),
            has_old: client.old_secret_hash(now).is_some(),
            second_factor: client.require_second_factor,
        }
    }
}

/// What pages show of a client: never a digest of a secret.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(in crate::web::admin) struct ShownApplication {
    #[serde(rename = "client_id")]
    pub id: String,
    pub name: String,
    pub is_public: bool,
    pub redirect_uris: Vec<String>,
    pub scope: String,
}

impl ShownApplication {
    pub(in crate::web::admin) fn of(client: &Client) -> Self {
        Self {
            id: client.client_id.clone(),
            name: client.shown_name().to_owned(),
            is_public: client.is_public(),
            redirect_uris: client.redirect_uris.clone(),
            scope: client.scope.clone(),
        }
    }

    fn url(&self) -> String {
        application_url(&self.id)
    }
}

/// All clients.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/applications.html")]
pub(in crate::web::admin) struct ApplicationsPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub can_edit: bool,
    pub rows: Vec<ApplicationRow>,
    /// The id of one that was just removed; empty if none was.
    pub removed: String,
}

/// One client.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/application.html")]
pub(in crate::web::admin) struct ApplicationPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub can_edit: bool,
    pub issuer: String,
    pub shown: ShownApplication,
    pub generation: i64,
    pub old_until: Option<Millis>,
    pub old_used_at: Option<Millis>,
    /// Only in the response to the form that has made it.
    pub secret: Option<String>,
    pub notice: Option<ApplicationNotice>,
    /// The tokens of the forms: a new secret, the end of the old one, the end of the client.
    pub tokens: [String; 3],
}

impl ApplicationPage {
    /// What has to be pasted, by the key of its label.
    fn values(&self) -> Vec<(&'static str, String)> {
        let at = |path: &str| format!("{}{path}", self.issuer);
        vec![
            ("application-issuer", self.issuer.clone()),
            ("application-id", self.shown.id.clone()),
            ("application-discovery", at(path::CONFIGURATION)),
            ("application-authorize", at(path::AUTHORIZE)),
            ("application-token", at(path::TOKEN)),
            ("application-userinfo", at(path::USERINFO)),
            ("application-jwks", at(path::JWKS)),
            ("application-logout", at(path::LOGOUT)),
        ]
    }

    fn notice_key(&self) -> &'static str {
        match self.notice {
            Some(ApplicationNotice::Added) | None => "application-added",
            Some(ApplicationNotice::NewSecret) => "application-new-secret",
            Some(ApplicationNotice::OldEnded) => "application-old-ended",
            Some(ApplicationNotice::OldStillAccepted) => "application-old-accepted",
            Some(ApplicationNotice::WrongOverlap) => "application-wrong-overlap",
            Some(ApplicationNotice::Stale) => "application-stale",
        }
    }

    fn notice_kind(&self) -> &'static str {
        match self.notice {
            Some(ApplicationNotice::OldStillAccepted | ApplicationNotice::Stale) => "warn",
            Some(ApplicationNotice::WrongOverlap) => "trouble",
            _ => "good",
        }
    }

    fn notice_title(&self) -> Cow<'static, str> {
        self.language.text(self.notice_key())
    }

    fn notice_text(&self) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", self.notice_key()))
    }

    fn edit_url(&self) -> String {
        with_query(APPLICATION_EDIT, &[("entry", &self.shown.id)])
    }
}
