//! The pages of the panel: each has a typed context and a compiled template in `templates/admin`.

mod link;
mod overview;
#[cfg(test)]
pub(in crate::web) mod samples;

pub(super) use link::LinkPage;
pub(super) use overview::OverviewPage;
