//! The admin panel, end to end: who gets in and who does not, and when a session ends.

mod api;
mod api_views;
mod applications;
mod branding;
mod certificates;
mod connection;
mod directory;
mod door;
mod ends;
mod first_steps;
mod four_eyes;
mod hand_over;
mod link;
mod log_in;
mod notice;
mod people;
mod routes;
mod scale;
mod services;
mod settings;
mod support;
mod sync_log;
mod sync_settings;
mod sync_work;
mod tasks;
mod test_sso;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::Millis;
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::admin::{AdminSession, Role};
use cloudsync_idp::flow::account::factors;
use cloudsync_idp::flow::admin::session::{form_token, session_hash};
use cloudsync_idp::store::{AuditFilter, AuditRow};

use crate::support::browser::{Browser, Page};
use crate::support::lab::Person;
use crate::support::phone::Phone;
use crate::support::provider::{Provider, Setup};
use crate::support::rows::AccountRows;
use crate::support::story::{CODE, CODES, ENROL, INVITATION, SIGN_IN, STEP, recovery_codes};
use crate::support::subtree::Subtree;

/// The name of the panel's cookie on plain http.
const COOKIE: &str = "cloudsync_admin";
const OVERVIEW: &str = "Overview";
const NO_ROLE: &str = "You have no access to the admin panel";
const UNCONFIRMED: &str = "The directory cannot confirm your role";
const LINK_REFUSED: &str = "This link cannot be used";

/// A provider at a directory with a group for each role, and one person in each.
struct PanelStory {
    provider: Provider,
    subtree: Subtree,
    /// In the order of [`Role::ALL`].
    people: [Person; 4],
    groups: [String; 4],
    /// In no group.
    bystander: Person,
}

/// An admin with a browser and a phone, inside the panel.
struct Inside {
    browser: Browser,
    phone: Phone,
    /// The recovery codes.
    codes: Vec<String>,
    /// The value of the panel's cookie.
    cookie: String,
    /// The page that was reached.
    page: Page,
}

impl PanelStory {
    /// In OpenLDAP, synced, with these further settings. The clock stands still.
    async fn new(policy: &str) -> Self {
        Self::at(Subtree::ldap(), policy).await
    }

    async fn at(subtree: Subtree, policy: &str) -> Self {
        Self::in_store(subtree, policy, String::new()).await
    }

    /// In this database; in a SQLite file if it is empty.
    async fn in_store(subtree: Subtree, policy: &str, store: String) -> Self {
        let story = Self::unsynced(subtree, policy, store).await;
        story.provider.sync().await.expect("a sync");
        story
    }

    /// Before any sync: nobody has an account.
    async fn unsynced(subtree: Subtree, policy: &str, store: String) -> Self {
        let people = [(); 4].map(|()| subtree.person());
        let groups = people.each_ref().map(|person| subtree.group(&[&person.dn]));
        let bystander = subtree.person();
        let keys = ["admin_groups", "operator_groups", "help_desk_groups", "auditor_groups"];
        let lists: Vec<_> =
            keys.iter().zip(&groups).map(|(key, group)| format!("{key} = [{group:?}]\n")).collect();
        let roles = format!("{}[directories.scope]", lists.concat());
        let directory = subtree.settings(&subtree.unit, "").replace("[directories.scope]", &roles);
        let settings = format!("{policy}\n{directory}");
        let clock = Clock::fixed(Clock::System.now());
        let provider = Provider::start(Setup { clock, store, ..Setup::new(&settings) }).await;
        Self { provider, subtree, people, groups, bystander }
    }

    fn url(&self, path: &str) -> String {
        format!("{}{path}", self.provider.url)
    }

    fn now(&self) -> Millis {
        self.provider.parts.now()
    }

    fn later(&self, by: Millis) {
        self.provider.parts.clock.advance(by);
    }

    fn person(&self, role: Role) -> &Person {
        let place = Role::ALL.iter().position(|one| *one == role).expect("a role");
        &self.people[place]
    }

    fn group(&self, role: Role) -> &str {
        let place = Role::ALL.iter().position(|one| *one == role).expect("a role");
        &self.groups[place]
    }

    async fn account(&self, person: &Person) -> AccountId {
        let found = self.provider.parts.store.identity().account_by_email(&person.mail).await;
        found.expect("the store").expect("an account").id
    }

    /// Opens a page of the panel and types name and password, up to the page after that.
    async fn signs_in(&self, browser: &Browser, person: &Person, path: &str) -> Page {
        let page = browser.follow(&self.url(path)).await;
        assert_eq!(page.heading(), SIGN_IN, "{}", page.text());
        browser.go_on(browser.submit(&page, &person.account, &self.subtree.password).await).await
    }

    /// Sets up a factor at the panel's own sign-in, with a code of the help desk, and follows to the end.
    async fn enrols(&self, browser: Browser, person: &Person, path: &str) -> Inside {
        let page = self.signs_in(&browser, person, path).await;
        assert_eq!(page.heading(), INVITATION, "{}", page.text());
        let account = self.account(person).await;
        let code = factors::invite(&self.provider.parts.login(), &account, &crate::support::desk())
            .await
            .expect("a code")
            .code;
        let page = browser.fill(&page, "/login/invitation", &[("code", &code)]).await;
        assert_eq!(page.heading(), ENROL, "{}", page.text());
        let phone = Phone::scan(&page);
        let codes = browser.fill(&page, "/login/enrol", &[("code", &phone.code(self.now()))]).await;
        assert_eq!(codes.heading(), CODES, "{}", codes.text());
        let sent = browser.send(&codes, "/login/recovery-codes", &[]).await;
        let (page, cookie) = go_on(&browser, sent).await;
        Inside { browser, phone, codes: recovery_codes(&codes), cookie, page }
    }

    /// The admin of this role, in a new browser.
    async fn inside(&self, role: Role) -> Inside {
        let inside = self.enrols(Browser::new(), self.person(role), "/admin").await;
        assert_eq!(inside.page.heading(), OVERVIEW, "{}", inside.page.text());
        inside
    }

    /// Signs in to the panel again, with the next code of the phone.
    async fn signs_in_again(&self, inside: &Inside, person: &Person, path: &str) -> (Page, String) {
        let page = self.signs_in(&inside.browser, person, path).await;
        assert_eq!(page.heading(), CODE, "{}", page.text());
        self.later(STEP);
        let code = inside.phone.code(self.now());
        go_on(&inside.browser, inside.browser.send(&page, "/login/factor", &[("code", &code)]).await).await
    }

    /// The stored session of a cookie.
    async fn session(&self, cookie: &str) -> Option<AdminSession> {
        let hash = session_hash(&self.provider.parts.login(), cookie);
        let found = self.provider.parts.store.admin().session(&hash, self.now()).await.expect("the store");
        found.map(|found| found.session)
    }

    /// The token of a form in this session.
    async fn token(&self, cookie: &str, path: &str) -> String {
        let session = self.session(cookie).await.expect("a session");
        form_token(&self.provider.parts.login(), &session, path)
    }

    /// Sends a form as our own page does.
    async fn send(&self, browser: &Browser, path: &str, fields: &[(&str, &str)]) -> Page {
        let request = browser.http.post(self.url(path)).header("origin", &self.provider.url);
        Page::of(request.form(fields)).await
    }

    /// The audit events of this decision, the newest first.
    async fn trail(&self, decision: &str) -> Vec<AuditRow> {
        let rows = self.provider.parts.store.login().audit_page(None, 500, &AuditFilter::All).await;
        rows.expect("the store").into_iter().filter(|row| row.decision == decision).collect()
    }
}

/// Follows redirects within the provider, and notes the panel's cookie where a response sets it.
async fn go_on(browser: &Browser, mut page: Page) -> (Page, String) {
    let mut cookie = String::new();
    loop {
        if let Some(set) = page.cookie(COOKIE) {
            set.clone_into(&mut cookie);
        }
        match page.location.clone().filter(|next| next.starts_with('/')) {
            Some(next) => page = browser.open(&page.absolute(&next)).await,
            None => return (page, cookie),
        }
    }
}

/// The panel asks for a sign-in.
fn assert_asked(page: &Page) {
    let to = page.location.as_deref().unwrap_or_default();
    assert!(to.starts_with("/admin/enter?to="), "{} {:?}: {}", page.status, page.location, page.text());
    assert_eq!(page.cookie(COOKIE), None);
}
