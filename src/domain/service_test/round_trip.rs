//! What happened to a test user at a service.

use super::trouble::Trouble;
use crate::domain::delivery::{Attribute, Failure, Seen, Wish};
use crate::domain::doctor::{Finding, Severity};

/// What is done with the test user.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deed {
    Create,
    Change,
    Suspend,
    Delete,
}

impl Deed {
    fn check(self) -> &'static str {
        match self {
            Self::Create => "create",
            Self::Change => "change",
            Self::Suspend => "suspend",
            Self::Delete => "delete",
        }
    }

    fn done(self) -> &'static str {
        match self {
            Self::Create => "the service creates a test user",
            Self::Change => "the service changes it",
            Self::Suspend => "the service suspends it",
            Self::Delete => "the service deletes it",
        }
    }

    fn not_done(self) -> &'static str {
        match self {
            Self::Create => "the service does not create a test user",
            Self::Change => "the service does not change the test user",
            Self::Suspend => "the service does not suspend the test user",
            Self::Delete => "the service does not delete the test user",
        }
    }
}

/// Whether it was done with the user of this name.
#[must_use]
pub fn deed(deed: Deed, result: &Result<(), Failure>, user_name: &str) -> Finding {
    match result {
        Ok(()) => Finding::new(deed.check(), Severity::Ok, deed.done()).seen(user_name),
        Err(failure) => {
            let trouble = Trouble::from(failure.clone()).finding(deed.check());
            // Only an erasure needs it.
            let verdict = if deed == Deed::Delete { Severity::Warning } else { Severity::Error };
            Finding { verdict, what: deed.not_done().to_owned(), ..trouble }
        }
    }
}

/// Whether the suspended user is shown as it was written.
#[must_use]
pub fn read_back(wish: &Wish, read: &Result<Seen, Failure>) -> Finding {
    const CHECK: &str = "read_back";
    let seen = match read {
        Ok(seen) => seen,
        Err(failure) => return Trouble::from(failure.clone()).finding(CHECK),
    };
    let shown = |attribute: Attribute| seen.values.get(&attribute).and_then(Option::as_deref);
    match shown(Attribute::Active) {
        Some("false") => {}
        Some(other) => {
            return Finding::new(CHECK, Severity::Error, "the service still shows the suspended user as active")
                .seen(format!("active: {other}"))
                .fix("Ask whoever runs the service how accounts are suspended by SCIM: people would stay active there.");
        }
        None => {
            return Finding::new(
                CHECK,
                Severity::Warning,
                "the service does not show whether a user is active",
            )
            .fix("Look at the test user in the service itself: it has to be suspended.");
        }
    }
    let differs = |(attribute, value): (&Attribute, &Option<String>)| shown(*attribute) != value.as_deref();
    let lost: Vec<&str> =
        wish.values.iter().filter(|one| differs(*one)).map(|(attribute, _)| attribute.as_str()).collect();
    if lost.is_empty() {
        return Finding::new(
            CHECK,
            Severity::Ok,
            "the service shows the user as it was written, and suspended",
        );
    }
    Finding::new(
        CHECK,
        Severity::Warning,
        "the service shows some attributes otherwise than they were written",
    )
    .seen(lost.join(", "))
    .fix("If the service does not keep them, leave them out of `attributes`.")
}

/// The test user that is still there.
#[must_use]
pub fn remains(user_name: &str) -> Finding {
    Finding::new("remains", Severity::Warning, "the test user may still be in the service")
        .seen(user_name)
        .fix("Delete it there by hand; nothing here refers to it.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::AccountId;
    use crate::domain::delivery::{Presence, RemoteId, Values};
    use crate::domain::profile::ProfileAttribute;

    const TITLE: Attribute = Attribute::Profile(ProfileAttribute::Title);

    fn wish() -> Wish {
        let title = Values::from([(TITLE, Some("Test".to_owned()))]);
        Wish::person(AccountId("t".into()), "t@example.com".into(), Presence::Suspended, title)
    }

    fn seen(change: impl FnOnce(&mut Values)) -> Result<Seen, Failure> {
        let mut values = wish().values;
        change(&mut values);
        let raw = serde_json::Value::Null;
        Ok(Seen { id: RemoteId("r".into()), etag: None, values, members: None, raw })
    }

    #[test]
    fn whoever_is_still_active_after_a_suspension_is_an_error() {
        for (read, verdict) in [
            (seen(|_| {}), Severity::Ok),
            (seen(|values| drop(values.insert(Attribute::Active, Some("true".into())))), Severity::Error),
            (seen(|values| drop(values.insert(Attribute::Active, None))), Severity::Warning),
            (seen(|values| drop(values.insert(TITLE, None))), Severity::Warning),
            (Err(Failure::NotFound(String::new())), Severity::Error),
        ] {
            assert_eq!(read_back(&wish(), &read).verdict, verdict, "{read:?}");
        }
    }

    #[test]
    fn a_deed_names_the_user_or_the_words_of_the_service() {
        let done = deed(Deed::Create, &Ok(()), "t@example.com");
        assert_eq!((done.verdict, done.evidence.as_deref()), (Severity::Ok, Some("t@example.com")));
        let refused = Err(Failure::Refused { status: 400, words: "domain not allowed".into() });
        let refused = deed(Deed::Create, &refused, "t@example.com");
        assert!(
            refused.verdict == Severity::Error && refused.what.contains("does not create"),
            "{refused:?}"
        );
        assert!(refused.evidence.is_some_and(|words| words.contains("domain not allowed")));
        let never = Err(Failure::Refused { status: 501, words: String::new() });
        assert_eq!(deed(Deed::Delete, &never, "t@example.com").verdict, Severity::Warning);
    }
}
