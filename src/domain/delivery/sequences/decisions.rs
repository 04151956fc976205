//! Decisions here, and what people do over there.

use super::deeds::Deed;
use super::world::{PEOPLE, Person, SHARES, Share, World, person, share};
use crate::domain::delivery::{Attribute, Kind, Presence, Subject, Urgency};

impl World {
    /// Does one of them.
    pub(super) fn decide(&mut self, deed: Deed) {
        match deed {
            Deed::Hire(one) => self.hire(&person(one)),
            Deed::Rename(one) => {
                let name = self.fresh_name("renamed");
                let free = &mut self.free;
                if let Some(person) =
                    self.people.get_mut(&person(one)).filter(|one| one.presence != Presence::Erased)
                {
                    free.push(std::mem::replace(&mut person.name, name));
                    self.mark(&super::world::person(one), Urgency::Change);
                }
            }
            Deed::Retitle(one, shown) => {
                let shown = [None, Some("A"), Some("B")][usize::try_from(shown % 3).unwrap_or(0)];
                self.change(&person(one), Urgency::Change, |person| person.shown = shown.map(str::to_owned));
            }
            Deed::Suspend(one) => {
                self.change(&person(one), Urgency::Suspend, |person| person.presence = Presence::Suspended);
            }
            Deed::Reactivate(one) => {
                self.change(&person(one), Urgency::Change, |person| person.presence = Presence::Active);
            }
            Deed::Erase(one) => self.erase(&person(one)),
            Deed::Map(one) => self.map(&share(one)),
            Deed::RenameShare(one) => {
                let name = self.fresh_name("share");
                if let Some(share) = self.shares.get_mut(&share(one)) {
                    share.name = name;
                    self.mark(&super::world::share(one), Urgency::Change);
                }
            }
            Deed::Toggle(one, other) => {
                let (person, share) = (person(one), share(other));
                let is_member = self.shares.get(&share).is_some_and(|share| share.members.contains(&person));
                self.join(&person, &share, !is_member);
            }
            // Many others are gone too.
            Deed::DeletedThere(one) if one.is_multiple_of(4) => {
                let known = self.stored.len();
                while self.guard.take(known, self.now) {}
                (0..PEOPLE).for_each(|one| self.deleted_there(&person(one)));
            }
            Deed::DeletedThere(one) => self.deleted_there(&person(one)),
            Deed::DeletedUnnoticed(one, other) => {
                let subject = person(one);
                let id = self.stored.get(&subject).and_then(|one| one.known.id().cloned());
                id.into_iter().for_each(|id| self.server.delete(subject.kind(), &id));
                // A Team Share notices.
                self.join(&subject, &share(other), false);
                self.join(&subject, &share(other), true);
                self.unnoticed.insert(subject);
            }
            Deed::ShareDeletedThere(one) => self.deleted_there(&share(one)),
            Deed::CreatedThere => {
                // The next account gets this name.
                let name = format!("hired-{}@Example.com", self.names + 1);
                let taken = self.server.of_kind(Kind::User).any(|(_, user)| {
                    user.values.get(&Attribute::UserName) == Some(&Some(name.to_lowercase()))
                });
                if !taken {
                    self.server.add_foreign(&name.to_lowercase());
                }
            }
            _ => self.invite_there(deed),
        }
    }

    fn hire(&mut self, subject: &Subject) {
        if !self.people.contains_key(subject) {
            // Names are given again: the one before may not have been renamed over there yet.
            let name = self.free.pop().unwrap_or_else(|| self.fresh_name("hired"));
            self.people.insert(subject.clone(), Person { name, shown: None, presence: Presence::Active });
            self.mark(subject, Urgency::Fill);
        }
    }

    /// Changes a person who is not being erased.
    fn change(&mut self, subject: &Subject, urgency: Urgency, how: impl FnOnce(&mut Person)) {
        if let Some(person) = self.people.get_mut(subject).filter(|one| one.presence != Presence::Erased) {
            how(person);
            self.mark(subject, urgency);
        }
    }

    fn erase(&mut self, subject: &Subject) {
        self.change(subject, Urgency::Change, |person| person.presence = Presence::Erased);
        for number in 0..SHARES {
            self.join(subject, &share(number), false);
        }
    }

    fn map(&mut self, subject: &Subject) {
        if !self.shares.contains_key(subject) {
            let name = self.fresh_name("share");
            self.shares.insert(subject.clone(), Share { name, ..Share::default() });
            self.mark(subject, Urgency::Change);
        }
    }

    fn join(&mut self, person: &Subject, share: &Subject, joins: bool) {
        let may = self.people.get(person).is_some_and(|one| one.presence != Presence::Erased);
        let Some(one) = self.shares.get_mut(share) else { return };
        let changed =
            if joins { may && one.members.insert(person.clone()) } else { one.members.remove(person) };
        if changed {
            self.mark(share, Urgency::Change);
        }
    }

    /// Somebody deletes a resource over there, and a comparison finds that out.
    pub(super) fn deleted_there(&mut self, subject: &Subject) {
        let Some(one) = self.stored.get_mut(subject) else { return };
        let Some(id) = one.known.id().cloned() else { return };
        one.known.verify = true;
        self.server.delete(subject.kind(), &id);
        self.mark(subject, Urgency::Change);
    }

    /// Somebody invites a guest into a Team Share over there.
    fn invite_there(&mut self, deed: Deed) {
        let Deed::InvitedThere(one) = deed else { return };
        let Some(id) = self.stored.get(&share(one)).and_then(|one| one.known.id().cloned()) else { return };
        if let Some(group) = self.server.resources.get_mut(&(Kind::Group, id.clone())) {
            group.invite("guest");
            self.guests.insert(id);
        }
    }
}
