//! Whether a person can sign in, with the button for what keeps them out.

use super::access::Admin;
use super::address::{PERSON, SYNC_LOG, SYNC_SETTINGS, SYNC_UNIT, with_query};
use super::menu::opens;
use super::pages::{AnswerPart, PersonAction, PersonButton, ShownFix, UnitButton};
use super::permission::Permission;
use super::sso;
use crate::domain::admin::Capability;
use crate::domain::dn::Dn;
use crate::domain::entry::DirectoryId;
use crate::domain::gates::Gate;
use crate::domain::schema::Schema;
use crate::flow::account::views::AccountView;
use crate::flow::admin::fix::{Fix, fix};
use crate::flow::admin::session::form_token;
use crate::flow::installation::fault::Fault;
use crate::flow::support::explain::ExplainedPerson;
use crate::flow::support::person_live::{self, LiveView};

/// The buttons for a person that this admin may press.
pub(super) fn buttons<C: Permission>(admin: &Admin<C>, account: &AccountView) -> Vec<PersonButton> {
    let (session, parts) = (&admin.checked.session, &admin.request.web.parts);
    let may = |action: &PersonAction| session.role.can(action.capability()) && action.fits(account);
    let button =
        |action: PersonAction| PersonButton { action, token: form_token(parts, session, action.path()) };
    PersonAction::ALL.into_iter().filter(may).map(button).collect()
}

/// The answer for the person of an account; `live`: what the directory says, if it was asked.
pub(super) fn of_account<C: Permission>(
    admin: &Admin<C>,
    (view, is_held): (&AccountView, bool),
    live: Option<LiveView>,
) -> AnswerPart {
    let ask = with_query(PERSON, &[("id", &view.names.account), ("live", "1")]);
    part(admin, (Some(view), is_held), live, ask)
}

/// The answer for a name without an account, asked of the directories.
pub(super) async fn of_name<C: Permission>(
    admin: &Admin<C>,
    name: &str,
    ask: String,
) -> Result<AnswerPart, Fault> {
    let live = person_live::live_by_name(&admin.request.web.parts, &admin.checked.actor, name).await?;
    Ok(part(admin, (None, false), Some(live), ask))
}

fn part<C: Permission>(
    admin: &Admin<C>,
    (account, is_held): (Option<&AccountView>, bool),
    live: Option<LiveView>,
    ask: String,
) -> AnswerPart {
    let shown = match &live {
        Some(LiveView::Answered { person, shares, .. }) => fix(person, account, is_held).map(|fix| {
            let unit = shares.as_ref().and_then(|shares| shares.missing_unit.as_ref());
            let unit =
                unit.filter(|_| fix == Fix::WidenScope).and_then(|unit| unit_button(admin, person, unit));
            shown_fix(admin, fix, person, account).with_unit(unit)
        }),
        _ => None,
    };
    let language = admin.request.context().language;
    let now = admin.request.web.parts.now();
    AnswerPart { language, now, account: account.cloned(), live, fix: shown, ask }
}

/// The button that adds the OU of a person to the sync scope.
fn unit_button<C: Permission>(admin: &Admin<C>, person: &ExplainedPerson, unit: &Dn) -> Option<UnitButton> {
    let (session, parts) = (&admin.checked.session, &admin.request.web.parts);
    session.role.can(Capability::EditScope).then(|| UnitButton {
        token: form_token(parts, session, SYNC_UNIT),
        directory: person.directory.clone(),
        name: unit.leaf().to_owned(),
        unit: unit.as_str().to_owned(),
        who: person.name.clone(),
    })
}

/// The sentence for what only the directory can change.
fn entry_words(cause: Option<Gate>) -> &'static str {
    match cause {
        Some(Gate::Enabled) => "fix.enable",
        Some(Gate::NotExpired) => "fix.extend",
        Some(Gate::NotLocked) => "fix.unlock",
        Some(Gate::PasswordUsable) => "fix.password",
        _ => "fix.change-entry",
    }
}

fn shown_fix<C: Permission>(
    admin: &Admin<C>,
    fix: Fix,
    person: &ExplainedPerson,
    account: Option<&AccountView>,
) -> ShownFix {
    let (what, page, action) = match fix {
        Fix::EnableSso => ("fix.enable-sso", Some((sso::PATH, "sso")), None),
        Fix::ChangeEntry => (entry_words(person.cause), None, None),
        Fix::WidenScope => ("fix.widen-scope", Some((SYNC_SETTINGS, "fix.sync-settings")), None),
        Fix::SyncNow => ("fix.sync-now", None, Some(PersonAction::SyncNow)),
        Fix::Decide => ("fix.decide", Some((SYNC_LOG, "sync-log")), None),
        Fix::Reactivate => ("fix.reactivate", None, Some(PersonAction::Reactivate)),
        Fix::WaitOrInvite => ("fix.wait", None, Some(PersonAction::Invite)),
    };
    let role = admin.checked.session.role;
    // Of the Sync Log, what it says of this person.
    let who = if fix == Fix::Decide { person.name.as_str() } else { "" };
    let link = page.filter(|(path, _)| opens(role, path));
    let link = link.map(|(path, title)| (with_query(path, &[("person", who)]), title));
    let buttons = account.map(|account| buttons(admin, account)).unwrap_or_default();
    let button = action.and_then(|wanted| buttons.into_iter().find(|button| button.action == wanted));
    let asks_again = fix == Fix::ChangeEntry;
    // Without an account there is nobody to act on; an entry is not changed here at all.
    let is_possible = !asks_again && (page.is_some() || account.is_some());
    let settings = &admin.request.web.parts.current().settings;
    let directory = settings.directory(&DirectoryId(person.directory.clone()));
    let is_ad = directory.is_some_and(|directory| directory.schema == Schema::ActiveDirectory);
    ShownFix {
        what,
        place: if is_ad { "fix.in-ad" } else { "fix.in-directory" },
        // What has a sentence of its own needs no second one.
        shows_advice: matches!(what, "fix.change-entry" | "fix.decide"),
        asks_again,
        ask_others: is_possible && link.is_none() && button.is_none(),
        link,
        button,
        unit: None,
        until: person
            .tries
            .stops_known()
            .and_then(|count| count.until.clone())
            .filter(|_| fix == Fix::WaitOrInvite),
    }
}
