//! `/admin/people/lock-down`: locks a person down, and shows each answer as it comes.

use axum::response::Response;
use serde::Serialize;
use tokio::sync::watch;
use tokio::time::{Duration, sleep};
use utoipa::ToSchema;

use super::access::{Admin, Fresh};
use super::address::{LOCK_DOWN, with_query};
use super::answer;
use super::frame::AdminFrame;
use super::live::{self, LivePart};
use super::pages::{LockDownPage, LockDownPart, PersonAction};
use super::permission::{SeePeople, SuspendHere};
use super::person;
use super::view::{NoView, PanelView};
use crate::domain::Millis;
use crate::domain::account::Account;
use crate::flow::account::lock_down_view::LockDownView;
use crate::flow::account::views::AccountView;
use crate::flow::admin::person::locked_down;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::web::pages::Language;
use crate::web::reply::{html, see_other};

/// How often the state is read for an admin who watches it.
const POLL: Duration = Duration::from_millis(500);

/// The lock-down of one person.
#[derive(Serialize, ToSchema)]
pub(super) struct ShownLockDown {
    #[serde(flatten)]
    view: LockDownView,
    #[serde(skip)]
    account: Account,
}

/// `POST /admin/people/lock-down`.
pub(super) async fn submit(Fresh(form): Fresh<SuspendHere>) -> Response {
    let id = form.fields.text("account");
    match person::acting(&form).lock_down(id).await {
        Ok(_) => see_other(&with_query(LOCK_DOWN, &[("id", id)])),
        Err(error) => person::answer(&form, Err(error)),
    }
}

/// `GET /admin/people/lock-down?id=ACCOUNT`.
impl PanelView for ShownLockDown {
    type Needs = SeePeople;

    async fn read(admin: &Admin<SeePeople>) -> Result<Self, NoView> {
        let found = locked_down(&admin.request.web.parts, admin.query.text("id")).await?;
        let (account, view) = found.ok_or(NoView::Missing)?;
        Ok(Self { view, account })
    }

    fn draw(self, admin: &Admin<SeePeople>, frame: AdminFrame) -> Response {
        let (language, now) = (frame.language, admin.request.web.parts.now());
        let buttons = answer::buttons(admin, &AccountView::new(&self.account, now));
        let button = |action| buttons.iter().find(|button| button.action == action).cloned();
        html(&LockDownPage {
            language,
            name: self.account.profile.shown_name().to_owned(),
            again: button(PersonAction::LockDown).filter(|_| !self.view.is_over()),
            refreshes: !self.view.is_over() && admin.query.text("live") != "off",
            part: LockDownPart { language, now, view: self.view },
            frame,
        })
    }
}

impl LivePart for LockDownView {
    fn is_over(&self) -> bool {
        LockDownView::is_over(self)
    }

    fn draw(self, language: Language, now: Millis) -> String {
        LockDownPart { language, now, view: self }.text()
    }
}

/// `GET /admin/people/lock-down/events?id=ACCOUNT`.
pub(super) async fn events(admin: Admin<SeePeople>) -> Response {
    let (parts, id) = (admin.request.web.parts.clone(), admin.query.text("id").to_owned());
    let first = match seen(&parts, &id).await {
        Ok(Some(first)) => first,
        Ok(None) => return super::tasks::not_found(&admin),
        Err(fault) => return admin.answer(Err(fault)),
    };
    let (sender, receiver) = watch::channel(Some(first));
    live::stream_of(admin, move || {
        tokio::spawn(async move { poll(&parts, &id, &sender).await });
        receiver
    })
}

/// Reads the state as long as somebody watches it.
async fn poll(parts: &LoginParts, id: &str, sender: &watch::Sender<Option<LockDownView>>) {
    while !sender.is_closed() {
        sleep(POLL).await;
        match seen(parts, id).await {
            Ok(found) => {
                sender.send_if_modified(|known| {
                    let differs = *known != found;
                    *known = found;
                    differs
                });
            }
            Err(error) => tracing::debug!(%error, "a lock-down can't be read"),
        }
    }
}

async fn seen(parts: &LoginParts, id: &str) -> Result<Option<LockDownView>, Fault> {
    Ok(locked_down(parts, id).await?.map(|(_, view)| view))
}
