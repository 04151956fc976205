//! The manual's question "Connection test fails": tests what is stored, and says what each stage needs.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::configure::tested;
use super::form::{DIRECTORY, TypedDirectory};
use super::{CONNECTION_TROUBLE, expired};
use crate::domain::admin::Capability;
use crate::flow::admin::connection_test::TestOrder;
use crate::flow::admin::directory::NamedDirectory;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::ConnectionTroublePage;
use crate::web::admin::permission::{SeeHealth, TestConnection};
use crate::web::admin::view::{NoView, PanelView};
use crate::web::reply::html;

/// The directories whose connection can be tested.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectionTroubleView {
    directories: Vec<NamedDirectory>,
}

/// `GET /admin/troubleshooting/connection-test-fails`.
impl PanelView for ConnectionTroubleView {
    type Needs = SeeHealth;

    async fn read(admin: &Admin<SeeHealth>) -> Result<Self, NoView> {
        let stored = settings::stored(&admin.request.web.panel).await?;
        Ok(Self { directories: stored.settings.directories.iter().map(NamedDirectory::from).collect() })
    }

    fn draw(self, admin: &Admin<SeeHealth>, frame: AdminFrame) -> Response {
        let token = admin.token_for(Capability::TestConnection, CONNECTION_TROUBLE);
        html(&ConnectionTroublePage { language: frame.language, frame, token, directories: self.directories })
    }
}

/// `POST /admin/troubleshooting/connection-test-fails`: tests a directory as it is stored.
pub(super) async fn test(form: AdminForm<TestConnection>) -> Response {
    let response = begun(&form).await;
    form.admin.answer(response)
}

async fn begun(form: &AdminForm<TestConnection>) -> Result<Response, Fault> {
    let admin = &form.admin;
    let stored = settings::stored(&admin.request.web.panel).await?;
    let wanted = form.fields.text(DIRECTORY);
    let found = stored.settings.directories.iter().find(|one| one.id.0 == wanted).cloned();
    let Some(directory) = found else { return Ok(expired(admin)) };
    let typed = TypedDirectory::of(&directory, stored.generation);
    tested(admin, &stored.settings, &typed, |draft| TestOrder {
        draft,
        directory,
        password: None,
        save: None,
    })
    .await
}
