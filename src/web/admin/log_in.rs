//! `/admin/troubleshooting/user-cant-log-in`: the manual's question "User can't log in", answered for a name or a
//! support code, with the button for it.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::address::{LOG_IN, with_query};
use super::answer;
use super::pages::{AnswerPart, LogInPage};
use super::permission::SeePeople;
use crate::domain::account::Account;
use crate::flow::account::factors::{NameError, account_named};
use crate::flow::account::views::AccountView;
use crate::flow::installation::fault::Fault;
use crate::flow::support::explain::ExplainedDecision;
use crate::flow::support::{people, person_live};
use crate::web::reply::html;

/// `GET /admin/troubleshooting/user-cant-log-in?who=NAME-OR-CODE`.
pub(super) async fn page(admin: Admin<SeePeople>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw(admin: &Admin<SeePeople>) -> Result<LogInPage, Fault> {
    let who = admin.query.text("who").trim().to_owned();
    let mut page = LogInPage { who, ..LogInPage::new(admin.frame().await?) };
    if page.who.is_empty() {
        return Ok(page);
    }
    let parts = &admin.request.web.parts;
    page.decisions = person_live::by_code(parts, &page.who).await?;
    if page.decisions.is_empty() {
        match account_named(parts, &page.who).await? {
            Ok(account) => page.answer = Some(of_account(admin, &account).await?),
            Err(NameError::Several(ids)) => page.several = ids,
            Err(NameError::Nobody) => {
                let ask = with_query(LOG_IN, &[("who", &page.who)]);
                page.answer = Some(answer::of_name(admin, &page.who, ask).await?);
            }
        }
    } else {
        page.answer = of_decisions(admin, &page.who, &page.decisions).await?;
    }
    Ok(page)
}

/// The answer for the person whom an attempt was about, as far as it is known.
async fn of_decisions(
    admin: &Admin<SeePeople>,
    code: &str,
    decisions: &[ExplainedDecision],
) -> Result<Option<AnswerPart>, Fault> {
    let parts = &admin.request.web.parts;
    if let Some(id) = decisions.iter().find_map(|decision| decision.account.as_deref()) {
        return match people::account(parts, id).await? {
            Some(account) => of_account(admin, &account).await.map(Some),
            None => Ok(None),
        };
    }
    for decision in decisions {
        if let Some(name) = person_live::login_name(parts, decision).await? {
            let ask = with_query(LOG_IN, &[("who", code)]);
            return answer::of_name(admin, &name, ask).await.map(Some);
        }
    }
    Ok(None)
}

async fn of_account(admin: &Admin<SeePeople>, account: &Account) -> Result<AnswerPart, Fault> {
    let parts = &admin.request.web.parts;
    let view = AccountView::new(account, parts.now());
    let is_held = people::is_held(parts, account).await?;
    let live = person_live::live(parts, &admin.checked.actor, account).await?;
    Ok(answer::of_account(admin, (&view, is_held), Some(live)))
}
