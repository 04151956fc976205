//! What is known of a route of the panel.

use crate::domain::admin::Capability;

/// One route of the panel.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PanelRoute {
    pub path: &'static str,
    /// True for a form that is posted, false for a page.
    pub is_action: bool,
    pub needs: Capability,
}
