//! The version of a page for scripts: its `ETag`, and the condition `If-Match` of an action (RFC 9110 section 13).

use axum::http::header::{ETAG, IF_MATCH};
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;

/// The answer with its version.
pub(super) fn tagged(version: Option<i64>, mut response: Response) -> Response {
    let tag = version.and_then(|version| HeaderValue::from_str(&format!("\"{version}\"")).ok());
    if let Some(tag) = tag {
        response.headers_mut().insert(ETAG, tag);
    }
    response
}

/// The version that a request names in `If-Match`; `Err` for what is no version of ours.
pub(super) fn version_of(headers: &HeaderMap) -> Result<Option<i64>, ()> {
    let mut tags = headers.get_all(IF_MATCH).iter();
    let Some(tag) = tags.next() else { return Ok(None) };
    let tag = tag.to_str().map_err(|_| ())?.trim();
    let version = tag.strip_prefix('"').and_then(|tag| tag.strip_suffix('"')).ok_or(())?;
    let is_number = version.bytes().all(|byte| byte.is_ascii_digit());
    match (version.parse(), tags.next()) {
        (Ok(version), None) if is_number => Ok(Some(version)),
        _ => Err(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_one_version_of_ours_is_a_condition() {
        let read = |tags: &[&'static str]| {
            let mut headers = HeaderMap::new();
            for tag in tags {
                headers.append(IF_MATCH, HeaderValue::from_static(tag));
            }
            version_of(&headers)
        };
        assert_eq!((read(&[]), read(&["\"12\""]), read(&[" \"0\" "])), (Ok(None), Ok(Some(12)), Ok(Some(0))));
        for wrong in [
            "",
            "12",
            "*",
            "W/\"12\"",
            "\"\"",
            "\"-1\"",
            "\"+1\"",
            "\"1\", \"2\"",
            "\"99999999999999999999\"",
        ] {
            assert_eq!(read(&[wrong]), Err(()), "{wrong}");
        }
        assert_eq!(read(&["\"1\"", "\"1\""]), Err(()));
    }
}
