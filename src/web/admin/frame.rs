//! What every page of the panel shows around its content.

use std::borrow::Cow;

use super::access::Admin;
use super::permission::Permission;
use crate::domain::admin::Role;
use crate::flow::admin::overview;
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::web::pages::{Language, Moment};

/// The path of the form in every page's head.
pub(super) const SIGN_OUT: &str = "/admin/sign-out";

/// The frame of a page: who is here, in which role, and what every admin is told.
#[derive(Clone, Debug)]
pub struct AdminFrame {
    pub language: Language,
    /// The path of this page, to mark it in the menu.
    pub path: String,
    /// The person's name; for a break-glass link, who made it.
    pub name: String,
    pub role: Role,
    /// True for the session of a break-glass link.
    pub break_glass: bool,
    /// False while the directory can't confirm the role.
    pub confirmed: bool,
    /// Who made the break-glass link that was used last, in the last days, and when.
    pub used_link: Option<(String, Moment)>,
    /// The token of the sign-out form.
    pub sign_out_token: String,
}

impl AdminFrame {
    /// Who used a break-glass link, and when.
    #[must_use]
    pub fn used_link_title(&self) -> Option<Cow<'static, str>> {
        let (made_by, used) = self.used_link.as_ref()?;
        let when = used.text(self.language);
        Some(
            self.language
                .with_all("panel-link-used", [("by", made_by.as_str().into()), ("when", when.into())]),
        )
    }

    /// The key of the role's name.
    #[must_use]
    pub fn role_key(&self) -> &'static str {
        match self.role {
            Role::Owner => "role-owner",
            Role::Operator => "role-operator",
            Role::HelpDesk => "role-help-desk",
            Role::Auditor => "role-auditor",
        }
    }
}

impl<C: Permission> Admin<C> {
    /// The frame for a page of this request.
    pub(super) async fn frame(&self) -> Result<AdminFrame, Fault> {
        let (web, checked) = (&self.request.web, &self.checked);
        let now = web.parts.now();
        let used = overview::used_link(&web.panel).await?;
        Ok(AdminFrame {
            language: self.request.context().language,
            path: self.path.clone(),
            name: checked.shown_name.clone(),
            role: checked.session.role,
            break_glass: checked.actor.account().is_none(),
            confirmed: checked.confirmed,
            used_link: used.map(|link| (link.made_by, Moment { at: link.used_at, now })),
            sign_out_token: form_token(&web.parts, &checked.session, SIGN_OUT),
        })
    }
}
