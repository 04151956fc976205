//! A token that a client sends to revoke it (RFC 7009 section 2.1) or to ask about it (RFC 7662 section 2.1).

use super::error::OAuthError;
use super::params::Params;
use crate::domain::secret::Plain;

/// Reads the parameter `token`. A refresh token and an access token differ by their form, so a
/// `token_type_hint` changes nothing, whether it is right, wrong or unknown.
///
/// # Errors
/// `invalid_request` if there is no token, or one of the two parameters is repeated or unreadable.
pub fn read(params: &Params) -> Result<Plain, OAuthError> {
    params.value("token_type_hint")?;
    Ok(Plain::new(params.required("token")?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oidc::error::ErrorCode;

    #[test]
    fn the_token_counts_and_the_hint_does_not() {
        let refused = Err(ErrorCode::InvalidRequest);
        let table = [
            ("token=a.b", Ok("a.b")),
            ("token=a.b&token_type_hint=refresh_token", Ok("a.b")),
            ("token=a.b&token_type_hint=password", Ok("a.b")),
            ("token=a.b&token_type_hint=", Ok("a.b")),
            ("", refused),
            ("token=", refused),
            ("token_type_hint=access_token", refused),
            ("token=a&token=a", refused),
            ("token=a&token_type_hint=access_token&token_type_hint=access_token", refused),
            ("token=%00", refused),
            ("token=%FF", refused),
        ];
        for (form, expected) in table {
            let token = read(&Params::parse(form.as_bytes()).unwrap());
            let token = token.as_ref().map(Plain::expose).map_err(|error| error.code);
            assert_eq!(token, expected, "{form}");
        }
    }
}
