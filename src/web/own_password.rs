//! `/account/security/password`: the page on which a person changes the directory password. Who may, and what ends with it,
//! is decided in `flow::own_password`.

use axum::Extension;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::account::{self, scene, sign_in_for};
use super::cookies::{self, Cookie};
use super::error::{Scene, with_retry_after};
use super::form;
use super::pages::{AccountNotice, ErrorKind, OwnPassword, PasswordNotice, Scripts};
use super::reply::{html_towards, see_other};
use super::state::Web;
use crate::domain::secret::Plain;
use crate::flow::change_password::Typed;
use crate::flow::context::Visit;
use crate::flow::device::{Device, KNOWN_FOR};
use crate::flow::fault::{Blame, Fault};
use crate::flow::own_password::{self, Changed, Renewed};
use crate::flow::security::Owner;
use crate::flow::sign_out;
use crate::oidc::params::Params;

/// Where the page is.
pub const PATH: &str = "/account/security/password";

/// `GET /account/security/password`.
pub async fn page(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
) -> Response {
    let scene = scene(&web, &visit, &headers);
    match account::owner(&scene, &headers).await {
        Ok(Some(owner)) if !owner.may.password => see_other(account::PATH),
        Ok(Some(owner)) if owner.may.change => with_script(&scene, &asked(&scene, &owner, None).await),
        Ok(owner) => sign_in_for(&scene, &headers, owner.as_ref(), PATH).await,
        Err(error) => scene.fail(&error),
    }
}

/// `POST /account/security/password`.
pub async fn change(
    State(web): State<Web>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let scene = scene(&web, &visit, &headers);
    let params = match Params::parse(&body) {
        Ok(params) => params,
        Err(error) => return scene.page(ErrorKind::BadForm { detail: error.to_string() }),
    };
    let owner = match account::owner(&scene, &headers).await {
        Ok(Some(owner)) => owner,
        // Nothing of the form is kept: after a sign-in the person types it again.
        Ok(None) => return see_other(PATH),
        Err(error) => return scene.fail(&error),
    };
    if !form::is_of_session(&web, &headers, &params, &owner.session) {
        return account::back(&web, &owner, AccountNotice::NothingChanged);
    }
    let text = |name| params.value(name).ok().flatten().unwrap_or_default();
    let (old, new) = (text("current"), text("new"));
    if let Some(notice) = PasswordNotice::of_fields(old, new, text("again")) {
        return again(&scene, &owner, notice).await;
    }
    let device = Device::open(&web.parts, cookies::read(&headers, &web.surface, Cookie::Device).as_deref());
    let (old, new) = (Plain::new(old), Plain::new(new));
    let typed = Typed { old: &old, new: &new };
    match own_password::change(&web.parts, &visit, &owner, &device, typed).await {
        Ok(Changed::Done(Some(renewed))) => done(&web, &owner, *renewed),
        Ok(Changed::Done(None)) => see_other(account::PATH),
        Ok(Changed::NotNow) => see_other(PATH),
        Ok(Changed::WrongOldPassword) => again(&scene, &owner, PasswordNotice::WrongCurrent).await,
        Ok(Changed::Refused(why)) => again(&scene, &owner, PasswordNotice::of_refusal(why)).await,
        Err(fault) => failed(&scene, &owner, &fault).await,
    }
}

/// Back to the person's page, in a browser whose session has another id now.
fn done(web: &Web, owner: &Owner, renewed: Renewed) -> Response {
    let owner = Owner { session: renewed.session, ..owner.clone() };
    let mut response = account::back(web, &owner, AccountNotice::PasswordChanged);
    let (headers, surface) = (response.headers_mut(), &web.surface);
    cookies::set(headers, surface, Cookie::Session, &renewed.session_id);
    cookies::keep(headers, surface, Cookie::Device, &renewed.device, KNOWN_FOR);
    cookies::clear(headers, surface, Cookie::Remembered);
    response
}

/// The page under a policy that lets its script show the password.
fn with_script(scene: &Scene<'_>, page: &OwnPassword) -> Response {
    html_towards(page, &scene.web.parts.issuer, Scripts::Own)
}

/// The page with why the last try did not do; nothing that was typed comes back.
async fn again(scene: &Scene<'_>, owner: &Owner, notice: PasswordNotice) -> Response {
    let status = match notice {
        PasswordNotice::Wait { .. } => StatusCode::TOO_MANY_REQUESTS,
        _ => StatusCode::FORBIDDEN,
    };
    (status, with_script(scene, &asked(scene, owner, Some(notice)).await)).into_response()
}

async fn failed(scene: &Scene<'_>, owner: &Owner, fault: &Fault) -> Response {
    match fault.blame() {
        Blame::Haste(retry_after_seconds) => {
            let notice = PasswordNotice::Wait { retry_after_seconds };
            with_retry_after(again(scene, owner, notice).await, retry_after_seconds)
        }
        _ => scene.fail(fault),
    }
}

async fn asked(scene: &Scene<'_>, owner: &Owner, notice: Option<PasswordNotice>) -> OwnPassword {
    let parts = &scene.web.parts;
    OwnPassword {
        language: scene.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        username: owner.login_name().to_owned(),
        rules: own_password::rules(parts, owner).await,
        notice,
        attempt_id: notice.map(|_| scene.visit.attempt_id.clone()),
        help_contact: scene.help_contact(),
    }
}
