//! Check what a service answers: its token endpoint, its announcements, users and groups.

use std::collections::BTreeSet;

use super::trouble::Trouble;
use crate::domain::delivery::{Dialect, Failure, TokenFailure};
use crate::domain::doctor::{Finding, Severity};
use crate::domain::{Millis, SECOND};

/// Which resources a service has (RFC 7643 section 6).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ResourceTypes {
    pub users: bool,
    pub groups: bool,
}

/// What a page of a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReadPage {
    pub found: usize,
    pub has_more: bool,
}

/// Whether the token endpoint gives a token; the lifetime is its `expires_in`, as a duration.
#[must_use]
pub fn token_endpoint(server: &str, answer: &Result<Option<Millis>, TokenFailure>) -> Finding {
    let new = |verdict, what: &str| Finding::new("token_endpoint", verdict, what).at(server);
    match answer {
        Ok(Some(lifetime)) => new(Severity::Ok, "the token endpoint gives an access token")
            .seen(format!("for {} seconds", lifetime / SECOND)),
        Ok(None) => new(Severity::Ok, "the token endpoint gives an access token")
            .seen("it does not say for how long; it is used for an hour, or until it is refused"),
        Err(failure) => new(Severity::Error, "the token endpoint gives no access token")
            .seen(failure.to_string())
            .fix(failure.fix()),
    }
}

/// Whether the service takes a token: `check` names which one. `other_taken`: another one is taken instead.
#[must_use]
pub fn token(check: &'static str, answer: &Result<(), Trouble>, other_taken: bool) -> Finding {
    let untold = "the answer does not say whether the token is right";
    match answer {
        Ok(()) => Finding::new(check, Severity::Ok, "the service takes the token"),
        Err(Trouble::Failed(Failure::Unauthorized(_))) if other_taken => {
            let what = "the service refuses this token, and takes the other one";
            Finding::new(check, Severity::Warning, what).fix("Remove the refused one from the settings.")
        }
        Err(trouble @ Trouble::Failed(Failure::Unauthorized(_) | Failure::NotSent(_) | Failure::Lost(_))) => {
            trouble.finding(check)
        }
        // The service has let it in; what it may do is read with the users.
        Err(Trouble::Failed(Failure::Refused { status: 403, .. })) => {
            Finding::new(check, Severity::Ok, "the service takes the token")
        }
        Err(trouble) => Finding::new(check, Severity::CantTell, untold).seen(trouble.evidence()),
    }
}

/// `None`: the service has no such address, so that it announces nothing.
#[must_use]
pub fn service_provider_config(announced: &Result<Option<Dialect>, Trouble>) -> Finding {
    const CHECK: &str = "service_provider_config";
    let dialect = match announced {
        Err(trouble) => return trouble.finding(CHECK),
        Ok(None) => {
            return Finding::new(CHECK, Severity::Warning, "the service does not announce what it can do")
                .seen("changes are whole resources (PUT), and nobody is looked for by a filter")
                .fix("If it has /ServiceProviderConfig, check the path of base_url.");
        }
        Ok(Some(dialect)) => dialect,
    };
    let mut can = Vec::new();
    can.extend(dialect.patch.map(|_| "PATCH".to_owned()));
    can.extend(dialect.filter.then(|| format!("filters with pages of {}", dialect.page)));
    can.extend(dialect.etag.then(|| "ETag".to_owned()));
    let evidence = if can.is_empty() { "none of PATCH, filters, ETag".to_owned() } else { can.join(", ") };
    Finding::new(CHECK, Severity::Ok, "the service announces what it can do").seen(evidence)
}

/// `None`: the service has no such address.
#[must_use]
pub fn resource_types(announced: &Result<Option<ResourceTypes>, Trouble>, team_shares: bool) -> Finding {
    const CHECK: &str = "resource_types";
    let types = match announced {
        Err(trouble) => return trouble.finding(CHECK),
        Ok(None) => {
            return Finding::new(CHECK, Severity::Info, "the service does not list its types of resources");
        }
        Ok(Some(types)) => types,
    };
    match (types.users, types.groups || !team_shares) {
        (true, true) => Finding::new(CHECK, Severity::Ok, "the service has what is delivered")
            .seen(if team_shares { "Users, Groups" } else { "Users" }),
        (true, false) => Finding::new(
            CHECK,
            Severity::Warning,
            "the service has no Groups: Team Shares can't be delivered",
        )
        .fix("Set team_shares = false for this service."),
        (false, _) => Finding::new(CHECK, Severity::Error, "the service has no Users")
            .fix("Check base_url: another address of the service may be the one for people."),
    }
}

/// `announced`: the ids of the schemas; `needed`: those of what is delivered.
#[must_use]
pub fn schemas(announced: &Result<Option<BTreeSet<String>>, Trouble>, needed: &BTreeSet<String>) -> Finding {
    const CHECK: &str = "schemas";
    let known = match announced {
        Err(trouble) => return trouble.finding(CHECK),
        Ok(None) => return Finding::new(CHECK, Severity::Info, "the service does not list its schemas"),
        Ok(Some(known)) => known,
    };
    let knows = |schema: &str| known.iter().any(|one| one.eq_ignore_ascii_case(schema));
    let missing: Vec<&str> = needed.iter().map(String::as_str).filter(|schema| !knows(schema)).collect();
    if missing.is_empty() {
        return Finding::new(CHECK, Severity::Ok, "the service knows the schemas of what is delivered");
    }
    Finding::new(CHECK, Severity::Warning, "the service does not know all schemas of what is delivered")
        .seen(missing.join(", "))
        .fix("Leave the attributes of these schemas out of `attributes` if the service refuses people because of them.")
}

/// Whether users can be read.
#[must_use]
pub fn users(read: &Result<ReadPage, Trouble>) -> Finding {
    list("users", "the users of the service can be read", read)
}

/// Whether groups can be read.
#[must_use]
pub fn groups(read: &Result<ReadPage, Trouble>) -> Finding {
    list("groups", "the groups of the service can be read", read)
}

fn list(check: &'static str, what: &str, read: &Result<ReadPage, Trouble>) -> Finding {
    match read {
        Err(trouble) => trouble.finding(check),
        Ok(ReadPage { found: 0, .. }) => Finding::new(check, Severity::Ok, what).seen("the list is empty"),
        Ok(ReadPage { found, has_more }) => {
            let more = if *has_more { ", and there are more" } else { "" };
            Finding::new(check, Severity::Ok, what).seen(format!("{found} on the first page{more}"))
        }
    }
}

/// Whether a search for somebody who can't be there finds nobody. `is_announced`: the service announces filters.
#[must_use]
pub fn filter(is_announced: bool, read: &Result<ReadPage, Trouble>) -> Finding {
    const CHECK: &str = "filter";
    let slow = "Nothing has to be done; the first delivery reads whole lists, which takes longer.";
    if !is_announced {
        return Finding::new(CHECK, Severity::Info, "the service announces no filters: whole lists are read");
    }
    match read {
        Ok(ReadPage { found: 0, .. }) => {
            Finding::new(CHECK, Severity::Ok, "the service finds nobody under an id that nobody has")
        }
        Ok(_) => {
            Finding::new(CHECK, Severity::Warning, "the service announces filters, and does not follow them")
                .seen("a search for an id that nobody has finds somebody")
                .fix(slow)
        }
        Err(trouble @ Trouble::Failed(Failure::Refused { .. })) => Finding::new(
            CHECK,
            Severity::Warning,
            "the service announces filters, and refuses one by externalId",
        )
        .seen(trouble.evidence())
        .fix(slow),
        Err(trouble) => trouble.finding(CHECK),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Severity::{CantTell, Error, Info, Ok as Fine, Warning};

    fn failed<T>(failure: Failure) -> Result<T, Trouble> {
        Err(failure.into())
    }

    fn refused<T>(status: u16) -> Result<T, Trouble> {
        failed(Failure::of_status(status, "no".into(), None))
    }

    #[test]
    fn a_token_is_judged_only_by_an_answer_that_says_something_of_it() {
        for (answer, other_taken, verdict) in [
            (Ok(()), false, Fine),
            (refused(401), false, Error),
            (refused(401), true, Warning),
            (refused(403), false, Fine),
            (failed(Failure::Lost("reset".into())), false, Error),
            (refused(500), false, CantTell),
            (failed(Failure::Garbage("<html>".into())), false, CantTell),
            (Err(Trouble::Redirect { status: 301, to: "https://login".into() }), false, CantTell),
        ] {
            assert_eq!(token("token", &answer, other_taken).verdict, verdict, "{answer:?}");
        }
        let expired = TokenFailure::of_status(401, (Some("invalid_client".into()), String::new()), None);
        let finding = token_endpoint("login:443", &Err(expired));
        assert!(
            finding.verdict == Error && finding.fix.is_some_and(|fix| fix.contains("oauth_client_secret"))
        );
        let given = token_endpoint("login:443", &Ok(Some(60 * SECOND)));
        assert_eq!((given.verdict, given.evidence.as_deref()), (Fine, Some("for 60 seconds")));
        assert_eq!(token_endpoint("login:443", &Ok(None)).verdict, Fine);
    }

    #[test]
    fn what_is_announced_is_shown_and_what_is_missing_is_said() {
        let dialect = Dialect { filter: true, page: 200, ..Dialect::default() };
        let shown = service_provider_config(&Ok(Some(dialect)));
        assert_eq!(shown.evidence.as_deref(), Some("filters with pages of 200"));
        assert_eq!(service_provider_config(&Ok(None)).verdict, Warning);
        assert_eq!(service_provider_config(&failed(Failure::Garbage(String::new()))).verdict, Error);
        let both = ResourceTypes { users: true, groups: true };
        for (types, team_shares, verdict) in [
            (both, true, Fine),
            (ResourceTypes { groups: false, ..both }, true, Warning),
            (ResourceTypes { groups: false, ..both }, false, Fine),
            (ResourceTypes { users: false, ..both }, true, Error),
        ] {
            assert_eq!(resource_types(&Ok(Some(types)), team_shares).verdict, verdict, "{types:?}");
        }
        assert_eq!(resource_types(&Ok(None), true).verdict, Info);
        let set = |ids: &[&str]| ids.iter().map(|id| (*id).to_owned()).collect::<BTreeSet<_>>();
        let known = Ok(Some(set(&["URN:core:user"])));
        assert_eq!(schemas(&known, &set(&["urn:core:User"])).verdict, Fine);
        let missing = schemas(&known, &set(&["urn:core:User", "urn:enterprise"]));
        assert_eq!((missing.verdict, missing.evidence.as_deref()), (Warning, Some("urn:enterprise")));
        assert_eq!(schemas(&Ok(None), &set(&[])).verdict, Info);
    }

    #[test]
    fn a_search_that_finds_a_stranger_is_no_search() {
        let page = |found| Ok(ReadPage { found, has_more: false });
        for (is_announced, read, verdict) in [
            (true, page(0), Fine),
            (true, page(3), Warning),
            (true, refused(400), Warning),
            (true, refused(401), Error),
            (false, page(3), Info),
        ] {
            assert_eq!(filter(is_announced, &read).verdict, verdict, "{read:?}");
        }
        assert_eq!(users(&page(0)).evidence.as_deref(), Some("the list is empty"));
        let many = users(&Ok(ReadPage { found: 1, has_more: true }));
        assert_eq!(many.evidence.as_deref(), Some("1 on the first page, and there are more"));
        assert_eq!(groups(&refused(403)).verdict, Error);
    }
}
