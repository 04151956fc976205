//! RP-Initiated Logout 1.0: reads a logout request and decides what to do.
//!
//! Redirects only to registered addresses. If the request does not prove that it comes from the session's own
//! client, the person is asked first.

use super::error::OAuthError;
use super::hint::Hint;
use super::params::{ParamError, Params};
use super::redirect_uri;
use super::reply::with_query;
use crate::domain::client::Client;
use crate::domain::settings::Settings;

/// The parameters (section 2). `logout_hint` is not used.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct LogoutRequest {
    pub id_token_hint: Option<String>,
    pub client_id: Option<String>,
    pub post_logout_redirect_uri: Option<String>,
    pub state: Option<String>,
    /// Languages in order of preference, separated by spaces.
    pub ui_locales: Option<String>,
}

/// What has to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOut {
    /// Ask the person before ending the session.
    pub must_ask: bool,
    /// Where to go afterwards; `None`: our own page.
    pub redirect: Option<String>,
    /// The client that asked, if known.
    pub client_id: Option<String>,
}

/// Why a request gets an error page. No session is ended, and nothing is redirected (section 4).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LogoutError {
    #[error("{0}")]
    Malformed(#[from] ParamError),
    /// The hint is not an ID token of ours.
    #[error("id_token_hint is not an ID token of this provider")]
    BadHint,
    /// Hint and `client_id` name different clients.
    #[error("client_id is not the client of id_token_hint")]
    ClientMismatch,
    #[error("unknown client")]
    UnknownClient,
    /// There is an address, but no client to check it for.
    #[error("post_logout_redirect_uri needs id_token_hint or client_id")]
    NoClient,
    #[error("post_logout_redirect_uri is not registered for this client")]
    BadRedirectUri,
}

impl LogoutRequest {
    /// Reads the parameters of a GET or a POST.
    ///
    /// # Errors
    /// One is repeated or unreadable.
    pub fn read(params: &Params) -> Result<Self, LogoutError> {
        Ok(Self {
            id_token_hint: params.owned("id_token_hint")?,
            client_id: params.owned("client_id")?,
            post_logout_redirect_uri: params.owned("post_logout_redirect_uri")?,
            state: params.owned("state")?,
            ui_locales: params.owned("ui_locales")?,
        })
    }

    /// Decides what to do. `hint` is the content of [`LogoutRequest::id_token_hint`] after verifying its
    /// signature (`None` if invalid); `session` is the `sid` of this browser's session, if any.
    ///
    /// # Errors
    /// Why an error page must be shown.
    pub fn check(
        &self,
        hint: Option<&Hint>,
        settings: &Settings,
        session: Option<&str>,
    ) -> Result<SignOut, LogoutError> {
        // Section 2: "the OP MUST verify that it was the issuer of the ID Token". Section 4: what fails
        // validation "MUST NOT be used".
        if self.id_token_hint.is_some() && hint.is_none() {
            return Err(LogoutError::BadHint);
        }
        let client = self.client(hint, settings)?;
        let redirect = self.redirect(client)?;
        Ok(SignOut {
            must_ask: must_ask(hint, session),
            redirect,
            client_id: client.map(|client| client.client_id.clone()),
        })
    }

    // Section 2: "When both client_id and id_token_hint are present, the OP MUST verify that the Client
    // Identifier matches the one used when issuing the ID Token."
    fn client<'a>(
        &self,
        hint: Option<&Hint>,
        settings: &'a Settings,
    ) -> Result<Option<&'a Client>, LogoutError> {
        let named = match (self.client_id.as_deref(), hint) {
            (Some(named), Some(hint)) if !hint.aud.contains(named) => {
                return Err(LogoutError::ClientMismatch);
            }
            (Some(named), _) => Some(named),
            (None, hint) => hint.and_then(|hint| hint.aud.only()),
        };
        named.map(|id| settings.client(id).ok_or(LogoutError::UnknownClient)).transpose()
    }

    // Section 2: "The value MUST have been previously registered with the OP". Section 3: without a hint the
    // OP "MUST NOT perform post-logout redirection unless the OP has other means of confirming the legitimacy
    // of the post-logout redirection target": the administrator registered exactly this address for the named
    // client, and a signed-in person is asked first.
    fn redirect(&self, client: Option<&Client>) -> Result<Option<String>, LogoutError> {
        let Some(wanted) = &self.post_logout_redirect_uri else { return Ok(None) };
        let client = client.ok_or(LogoutError::NoClient)?;
        let registered = &client.post_logout_redirect_uris;
        if !redirect_uri::is_registered(wanted, registered, client.is_public()) {
            return Err(LogoutError::BadRedirectUri);
        }
        // Section 3: "If the post-logout redirection includes a state parameter": it is passed back.
        Ok(Some(match &self.state {
            Some(state) => with_query(wanted, &[("state", state.clone())]),
            None => wanted.clone(),
        }))
    }
}

// Section 2: "the OP MUST ask the End-User this question if an id_token_hint was not provided or if the
// supplied ID Token does not belong to the current OP session with the RP". Without a session, there is
// nothing to ask.
fn must_ask(hint: Option<&Hint>, session: Option<&str>) -> bool {
    session.is_some_and(|session| hint.and_then(|hint| hint.sid.as_deref()) != Some(session))
}

impl From<LogoutError> for OAuthError {
    fn from(error: LogoutError) -> Self {
        Self::invalid_request(error.to_string())
    }
}

/// Keeps tokens and addresses out of the log.
impl std::fmt::Debug for LogoutRequest {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("LogoutRequest").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::oidc::hint::Audience;

    const HOME: &str = "https://cloud.example.com/";

    fn settings() -> Settings {
        let client = |id: &str, home: &str| Client {
            client_id: id.into(),
            post_logout_redirect_uris: vec![home.into()],
            ..Client::default()
        };
        Settings {
            clients: vec![client("cloudsync", HOME), client("other", "https://other/?a=1")],
            ..Settings::default()
        }
    }

    fn hint(aud: &str) -> Hint {
        Hint { iss: "i".into(), sub: "7".into(), aud: Audience::One(aud.into()), sid: Some("s1".into()) }
    }

    fn check(query: &str, hint: Option<&Hint>, session: Option<&str>) -> Result<SignOut, LogoutError> {
        LogoutRequest::read(&Params::parse(query.as_bytes()).unwrap())?.check(hint, &settings(), session)
    }

    fn out(must_ask: bool, redirect: Option<&str>, client_id: Option<&str>) -> Result<SignOut, LogoutError> {
        Ok(SignOut { must_ask, redirect: redirect.map(Into::into), client_id: client_id.map(Into::into) })
    }

    #[test]
    fn a_person_is_asked_unless_the_hint_is_of_this_session() {
        let ours = hint("cloudsync");
        let table = [
            ("id_token_hint=x", Some(&ours), Some("s1"), out(false, None, Some("cloudsync"))),
            ("id_token_hint=x", Some(&ours), Some("s2"), out(true, None, Some("cloudsync"))),
            ("id_token_hint=x", Some(&ours), None, out(false, None, Some("cloudsync"))),
            ("client_id=cloudsync", None, Some("s1"), out(true, None, Some("cloudsync"))),
            ("", None, Some("s1"), out(true, None, None)),
            ("state=z", None, None, out(false, None, None)),
        ];
        for (query, hint, session, expected) in table {
            assert_eq!(check(query, hint, session), expected, "{query} {session:?}");
        }
    }

    #[test]
    fn only_registered_addresses_are_redirected_to() {
        let (ours, others) = (hint("cloudsync"), hint("other"));
        let back = "post_logout_redirect_uri=https://cloud.example.com/";
        let table = [
            (format!("id_token_hint=x&{back}"), Some(&ours), out(false, Some(HOME), Some("cloudsync"))),
            (
                format!("id_token_hint=x&{back}&state=a+b"),
                Some(&ours),
                out(false, Some("https://cloud.example.com/?state=a+b"), Some("cloudsync")),
            ),
            (
                "id_token_hint=x&post_logout_redirect_uri=https://other/?a%3D1&state=z".into(),
                Some(&others),
                out(false, Some("https://other/?a=1&state=z"), Some("other")),
            ),
            (format!("client_id=cloudsync&{back}"), None, out(true, Some(HOME), Some("cloudsync"))),
            (format!("client_id=other&{back}"), None, Err(LogoutError::BadRedirectUri)),
            (format!("{back}x&client_id=cloudsync"), None, Err(LogoutError::BadRedirectUri)),
            (format!("{back}?x=1&client_id=cloudsync"), None, Err(LogoutError::BadRedirectUri)),
            (back.into(), None, Err(LogoutError::NoClient)),
            (format!("client_id=nobody&{back}"), None, Err(LogoutError::UnknownClient)),
            (format!("id_token_hint=x&{back}"), None, Err(LogoutError::BadHint)),
            (
                format!("id_token_hint=x&client_id=other&{back}"),
                Some(&ours),
                Err(LogoutError::ClientMismatch),
            ),
        ];
        for (query, hint, expected) in table {
            assert_eq!(check(&query, hint, Some("s1")), expected, "{query}");
        }
        assert!(matches!(check("state=a&state=b", None, None), Err(LogoutError::Malformed(_))));
    }

    proptest! {
        #[test]
        fn every_request_redirects_only_to_registered_addresses(
            client_id in "(cloudsync|other|x)?",
            uri in "(https://cloud\\.example\\.com/|https://other/)?[a-z?=/#@.&]{0,6}",
            state in any::<Option<String>>(),
            hinted in any::<bool>(),
        ) {
            let request = LogoutRequest {
                id_token_hint: hinted.then(|| "x".into()),
                client_id: Some(client_id).filter(|id| !id.is_empty()),
                post_logout_redirect_uri: Some(uri),
                state,
                ui_locales: None,
            };
            let settings = settings();
            if let Ok(SignOut { redirect: Some(to), client_id: Some(id), .. }) =
                request.check(hinted.then(|| hint("cloudsync")).as_ref(), &settings, Some("s1"))
            {
                let registered = &settings.client(&id).unwrap().post_logout_redirect_uris[0];
                let rest = to.strip_prefix(registered.as_str()).unwrap();
                prop_assert!(rest.is_empty() || rest.starts_with(['?', '&']), "{}", to);
            }
        }
    }
}
