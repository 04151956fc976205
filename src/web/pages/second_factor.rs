//! The pages that ask for a second factor: the code, and the word after a recovery code.

use askama::Template;

use super::frame::{CodeKind, Told};
use super::{CodeNotice, Language, LoginFrame};

/// One field, which takes every code there is: of the app, of the recovery sheet, of the help desk. Which of them the page
/// asks for decides its words and the keyboard of a phone. Posts `code` and, if ticked, `remember=yes` to `/login/factor`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/second-factor.html")]
pub struct SecondFactor {
    /// The language of the page.
    pub language: Language,
    /// The login.
    pub frame: LoginFrame,
    /// True when many wrong passwords were tried with this name, so that the code comes first. Whether the name exists
    /// makes no difference to a single byte.
    pub before_password: bool,
    /// Then: in how many minutes the next password is taken without a code.
    pub minutes: u32,
    /// True when the page asks for a code of the recovery sheet: a link changes it (`with=recovery`), without a script.
    pub recovery: bool,
    /// For how many days this browser may be remembered; `None` where the admin does not want that.
    pub remember_days: Option<u32>,
    /// Why the last code did not do.
    pub notice: Option<CodeNotice>,
}

impl SecondFactor {
    fn told(&self) -> Option<Told> {
        let kind = if self.recovery { CodeKind::Recovery } else { CodeKind::App };
        self.notice.map(|notice| notice.told(kind, self.language))
    }

    fn heading(&self) -> &'static str {
        if self.recovery { "recovery-code" } else { "second-factor" }
    }

    fn keyboard(&self) -> &'static str {
        if self.recovery { "text" } else { "numeric" }
    }

    fn filled_by(&self) -> &'static str {
        if self.recovery { "off" } else { "one-time-code" }
    }

    /// The same page of this login, asking for the other kind of code.
    fn other_code(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("p", &self.frame.pending_id).append_pair("client_id", &self.frame.client_id);
        if !self.recovery {
            query.append_pair("with", "recovery");
        }
        format!("/login?{}", query.finish())
    }
}

/// How many recovery codes are left after one was used. Its button posts to `/login/recovery-codes`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/recovery-code-used.html")]
pub struct RecoveryCodeUsed {
    /// The language of the page.
    pub language: Language,
    /// The login.
    pub frame: LoginFrame,
    /// How many are left.
    pub left: u32,
}

/// The codes for the day the phone is lost, shown once.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/recovery-codes.html")]
pub struct RecoveryCodes {
    /// The language of the page.
    pub language: Language,
    /// The login that goes on after it (its button posts to `/login/recovery-codes`); `None` on the account page, where
    /// a link leads back.
    pub frame: Option<LoginFrame>,
    /// The codes as they are typed.
    pub codes: Vec<String>,
    /// What the codes are for, as written on the sheet: the names of product and company.
    pub site: String,
    /// Whose they are, as written on the sheet: the name that is typed at sign-in.
    pub username: String,
    /// The form token of the sign-out, on the account page.
    pub csrf_token: String,
}

impl RecoveryCodes {
    fn heading(&self) -> String {
        format!("{} · {} · {}", self.language.text("recovery-codes.sheet"), self.site, self.username)
    }

    /// The sheet as a text file in an address, so that it can be kept without a script. Lines end as Windows wants it.
    fn download(&self) -> String {
        let lines = [self.heading(), String::new()].into_iter().chain(self.codes.iter().cloned());
        let sheet: String = lines.map(|line| line + "\r\n").collect();
        let escaped = percent_encoding::utf8_percent_encode(&sheet, percent_encoding::NON_ALPHANUMERIC);
        format!("data:text/plain;charset=utf-8,{escaped}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::web::pages::Page;

    #[test]
    fn one_field_takes_every_code_and_nothing_is_sent_back() {
        let page = SecondFactor { notice: Some(CodeNotice::Wrong), ..SecondFactor::default() };
        let html = page.html();
        assert_eq!(html.matches("type=\"text\"").count(), 1);
        let field = html.split("id=\"code\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
        assert!(field.contains("one-time-code") && !field.contains("value"), "{field}");
        // A recovery code is longer than six digits, and a pasted code may hold a space.
        assert!(!field.contains("maxlength") && !field.contains("pattern"), "{field}");
    }

    #[test]
    fn the_app_shows_digits_and_a_recovery_code_has_letters() {
        let html = |recovery| {
            let frame = LoginFrame { pending_id: "p&1".into(), ..LoginFrame::default() };
            SecondFactor { frame, recovery, remember_days: Some(1), ..SecondFactor::default() }.html()
        };
        let (app, sheet) = (html(false), html(true));
        assert!(app.contains("inputmode=\"numeric\"") && app.contains("autocomplete=\"one-time-code\""));
        assert!(app.contains("href=\"/login?p=p%261&#38;client_id=&#38;with=recovery\""), "{app}");
        assert!(sheet.contains("inputmode=\"text\"") && sheet.contains("name=\"with\" value=\"recovery\""));
        assert!(sheet.contains("href=\"/login?p=p%261&#38;client_id=\""), "{sheet}");
        assert!(!sheet.contains("id=\"remember\""), "a recovery code stands for no browser");
    }

    #[test]
    fn a_browser_is_remembered_only_where_the_admin_wants_it() {
        let html = |remember_days| SecondFactor { remember_days, ..SecondFactor::default() }.html();
        assert!(!html(None).contains("remember"));
        assert!(html(Some(1)).contains("for 1 day<") && html(Some(30)).contains("for 30 days<"));
    }

    #[test]
    fn the_downloaded_sheet_holds_the_codes_and_cannot_break_out() {
        let codes = vec!["abcd-efgh".to_owned(), "ijkl-mnop".to_owned()];
        let (site, username) = ("idp.example".to_owned(), "\"><b>\r\n".to_owned());
        let page = RecoveryCodes { codes, site, username, ..RecoveryCodes::default() };
        let address = page.download();
        let payload = address.strip_prefix("data:text/plain;charset=utf-8,").unwrap();
        assert!(payload.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'%'), "{payload}");
        assert!(payload.contains("abcd%2Defgh%0D%0Aijkl%2Dmnop%0D%0A"), "{payload}");
    }

    #[test]
    fn codes_are_pages_of_a_login_or_of_the_account() {
        let login = RecoveryCodes { frame: Some(LoginFrame::default()), ..RecoveryCodes::default() };
        assert!(login.html().contains("action=\"/login/recovery-codes\""));
        let account = RecoveryCodes::default().html();
        assert!(account.contains("href=\"/account/security\"") && account.contains("action=\"/logout\""));
        assert!(!account.contains("/login/"));
    }
}
