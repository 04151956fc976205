//! Shows the page of a login's step.

use std::sync::Arc;

use axum::response::{IntoResponse, Response};

use super::browser::login_url;
use super::notice::{Notice, View};
use super::open_login::LoginContext;
use super::pages::{
    ChangePassword, ChangeReason, DomainChoice, EnrolFactor, EnterCode, InvitationNeeded, KnownPerson,
    LeadsTo, LoginFrame, NewSecret, PageScripts, SignIn, SignInNotice,
};
use super::reply::{client_name, html_towards};
use super::session;
use crate::domain::gates::Renewal;
use crate::domain::lockout::in_minutes;
use crate::domain::login::PasswordProof;
use crate::domain::name::{TypedName, fold};
use crate::domain::{DAY, Millis};
use crate::flow::account::change_password;
use crate::flow::installation::browser::Browser;
use crate::flow::installation::current::Site;
use crate::flow::installation::fault::Fault;
use crate::flow::login::page::LoginPage;
use crate::flow::login::pending::{Pending, csrf_token};
use crate::flow::login::second_factor::enrolling;

/// One page of a login.
pub async fn show(login: LoginContext<'_>, page: LoginPage, view: impl Into<View>) -> Response {
    let view = view.into();
    let response = match render(login, page, view).await {
        Ok(html) => html,
        Err(error) => return login.context.fail_at(&error, login_url(login.pending)),
    };
    (view.notice.status(), response).into_response()
}

async fn render(
    login: LoginContext<'_>,
    page: LoginPage,
    View { notice, recovery }: View,
) -> Result<Response, Fault> {
    let LoginContext { context, pending, .. } = login;
    let language = context.language;
    let towards = &pending.request.redirect_uri;
    let now = context.web.parts.now();
    let mut frame = frame(login, page).await?;
    let progress = &pending.progress;
    let notice_code = notice.code();
    if !matches!(notice, Notice::None) {
        frame.attempt_id = Some(context.visit.attempt_id.clone());
    }
    let days = |later: Option<Millis>| later.map(|until| days_left(until, now));
    Ok(match page {
        LoginPage::SignIn => html_towards(&sign_in(login, frame, notice), towards, PageScripts::Own),
        LoginPage::FactorFirst | LoginPage::SecondFactor => {
            let before_password = page == LoginPage::FactorFirst;
            let current = context.web.parts.current();
            let days = current.settings.second_factor.remember_browser_days;
            let remember_days = (days > 0 && !before_password).then_some(days);
            let minutes = progress.again_at.map_or(1, |until| in_minutes(until, now));
            let notice = notice_code;
            let page =
                EnterCode { language, frame, before_password, minutes, recovery, remember_days, notice };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::Invitation { later } => {
            let page = InvitationNeeded { language, frame, later_days: days(later), notice: notice_code };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::Enrol { later } => {
            let secret = new_secret(login);
            let (name, later_days) = (String::new(), days(later));
            let page = EnrolFactor { language, frame, secret, name, later_days, notice: notice_code };
            html_towards(&page, towards, PageScripts::None)
        }
        LoginPage::NewPassword => {
            html_towards(&new_password(login, frame, notice).await, towards, PageScripts::Own)
        }
    })
}

async fn new_password(login: LoginContext<'_>, frame: LoginFrame, notice: Notice) -> ChangePassword {
    let LoginContext { context, pending, .. } = login;
    let progress = &pending.progress;
    let notice = if let Notice::Password(notice) = notice { Some(notice) } else { None };
    let renewal = progress.password.as_ref().and_then(PasswordProof::needs_new_password);
    let why = match renewal {
        Some(Renewal::MustChange) => ChangeReason::MustChange,
        Some(Renewal::Expired) | None => ChangeReason::Expired,
    };
    let rules = match &progress.link {
        Some((directory, entry)) => change_password::rules(&context.web.parts, directory, *entry).await,
        None => None,
    };
    let (language, username) = (context.language, progress.typed_name.clone());
    ChangePassword { language, frame, username, why, rules, notice }
}

fn sign_in(login: LoginContext<'_>, frame: LoginFrame, notice: Notice) -> SignIn {
    use SignInNotice as N;
    let LoginContext { context, pending, browser } = login;
    let notice = if let Notice::SignIn(notice) = notice { Some(notice) } else { None };
    let owner = frame.person.as_ref().filter(|_| is_of(pending, browser));
    let username = name_to_show(pending, owner);
    // After a refusal, the name may be wrong as well.
    let trusted = notice.is_none_or(|notice| matches!(notice, N::MissingPassword | N::TryAgainExpired));
    let owner =
        owner.filter(|owner| trusted && owner.login_names.iter().any(|name| fold(name) == fold(&username)));
    let mut domains = domains(login, &username);
    if let Some(owner) = owner {
        domains.iter_mut().for_each(|domain| domain.chosen = domain.id == owner.directory);
    }
    SignIn {
        only_password: owner.is_some() && (domains.is_empty() || domains.iter().any(|domain| domain.chosen)),
        domains,
        language: context.language,
        pending_id: frame.pending_id,
        client_id: frame.client_id,
        csrf_token: frame.csrf_token,
        client_name: frame.client_name,
        leads_to: frame.leads_to,
        username,
        notice,
        code_accepted: pending.progress.factor.as_ref().is_some_and(|proof| proof.opens().is_some()),
        known_person: frame.person,
        help_contact: frame.help_contact,
        forgot_password_url: context.web.parts.current().settings.sso.forgot_password_url.clone(),
        attempt_id: frame.attempt_id,
    }
}

/// False if the client wants a different person than the one who is signed in.
fn is_of(pending: &Pending, browser: &Browser) -> bool {
    let account = browser.session.as_ref().map(|session| &session.evidence.account);
    pending.ask.subject.as_ref().is_none_or(|subject| Some(subject) == account)
}

/// What was typed, else the client's hint, else the name of the signed-in person.
fn name_to_show(pending: &Pending, owner: Option<&KnownPerson>) -> String {
    let typed = Some(&pending.progress.typed_name).filter(|typed| !typed.is_empty());
    let own = || owner.and_then(|owner| owner.login_names.first());
    typed.or(pending.request.login_hint.as_ref()).or_else(own).cloned().unwrap_or_default()
}

/// The domains that the name could be in, if there are several. Whether the name exists makes no difference.
fn domains(login: LoginContext<'_>, username: &str) -> Vec<DomainChoice> {
    let LoginContext { context, pending, browser } = login;
    let current = context.web.parts.current();
    let Some(name) = TypedName::parse(username) else { return Vec::new() };
    let candidates = current.candidates(&name);
    if candidates.len() < 2 {
        return Vec::new();
    }
    let chosen = pending.progress.directory.as_ref();
    let chosen = browser.device.route(&current, &name, chosen).one().map(|site| site.id().clone());
    let domain = |site: &Arc<Site>| DomainChoice {
        id: site.id().0.clone(),
        name: site.settings.name.clone(),
        chosen: chosen.as_ref() == Some(site.id()),
    };
    candidates.into_iter().map(domain).collect()
}

/// The data of the login that every step's page shows.
pub async fn frame(login: LoginContext<'_>, page: LoginPage) -> Result<LoginFrame, Fault> {
    let LoginContext { context, pending, browser } = login;
    let csrf_token = csrf_token(&context.web.parts, &pending.id, &browser.id);
    Ok(LoginFrame {
        pending_id: pending.id.clone(),
        client_id: pending.request.client_id.clone(),
        csrf_token: csrf_token.clone(),
        client_name: destination(login),
        leads_to: match (pending.request.is_for_panel(), pending.request.is_ours()) {
            (true, _) => LeadsTo::Panel,
            (false, true) => LeadsTo::OwnPage,
            (false, false) => LeadsTo::Client,
        },
        person: person(login, page, csrf_token).await?,
        help_contact: context.help_contact(),
        attempt_id: None,
    })
}

/// The person who is signing in: the session's owner by name; before the password is verified, as typed.
async fn person(
    login: LoginContext<'_>,
    page: LoginPage,
    csrf_token: String,
) -> Result<Option<KnownPerson>, Fault> {
    let LoginContext { context, pending, browser } = login;
    let typed = || {
        let display_name = pending.progress.typed_name.clone();
        let (pending_id, client_id) = (pending.id.clone(), pending.request.client_id.clone());
        KnownPerson { display_name, pending_id, client_id, csrf_token, ..KnownPerson::default() }
    };
    if page != LoginPage::SignIn && !pending.progress.typed_name.is_empty() {
        return Ok(Some(typed()));
    }
    let known = session::known_person(context.web, browser.session.as_ref(), pending, &browser.id).await;
    // After later steps, the page (it may show recovery codes, once) matters more than the name on it.
    if page == LoginPage::SignIn { known } else { Ok(known.unwrap_or_default()) }
}

/// The name of the page or client that the sign-in leads to.
fn destination(login: LoginContext<'_>) -> String {
    let LoginContext { context, pending, .. } = login;
    match pending.request.is_ours() {
        true => context.web.brand().look.product.clone(),
        false => client_name(context.client, &pending.request.client_id),
    }
}

fn new_secret(login: LoginContext<'_>) -> NewSecret {
    let Some(enrolling) = enrolling(login.pending) else { return NewSecret::default() };
    let issuer = destination(login);
    NewSecret {
        uri: enrolling.uri(&issuer, &login.pending.progress.typed_name),
        key: enrolling.secret.to_base32().to_string(),
        digits: enrolling.parameters.digits,
        period: enrolling.parameters.period,
    }
}

fn days_left(until: Millis, now: Millis) -> u32 {
    u32::try_from(((until - now).max(0) + DAY - 1) / DAY).unwrap_or(u32::MAX)
}
