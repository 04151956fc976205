//! What a service has, compared with what it should have: ordered on its page, and the result while it comes.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::watch;
use crate::domain::Millis;
use crate::flow::admin::service_comparison::{self, ComparisonOrder, ServiceComparison};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::admin::settings;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::{Admin, AdminForm};
use crate::web::admin::address::{SERVICE_COMPARISON, SERVICES, service_comparison_path};
use crate::web::admin::form::ENTRY;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::live::LivePart;
use crate::web::admin::pages::{ComparisonPage, ComparisonPart};
use crate::web::admin::permission::RetryDelivery;
use crate::web::admin::problem::{refused, wrong_field};
use crate::web::admin::view::{NoView, PanelView};
use crate::web::pages::Language;
use crate::web::reply::{html, see_other};

/// The field that says what is ordered.
const DO: &str = "do";

/// `POST .../services/compare`.
pub(super) async fn begin(form: AdminForm<RetryDelivery>) -> Response {
    let response = begun(&form).await;
    form.admin.answer(response)
}

async fn begun(form: &AdminForm<RetryDelivery>) -> Result<Response, Fault> {
    let (panel, id) = (&form.admin.request.web.panel, form.fields.text(ENTRY));
    if settings::stored(panel).await?.settings.service(id).is_none() {
        return Ok(refused(see_other(SERVICES), StatusCode::NOT_FOUND, "unknown-service"));
    }
    let order = match form.fields.text(DO) {
        "preview" => ComparisonOrder::Preview,
        "report" => ComparisonOrder::Report,
        "fix" => ComparisonOrder::Fix,
        _ => return Ok(wrong_field(see_other(SERVICES), DO, "send preview, report or fix")),
    };
    let result = service_comparison::begin(panel, &form.admin.checked, id, order).await?;
    Ok(see_other(&service_comparison_path(&result)))
}

/// `GET .../services/comparison/{id}`.
impl PanelView for ServiceComparison {
    type Needs = RetryDelivery;

    async fn read(admin: &Admin<RetryDelivery>) -> Result<Self, NoView> {
        let found = watched(&admin.request.web.parts, &admin.checked, id_in(&admin.path)).await?;
        found.ok_or(NoView::Expired)
    }

    fn draw(self, admin: &Admin<RetryDelivery>, frame: AdminFrame) -> Response {
        let (language, draft) = (frame.language, id_in(&admin.path).to_owned());
        let part = ComparisonPart { language, result: self };
        let refreshes = part.is_running() && admin.query.text("live") != "off";
        html(&ComparisonPage { language, frame, draft, part, refreshes })
    }
}

impl LivePart for ServiceComparison {
    fn is_over(&self) -> bool {
        self.end.is_some()
    }

    fn draw(self, language: Language, _: Millis) -> String {
        ComparisonPart { language, result: self }.render().unwrap_or_default()
    }
}

/// `GET .../services/comparison/{id}/events`.
pub(super) async fn events(admin: Admin<RetryDelivery>) -> Response {
    let id = id_in(admin.path.trim_end_matches("/events")).to_owned();
    let (parts, checked) = (admin.request.web.parts.clone(), admin.checked.clone());
    let read = move || {
        let (parts, checked, id) = (parts.clone(), checked.clone(), id.clone());
        async move { watched(&parts, &checked, &id).await }
    };
    watch::stream(admin, read).await
}

async fn watched(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
) -> Result<Option<ServiceComparison>, Fault> {
    service_comparison::read(parts, admin, id).await
}

/// The id in the address of a result.
fn id_in(path: &str) -> &str {
    path.strip_prefix(SERVICE_COMPARISON.trim_end_matches("{id}")).unwrap_or_default()
}
