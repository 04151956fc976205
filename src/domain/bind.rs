//! Bind results: Active Directory's sub-codes and OpenLDAP's password policy as one type.

/// The outcome of one bind as a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BindOutcome {
    /// The password is right and the bind succeeded.
    Accepted,
    Refused(BindRefusal),
}

/// Why a bind failed. The numbers are Active Directory's `data NNN` (hexadecimal Windows error codes).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BindRefusal {
    /// 52e, or a plain result 49: the name or the password is wrong.
    InvalidCredentials,
    /// 525: no such user.
    NoSuchUser,
    /// 52f: an account restriction.
    AccountRestriction,
    /// 530: not at this hour.
    LogonHours,
    /// 531: not from this workstation.
    Workstation,
    /// 532, or ppolicy passwordExpired: the password is too old.
    PasswordExpired,
    /// 533: the account is disabled.
    Disabled,
    /// 568: too many security identifiers.
    TooManyGroups,
    /// 569: this kind of logon is not granted.
    LogonTypeNotGranted,
    /// 701: the account has expired.
    AccountExpired,
    /// 773, or ppolicy changeAfterReset: the password must be changed first.
    PasswordMustChange,
    /// 775, or ppolicy accountLocked: locked, whatever the password.
    Locked,
    /// A sub-code that is not in this list.
    Unknown(u32),
}

impl BindRefusal {
    /// Parses Active Directory's sub-code.
    #[must_use]
    pub fn from_sub_code(code: u32) -> Self {
        match code {
            0x525 => Self::NoSuchUser,
            0x52e => Self::InvalidCredentials,
            0x52f => Self::AccountRestriction,
            0x530 => Self::LogonHours,
            0x531 => Self::Workstation,
            0x532 => Self::PasswordExpired,
            0x533 => Self::Disabled,
            0x568 => Self::TooManyGroups,
            0x569 => Self::LogonTypeNotGranted,
            0x701 => Self::AccountExpired,
            0x773 => Self::PasswordMustChange,
            0x775 => Self::Locked,
            other => Self::Unknown(other),
        }
    }

    /// Active Directory's sub-code, also for refusals by other directories.
    #[must_use]
    pub fn sub_code(self) -> u32 {
        match self {
            Self::NoSuchUser => 0x525,
            Self::InvalidCredentials => 0x52e,
            Self::AccountRestriction => 0x52f,
            Self::LogonHours => 0x530,
            Self::Workstation => 0x531,
            Self::PasswordExpired => 0x532,
            Self::Disabled => 0x533,
            Self::TooManyGroups => 0x568,
            Self::LogonTypeNotGranted => 0x569,
            Self::AccountExpired => 0x701,
            Self::PasswordMustChange => 0x773,
            Self::Locked => 0x775,
            Self::Unknown(code) => code,
        }
    }

    /// True for refusals that a directory sends only after a correct password, so that the person may see the
    /// reason.
    #[must_use]
    pub fn proves_password(self) -> bool {
        matches!(
            self,
            Self::LogonHours
                | Self::Workstation
                | Self::PasswordExpired
                | Self::Disabled
                | Self::AccountExpired
                | Self::PasswordMustChange
        )
    }
}

impl BindOutcome {
    /// True if the directory confirmed the password, even if it refused the bind.
    #[must_use]
    pub fn proves_password(self) -> bool {
        match self {
            Self::Accepted => true,
            Self::Refused(refusal) => refusal.proves_password(),
        }
    }
}
