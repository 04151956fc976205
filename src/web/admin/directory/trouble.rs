//! The manual's question "Connection test fails": tests what is stored, and says what each stage needs.

use axum::response::Response;

use super::configure::tested;
use super::form::{DIRECTORY, TypedDirectory};
use super::{CONNECTION_TROUBLE, answered, expired};
use crate::domain::admin::Capability;
use crate::flow::admin::connection_test::TestOrder;
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::pages::ConnectionTroublePage;
use crate::web::admin::permission::{SeeHealth, TestConnection};
use crate::web::reply::html;

/// `GET /admin/troubleshooting/connection-test-fails`.
pub(super) async fn page(admin: Admin<SeeHealth>) -> Response {
    let response = draw(&admin).await;
    answered(&admin, response)
}

/// `POST /admin/troubleshooting/connection-test-fails`: tests a directory as it is stored.
pub(super) async fn test(form: AdminForm<TestConnection>) -> Response {
    let response = begun(&form).await;
    answered(&form.admin, response)
}

async fn draw(admin: &Admin<SeeHealth>) -> Result<Response, Fault> {
    let web = &admin.request.web;
    let stored = settings::stored(&web.panel).await?;
    let frame = admin.frame().await?;
    let can_test = admin.checked.session.role.can(Capability::TestConnection);
    Ok(html(&ConnectionTroublePage {
        language: frame.language,
        frame,
        token: can_test.then(|| form_token(&web.parts, &admin.checked.session, CONNECTION_TROUBLE)),
        directories: stored.settings.directories,
    }))
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
