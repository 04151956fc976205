//! The bearer tokens of services. Each is sealed for the address that may receive it: whoever can change the
//! settings without knowing the token can't have it sent elsewhere.

use serde::{Deserialize, Serialize};

use super::error::SettingsError;
use super::report::{ProblemReport, SettingPath};
use super::sealing::{hold, open_bound, open_held, seal_bound};
use crate::domain::secret::Plain;
use crate::domain::settings::{Provisioning, SecretText, Settings};
use crate::keys::Sealer;

pub(super) const SERVICE_TOKEN: &str = "service_token";
const GIVEN_TOKEN: &str = "given_service_token";

/// The keys of tokens. Both may hold the same one, so that the next token can become the current one.
pub(super) const TOKENS: [&str; 2] = ["token", "next_token"];

/// Where a token may be sent, and why that is trusted.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct TokenRecipient {
    base_url: String,
    ca: Option<String>,
    /// A proxy on the way to an address without TLS reads the token.
    proxy: Option<String>,
}

impl TokenRecipient {
    fn of(service: &Provisioning) -> Self {
        let is_plain = !service.base_url.starts_with("https://");
        Self {
            base_url: service.base_url.trim_end_matches('/').to_owned(),
            ca: service.ca_pem.clone(),
            proxy: service.proxy.clone().filter(|_| is_plain),
        }
    }
}

/// The tokens of a service, the current one first, for the connection that sends them.
pub fn service_tokens(service: &Provisioning, sealer: &Sealer) -> Result<Vec<Plain>, SettingsError> {
    let held = [&service.token, &service.next_token].into_iter().flatten();
    held.map(|sealed| {
        let opened = open_bound::<TokenRecipient>(sealer, (SERVICE_TOKEN, &service.id), &sealed.0);
        let bound = opened.filter(|(_, recipient)| *recipient == TokenRecipient::of(service));
        bound.map(|(token, _)| token).ok_or_else(|| SettingsError::Token(service.id.clone()))
    })
    .collect()
}

/// A token as it was given: it is sealed for its address once that is known.
pub(super) fn hold_token(sealer: &Sealer, id: &str, plain: &Plain) -> String {
    hold(sealer, GIVEN_TOKEN, id, plain)
}

/// True for a token that this installation has sealed for this service.
pub(super) fn is_sealed_token(sealer: &Sealer, id: &str, sealed: &str) -> bool {
    open_bound::<TokenRecipient>(sealer, (SERVICE_TOKEN, id), sealed).is_some()
}

/// Seals each given token for the address of its service, once all of it is known. A token sealed before is kept,
/// and refused if it would be sent elsewhere. `stored` are the settings in force: an unchanged token keeps its
/// sealed text.
pub(super) fn bind_tokens(
    settings: &mut Settings,
    stored: &Settings,
    sealer: &Sealer,
    report: &mut ProblemReport,
) {
    for service in &mut settings.provisioning {
        let before = stored.service(&service.id);
        for name in TOKENS {
            let Some(held) = slot(service, name).clone() else { continue };
            match bound(service, before, &held.0, sealer) {
                Ok(sealed) => *slot(service, name) = Some(SecretText(sealed)),
                Err(advice) => {
                    report.problem(&SettingPath::named("provisioning", &service.id).key(name), advice);
                }
            }
        }
    }
}

fn slot<'s>(service: &'s mut Provisioning, name: &str) -> &'s mut Option<SecretText> {
    if name == TOKENS[0] { &mut service.token } else { &mut service.next_token }
}

fn bound(
    service: &Provisioning,
    before: Option<&Provisioning>,
    held: &str,
    sealer: &Sealer,
) -> Result<String, &'static str> {
    let (kind, recipient) = ((SERVICE_TOKEN, service.id.as_str()), TokenRecipient::of(service));
    let fits = |sealed: &str| {
        open_bound::<TokenRecipient>(sealer, kind, sealed).filter(|(_, known)| *known == recipient)
    };
    if let Some(plain) = open_held(sealer, GIVEN_TOKEN, &service.id, held) {
        let known = before.into_iter().flat_map(|before| [&before.token, &before.next_token]).flatten();
        let same = |sealed: &&SecretText| fits(&sealed.0).is_some_and(|(token, _)| token == plain);
        let kept = known.filter(same).map(|sealed| sealed.0.clone()).next();
        return Ok(kept.unwrap_or_else(|| seal_bound(sealer, kind, &recipient, &plain)));
    }
    fits(held).map(|_| held.to_owned()).ok_or(
        "was given for another address, CA or proxy; give the token again, with its `_file` or `_env` key, so that \
         nobody can have it sent elsewhere by changing the settings",
    )
}
