//! `/admin/people`: search people.

use axum::response::Response;

use super::access::Admin;
use super::frame::AdminFrame;
use super::pages::PeoplePage;
use super::permission::SeePeople;
use super::view::{NoView, PanelView};
use crate::flow::installation::fault::Fault;
use crate::flow::support::people::{self, PeopleView, PlaceView};
use crate::web::reply::html;

/// How many people a page shows.
const PAGE: u32 = 50;

/// `GET /admin/people?q=SEARCH`; the next page with `word` and `account` of `next`.
impl PanelView for PeopleView {
    type Needs = SeePeople;

    async fn read(admin: &Admin<SeePeople>) -> Result<Self, NoView> {
        let query = &admin.query;
        let (word, account) = (query.text("word"), query.text("account"));
        let place = PlaceView { word: word.to_owned(), account: account.to_owned() };
        let after = Some(place).filter(|_| !word.is_empty());
        let found = people::search(&admin.request.web.parts, query.text("q").trim(), after, PAGE).await;
        Ok(found.map_err(Fault::from)?)
    }

    fn draw(self, admin: &Admin<SeePeople>, frame: AdminFrame) -> Response {
        let search = admin.query.text("q").trim().to_owned();
        html(&PeoplePage { language: frame.language, frame, search, view: self })
    }
}
