//! Advice for an administrator about a failed sign-in: one text per cause. The cause comes from the audit
//! trail alone; the directory is not asked again, because it may have changed since.

use super::audit::Detail;
use super::bind::BindRefusal;
use super::gates::Gate;

/// Each cause with its word, its description and its advice.
macro_rules! causes {
    ($($cause:ident $word:literal $what:literal $advice:literal)+) => {
        /// Why a sign-in failed, in more detail than the gate.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Cause {
            $(#[doc = $what] $cause,)+
        }

        impl Cause {
            /// All causes.
            pub const ALL: &[Self] = &[$(Self::$cause,)+];

            /// The stable word for the audit trail and for scripts.
            #[must_use]
            pub fn word(self) -> &'static str {
                match self { $(Self::$cause => $word,)+ }
            }

            /// A one-sentence description.
            #[must_use]
            pub fn what(self) -> &'static str {
                match self { $(Self::$cause => $what,)+ }
            }

            /// What to do about it.
            #[must_use]
            pub fn advice(self) -> &'static str {
                match self { $(Self::$cause => $advice,)+ }
            }
        }
    };
}

causes! {
    Nothing "none" "Nothing stood against it."
        "Nothing is to be done."
    SsoOff "sso_off" "Signing in with directory credentials is switched off."
        "Switch it on in the settings: [sso] enabled = true."
    NobodyFound "nobody_found" "Nobody below the base DN has the typed name."
        "Ask for the name that was typed: short login name, CORP\\name, user principal name and mail all \
         work. If it is right, see whether the entry lies below base_dn and the service account may read \
         it."
    SeveralFound "several_found" "More than one entry has the typed name."
        "Let the person type the short login name, and give each entry a mail and principal name of its own."
    UnknownDomain "unknown_domain" "The name is in a domain that is not configured here."
        "Compare what stood before the backslash with netbios_name in [[directories]]; add the directory \
         if it is missing."
    WrongPassword "wrong_password" "The password is wrong."
        "Let the person try again slowly, or reset the password in the directory. Many such attempts from \
         strange addresses are guesses; they lock nobody."
    NotBound "no_bind" "No bind was made."
        "The password was blank, or the name is the service account's, which nobody signs in as. Let the \
         person type their own name and password."
    NoSuchUser "no_such_user" "The server that was asked knows no such user."
        "The entry is new or was moved, and this server has not heard of it yet. Look at the replication \
         between the servers, and try again."
    Restriction "restriction" "An account restriction stands against the bind."
        "Look at the restrictions of the account: an authentication policy, the group Protected Users, or \
         a smart card that is required."
    LogonHours "logon_hours" "The password is right, but the account may not log on at this hour."
        "Change the logon hours of the account in the directory, or let the person come back within them."
    Workstation "workstation"
        "The password is right, but the account may log on from certain workstations alone."
        "Add the name of this server to the account's workstations (userWorkstations), or remove the list."
    TooManyGroups "too_many_groups" "The account is in too many groups."
        "Take the account out of groups: a logon may hold some thousand at most."
    LogonType "logon_type" "This kind of logon is not granted to the account."
        "Grant the account the right to log on over the network on the domain controllers."
    UnknownRefusal "unknown_refusal" "The directory refused the bind with a code that is not known here."
        "Look the code up as a Windows error, and in the log of the server that was asked at that time."
    Disabled "disabled" "The account is disabled in the directory."
        "Enable it in the directory, if the person is to be let in. Nothing needs to be done here: the \
         next sign-in sees it."
    AccountExpired "account_expired" "The account has expired in the directory."
        "Set a later end date in the directory (accountExpires), if the person is to be let in."
    NotBegun "not_begun" "The account begins later in the directory."
        "Set an earlier start in the directory (pwdStartTime), if the person is to be let in now."
    Unused "unused" "The account was not used for so long that the directory has locked it."
        "Reset the password in the directory, or raise pwdMaxIdle in the password policy."
    SmartCard "smart_card" "The directory lets the account in with a smart card only."
        "Take \"Smart card is required for interactive logon\" from the account, if the person is to sign in \
         here with a password."
    Locked "locked" "The directory has locked the account."
        "Unlock it in the directory or wait for the lockout duration. Look for a device with an old \
         password: sign-in here stops before the last try, so the wrong ones came from elsewhere."
    MustChange "must_change" "The password must be changed before it can be used."
        "Let the person change it on the sign-in page, if password_change is on, or at a workstation of \
         the domain."
    PasswordExpired "password_expired" "The password has expired."
        "Let the person change it on the sign-in page, if password_change is on, or at a workstation of \
         the domain."
    OutOfScope "out_of_scope" "The entry is in no synced OU and no synced group."
        "Put the person into a synced group or OU, or add theirs to [directories.scope]. The next sign-in \
         sees it at once."
    NoMail "no_mail" "The entry has no mail."
        "Fill in the attribute that email_attribute names in the directory; the next sign-in sees it."
    MailTaken "mail_taken" "The mail of the entry belongs to the account of another."
        "Give one of the two another mail in the directory. The account with the mail is named in the \
         evidence; if it is a leaver's, change its mail there."
    MailShared "mail_shared" "More than one entry has the same mail."
        "Give each entry a mail of its own in the directory."
    MailInvalid "mail_invalid" "What the entry has for a mail is not an email address."
        "Correct it in the directory; the evidence says what is wrong with it. The next sign-in sees it."
    MailForeign "mail_foreign" "The mail of the entry is in a domain that the directory may not give addresses in."
        "Correct the address in the directory. If people of this directory may have addresses in that domain, add it \
         to email_domains in [[directories]]."
    LinkPending "link_pending" "An account that CloudSync already had is not linked to the entry yet."
        "Make a plan with: cloudsync-idp sync --plan, see whether the account belongs to this person, and apply the \
         plan. The evidence names the account."
    LinkContested "link_contested"
        "An account that CloudSync already had is not linked yet, and more than one entry has its mail."
        "Give each entry a mail of its own in the directory, or name the right entry in the column guid of: \
         cloudsync-idp accounts import."
    ValueTooLong "value_too_long" "The mail or a name of the entry is longer than an account may have."
        "Shorten it in the directory; the evidence names the limit. The next sign-in sees it."
    NoAccount "no_account" "No account is linked to the entry."
        "Run: cloudsync-idp sync, and look at its conflicts. Accounts of another system are loaded with: \
         cloudsync-idp accounts import."
    MailDiffers "mail_differs" "The mail in the directory is not the account's."
        "Run: cloudsync-idp sync; it takes over the directory's mail, or says why it can't."
    SuspendedHere "suspended_here" "An administrator has suspended the account here."
        "Ask who suspended it and why; an import does not reactivate it."
    SuspendedByDirectory "suspended_by_directory"
        "The account is suspended because of what the directory said."
        "Mend it in the directory (disabled, expired, out of scope); then run: cloudsync-idp sync."
    BudgetSpent "lockout_budget"
        "Wrong passwords were tried, and another could lock the account in the domain: none was sent."
        "Wait for the domain's observation window, or reset badPwdCount by unlocking the account. The \
         person gets in from a browser in which they have signed in before, or with their second factor."
    ThrottledBrowser "throttled_browser" "Too many wrong tries in this browser."
        "Wait a minute. The limit is [throttle] name_per_minute."
    ThrottledAddress "throttled_address" "Too many wrong tries from this address."
        "Wait a minute. If many people share the address, list its network under [throttle] networks with \
         a higher limit; if a proxy does, name it in trusted_proxies."
    ThrottledOverall "throttled_overall" "Too many wrong tries altogether."
        "Somebody is guessing passwords from many addresses: look at the addresses in the log and block \
         them further out. The limit is [throttle] overall_per_minute."
    ThrottledName "throttled_name" "Too many wrong tries with this name."
        "Wait a minute: somebody is guessing this name's password. Its owner gets in from a browser in \
         which they have signed in before. The limit is [throttle] name_per_minute."
    ThrottledCode "throttled_code" "Too many wrong codes of the second factor."
        "Let the person wait as the page says, then use the newest code of the app, or a recovery code. \
         See that the telephone's clock is right. A lost telephone: cloudsync-idp admin factors invite \
         NAME."
    PersonCodes "too_many_codes_person" "Too many authorization codes for this person within a minute."
        "A client that sends the browser to sign in again and again, or somebody who tries to fill the memory: \
         look at the client in the event. The limit is [throttle] person_codes_per_minute."
    AddressCodes "too_many_codes_address" "Too many authorization codes for this address within a minute."
        "If many people share the address, raise [throttle] address_codes_per_minute; if a proxy does, name it \
         in trusted_proxies."
    ClientSecret "client_secret" "A client did not prove who it is: another secret, another method, or no such client."
        "Compare client_id, secret and token_endpoint_auth_method in the client with [[clients]]. Many from a \
         strange address are guesses: after 60 in a minute they are answered with 429 and not looked at."
    WrongCode "wrong_code" "The code of the second factor is wrong, or was used before."
        "Let the person wait for the next code, and see that the telephone's clock is set automatically. \
         A lost telephone: cloudsync-idp admin factors invite NAME."
    FactorAsked "factor_asked" "Policy asks for a second factor, and none was proven for this session."
        "Let the person sign in again: they are asked for a code. Who is asked is set in [second_factor], \
         and in require_second_factor of a client."
    FactorMissing "factor_missing" "Policy asks for a second factor and none is set up."
        "Let the person finish the set-up at their next sign-in. Who is asked is set in [second_factor]."
    InvitationNeeded "invitation_needed" "A second factor may be set up with a help-desk code alone."
        "Make one, having made sure who is asking: cloudsync-idp admin factors invite NAME."
    ChangeRefused "change_refused" "The directory refused the new password."
        "The reason stands in the evidence: length, history or minimum age of the domain's password \
         policy. Let the person choose another, or reset the password in the directory."
    DirectoryAway "directory_away" "No server of the directory answered."
        "Look at the servers in the evidence: name, port, firewall, and whether they run. Signing in \
         works again by itself when one answers."
    DirectoryTls "directory_tls" "No TLS connection to the directory could be made."
        "The reason stands in the evidence: a certificate that has expired, another name in it \
         (tls_name), or another issuer (ca_file)."
    DirectoryBusy "directory_busy" "Too many requests to the directory at once."
        "If it happens every morning, raise search_connections and bind_connections of the directory, or \
         add a server."
    DirectoryRefused "directory_refused" "The directory answered with an error."
        "The answer stands in the evidence; look it up in the log of the server that was asked."
    ServiceAccount "service_account" "The directory refused the service account."
        "Its password was changed, or it is locked, disabled or expired: set service_account_password and \
         run: cloudsync-idp settings apply FILE."
    RightsMissing "rights_missing" "The service account may not read what it must."
        "Grant it the right to read the attribute in the evidence (for tokenGroups: membership of \
         Pre-Windows 2000 Compatible Access, or Windows Authorization Access Group)."
    StoreAway "store_away" "The database did not answer."
        "See that the database of the process's configuration runs and has room."
    VolatileAway "volatile_away" "Short-lived state could not be kept."
        "See that Redis runs and has room; in memory: too much is going on at once."
    LoginEnded "login_ended"
        "The login was too old, already finished, or overtaken by a change of settings or account."
        "Let the person start again from the application."
    AccountChanged "account_changed" "The account has changed since the session began."
        "Let the person sign in again: a suspension, a reset of the second factor or a new password ends \
         what came before it."
    Replayed "replayed" "A code or token came a second time, and everything that the first gave was revoked."
        "The client sent it twice, or somebody else has it: compare the addresses of both events. The \
         person signs in again."
    Ours "ours" "An error of this product."
        "Look for the id in the log, and report what stands there."
    Unknown "unknown" "The trail names a cause that is not known here."
        "It was written by another version: use that version's explain, or read the evidence."
}

impl Cause {
    /// The cause of an audit event. `word` is the event's cause; `known_domain` says whether a configured
    /// directory matched the domain of the typed name.
    #[must_use]
    pub fn of(word: Option<&str>, known_domain: bool, detail: &Detail) -> Self {
        let Some(word) = word else { return Self::Nothing };
        let Some(gate) = Gate::parse(word) else {
            return Self::ALL.iter().find(|cause| cause.word() == word).copied().unwrap_or(Self::Unknown);
        };
        Self::of_gate(gate, known_domain, detail)
    }

    /// Why a gate failed, from its evidence.
    fn of_gate(gate: Gate, known_domain: bool, detail: &Detail) -> Self {
        let says = |words: &str| detail.evidence(gate.as_str()).contains(words);
        match gate {
            Gate::SsoEnabled => Self::SsoOff,
            Gate::Found if says("more than one") => Self::SeveralFound,
            Gate::Found if !known_domain => Self::UnknownDomain,
            Gate::Found => Self::NobodyFound,
            Gate::Bound => Self::of_bind(detail.refusal()),
            Gate::Enabled => Self::Disabled,
            Gate::NotExpired if says("begins at") => Self::NotBegun,
            Gate::NotExpired if says("unused") => Self::Unused,
            Gate::NotExpired => Self::AccountExpired,
            Gate::PasswordAllowed => Self::SmartCard,
            Gate::NotLocked => Self::Locked,
            Gate::PasswordUsable if says("expired") => Self::PasswordExpired,
            Gate::PasswordUsable => Self::MustChange,
            Gate::InScope => Self::OutOfScope,
            Gate::MailPresent if says("is not an email address") => Self::MailInvalid,
            Gate::MailPresent if says("email_domains") => Self::MailForeign,
            Gate::MailPresent => Self::NoMail,
            Gate::AccountExists if says("not linked to an entry yet") && says("more than one") => {
                Self::LinkContested
            }
            Gate::AccountExists if says("not linked to an entry yet") => Self::LinkPending,
            Gate::AccountExists | Gate::MailMatches if says("already belongs") => Self::MailTaken,
            Gate::AccountExists | Gate::MailMatches if says("more than one") => Self::MailShared,
            Gate::AccountExists | Gate::MailMatches if says("is longer than") => Self::ValueTooLong,
            Gate::AccountExists => Self::NoAccount,
            Gate::MailMatches => Self::MailDiffers,
            Gate::NotSuspended if says("(admin)") => Self::SuspendedHere,
            Gate::NotSuspended => Self::SuspendedByDirectory,
        }
    }

    fn of_bind(refusal: Option<BindRefusal>) -> Self {
        use BindRefusal as R;
        match refusal {
            None => Self::NotBound,
            Some(R::InvalidCredentials) => Self::WrongPassword,
            Some(R::NoSuchUser) => Self::NoSuchUser,
            Some(R::AccountRestriction) => Self::Restriction,
            Some(R::LogonHours) => Self::LogonHours,
            Some(R::Workstation) => Self::Workstation,
            Some(R::TooManyGroups) => Self::TooManyGroups,
            Some(R::LogonTypeNotGranted) => Self::LogonType,
            Some(R::PasswordExpired) => Self::PasswordExpired,
            Some(R::PasswordMustChange) => Self::MustChange,
            Some(R::Disabled) => Self::Disabled,
            Some(R::AccountExpired) => Self::AccountExpired,
            Some(R::Locked) => Self::Locked,
            Some(R::Unknown(_)) => Self::UnknownRefusal,
        }
    }
}

#[cfg(test)]
mod tests;
