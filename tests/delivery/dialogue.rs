//! A person and a Team Share from their creation to their end, in the product's own messages.

use std::collections::BTreeSet;

use cloudsync_idp::delivery::scim::{answer, dialect, message, page};
use cloudsync_idp::domain::account::AccountId;
use cloudsync_idp::domain::delivery::{
    Answer, Attribute, By, Dialect, Failure, Members, PatchForm, Presence, RemoteId, Request, Seen, Values,
    Wish,
};
use cloudsync_idp::domain::profile::ProfileAttribute::{
    Department, EmployeeNumber, FamilyName, GivenName, Locale, Name, PhoneNumber, Title,
};

use crate::support::lab::unique;
use crate::support::scim_target::ScimTarget;

/// What of the RFCs a target does not understand is not said to it.
pub struct Quirks {
    /// The forms of PATCH that it carries out.
    pub forms: &'static [PatchForm],
    /// The beginning of a name that it finds by a filter.
    pub share_name: &'static str,
}

/// Nothing.
pub const NO_QUIRKS: Quirks =
    Quirks { forms: &[PatchForm::WithPath, PatchForm::WithoutPath], share_name: "Sales & \"more\" \\ ü " };

/// A target with its dialect.
pub struct Dialogue<'a> {
    target: &'a ScimTarget,
    dialect: Dialect,
    quirks: &'a Quirks,
}

impl<'a> Dialogue<'a> {
    /// Reads what the target announces.
    pub async fn begin(target: &'a ScimTarget, quirks: &'a Quirks) -> Self {
        let config = target.get("ServiceProviderConfig").await;
        assert_eq!(config.status, 200, "{config:?}");
        let dialect = dialect(Dialect::default(), &config.body);
        assert!(dialect.filter && dialect.patch.is_some(), "{dialect:?} of {}", config.text);
        Self { target, dialect, quirks }
    }

    async fn say(&self, wish: &Wish, request: &Request) -> Answer {
        self.say_in(wish, request, &self.dialect).await
    }

    async fn say_in(&self, wish: &Wish, request: &Request, dialect: &Dialect) -> Answer {
        let reply = self.target.deliver(&message(wish, request, dialect, 1)).await;
        answer(wish.subject.kind(), request, &reply)
    }

    async fn done(&self, wish: &Wish, request: &Request) {
        let answer = self.say(wish, request).await;
        assert!(matches!(answer, Answer::Done { .. }), "{request:?}: {answer:?}");
    }

    /// All that a search finds, page by page.
    async fn find(&self, wish: &Wish, by: By) -> Vec<Seen> {
        let (mut found, mut start) = (Vec::new(), Some(1));
        while let Some(from) = start {
            let reply = self.target.deliver(&message(wish, &Request::Find(by), &self.dialect, from)).await;
            let text = String::from_utf8_lossy(&reply.body).into_owned();
            let page = page(wish.subject.kind(), from, &reply);
            let page = page.unwrap_or_else(|failure| panic!("{by:?}: {failure}: {text}"));
            found.extend(page.found);
            start = page.next;
        }
        found
    }

    async fn read(&self, wish: &Wish, id: &RemoteId) -> Seen {
        match self.say(wish, &Request::Read { id: id.clone(), members: true }).await {
            Answer::Read(seen) => *seen,
            other => panic!("{other:?}"),
        }
    }

    async fn create(&self, wish: &Wish) -> RemoteId {
        match self.say(wish, &Request::Create { values: wish.values.clone() }).await {
            Answer::Created { id, .. } => id,
            other => panic!("{other:?}"),
        }
    }

    async fn patch(&self, wish: &Wish, id: &RemoteId, values: Values, form: PatchForm) {
        let dialect = Dialect { patch: Some(form), ..self.dialect.clone() };
        let request = Request::Patch { id: id.clone(), etag: None, values };
        let answer = self.say_in(wish, &request, &dialect).await;
        assert!(matches!(answer, Answer::Done { .. }), "{request:?}: {answer:?}");
    }
}

fn values(of: &[(Attribute, Option<&str>)]) -> Values {
    of.iter().map(|(attribute, value)| (*attribute, value.map(str::to_owned))).collect()
}

/// Everything that a person can have.
fn profile(name: &str) -> Values {
    let email = format!("{name}@example.com");
    values(&[
        (Attribute::Email, Some(email.as_str())),
        (Attribute::Profile(Name), Some("Zoë \"Z\" O'Brien")),
        (Attribute::Profile(GivenName), Some("Zoë")),
        (Attribute::Profile(FamilyName), Some("O'Brien")),
        (Attribute::Profile(Title), Some("Engineer & more")),
        (Attribute::Profile(Department), Some("R&D")),
        (Attribute::Profile(EmployeeNumber), Some("007")),
        (Attribute::Profile(PhoneNumber), Some("+49 30 1234567")),
        (Attribute::Profile(Locale), Some("de-DE")),
    ])
}

fn new_person() -> Wish {
    let name = unique("person");
    Wish::person(
        AccountId(unique("account")),
        format!("{name}@example.com"),
        Presence::Active,
        profile(&name),
    )
}

/// What the target must have of a wish.
fn has(seen: &Seen, wished: &Values) {
    for (attribute, value) in wished {
        let seen_value = seen.values.get(attribute).and_then(Option::as_deref);
        assert_eq!(seen_value, value.as_deref(), "{attribute:?} of {}", seen.raw);
    }
}

/// Creation, search, both forms of PATCH, PUT, conflicts and deletion of a person.
pub async fn a_person_comes_changes_and_goes(dialogue: &Dialogue<'_>) {
    let wish = new_person();
    assert_eq!(dialogue.find(&wish, By::ExternalId).await, []);
    let id = dialogue.create(&wish).await;
    for by in [By::ExternalId, By::Name] {
        let found = dialogue.find(&wish, by).await;
        assert_eq!(found.iter().map(|seen| &seen.id).collect::<Vec<_>>(), [&id], "{by:?}");
        has(&found[0], &wish.values);
    }
    assert!(dialogue.find(&wish, By::List).await.iter().any(|seen| seen.id == id));
    let twin = dialogue.say(&wish, &Request::Create { values: wish.values.clone() }).await;
    assert!(matches!(twin, Answer::Failed(Failure::Conflict(_))), "{twin:?}");

    for form in dialogue.quirks.forms.iter().copied() {
        let off = values(&[
            (Attribute::Email, Some("other@example.com")),
            (Attribute::Profile(GivenName), Some("Zo")),
            (Attribute::Profile(Title), None),
            (Attribute::Profile(Department), Some("Ops")),
            (Attribute::Profile(PhoneNumber), None),
            (Attribute::Active, Some("false")),
        ]);
        dialogue.patch(&wish, &id, off.clone(), form).await;
        let seen = dialogue.read(&wish, &id).await;
        has(&seen, &off);
        has(&seen, &values(&[(Attribute::Profile(FamilyName), Some("O'Brien"))]));
        dialogue.patch(&wish, &id, wish.values.clone(), form).await;
        has(&dialogue.read(&wish, &id).await, &wish.values);
    }

    let seen = dialogue.read(&wish, &id).await;
    let change = values(&[(Attribute::Profile(Title), None), (Attribute::Active, Some("false"))]);
    let put = Request::Replace { over: Box::new(seen.clone()), values: change.clone(), members: None };
    dialogue.done(&wish, &put).await;
    let after = dialogue.read(&wish, &id).await;
    has(&after, &change);
    has(&after, &values(&[(Attribute::Profile(Department), Some("R&D"))]));
    if dialogue.dialect.etag && seen.etag.is_some() {
        let late = dialogue.say(&wish, &put).await;
        assert!(matches!(late, Answer::Failed(Failure::Changed(_))), "{late:?}");
    }

    dialogue.done(&wish, &Request::Delete { id: id.clone() }).await;
    let gone = dialogue.say(&wish, &Request::Read { id, members: false }).await;
    assert!(matches!(gone, Answer::Failed(Failure::NotFound(_))), "{gone:?}");
    assert_eq!(dialogue.find(&wish, By::Name).await, []);
}

/// A Team Share gets its members by PATCH and by PUT, and a new name.
pub async fn members_come_and_go(dialogue: &Dialogue<'_>) {
    let (ada, bob) = (new_person(), new_person());
    let (ada_id, bob_id) = (dialogue.create(&ada).await, dialogue.create(&bob).await);
    let only = |id: &RemoteId| BTreeSet::from([id.clone()]);
    let both = BTreeSet::from([ada_id.clone(), bob_id.clone()]);
    let wish = Wish::share(unique("share"), unique(dialogue.quirks.share_name), BTreeSet::new());
    let id = dialogue.create(&wish).await;
    for by in [By::ExternalId, By::Name] {
        let found = dialogue.find(&wish, by).await;
        assert_eq!(found.iter().map(|seen| &seen.id).collect::<Vec<_>>(), [&id], "{by:?}");
        has(&found[0], &wish.values);
        assert!(found[0].members.is_none(), "not asked for: {}", found[0].raw);
    }
    let members = async || dialogue.read(&wish, &id).await.members.unwrap_or_default();
    for _ in 0..2 {
        dialogue.done(&wish, &Request::AddMembers { id: id.clone(), members: both.clone() }).await;
        assert_eq!(members().await, both);
    }
    dialogue.done(&wish, &Request::RemoveMembers { id: id.clone(), members: only(&ada_id) }).await;
    assert_eq!(members().await, only(&bob_id));

    let name = unique("Marketing");
    let renamed = values(&[(Attribute::ShareName, Some(name.as_str()))]);
    dialogue.patch(&wish, &id, renamed.clone(), PatchForm::WithPath).await;
    let seen = dialogue.read(&wish, &id).await;
    has(&seen, &renamed);
    assert_eq!(seen.members, Some(only(&bob_id)), "the members stay");

    let others = Members { own: only(&ada_id), guests: BTreeSet::new() };
    let put = Request::Replace { over: Box::new(seen), values: renamed, members: Some(others) };
    dialogue.done(&wish, &put).await;
    assert_eq!(members().await, only(&ada_id));

    dialogue.done(&wish, &Request::Delete { id: id.clone() }).await;
    for (person, id) in [(&ada, ada_id), (&bob, bob_id)] {
        dialogue.done(person, &Request::Delete { id }).await;
    }
}
