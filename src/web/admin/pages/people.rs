//! The list of people that a search has found.

use std::borrow::Cow;

use askama::Template;

use crate::flow::account::views::AccountView;
use crate::flow::support::people::PeopleView;
use crate::web::admin::address::{LOG_IN, PEOPLE, PERSON, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The search with its result. The form sends `q`.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/people.html")]
pub(in crate::web::admin) struct PeoplePage {
    pub language: Language,
    pub frame: AdminFrame,
    pub search: String,
    pub view: PeopleView,
}

impl PeoplePage {
    fn person_url(&self, person: &AccountView) -> String {
        with_query(PERSON, &[("id", &person.names.account)])
    }

    fn status(&self, person: &AccountView) -> Cow<'static, str> {
        self.language.text(status_key(person))
    }

    fn status_kind(&self, person: &AccountView) -> &'static str {
        status_kind(person)
    }

    /// Asks the directory why this name can't sign in.
    fn ask_url(&self) -> String {
        with_query(LOG_IN, &[("who", &self.search)])
    }

    fn next_url(&self) -> Option<String> {
        let next = self.view.next.as_ref()?;
        let fields =
            [("q", self.search.as_str()), ("word", next.word.as_str()), ("account", next.account.as_str())];
        Some(with_query(PEOPLE, &fields))
    }
}

/// The key of an account's status.
pub(in crate::web::admin) fn status_key(account: &AccountView) -> &'static str {
    match account.status {
        "active" => "status-active",
        "ended" => "status-ended",
        _ => suspended_key(account.suspended_because),
    }
}

/// The key of why an account is suspended, or would be.
pub(super) fn suspended_key(because: Option<&str>) -> &'static str {
    match because {
        Some("out_of_scope") => "status-out-of-scope",
        Some("disabled") => "status-disabled",
        Some("expired") => "status-expired",
        Some("admin") => "status-admin",
        Some("undone") => "status-undone",
        _ => "status-suspended",
    }
}

/// The kind for the macro `state`.
pub(super) fn status_kind(account: &AccountView) -> &'static str {
    match account.status {
        "active" => "good",
        "ended" => "warn",
        _ => "trouble",
    }
}
