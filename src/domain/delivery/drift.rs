//! How a whole target differs from what is wished, and what of that is fixed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::attribute::Attribute;
use super::compare::{Compared, Difference, Finding};
use super::gone;

/// From so many on it is seen whether a target writes an attribute in its own way.
const ENOUGH: u64 = 20;

/// Who has said that differences are to be fixed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FixOrder {
    /// The settings, every day.
    Daily,
    /// An administrator, now.
    Admin,
}

/// The numbers of a comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Drift {
    /// How many differ in each way.
    pub findings: BTreeMap<Finding, u64>,
    /// How many are as wished.
    pub same: u64,
    /// How many are being delivered, or are refused: they were not compared.
    pub waiting: u64,
    /// How often each attribute differs of those who were delivered before.
    pub attributes: BTreeMap<Attribute, u64>,
    /// How many of those who were delivered before are there.
    pub there: u64,
}

impl Drift {
    /// Counts a comparison.
    pub fn add(&mut self, compared: &Compared) {
        let Some(difference) = &compared.difference else {
            self.same += 1;
            self.there += u64::from(!compared.claims.is_empty());
            return;
        };
        *self.findings.entry(difference.finding).or_default() += 1;
        if matches!(difference.finding, Finding::Change | Finding::Suspend) {
            self.there += 1;
            for attribute in &difference.attributes {
                *self.attributes.entry(*attribute).or_default() += 1;
            }
        }
    }

    /// How many differ in this way.
    #[must_use]
    pub fn count(&self, finding: Finding) -> u64 {
        self.findings.get(&finding).copied().unwrap_or_default()
    }

    /// Whether somebody differs. Whom nobody here knows is no difference: a service may have other accounts.
    #[must_use]
    pub fn differs(&self) -> bool {
        self.findings.iter().any(|(finding, number)| *finding != Finding::Unknown && *number > 0)
    }

    /// Whether so many are gone that the target may have been emptied by mistake, or is another one: they are not
    /// created again ([`super::GoneGuard`]).
    #[must_use]
    pub fn is_emptied(&self) -> bool {
        let gone = self.count(Finding::Gone);
        gone > gone::most(usize::try_from(self.there + gone).unwrap_or(usize::MAX)) as u64
    }

    /// The attributes that differ for more than half: the target writes them in its own way, or does not show them.
    /// They would differ again tomorrow.
    #[must_use]
    pub fn own_ways(&self) -> BTreeSet<Attribute> {
        let often = self.attributes.iter().filter(|(attribute, number)| {
            **attribute != Attribute::Active && self.there >= ENOUGH && **number * 2 > self.there
        });
        often.map(|(attribute, _)| *attribute).collect()
    }

    /// Whether such a difference is fixed.
    #[must_use]
    pub fn fixes(&self, difference: &Difference, order: FixOrder) -> bool {
        match difference.finding {
            Finding::Unknown | Finding::Conflict => false,
            Finding::Gone => !self.is_emptied(),
            Finding::Suspend | Finding::Erase | Finding::Adopt | Finding::Create => true,
            Finding::Change => {
                let members = difference.joining + difference.leaving > 0;
                order == FixOrder::Admin || members || !difference.attributes.is_subset(&self.own_ways())
            }
        }
    }
}
