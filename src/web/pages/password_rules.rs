//! Describes the rules for a new password in sentences, for every page that asks for one
//! (`parts/password-rules.html`).

use std::borrow::Cow;

use super::Language;
use crate::domain::password::PasswordRules;
use crate::domain::{DAY, HOUR, MINUTE, Millis};

/// One sentence for each rule; empty if no rule is known.
#[must_use]
pub fn sentences(rules: Option<PasswordRules>, language: Language) -> Vec<Cow<'static, str>> {
    let Some(PasswordRules { length, complexity, history, age }) = rules else { return Vec::new() };
    let mut sentences = Vec::new();
    if length > 0 {
        sentences.push(language.with("password-rules.length", "count", length));
    }
    if complexity {
        sentences.push(language.text("password-rules.kinds"));
        sentences.push(language.text("password-rules.name"));
    }
    if history > 0 {
        sentences.push(language.with("password-rules.history", "count", history));
    }
    if age > 0 {
        sentences.push(may_change_again(age, language));
    }
    sentences
}

/// Uses the largest unit that gives a whole number.
fn may_change_again(age: Millis, language: Language) -> Cow<'static, str> {
    let units = [("password-rules.days", DAY), ("password-rules.hours", HOUR)];
    match units.into_iter().find(|(_, unit)| age % unit == 0) {
        Some((key, unit)) => language.with(key, "count", age / unit),
        None => language.with("password-rules.minutes", "count", (age + MINUTE - 1) / MINUTE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_rule_has_its_sentence_and_no_rule_has_none() {
        let none = PasswordRules::default();
        let all = PasswordRules { length: 12, complexity: true, history: 24, age: DAY };
        assert!(sentences(None, Language::English).is_empty());
        assert!(sentences(Some(none), Language::English).is_empty());
        let notice_text = sentences(Some(all), Language::English).join(" ");
        for part in ["12 characters", "uppercase letters", "your name", "last 24 passwords", "1 day"] {
            assert!(notice_text.contains(part), "{part}: {notice_text}");
        }
        assert_eq!(sentences(Some(all), Language::German).len(), 5);
    }

    #[test]
    fn an_age_is_shown_in_the_largest_exact_unit() {
        for (age, part) in [
            (2 * DAY, "2 days"),
            (36 * HOUR, "36 hours"),
            (HOUR, "1 hour."),
            (90 * MINUTE, "90 minutes"),
            (1, "1 minute."),
        ] {
            let notice_text = may_change_again(age, Language::English);
            assert!(notice_text.contains(part), "{age}: {notice_text}");
        }
    }
}
