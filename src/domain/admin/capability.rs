//! What an admin can do, and which roles may: the one table of the panel.
//!
//! Whoever can change servers, the CA or the base DN can bring a directory of their own with a group of
//! owners in it; redirect URIs receive tokens; the links on the sign-in page can lead to a copy of it. So
//! these are for owners only.

use super::Role;

macro_rules! capabilities {
    ($($(#[$doc:meta])* $name:ident: [$($role:ident)*] $dangerous:literal;)*) => {
        /// What an admin can do in the panel.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Capability {
            $($(#[$doc])* $name,)*
        }

        impl Capability {
            /// The word in the audit log.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// All capabilities.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The roles that have it.
            #[must_use]
            pub const fn roles(self) -> &'static [Role] {
                match self {
                    $(Self::$name => &[$(Role::$role),*],)*
                }
            }

            /// True if it needs a second factor that was proven in the last minutes.
            #[must_use]
            pub const fn is_dangerous(self) -> bool {
                match self {
                    $(Self::$name => $dangerous,)*
                }
            }
        }
    };
}

capabilities! {
    SignOut: [Owner Operator HelpDesk Auditor] false;
    /// See once more what one has sent. What that needs is checked again.
    Confirm: [Owner Operator HelpDesk Auditor] false;
    SeeOverview: [Owner Operator HelpDesk Auditor] false;
    SeeHealth: [Owner Operator HelpDesk Auditor] false;
    SeeSyncLog: [Owner Operator HelpDesk Auditor] false;
    /// Never the secrets.
    SeeSettings: [Owner Operator Auditor] false;
    SeePeople: [Owner Operator HelpDesk Auditor] false;
    ReadSupportCode: [Owner Operator HelpDesk Auditor] false;
    SeeAudit: [Owner Operator Auditor] false;
    Export: [Owner Operator Auditor] true;
    ConfigureDirectory: [Owner] true;
    TestConnection: [Owner] false;
    EditScope: [Owner Operator] true;
    RunSync: [Owner Operator] false;
    StopSync: [Owner Operator] false;
    DecideHeld: [Owner Operator] true;
    RevertRun: [Owner Operator] true;
    SyncPerson: [Owner Operator HelpDesk] false;
    EndSessions: [Owner Operator HelpDesk] false;
    ResetFactors: [Owner Operator HelpDesk] true;
    Invite: [Owner Operator HelpDesk] true;
    SuspendHere: [Owner Operator] true;
    /// Give the account of one person to another.
    HandOver: [Owner Operator] true;
    MakeSupportBundle: [Owner] true;
    EditSso: [Owner] true;
    EditClients: [Owner] true;
    EditBranding: [Owner] true;
    /// Whom accounts are delivered to, and with which token.
    EditServices: [Owner] true;
    /// Resume a service, and try again whom it has refused.
    RetryDelivery: [Owner Operator] false;
    EditTwoStep: [Owner] true;
    TestSso: [Owner] false;
    EditRoles: [Owner] true;
    /// Of an action that needs two owners.
    Approve: [Owner] true;
}

/// What a request does, which decides how its role is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Intent {
    /// It shows something: it goes on for some minutes while the directory can't confirm the role.
    Read,
    /// A page in the background that shows how something goes on: like reading, but nobody is active.
    Watch,
    /// It changes something: not without the directory.
    Change,
    /// It is dangerous: the directory is asked each time.
    Danger,
    /// It is dangerous, and may be what brings the directory back: asked each time, but it goes on for some
    /// minutes without an answer.
    Repair,
    /// It only signs out: no role is needed.
    Leave,
}

impl Intent {
    /// Of a page, or of an action, that needs this capability.
    #[must_use]
    pub const fn of(capability: Capability, is_action: bool) -> Self {
        match capability {
            Capability::SignOut => Self::Leave,
            _ if !is_action => Self::Read,
            Capability::ConfigureDirectory => Self::Repair,
            _ if capability.is_dangerous() => Self::Danger,
            _ => Self::Change,
        }
    }

    /// True if the directory is asked each time.
    #[must_use]
    pub const fn always_asks(self) -> bool {
        matches!(self, Self::Danger | Self::Repair)
    }

    /// True if it goes on for some minutes while the directory does not answer.
    #[must_use]
    pub const fn outlives_the_directory(self) -> bool {
        matches!(self, Self::Read | Self::Watch | Self::Repair)
    }
}

impl Role {
    /// True if this role has the capability.
    #[must_use]
    pub fn can(self, capability: Capability) -> bool {
        capability.roles().contains(&self)
    }
}

#[cfg(test)]
mod tests {
    use super::Capability::{self, *};
    use super::*;

    /// The agreed table, written a second time: owner, operator, help desk, auditor, dangerous.
    #[rustfmt::skip]
    const AGREED: &[(&[Capability], &str)] = &[
        (&[SignOut, Confirm], "xxxx-"),
        (&[SeeOverview, SeeHealth, SeeSyncLog, SeePeople, ReadSupportCode], "xxxx-"),
        (&[SeeSettings, SeeAudit], "xx-x-"),
        (&[Export], "xx-x!"),
        (&[ConfigureDirectory, EditSso, EditClients, EditBranding, EditTwoStep, EditRoles, Approve], "x---!"),
        (&[EditServices, MakeSupportBundle], "x---!"),
        (&[TestConnection, TestSso], "x----"),
        (&[EditScope, DecideHeld, RevertRun, SuspendHere, HandOver], "xx--!"),
        (&[RunSync, StopSync, RetryDelivery], "xx---"),
        (&[SyncPerson, EndSessions], "xxx--"),
        (&[ResetFactors, Invite], "xxx-!"),
    ];

    #[test]
    fn the_table_is_the_agreed_one() {
        let mut seen = Vec::new();
        for (capabilities, row) in AGREED {
            for capability in *capabilities {
                let may = Role::ALL.map(|role| if role.can(*capability) { 'x' } else { '-' });
                let danger = if capability.is_dangerous() { '!' } else { '-' };
                let found: String = may.into_iter().chain([danger]).collect();
                assert_eq!(found, *row, "{capability:?}");
                seen.push(*capability);
            }
        }
        for capability in Capability::ALL {
            assert_eq!(seen.iter().filter(|one| *one == capability).count(), 1, "{capability:?}");
        }
    }

    #[test]
    fn an_action_is_checked_more_strictly_than_a_page() {
        for capability in Capability::ALL {
            let (page, action) = (Intent::of(*capability, false), Intent::of(*capability, true));
            if *capability == SignOut {
                assert_eq!((page, action), (Intent::Leave, Intent::Leave));
                continue;
            }
            assert_eq!(page, Intent::Read, "{capability:?}");
            let repairs = *capability == ConfigureDirectory;
            assert_eq!(action.always_asks(), capability.is_dangerous(), "{capability:?}");
            assert_eq!(action.outlives_the_directory(), repairs, "{capability:?}");
        }
    }

    #[test]
    fn an_owner_can_do_everything_and_an_auditor_changes_nothing() {
        for capability in Capability::ALL {
            assert!(Role::Owner.can(*capability), "{capability:?}");
            let word = format!("{capability:?}");
            let reads = ["SignOut", "Confirm", "See", "Explain", "Read", "Export"]
                .iter()
                .any(|start| word.starts_with(start));
            assert!(reads || !Role::Auditor.can(*capability), "{capability:?}");
        }
    }
}
