//! Check the people in scope, and the OUs and groups that select them.

use super::facts::{MailWriters, OtherClassEntries, ScopePeople, Selected};
use super::{Finding, Severity, some};

/// Whether the selected OUs and groups exist and can be used.
#[must_use]
pub fn scope(selected: &[(String, Selected)]) -> Vec<Finding> {
    let new = |verdict, what: &str| Finding::new("scope", verdict, what);
    if selected.is_empty() {
        return vec![
            new(Severity::Warning, "nothing is selected, so nobody can sign in")
                .fix("Select OUs or groups in [directories.scope]."),
        ];
    }
    let unread: Vec<Finding> = selected.iter().filter_map(|(dn, found)| unusable(dn, found)).collect();
    if unread.is_empty() {
        let names: Vec<&str> = selected.iter().map(|(dn, _)| dn.as_str()).collect();
        return vec![new(Severity::Ok, "all selected OUs and groups can be read").seen(names.join("; "))];
    }
    unread
}

fn unusable(dn: &str, found: &Selected) -> Option<Finding> {
    let evidence = match found {
        Selected::Fine => return None,
        Selected::WrongClass(why) => {
            let what = "a selected OU or group has a class that can't be selected";
            return Some(Finding::new("scope", Severity::Error, what).seen(dn).fix(format!("{dn}: {why}.")));
        }
        Selected::NotShown => dn.to_owned(),
        Selected::Unknown(why) => format!("{dn}: {why}"),
    };
    let what = "a selected OU or group does not exist, or the service account can't see it";
    Some(Finding::new("scope", Severity::Error, what).seen(evidence).fix(
        "Correct its name in [directories.scope], or let the service account read it. Until then its people \
         are not synced.",
    ))
}

/// Whether the list of people is complete, and who is missing.
#[must_use]
pub fn unread(people: &ScopePeople) -> Vec<Finding> {
    let new = |verdict, what: String| Finding::new("people", verdict, what);
    let mut found = Vec::new();
    match &people.cut {
        Some(why) => found.push(
            new(Severity::Error, format!("the list of people was cut off after {}", people.count))
                .seen(why)
                .fix(
                    "Raise the size limit for the service account (OpenLDAP: olcLimits dn.exact=\"...\" \
                 size=unlimited size.prtotal=unlimited).",
                ),
        ),
        None if people.count == 0 => found.push(
            new(Severity::Warning, "nobody is in scope".to_owned())
                .fix("Check that the selected OUs and groups contain enabled people."),
        ),
        None if people.count == 1 => found.push(new(Severity::Ok, "1 enabled person is in scope".to_owned())),
        None => found.push(new(Severity::Ok, format!("enabled people in scope: {}", people.count))),
    }
    if !people.unknown_groups.is_empty() {
        found.push(
            new(Severity::CantTell, "some groups in scope have not been synced yet".to_owned())
                .seen(people.unknown_groups.join("; "))
                .fix(
                    "Run cloudsync-idp sync, then run the doctor again: the members of these groups are \
                    not counted here.",
                ),
        );
    }
    found
}

/// Whether people can be seen at all, before a scope is chosen: `people` are some of those below the base DN.
#[must_use]
pub fn sampled(people: &ScopePeople) -> Finding {
    let new = |verdict, what: String| Finding::new("people", verdict, what);
    match (&people.cut, people.count) {
        (Some(why), _) => new(Severity::Error, "the people below the base DN can't be listed".to_owned())
            .seen(why)
            .fix("Let the service account read the people below the base DN."),
        (None, 0) => new(Severity::Warning, "no person is seen below the base DN".to_owned())
            .fix("Check the base DN, and let the service account read the people below it."),
        (None, count) => {
            new(Severity::Ok, format!("people can be read below the base DN; looked at {count}"))
        }
    }
}

/// Whether the attributes that every entry has can be read for every person.
#[must_use]
pub fn attributes(people: &ScopePeople) -> Option<Finding> {
    let new = |verdict, what: &str| Finding::new("attributes", verdict, what);
    let hidden: Vec<String> = people
        .hidden
        .iter()
        .filter(|(_, count)| *count > 0)
        .map(|(name, count)| format!("{name} ({count} times)"))
        .collect();
    match (people.count, hidden.is_empty()) {
        (0, _) => None,
        (_, true) => {
            Some(new(Severity::Ok, "the attributes that every person has can be read for everybody"))
        }
        (_, false) => {
            Some(new(Severity::Error, "some attributes can't be read").seen(hidden.join(", ")).fix(
                "Let the service account read all properties of people (Active Directory: the property set \
                 Account Restrictions contains the end dates and flags). A person whose attributes can't be \
                 read can't sign in, and the sync leaves their account unchanged: it can't see whether the \
                 person is disabled or expired, or recognise them after a rename.",
            ))
        }
    }
}

/// Entries that look like people but lack the person class, so that these people can't sign in.
#[must_use]
pub fn unknown_class(strangers: &OtherClassEntries) -> Option<Finding> {
    let new = |verdict, what: String| Finding::new("unknown_class", verdict, what);
    match (&strangers.unknown, strangers.found.count) {
        (Some(why), _) => {
            Some(new(Severity::CantTell, "whether there are people with other classes".to_owned()).seen(why))
        }
        (None, 0) => None,
        (None, count) => Some(
            new(
                Severity::Warning,
                format!("entries in scope that look like people but are not inetOrgPerson: {count}"),
            )
            .seen(some(&strangers.found.first, count))
            .fix(
                "Add the class inetOrgPerson to people who should sign in: other entries are not found \
                    or synced, and can't sign in.",
            ),
        ),
    }
}

/// People in scope without an email address.
#[must_use]
pub fn mail_missing(people: &ScopePeople) -> Option<Finding> {
    let new = |verdict, what: String| Finding::new("mail_missing", verdict, what);
    match people.without_email.count {
        _ if people.count == 0 => None,
        0 => Some(new(Severity::Ok, "everybody in scope has an email address".to_owned())),
        count => Some(
            new(
                Severity::Warning,
                format!("people in scope without an email address, who can't sign in: {count}"),
            )
            .seen(some(&people.without_email.first, count))
            .fix("Set the attribute named by email_attribute, or remove these people from the scope."),
        ),
    }
}

/// Email addresses that several people in scope share.
#[must_use]
pub fn mail_duplicate(people: &ScopePeople) -> Option<Finding> {
    let new = |verdict, what: String| Finding::new("mail_duplicate", verdict, what);
    match people.shared_emails.count {
        _ if people.count == 0 => None,
        0 => Some(new(Severity::Ok, "no two people in scope have the same email address".to_owned())),
        count => Some(
            new(
                Severity::Warning,
                format!("email addresses that belong to more than one person in scope: {count}"),
            )
            .seen(some(&people.shared_emails.first, count))
            .fix("Give each person their own email address: two people can't share an account."),
        ),
    }
}

/// People in scope who can sign in with a smart card only.
#[must_use]
pub fn smart_cards(people: &ScopePeople) -> Option<Finding> {
    let new = |verdict, what: String| Finding::new("smart_card", verdict, what);
    match people.smart_cards.count {
        _ if people.count == 0 => None,
        0 => Some(new(Severity::Ok, "nobody in scope requires a smart card".to_owned())),
        count => Some(
            new(
                Severity::Warning,
                format!(
                    "people in scope who need a smart card, and so have no password to sign in with: {count}"
                ),
            )
            .seen(some(&people.smart_cards.first, count))
            .fix(
                "Clear \"Smart card is required for interactive logon\" for people who should sign in here.",
            ),
        ),
    }
}

/// Whether people may write their own email attribute, compared with what the settings declare.
#[must_use]
pub fn mail_writers(found: &MailWriters) -> Finding {
    let new = |verdict, what: String| Finding::new("mail_self_writable", verdict, what);
    let attribute = &found.attribute;
    if let Some(why) = &found.unknown {
        return new(Severity::CantTell, format!("whether people may write their own {attribute}"))
            .seen(why)
            .fix(
                "Check whether people have write access to their own entry (OpenLDAP: \"by self write\" in \
             olcAccess; Active Directory: SELF in the user's security) before you set \
             email_written_by_admins_only = true.",
            );
    }
    if found.own.is_empty() {
        let finding = new(Severity::Ok, format!("people can't write their own {attribute}"))
            .seen(format!("checked the access rights of {} entries in scope", found.looked_at));
        return match found.declared_safe {
            true => finding,
            false => finding.fix(
                "You can set email_written_by_admins_only = true, if no other tool lets people \
                    change it.",
            ),
        };
    }
    let verdict = if found.declared_safe { Severity::Error } else { Severity::Info };
    let finding = new(verdict, format!("people may write their own {attribute}")).seen(found.own.join("; "));
    match found.declared_safe {
        true => finding.fix(format!(
            "Set email_written_by_admins_only = false now, or remove SELF's right to write {attribute}: a \
             person who writes another person's address into their entry takes over that person's account."
        )),
        false => finding.fix("Keep email_written_by_admins_only = false."),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::doctor::facts::NameTally;

    fn tally(count: usize) -> NameTally {
        let mut tally = NameTally::default();
        (0..count).for_each(|at| tally.add(|| format!("p{at}")));
        tally
    }

    #[test]
    fn only_the_first_ten_are_listed() {
        let people = ScopePeople { count: 20, without_email: tally(12), ..ScopePeople::default() };
        let finding = mail_missing(&people).expect("a finding");
        let evidence = finding.evidence.expect("names");
        assert!(evidence.starts_with("p0; p1; ") && evidence.ends_with("p9 and 2 more"), "{evidence}");
    }

    #[test]
    fn an_empty_scope_is_never_ok() {
        let nobody = ScopePeople::default();
        assert!(mail_missing(&nobody).is_none() && mail_duplicate(&nobody).is_none());
        assert!(smart_cards(&nobody).is_none() && attributes(&nobody).is_none());
        assert_eq!(unread(&nobody).first().map(|finding| finding.verdict), Some(Severity::Warning));
        assert_eq!(scope(&[]).first().map(|finding| finding.verdict), Some(Severity::Warning));
    }

    #[test]
    fn people_of_other_classes_are_counted() {
        let of = |unknown: Option<&str>, count| {
            unknown_class(&OtherClassEntries { unknown: unknown.map(str::to_owned), found: tally(count) })
        };
        assert_eq!(of(None, 0), None);
        let some = of(None, 12).expect("a finding");
        assert_eq!(some.verdict, Severity::Warning);
        assert!(some.what.ends_with(": 12") && some.fix.is_some(), "{some:?}");
        assert_eq!(of(Some("4"), 3).map(|finding| finding.verdict), Some(Severity::CantTell));
    }

    #[test]
    fn each_problem_of_people_has_its_verdict() {
        let one = |change: fn(&mut ScopePeople)| {
            let mut people = ScopePeople { count: 3, ..ScopePeople::default() };
            change(&mut people);
            people
        };
        let of = |finding: Option<Finding>| finding.map(|finding| finding.verdict);
        assert_eq!(of(mail_missing(&one(|_| ()))), Some(Severity::Ok));
        assert_eq!(
            of(mail_duplicate(&one(|people| people.shared_emails = tally(1)))),
            Some(Severity::Warning)
        );
        assert_eq!(of(smart_cards(&one(|people| people.smart_cards = tally(1)))), Some(Severity::Warning));
        assert_eq!(of(attributes(&one(|people| people.hidden = vec![("mail", 0)]))), Some(Severity::Ok));
        assert_eq!(of(attributes(&one(|people| people.hidden = vec![("mail", 1)]))), Some(Severity::Error));
        let cut = unread(&one(|people| people.cut = Some("4".into())));
        assert_eq!(cut.first().map(|finding| finding.verdict), Some(Severity::Error));
    }

    #[test]
    fn a_missing_selection_is_reported() {
        let found = scope(&[
            ("OU=a".into(), Selected::Fine),
            ("OU=b".into(), Selected::NotShown),
            ("OU=c".into(), Selected::Unknown("50".into())),
            ("OU=d".into(), Selected::WrongClass("its class is x".into())),
        ]);
        let evidence: Vec<_> = found.iter().filter_map(|finding| finding.evidence.as_deref()).collect();
        assert_eq!(evidence, ["OU=b", "OU=c: 50", "OU=d"]);
        assert!(found[2].fix.as_ref().is_some_and(|fix| fix.contains("its class is x")), "{found:?}");
        assert_eq!(scope(&[("OU=a".into(), Selected::Fine)]).len(), 1);
    }

    #[test]
    fn a_self_writable_mail_is_an_error_if_it_is_declared_safe() {
        let of = |own: &[&str], unknown: Option<&str>, declared_safe| {
            let own = own.iter().map(|who| (*who).to_owned()).collect();
            let attribute = "mail".to_owned();
            let unknown = unknown.map(str::to_owned);
            mail_writers(&MailWriters { attribute, looked_at: 1, own, unknown, declared_safe }).verdict
        };
        assert_eq!(of(&[], None, true), Severity::Ok);
        assert_eq!(of(&[], None, false), Severity::Ok);
        assert_eq!(of(&["alice"], None, true), Severity::Error);
        assert_eq!(of(&["alice"], None, false), Severity::Info);
        assert_eq!(of(&[], Some("50"), true), Severity::CantTell);
    }
}
