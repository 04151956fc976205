//! Pages of settings: the form, the page that asks to confirm it, and the one for two admins at once.

use std::borrow::Cow;

use askama::Template;

use crate::flow::admin::settings::Consequence;
use crate::flow::settings::{FLAG_ON, FieldKind};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// A field as it is drawn.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct DrawnField {
    pub name: String,
    /// The id of its element.
    pub id: String,
    pub label: String,
    pub hint: String,
    /// The numbers that are allowed, in words; empty if it is no number.
    pub range: String,
    pub kind: FieldKind,
    /// The name and the label of the element that uploads it as a file.
    pub upload: Option<(String, String)>,
    /// The words to choose from, each with its text; none if it is typed.
    pub options: Vec<(&'static str, Cow<'static, str>)>,
    /// As stored, or as typed.
    pub value: String,
    /// In the words of `settings apply`.
    pub errors: Vec<String>,
}

impl DrawnField {
    pub(super) fn is_flag(&self) -> bool {
        self.kind == FieldKind::Flag
    }

    pub(super) fn is_on(&self) -> bool {
        self.value == FLAG_ON
    }

    pub(super) fn is_long(&self) -> bool {
        matches!(self.kind, FieldKind::Lines | FieldKind::Block | FieldKind::Rows(_) | FieldKind::Picture)
    }

    pub(super) fn is_number(&self) -> bool {
        matches!(self.kind, FieldKind::Number(..))
    }

    pub(super) fn is_secret(&self) -> bool {
        self.kind == FieldKind::Secret
    }

    pub(super) fn is_wrong(&self) -> bool {
        !self.errors.is_empty()
    }

    pub(super) fn chooses(&self, word: &str) -> bool {
        self.value == word
    }

    /// The height of a long field.
    pub(super) fn rows(&self) -> usize {
        self.value.lines().count().clamp(2, 12) + 1
    }

    /// The elements that describe it.
    pub(super) fn described(&self) -> String {
        let id = &self.id;
        let mut described = format!("{id}-hint");
        if !self.range.is_empty() {
            described += &format!(" {id}-range");
        }
        if self.is_wrong() {
            described += &format!(" {id}-error");
        }
        described
    }
}

/// Fields under one heading.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct DrawnGroup {
    pub heading: String,
    pub fields: Vec<DrawnField>,
}

/// What a form says above its fields.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::web::admin) enum FormNotice {
    Saved,
    NothingToSave,
    /// Nothing was saved.
    Wrong,
    /// The role only reads.
    ReadOnly,
    /// Somebody else has saved; nothing is lost, and nothing was saved yet.
    Stale,
    /// Something was to be done with what is saved, and the form says something else.
    Unsaved,
}

impl FormNotice {
    /// What the address says after saving.
    pub(in crate::web::admin) fn saved(word: &str) -> Option<Self> {
        match word {
            "yes" => Some(Self::Saved),
            "no" => Some(Self::NothingToSave),
            _ => None,
        }
    }

    /// Its title and what it says below that.
    pub(super) fn texts(self, language: Language) -> [Cow<'static, str>; 2] {
        [language.text(self.key()), language.text(&format!("{}.what", self.key()))]
    }

    /// How it is drawn.
    pub(super) fn kind(self) -> &'static str {
        match self {
            Self::Wrong => "trouble",
            Self::ReadOnly | Self::Stale | Self::Unsaved => "warn",
            Self::Saved | Self::NothingToSave => "good",
        }
    }

    /// The key of its text.
    pub(super) fn key(self) -> &'static str {
        match self {
            Self::NothingToSave => "settings-unchanged",
            Self::Wrong => "settings-wrong",
            Self::ReadOnly => "settings-read-only",
            Self::Stale => "settings-stale",
            Self::Unsaved => "sync-settings-unsaved",
            Self::Saved => "settings-saved",
        }
    }
}

/// A problem, in the list above the form.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct DrawnProblem {
    /// The label and the id of its field; `None` if it is on another page.
    pub field: Option<(String, String)>,
    pub text: String,
}

/// Where a form is sent for its preview.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct PreviewForm {
    pub action: &'static str,
    pub csrf: String,
}

/// The button that tests what was typed.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct TestForm {
    pub action: &'static str,
    pub csrf: String,
}

/// Finds groups for the fields of a form. It sends the form as it is typed, and `find`.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct GroupFinder {
    pub action: &'static str,
    pub csrf: String,
    pub search: String,
    /// `None` before a search.
    pub found: Option<Vec<OfferedGroup>>,
}

/// A group that was found, and the fields that can have it.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct OfferedGroup {
    pub name: String,
    pub dn: String,
    pub directory: String,
    pub options: Vec<GroupOption>,
}

/// A field that can have a group.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct GroupOption {
    pub value: String,
    pub text: Cow<'static, str>,
    pub is_chosen: bool,
}

/// A form of settings.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/settings.html")]
pub(in crate::web::admin) struct SettingsPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub title: String,
    pub lead: String,
    /// Where the form is sent.
    pub action: String,
    pub csrf: String,
    /// The generation that is shown.
    pub version: i64,
    /// The entry of a list that the form is about; empty if it is about no list.
    pub entry: String,
    /// Shows what was typed before it is saved; `None` for a page that has no such picture.
    pub preview: Option<PreviewForm>,
    /// Tests the connection that was typed; `None` for a page without one, or a role that may not.
    pub test: Option<TestForm>,
    /// `None` for a page without groups.
    pub finder: Option<GroupFinder>,
    /// Other pages about the same, by address and title.
    pub related: Vec<(&'static str, Cow<'static, str>)>,
    pub notice: Option<FormNotice>,
    pub problems: Vec<DrawnProblem>,
    pub groups: Vec<DrawnGroup>,
}

impl SettingsPage {
    fn can_save(&self) -> bool {
        self.notice != Some(FormNotice::ReadOnly)
    }

    /// True if a field uploads a file.
    fn has_upload(&self) -> bool {
        self.groups.iter().flat_map(|group| &group.fields).any(|field| field.upload.is_some())
    }

    /// True if each button has the token of its own action.
    fn has_more_actions(&self) -> bool {
        self.preview.is_some() || self.finder.is_some() || self.test.is_some()
    }

    fn notice_kind(&self) -> &'static str {
        self.notice.map_or("good", FormNotice::kind)
    }

    fn notice_key(&self) -> &'static str {
        self.notice.unwrap_or(FormNotice::Saved).key()
    }

    fn notice_title(&self) -> Cow<'static, str> {
        self.language.text(self.notice_key())
    }

    fn notice_text(&self) -> Cow<'static, str> {
        self.language.text(&format!("{}.what", self.notice_key()))
    }
}

/// A setting that would change, or has changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::web::admin) struct ChangedSetting {
    pub label: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

/// What was sent, once more, before it is done.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/confirm.html")]
pub(in crate::web::admin) struct ConfirmPage {
    pub language: Language,
    pub frame: AdminFrame,
    /// The page on which it was typed.
    pub title: String,
    /// Its action and address.
    pub action: String,
    pub csrf: String,
    pub draft: String,
    /// The address of the page on which it was typed.
    pub back: String,
    /// What it does, if it is no form of settings.
    pub lines: Vec<String>,
    /// At most [`MOST_CHANGES`].
    pub changes: Vec<ChangedSetting>,
    /// How many changes there are.
    pub count: usize,
    pub consequences: Vec<Consequence>,
    /// True if something is wrong with it, or somebody else has saved: the form says what.
    pub is_open: bool,
    /// The button of an action that is no form of settings.
    pub button: Option<String>,
}

/// How many changes a page lists.
pub(in crate::web::admin) const MOST_CHANGES: usize = 50;

/// What a change takes away, in a sentence.
pub(in crate::web::admin) fn consequence(language: Language, consequence: &Consequence) -> Cow<'static, str> {
    language.text(match consequence {
        Consequence::NobodySignsIn => "confirm.nobody-signs-in",
        Consequence::NoOwners => "confirm.no-owners",
        Consequence::FewerOwners => "confirm.fewer-owners",
        Consequence::WeakerFactor => "confirm.weaker-factor",
        Consequence::SecondFactorAsked { before, after, without } => {
            let counts = [("before", before), ("after", after), ("without", without)];
            let counts = counts.map(|(name, count)| (name, (*count).into()));
            return language.with_all("confirm.second-factor", counts);
        }
    })
}

impl ConfirmPage {
    fn consequence(&self, one: &Consequence) -> Cow<'static, str> {
        consequence(self.language, one)
    }

    /// True for an action that changes no settings.
    fn is_action(&self) -> bool {
        !self.is_open && self.changes.is_empty() && !self.lines.is_empty()
    }

    fn button_text(&self) -> Cow<'static, str> {
        match &self.button {
            Some(text) => text.clone().into(),
            None if self.is_open => self.language.text("confirm.continue"),
            None => self.language.with("confirm.button", "count", self.count),
        }
    }
}

/// A field that two admins have changed, or one of them.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct ConflictingField {
    pub name: String,
    pub id: String,
    pub label: String,
    pub seen: Option<String>,
    pub theirs: String,
    pub mine: String,
    /// What is sent; `None` if it has to be chosen.
    pub settled: Option<String>,
    /// True if it differs from what is stored, or both have changed it.
    pub is_shown: bool,
}

impl ConflictingField {
    /// A value that is only sent along.
    pub(in crate::web::admin) fn hidden(name: &str, value: &str) -> Self {
        Self {
            name: name.to_owned(),
            id: String::new(),
            label: String::new(),
            seen: None,
            theirs: value.to_owned(),
            mine: value.to_owned(),
            settled: Some(value.to_owned()),
            is_shown: false,
        }
    }

    fn takes_mine(&self) -> bool {
        self.settled.as_ref() == Some(&self.mine)
    }
}

/// Somebody else has saved since the form was opened.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/conflict.html")]
pub(in crate::web::admin) struct ConflictPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub title: String,
    pub action: String,
    pub csrf: String,
    /// The generation now in force.
    pub version: i64,
    /// As on the form.
    pub entry: String,
    /// The address of the page on which it was typed.
    pub back: String,
    /// Who has saved, and when.
    pub saved: Option<String>,
    pub fields: Vec<ConflictingField>,
    /// True if a secret was typed, which is not kept.
    pub secret_again: bool,
}

impl ConflictPage {
    /// A value as a text: an empty one in a word.
    fn shown<'a>(&self, value: &'a str) -> Cow<'a, str> {
        match value {
            "" => self.language.text("confirm.not-set"),
            value => value.into(),
        }
    }

    fn seen<'a>(&self, field: &'a ConflictingField) -> Cow<'a, str> {
        match &field.seen {
            Some(seen) => self.shown(seen),
            None => self.language.text("conflict.unknown"),
        }
    }

    fn theirs<'a>(&self, field: &'a ConflictingField) -> Cow<'a, str> {
        self.shown(&field.theirs)
    }

    fn mine<'a>(&self, field: &'a ConflictingField) -> Cow<'a, str> {
        self.shown(&field.mine)
    }
}
