//! `[[provisioning]]`: the services that accounts and Team Shares are delivered to by SCIM 2.0.

use serde::{Deserialize, Serialize};

use super::{DirectoryId, SecretText};
use crate::domain::delivery::Rate;

/// The name of the email address in [`Provisioning::attributes`].
pub const EMAIL: &str = "email";

/// One service.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Provisioning {
    /// A stable id: what was delivered is stored under it.
    pub id: String,
    /// The client as which this service signs people in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Whether anything is sent. Without it a service can be looked at before the first delivery.
    pub enabled: bool,
    /// The address above `/Users` and `/Groups`.
    pub base_url: String,
    /// `sealed:...` once stored; clear text only in a file that is being applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<SecretText>,
    /// A file to read the token from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_file: Option<String>,
    /// An environment variable to read the token from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token_env: Option<String>,
    /// The token that is used as soon as the service refuses `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token: Option<SecretText>,
    /// A file to read `next_token` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token_file: Option<String>,
    /// An environment variable to read `next_token` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next_token_env: Option<String>,
    /// The token endpoint (RFC 6749 section 3.2) that gives access tokens for client credentials, in place of `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_token_endpoint: Option<String>,
    /// As which client this installation is known to the token endpoint.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_client_id: Option<String>,
    /// The secret of that client, sealed like `token`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_client_secret: Option<SecretText>,
    /// A file to read `oauth_client_secret` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_client_secret_file: Option<String>,
    /// An environment variable to read `oauth_client_secret` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_client_secret_env: Option<String>,
    /// The scope that is asked for; without, the token endpoint decides.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub oauth_scope: Option<String>,
    /// How the client secret is sent.
    pub oauth_auth_method: OAuthAuthMethod,
    /// The directories whose people are delivered; empty: all.
    pub directories: Vec<DirectoryId>,
    /// [`EMAIL`] and columns of the table of profile attributes; empty: all.
    pub attributes: Vec<String>,
    /// Whether Team Shares are delivered as groups.
    pub team_shares: bool,
    /// The most members in one request.
    pub members_per_request: u32,
    /// 0: no limit.
    pub requests_per_minute: u32,
    /// 0: no limit.
    pub requests_per_hour: u32,
    /// How much of both limits is kept for suspensions, in percent.
    pub reserved_for_suspensions: u8,
    pub when_gone: WhenGone,
    /// What happens once a day to what differs over there.
    pub drift: DriftMode,
    /// When that is: `hh:mm` in `drift_zone`.
    pub drift_at: String,
    /// A name of the IANA time zone database.
    pub drift_zone: String,
    /// Private networks that the service may be in.
    pub private_addresses: Vec<String>,
    /// CA certificates to trust instead of the system's, as PEM.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_pem: Option<String>,
    /// A file to read `ca_pem` from while settings are applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ca_file: Option<String>,
    /// The HTTP proxy on the way.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub proxy: Option<String>,
}

/// What happens if the service says that it does not have a person or Team Share any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum WhenGone {
    /// Created again, unless there are suddenly many.
    #[default]
    Create,
    /// Reported, and left to an administrator.
    Report,
}

/// How a client authenticates at a token endpoint (RFC 6749 section 2.3.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum OAuthAuthMethod {
    /// HTTP Basic, which every token endpoint has to understand.
    #[default]
    ClientSecretBasic,
    /// In the body of the request.
    ClientSecretPost,
}

/// What happens to differences that the daily comparison finds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, Default)]
#[serde(rename_all = "snake_case")]
pub enum DriftMode {
    /// Delivered again, except for what only an administrator can decide.
    #[default]
    Fix,
    /// Only counted, with an event.
    Report,
    /// There is no daily comparison.
    Off,
}

impl Default for Provisioning {
    fn default() -> Self {
        Self {
            id: String::new(),
            client: None,
            enabled: true,
            base_url: String::new(),
            token: None,
            token_file: None,
            token_env: None,
            next_token: None,
            next_token_file: None,
            next_token_env: None,
            oauth_token_endpoint: None,
            oauth_client_id: None,
            oauth_client_secret: None,
            oauth_client_secret_file: None,
            oauth_client_secret_env: None,
            oauth_scope: None,
            oauth_auth_method: OAuthAuthMethod::default(),
            directories: Vec::new(),
            attributes: Vec::new(),
            team_shares: true,
            members_per_request: 100,
            requests_per_minute: 0,
            requests_per_hour: 0,
            reserved_for_suspensions: 20,
            when_gone: WhenGone::default(),
            drift: DriftMode::default(),
            drift_at: "03:30".to_owned(),
            drift_zone: "UTC".to_owned(),
            private_addresses: Vec::new(),
            ca_pem: None,
            ca_file: None,
            proxy: None,
        }
    }
}

impl Provisioning {
    /// Whether people of this directory are delivered.
    #[must_use]
    pub fn delivers_people_of(&self, directory: &DirectoryId) -> bool {
        self.directories.is_empty() || self.directories.contains(directory)
    }

    /// Whether this attribute is delivered: [`EMAIL`], or a column.
    #[must_use]
    pub fn delivers(&self, attribute: &str) -> bool {
        self.attributes.is_empty() || self.attributes.iter().any(|one| one == attribute)
    }

    /// What is delivered, as a text to compare: once it changes, everybody is looked at again.
    #[must_use]
    pub fn delivered(&self) -> String {
        let texts = (&self.directories, &self.attributes, self.team_shares);
        // Lists of texts can always be written as JSON.
        serde_json::to_string(&texts).unwrap_or_default()
    }

    /// Its limits.
    #[must_use]
    pub fn rate(&self) -> Rate {
        Rate {
            per_minute: self.requests_per_minute,
            per_hour: self.requests_per_hour,
            reserved: self.reserved_for_suspensions,
        }
    }

    /// Whether a key of OAuth 2 client credentials is set, besides the way in which the secret is sent.
    #[must_use]
    pub fn names_oauth(&self) -> bool {
        let texts = [&self.oauth_token_endpoint, &self.oauth_client_id, &self.oauth_scope];
        self.oauth_client_secret.is_some() || texts.into_iter().any(Option::is_some)
    }

    /// The same without its secrets.
    #[must_use]
    pub fn without_secrets(&self) -> Self {
        Self { token: None, next_token: None, oauth_client_secret: None, ..self.clone() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_list_is_all() {
        let corp = DirectoryId("corp".into());
        let all = Provisioning::default();
        assert!(all.delivers_people_of(&corp) && all.delivers(EMAIL) && all.delivers("title"));
        let some = Provisioning {
            directories: vec![DirectoryId("labs".into())],
            attributes: vec!["title".into()],
            ..Provisioning::default()
        };
        assert!(!some.delivers_people_of(&corp) && !some.delivers(EMAIL) && some.delivers("title"));
        assert_ne!(all.delivered(), some.delivered());
        let slower = Provisioning { requests_per_hour: 5, ..some.clone() };
        assert_eq!(slower.delivered(), some.delivered());
    }
}
