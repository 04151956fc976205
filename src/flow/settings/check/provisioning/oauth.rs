//! Check how a service knows this installation: by a bearer token, or by OAuth 2 client credentials; by one of both.

use super::super::super::read::quoted;
use super::super::super::report::{ProblemReport, SettingPath};
use super::{networks, outbound};
use crate::domain::settings::Provisioning;

pub(super) fn check(service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    let has_token = service.token.is_some() || service.next_token.is_some();
    match (has_token, service.names_oauth()) {
        (_, false) if service.token.is_none() => {
            let message = "is missing; give token_file, token_env or token, or OAuth 2 client credentials with \
                           oauth_token_endpoint, oauth_client_id and oauth_client_secret_file";
            report.problem(&place.key("token"), message);
        }
        (true, true) => {
            let message = "give a bearer token or OAuth 2 client credentials, not both; token = \"\" and \
                           next_token = \"\" remove the tokens, and empty texts of oauth_token_endpoint, \
                           oauth_client_id, oauth_client_secret and oauth_scope the credentials";
            report.problem(&place.key("oauth_token_endpoint"), message);
        }
        (false, true) => credentials(service, place, report),
        (_, false) => {}
    }
}

fn credentials(service: &Provisioning, place: &SettingPath, report: &mut ProblemReport) {
    let mut missing = |key: &str, example: &str| {
        report.problem(&place.key(key), format!("is missing: client credentials need it; {example}"));
    };
    if service.oauth_client_id.is_none() {
        missing("oauth_client_id", "the service or its identity provider shows it with the secret");
    }
    if service.oauth_client_secret.is_none() {
        missing(
            "oauth_client_secret",
            "give oauth_client_secret_file, oauth_client_secret_env or oauth_client_secret",
        );
    }
    if service.oauth_token_endpoint.is_none() {
        let example = "for example oauth_token_endpoint = \"https://login.example.com/oauth2/token\"";
        missing("oauth_token_endpoint", example);
    }
    if let Some(Err(message)) =
        service.oauth_token_endpoint.as_deref().map(|text| outbound(text, &networks(service)))
    {
        report.problem(&place.key("oauth_token_endpoint"), message);
    }
    if let Some(id) = service.oauth_client_id.as_deref().filter(|id| !is_client_id(id)) {
        let message = format!("{}: a client id may hold only printable ASCII characters", quoted(id));
        report.problem(&place.key("oauth_client_id"), message);
    }
    if let Some(scope) = service.oauth_scope.as_deref().filter(|scope| !is_scope(scope)) {
        let message =
            format!("{}: a scope is words of printable ASCII characters, one space between", quoted(scope));
        report.problem(&place.key("oauth_scope"), message);
    }
}

/// RFC 6749 appendix A.1.
fn is_client_id(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b' '..=b'~'))
}

/// RFC 6749 section 3.3.
fn is_scope(text: &str) -> bool {
    let is_word = |word: &str| {
        !word.is_empty() && word.bytes().all(|byte| matches!(byte, 0x21 | 0x23..=0x5b | 0x5d..=0x7e))
    };
    text.split(' ').all(is_word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_scope_is_words_with_one_space_between() {
        for (text, expected) in [
            ("scim", true),
            ("api://app/.default users:write", true),
            ("a  b", false),
            (" a", false),
            ("a\"b", false),
            ("a\\b", false),
            ("ä", false),
            ("", false),
        ] {
            assert_eq!(is_scope(text), expected, "{text:?}");
        }
    }
}
