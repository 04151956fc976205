//! `/admin/settings/active-directory/sync-log/held`: decide about people whom the guard holds, some or all of them.

use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh};
use super::address::{HELD, HELD_OF, SYNC_LOG};
use super::confirmation::{self, ConfirmWords};
use super::fields::Fields;
use super::frame::AdminFrame;
use super::pages::{HeldSetPage, held_lines, shown_again};
use super::permission::{Confirm, DecideHeld, SeeSyncLog};
use super::problem::wrong_field;
use super::sync_log::{answer, unchanged};
use super::sync_plan::ordered;
use super::view::{NoView, PanelView};
use crate::domain::admin::{Capability, TaskOrder};
use crate::domain::guard::SeenHeld;
use crate::flow::admin::held::{HeldSetView, as_seen, held_set, still_held};
use crate::flow::admin::sync_log::{LogAction, keep};
use crate::flow::installation::fault::Fault;
use crate::flow::sync::held_set::HeldSet;
use crate::web::reply::html;

/// `GET`: how many would lose what, of all who are held.
impl PanelView for HeldSetView {
    type Needs = SeeSyncLog;

    async fn read(admin: &Admin<SeeSyncLog>) -> Result<Self, NoView> {
        let found =
            held_set(&admin.request.web.panel, admin.query.text(HELD_OF)).await.map_err(Fault::from)?;
        found.ok_or(NoView::Missing)
    }

    fn draw(self, admin: &Admin<SeeSyncLog>, frame: AdminFrame) -> Response {
        html(&HeldSetPage {
            language: frame.language,
            frame,
            view: self,
            csrf: admin.token_for(Capability::DecideHeld, HELD),
            query: shown_again(&admin.query).split_off(SYNC_LOG.len()),
        })
    }
}

/// `POST` of a decision: always after a page that says what it does to how many.
pub(super) async fn decide(Fresh(form): Fresh<DecideHeld>) -> Response {
    form.admin.answer(decided(&form).await)
}

async fn decided(form: &AdminForm<DecideHeld>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, confirmed } = form;
    let panel = &admin.request.web.panel;
    let (directory, takes) = (
        fields.text("directory"),
        match fields.text("decision") {
            "approve" => true,
            "reject" => false,
            _ => return Ok(wrong_field(unchanged(admin), "decision", "send approve or reject")),
        },
    );
    let seen = match fields.text("all") {
        "" => ticked(fields),
        all => match as_seen(panel, directory, all).await? {
            Some(set) => set.people(),
            None => return Ok(answer(admin, Ok(Some(LogAction::HeldChanged)))),
        },
    };
    if seen.is_empty() {
        return Ok(answer(admin, Ok(Some(LogAction::Nobody))));
    }
    // The page of all held people has said it; a script that lets people keep everything takes nothing.
    let is_shown = if admin.checked.is_script() { !takes } else { !fields.text("all").is_empty() };
    if !confirmed && !is_shown {
        return confirmation::first(form).await;
    }
    if takes {
        let order = TaskOrder::ApproveHeld { seen: seen.iter().map(SeenHeld::to_string).collect() };
        return Ok(ordered(admin, directory, &order).await);
    }
    Ok(answer(admin, keep(panel, &admin.checked.actor, directory, &seen).await))
}

fn ticked(fields: &Fields) -> Vec<SeenHeld> {
    fields.all("person").filter_map(SeenHeld::parse).collect()
}

/// What a decision does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let language = admin.request.context().language;
    let (key, what) = match sent.text("decision") {
        "approve" => ("sync-log-take", "held-all.approve-what"),
        _ => ("sync-log-keep", "held-all.reject-what"),
    };
    let set = chosen(admin, sent).await?;
    let count = set.rows.len();
    let lines = match count == 0 {
        true => vec![language.text("sync-log-held-changed").into_owned()],
        false => held_lines(language, &set.losses()).chain([language.text(what).into_owned()]).collect(),
    };
    let button = (count > 0).then(|| language.with(key, "count", count).into_owned());
    let title = language.text("held-all").into_owned();
    Ok(ConfirmWords { title, lines, differences: Vec::new(), back: SYNC_LOG.to_owned(), button })
}

async fn chosen(admin: &Admin<Confirm>, sent: &Fields) -> Result<HeldSet, Fault> {
    let (panel, directory) = (&admin.request.web.panel, sent.text("directory"));
    Ok(match sent.text("all") {
        "" => still_held(panel, directory, &ticked(sent)).await?,
        all => as_seen(panel, directory, all).await?.unwrap_or_default(),
    })
}
