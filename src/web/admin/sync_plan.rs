//! `/admin/settings/active-directory/sync-settings/plan`: what a sync would do, before it is done.

use axum::response::Response;

use super::access::{Admin, Fresh, refuse};
use super::address::plan_path;
use super::asked;
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::frame::AdminFrame;
use super::pages::{SyncPlanPage, apply_text};
use super::permission::{Confirm, DecideHeld, Permission, SeeSyncLog};
use super::tasks::not_found;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, TaskOrder};
use crate::domain::entry::DirectoryId;
use crate::domain::history::ChangeKind;
use crate::flow::admin::sync_plan::{PlanQuery, PlanView, sync_plan};
use crate::flow::admin::task;
use crate::flow::installation::fault::Fault;
use crate::web::reply::html;

/// The form that applies a plan.
pub(super) const APPLY: &str = "/admin/settings/active-directory/sync-settings/apply";

/// `GET` of the page.
impl PanelView for PlanView {
    type Needs = SeeSyncLog;

    async fn read(admin: &Admin<SeeSyncLog>) -> Result<Self, NoView> {
        let asked = PlanQuery {
            kind: ChangeKind::parse(admin.query.text("kind")),
            after: admin.query.text("after").parse().ok(),
            ..of_plan(admin.path.rsplit('/').next().unwrap_or_default())
        };
        sync_plan(&admin.request.web.panel, &asked).await?.ok_or(NoView::Missing)
    }

    fn draw(self, admin: &Admin<SeeSyncLog>, frame: AdminFrame) -> Response {
        html(&SyncPlanPage {
            language: frame.language,
            frame,
            view: self,
            shown: ChangeKind::parse(admin.query.text("kind")),
            csrf: admin.token_for(Capability::DecideHeld, APPLY),
        })
    }
}

fn of_plan(number: &str) -> PlanQuery {
    PlanQuery { plan: number.parse().unwrap_or_default(), ..PlanQuery::default() }
}

/// `POST` of applying a plan.
pub(super) async fn apply(Fresh(form): Fresh<DecideHeld>) -> Response {
    let admin = &form.admin;
    match sync_plan(&admin.request.web.panel, &of_plan(form.fields.text("plan"))).await {
        Ok(Some(view)) => ordered(admin, &view.directory, &TaskOrder::ApplyPlan { plan: view.plan }).await,
        Ok(None) => not_found(admin),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

/// What applying does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let language = admin.request.context().language;
    let query = of_plan(sent.text("plan"));
    let view = sync_plan(&admin.request.web.panel, &query).await?;
    let button = view.map(|view| apply_text(language, &view).into_owned());
    Ok(ConfirmWords::of(language, ("sync-plan", "sync-plan.what"), &plan_path(query.plan), button))
}

/// Orders work on the sync of a directory, and leads to its page.
pub(super) async fn ordered<C: Permission>(admin: &Admin<C>, directory: &str, order: &TaskOrder) -> Response {
    let (request, id) = (&admin.request, DirectoryId(directory.to_owned()));
    if request.web.parts.current().site(&id).is_none() {
        return not_found(admin);
    }
    match task::order(&request.web.panel, &request.visit, &admin.checked, &id, order).await {
        Ok(done) => asked::ordered(&done),
        Err(fault) => refuse(&request.context(), &fault),
    }
}
