//! An account and its entry beside each other, attribute by attribute.

use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::account::Account;
use crate::domain::email;
use crate::domain::entry::Entry;

/// One attribute of a person, as stored and as the directory has it now.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparedView {
    /// `email`, `login_name`, or a column of the profile.
    pub attribute: &'static str,
    pub account: Option<String>,
    pub entry: Option<String>,
    pub differs: bool,
}

/// The attributes that either of the two has.
#[must_use]
pub fn compared(account: &Account, entry: &Entry) -> Vec<ComparedView> {
    let profile = &account.profile;
    let same_address = |one: &str, other: &str| email::key(one) == email::key(other);
    let mut rows = vec![
        row("email", Some(&profile.email), entry.email.as_deref(), same_address),
        row("login_name", profile.login_name.as_deref(), Some(&entry.login_name), |one, other| one == other),
    ];
    let shown = entry.shown_attributes();
    for ((stored, value), (_, now)) in profile.attributes.rows().zip(shown.rows()) {
        rows.push(row(stored.column, value, now, |one, other| one == other));
    }
    rows.retain(|row| row.account.is_some() || row.entry.is_some());
    rows
}

fn row(
    attribute: &'static str,
    account: Option<&str>,
    entry: Option<&str>,
    same: impl Fn(&str, &str) -> bool,
) -> ComparedView {
    let differs = match (account, entry) {
        (Some(account), Some(entry)) => !same(account, entry),
        (account, entry) => account.is_some() || entry.is_some(),
    };
    ComparedView { attribute, account: account.map(str::to_owned), entry: entry.map(str::to_owned), differs }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::samples;

    #[test]
    fn rows_differ_where_the_values_do() {
        let row = |account, entry| row("title", account, entry, |one, other| one == other).differs;
        assert!(row(Some("a"), Some("b")) && row(Some("a"), None) && row(None, Some("b")));
        assert!(!row(Some("a"), Some("a")) && !row(None, None));
    }

    #[test]
    fn an_address_is_the_same_in_upper_case_and_what_nobody_has_is_left_out() {
        let (account, mut entry) = (samples::account(), samples::entry());
        entry.email = Some(account.profile.email.to_uppercase());
        let rows = compared(&account, &entry);
        let email = rows.iter().find(|row| row.attribute == "email").expect("both have one");
        assert!(!email.differs, "{email:?}");
        assert!(rows.iter().all(|row| row.account.is_some() || row.entry.is_some()), "{rows:?}");
    }
}
