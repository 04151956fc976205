//! Check what the service account may do. Without a right, a sync uses a slower way or can't run.

use super::facts::{DirSyncRights, Lockout, Right, RootDse};
use super::{Finding, Severity};
use crate::domain::lockout::LockoutPolicy;

/// RFC 4533.
const SYNCREPL: &str = "1.3.6.1.4.1.4203.1.9.1.1";
/// MS-ADTS 3.1.1.3.4.1.9.
const NOTIFICATION: &str = "1.2.840.113556.1.4.528";

/// Whether the account can read deleted objects.
#[must_use]
pub fn deleted_objects(right: &Right) -> Finding {
    let new = |verdict, what: &str| Finding::new("deleted_objects", verdict, what);
    match right {
        Right::Granted => new(Severity::Ok, "the service account can see deleted objects"),
        Right::Denied(why) => {
            new(Severity::Warning, "the service account can't see deleted objects").seen(why).fix(
                "DirSync then omits deletions, and a full read every 15 minutes is needed to find them. As a \
             domain administrator: dsacls \"CN=Deleted Objects,DC=...\" /takeownership, then /g \
             \"DOMAIN\\account:LCRP\".",
            )
        }
        Right::Unknown(why) => {
            new(Severity::CantTell, "whether the service account can see deleted objects").seen(why)
        }
    }
}

/// Whether DirSync can be used, and with which right.
#[must_use]
pub fn dir_sync(may: &DirSyncRights) -> Finding {
    let new = |verdict, what: &str| Finding::new("dirsync", verdict, what);
    match (&may.replication, &may.object_security) {
        (Right::Granted, _) => new(Severity::Ok, "changes can be read by DirSync with the replication right"),
        (Right::Denied(why), Right::Granted) => {
            new(Severity::Ok, "changes can be read by DirSync, limited to what the account may read").seen(why)
        }
        (_, Right::Denied(why)) => new(Severity::Warning, "DirSync is refused to the service account").seen(why).fix(
            "Changes are then found by uSNChanged, with more load. Grant \"Replicating Directory Changes\" \
             on the domain (this gives no access to passwords; \"... All\" would).",
        ),
        (_, Right::Unknown(why)) | (Right::Unknown(why), _) => {
            new(Severity::CantTell, "whether changes can be read by DirSync").seen(why)
        }
    }
}

/// Which change feed a server offers. `refused` is its response to a syncrepl attempt: OpenLDAP lists the
/// control even if the overlay that serves it is not loaded.
#[must_use]
pub fn sync_feed(server: &str, dse: &RootDse, windows: bool, refused: Option<&str>) -> Finding {
    let (oid, name) =
        if windows { (NOTIFICATION, "change notification") } else { (SYNCREPL, "syncrepl (RFC 4533)") };
    let new = |verdict, what: String| Finding::new("sync_feed", verdict, what).at(server);
    if dse.controls.is_empty() {
        return new(Severity::CantTell, format!("whether it offers {name}"))
            .seen("it does not show its controls");
    }
    let offered = dse.controls.iter().any(|known| known == oid);
    let finding = match refused {
        None if offered => return new(Severity::Ok, format!("it offers {name}")),
        Some(why) => new(Severity::Info, format!("it does not support {name}")).seen(why),
        None => new(Severity::Info, format!("it does not offer {name}")),
    };
    let fix = match windows {
        true => "Nothing to do: changes are polled once a second.",
        false => {
            "Load the overlay syncprov, and let the service account use the control: changes then arrive at \
             once, without a full read every five minutes."
        }
    };
    finding.fix(fix)
}

const READ_THEM: &str = "Let the service account read all properties of CN=Password Settings \
                         Container,CN=System,... and below, and msDS-ResultantPSO of people; or set \
                         assumed_lockout_threshold to the smallest threshold among these policies, 0 if \
                         there are none.";

/// Whether every fine-grained password policy can be read; `None` for a directory without them.
#[must_use]
pub fn fine_grained(lockout: &Lockout) -> Option<Finding> {
    let new = |verdict, what: &str| Finding::new("fine_grained_policies", verdict, what);
    let names: Vec<String> = lockout
        .fine_grained
        .iter()
        .map(|(name, policy)| format!("{name}: threshold {}", policy.threshold))
        .collect();
    let used = |domain: LockoutPolicy| match domain.threshold {
        0 => "no threshold, as in the domain's own policy".to_owned(),
        threshold => format!("{threshold} wrong passwords, as in the domain's own policy"),
    };
    Some(match (lockout.fine_grained_readable?, lockout.assumed.map(|assumed| assumed.threshold)) {
        (true, _) if names.is_empty() => new(Severity::Ok, "there are no fine-grained password policies"),
        (true, _) => new(Severity::Ok, "fine-grained password policies can be read").seen(names.join(", ")),
        (false, Some(0)) => new(
            Severity::Info,
            "fine-grained password policies can't be read, and the settings say there are none",
        )
        .seen("assumed_lockout_threshold = 0")
        .fix(
            "If you create one with a smaller threshold than the domain's, let the service account \
                read it.",
        ),
        (false, Some(assumed)) => new(Severity::Warning, "fine-grained password policies can't be read")
            .seen(format!("assumed_lockout_threshold = {assumed} is used in addition to the domain's policy"))
            .fix(READ_THEM),
        (false, None) => new(Severity::Warning, "fine-grained password policies can't be read")
            .seen(format!("used: {}", used(lockout.domain.unwrap_or_else(LockoutPolicy::unreadable))))
            .fix(READ_THEM),
    })
}

/// Whether the groups of a person can be read at sign-in.
#[must_use]
pub fn token_groups(right: &Right) -> Finding {
    let new = |verdict, what: &str| Finding::new("token_groups", verdict, what);
    match right {
        Right::Granted => new(Severity::Ok, "the groups of a person can be read (tokenGroups)"),
        Right::Denied(why) => new(Severity::Error, "the groups of a person can't be read").seen(why).fix(
            "Add the service account to \"Windows Authorization Access Group\": without tokenGroups, people \
             who are in scope through a group can't sign in.",
        ),
        Right::Unknown(why) => {
            new(Severity::CantTell, "whether the groups of a person can be read").seen(why)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn denied() -> Right {
        Right::Denied("50".into())
    }

    fn unknown() -> Right {
        Right::Unknown("no answer".into())
    }

    #[test]
    fn missing_rights_are_rated_by_their_cost() {
        let table = [
            (deleted_objects(&Right::Granted), Severity::Ok),
            (deleted_objects(&denied()), Severity::Warning),
            (deleted_objects(&unknown()), Severity::CantTell),
            (token_groups(&Right::Granted), Severity::Ok),
            (token_groups(&denied()), Severity::Error),
            (token_groups(&unknown()), Severity::CantTell),
        ];
        for (finding, expected) in table {
            assert_eq!(finding.verdict, expected, "{finding:?}");
        }
    }

    #[test]
    fn dir_sync_has_two_ways() {
        let of =
            |replication, object_security| dir_sync(&DirSyncRights { replication, object_security }).verdict;
        assert_eq!(of(Right::Granted, unknown()), Severity::Ok);
        assert_eq!(of(denied(), Right::Granted), Severity::Ok);
        assert_eq!(of(denied(), denied()), Severity::Warning);
        assert_eq!(of(unknown(), unknown()), Severity::CantTell);
        assert_eq!(of(denied(), unknown()), Severity::CantTell);
    }

    #[test]
    fn hidden_policies_are_a_warning_unless_there_are_none() {
        let of = |readable, assumed: Option<u32>| {
            let lockout = Lockout {
                domain: Some(LockoutPolicy { threshold: 7, window: 60_000 }),
                fine_grained: Vec::new(),
                fine_grained_readable: readable,
                assumed: assumed.map(LockoutPolicy::assumed),
                policy_control: false,
            };
            fine_grained(&lockout)
        };
        let verdict = |readable, assumed| of(readable, assumed).map(|finding| finding.verdict);
        assert_eq!(verdict(None, Some(3)), None);
        assert_eq!(verdict(Some(true), Some(3)), Some(Severity::Ok));
        assert_eq!(verdict(Some(false), Some(0)), Some(Severity::Info));
        assert_eq!(verdict(Some(false), Some(3)), Some(Severity::Warning));
        let unset = of(Some(false), None).expect("a finding");
        assert_eq!(unset.verdict, Severity::Warning);
        assert!(unset.evidence.is_some_and(|seen| seen.starts_with("used: 7 wrong passwords")));
    }

    #[test]
    fn a_server_offers_what_it_lists() {
        let dse = |controls: &[&str]| RootDse {
            controls: controls.iter().map(|oid| (*oid).to_owned()).collect(),
            ..RootDse::default()
        };
        assert_eq!(sync_feed("s", &dse(&[SYNCREPL]), false, None).verdict, Severity::Ok);
        assert_eq!(sync_feed("s", &dse(&[SYNCREPL]), false, Some("12")).verdict, Severity::Info);
        assert_eq!(sync_feed("s", &dse(&[SYNCREPL]), true, None).verdict, Severity::Info);
        assert_eq!(sync_feed("s", &dse(&[]), true, None).verdict, Severity::CantTell);
    }
}
