//! The result of a comparison of a service.

use std::borrow::Cow;

use askama::Template;

use crate::domain::delivery::Finding;
use crate::flow::admin::service_comparison::{
    ComparisonEnd, ComparisonOrder, ListedDifference, ServiceComparison,
};
use crate::web::admin::address::{PERSON, service_comparison_path, service_url, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// The page of a comparison.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/service-comparison.html")]
pub(in crate::web::admin) struct ComparisonPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// The id under which the result is kept.
    pub draft: String,
    pub part: ComparisonPart,
    /// True if the page loads itself again, where there is no script.
    pub refreshes: bool,
}

impl ComparisonPage {
    fn events_url(&self) -> String {
        format!("{}/events", service_comparison_path(&self.draft))
    }

    fn service_url(&self) -> String {
        service_url(&self.part.result.service)
    }
}

/// The part of the page that changes while the comparison runs.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/parts/service-comparison.html")]
pub(in crate::web::admin) struct ComparisonPart {
    pub language: Language,
    pub result: ServiceComparison,
}

impl ComparisonPart {
    pub(in crate::web::admin) fn is_running(&self) -> bool {
        self.result.end.is_none()
    }

    fn is_preview(&self) -> bool {
        self.result.order == ComparisonOrder::Preview
    }

    fn end_kind(&self) -> &'static str {
        match &self.result.end {
            None => "plain",
            Some(ComparisonEnd::Done) => "good",
            Some(ComparisonEnd::Failed(_)) => "trouble",
            Some(ComparisonEnd::Interrupted) => "warn",
        }
    }

    fn end_key(&self) -> &'static str {
        match &self.result.end {
            None => "service-comparing",
            Some(ComparisonEnd::Done) if self.is_preview() => "service-previewed",
            Some(ComparisonEnd::Done) => "service-compared",
            Some(ComparisonEnd::Failed(_)) => "service-not-compared",
            Some(ComparisonEnd::Interrupted) => "service-comparison-interrupted",
        }
    }

    fn end_title(&self) -> Cow<'static, str> {
        self.language.text(self.end_key())
    }

    fn end_text(&self) -> Cow<'static, str> {
        match self.result.fixed {
            Some(fixed) => self.language.with("service-compared.fixed", "count", fixed),
            None => self.language.text(&format!("{}.what", self.end_key())),
        }
    }

    /// Why there is no result, in English.
    fn why(&self) -> Option<&str> {
        match &self.result.end {
            Some(ComparisonEnd::Failed(why)) => Some(why),
            _ => None,
        }
    }

    fn is_done(&self) -> bool {
        self.result.end == Some(ComparisonEnd::Done)
    }

    /// Each kind of difference with its number.
    fn numbers(&self) -> Vec<(Cow<'static, str>, u64)> {
        let number = |(word, number): (&String, &u64)| (self.finding(word), *number);
        self.result.findings.iter().map(number).collect()
    }

    fn finding(&self, word: &str) -> Cow<'static, str> {
        finding(self.language, word)
    }

    fn who<'a>(&self, one: &'a ListedDifference) -> &'a str {
        let known = [&one.name, &one.team_share, &one.account, &one.id];
        known.into_iter().flatten().next().map(String::as_str).unwrap_or_default()
    }

    fn person_url(&self, account: &str) -> String {
        with_query(PERSON, &[("id", account)])
    }

    /// The attributes and members that differ.
    fn what(&self, one: &ListedDifference) -> String {
        let members = match (one.joining, one.leaving) {
            (0, 0) => None,
            (joining, leaving) => Some(format!("+{joining} −{leaving}")),
        };
        let words = one.attributes.iter().cloned().chain(members).chain(one.words.clone());
        words.collect::<Vec<_>>().join(", ")
    }
}

/// The text for the word of a finding.
pub(super) fn finding(language: Language, word: &str) -> Cow<'static, str> {
    let Some(finding) = Finding::parse(word) else { return word.to_owned().into() };
    language.text(match finding {
        Finding::Suspend => "difference-suspend",
        Finding::Erase => "difference-erase",
        Finding::Change => "difference-change",
        Finding::Adopt => "difference-adopt",
        Finding::Create => "difference-create",
        Finding::Gone => "difference-gone",
        Finding::Conflict => "difference-conflict",
        Finding::Unknown => "difference-unknown",
    })
}
