//! What an admin does with a service as a whole: try again, end the overlap of two tokens, remove it.

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

use super::list::{show, subject};
use crate::flow::admin::services::{self, NextToken, OneService, RetryOutcome};
use crate::flow::admin::settings::Saving;
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::{Admin, AdminForm, Fresh};
use crate::web::admin::address::{SERVICES, service_url};
use crate::web::admin::asked::asked;
use crate::web::admin::confirmation::{self, ConfirmWords};
use crate::web::admin::fields::{Fields, VERSION};
use crate::web::admin::form::ENTRY;
use crate::web::admin::notice::noticed;
use crate::web::admin::pages::ServiceNotice;
use crate::web::admin::permission::{Confirm, EditServices, RetryDelivery};
use crate::web::admin::problem::{refused, wrong_field};
use crate::web::reply::see_other;

/// The field that says what is done with the next token.
const DO: &str = "do";

/// `POST .../services/retry`.
pub(super) async fn retry(form: AdminForm<RetryDelivery>) -> Response {
    form.admin.answer(retried(&form).await)
}

async fn retried(form: &AdminForm<RetryDelivery>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, .. } = form;
    let (id, only) = (fields.text(ENTRY), subject(fields, ["account", "team_share"]));
    let panel = &admin.request.web.panel;
    Ok(match services::retry(panel, &admin.checked.actor, id, only.as_ref()).await? {
        RetryOutcome::Retried(_) => to_service(id, ServiceNotice::Retried),
        RetryOutcome::NoService => unknown(),
        RetryOutcome::NotWaiting => {
            let why = ServiceNotice::NotWaiting;
            refused(to_service(id, why), StatusCode::CONFLICT, why.word())
        }
    })
}

/// `POST .../services/next-token`.
pub(super) async fn end_overlap(Fresh(form): Fresh<EditServices>) -> Response {
    form.admin.answer(overlap_ended(&form).await)
}

async fn overlap_ended(form: &AdminForm<EditServices>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, .. } = form;
    let (request, id) = (&admin.request, fields.text(ENTRY));
    let Some(one) = services::service(&request.web.panel, id, None).await? else { return Ok(unknown()) };
    let Some(what) = next_token(fields) else {
        return Ok(wrong_field(see_other(&service_url(id)), DO, "send promote or forget"));
    };
    if one.settings.next_token.is_none() {
        let why = ServiceNotice::NoNextToken;
        return Ok(refused(to_service(id, why), StatusCode::CONFLICT, why.word()));
    }
    let (panel, expected) = (&request.web.panel, version(fields));
    let saving = services::end_overlap(panel, &request.visit, &admin.checked, (id, what), expected).await?;
    match saving {
        Saving::Saved(_) if what == NextToken::Promote => Ok(to_service(id, ServiceNotice::Promoted)),
        Saving::Saved(_) => Ok(to_service(id, ServiceNotice::Forgotten)),
        Saving::Asked(one) => Ok(asked(&one)),
        Saving::Wrong(_) | Saving::Conflict(_) => stale(admin, id).await,
    }
}

/// `POST .../services/remove`: always after the page that says what it does.
pub(super) async fn remove(Fresh(form): Fresh<EditServices>) -> Response {
    form.admin.answer(removed(&form).await)
}

async fn removed(form: &AdminForm<EditServices>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, confirmed } = form;
    let (request, id) = (&admin.request, fields.text(ENTRY));
    let panel = &request.web.panel;
    if services::service(panel, id, None).await?.is_none() {
        return Ok(unknown());
    }
    if !confirmed {
        return confirmation::first(form).await;
    }
    match services::remove(panel, &request.visit, &admin.checked, id, version(fields)).await? {
        Saving::Saved(_) => Ok(noticed(SERVICES, &[("removed", id)])),
        Saving::Asked(one) => Ok(asked(&one)),
        Saving::Wrong(_) | Saving::Conflict(_) => stale(admin, id).await,
    }
}

/// What is done with the next token, before it is confirmed.
pub(in crate::web::admin) async fn words_of_token(
    admin: &Admin<Confirm>,
    sent: &Fields,
) -> Result<ConfirmWords, Fault> {
    let key = match next_token(sent) {
        Some(NextToken::Forget) => "service-forget",
        _ => "service-promote",
    };
    words(admin, sent, key, |_| 0).await
}

/// What a removal does, before it is confirmed.
pub(in crate::web::admin) async fn words_of_removal(
    admin: &Admin<Confirm>,
    sent: &Fields,
) -> Result<ConfirmWords, Fault> {
    words(admin, sent, "service-remove", |one| one.view.known).await
}

async fn words(
    admin: &Admin<Confirm>,
    sent: &Fields,
    key: &'static str,
    count: fn(&OneService) -> u64,
) -> Result<ConfirmWords, Fault> {
    let (language, id) = (admin.request.context().language, sent.text(ENTRY));
    let known = services::service(&admin.request.web.panel, id, None).await?;
    let what = known.as_ref().map(|one| {
        let parts = [("id", id.into()), ("count", count(one).into())];
        language.with_all(&format!("{key}.what"), parts).into_owned()
    });
    Ok(ConfirmWords {
        title: language.text(key).into_owned(),
        lines: what.into_iter().collect(),
        differences: Vec::new(),
        back: if known.is_some() { service_url(id) } else { SERVICES.to_owned() },
        button: known.map(|_| language.text(key).into_owned()),
    })
}

fn next_token(fields: &Fields) -> Option<NextToken> {
    match fields.text(DO) {
        "promote" => Some(NextToken::Promote),
        "forget" => Some(NextToken::Forget),
        _ => None,
    }
}

/// No version is negative, so one that can't be read is stale.
fn version(fields: &Fields) -> i64 {
    fields.text(VERSION).parse().unwrap_or(-1)
}

fn to_service(id: &str, notice: ServiceNotice) -> Response {
    noticed(&service_url(id), &[("notice", notice.word())])
}

/// There is no such service.
fn unknown() -> Response {
    refused(see_other(SERVICES), StatusCode::NOT_FOUND, "unknown-service")
}

async fn stale(admin: &Admin<EditServices>, id: &str) -> Result<Response, Fault> {
    let page = show(admin, id, ServiceNotice::Stale).await?;
    Ok((StatusCode::CONFLICT, page).into_response())
}
