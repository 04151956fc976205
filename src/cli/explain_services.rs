//! The end of `explain NAME`: how each service knows the person.

use anyhow::Result;

use super::printable;
use crate::domain::account::AccountId;
use crate::domain::timestamp;
use crate::flow::account::factors::account_named;
use crate::flow::delivery::known::{AbsentBecause, KnownAtView, KnownState, of_person};
use crate::flow::installation::context::{LoginParts, OperationParts};
use crate::flow::support::explain::ExplainedPerson;

/// How the services know the person: by the entry, or, if the directory has none, by the name of the account.
pub(super) async fn of(
    login: &LoginParts,
    parts: &OperationParts,
    person: &ExplainedPerson,
) -> Result<Vec<KnownAtView>> {
    let account = match &person.account {
        Some(id) => Some(AccountId(id.clone())),
        None => account_named(login, &person.name).await?.ok().map(|account| account.id),
    };
    match account {
        Some(id) => Ok(of_person(parts, &id).await?),
        None => Ok(Vec::new()),
    }
}

/// Prints a line for what each service knows, and one for what waits.
pub(super) fn print(services: &[KnownAtView]) {
    for view in services {
        lines(view).iter().for_each(|line| outln!("{line}"));
    }
}

fn lines(view: &KnownAtView) -> Vec<String> {
    let service = &view.service;
    let since = |at: Option<i64>| at.map(|at| format!(", since {}", timestamp(at))).unwrap_or_default();
    let mut lines = Vec::new();
    if let Some(id) = &view.id {
        let name = view.user_name.as_deref().map(printable).unwrap_or_default();
        let active = match view.active {
            Some(true) => format!(", active{}", since(view.active_since)),
            Some(false) => format!(", inactive{}", since(view.active_since)),
            None => String::new(),
        };
        lines.push(format!("{service} knows this person as {name} (id {}){active}", printable(id)));
    }
    match view.state {
        KnownState::Delivered => {}
        KnownState::Waiting => {
            lines.push(format!("a change is on its way to {service}{}", since(view.at)));
        }
        KnownState::Quarantined => {
            let words = view.words.as_deref().map(printable).unwrap_or_default();
            lines.push(format!("{service} refuses this person{}: {words}", since(view.at)));
        }
        KnownState::Absent => {
            let why = view.why.map_or("nothing was delivered", absent);
            lines.push(format!("{service} does not have this person: {why}"));
        }
    }
    lines
}

fn absent(why: AbsentBecause) -> &'static str {
    match why {
        AbsentBecause::OtherDirectory => "the person is not in a directory that is delivered to it",
        AbsentBecause::NotLinked => "the account belongs to no entry yet",
        AbsentBecause::Suspended => "the account is suspended, and was never there",
        AbsentBecause::NotNoted => "the first delivery has not come to this person yet",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_is_said_in_words() {
        let known = KnownAtView {
            service: "cloudsync".into(),
            state: KnownState::Delivered,
            id: Some("r7".into()),
            user_name: Some("alice@example.com".into()),
            active: Some(true),
            active_since: Some(1_800_000_000_000),
            at: Some(1_800_000_000_000),
            cause: None,
            words: None,
            why: None,
        };
        let as_known =
            "cloudsync knows this person as alice@example.com (id r7), active, since 2027-01-15T08:00:00Z";
        assert_eq!(lines(&known), [as_known]);
        let (state, words) = (KnownState::Quarantined, Some("400: no title".into()));
        let refused = "cloudsync refuses this person, since 2027-01-15T08:00:00Z: 400: no title";
        assert_eq!(lines(&KnownAtView { state, words, ..known.clone() }), [as_known, refused]);
        let unknown = KnownAtView { id: None, user_name: None, active: None, ..known };
        let waiting = KnownAtView { state: KnownState::Waiting, ..unknown.clone() };
        assert_eq!(lines(&waiting), ["a change is on its way to cloudsync, since 2027-01-15T08:00:00Z"]);
        let (state, why) = (KnownState::Absent, Some(AbsentBecause::OtherDirectory));
        let absent = lines(&KnownAtView { state, why, ..unknown });
        assert!(absent[0].ends_with("not in a directory that is delivered to it"), "{absent:?}");
    }
}
