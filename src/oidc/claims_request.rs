//! The `claims` parameter (OpenID Connect Core section 5.5): `acr` and `sub` of the ID token, which affect
//! the sign-in, and claims about the person by name. Languages (`name#de`) and other values are ignored.

use serde::Deserialize;
use serde_json::{Map, Value};

use super::acr::level;
use super::claim_set::{ClaimSet, NamedClaims};
use super::error::{ErrorCode, OAuthError};
use crate::domain::account::AccountId;
use crate::domain::evidence::Level;
use crate::domain::policy::AcrAsk;

/// The content of the parameter.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ClaimsRequest {
    pub acr: AcrAsk,
    /// Only this person is accepted (section 5.5.1, `value` of `sub`).
    pub subject: Option<AccountId>,
    /// Claims by name, essential or not: the server can treat an Essential Claim no differently from "by
    /// default a Voluntary Claim" if it has the claim (section 5.5.1).
    pub named: NamedClaims,
}

/// The known claims of one place. Each is requested by `null` or an object (section 5.5.1).
fn named(claims: &Map<String, Value>) -> Result<ClaimSet, OAuthError> {
    let odd = |(name, asked): (&String, &Value)| {
        ClaimSet::known([name.as_str()]) != ClaimSet::default() && !asked.is_null() && !asked.is_object()
    };
    if claims.iter().any(odd) {
        return Err(malformed());
    }
    Ok(ClaimSet::known(claims.keys().map(String::as_str)))
}

/// A JSON object; `null` and a missing member count as an empty one.
fn object(value: Option<Value>) -> Result<Map<String, Value>, OAuthError> {
    match value {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(members)) => Ok(members),
        Some(_) => Err(malformed()),
    }
}

fn malformed() -> OAuthError {
    OAuthError::invalid_request("claims is not a claims request in JSON")
}

/// The request for one claim.
fn requested_claim(claims: &mut Map<String, Value>, name: &str) -> Result<RequestedClaim, OAuthError> {
    let asked = object(claims.remove(name))?;
    serde_json::from_value(Value::Object(asked)).map_err(|_| malformed())
}

/// Section 5.5.1: `null` requests the default, which is the same as leaving `acr` or `sub` out.
#[derive(Deserialize, Default)]
#[serde(default)]
struct RequestedClaim {
    essential: bool,
    value: Option<String>,
    values: Option<Vec<String>>,
}

impl RequestedClaim {
    fn values(self) -> Vec<String> {
        self.value.into_iter().chain(self.values.unwrap_or_default()).collect()
    }
}

/// Reads the parameter together with `acr_values` of the same request.
///
/// # Errors
/// It is not JSON of that form, or requires an unknown `acr`: "If this is an Essential Claim and the
/// requirement cannot be met, then the Authorization Server MUST treat that outcome as a failed
/// authentication attempt" (section 5.5.1.1).
pub fn read<'a>(
    claims: Option<&str>,
    acr_values: impl Iterator<Item = &'a str>,
) -> Result<ClaimsRequest, OAuthError> {
    let asked = claims.map(|text| serde_json::from_str(text).map_err(|_| malformed())).transpose()?;
    let mut members = object(asked)?;
    let of_userinfo = object(members.remove("userinfo"))?;
    let mut of_id_token = object(members.remove("id_token"))?;
    let named = NamedClaims { id_token: named(&of_id_token)?, userinfo: named(&of_userinfo)? };
    let acr = requested_claim(&mut of_id_token, "acr")?;
    let subject = requested_claim(&mut of_id_token, "sub")?.values().into_iter().next().map(AccountId);
    let mut ask = AcrAsk { wishes: acr_values.filter_map(level).collect(), essential: Vec::new() };
    let (essential, values) = (acr.essential, acr.values());
    let known: Vec<Level> = values.iter().filter_map(|acr| level(acr)).collect();
    if essential && known.is_empty() && !values.is_empty() {
        let code = ErrorCode::UnmetAuthenticationRequirements;
        return Err(OAuthError::new(code, "none of the requested acr values is supported"));
    }
    match essential {
        true => ask.essential = known,
        // `claims` addresses the ID token directly, so it takes precedence over `acr_values`.
        false => ask.wishes.splice(0..0, known).for_each(drop),
    }
    Ok(ClaimsRequest { acr: ask, subject, named })
}

#[cfg(test)]
mod tests {
    use super::super::acr::{ACR_ONE_FACTOR, ACR_SEVERAL_FACTORS};
    use super::*;
    use Level::{Mfa, Sfa};

    fn asked(claims: &str, acr_values: &str) -> Result<ClaimsRequest, OAuthError> {
        read((!claims.is_empty()).then_some(claims), acr_values.split(' ').filter(|word| !word.is_empty()))
    }

    #[test]
    fn levels_are_read_from_both_places() {
        let (sfa, mfa) = (ACR_ONE_FACTOR, ACR_SEVERAL_FACTORS);
        let acr = |body: String| format!("{{\"id_token\":{{\"acr\":{body}}}}}");
        let table: [(String, String, Vec<Level>, Vec<Level>); 8] = [
            (String::new(), String::new(), vec![], vec![]),
            (String::new(), format!("{mfa} {sfa}"), vec![Mfa, Sfa], vec![]),
            (String::new(), format!("urn:gold {sfa}"), vec![Sfa], vec![]),
            (acr("null".into()), String::new(), vec![], vec![]),
            (acr("{\"essential\":true}".into()), String::new(), vec![], vec![]),
            (acr(format!("{{\"value\":\"{mfa}\"}}")), sfa.into(), vec![Mfa, Sfa], vec![]),
            (
                acr(format!("{{\"essential\":true,\"values\":[\"{mfa}\",\"x\"]}}")),
                sfa.into(),
                vec![Sfa],
                vec![Mfa],
            ),
            ("{\"userinfo\":{\"email\":null}}".into(), String::new(), vec![], vec![]),
        ];
        for (claims, values, wishes, essential) in table {
            let read = asked(&claims, &values).expect(&claims);
            assert_eq!(read.acr, AcrAsk { wishes, essential }, "{claims} {values}");
        }
    }

    #[test]
    fn an_unreachable_acr_and_malformed_claims_are_refused() {
        let unmet =
            asked("{\"id_token\":{\"acr\":{\"essential\":true,\"value\":\"urn:gold\"}}}", "").unwrap_err();
        assert_eq!(unmet.code, ErrorCode::UnmetAuthenticationRequirements);
        let table = [
            "{",
            "[]",
            "7",
            "{\"id_token\":7}",
            "{\"id_token\":{\"acr\":7}}",
            "{\"userinfo\":[]}",
            "{\"userinfo\":{\"email\":true}}",
        ];
        for claims in table {
            assert_eq!(asked(claims, "").unwrap_err().code, ErrorCode::InvalidRequest, "{claims}");
        }
    }

    #[test]
    fn claims_are_asked_for_by_name_in_either_place() {
        let table = [
            ("{\"userinfo\":{\"email\":null,\"shoe_size\":7}}", "", "email"),
            ("{\"id_token\":{\"name\":{\"essential\":true},\"name#de\":null}}", "name", ""),
            (
                "{\"id_token\":{\"acr\":null},\"userinfo\":{\"groups\":{},\"given_name\":null}}",
                "",
                "given_name groups",
            ),
            ("{\"id_token\":null}", "", ""),
        ];
        for (claims, id_token, userinfo) in table {
            let named = asked(claims, "").expect(claims).named;
            let read = (named.id_token.to_string(), named.userinfo.to_string());
            assert_eq!(read, (id_token.to_owned(), userinfo.to_owned()), "{claims}");
        }
    }

    #[test]
    fn a_request_can_name_one_person() {
        let read = asked("{\"id_token\":{\"sub\":{\"value\":\"a1\"}}}", "").expect("it reads");
        assert_eq!(read.subject, Some(AccountId("a1".into())));
    }
}
