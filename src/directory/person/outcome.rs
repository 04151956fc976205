//! Map the result of a bind to a [`BindOutcome`]: Active Directory's sub-codes, the password policy control,
//! and the few result codes that describe the account. All other codes describe the server.

use ldap3::LdapResult;

use crate::directory::message::code::{self, sub_code};
use crate::directory::message::ppolicy::{self, PolicyError};
use crate::domain::bind::{BindOutcome, BindRefusal};
use crate::domain::schema::Schema;

/// What the response says about the account; `None` when it is about the server.
pub(crate) fn of_bind(schema: Schema, result: &LdapResult) -> Option<BindOutcome> {
    let policy = ppolicy::error_in(&result.ctrls);
    match result.rc {
        code::SUCCESS => Some(accepted(policy)),
        code::INVALID_CREDENTIALS => Some(BindOutcome::Refused(refused(policy, &result.text))),
        code::NO_SUCH_OBJECT => Some(BindOutcome::Refused(BindRefusal::NoSuchUser)),
        // an entry without a password
        code::INAPPROPRIATE_AUTHENTICATION => Some(BindOutcome::Refused(BindRefusal::InvalidCredentials)),
        _ if schema == Schema::ActiveDirectory => None,
        // 389-DS: too many attempts, or an inactivated account (it may say so for any password)
        code::CONSTRAINT_VIOLATION => Some(BindOutcome::Refused(BindRefusal::Locked)),
        code::UNWILLING_TO_PERFORM => Some(BindOutcome::Refused(BindRefusal::AccountRestriction)),
        _ => None,
    }
}

/// A successful bind may still allow nothing but a password change.
fn accepted(policy: Option<PolicyError>) -> BindOutcome {
    match policy {
        Some(PolicyError::ChangeAfterReset) => BindOutcome::Refused(BindRefusal::PasswordMustChange),
        Some(PolicyError::PasswordExpired) => BindOutcome::Refused(BindRefusal::PasswordExpired),
        Some(PolicyError::AccountLocked) => BindOutcome::Refused(BindRefusal::Locked),
        Some(PolicyError::Other(_)) | None => BindOutcome::Accepted,
    }
}

fn refused(policy: Option<PolicyError>, text: &str) -> BindRefusal {
    match policy {
        Some(PolicyError::AccountLocked) => BindRefusal::Locked,
        Some(PolicyError::PasswordExpired) => BindRefusal::PasswordExpired,
        Some(PolicyError::ChangeAfterReset) => BindRefusal::PasswordMustChange,
        Some(PolicyError::Other(_)) | None => {
            sub_code(text).map_or(BindRefusal::InvalidCredentials, BindRefusal::from_sub_code)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::directory::message::control::{PASSWORD_POLICY, answered};

    fn answer(rc: u32, text: &str, policy: Option<&[u8]>) -> LdapResult {
        let ctrls = policy.map(|value| answered(PASSWORD_POLICY, value)).into_iter().collect();
        LdapResult { rc, matched: String::new(), text: text.to_owned(), refs: Vec::new(), ctrls }
    }

    fn windows(code: &str) -> String {
        format!(
            "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data {code}, v1db1\0"
        )
    }

    #[test]
    fn every_known_sub_code_has_its_own_outcome() {
        let table = [
            ("525", BindRefusal::NoSuchUser),
            ("52e", BindRefusal::InvalidCredentials),
            ("52f", BindRefusal::AccountRestriction),
            ("530", BindRefusal::LogonHours),
            ("531", BindRefusal::Workstation),
            ("532", BindRefusal::PasswordExpired),
            ("533", BindRefusal::Disabled),
            ("568", BindRefusal::TooManyGroups),
            ("569", BindRefusal::LogonTypeNotGranted),
            ("701", BindRefusal::AccountExpired),
            ("773", BindRefusal::PasswordMustChange),
            ("775", BindRefusal::Locked),
            ("80090346", BindRefusal::Unknown(0x8009_0346)),
        ];
        for (code, expected) in table {
            let result = answer(49, &windows(code), None);
            assert_eq!(
                of_bind(Schema::ActiveDirectory, &result),
                Some(BindOutcome::Refused(expected)),
                "{code}"
            );
        }
    }

    #[test]
    fn the_policy_control_counts_in_success_and_in_refusal() {
        let outcome = |rc, policy: &[u8]| of_bind(Schema::Rfc2307bis, &answer(rc, "", Some(policy)));
        let refused = |why| Some(BindOutcome::Refused(why));
        assert_eq!(outcome(49, b"\x30\x03\x81\x01\x01"), refused(BindRefusal::Locked));
        assert_eq!(outcome(49, b"\x30\x03\x81\x01\x00"), refused(BindRefusal::PasswordExpired));
        assert_eq!(outcome(0, b"\x30\x03\x81\x01\x02"), refused(BindRefusal::PasswordMustChange));
        assert_eq!(outcome(0, b"\x30\x07\xa0\x05\x80\x03\x01\x51\x7e"), Some(BindOutcome::Accepted));
        assert_eq!(outcome(49, b"\x30\x00"), refused(BindRefusal::InvalidCredentials));
    }

    #[test]
    fn a_result_about_the_server_is_no_outcome() {
        for rc in [1, 2, 8, 10, code::BUSY, code::UNAVAILABLE, code::UNWILLING_TO_PERFORM] {
            assert_eq!(of_bind(Schema::ActiveDirectory, &answer(rc, "", None)), None, "{rc}");
        }
    }

    proptest! {
        #[test]
        fn any_text_has_a_sub_code_or_none(text in any::<String>()) {
            let _ = sub_code(&text);
            let _ = sub_code(&format!("x, data {text}"));
        }

        #[test]
        fn any_sub_code_is_found_again(code: u32) {
            prop_assert_eq!(sub_code(&windows(&format!("{code:x}"))), Some(code));
        }
    }
}
