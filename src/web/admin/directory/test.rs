//! The report of a connection test, while it runs and when it has ended.

use askama::Template;
use axum::response::Response;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};
use utoipa::ToSchema;

use super::{CONFIGURE, CONNECTION_TEST, expired};
use crate::domain::Millis;
use crate::flow::admin::connection::{self, ConnectionReport, StageView, TestEnd};
use crate::flow::admin::session::{CheckedAdmin, form_token};
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::Admin;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::live::{self, LivePart};
use crate::web::admin::pages::{ConnectionTestPage, ConnectionTestPart};
use crate::web::admin::permission::TestConnection;
use crate::web::admin::view::{NoView, PanelView};
use crate::web::pages::Language;
use crate::web::reply::html;

/// How often the report is read for an admin who watches it.
const POLL: Duration = Duration::from_millis(500);

/// The report of a test.
#[derive(Serialize, ToSchema)]
pub(super) struct ConnectionTestView {
    /// True if the settings are saved once the test has passed.
    saves: bool,
    stages: Vec<StageView>,
    /// How it ended; `None` while it runs.
    end: Option<TestEnd>,
    #[serde(skip)]
    watched: WatchedTest,
}

/// `GET …/configure/test/{id}`.
impl PanelView for ConnectionTestView {
    type Needs = TestConnection;

    async fn read(admin: &Admin<TestConnection>) -> Result<Self, NoView> {
        let id = admin.path.strip_prefix(CONNECTION_TEST.trim_end_matches("{id}")).unwrap_or_default();
        let found = watched(&admin.request.web.parts, &admin.checked, id).await?;
        let watched = found.ok_or(NoView::Expired)?;
        let report = &watched.report;
        Ok(Self { saves: report.saves, stages: report.stages(), end: report.end.clone(), watched })
    }

    fn draw(self, admin: &Admin<TestConnection>, frame: AdminFrame) -> Response {
        let language = frame.language;
        let part = self.watched.part(language);
        let refreshes = part.is_running() && admin.query.text("live") != "off";
        html(&ConnectionTestPage { language, frame, part, refreshes })
    }
}

/// A report with what its part of the page needs.
#[derive(Clone, PartialEq)]
struct WatchedTest {
    draft: String,
    token: String,
    report: ConnectionReport,
    can_save: bool,
}

impl WatchedTest {
    fn part(self, language: Language) -> ConnectionTestPart {
        let Self { draft, token, report, can_save } = self;
        ConnectionTestPart { language, draft, token, report, can_save }
    }
}

impl LivePart for WatchedTest {
    fn is_over(&self) -> bool {
        self.report.end.is_some()
    }

    fn draw(self, language: Language, _: Millis) -> String {
        self.part(language).render().unwrap_or_default()
    }
}

/// `GET …/configure/test/{id}/events`.
pub(super) async fn events(admin: Admin<TestConnection>) -> Response {
    let id = admin
        .path
        .trim_start_matches(CONNECTION_TEST.trim_end_matches("{id}"))
        .trim_end_matches("/events")
        .to_owned();
    let first = match watched(&admin.request.web.parts, &admin.checked, &id).await {
        Ok(Some(first)) => first,
        Ok(None) => return expired(&admin),
        Err(fault) => return admin.answer(Err(fault)),
    };
    let (sender, receiver) = watch::channel(Some(first));
    let (parts, checked) = (admin.request.web.parts.clone(), admin.checked.clone());
    live::stream_of(admin, move || {
        tokio::spawn(async move { poll(&parts, &checked, &id, &sender).await });
        receiver
    })
}

/// Reads the report as long as somebody watches it.
async fn poll(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    id: &str,
    sender: &watch::Sender<Option<WatchedTest>>,
) {
    while !sender.is_closed() {
        sleep(POLL).await;
        match watched(parts, admin, id).await {
            Ok(found) => {
                sender.send_if_modified(|known| {
                    let differs = *known != found;
                    *known = found;
                    differs
                });
            }
            Err(error) => tracing::debug!(%error, "a connection test can't be read"),
        }
    }
}

/// The report of a draft of this session.
async fn watched(parts: &LoginParts, admin: &CheckedAdmin, id: &str) -> Result<Option<WatchedTest>, Fault> {
    let draft = connection::read(parts, admin, id).await?;
    Ok(draft.and_then(|draft| {
        let token = form_token(parts, &admin.session, CONFIGURE);
        Some(WatchedTest {
            draft: id.to_owned(),
            token,
            report: draft.report?,
            can_save: draft.content.is_some(),
        })
    }))
}
