//! `/admin/confirm/{id}`: shows once more what was sent without a fresh second factor, now that there is one.
//! Nothing is done before the button is pressed, which sends the id of the draft to the action itself.

use axum::response::Response;

use super::access::{Admin, refuse, refused};
use super::address::CONFIRM;
use super::fields::Fields;
use super::form::SettingsForm;
use super::pages::ConfirmPage;
use super::permission::Confirm;
use super::{action_needs, settings_form};
use crate::flow::admin::draft::{self, AdminDraft};
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings::{self, Saving};
use crate::flow::installation::fault::Fault;
use crate::web::pages::{ErrorKind, ReturnTo};
use crate::web::reply::html;

/// `GET /admin/confirm/{id}`.
pub(super) async fn page(admin: Admin<Confirm>) -> Response {
    match answer(&admin).await {
        Ok(response) => response,
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn answer(admin: &Admin<Confirm>) -> Result<Response, Fault> {
    let context = admin.request.context();
    let id = admin.path.strip_prefix(CONFIRM.trim_end_matches("{id}")).unwrap_or_default();
    let draft = draft::read(&admin.request.web.parts, &admin.checked, id).await?;
    let known = draft.and_then(|draft| Some((settings_form(&draft.path)?, draft)));
    let Some((form, draft)) = known else {
        return Ok(context.page_with_link(ErrorKind::FormExpired, Some(ReturnTo::panel())));
    };
    // The role may be another one than when it was sent.
    match action_needs(&draft.path) {
        Some(needs) if admin.checked.session.role.can(needs) => {
            Ok(html(&draw(admin, form, id, &draft).await?))
        }
        _ => {
            let cause = "confirm".to_owned();
            Ok(refused(&admin.request, &admin.checked, cause, ErrorKind::AdminForbidden).await)
        }
    }
}

async fn draw(
    admin: &Admin<Confirm>,
    form: &SettingsForm,
    id: &str,
    draft: &AdminDraft,
) -> Result<ConfirmPage, Fault> {
    let web = &admin.request.web;
    let stored = settings::stored(&web.panel).await?;
    let sent = Fields::parse(&draft.content).unwrap_or_default();
    let change = form.read(&stored.settings, &sent);
    let reviewed = match settings::review(&web.panel, &change).await? {
        Saving::Saved(saved) => Some(saved),
        Saving::Wrong(_) | Saving::Conflict(_) => None,
    };
    let is_open = reviewed.is_none();
    let (differences, consequences) =
        reviewed.map(|saved| (saved.differences, saved.consequences)).unwrap_or_default();
    let frame = admin.frame().await?;
    let (language, count) = (frame.language, differences.len());
    Ok(ConfirmPage {
        language,
        frame,
        title: language.text(form.title).into_owned(),
        action: draft.path.clone(),
        csrf: form_token(&web.parts, &admin.checked.session, &draft.path),
        draft: id.to_owned(),
        changes: form.changes(language, &stored.settings, differences),
        count,
        consequences,
        is_open,
    })
}
