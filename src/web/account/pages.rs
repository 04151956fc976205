//! Fills the pages of `/account/security`.

use axum::response::Response;

use crate::domain::factor::Enrolling;
use crate::flow::account::owner::Owner;
use crate::flow::account::{security, sign_out};
use crate::flow::installation::fault::Fault;
use crate::web::error::RequestContext;
use crate::web::pages::{
    AccountNotice, AccountSecurity, Moment, NewFactor, NewSecret, PageScripts, RecoveryCodes,
    RegisteredAuthenticator, RememberedBrowser, SignedInBrowser,
};
use crate::web::reply::html_towards;

/// The page with what the person has, and the notice of what a form did.
pub async fn overview(
    context: &RequestContext<'_>,
    owner: &Owner,
    notice: Option<AccountNotice>,
) -> Result<AccountSecurity, Fault> {
    let parts = &context.web.parts;
    let (account, now) = (&owner.account, parts.now());
    let moment = |at| Moment { at, now };
    let places = security::places(parts, owner).await?;
    let authenticators = owner.standing.factors.iter().map(|factor| RegisteredAuthenticator {
        id: factor.id.0.clone(),
        name: factor.name.clone(),
        added: moment(factor.created_at),
        used: factor.used_at.map(moment),
    });
    let sessions = places.sessions.iter().map(|session| SignedInBrowser {
        id: session.sid.clone(),
        here: session.id_hash == owner.session.id_hash,
        signed_in: moment(session.evidence.auth_time),
        used: moment(session.used_at),
        place: session.place.clone(),
    });
    let browsers = places.browsers.iter().map(|browser| RememberedBrowser {
        id: hex::encode(browser.id_hash.0),
        place: browser.place.clone(),
        since: moment(browser.created_at),
        until: moment(browser.expires_at),
    });
    Ok(AccountSecurity {
        language: context.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        display_name: account.profile.shown_name().to_owned(),
        email: account.profile.email.clone(),
        may_change: owner.may.change,
        may_remove_last: owner.may.remove_last,
        may_add: owner.may.add,
        may_change_password: owner.may.password,
        authenticators: authenticators.collect(),
        recovery_left: owner.standing.has_factor().then_some(owner.standing.recovery_left),
        sessions: sessions.collect(),
        browsers: browsers.collect(),
        tokens_elsewhere: places.tokens_elsewhere,
        notice,
        help_contact: context.help_contact(),
    })
}

/// The page that shows the secret of a new authenticator.
pub fn new_factor_page(
    context: &RequestContext<'_>,
    owner: &Owner,
    enrolling: &Enrolling,
    sealed: String,
) -> NewFactor {
    let parts = &context.web.parts;
    NewFactor {
        language: context.language,
        csrf_token: sign_out::csrf_token(parts, &owner.session),
        sealed,
        secret: NewSecret {
            uri: enrolling.uri(&context.web.brand().look.product, owner.login_name()),
            key: enrolling.secret.to_base32(),
            digits: enrolling.parameters.digits,
            period: enrolling.parameters.period,
        },
        name: String::new(),
        notice: None,
        help_contact: context.help_contact(),
    }
}

/// The page that shows new recovery codes, once.
pub fn recovery_codes_page(context: &RequestContext<'_>, owner: &Owner, codes: Vec<String>) -> Response {
    let issuer = context.web.parts.issuer.to_string();
    let (language, username) = (context.language, owner.login_name().to_owned());
    let site = context.web.brand().look.names();
    let csrf_token = sign_out::csrf_token(&context.web.parts, &owner.session);
    let page = RecoveryCodes { language, frame: None, codes, site, username, csrf_token };
    html_towards(&page, &issuer, PageScripts::Own)
}
