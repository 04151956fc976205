//! All people whom the guard holds in a directory, before a decision about them.

use std::borrow::Cow;

use askama::Template;

use super::people::suspended_key;
use crate::flow::admin::held::HeldSetView;
use crate::flow::sync::held_set::LossCount;
use crate::web::admin::address::SYNC_LOG;
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The page of a decision about all of them.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/held.html")]
pub(in crate::web::admin) struct HeldSetPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: HeldSetView,
    /// `None` for a role that decides nothing.
    pub csrf: Option<String>,
    /// The query of the log, with its question mark: the decision leads back to it.
    pub query: String,
}

/// How many people would lose what, one line for each kind of loss.
pub(in crate::web::admin) fn held_lines(
    language: Language,
    losses: &[LossCount],
) -> impl Iterator<Item = String> {
    losses.iter().map(move |LossCount { suspend, people }| {
        let Some(why) = suspend else {
            return language.with("held-all-shares", "count", *people).into_owned();
        };
        let why = language.text(suspended_key(Some(why.as_str())));
        let parts = [("count", (*people).into()), ("why", why.into())];
        language.with_all("held-all-accounts", parts).into_owned()
    })
}

impl HeldSetPage {
    fn lines(&self) -> Vec<String> {
        held_lines(self.language, &self.view.losses).collect()
    }

    fn count(&self, key: &str) -> Cow<'static, str> {
        self.language.with(key, "count", self.view.people)
    }

    fn later(&self) -> Option<Cow<'static, str>> {
        (self.view.later > 0).then(|| self.language.with("held-all-later", "count", self.view.later))
    }

    fn back(&self) -> String {
        format!("{SYNC_LOG}{}", self.query)
    }
}
