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
    Nothing "none" "Nothing prevented the sign-in."
        "There is nothing to do."
    SsoOff "sso_off" "Signing in with directory credentials is switched off."
        "Switch it on in the settings: [sso] enabled = true."
    NobodyFound "nobody_found" "No person below the base DN has the typed name."
        "Ask the person what they typed: short login name, CORP\\name, user principal name and email address \
         all work. If the name is right, check that the entry is below base_dn and that the service account \
         can read it."
    SeveralFound "several_found" "More than one entry has the typed name."
        "Have the person type the short login name, and give each entry its own email address and user \
         principal name."
    UnknownDomain "unknown_domain" "The name is in a domain that is not configured here."
        "Compare the part before the backslash with netbios_name in [[directories]]; add the directory if it \
         is missing."
    WrongPassword "wrong_password" "The password is wrong."
        "Have the person try again slowly, or reset the password in the directory. Many such attempts from \
         unknown addresses are guesses; they do not lock the account."
    NotBound "no_bind" "No bind was made."
        "The password was blank, or the name is the service account's, which can't be used to sign in. Have \
         the person type their own name and password."
    NoSuchUser "no_such_user" "The server that was asked does not have this user."
        "The entry is new or was moved, and has not been replicated to this server yet. Check the \
         replication between the servers, and try again."
    Restriction "restriction" "An account restriction prevents the bind."
        "Check the restrictions of the account: an authentication policy, the group Protected Users, or a \
         required smart card."
    LogonHours "logon_hours" "The password is correct, but the account may not log on at this hour."
        "Change the account's logon hours in the directory, or have the person sign in within them."
    Workstation "workstation"
        "The password is correct, but the account may log on from certain workstations only."
        "Add the name of this server to the account's workstations (userWorkstations), or remove the list."
    TooManyGroups "too_many_groups" "The account is in too many groups."
        "Remove the account from some groups: a logon can have about a thousand at most."
    LogonType "logon_type" "This kind of logon is not granted to the account."
        "Grant the account the right \"Access this computer from the network\" on the domain controllers."
    UnknownRefusal "unknown_refusal" "The directory refused the bind with an unknown code."
        "Look up the code as a Windows error, and check the log of that server for that time."
    Disabled "disabled" "The account is disabled in the directory."
        "Enable it in the directory if the person should have access. Nothing needs to be done here: the \
         next sign-in uses the change."
    AccountExpired "account_expired" "The account has expired in the directory."
        "Set a later end date in the directory (accountExpires) if the person should have access."
    NotBegun "not_begun" "The account's start date in the directory is in the future."
        "Set an earlier start date in the directory (pwdStartTime) if the person should have access now."
    Unused "unused" "The directory has locked the account because it was unused for too long."
        "Reset the password in the directory, or raise pwdMaxIdle in the password policy."
    SmartCard "smart_card" "The directory allows this account to log on with a smart card only."
        "Clear \"Smart card is required for interactive logon\" on the account if the person should sign in \
         here with a password."
    Locked "locked" "The directory has locked the account."
        "Unlock it in the directory or wait for the lockout duration. Look for a device with an old \
         password: sign-in here stops before the last attempt, so the wrong passwords came from elsewhere."
    MustChange "must_change" "The password must be changed before it can be used."
        "Have the person change it on the sign-in page, if password_change is on, or at a workstation of the \
         domain."
    PasswordExpired "password_expired" "The password has expired."
        "Have the person change it on the sign-in page, if password_change is on, or at a workstation of the \
         domain."
    OutOfScope "out_of_scope" "The entry is in no synced OU and no synced group."
        "Add the person to a synced group or OU, or add their group or OU to [directories.scope]. The next \
         sign-in uses the change."
    NoMail "no_mail" "The entry has no email address."
        "Set the attribute named by email_attribute in the directory; the next sign-in uses it."
    MailTaken "mail_taken" "The entry's email address belongs to a different account."
        "Change one of the two email addresses in the directory. The evidence names the account with the \
         address; if its owner has left, change the address there."
    MailShared "mail_shared" "More than one entry has the same email address."
        "Give each entry its own email address in the directory."
    MailInvalid "mail_invalid" "The value of the entry's email attribute is not an email address."
        "Correct it in the directory; the evidence says what is wrong. The next sign-in uses the change."
    MailForeign "mail_foreign" "The entry's email address is in a domain that is not allowed for this \
        directory."
        "Correct the address in the directory. If people of this directory may have addresses in that domain, add it \
         to email_domains in [[directories]]."
    LinkPending "link_pending" "An account that CloudSync already had is not linked to the entry yet."
        "Run: cloudsync-idp sync --plan, check whether the account belongs to this person, and apply the \
         plan. The evidence names the account."
    LinkContested "link_contested"
        "An account that CloudSync already had is not linked yet, and more than one entry has its email \
         address."
        "Give each entry its own email address in the directory, or name the right entry in the guid column \
         of the file for: cloudsync-idp accounts import."
    ValueTooLong "value_too_long" "The entry's email address or one of its names is too long for an account."
        "Shorten it in the directory; the evidence states the limit. The next sign-in uses the change."
    NoAccount "no_account" "No account is linked to the entry."
        "Run: cloudsync-idp sync, and check its conflicts. To load accounts of another system, run: \
         cloudsync-idp accounts import."
    MailDiffers "mail_differs" "The email address in the directory is not the account's."
        "Run: cloudsync-idp sync; it copies the directory's address to the account, or says why it can't."
    SuspendedHere "suspended_here" "An administrator has suspended the account here."
        "Find out who suspended it and why; a sync does not reactivate it."
    SuspendedByDirectory "suspended_by_directory"
        "A sync suspended the account because of the state of its entry."
        "Fix the entry in the directory (disabled, expired, out of scope); then run: cloudsync-idp sync."
    BudgetSpent "lockout_budget"
        "Too many wrong passwords were tried. Another one could lock the account in the domain, so none was \
         sent."
        "Wait for the domain's observation window, or unlock the account to reset badPwdCount. The person \
         can sign in from a browser they have used before, or with their second factor."
    ThrottledBrowser "throttled_browser" "Too many attempts from this browser."
        "Wait a minute. The limit is [throttle] name_per_minute."
    ThrottledAddress "throttled_address" "Too many attempts from this address."
        "Wait a minute. If many people share the address, list its network under [throttle] networks with \
         a higher limit; if a proxy does, name it in trusted_proxies."
    ThrottledOverall "throttled_overall" "Too many attempts in total."
        "Passwords are being guessed from many addresses: find the addresses in the log and block them at \
         the firewall. The limit is [throttle] overall_per_minute."
    ThrottledName "throttled_name" "Too many attempts with this name."
        "Wait a minute: the password of this name is being guessed. The owner can sign in from a browser \
         they have used before. The limit is [throttle] name_per_minute."
    ThrottledCode "throttled_code" "Too many wrong second-factor codes."
        "Have the person wait as the page says, then use the newest code in the app, or a recovery code. \
         Check that the phone's clock is right. For a lost phone: cloudsync-idp admin factors invite NAME."
    PersonCodes "too_many_codes_person" "Too many authorization codes for this person within a minute."
        "A client sends the browser to sign in again and again, or an attacker tries to fill the memory: \
         check the client in the event. The limit is [throttle] person_codes_per_minute."
    AddressCodes "too_many_codes_address" "Too many authorization codes for this address within a minute."
        "If many people share the address, raise [throttle] address_codes_per_minute; if a proxy does, name it \
         in trusted_proxies."
    ClientSecret "client_secret" "A client failed to authenticate: wrong secret, wrong method, or unknown \
        client."
        "Compare client_id, secret and token_endpoint_auth_method in the client with [[clients]]. Many \
         failures from an unknown address are guesses: after 60 in a minute they get status 429 without \
         being checked."
    WrongCode "wrong_code" "The second-factor code is wrong, or was used before."
        "Have the person wait for the next code, and check that the phone's clock is set automatically. For \
         a lost phone: cloudsync-idp admin factors invite NAME."
    FactorAsked "factor_asked" "The policy requires a second factor, and this session has none."
        "Have the person sign in again: they will be asked for a code. The policy is set in [second_factor], \
         and in require_second_factor of a client."
    FactorMissing "factor_missing" "The policy requires a second factor, and the person has none."
        "Have the person finish the set-up at their next sign-in. The policy is set in [second_factor]."
    InvitationNeeded "invitation_needed" "Setting up a second factor requires a help-desk code."
        "Verify the person's identity, then create a code: cloudsync-idp admin factors invite NAME."
    ChangeRefused "change_refused" "The directory refused the new password."
        "The evidence gives the reason: length, history or minimum age in the domain's password policy. Have \
         the person choose another password, or reset it in the directory."
    DirectoryAway "directory_away" "No server of the directory answered."
        "Check the servers in the evidence: name, port, firewall, and whether they are running. Sign-in \
         works again as soon as one answers."
    DirectoryTls "directory_tls" "No TLS connection to the directory could be established."
        "The evidence gives the reason: an expired certificate, a different name in it (tls_name), or a \
         different issuer (ca_file)."
    DirectoryBusy "directory_busy" "Too many requests to the directory at once."
        "If it happens every morning, raise search_connections and bind_connections of the directory, or \
         add a server."
    DirectoryRefused "directory_refused" "The directory returned an error."
        "The evidence contains the error; look it up in the log of that server."
    ServiceAccount "service_account" "The directory refused the service account."
        "Its password was changed, or it is locked, disabled or expired: fix the account, set \
         service_account_password if the password changed, and run: cloudsync-idp settings apply FILE."
    RightsMissing "rights_missing" "The service account lacks a right to read."
        "Grant it the right to read the attribute in the evidence (for tokenGroups: membership of \
         Pre-Windows 2000 Compatible Access, or Windows Authorization Access Group)."
    StoreAway "store_away" "The database did not answer."
        "Check that the configured database is running and has free space."
    VolatileAway "volatile_away" "Short-lived state could not be stored."
        "Check that Redis is running and has free memory. Without Redis: too many sign-ins are in progress \
         at once."
    LoginEnded "login_ended"
        "The login was too old, already finished, or invalidated by a change of settings or account."
        "Have the person start again from the application."
    AccountChanged "account_changed" "The account has changed since the session began."
        "Have the person sign in again: a suspension, a reset of the second factor or a new password ends \
         existing sessions."
    Replayed "replayed" "A code or token was used a second time, and all tokens from its first use were \
        revoked."
        "The client sent it twice, or it was stolen: compare the addresses of both events. The person must \
         sign in again."
    Ours "ours" "An internal error."
        "Look for the id in the log, and report the error."
    Unknown "unknown" "The audit trail contains an unknown cause."
        "Another version wrote it: use explain of that version, or read the evidence."
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
