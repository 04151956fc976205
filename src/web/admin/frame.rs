//! What every page of the panel shows around its content.

use std::borrow::Cow;

use super::access::Admin;
use super::permission::Permission;
use super::step::{self, SetUpLine};
use super::when::ShownTime;
use crate::domain::admin::{Capability, Role};
use crate::domain::{Millis, parse_time};
use crate::flow::admin::overview::{self, UsedLinkView};
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::web::pages::{Language, Moment};

/// How many of the used links a page names.
const MOST_LINKS: usize = 5;

/// The path of the form in every page's head.
pub(super) const SIGN_OUT: &str = "/admin/sign-out";

/// A break-glass link that was used in the last days.
#[derive(Clone, Debug)]
pub struct LinkNotice {
    pub made_by: String,
    pub used_from: String,
    pub used: Moment,
}

/// The frame of a page: who is here, in which role, and what every admin is told.
#[derive(Clone, Debug)]
pub struct AdminFrame {
    pub language: Language,
    pub now: Millis,
    /// The path of this page, to mark it in the menu.
    pub path: String,
    /// The person's name; for a break-glass link, who made it.
    pub name: String,
    pub role: Role,
    /// True for the session of a break-glass link.
    pub break_glass: bool,
    /// False while the directory can't confirm the role.
    pub confirmed: bool,
    /// Who made the break-glass links that were used in the last days, from where and when they were used.
    pub used_links: Vec<LinkNotice>,
    /// Where this page stands in setting up, until everything is set up; for owners.
    pub set_up: Option<SetUpLine>,
    /// The token of the sign-out form.
    pub sign_out_token: String,
}

impl AdminFrame {
    /// How many break-glass links were used.
    #[must_use]
    pub fn used_links_title(&self) -> Cow<'static, str> {
        self.language.with("panel-links-used", "count", self.used_links.len())
    }

    /// The newest, each with its line.
    #[must_use]
    pub fn newest_links(&self) -> Vec<(&LinkNotice, Cow<'static, str>)> {
        let line = |link: &LinkNotice| {
            let when = link.used.text(self.language);
            let parts = [
                ("by", link.made_by.as_str().into()),
                ("from", link.used_from.as_str().into()),
                ("when", when.into()),
            ];
            self.language.with_all("panel-links-used.line", parts)
        };
        self.used_links.iter().take(MOST_LINKS).map(|link| (link, line(link))).collect()
    }

    /// A time for the macro `when`.
    pub(super) fn when(&self, at: &Millis) -> ShownTime {
        ShownTime::new(*at, self.now, self.language)
    }

    /// A time in RFC 3339 for the macro `when`.
    pub(super) fn when_written(&self, text: &str) -> ShownTime {
        self.when(&parse_time(text).unwrap_or(self.now))
    }

    /// True if the role configures directories.
    #[must_use]
    pub fn configures(&self) -> bool {
        self.role.can(Capability::ConfigureDirectory)
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
        let set_up = match checked.session.role {
            Role::Owner => step::line(&web.panel, &self.path).await?,
            _ => None,
        };
        let used = overview::used_links(&web.panel, &checked.session).await?.into_iter();
        Ok(AdminFrame {
            language: self.request.context().language,
            now,
            path: self.path.clone(),
            name: checked.shown_name.clone(),
            role: checked.session.role,
            break_glass: checked.actor.account().is_none(),
            confirmed: checked.confirmed,
            used_links: used
                .map(|UsedLinkView { made_by, used_at, used_from }| LinkNotice {
                    made_by,
                    used_from,
                    used: Moment { at: used_at, now },
                })
                .collect(),
            set_up,
            sign_out_token: form_token(&web.parts, &checked.session, SIGN_OUT),
        })
    }
}
