//! The capability of a handler as a type, so that the compiler checks that it is named.

use crate::domain::admin::Capability;

/// What a handler needs.
pub trait Permission: Send + Sync + 'static {
    /// The entry in the table of capabilities.
    const CAPABILITY: Capability;
}

/// A permission for which a session is enough.
pub trait Harmless: Permission {
    /// As the table says.
    const IS_DANGEROUS: bool = false;
}

/// A permission that needs a fresh second factor: only [`super::Fresh`] takes it.
pub trait Dangerous: Permission {
    /// As the table says.
    const IS_DANGEROUS: bool = true;
}

macro_rules! permissions {
    ($kind:ident: $($name:ident),*) => {
        $(
            #[doc = concat!("[`Capability::", stringify!($name), "`].")]
            #[derive(Clone, Copy, Debug)]
            pub struct $name;

            impl Permission for $name {
                const CAPABILITY: Capability = Capability::$name;
            }

            impl $kind for $name {}

            const _: () = assert!(
                Capability::$name.is_dangerous() == <$name as $kind>::IS_DANGEROUS,
                "the table of capabilities says something else"
            );
        )*
    };
}

permissions!(Harmless:
    SignOut,
    Confirm,
    SeeOverview,
    SeeHealth,
    SeeSyncLog,
    SeeSettings,
    SeePeople,
    ReadSupportCode,
    SeeAudit,
    TestConnection,
    RunSync,
    StopSync,
    RetryDelivery,
    SyncPerson,
    EndSessions,
    TestSso
);
permissions!(Dangerous:
    Export,
    ConfigureDirectory,
    EditScope,
    DecideHeld,
    RevertRun,
    ResetFactors,
    Invite,
    SuspendHere,
    HandOver,
    MakeSupportBundle,
    EditSso,
    EditClients,
    EditBranding,
    EditServices,
    EditTwoStep,
    EditRoles,
    Approve
);
