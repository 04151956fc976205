//! Addresses of the panel.

/// The page that shows once more what was sent.
pub(super) const CONFIRM: &str = "/admin/confirm/{id}";

/// The address of that page for one draft.
pub(super) fn confirm_path(id: &str) -> String {
    format!("/admin/confirm/{id}")
}

/// The address that leads through the sign-in to a page of the panel. `again`: also if there is a session, for
/// a fresh second factor.
pub(super) fn enter_url(to: &str, again: bool) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("to", to);
    if again {
        query.append_pair("again", "yes");
    }
    format!("/admin/enter?{}", query.finish())
}
