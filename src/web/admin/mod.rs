//! The admin panel at `/admin`: its routes, the check that every handler has to take, and its pages. It decides
//! nothing: `flow::admin` does.

mod access;
mod address;
mod enter;
mod fields;
mod frame;
mod link;
mod overview;
pub(super) mod pages;
mod permission;
mod routes;
mod sign_out;
mod sync_log;

use std::sync::LazyLock;

pub use access::{Admin, AdminForm, Fresh};
pub use fields::Fields;
pub use frame::AdminFrame;
pub use permission::{
    Dangerous, DecideHeld, EditRoles, Harmless, Permission, SeeOverview, SeeSyncLog, SignOut, StopSync,
    TestSso,
};
pub use routes::{DOORS, Panel, PanelRoute};

/// All routes of the panel.
#[must_use]
pub fn panel() -> Panel {
    Panel::default()
        .with_doors(enter::page, link::page, link::redeem)
        .page("/admin", overview::page)
        .page(sync_log::SYNC_LOG, sync_log::page)
        .action(sync_log::DECIDE_HELD, sync_log::decide)
        .action(sync_log::STOP, sync_log::stop)
        .action(frame::SIGN_OUT, sign_out::submit)
}

static TABLE: LazyLock<Vec<PanelRoute>> = LazyLock::new(|| panel().routes().to_vec());

/// True for the address of a page of the panel, perhaps with a query: nothing else may follow a sign-in.
fn is_page(address: &str) -> bool {
    routes::is_page_of(&TABLE, address)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_pages_of_the_panel_follow_a_sign_in() {
        for page in ["/admin", "/admin?q=1", "/admin?to=//evil.example"] {
            assert!(is_page(page), "{page}");
        }
        for other in [
            "",
            "/",
            "admin",
            "//admin",
            "/admin/",
            "/admin/../login",
            "/admin/enter",
            "/admin/link?t=x",
            "/admin/sign-out",
            "/account/security",
            "//evil.example",
            "//evil.example/admin",
            "/\\evil.example",
            "\\\\evil.example",
            "https://evil.example/admin",
            "https:/admin",
            "javascript:alert(1)",
            "/admin#x",
            "/admin\r\nSet-Cookie: a=b",
            "/admin ",
            "/admin\u{e9}",
            "/%61dmin",
            "/ADMIN",
        ] {
            assert!(!is_page(other), "{other:?}");
        }
    }
}
