//! The notices of the sign-in page: their texts, and what they mean for the form.

/// The notice on the sign-in page about the last attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInNotice {
    /// Before a right password: unknown name, wrong password and locked account look the same.
    Refused,
    /// No attempt is left for so many minutes, in an unknown browser. Shown for names that do not exist, too.
    TooMany(u32),
    /// The same in a browser that is known for the person.
    TooManyHere(u32),
    /// Too many people sign in at once: nothing was checked.
    Busy,
    MissingUsername,
    /// The name could be in several domains, and none was chosen.
    MissingDomain,
    MissingPassword,
    /// The form was too old, or not ours.
    TryAgainExpired,
    /// Disabled in the directory.
    AccountDisabled,
    AccountExpired,
    PasswordExpired,
    /// An administrator requires a password change first.
    PasswordMustChange,
    /// Locked in the directory; shown only after a right password.
    AccountLocked,
    /// In no OU or group that is connected to the client.
    OutOfScope,
    /// The directory has no email address for the person.
    NoEmail,
    /// The email address in the directory belongs to another account.
    EmailDiffers,
    /// A new person's email address belongs to another account, or several people share it.
    EmailTaken,
    /// The email address in the directory is unusable.
    EmailUnusable,
    /// An existing account of the client has to be linked to the person first.
    LinkPending,
    /// The sync has not created an account.
    NoAccount,
    /// Suspended here, not in the directory.
    AccountSuspended,
    /// Not at this time, or not from this workstation (530, 531).
    NotAllowedHere,
    SmartCardRequired,
    SsoDisabled,
}

/// The fields of the form.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    Username,
    Domain,
    Password,
}

impl SignInNotice {
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::Refused => "notice-refused",
            Self::TooMany(_) => "notice-too-many",
            Self::TooManyHere(_) => "notice-too-many-here",
            Self::Busy => "notice-busy",
            Self::MissingUsername => "notice-missing-username",
            Self::MissingDomain => "notice-missing-domain",
            Self::MissingPassword => "notice-missing-password",
            Self::TryAgainExpired => "notice-try-again",
            Self::AccountDisabled => "notice-account-disabled",
            Self::AccountExpired => "notice-account-expired",
            Self::PasswordExpired => "notice-password-expired",
            Self::PasswordMustChange => "notice-password-must-change",
            Self::AccountLocked => "notice-account-locked",
            Self::OutOfScope => "notice-out-of-scope",
            Self::NoEmail => "notice-no-email",
            Self::EmailDiffers => "notice-email-differs",
            Self::EmailTaken => "notice-email-taken",
            Self::EmailUnusable => "notice-email-unusable",
            Self::LinkPending => "notice-link-pending",
            Self::NoAccount => "notice-no-account",
            Self::AccountSuspended => "notice-account-suspended",
            Self::NotAllowedHere => "notice-not-allowed-here",
            Self::SmartCardRequired => "notice-smart-card-required",
            Self::SsoDisabled => "notice-sso-disabled",
        }
    }

    /// The field that is wrong on its own.
    pub(super) fn field(self) -> Option<Field> {
        match self {
            Self::MissingUsername => Some(Field::Username),
            Self::MissingDomain => Some(Field::Domain),
            Self::MissingPassword => Some(Field::Password),
            _ => None,
        }
    }

    /// Whether the person may need help: then the page shows the help contact and the attempt's number.
    pub(super) fn needs_help(self) -> bool {
        self.field().is_none() && self != Self::TryAgainExpired
    }

    /// Whether the same person may succeed at the next attempt: then nothing is wrong, only to be repeated.
    pub(super) fn is_for_a_retry(self) -> bool {
        matches!(self, Self::Refused | Self::Busy | Self::TryAgainExpired) || self.field().is_some()
    }
}
