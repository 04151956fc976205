//! The menu of the panel, in the words and the order of CloudSync's manual. A page is shown to those whose role
//! opens it.

use std::borrow::Cow;

use super::address::is_below;
use super::frame::AdminFrame;
use super::routes::needs_of_page;
use super::{TABLE, address, roles, set_up, sso, sync_trouble, test_sso, two_step};
use crate::domain::admin::Role;
use crate::web::pages::Language;

/// A heading, and pages as path and the key of their title.
type Group = (Option<&'static str>, &'static [(&'static str, &'static str)]);

const GROUPS: [Group; 5] = [
    (
        None,
        &[
            ("/admin", "overview"),
            (set_up::SET_UP, "set-up"),
            (address::PEOPLE, "people"),
            (address::HELP_DESK, "help-desk"),
            (address::AUDIT_LOG, "audit-log"),
        ],
    ),
    (
        Some("menu.integrations"),
        &[
            (address::DIRECTORIES, "directories"),
            (sso::PATH, "sso"),
            (address::APPLICATIONS, "applications"),
            (address::BRANDING, "branding"),
            (test_sso::PATH, "test-sso"),
            (address::SERVICES, "services"),
        ],
    ),
    (
        Some("menu.active-directory"),
        &[(address::SYNC_SETTINGS, "sync-settings"), (address::SYNC_LOG, "sync-log")],
    ),
    (
        Some("menu.security"),
        &[
            (two_step::PATH, "two-step"),
            (address::TWO_STEP_PEOPLE, "two-step-people.menu"),
            (roles::FORM.path, "roles"),
            (address::APPROVALS, "approvals"),
        ],
    ),
    (
        Some("menu.troubleshooting"),
        &[
            (address::CONNECTION_TROUBLE, "connection-trouble"),
            (sync_trouble::NOT_SYNCING, "not-syncing"),
            (address::LOG_IN, "log-in"),
            (sync_trouble::SLOW, "slow-sync"),
        ],
    ),
];

/// Pages under one heading.
#[derive(Clone, Debug)]
pub struct MenuGroup {
    /// Empty for the first ones.
    pub heading: Cow<'static, str>,
    pub links: Vec<MenuLink>,
}

/// A page of the menu.
#[derive(Clone, Debug)]
pub struct MenuLink {
    pub path: &'static str,
    pub title: Cow<'static, str>,
    /// True if this page, or one below it, is shown.
    pub is_current: bool,
}

/// Where a page is in the menu.
#[derive(Clone, Debug)]
pub struct MenuPlace {
    pub heading: Cow<'static, str>,
    /// The page above, if this one is not in the menu itself.
    pub above: Option<MenuLink>,
}

/// The headings and the title that lead to a page; empty if the menu has no such page.
pub(super) fn menu_path(language: Language, path: &str) -> String {
    let found = GROUPS
        .iter()
        .find_map(|(heading, pages)| Some((heading, pages.iter().find(|(page, _)| *page == path)?.1)));
    let Some((heading, title)) = found else { return String::new() };
    let words = heading.iter().copied().chain([title]).map(|key| language.text(key));
    words.collect::<Vec<_>>().join(" › ")
}

/// The page whose title has this key.
pub(super) fn page_of(key: &str) -> Option<&'static str> {
    let mut pages = GROUPS.iter().flat_map(|(_, pages)| *pages);
    pages.find(|(_, title)| *title == key).map(|(path, _)| *path)
}

/// True if a page exists and this role may open it.
pub(super) fn opens(role: Role, path: &str) -> bool {
    needs_of_page(&TABLE, path).is_some_and(|needs| role.can(needs))
}

impl AdminFrame {
    /// The menu for this role.
    #[must_use]
    pub fn menu(&self) -> Vec<MenuGroup> {
        let current = self.current();
        let groups = GROUPS.iter().map(|(heading, pages)| MenuGroup {
            heading: heading.map_or(Cow::Borrowed(""), |heading| self.language.text(heading)),
            links: pages
                .iter()
                .filter(|(path, _)| opens(self.role, path))
                .map(|&(path, title)| MenuLink {
                    path,
                    title: self.language.text(title),
                    is_current: current == Some(path),
                })
                .collect(),
        });
        groups.filter(|group| !group.links.is_empty()).collect()
    }

    /// True if this role may open the page at this path.
    #[must_use]
    pub fn opens(&self, path: &str) -> bool {
        opens(self.role, path)
    }

    /// Where this page is. `None` if the menu has neither it nor one above it, or gives it no heading.
    #[must_use]
    pub fn place(&self) -> Option<MenuPlace> {
        let (heading, link) = self
            .menu()
            .into_iter()
            .find_map(|group| Some((group.heading, group.links.into_iter().find(|link| link.is_current)?)))?;
        let above = (link.path != self.path).then_some(link);
        (!heading.is_empty() || above.is_some()).then_some(MenuPlace { heading, above })
    }

    /// The page of the menu that is nearest to this one.
    fn current(&self) -> Option<&'static str> {
        let paths = GROUPS.iter().flat_map(|(_, pages)| *pages).map(|(path, _)| *path);
        // All pages are below the first one, which is not above any of them.
        let near = paths.filter(|path| self.path == *path || *path != "/admin" && is_below(path, &self.path));
        near.max_by_key(|path| path.len())
    }
}

#[cfg(test)]
mod tests {
    use crate::web::admin::pages::samples::frame;

    use super::*;

    fn at(path: &str, role: Role) -> AdminFrame {
        AdminFrame { path: path.into(), role, ..frame() }
    }

    #[test]
    fn every_role_sees_the_pages_that_it_may_open() {
        for role in Role::ALL {
            let shown: Vec<_> = at("/admin", role)
                .menu()
                .into_iter()
                .flat_map(|group| group.links)
                .map(|link| link.path)
                .collect();
            assert_eq!(shown[0], "/admin", "{role:?}");
            assert_eq!(shown.contains(&roles::FORM.path), role != Role::HelpDesk, "{role:?}");
            assert_eq!(shown.contains(&test_sso::PATH), role == Role::Owner, "{role:?}");
        }
    }

    #[test]
    fn every_page_of_the_menu_exists() {
        for (path, _) in GROUPS.iter().flat_map(|(_, pages)| *pages) {
            assert!(needs_of_page(&TABLE, path).is_some(), "{path}");
        }
    }

    #[test]
    fn the_nearest_page_is_marked_and_leads_back() {
        let marked = |path: &str| at(path, Role::Owner).current();
        assert_eq!(marked("/admin"), Some("/admin"));
        assert_eq!(marked(test_sso::PATH), Some(test_sso::PATH), "not the one above");
        assert_eq!(marked(&format!("{}/x/y", sso::FORM.path)), Some(sso::FORM.path));
        assert_eq!(marked("/admin/confirm/x"), None);
        assert_eq!(marked(&format!("{}-x", sso::FORM.path)), None);

        let place = |path: &str| at(path, Role::Owner).place();
        assert!(place("/admin").is_none() && place("/admin/confirm/x").is_none());
        let person = place(address::PERSON).expect("it is below one");
        assert_eq!(
            (person.heading.as_ref(), person.above.map(|link| link.path)),
            ("", Some(address::PEOPLE))
        );
        let own = place(sso::FORM.path).expect("it is in the menu");
        assert_eq!((own.heading.as_ref(), own.above.is_none()), ("Settings › Integrations", true));
        let below = place(&format!("{}/x", sso::FORM.path)).expect("it is below one");
        assert_eq!(below.above.map(|link| link.path), Some(sso::FORM.path));
    }
}
