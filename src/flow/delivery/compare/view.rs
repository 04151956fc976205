//! What commands and the panel show of a comparison.

use std::collections::BTreeMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::error::CompareError;
use super::run::Comparison;
use crate::domain::Millis;
use crate::domain::delivery::{Drift, Finding, Kind, RemoteId, Subject};
use crate::flow::account::views::in_rfc_3339;
use crate::store::{ComparisonRow, FoundDifference, ListedResource, Store};

/// How many differences are read at once.
const PAGE: u32 = 200;

/// The numbers of a comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NumbersView {
    /// How many differ, by the word for it: `create`, `adopt`, `change`, `suspend`, `erase`, `gone`, `conflict`,
    /// `unknown`.
    #[schema(value_type = BTreeMap<String, u64>)]
    pub findings: BTreeMap<&'static str, u64>,
    pub same: u64,
    /// Being delivered, or refused: not compared.
    pub waiting: u64,
    /// So many are gone that they are not created again.
    pub emptied: bool,
    /// Attributes that the service writes in its own way, or does not show: only an administrator has them fixed.
    #[schema(value_type = Vec<String>)]
    pub own_ways: Vec<&'static str>,
}

impl From<&Drift> for NumbersView {
    fn from(drift: &Drift) -> Self {
        Self {
            findings: drift.findings.iter().map(|(finding, number)| (finding.as_str(), *number)).collect(),
            same: drift.same,
            waiting: drift.waiting,
            emptied: drift.is_emptied(),
            own_ways: drift.own_ways().into_iter().map(|attribute| attribute.as_str()).collect(),
        }
    }
}

/// A comparison that was just made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct ComparisonView {
    pub service: String,
    #[serde(flatten)]
    pub numbers: NumbersView,
    /// How many are delivered again; none if nothing was to be fixed.
    pub fixed: Option<u64>,
}

impl From<&Comparison> for ComparisonView {
    fn from(comparison: &Comparison) -> Self {
        Self {
            service: comparison.service.clone(),
            numbers: NumbersView::from(&comparison.drift),
            fixed: comparison.fixed,
        }
    }
}

/// The newest comparison of a service, daily or by an administrator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
pub struct NewestComparisonView {
    #[serde(serialize_with = "in_rfc_3339")]
    #[schema(value_type = String, format = DateTime)]
    pub at: Millis,
    /// None if it failed.
    pub numbers: Option<NumbersView>,
    pub fixed: u64,
    /// Why it failed.
    pub failed: Option<String>,
}

impl From<&ComparisonRow> for NewestComparisonView {
    fn from(row: &ComparisonRow) -> Self {
        Self {
            at: row.begun_at,
            numbers: row.drift.as_ref().map(NumbersView::from),
            fixed: row.fixed,
            failed: row.failed.clone(),
        }
    }
}

/// One person or Team Share that differs, or somebody over there whom nobody here knows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct FindingView {
    /// `create`, `adopt`, `change`, `suspend`, `erase`, `gone`, `conflict` or `unknown`.
    pub finding: &'static str,
    /// `User` or `Group`: what it is over there.
    pub resource: &'static str,
    pub account: Option<String>,
    pub team_share: Option<String>,
    /// The email address of a person, the name of a Team Share; of whom nobody here knows, the name over there.
    pub name: Option<String>,
    /// The id over there.
    pub id: Option<String>,
    /// The attributes that differ.
    #[schema(value_type = Vec<String>)]
    pub attributes: Vec<&'static str>,
    /// How many members a Team Share lacks over there, and how many it has too many.
    pub joining: u32,
    pub leaving: u32,
    /// More about a conflict.
    pub words: Option<String>,
}

impl From<&FoundDifference> for FindingView {
    fn from(found: &FoundDifference) -> Self {
        let (account, team_share) = match &found.subject {
            Subject::Person(id) => (Some(id.0.clone()), None),
            Subject::Share(id) => (None, Some(id.clone())),
        };
        let difference = &found.difference;
        Self {
            finding: difference.finding.as_str(),
            resource: resource(found.subject.kind()),
            account,
            team_share,
            name: Some(found.name.clone()).filter(|name| !name.is_empty()),
            id: difference.id.as_ref().map(|id| id.0.clone()),
            attributes: difference.attributes.iter().map(|attribute| attribute.as_str()).collect(),
            joining: difference.joining,
            leaving: difference.leaving,
            words: difference.words.clone(),
        }
    }
}

fn resource(kind: Kind) -> &'static str {
    match kind {
        Kind::User => "User",
        Kind::Group => "Group",
    }
}

fn unknown(kind: Kind, one: &ListedResource) -> FindingView {
    FindingView {
        finding: Finding::Unknown.as_str(),
        resource: resource(kind),
        name: one.name.clone(),
        id: Some(one.id.0.clone()),
        ..FindingView::default()
    }
}

/// The differences of a comparison, page after page.
pub struct FindingPages<'a> {
    store: &'a Store,
    comparison: &'a Comparison,
    place: Place,
}

enum Place {
    Found(Option<FoundDifference>),
    Unknown(Kind, Option<RemoteId>),
    End,
}

impl<'a> FindingPages<'a> {
    /// From the start: those who differ, by the word for it, and then whom nobody here knows.
    #[must_use]
    pub fn of(store: &'a Store, comparison: &'a Comparison) -> Self {
        Self { store, comparison, place: Place::Found(None) }
    }

    /// The next page; `None` at the end.
    pub async fn next_page(&mut self) -> Result<Option<Vec<FindingView>>, CompareError> {
        let (deliveries, run) = (self.store.delivery(), &self.comparison.run);
        loop {
            self.place = match &self.place {
                Place::Found(after) => {
                    let page = deliveries.findings(run, after.as_ref(), PAGE).await?;
                    if let Some(last) = page.last() {
                        self.place = Place::Found(Some(last.clone()));
                        return Ok(Some(page.iter().map(FindingView::from).collect()));
                    }
                    Place::Unknown(Kind::User, None)
                }
                Place::Unknown(kind, after) => {
                    let page = deliveries.unclaimed(run, *kind, after.as_ref(), PAGE).await?;
                    if let Some(last) = page.last() {
                        let kind = *kind;
                        self.place = Place::Unknown(kind, Some(last.id.clone()));
                        return Ok(Some(page.iter().map(|one| unknown(kind, one)).collect()));
                    }
                    if *kind == Kind::User { Place::Unknown(Kind::Group, None) } else { Place::End }
                }
                Place::End => return Ok(None),
            };
        }
    }

    /// Removes the list of the comparison from the store.
    pub async fn close(self) -> Result<(), CompareError> {
        close(self.store, self.comparison).await
    }
}

/// Removes the list of a comparison from the store.
pub(super) async fn close(store: &Store, comparison: &Comparison) -> Result<(), CompareError> {
    Ok(store.delivery().end_comparison(&comparison.run).await?)
}
