//! A refused request object (OpenID Connect Core section 6): read only for how to send the error.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::Value;

use super::params::Params;

/// A text parameter from the payload of `request`. The payload is not verified, so it may only choose how an
/// error is sent to a redirect URI that was verified without it.
pub(super) fn hint(params: &Params, name: &str) -> Option<String> {
    let object = params.value("request").ok().flatten()?;
    let payload = BASE64_URL_SAFE_NO_PAD.decode(object.split('.').nth(1)?).ok()?;
    let members: Value = serde_json::from_slice(&payload).ok()?;
    members.get(name)?.as_str().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn params(object: &str) -> Params {
        let query = form_urlencoded::Serializer::new(String::new()).append_pair("request", object).finish();
        Params::parse(query.as_bytes()).unwrap()
    }

    #[test]
    fn the_payload_is_read_and_nothing_else() {
        let payload = BASE64_URL_SAFE_NO_PAD.encode(r#"{"response_mode":"form_post","state":7}"#);
        let object = params(&format!("e30.{payload}."));
        assert_eq!(hint(&object, "response_mode").as_deref(), Some("form_post"));
        assert_eq!(hint(&object, "state"), None, "a number is no state");
        for odd in ["", "..", "a.b.c", "e30.e30.", "e30.W10."] {
            assert_eq!(hint(&params(odd), "state"), None, "{odd}");
        }
    }

    proptest! {
        #[test]
        fn any_object_is_read_or_ignored(object in any::<String>()) {
            let _ = hint(&params(&object), "state");
        }
    }
}
