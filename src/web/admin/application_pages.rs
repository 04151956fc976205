//! The pages of applications: all of them, and one with what has to be pasted into it.

use axum::response::Response;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::access::Admin;
use super::address::{APPLICATION_END_OLD, APPLICATION_REMOVE, APPLICATION_ROTATE};
use super::form::ENTRY;
use super::frame::AdminFrame;
use super::pages::{ApplicationNotice, ApplicationPage, ApplicationRow, ApplicationsPage, ShownApplication};
use super::permission::{Permission, SeeSettings};
use super::problem::shown_once;
use super::view::{NoView, PanelView};
use crate::domain::Millis;
use crate::domain::admin::Capability;
use crate::domain::secret::Plain;
use crate::domain::settings::Settings;
use crate::flow::admin::clients::{self, ClientView};
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::reply::html;

/// All applications.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationsView {
    /// To be sent back by what changes them.
    version: i64,
    applications: Vec<ApplicationRow>,
}

/// `GET .../applications`.
impl PanelView for ApplicationsView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let stored = settings::stored(&admin.request.web.panel).await?;
        Ok(Self { version: stored.generation, applications: rows_of(admin, &stored.settings) })
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        html(&list_page(admin, frame, self.applications))
    }
}

async fn rows<C: Permission>(admin: &Admin<C>) -> Result<Vec<ApplicationRow>, Fault> {
    Ok(rows_of(admin, &settings::stored(&admin.request.web.panel).await?.settings))
}

fn rows_of<C: Permission>(admin: &Admin<C>, settings: &Settings) -> Vec<ApplicationRow> {
    let now = admin.request.web.parts.now();
    settings.clients.iter().map(|client| ApplicationRow::of(client, now)).collect()
}

fn list_page<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    rows: Vec<ApplicationRow>,
) -> ApplicationsPage {
    ApplicationsPage {
        language: frame.language,
        can_edit: frame.role.can(Capability::EditClients),
        frame,
        rows,
        removed: admin.notice.text("removed").to_owned(),
    }
}

/// One application.
#[derive(Serialize, ToSchema)]
pub(super) struct ApplicationView {
    application: Option<ShownApplication>,
    /// To be sent back by what changes it.
    version: Option<i64>,
    /// Until when the secret before is accepted, in milliseconds since 1970.
    old_secret_until: Option<Millis>,
    #[serde(skip)]
    view: Option<ClientView>,
    /// Without such a client, the list.
    #[serde(skip)]
    rows: Vec<ApplicationRow>,
}

/// `GET .../applications/application?entry=ID`.
impl PanelView for ApplicationView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let view = clients::client(&admin.request.web.panel, admin.query.text(ENTRY)).await?;
        let rows = match &view {
            Some(_) => Vec::new(),
            None if admin.checked.is_script() => return Err(NoView::Missing),
            None => rows(admin).await?,
        };
        Ok(Self {
            application: view.as_ref().map(|view| ShownApplication::of(&view.client)),
            version: view.as_ref().map(|view| view.generation),
            old_secret_until: view.as_ref().and_then(|view| view.old_until),
            view,
            rows,
        })
    }

    fn version(&self) -> Option<i64> {
        self.version
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let notice = (admin.notice.text("notice") == "ended").then_some(ApplicationNotice::OldEnded);
        match self.view {
            Some(view) => one_page(admin, frame, view, notice, None),
            None => html(&list_page(admin, frame, self.rows)),
        }
    }
}

/// The page of a client; with its secret, if it was just made.
pub(super) async fn show<C: Permission>(
    admin: &Admin<C>,
    id: &str,
    notice: Option<ApplicationNotice>,
    secret: Option<Plain>,
) -> Result<Response, Fault> {
    let (view, frame) = (clients::client(&admin.request.web.panel, id).await?, admin.frame().await?);
    Ok(match view {
        Some(view) => one_page(admin, frame, view, notice, secret),
        None => html(&list_page(admin, frame, rows(admin).await?)),
    })
}

fn one_page<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    view: ClientView,
    notice: Option<ApplicationNotice>,
    secret: Option<Plain>,
) -> Response {
    let web = &admin.request.web;
    let token = |path: &str| form_token(&web.parts, &admin.checked.session, path);
    let ClientView { client, generation, old_until, old_used_at } = view;
    let page = ApplicationPage {
        language: frame.language,
        can_edit: frame.role.can(Capability::EditClients),
        frame,
        issuer: web.parts.issuer.to_string(),
        shown: ShownApplication::of(&client),
        generation,
        old_until,
        old_used_at,
        secret: secret.as_ref().map(|secret| secret.expose().to_owned()),
        notice,
        tokens: [APPLICATION_ROTATE, APPLICATION_END_OLD, APPLICATION_REMOVE].map(token),
    };
    match secret {
        Some(secret) => {
            shown_once(&page, json!({ "client_id": client.client_id, "client_secret": secret.expose() }))
        }
        None => html(&page),
    }
}
