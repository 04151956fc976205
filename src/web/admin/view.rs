//! Pages that are typed views: what a page shows is one type, which is drawn as HTML and written as JSON.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use super::access::{Admin, refuse};
use super::frame::AdminFrame;
use super::notice;
use super::permission::Harmless;
use crate::flow::installation::fault::Fault;
use crate::web::pages::{ErrorKind, ReturnTo};

/// What a page shows. [`super::Panel::view`] adds it with both renderings.
pub trait PanelView: Serialize + ToSchema + Sized + Send + 'static {
    /// The capability that it needs, as a type.
    type Needs: Harmless;

    /// Reads it.
    fn read(admin: &Admin<Self::Needs>) -> impl Future<Output = Result<Self, NoView>> + Send;

    /// The version of what can be saved on this page: the `ETag` of its JSON.
    fn version(&self) -> Option<i64> {
        None
    }

    /// Draws it as HTML.
    fn draw(self, admin: &Admin<Self::Needs>, frame: AdminFrame) -> Response;
}

/// Why there is nothing to show.
#[derive(Debug)]
pub enum NoView {
    /// What the address names does not exist.
    Missing,
    /// What was kept under this address is too old, or belongs to another session.
    Expired,
    Fault(Fault),
}

impl From<Fault> for NoView {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

/// The page as HTML.
pub(super) async fn show<V: PanelView>(admin: Admin<V::Needs>) -> Response {
    let drawn = async {
        let view = V::read(&admin).await?;
        let frame = admin.frame().await?;
        Ok(notice::shown(&admin.request.web, &admin.notice, view.draw(&admin, frame)))
    };
    drawn.await.unwrap_or_else(|why| refused(&admin, &why))
}

fn refused<V: Harmless>(admin: &Admin<V>, why: &NoView) -> Response {
    let context = admin.request.context();
    match why {
        NoView::Missing => context.page_with_link(ErrorKind::NotFound, Some(ReturnTo::panel())),
        NoView::Expired => context.page_with_link(ErrorKind::FormExpired, Some(ReturnTo::panel())),
        NoView::Fault(fault) => refuse(&context, fault),
    }
}
