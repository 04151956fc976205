//! The authorization request after its checks: what a login needs of it.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::domain::account::AccountId;
use crate::domain::client::Client;
use crate::domain::evidence::Level;
use crate::domain::login::Ask;
use crate::domain::policy::AcrAsk;
use crate::domain::settings::Settings;
use crate::oidc::claim_set::{ClaimSet, NamedClaims};
use crate::oidc::params::Params;
use crate::oidc::redirect_uri;
use crate::oidc::reply::{ReplyTo, ResponseMode};
use crate::oidc::request_object;
use crate::oidc::scope::ScopeSet;

/// Which pages the client allows or demands (`prompt`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Prompt {
    /// Any page that is needed. `consent` is treated like this too: the administrator consented by
    /// registering the client.
    #[default]
    AsNeeded,
    /// No page may be shown (`none`).
    Nothing,
    /// The person has to authenticate again (`login`, and `select_account`, which leads to the same page).
    Login,
}

/// A request that passed every check. It is stored, sealed, in the pending login and the code.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AuthorizeRequest {
    pub client_id: String,
    /// One of the client's registered URIs, letter by letter except for the port of a native app.
    pub redirect_uri: String,
    pub response_mode: ResponseMode,
    pub state: Option<String>,
    /// Put into the ID token unchanged.
    pub nonce: Option<String>,
    /// What is granted: requested, known, and allowed for the client.
    pub scope: ScopeSet,
    /// The S256 challenge.
    pub code_challenge: Option<String>,
    pub prompt: Prompt,
    /// Maximum age of the authentication in seconds; the client's default if the request has none.
    pub max_age: Option<u32>,
    /// A user name to fill in.
    pub login_hint: Option<String>,
    /// Languages in order of preference.
    pub ui_locales: Vec<String>,
    /// Names the session that is meant; not verified yet. Used once and not stored, because it may be long.
    #[serde(skip)]
    pub id_token_hint: Option<String>,
    /// The requested authentication level, from `acr_values` and `claims`.
    #[serde(default)]
    pub acr: AcrAsk,
    /// The person that `claims` requires.
    #[serde(default)]
    pub subject: Option<AccountId>,
    /// Claims that `claims` requests by name, as far as the client's scopes allow them.
    #[serde(default)]
    pub claims: NamedClaims,
}

impl AuthorizeRequest {
    // Reads state and mode as far as possible, so that an early error is sent as the client asked.
    pub(super) fn blank(client: &Client, redirect_uri: &str, params: &Params) -> Self {
        let said = |name| match params.has(name) {
            true => params.owned(name).ok().flatten(),
            false => request_object::hint(params, name),
        };
        Self {
            client_id: client.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            response_mode: said("response_mode").as_deref().and_then(ResponseMode::parse).unwrap_or_default(),
            state: said("state"),
            nonce: None,
            scope: ScopeSet::default(),
            code_challenge: None,
            prompt: Prompt::default(),
            max_age: None,
            login_hint: None,
            ui_locales: Vec::new(),
            id_token_hint: None,
            acr: AcrAsk::default(),
            subject: None,
            claims: NamedClaims::default(),
        }
    }

    /// Every claim about the person that this request's tokens, or the userinfo endpoint, may contain.
    #[must_use]
    pub fn shown_claims(&self) -> ClaimSet {
        ClaimSet::of_scopes(self.scope).or(self.claims.anywhere())
    }

    /// A sign-in for our own pages: without a client, and without a code.
    #[must_use]
    pub fn for_ourselves(page: String) -> Self {
        Self { redirect_uri: page, ..Self::blank(&Client::default(), "", &Params::default()) }
    }

    /// A sign-in for the admin panel: always a new one, and with a second factor.
    #[must_use]
    pub fn for_panel(page: String) -> Self {
        let acr = AcrAsk { essential: vec![Level::Mfa], ..AcrAsk::default() };
        Self { prompt: Prompt::Login, acr, ..Self::for_ourselves(page) }
    }

    /// True for [`Self::for_panel`]: only the panel's pages are below this path.
    #[must_use]
    pub fn is_for_panel(&self) -> bool {
        self.is_ours() && self.redirect_uri.starts_with("/admin/")
    }

    /// True for [`Self::for_ourselves`]: no client has an empty id.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        self.client_id.is_empty()
    }

    /// Where the response is sent.
    #[must_use]
    pub fn reply_to(&self) -> ReplyTo {
        ReplyTo {
            redirect_uri: self.redirect_uri.clone(),
            response_mode: self.response_mode,
            state: self.state.clone(),
        }
    }

    /// The client, if still registered with this redirect URI: settings may change during a sign-in.
    #[must_use]
    pub fn client<'a>(&self, settings: &'a Settings) -> Option<&'a Client> {
        registered_client(settings, &self.client_id, &self.redirect_uri)
    }

    // OpenID Connect Core section 3.1.2.1: "max_age=0 is equivalent to prompt=login."
    /// What the sign-in must respect; `subject` is the person that a verified `id_token_hint` names.
    #[must_use]
    pub fn ask(&self, subject: Option<AccountId>) -> Ask {
        Ask {
            silent: self.prompt == Prompt::Nothing,
            fresh: self.prompt == Prompt::Login || self.max_age == Some(0),
            max_age: self.max_age.map(i64::from),
            subject: subject.or_else(|| self.subject.clone()),
            acr: self.acr.clone(),
        }
    }
}

/// The client with this id, if this redirect URI is still registered for it.
#[must_use]
pub(in crate::oidc) fn registered_client<'a>(
    settings: &'a Settings,
    client_id: &str,
    redirect_uri: &str,
) -> Option<&'a Client> {
    settings
        .client(client_id)
        .filter(|client| redirect_uri::is_registered(redirect_uri, &client.redirect_uris, client.is_public()))
}

/// Omits values that may be a token or a person's name.
impl fmt::Debug for AuthorizeRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("AuthorizeRequest")
            .field("client_id", &self.client_id)
            .field("redirect_uri", &self.redirect_uri)
            .field("response_mode", &self.response_mode)
            .field("scope", &self.scope)
            .field("prompt", &self.prompt)
            .field("max_age", &self.max_age)
            .finish_non_exhaustive()
    }
}
