//! What the history of an account stores for each change: its kind, and the account before and after.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize, Serializer};
use serde_json::Value;

use super::account::{Account, Status, StatusKind, SuspendedBecause};
use super::profile::{ProfileAttribute, ProfileValues, TABLE};
use super::{Millis, words};

words! {
    /// What was changed.
    pub enum ChangeKind {
        Created = "created",
        Linked = "linked",
        Unlinked = "unlinked",
        HandedOver = "handed_over",
        Updated = "updated",
        Suspended = "suspended",
        Reactivated = "reactivated",
        ShareJoined = "share_joined",
        ShareLeft = "share_left",
    }
}

/// An account as a change stores it, as JSON.
#[must_use]
pub fn account_snapshot(account: &Account) -> String {
    serde_json::to_string(&AccountSnapshot::new(account)).unwrap_or_default()
}

/// The fields of an account that a change stores.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccountSnapshot {
    pub entry: Option<String>,
    pub email: String,
    #[serde(flatten)]
    pub attributes: RecordedValues,
    pub login_name: Option<String>,
    pub status: StatusKind,
    pub because: Option<SuspendedBecause>,
    pub expires_at: Option<Millis>,
}

impl AccountSnapshot {
    /// The account as it is now.
    #[must_use]
    pub fn new(account: &Account) -> Self {
        let (status, because) = match account.status {
            Status::Active => (StatusKind::Active, None),
            Status::Suspended { because, .. } => (StatusKind::Suspended, Some(because)),
        };
        let profile = &account.profile;
        Self {
            entry: account.link.as_ref().map(|link| link.entry.to_string()),
            email: profile.email.clone(),
            attributes: RecordedValues::all(&profile.attributes),
            login_name: profile.login_name.clone(),
            status,
            because,
            expires_at: account.expires_at,
        }
    }

    /// The same with only those profile attributes that the other one has recorded.
    #[must_use]
    pub fn limited_to(mut self, other: &Self) -> Self {
        self.attributes.0.retain(|(one, _)| other.attributes.0.iter().any(|(known, _)| known == one));
        self
    }
}

/// The profile attributes that a snapshot has recorded, in the order of the table. One is missing if the
/// version that wrote the snapshot did not know it, which is not the same as having no value.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(from = "BTreeMap<String, Value>")]
pub struct RecordedValues(Vec<(ProfileAttribute, Option<String>)>);

impl RecordedValues {
    fn all(values: &ProfileValues) -> Self {
        Self(values.rows().map(|(row, value)| (row.attribute, value.map(str::to_owned))).collect())
    }

    /// These values, and those of `present` for attributes that are not recorded.
    #[must_use]
    pub fn over(self, present: &ProfileValues) -> ProfileValues {
        let mut values = present.clone();
        self.0.into_iter().for_each(|(attribute, value)| values.set(attribute, value));
        values
    }
}

impl Serialize for RecordedValues {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(attribute, value)| (attribute.row().column, value)))
    }
}

impl From<BTreeMap<String, Value>> for RecordedValues {
    fn from(mut fields: BTreeMap<String, Value>) -> Self {
        let known = TABLE.iter().filter_map(|row| Some((row.attribute, fields.remove(row.column)?)));
        Self(known.map(|(attribute, value)| (attribute, value.as_str().map(str::to_owned))).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    fn parsed(text: &str) -> AccountSnapshot {
        serde_json::from_str(text).expect("a snapshot")
    }

    #[test]
    fn a_snapshot_reads_back_as_it_was_written() {
        let account = samples::account();
        assert_eq!(parsed(&account_snapshot(&account)), AccountSnapshot::new(&account));
    }

    #[test]
    fn an_attribute_that_was_not_recorded_is_no_difference_and_keeps_its_value() {
        let mut account = samples::account();
        account.profile.attributes = ProfileValues::default()
            .with(ProfileAttribute::Name, "Alice")
            .with(ProfileAttribute::FamilyName, "Adams");
        let now = AccountSnapshot::new(&account);
        let old = r#"{"email":"alice@example.com","name":"Al","given_name":null,"status":"active"}"#;
        let old = parsed(old);
        let restored = old.attributes.clone().over(&account.profile.attributes);
        assert_eq!(restored, account.profile.attributes.clone().with(ProfileAttribute::Name, "Al"));
        let seen = AccountSnapshot { entry: None, login_name: None, ..now.limited_to(&old) };
        assert_ne!(seen, old, "the name differs");
        let same = r#"{"email":"alice@example.com","name":"Alice","status":"active"}"#;
        let same = parsed(same);
        let now = AccountSnapshot { entry: None, ..AccountSnapshot::new(&account) };
        assert_eq!(now.limited_to(&same), same);
    }
}
