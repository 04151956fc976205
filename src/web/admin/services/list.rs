//! The pages of services: all of them, and one with those whom it refuses.

use axum::response::Response;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::AccountId;
use crate::domain::admin::Capability;
use crate::domain::delivery::Subject;
use crate::flow::admin::services::{self, OneService};
use crate::flow::admin::settings;
use crate::flow::delivery::log::LoggedView;
use crate::flow::delivery::views::{RefusedView, ServiceView};
use crate::flow::installation::fault::Fault;
use crate::web::admin::access::Admin;
use crate::web::admin::address::{
    SERVICE_COMPARE, SERVICE_REMOVE, SERVICE_RETRY, SERVICE_TEST, SERVICE_TOKEN,
};
use crate::web::admin::fields::Fields;
use crate::web::admin::form::ENTRY;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    AFTER_ACCOUNT, AFTER_SHARE, ServiceNotice, ServicePage, ServiceTokens, ServicesPage,
};
use crate::web::admin::permission::{Permission, SeeSettings};
use crate::web::admin::view::{NoView, PanelView};
use crate::web::reply::html;

/// All services.
#[derive(Serialize, ToSchema)]
pub(super) struct ServicesView {
    /// To be sent back by what changes them.
    version: i64,
    services: Vec<ServiceView>,
}

/// `GET .../services`.
impl PanelView for ServicesView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let panel = &admin.request.web.panel;
        let version = settings::stored(panel).await?.generation;
        Ok(Self { version, services: services::services(panel).await? })
    }

    fn version(&self) -> Option<i64> {
        Some(self.version)
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        html(&list_page(admin, frame, self.services))
    }
}

fn list_page<C: Permission>(admin: &Admin<C>, frame: AdminFrame, services: Vec<ServiceView>) -> ServicesPage {
    ServicesPage {
        language: frame.language,
        can_edit: frame.role.can(Capability::EditServices),
        frame,
        services,
        removed: admin.notice.text("removed").to_owned(),
    }
}

/// One service.
#[derive(Serialize, ToSchema)]
pub(super) struct OneServiceView {
    service: Option<ServiceView>,
    /// To be sent back by what changes it.
    version: Option<i64>,
    /// Whether two tokens overlap.
    has_next_token: bool,
    /// A page of those in quarantine.
    quarantine: Vec<RefusedView>,
    /// The newest deliveries.
    deliveries: Vec<LoggedView>,
    next: Option<NextRefusedView>,
    #[serde(skip)]
    one: Option<OneService>,
    /// Without such a service, the list.
    #[serde(skip)]
    services: Vec<ServiceView>,
}

/// The fields of the query for the next page.
#[derive(Serialize, ToSchema)]
struct NextRefusedView {
    after_account: Option<String>,
    after_team_share: Option<String>,
}

impl From<&Subject> for NextRefusedView {
    fn from(last: &Subject) -> Self {
        let id = last.external_id().to_owned();
        match last {
            Subject::Person(_) => Self { after_account: Some(id), after_team_share: None },
            Subject::Share(_) => Self { after_account: None, after_team_share: Some(id) },
        }
    }
}

/// `GET .../services/service?entry=ID`, the next page with `after_account` or `after_team_share`.
impl PanelView for OneServiceView {
    type Needs = SeeSettings;

    async fn read(admin: &Admin<SeeSettings>) -> Result<Self, NoView> {
        let panel = &admin.request.web.panel;
        let after = subject(&admin.query, [AFTER_ACCOUNT, AFTER_SHARE]);
        let one = services::service(panel, admin.query.text(ENTRY), after.as_ref()).await?;
        let services = match &one {
            Some(_) => Vec::new(),
            None if admin.checked.is_script() => return Err(NoView::Missing),
            None => services::services(panel).await?,
        };
        Ok(Self {
            service: one.as_ref().map(|one| one.view.clone()),
            version: one.as_ref().map(|one| one.generation),
            has_next_token: one.as_ref().is_some_and(|one| one.settings.next_token.is_some()),
            quarantine: one.as_ref().map(|one| one.refused.clone()).unwrap_or_default(),
            deliveries: one.as_ref().map(|one| one.log.clone()).unwrap_or_default(),
            next: one.as_ref().and_then(|one| one.next.as_ref()).map(NextRefusedView::from),
            one,
            services,
        })
    }

    fn version(&self) -> Option<i64> {
        self.version
    }

    fn draw(self, admin: &Admin<SeeSettings>, frame: AdminFrame) -> Response {
        let notice = ServiceNotice::parse(admin.notice.text("notice"));
        match self.one {
            Some(one) => html(&one_page(admin, frame, one, notice)),
            None => html(&list_page(admin, frame, self.services)),
        }
    }
}

/// The person or Team Share that these two fields name; an empty one names none.
pub(super) fn subject(fields: &Fields, [account, share]: [&str; 2]) -> Option<Subject> {
    match (fields.text(account), fields.text(share)) {
        ("", "") => None,
        ("", share) => Some(Subject::Share(share.to_owned())),
        (account, _) => Some(Subject::Person(AccountId(account.to_owned()))),
    }
}

/// The page of a service with a notice; without such a service, the list.
pub(super) async fn show<C: Permission>(
    admin: &Admin<C>,
    id: &str,
    notice: ServiceNotice,
) -> Result<Response, Fault> {
    let (panel, frame) = (&admin.request.web.panel, admin.frame().await?);
    Ok(match services::service(panel, id, None).await? {
        Some(one) => html(&one_page(admin, frame, one, Some(notice))),
        None => html(&list_page(admin, frame, services::services(panel).await?)),
    })
}

fn one_page<C: Permission>(
    admin: &Admin<C>,
    frame: AdminFrame,
    one: OneService,
    notice: Option<ServiceNotice>,
) -> ServicePage {
    ServicePage {
        language: frame.language,
        frame,
        one,
        notice,
        tokens: ServiceTokens {
            compare: admin.token_for(Capability::RetryDelivery, SERVICE_COMPARE),
            test: admin.token_for(Capability::TestConnection, SERVICE_TEST),
            retry: admin.token_for(Capability::RetryDelivery, SERVICE_RETRY),
            overlap: admin.token_for(Capability::EditServices, SERVICE_TOKEN),
            remove: admin.token_for(Capability::EditServices, SERVICE_REMOVE),
        },
    }
}
