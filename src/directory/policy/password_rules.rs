//! Read the rules for new passwords: in Active Directory the person's fine-grained policy or the domain's
//! rules (MS-ADTS 3.1.1.4.5.36), elsewhere a password policy entry (draft-behera section 5.2).

use tokio::time::Instant;

use crate::directory::Directory;
use crate::directory::connection::Query;
use crate::directory::error::DirectoryError;
use crate::directory::message::Attributes;
use crate::domain::entry::Entry;
use crate::domain::password::PasswordRules;
use crate::domain::schema::Schema;
use crate::domain::{Millis, SECOND};

const OF_DOMAIN: [&str; 4] = ["minPwdLength", "pwdProperties", "pwdHistoryLength", "minPwdAge"];
const FINE_GRAINED: [&str; 4] = [
    "msDS-MinimumPasswordLength",
    "msDS-PasswordComplexityEnabled",
    "msDS-PasswordHistoryLength",
    "msDS-MinimumPasswordAge",
];
const OF_ENTRY: [&str; 5] = ["objectClass", "pwdMinLength", "pwdCheckQuality", "pwdInHistory", "pwdMinAge"];

impl Directory {
    /// The rules for the next password of a person who was just read; `None` if the service account can read
    /// no rules.
    pub async fn password_rules(
        &self,
        entry: &Entry,
        deadline: Instant,
    ) -> Result<Option<PasswordRules>, DirectoryError> {
        let named = entry.password_policy.as_ref();
        let default = self.inner.policies.default_entry();
        match (self.naming().schema, named) {
            (Schema::ActiveDirectory, None) => {
                self.rules_at(self.base().as_str(), &OF_DOMAIN, of_domain, deadline).await
            }
            (Schema::ActiveDirectory, Some(own)) => {
                self.rules_at(own.as_str(), &FINE_GRAINED, fine_grained, deadline).await
            }
            (Schema::Rfc2307bis, named) => match named.or(default) {
                Some(policy) => self.rules_at(policy.as_str(), &OF_ENTRY, of_entry, deadline).await,
                None => Ok(None),
            },
        }
    }

    async fn rules_at(
        &self,
        place: &str,
        wanted: &[&str],
        read: fn(&Attributes) -> Option<PasswordRules>,
        deadline: Instant,
    ) -> Result<Option<PasswordRules>, DirectoryError> {
        match self.ask(&Query::read(place, wanted), deadline).await {
            Ok((found, _)) => Ok(found.first().and_then(read)),
            Err(DirectoryError::Refused { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }
}

fn of_domain(head: &Attributes) -> Option<PasswordRules> {
    /// MS-SAMR 2.2.1.14, DOMAIN_PASSWORD_COMPLEX.
    const COMPLEX: i64 = 1;
    Some(PasswordRules {
        length: count(head.number("minPwdLength")?)?,
        complexity: head.number("pwdProperties").is_some_and(|properties| properties & COMPLEX != 0),
        history: head.number("pwdHistoryLength").and_then(count).unwrap_or(0),
        age: head.windows_span("minPwdAge").unwrap_or(0),
    })
}

fn fine_grained(policy: &Attributes) -> Option<PasswordRules> {
    Some(PasswordRules {
        length: count(policy.number("msDS-MinimumPasswordLength")?)?,
        complexity: policy.is_true("msDS-PasswordComplexityEnabled"),
        history: policy.number("msDS-PasswordHistoryLength").and_then(count).unwrap_or(0),
        age: policy.windows_span("msDS-MinimumPasswordAge").unwrap_or(0),
    })
}

/// The minimum length applies only where quality is checked at all (draft-behera 5.2.5 and 5.2.6).
fn of_entry(policy: &Attributes) -> Option<PasswordRules> {
    if policy.all("objectClass").is_empty() {
        return None;
    }
    let checked = policy.number("pwdCheckQuality").is_some_and(|quality| quality > 0);
    let length = policy.number("pwdMinLength").filter(|_| checked).and_then(count).unwrap_or(0);
    let seconds: Millis = policy.number("pwdMinAge").unwrap_or(0).max(0);
    Some(PasswordRules {
        length,
        complexity: false,
        history: policy.number("pwdInHistory").and_then(count).unwrap_or(0),
        age: seconds.saturating_mul(SECOND),
    })
}

fn count<T: TryFrom<i64>>(number: i64) -> Option<T> {
    T::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::DAY;

    fn read(
        reader: fn(&Attributes) -> Option<PasswordRules>,
        values: &[(&str, &str)],
    ) -> Option<PasswordRules> {
        let values: Vec<_> = values.iter().map(|(name, value)| (*name, value.as_bytes())).collect();
        reader(&Attributes::of("dc=x", &values))
    }

    fn rules(length: usize, complexity: bool, history: u32, age: Millis) -> Option<PasswordRules> {
        Some(PasswordRules { length, complexity, history, age })
    }

    #[test]
    fn domain_and_fine_grained_policies_have_the_same_rules_in_other_attributes() {
        let day = "-864000000000";
        let domain =
            [("minPwdLength", "12"), ("pwdProperties", "17"), ("pwdHistoryLength", "24"), ("minPwdAge", day)];
        let own = [
            ("msDS-MinimumPasswordLength", "12"),
            ("msDS-PasswordComplexityEnabled", "TRUE"),
            ("msDS-PasswordHistoryLength", "24"),
            ("msDS-MinimumPasswordAge", day),
        ];
        assert_eq!(read(of_domain, &domain), rules(12, true, 24, DAY));
        assert_eq!(read(fine_grained, &own), rules(12, true, 24, DAY));
        assert_eq!(read(of_domain, &[("minPwdLength", "0"), ("pwdProperties", "16")]), rules(0, false, 0, 0));
    }

    #[test]
    fn an_unreadable_policy_gives_no_rules() {
        assert_eq!(read(of_domain, &[("pwdProperties", "1")]), None);
        assert_eq!(read(fine_grained, &[("objectClass", "msDS-PasswordSettings")]), None);
        assert_eq!(read(of_entry, &[]), None);
        assert_eq!(read(of_domain, &[("minPwdLength", "-1")]), None);
    }

    #[test]
    fn a_policy_entry_requires_a_length_only_if_it_checks_quality() {
        let class = ("objectClass", "pwdPolicy");
        let (length, quality) = (("pwdMinLength", "8"), ("pwdCheckQuality", "1"));
        let rest = [("pwdInHistory", "3"), ("pwdMinAge", "86400")];
        let table = [
            (vec![class, length, quality], rules(8, false, 0, 0)),
            (vec![class, length], rules(0, false, 0, 0)),
            (vec![class, length, ("pwdCheckQuality", "0")], rules(0, false, 0, 0)),
            (vec![class, rest[0], rest[1]], rules(0, false, 3, DAY)),
        ];
        for (values, expected) in table {
            assert_eq!(read(of_entry, &values), expected, "{values:?}");
        }
    }
}
