//! What a target announces (RFC 7643 section 5).

use serde_json::Value;

use super::field::{Object, flag, number, object};
use crate::domain::delivery::{Dialect, PatchForm};

/// The most resources that are asked for on one page, whatever the target allows.
const PAGE: u64 = 500;

/// The dialect after `/ServiceProviderConfig`: `narrow`, and what the target announces. What it does not say, or says
/// in a form that cannot be read, adds nothing.
#[must_use]
pub fn dialect(narrow: Dialect, config: &Value) -> Dialect {
    let Some(config) = config.as_object() else { return narrow };
    let supports = |name: &str| object(config, name).and_then(|of| flag(of, "supported")) == Some(true);
    let page = object(config, "filter").and_then(most).unwrap_or(u64::from(narrow.page));
    Dialect {
        patch: narrow.patch.or(supports("patch").then_some(PatchForm::WithPath)),
        filter: narrow.filter || supports("filter"),
        etag: narrow.etag || supports("etag"),
        page: u32::try_from(page.clamp(1, PAGE)).unwrap_or(narrow.page),
        ..narrow
    }
}

fn most(filter: &Object) -> Option<u64> {
    number(filter, "maxResults").filter(|most| *most > 0)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn only_what_is_announced_is_added() {
        let narrow = Dialect::default;
        let patch = Dialect { patch: Some(PatchForm::WithPath), ..narrow() };
        for (config, expected) in [
            (json!({}), narrow()),
            (json!([]), narrow()),
            (json!("patch"), narrow()),
            (json!({"patch": true}), narrow()),
            (json!({"patch": {"supported": "perhaps"}}), narrow()),
            (json!({"patch": {"supported": true}}), patch.clone()),
            (json!({"Patch": {"Supported": "TRUE"}}), patch.clone()),
            (
                json!({"filter": {"supported": true, "maxResults": 20}}),
                Dialect { filter: true, page: 20, ..narrow() },
            ),
            (json!({"filter": {"supported": false, "maxResults": 0}}), narrow()),
            (json!({"filter": {"maxResults": 1_000_000}}), Dialect { page: 500, ..narrow() }),
            (json!({"filter": {"maxResults": "-1"}}), narrow()),
            (json!({"etag": {"supported": 1}}), Dialect { etag: true, ..narrow() }),
        ] {
            assert_eq!(dialect(narrow(), &config), expected, "{config}");
        }
        let without = Dialect { patch: Some(PatchForm::WithoutPath), ..narrow() };
        assert_eq!(
            dialect(without.clone(), &json!({"patch": {"supported": true}})),
            without,
            "settings count"
        );
    }
}
