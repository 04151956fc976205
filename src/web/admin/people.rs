//! `/admin/people`: search people.

use axum::response::Response;

use super::access::{Admin, refuse};
use super::pages::PeoplePage;
use super::permission::SeePeople;
use crate::flow::installation::fault::Fault;
use crate::flow::support::people::{self, PlaceView};
use crate::web::reply::html;

/// How many people a page shows.
const PAGE: u32 = 50;

/// `GET /admin/people?q=SEARCH`.
pub(super) async fn page(admin: Admin<SeePeople>) -> Response {
    match draw(&admin).await {
        Ok(page) => html(&page),
        Err(fault) => refuse(&admin.request.context(), &fault),
    }
}

async fn draw(admin: &Admin<SeePeople>) -> Result<PeoplePage, Fault> {
    let query = &admin.query;
    let (search, word, account) = (query.text("q").trim(), query.text("word"), query.text("account"));
    let place = PlaceView { word: word.to_owned(), account: account.to_owned() };
    let after = Some(place).filter(|_| !word.is_empty());
    let view = people::search(&admin.request.web.parts, search, after, PAGE).await?;
    let frame = admin.frame().await?;
    Ok(PeoplePage { language: frame.language, frame, search: search.to_owned(), view })
}
