//! Addresses of the panel.

/// The page that shows once more what was sent.
pub(super) const CONFIRM: &str = "/admin/confirm/{id}";

/// The address of that page for one draft.
pub(super) fn confirm_path(id: &str) -> String {
    format!("/admin/confirm/{id}")
}

/// The address of a task's page.
pub(super) fn task_path(id: &str) -> String {
    format!("/admin/tasks/{id}")
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

/// The Sync Log.
pub(super) const SYNC_LOG: &str = "/admin/settings/active-directory/sync-log";
/// Decisions about held people: the page, and the action with the fields `directory`, `decision`, and `person` for
/// each, or `all`.
pub(super) const HELD: &str = "/admin/settings/active-directory/sync-log/held";
/// The field with the directory of that page: the log's own conditions stay in the address.
pub(super) const HELD_OF: &str = "of";
/// The action that gives an account to the person who has a conflict about it, with the fields `directory`, `entry`
/// and `account`.
pub(super) const HAND_OVER: &str = "/admin/people/hand-over";
/// The form that resumes the sync, or runs it now.
pub(super) const RESUME: &str = "/admin/settings/active-directory/sync-log/resume";
/// Sync Settings, and the action that saves them.
pub(super) const SYNC_SETTINGS: &str = "/admin/settings/active-directory/sync-settings";
/// The action that shows the form of Sync Settings again.
pub(super) const SYNC_DRAFT: &str = "/admin/settings/active-directory/sync-settings/draft";
/// The action that adds an OU to what is synced, with everything below it.
pub(super) const SYNC_UNIT: &str = "/admin/settings/active-directory/sync-settings/add-unit";
/// The page of a plan of the sync.
pub(super) const SYNC_PLAN: &str = "/admin/settings/active-directory/sync-settings/plan/{plan}";

/// The address of that page for one plan.
pub(super) fn plan_path(plan: i64) -> String {
    SYNC_PLAN.replace("{plan}", &plan.to_string())
}

/// The list of people.
pub(super) const PEOPLE: &str = "/admin/people";
/// One person, by the field `id` of the query.
pub(super) const PERSON: &str = "/admin/people/person";
/// Locks a person down; the page, by the field `id` of the query, says how far that is.
pub(super) const LOCK_DOWN: &str = "/admin/people/lock-down";
/// The events of that page.
pub(super) const LOCK_DOWN_EVENTS: &str = "/admin/people/lock-down/events";
/// The page for support codes, by the field `code`.
pub(super) const HELP_DESK: &str = "/admin/help-desk";
/// Who has set up a second factor, by the field `show`.
pub(super) const TWO_STEP_PEOPLE: &str = "/admin/security/two-step-authentication/people";
/// "User can't log in", by the field `who`.
pub(super) const LOG_IN: &str = "/admin/troubleshooting/user-cant-log-in";
/// The manual's questions about the sync.
pub(super) const NOT_SYNCING: &str = "/admin/troubleshooting/users-not-syncing";
pub(super) const SLOW_SYNC: &str = "/admin/troubleshooting/sync-is-slow";
/// Who needs a second factor.
pub(super) const TWO_STEP: &str = "/admin/security/two-step-authentication";
/// Signs in as an application does.
pub(super) const TEST_SSO: &str = "/admin/settings/integrations/single-sign-on/test";
/// Where work is ordered, above the pages of the tasks.
pub(super) const TASKS: &str = "/admin/tasks";
/// Who has which role.
pub(super) const ADMINISTRATORS: &str = "/admin/security/administrators";
/// What needs a second owner.
pub(super) const APPROVALS: &str = "/admin/security/approvals";

/// The address of one request.
pub(super) fn approval_path(id: &str) -> String {
    format!("/admin/security/approvals/request/{id}")
}

/// True if `path` is below `above`.
pub(super) fn is_below(above: &str, path: &str) -> bool {
    path.strip_prefix(above).is_some_and(|rest| rest.starts_with('/'))
}

/// The audit log.
pub(super) const AUDIT_LOG: &str = "/admin/audit-log";

/// An address with these fields that have a value.
pub(super) fn with_query(path: &str, fields: &[(&str, &str)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(fields.iter().filter(|(_, value)| !value.is_empty()));
    match query.finish().as_str() {
        "" => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// All applications.
pub(super) const APPLICATIONS: &str = "/admin/settings/integrations/single-sign-on/applications";
/// One application, by the field `entry`.
pub(super) const APPLICATION: &str = "/admin/settings/integrations/single-sign-on/applications/application";
/// The form of one application, by the field `entry`.
pub(super) const APPLICATION_EDIT: &str = "/admin/settings/integrations/single-sign-on/applications/edit";
/// The form of a new application.
pub(super) const APPLICATION_NEW: &str = "/admin/settings/integrations/single-sign-on/applications/new";

/// Gives an application a new secret.
pub(super) const APPLICATION_ROTATE: &str =
    "/admin/settings/integrations/single-sign-on/applications/rotate-secret";
/// Ends the secret before the current one.
pub(super) const APPLICATION_END_OLD: &str =
    "/admin/settings/integrations/single-sign-on/applications/end-old-secret";
/// Removes an application.
pub(super) const APPLICATION_REMOVE: &str = "/admin/settings/integrations/single-sign-on/applications/remove";

/// The address of one application.
pub(super) fn application_url(id: &str) -> String {
    with_query(APPLICATION, &[("entry", id)])
}

/// The form of the pages' look.
pub(super) const BRANDING: &str = "/admin/settings/integrations/single-sign-on/branding";
/// The sign-in page with what was typed there.
pub(super) const BRANDING_PREVIEW: &str = "/admin/settings/integrations/single-sign-on/branding/preview";

/// All services that accounts are delivered to.
pub(super) const SERVICES: &str = "/admin/settings/integrations/services";
/// One service, by the field `entry`.
pub(super) const SERVICE: &str = "/admin/settings/integrations/services/service";
/// The form of one service, by the field `entry`.
pub(super) const SERVICE_EDIT: &str = "/admin/settings/integrations/services/edit";
/// The form of a new service.
pub(super) const SERVICE_NEW: &str = "/admin/settings/integrations/services/new";
/// Tries again whom a service has refused, with the fields `entry` and `account` or `team_share`: without, all.
pub(super) const SERVICE_RETRY: &str = "/admin/settings/integrations/services/retry";
/// Ends the overlap of two tokens, with the fields `entry`, `version` and `do`: `promote` or `forget`.
pub(super) const SERVICE_TOKEN: &str = "/admin/settings/integrations/services/next-token";
/// Compares what a service has with what it should have, with the fields `entry` and `do`: `preview`, `report` or `fix`.
pub(super) const SERVICE_COMPARE: &str = "/admin/settings/integrations/services/compare";
/// The result of such a comparison.
pub(super) const SERVICE_COMPARISON: &str = "/admin/settings/integrations/services/comparison/{id}";
/// Its events.
pub(super) const SERVICE_COMPARISON_EVENTS: &str =
    "/admin/settings/integrations/services/comparison/{id}/events";

/// The address of that result.
pub(super) fn service_comparison_path(id: &str) -> String {
    SERVICE_COMPARISON.replace("{id}", id)
}

/// Tests the connection to a service, with the fields `entry` and `round_trip`, and those of its form as typed.
pub(super) const SERVICE_TEST: &str = "/admin/settings/integrations/services/test";
/// The report of such a test.
pub(super) const SERVICE_TEST_REPORT: &str = "/admin/settings/integrations/services/test/{id}";
/// Its events.
pub(super) const SERVICE_TEST_EVENTS: &str = "/admin/settings/integrations/services/test/{id}/events";

/// The address of that report.
pub(super) fn service_test_path(id: &str) -> String {
    SERVICE_TEST_REPORT.replace("{id}", id)
}

/// Removes a service, with the fields `entry` and `version`.
pub(super) const SERVICE_REMOVE: &str = "/admin/settings/integrations/services/remove";

/// The address of one service.
pub(super) fn service_url(id: &str) -> String {
    with_query(SERVICE, &[("entry", id)])
}

/// Where scripts find the twins of the pages.
pub(super) const API: &str = "/admin/api/v1";

/// The twin of a path of the panel.
pub(super) fn twin(path: &str) -> String {
    match path.strip_prefix("/admin") {
        Some(rest) if rest.is_empty() || rest.starts_with('?') => format!("{API}/overview{rest}"),
        rest => format!("{API}{}", rest.unwrap_or(path)),
    }
}

/// The path of the panel whose twin this is.
pub(super) fn page_of(path: &str) -> String {
    match path.strip_prefix(API) {
        Some("/overview") => "/admin".to_owned(),
        rest => format!("/admin{}", rest.unwrap_or_default()),
    }
}

/// The list of directories.
pub(super) const DIRECTORIES: &str = "/admin/settings/integrations/active-directory";
/// The action that removes a directory, with the fields `directory` and `version`.
pub(super) const REMOVE_DIRECTORY: &str = "/admin/settings/integrations/active-directory/remove";
/// Where a new directory begins.
pub(super) const NEW_DIRECTORY: &str = "/admin/settings/integrations/active-directory/new";
/// The form of one directory, and where it is saved.
pub(super) const CONFIGURE: &str = "/admin/settings/integrations/active-directory/configure";
/// Every other button of that form: nothing is saved.
pub(super) const CONNECTION_DRAFT: &str = "/admin/settings/integrations/active-directory/configure/draft";
/// The test of a draft.
pub(super) const CONNECTION_TEST: &str = "/admin/settings/integrations/active-directory/configure/test/{id}";
/// Its events.
pub(super) const CONNECTION_EVENTS: &str =
    "/admin/settings/integrations/active-directory/configure/test/{id}/events";
/// The manual's question about tests that fail.
pub(super) const CONNECTION_TROUBLE: &str = "/admin/troubleshooting/connection-test-fails";

/// The address of the test of a draft.
pub(super) fn connection_test_path(id: &str) -> String {
    CONNECTION_TEST.replace("{id}", id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_path_has_one_twin() {
        for (path, other) in [
            ("/admin", "/admin/api/v1/overview"),
            ("/admin/tasks/{id}", "/admin/api/v1/tasks/{id}"),
            ("/admin/security/administrators", "/admin/api/v1/security/administrators"),
        ] {
            assert_eq!((twin(path).as_str(), page_of(other).as_str()), (other, path));
        }
        assert_eq!(twin("/admin?a=b"), "/admin/api/v1/overview?a=b");
    }
}
