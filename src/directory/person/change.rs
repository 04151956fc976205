//! Change a person's password with the old one, never without it, and only on encrypted connections.
//!
//! Active Directory: one modify on the service account's connection, so that a person who must change the
//! password, and therefore may not bind, can do so. Elsewhere: the Password Modify operation (RFC 3062) as
//! the person, where the bind is allowed; `changeAfterReset` allows it for this purpose only.

use ldap3::LdapResult;
use tokio::time::Instant;

use super::outcome;
use crate::directory::Directory;
use crate::directory::error::{DirectoryError, LdapFault};
use crate::directory::message::code;
use crate::directory::message::ppolicy::{self, PolicyError};
use crate::directory::requests::{Operation, policy_request};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::entry::Entry;
use crate::domain::password::{Attempted, ChangeOutcome, ChangeRefusal};
use crate::domain::schema::Schema;
use crate::domain::secret::Plain;

/// Windows error codes, at the start of the diagnostic text.
const INVALID_PASSWORD: &str = "00000056";
const PASSWORD_RESTRICTION: &str = "0000052D";

impl Directory {
    /// Changes a password, once. A wrong old password counts as a failed attempt in the directory, so the
    /// caller has reserved one.
    pub async fn change_password(
        &self,
        entry: &Entry,
        old: &Plain,
        new: &Plain,
        deadline: Instant,
    ) -> Result<ChangeOutcome, DirectoryError> {
        if !self.inner.encrypted {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::NotAllowed));
        }
        if self.is_never_bound(entry, old) {
            return Ok(ChangeOutcome::WrongOldPassword);
        }
        if new.is_blank() {
            return Ok(ChangeOutcome::Refused(ChangeRefusal::TooShortOrSimple));
        }
        match self.naming().schema {
            Schema::ActiveDirectory => self.change_in_domain(entry, old, new, deadline).await,
            Schema::Rfc2307bis => self.change_as_person(entry, old, new, deadline).await,
        }
    }

    async fn change_in_domain(
        &self,
        entry: &Entry,
        old: &Plain,
        new: &Plain,
        deadline: Instant,
    ) -> Result<ChangeOutcome, DirectoryError> {
        let operation = Operation::ChangeUnicodePwd { dn: entry.dn.as_str(), old, new };
        let answered = self.requests().once(&operation, self.rank, deadline).await?;
        let result = answered.result.clone();
        answered.keep();
        let outcome =
            of_domain(&result).ok_or(DirectoryError::Refused { code: result.rc, text: result.text })?;
        if outcome != ChangeOutcome::Refused(ChangeRefusal::Other) {
            return Ok(outcome);
        }
        let refusal = self.broken_rule(entry, new, deadline).await.ok().flatten();
        Ok(ChangeOutcome::Refused(refusal.unwrap_or(ChangeRefusal::Other)))
    }

    /// Windows reports that a rule is broken, but not which. `None` if the rules are unreadable.
    async fn broken_rule(
        &self,
        entry: &Entry,
        new: &Plain,
        deadline: Instant,
    ) -> Result<Option<ChangeRefusal>, DirectoryError> {
        let Some(rules) = self.password_rules(entry, deadline).await? else { return Ok(None) };
        let now = self.lockout(None, deadline).await?.server_now;
        let age = now.zip(entry.password_changed_at).map(|(now, at)| now.saturating_sub(at));
        let names = [entry.login_name.as_str(), entry.shown_name()];
        Ok(Some(rules.broken_by(&Attempted { new: new.expose(), names, age })))
    }

    async fn change_as_person(
        &self,
        entry: &Entry,
        old: &Plain,
        new: &Plain,
        deadline: Instant,
    ) -> Result<ChangeOutcome, DirectoryError> {
        let operation = Operation::Bind { dn: entry.dn.as_str(), password: old };
        let mut answered = self.requests().once(&operation, self.rank, deadline).await?;
        let result = &answered.result;
        if result.rc != code::SUCCESS {
            return match outcome::of_bind(Schema::Rfc2307bis, result) {
                Some(outcome) => Ok(not_bound(outcome)),
                None => Err(DirectoryError::Refused { code: result.rc, text: result.text.clone() }),
            };
        }
        let (until, controls) = (self.requests().answer_by(deadline), policy_request(answered.server));
        let changed = answered.connection.modify_password(old, new, controls, until).await;
        // The connection is bound as the person: it is closed and not kept, whatever the result.
        changed.map(|result| of_operation(&result)).map_err(|fault| sent(answered.server.fault(fault)))
    }
}

fn sent(fault: crate::directory::error::ServerFault) -> DirectoryError {
    match fault.fault {
        LdapFault::NotSent => DirectoryError::Unavailable(vec![fault]),
        _ => DirectoryError::Unanswered(vec![fault]),
    }
}

/// The result when the bind before the change failed.
fn not_bound(outcome: BindOutcome) -> ChangeOutcome {
    match outcome {
        BindOutcome::Refused(BindRefusal::InvalidCredentials | BindRefusal::NoSuchUser) => {
            ChangeOutcome::WrongOldPassword
        }
        BindOutcome::Accepted | BindOutcome::Refused(_) => ChangeOutcome::Refused(ChangeRefusal::NotAllowed),
    }
}

/// The result of the modify in Active Directory; `None` when it is about the server and not the password.
fn of_domain(result: &LdapResult) -> Option<ChangeOutcome> {
    let text = result.text.to_ascii_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let coded = |code: &str| text.starts_with(&code.to_ascii_lowercase());
    Some(match result.rc {
        code::SUCCESS => ChangeOutcome::Accepted,
        code::CONSTRAINT_VIOLATION | code::INVALID_CREDENTIALS if coded(INVALID_PASSWORD) => {
            ChangeOutcome::WrongOldPassword
        }
        // Samba adds a text
        code::CONSTRAINT_VIOLATION if says(&["too short", "complexity"]) => {
            ChangeOutcome::Refused(ChangeRefusal::TooShortOrSimple)
        }
        code::CONSTRAINT_VIOLATION if says(&["already used"]) => {
            ChangeOutcome::Refused(ChangeRefusal::InHistory)
        }
        code::CONSTRAINT_VIOLATION if says(&["too young"]) => ChangeOutcome::Refused(ChangeRefusal::TooYoung),
        code::CONSTRAINT_VIOLATION => ChangeOutcome::Refused(ChangeRefusal::Other),
        code::UNWILLING_TO_PERFORM if coded(PASSWORD_RESTRICTION) => {
            ChangeOutcome::Refused(ChangeRefusal::Other)
        }
        code::INSUFFICIENT_ACCESS_RIGHTS => ChangeOutcome::Refused(ChangeRefusal::NotAllowed),
        _ => return None,
    })
}

/// The result of the Password Modify operation. The bind has proven the old password.
fn of_operation(result: &LdapResult) -> ChangeOutcome {
    if result.rc == code::SUCCESS {
        return ChangeOutcome::Accepted;
    }
    ChangeOutcome::Refused(match ppolicy::error_in(&result.ctrls) {
        // passwordModNotAllowed, mustSupplyOldPassword
        Some(PolicyError::Other(3 | 4)) => ChangeRefusal::NotAllowed,
        // insufficientPasswordQuality, passwordTooShort
        Some(PolicyError::Other(5 | 6)) => ChangeRefusal::TooShortOrSimple,
        Some(PolicyError::Other(7)) => ChangeRefusal::TooYoung,
        Some(PolicyError::Other(8)) => ChangeRefusal::InHistory,
        _ if result.rc == code::INSUFFICIENT_ACCESS_RIGHTS => ChangeRefusal::NotAllowed,
        _ => ChangeRefusal::Other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(rc: u32, text: &str) -> LdapResult {
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls: Vec::new() }
    }

    #[test]
    fn a_domain_s_refusal_is_read_from_codes_and_texts() {
        let refused = |why| Some(ChangeOutcome::Refused(why));
        let windows = |code: &str| {
            format!(
                "{code}: AtrErr: DSID-03190F80, #1:\n\t0: {code}: DSID-03190F80, problem 1005 (CONSTRAINT_ATT_TYPE)"
            )
        };
        let table = [
            (0, String::new(), Some(ChangeOutcome::Accepted)),
            (19, windows("00000056"), Some(ChangeOutcome::WrongOldPassword)),
            (19, windows("0000052D"), refused(ChangeRefusal::Other)),
            (
                19,
                "0000052D: Constraint violation - check_password_restrictions: the password is too short."
                    .into(),
                refused(ChangeRefusal::TooShortOrSimple),
            ),
            (
                19,
                "0000052D: check_password_restrictions: the password does not meet the complexity criteria!"
                    .into(),
                refused(ChangeRefusal::TooShortOrSimple),
            ),
            (
                19,
                "0000052D: the password was already used (in history)!".into(),
                refused(ChangeRefusal::InHistory),
            ),
            (19, "0000052D: password is too young to change!".into(), refused(ChangeRefusal::TooYoung)),
            (53, "0000052D: SvcErr: DSID-031A12D2, problem 5003".into(), refused(ChangeRefusal::Other)),
            (50, "00000005: SecErr: DSID-031A1190".into(), refused(ChangeRefusal::NotAllowed)),
            (53, "0000001F: SvcErr: DSID-031A12D2".into(), None),
            (32, String::new(), None),
            (1, String::new(), None),
        ];
        for (rc, text, expected) in table {
            assert_eq!(of_domain(&answer(rc, &text)), expected, "{rc} {text}");
        }
    }

    #[test]
    fn without_the_policy_control_a_refusal_is_just_one() {
        assert_eq!(of_operation(&answer(0, "")), ChangeOutcome::Accepted);
        for (rc, why) in
            [(50, ChangeRefusal::NotAllowed), (19, ChangeRefusal::Other), (53, ChangeRefusal::Other)]
        {
            assert_eq!(of_operation(&answer(rc, "")), ChangeOutcome::Refused(why), "{rc}");
        }
    }
}
