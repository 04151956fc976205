//! `/admin/people/hand-over`: gives an account to the person who has a conflict about it.

use axum::response::Response;

use super::access::{Admin, AdminForm, Fresh};
use super::address::SYNC_LOG;
use super::asked;
use super::confirmation::{self, ConfirmWords};
use super::fields::Fields;
use super::pages::status_key;
use super::permission::{Confirm, HandOver};
use super::person::{acting, answer};
use crate::domain::admin::TaskOrder;
use crate::domain::entry::DirectoryId;
use crate::flow::admin::hand_over::{AskedHandOver, HandOverView, hand_over_view};
use crate::flow::admin::person::Acting;
use crate::flow::admin::task;
use crate::flow::installation::fault::Fault;
use crate::web::pages::Language;

/// `POST`: always after the page that says what it does. The new owner is synced then.
pub(super) async fn submit(Fresh(form): Fresh<HandOver>) -> Response {
    form.admin.answer(submitted(&form).await)
}

async fn submitted(form: &AdminForm<HandOver>) -> Result<Response, Fault> {
    let AdminForm { admin, fields, confirmed } = form;
    if !confirmed {
        return confirmation::first(form).await;
    }
    let (request, asked_for) = (&admin.request, asked_for(fields));
    if let Err(error) = acting(form).hand_over(&request.web.panel, &asked_for).await {
        return Ok(answer(form, Err(error)));
    }
    let directory = DirectoryId(asked_for.directory.to_owned());
    let order = TaskOrder::SyncPerson { account: asked_for.account.to_owned() };
    // The account is linked in any case: if this fails, the next sync does the rest.
    let ordered = task::order(&request.web.panel, &request.visit, &admin.checked, &directory, &order).await?;
    Ok(asked::ordered(&ordered))
}

fn asked_for(fields: &Fields) -> AskedHandOver<'_> {
    AskedHandOver {
        directory: fields.text("directory"),
        entry: fields.text("entry"),
        account: fields.text("account"),
    }
}

/// What a hand-over does, before it is confirmed.
pub(super) async fn words(admin: &Admin<Confirm>, sent: &Fields) -> Result<ConfirmWords, Fault> {
    let language = admin.request.context().language;
    let request = &admin.request;
    let acting = Acting { parts: &request.web.parts, visit: &request.visit, admin: &admin.checked };
    let view = hand_over_view(&acting, &asked_for(sent)).await?;
    let lines = match &view {
        Some(view) => lines(language, view),
        None => vec![language.text("refused-not-handed-over").into_owned()],
    };
    Ok(ConfirmWords {
        title: language.text("hand-over").into_owned(),
        lines,
        differences: Vec::new(),
        back: SYNC_LOG.to_owned(),
        button: view
            .map(|view| language.with("hand-over-button", "name", view.entry.login_name).into_owned()),
    })
}

fn lines(language: Language, HandOverView { person, entry }: &HandOverView) -> Vec<String> {
    let account = &person.account;
    let state = language.text(status_key(account));
    let from = [
        ("name", account.shown_name().into()),
        ("email", account.names.email.as_str().into()),
        ("state", state.into()),
    ];
    let to = [("name", entry.login_name.as_str().into()), ("entry", entry.dn.as_str().into())];
    let ended = [
        ("sessions", person.sessions.sessions.len().into()),
        ("tokens", person.sessions.refresh_families.into()),
        ("factors", person.factors.len().into()),
    ];
    vec![
        language.with_all("hand-over-from", from).into_owned(),
        language.with_all("hand-over-to", to).into_owned(),
        language.text("hand-over.gets").into_owned(),
        language.with_all("hand-over-ends", ended).into_owned(),
        language.text("hand-over.final").into_owned(),
    ]
}
