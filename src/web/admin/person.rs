//! `/admin/people/person`: one person, and what an admin can do for them.

use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh, refuse};
use super::address::{PERSON, with_query};
use super::pages::{InvitationPage, PersonAction, PersonButton, PersonNotice, PersonPage, ShownPerson};
use super::permission::{EndSessions, Invite, Permission, ResetFactors, SeePeople, SuspendHere};
use crate::domain::account::Account;
use crate::flow::admin::person::{ActError, Acting};
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::flow::support::{people, person_live};
use crate::web::pages::Moment;
use crate::web::reply::{html, see_other};

/// `GET /admin/people/person?id=ACCOUNT`, with `live=1` also what the directory says now.
pub(super) async fn page(admin: Admin<SeePeople>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
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
        Ok(frame) => html(&InvitationPage {
            language: frame.language,
            frame,
            back: with_query(PERSON, &[("id", id)]),
            code: invitation.code,
            until: Moment { at: invitation.expires_at, now },
        }),
        Err(fault) => refuse(&form.admin.request.context(), &fault),
    }
}

fn acting<C: Permission>(form: &AdminForm<C>) -> Acting<'_> {
    let request = &form.admin.request;
    Acting { parts: &request.web.parts, visit: &request.visit, admin: &form.admin.checked }
}

/// Leads back to the person, with a message.
fn answer<C: Permission>(form: &AdminForm<C>, done: Result<PersonNotice, ActError>) -> Response {
    let notice = match done {
        Ok(notice) => notice,
        Err(ActError::Fault(fault)) => return refuse(&form.admin.request.context(), &fault),
        Err(ActError::Unknown) => PersonNotice::Unknown,
        Err(ActError::Oneself) => PersonNotice::Oneself,
        Err(ActError::HigherRole) => PersonNotice::HigherRole,
        Err(ActError::RoleUnknown) => PersonNotice::RoleUnknown,
        Err(ActError::Suspension(_)) => PersonNotice::Changed,
    };
    let id = form.fields.text("account");
    see_other(&with_query(PERSON, &[("id", id), ("notice", notice.word())]))
}

async fn draw(admin: &Admin<SeePeople>) -> Result<PersonPage, Fault> {
    let parts = &admin.request.web.parts;
    let account = people::account(parts, admin.query.text("id")).await?;
    let shown = match &account {
        Some(account) => Some(shown(admin, account).await?),
        None => None,
    };
    let frame = admin.frame().await?;
    let notice = PersonNotice::parse(admin.query.text("notice"));
    Ok(PersonPage { language: frame.language, now: parts.now(), frame, notice, shown })
}

async fn shown(admin: &Admin<SeePeople>, account: &Account) -> Result<ShownPerson, Fault> {
    let parts = &admin.request.web.parts;
    let live = match admin.query.text("live") {
        "1" => Some(person_live::live(parts, account).await?),
        _ => None,
    };
    let view = people::person(parts, account).await?;
    let attempts = person_live::attempts(parts, &account.id).await?;
    let may = PersonAction::ALL
        .into_iter()
        .filter(|action| admin.checked.session.role.can(action.capability()) && action.fits(&view.account));
    let buttons = may.map(|action| PersonButton {
        action,
        token: form_token(parts, &admin.checked.session, action.path()),
    });
    Ok(ShownPerson { buttons: buttons.collect(), view, attempts, live })
}
