//! `/admin/troubleshooting/user-cant-log-in`: the manual's question "User can't log in", answered for a name or a
//! support code, with the button for it.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::Admin;
use super::address::{LOG_IN, with_query};
use super::answer;
use super::frame::AdminFrame;
use super::pages::{AnswerPart, LogInPage};
use super::permission::SeePeople;
use super::view::{NoView, PanelView};
use crate::domain::account::Account;
use crate::flow::account::factors::{NameError, account_named};
use crate::flow::account::views::AccountView;
use crate::flow::installation::fault::Fault;
use crate::flow::support::explain::ExplainedDecision;
use crate::flow::support::{people, person_live};
use crate::web::reply::html;

/// The answer for a name or a support code.
#[derive(Default, Serialize, ToSchema)]
pub(super) struct LogInView {
    /// What happened, if it is a support code.
    decisions: Vec<ExplainedDecision>,
    /// The accounts that have the name, if there are several.
    several: Vec<AccountView>,
    answer: Option<AnswerPart>,
}

/// `GET /admin/troubleshooting/user-cant-log-in?who=NAME-OR-CODE`.
impl PanelView for LogInView {
    type Needs = SeePeople;

    async fn read(admin: &Admin<SeePeople>) -> Result<Self, NoView> {
        let (parts, who) = (&admin.request.web.parts, admin.query.text("who").trim());
        if who.is_empty() {
            return Ok(Self::default());
        }
        let mut view = Self { decisions: person_live::by_code(parts, who).await?, ..Self::default() };
        if !view.decisions.is_empty() {
            view.answer = of_decisions(admin, who, &view.decisions).await?;
            return Ok(view);
        }
        match account_named(parts, who).await.map_err(Fault::from)? {
            Ok(account) => view.answer = Some(of_account(admin, &account).await?),
            Err(NameError::Several(ids)) => view.several = accounts(admin, &ids).await?,
            Err(NameError::Nobody) => {
                let ask = with_query(LOG_IN, &[("who", who)]);
                view.answer = Some(answer::of_name(admin, who, ask).await?);
            }
        }
        Ok(view)
    }

    fn draw(self, admin: &Admin<SeePeople>, frame: AdminFrame) -> Response {
        let Self { decisions, several, answer } = self;
        let who = admin.query.text("who").trim().to_owned();
        html(&LogInPage { language: frame.language, frame, who, decisions, several, answer })
    }
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

async fn accounts(admin: &Admin<SeePeople>, ids: &[String]) -> Result<Vec<AccountView>, Fault> {
    let parts = &admin.request.web.parts;
    let mut found = Vec::new();
    for id in ids {
        found
            .extend(people::account(parts, id).await?.map(|account| AccountView::new(&account, parts.now())));
    }
    Ok(found)
}

async fn of_account(admin: &Admin<SeePeople>, account: &Account) -> Result<AnswerPart, Fault> {
    let parts = &admin.request.web.parts;
    let view = AccountView::new(account, parts.now());
    let is_held = people::is_held(parts, account).await?;
    let live = person_live::live(parts, &admin.checked.actor, account).await?;
    Ok(answer::of_account(admin, (&view, is_held), Some(live)))
}
