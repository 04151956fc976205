//! The secrets of services: bearer tokens and the client secret for a token endpoint. Each is sealed for the addresses
//! that may receive it, or what it gives: whoever can change the settings without knowing the secret can't have it
//! sent elsewhere.

use serde::{Deserialize, Serialize};

use super::error::SettingsError;
use super::report::{ProblemReport, SettingPath};
use super::sealing::{hold, open_bound, open_held, seal_bound};
use crate::domain::secret::Plain;
use crate::domain::settings::{Provisioning, SecretText, Settings};
use crate::keys::Sealer;

/// A secret of a service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ServiceSecret {
    Token,
    NextToken,
    ClientSecret,
}

impl ServiceSecret {
    pub(super) const ALL: [Self; 3] = [Self::Token, Self::NextToken, Self::ClientSecret];

    /// Its key in the settings.
    pub(super) const fn key(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::NextToken => "next_token",
            Self::ClientSecret => "oauth_client_secret",
        }
    }

    /// As what it is sealed. Both tokens may hold the same one, so that the next token can become the current one.
    pub(super) const fn sealed_as(self) -> &'static str {
        match self {
            Self::Token | Self::NextToken => "service_token",
            Self::ClientSecret => "service_client_secret",
        }
    }

    const fn held_as(self) -> &'static str {
        match self {
            Self::Token | Self::NextToken => "given_service_token",
            Self::ClientSecret => "given_service_client_secret",
        }
    }

    fn of(self, service: &Provisioning) -> &Option<SecretText> {
        match self {
            Self::Token => &service.token,
            Self::NextToken => &service.next_token,
            Self::ClientSecret => &service.oauth_client_secret,
        }
    }

    fn slot(self, service: &mut Provisioning) -> &mut Option<SecretText> {
        match self {
            Self::Token => &mut service.token,
            Self::NextToken => &mut service.next_token,
            Self::ClientSecret => &mut service.oauth_client_secret,
        }
    }
}

/// Where a secret may be sent, and why that is trusted.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
struct SecretRecipient {
    /// With a client secret too: the access tokens that it gives are sent there.
    base_url: String,
    ca: Option<String>,
    /// A proxy on the way to an address without TLS reads what is sent.
    proxy: Option<String>,
    /// Of a client secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    token_endpoint: Option<String>,
}

impl SecretRecipient {
    fn of(service: &Provisioning, secret: ServiceSecret) -> Self {
        let endpoint = service.oauth_token_endpoint.clone();
        let token_endpoint = endpoint.filter(|_| secret == ServiceSecret::ClientSecret);
        let is_plain = |url: &str| !url.starts_with("https://");
        let proxy_reads = is_plain(&service.base_url) || token_endpoint.as_deref().is_some_and(is_plain);
        Self {
            base_url: service.base_url.trim_end_matches('/').to_owned(),
            ca: service.ca_pem.clone(),
            proxy: service.proxy.clone().filter(|_| proxy_reads),
            token_endpoint,
        }
    }
}

/// The bearer tokens of a service, the current one first, for the connection that sends them.
pub fn service_tokens(service: &Provisioning, sealer: &Sealer) -> Result<Vec<Plain>, SettingsError> {
    let all = [ServiceSecret::Token, ServiceSecret::NextToken].into_iter();
    all.filter_map(|secret| opened(service, secret, sealer).transpose()).collect()
}

/// The client secret of a service, for its token endpoint; `None` if the service takes a bearer token.
pub fn service_client_secret(
    service: &Provisioning,
    sealer: &Sealer,
) -> Result<Option<Plain>, SettingsError> {
    opened(service, ServiceSecret::ClientSecret, sealer)
}

/// `None` if there is none. An error if it may not be sent where the settings say.
fn opened(
    service: &Provisioning,
    secret: ServiceSecret,
    sealer: &Sealer,
) -> Result<Option<Plain>, SettingsError> {
    let Some(sealed) = secret.of(service) else { return Ok(None) };
    let kind = (secret.sealed_as(), service.id.as_str());
    let opened = open_bound::<SecretRecipient>(sealer, kind, &sealed.0);
    let bound = opened.filter(|(_, recipient)| *recipient == SecretRecipient::of(service, secret));
    match bound {
        Some((plain, _)) => Ok(Some(plain)),
        None => Err(SettingsError::Token(service.id.clone())),
    }
}

/// A secret as it was given: it is sealed for its addresses once these are known.
pub(super) fn hold_service_secret(sealer: &Sealer, secret: ServiceSecret, id: &str, plain: &Plain) -> String {
    hold(sealer, secret.held_as(), id, plain)
}

/// True for a secret that this installation has sealed for this service.
pub(super) fn is_sealed_service_secret(
    sealer: &Sealer,
    secret: ServiceSecret,
    id: &str,
    sealed: &str,
) -> bool {
    open_bound::<SecretRecipient>(sealer, (secret.sealed_as(), id), sealed).is_some()
}

/// Seals each given secret for the addresses of its service, once all of these are known. A secret sealed before is
/// kept, and refused if it would be sent elsewhere. `stored` are the settings in force: an unchanged secret keeps its
/// sealed text.
pub(super) fn bind_service_secrets(
    settings: &mut Settings,
    stored: &Settings,
    sealer: &Sealer,
    report: &mut ProblemReport,
) {
    for service in &mut settings.provisioning {
        let before = stored.service(&service.id);
        for secret in ServiceSecret::ALL {
            let Some(held) = secret.of(service).clone() else { continue };
            match bound((service, before), secret, &held.0, sealer) {
                Ok(sealed) => *secret.slot(service) = Some(SecretText(sealed)),
                Err(advice) => {
                    let place = SettingPath::named("provisioning", &service.id).key(secret.key());
                    report.problem(&place, advice);
                }
            }
        }
    }
}

fn bound(
    (service, before): (&Provisioning, Option<&Provisioning>),
    secret: ServiceSecret,
    held: &str,
    sealer: &Sealer,
) -> Result<String, &'static str> {
    let kind = (secret.sealed_as(), service.id.as_str());
    let recipient = SecretRecipient::of(service, secret);
    let fits = |sealed: &str| {
        open_bound::<SecretRecipient>(sealer, kind, sealed).filter(|(_, known)| *known == recipient)
    };
    if let Some(plain) = open_held(sealer, secret.held_as(), &service.id, held) {
        let alike = ServiceSecret::ALL.into_iter().filter(|one| one.sealed_as() == secret.sealed_as());
        let known = before
            .into_iter()
            .flat_map(|before| alike.clone().filter_map(move |one| one.of(before).as_ref()));
        let same = |sealed: &&SecretText| fits(&sealed.0).is_some_and(|(known, _)| known == plain);
        let kept = known.filter(same).map(|sealed| sealed.0.clone()).next();
        return Ok(kept.unwrap_or_else(|| seal_bound(sealer, kind, &recipient, &plain)));
    }
    fits(held).map(|_| held.to_owned()).ok_or(
        "was given for another address, token endpoint, CA or proxy; give it again, with its `_file` or `_env` key, \
         so that nobody can have it sent elsewhere by changing the settings",
    )
}
