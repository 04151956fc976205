//! How each dangerous action is shown before it is confirmed. Each has an entry here; a test asks for it.

use futures_util::future::BoxFuture;

use super::access::Admin;
use super::confirmation::ConfirmWords;
use super::fields::Fields;
use super::form::SettingsForm;
use super::pages::PersonAction;
use super::permission::Confirm;
use super::{
    address, application_actions, applications, approvals, audit, branding, directory, hand_over, held,
    roles, services, sso, support_bundle, sync_log, sync_plan, sync_settings, sync_unit, two_step,
    two_step_people, used_links,
};
use crate::flow::installation::fault::Fault;

/// Reads what an action would do.
pub(super) type Words =
    for<'a> fn(&'a Admin<Confirm>, &'a Fields) -> BoxFuture<'a, Result<ConfirmWords, Fault>>;

/// How an action is shown.
pub(super) enum ConfirmedAs {
    /// By the settings that it changes.
    Form(&'static SettingsForm),
    /// By what it does for one person.
    Person(PersonAction),
    /// By words of its own.
    Words(Words),
}

const FORMS: [&SettingsForm; 6] =
    [&roles::FORM, &sso::FORM, &two_step::FORM, &applications::FORM, &branding::FORM, &services::form::FORM];

const WORDS: [(&str, Words); 23] = [
    (address::CONFIGURE, |admin, sent| Box::pin(directory::configure::words(admin, sent))),
    (address::REMOVE_DIRECTORY, |admin, sent| Box::pin(directory::remove::words(admin, sent))),
    (address::SYNC_SETTINGS, |admin, sent| Box::pin(sync_settings::words(admin, sent))),
    (address::SYNC_UNIT, |admin, sent| Box::pin(sync_unit::words(admin, sent))),
    (address::APPLICATION_NEW, |admin, sent| Box::pin(applications::words_of_new(admin, sent))),
    (address::APPLICATION_ROTATE, |admin, sent| {
        Box::pin(application_actions::words(admin, "application-rotate", sent))
    }),
    (address::APPLICATION_END_OLD, |admin, sent| {
        Box::pin(application_actions::words(admin, application_actions::END_OLD, sent))
    }),
    (address::APPLICATION_REMOVE, |admin, sent| {
        Box::pin(application_actions::words(admin, "application-remove", sent))
    }),
    (address::SERVICE_NEW, |admin, sent| Box::pin(services::new::words(admin, sent))),
    (address::SERVICE_TOKEN, |admin, sent| Box::pin(services::actions::words_of_token(admin, sent))),
    (address::SERVICE_REMOVE, |admin, sent| Box::pin(services::actions::words_of_removal(admin, sent))),
    (sync_plan::APPLY, |admin, sent| Box::pin(sync_plan::words(admin, sent))),
    (sync_log::REVERT, |admin, sent| Box::pin(sync_log::revert_words(admin, sent))),
    (address::HAND_OVER, |admin, sent| Box::pin(hand_over::words(admin, sent))),
    (address::HELD, |admin, sent| Box::pin(held::words(admin, sent))),
    (support_bundle::PATH, |admin, _| Box::pin(async move { Ok(support_bundle::words(admin)) })),
    (sync_log::EXPORT, |admin, sent| Box::pin(async move { Ok(sync_log::export_words(admin, sent)) })),
    (audit::EXPORT, |admin, sent| Box::pin(async move { Ok(audit::words(admin, sent)) })),
    (approvals::APPROVE, |admin, sent| Box::pin(approvals::words(admin, "approval-approve", sent))),
    (approvals::REJECT, |admin, sent| Box::pin(approvals::words(admin, "approval-reject", sent))),
    (used_links::OURS, |admin, sent| {
        Box::pin(async move { Ok(used_links::words(admin, "links-ours", sent)) })
    }),
    (used_links::END, |admin, sent| Box::pin(async move { Ok(used_links::words(admin, "links-end", sent)) })),
    (two_step_people::EXPORT, |admin, sent| Box::pin(async move { Ok(two_step_people::words(admin, sent)) })),
];

/// How the action at this path is shown.
pub(super) fn confirmed_as(path: &str) -> Option<ConfirmedAs> {
    let form = FORMS.into_iter().find(|form| form.path == path).map(ConfirmedAs::Form);
    let words = || WORDS.iter().find(|(of, _)| *of == path).map(|(_, words)| ConfirmedAs::Words(*words));
    form.or_else(|| PersonAction::at(path).map(ConfirmedAs::Person)).or_else(words)
}

#[cfg(test)]
mod tests {
    use super::super::TABLE;
    use super::*;

    #[test]
    fn each_dangerous_action_says_what_it_does_before_it_is_confirmed() {
        let dangerous = TABLE.iter().filter(|route| route.is_action && route.needs.is_dangerous());
        let silent: Vec<_> =
            dangerous.map(|route| route.path).filter(|path| confirmed_as(path).is_none()).collect();
        assert_eq!(silent, Vec::<&str>::new());
    }
}
