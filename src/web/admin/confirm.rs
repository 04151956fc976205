//! `/admin/confirm/{id}`: shows once more what was sent without a fresh second factor, now that there is one.
//! Nothing is done before the button is pressed, which sends the id of the draft to the action itself.

use axum::response::Response;

use super::access::{Admin, PLACE, refuse, refused};
use super::address::{CONFIRM, with_query};
use super::confirm_words::{ConfirmedAs, confirmed_as};
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::form::{ENTRY, SettingsForm};
use super::pages::{ChangedSetting, ConfirmPage, MOST_CHANGES};
use super::permission::Confirm;
use super::{action_needs, person};
use crate::flow::admin::draft;
use crate::flow::admin::session::form_token;
use crate::flow::admin::settings;
use crate::flow::installation::fault::Fault;
use crate::flow::settings::SettingDifference;
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
    let Some(draft) = draft else {
        return Ok(context.page_with_link(ErrorKind::FormExpired, Some(ReturnTo::panel())));
    };
    // The role may be another one than when it was sent.
    let may = action_needs(&draft.path).is_some_and(|needs| admin.checked.session.role.can(needs));
    let sent = Fields::parse(&draft.content).unwrap_or_default();
    let page = match confirmed_as(&draft.path).filter(|_| may) {
        Some(ConfirmedAs::Form(form)) => draw(admin, form, id, &sent).await?,
        Some(ConfirmedAs::Person(action)) => {
            draw_action(admin, (&draft.path, &sent), id, person::words(admin, &sent, action).await?).await?
        }
        Some(ConfirmedAs::Words(words)) => {
            draw_action(admin, (&draft.path, &sent), id, words(admin, &sent).await?).await?
        }
        None => {
            let cause = "confirm".to_owned();
            return Ok(refused(&admin.request, &admin.checked, cause, ErrorKind::AdminForbidden).await);
        }
    };
    Ok(html(&page))
}

/// The page of an action that is no form of settings.
async fn draw_action(
    admin: &Admin<Confirm>,
    (path, sent): (&str, &Fields),
    id: &str,
    words: ConfirmWords,
) -> Result<ConfirmPage, Fault> {
    let web = &admin.request.web;
    let frame = admin.frame().await?;
    let (language, count) = (frame.language, words.differences.len());
    let changed = |SettingDifference { key, before, after }| ChangedSetting { label: key, before, after };
    Ok(ConfirmPage {
        language,
        frame,
        title: words.title,
        action: at_place(path, sent),
        csrf: form_token(&web.parts, &admin.checked.session, path),
        draft: id.to_owned(),
        back: at_place(&words.back, sent),
        lines: words.lines,
        changes: words.differences.into_iter().take(MOST_CHANGES).map(changed).collect(),
        count,
        consequences: Vec::new(),
        is_open: words.button.is_none(),
        button: words.button,
    })
}

/// The address with the query that the form was sent with, if it has none itself.
fn at_place(path: &str, sent: &Fields) -> String {
    match sent.text(PLACE) {
        place if place.is_empty() || path.contains('?') => path.to_owned(),
        place => format!("{path}?{place}"),
    }
}

async fn draw(
    admin: &Admin<Confirm>,
    form: &SettingsForm,
    id: &str,
    sent: &Fields,
) -> Result<ConfirmPage, Fault> {
    let web = &admin.request.web;
    let stored = settings::stored(&web.panel).await?;
    let change = form.read(&stored.settings, sent);
    let reviewed = settings::review(&web.panel, &change).await?.ok();
    let is_open = reviewed.is_none();
    let (differences, consequences) =
        reviewed.map(|saved| (saved.differences, saved.consequences)).unwrap_or_default();
    let frame = admin.frame().await?;
    let (language, count) = (frame.language, differences.len());
    Ok(ConfirmPage {
        language,
        frame,
        title: language.text(form.title).into_owned(),
        action: form.path.to_owned(),
        csrf: form_token(&web.parts, &admin.checked.session, form.path),
        draft: id.to_owned(),
        back: with_query(form.path, &[(ENTRY, sent.text(ENTRY))]),
        lines: Vec::new(),
        changes: form.changes((language, sent.text(ENTRY)), &stored.settings, differences),
        count,
        consequences,
        is_open,
        button: None,
    })
}
