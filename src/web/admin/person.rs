//! `/admin/people/person`: one person, and what an admin can do for them.

use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::{PERSON, with_query};
use super::answer;
use super::asked;
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::frame::AdminFrame;
use super::notice::noticed;
use super::pages::{InvitationPage, PersonAction, PersonNotice, PersonPage, ShownPerson};
use super::permission::{
    Confirm, EndSessions, Invite, Permission, ResetFactors, SeePeople, SuspendHere, SyncPerson,
};
use super::problem::{refused, shown_once};
use super::view::{NoView, PanelView};
use crate::domain::admin::TaskOrder;
use crate::domain::timestamp;
use crate::flow::admin::person::{ActError, Acting};
use crate::flow::admin::task;
use crate::flow::delivery::known::{self, KnownAtView};
use crate::flow::installation::fault::Fault;
use crate::flow::support::people::{self, PersonView};
use crate::flow::support::person_live::{self, AttemptView, LiveView};
use crate::web::pages::Moment;
use crate::web::reply::html;

/// One person.
#[derive(Serialize, ToSchema)]
pub(super) struct OnePersonView {
    /// `None` if there is no such account.
    person: Option<PersonView>,
    attempts: Vec<AttemptView>,
    /// What the directory says now; `None` until it is asked.
    live: Option<LiveView>,
    /// How the person stands at each service that is delivered to.
    deliveries: Vec<KnownAtView>,
}

/// `GET /admin/people/person?id=ACCOUNT`, with `live=1` also what the directory says now.
impl PanelView for OnePersonView {
    type Needs = SeePeople;

    async fn read(admin: &Admin<SeePeople>) -> Result<Self, NoView> {
        let parts = &admin.request.web.parts;
        let Some(account) = people::account(parts, admin.query.text("id")).await.map_err(Fault::from)? else {
            if admin.checked.is_script() {
                return Err(NoView::Missing);
            }
            return Ok(Self { person: None, attempts: Vec::new(), live: None, deliveries: Vec::new() });
        };
        let live = match admin.query.text("live") {
            "1" => Some(person_live::live(parts, &admin.checked.actor, &account).await?),
            _ => None,
        };
        let person = Some(people::person(parts, &account).await?);
        let attempts = person_live::attempts(parts, &account.id).await.map_err(Fault::from)?;
        let deliveries =
            known::of_person(&admin.request.web.panel.operation, &account.id).await.map_err(Fault::from)?;
        Ok(Self { person, attempts, live, deliveries })
    }

    fn draw(self, admin: &Admin<SeePeople>, frame: AdminFrame) -> Response {
        let Self { person, attempts, live, deliveries } = self;
        let shown = person.map(|view| {
            let answer = answer::of_account(admin, (&view.account, view.held_by_guard), live);
            ShownPerson { buttons: answer::buttons(admin, &view.account), view, attempts, answer, deliveries }
        });
        let notice = PersonNotice::parse(admin.notice.text("notice"));
        html(&PersonPage { language: frame.language, frame, notice, shown })
    }
}

/// `POST /admin/people/sync`: reads the entry again and brings the account up to date, as a task.
pub(super) async fn sync(form: AdminForm<SyncPerson>) -> Response {
    let (request, id) = (&form.admin.request, form.fields.text("account"));
    let directory = match people::account(&request.web.parts, id).await {
        Ok(account) => account.and_then(|account| account.directory().cloned()),
        Err(error) => return refuse(&request.context(), &error.into()),
    };
    let Some(directory) = directory else {
        return refused(
            to_person(id, PersonNotice::Unknown),
            StatusCode::NOT_FOUND,
            PersonNotice::Unknown.word(),
        );
    };
    let order = TaskOrder::SyncPerson { account: id.to_owned() };
    match task::order(&request.web.panel, &request.visit, &form.admin.checked, &directory, &order).await {
        Ok(done) => asked::ordered(&done),
        Err(fault) => refuse(&request.context(), &fault),
    }
}

/// `POST /admin/people/end-sessions`.
pub(super) async fn end_sessions(form: AdminForm<EndSessions>) -> Response {
    let done = acting(&form).end_sessions(form.fields.text("account")).await;
    answer(&form, done.map(|_| PersonNotice::SessionsEnded))
}

/// `POST /admin/people/reset-factors`.
pub(super) async fn reset_factors(Fresh(form): Fresh<ResetFactors>) -> Response {
    let done = acting(&form).reset_factors(form.fields.text("account")).await;
    answer(&form, done.map(|()| PersonNotice::FactorsReset))
}

/// `POST /admin/people/suspend`.
pub(super) async fn suspend(Fresh(form): Fresh<SuspendHere>) -> Response {
    let done = acting(&form).suspend(form.fields.text("account")).await;
    answer(&form, done.map(|_| PersonNotice::Suspended))
}

/// `POST /admin/people/reactivate`.
pub(super) async fn reactivate(Fresh(form): Fresh<SuspendHere>) -> Response {
    let done = acting(&form).reactivate(form.fields.text("account")).await;
    answer(&form, done.map(|()| PersonNotice::Reactivated))
}

/// `POST /admin/people/invite`: the response shows the code, which is stored nowhere.
pub(super) async fn invite(Fresh(form): Fresh<Invite>) -> Response {
    let id = form.fields.text("account");
    let invitation = match acting(&form).invite(id).await {
        Ok(invitation) => invitation,
        Err(error) => return answer(&form, Err(error)),
    };
    let now = form.admin.request.web.parts.now();
    match form.admin.frame().await {
        Ok(frame) => shown_once(
            &InvitationPage {
                language: frame.language,
                frame,
                back: with_query(PERSON, &[("id", id)]),
                code: invitation.code.clone(),
                until: Moment { at: invitation.expires_at, now },
            },
            json!({ "code": invitation.code, "expires_at": timestamp(invitation.expires_at) }),
        ),
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

/// What an action does to whom, before it is confirmed.
pub(super) async fn words(
    admin: &Admin<Confirm>,
    sent: &Fields,
    action: PersonAction,
) -> Result<ConfirmWords, Fault> {
    let (language, id) = (admin.request.context().language, sent.text("account"));
    let account = people::account(&admin.request.web.parts, id).await?;
    let [_, what] = action.keys();
    let person = match &account {
        Some(account) => Some(people::person(&admin.request.web.parts, account).await?),
        None => None,
    };
    let title = account.as_ref().map(|account| account.profile.shown_name().to_owned());
    Ok(ConfirmWords {
        title: title.unwrap_or_else(|| language.text("person-unknown").into_owned()),
        lines: vec![language.text(what).into_owned()],
        differences: Vec::new(),
        back: with_query(PERSON, &[("id", id)]),
        button: person.map(|person| action.label(language, &person).into_owned()),
    })
}

fn to_person(id: &str, notice: PersonNotice) -> Response {
    noticed(&with_query(PERSON, &[("id", id)]), &[("notice", notice.word())])
}

pub(super) fn acting<C: Permission>(form: &AdminForm<C>) -> Acting<'_> {
    let request = &form.admin.request;
    Acting { parts: &request.web.parts, visit: &request.visit, admin: &form.admin.checked }
}

/// Leads back to the person, with a message.
pub(super) fn answer<C: Permission>(form: &AdminForm<C>, done: Result<PersonNotice, ActError>) -> Response {
    let (notice, why) = match done {
        Ok(notice) => (notice, None),
        Err(ActError::Fault(fault)) => return refuse(&form.admin.request.context(), &fault),
        Err(ActError::Unknown) => (PersonNotice::Unknown, Some(StatusCode::NOT_FOUND)),
        Err(ActError::Oneself) => (PersonNotice::Oneself, Some(StatusCode::FORBIDDEN)),
        Err(ActError::HigherRole) => (PersonNotice::HigherRole, Some(StatusCode::FORBIDDEN)),
        Err(ActError::RoleUnknown) => (PersonNotice::RoleUnknown, Some(StatusCode::SERVICE_UNAVAILABLE)),
        Err(ActError::NotHandedOver) => (PersonNotice::NotHandedOver, Some(StatusCode::CONFLICT)),
        Err(ActError::Suspension(_)) => (PersonNotice::Changed, Some(StatusCode::CONFLICT)),
    };
    let response = to_person(form.fields.text("account"), notice);
    match why {
        Some(status) => refused(response, status, notice.word()),
        None => response,
    }
}
