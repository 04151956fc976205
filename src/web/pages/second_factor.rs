//! The pages that ask for a second factor, and the pages with recovery codes.

use askama::Template;

use super::frame::{CodeKind, NoticeText};
use super::{CodeNotice, Language, LoginFrame};

/// One field that accepts every code: of the app, of the recovery sheet, of the help desk. The kind only
/// changes the texts and a phone's keyboard. Posts `code` and, if ticked, `remember=yes` to `/login/factor`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/second-factor.html")]
pub struct EnterCode {
    pub language: Language,
    pub frame: LoginFrame,
    /// True after many wrong passwords for this name, so that the code comes before the password. The
    /// response is byte for byte the same whether or not the name exists.
    pub before_password: bool,
    /// In that case: minutes until the next password is accepted without a code.
    pub minutes: u32,
    /// True if the page asks for a recovery code; a link switches (`with=recovery`), without a script.
    pub recovery: bool,
    /// Days that this browser may be remembered; `None` if the administrator does not allow it.
    pub remember_days: Option<u32>,
    pub notice: Option<CodeNotice>,
}

impl EnterCode {
    fn notice_text(&self) -> Option<NoticeText> {
        let kind = if self.recovery { CodeKind::Recovery } else { CodeKind::App };
        self.notice.map(|notice| notice.notice_text(kind, self.language))
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

    /// URL of the same page, asking for the other kind of code.
    fn other_code(&self) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("p", &self.frame.pending_id).append_pair("client_id", &self.frame.client_id);
        if !self.recovery {
            query.append_pair("with", "recovery");
        }
        format!("/login?{}", query.finish())
    }
}

/// Shows how many recovery codes are left after one was used. Its button posts to `/login/recovery-codes`.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/recovery-code-used.html")]
pub struct RecoveryCodeUsed {
    pub language: Language,
    pub frame: LoginFrame,
    pub left: u32,
}

/// The recovery codes, shown once.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "pages/recovery-codes.html")]
pub struct RecoveryCodes {
    pub language: Language,
    /// The login that continues after it (its button posts to `/login/recovery-codes`); `None` on the account
    /// page, where a link leads back.
    pub frame: Option<LoginFrame>,
    /// The codes as they are typed.
    pub codes: Vec<String>,
    /// Names of product and company, for the sheet.
    pub site: String,
    /// The name that is typed at sign-in, for the sheet.
    pub username: String,
    /// Token of the sign-out form on the account page.
    pub csrf_token: String,
}

impl RecoveryCodes {
    fn heading(&self) -> String {
        format!("{} · {} · {}", self.language.text("recovery-codes.sheet"), self.site, self.username)
    }

    /// The sheet as a text file in a `data:` URL, to save it without a script. Lines end with CRLF.
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
    use crate::web::pages::HtmlPage;

    #[test]
    fn one_field_takes_every_code_and_nothing_is_sent_back() {
        let page = EnterCode { notice: Some(CodeNotice::Wrong), ..EnterCode::default() };
        let html = page.html();
        assert_eq!(html.matches("type=\"text\"").count(), 1);
        let field = html.split("id=\"code\"").nth(1).and_then(|rest| rest.split('>').next()).unwrap();
        assert!(field.contains("one-time-code") && !field.contains("value"), "{field}");
        // A recovery code is longer than six digits, and a pasted code may contain a space.
        assert!(!field.contains("maxlength") && !field.contains("pattern"), "{field}");
    }

    #[test]
    fn the_app_shows_digits_and_a_recovery_code_has_letters() {
        let html = |recovery| {
            let frame = LoginFrame { pending_id: "p&1".into(), ..LoginFrame::default() };
            EnterCode { frame, recovery, remember_days: Some(1), ..EnterCode::default() }.html()
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
        let html = |remember_days| EnterCode { remember_days, ..EnterCode::default() }.html();
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
