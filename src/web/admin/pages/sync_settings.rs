//! Sync Settings: what of a directory is synced, and how often.

use std::borrow::Cow;

use askama::Template;

use super::changes::ChangeTable;
use super::settings::{DrawnField, DrawnProblem, FormNotice};
use super::sync_words::{counts, kind_title};
use crate::flow::admin::sync_settings::{GroupChoice, GroupOption, SyncSettingsView, UnitChoice, UnitView};
use crate::flow::settings::{Problem, SettingDifference};
use crate::flow::sync::history::counted;
use crate::flow::sync::preview::{PreviewKind, PreviewView};
use crate::web::admin::address::{SYNC_DRAFT, SYNC_SETTINGS, with_query};
use crate::web::admin::frame::AdminFrame;
use crate::web::pages::Language;

/// How many people of a kind a preview names.
const MOST_NAMED: usize = 50;

/// How deep the tree is indented at most.
const DEEPEST: usize = 8;

/// The tokens of the page's forms.
#[derive(Clone, Debug, Default)]
pub(in crate::web::admin) struct SyncTokens {
    pub save: String,
    pub draft: String,
}

/// Somebody else has saved since the page was shown.
#[derive(Clone, Debug)]
pub(in crate::web::admin) struct StaleNotice {
    pub title: String,
    /// What both have changed: stored now, and in the form.
    pub contested: Vec<SettingDifference>,
    /// What saving would change now.
    pub differences: Vec<SettingDifference>,
}

impl StaleNotice {
    /// Both lists with the sentence before each; an empty one is left out.
    fn tables(&self, language: &Language) -> Vec<(Cow<'static, str>, &[SettingDifference])> {
        let lists =
            [("sync-settings.contested", &self.contested), ("sync-settings.stale", &self.differences)];
        let full = lists.into_iter().filter(|(_, list)| !list.is_empty());
        full.map(|(key, list)| (language.text(key), list.as_slice())).collect()
    }
}

/// Sync Settings of one directory.
#[derive(Clone, Debug, Template)]
#[template(path = "admin/sync-settings.html")]
pub(in crate::web::admin) struct SyncSettingsPage {
    pub language: Language,
    pub frame: AdminFrame,
    pub view: SyncSettingsView,
    /// The containers that are open.
    pub open: Vec<String>,
    /// What groups were searched for.
    pub search: String,
    /// True if they were.
    pub has_searched: bool,
    pub can_edit: bool,
    pub tokens: SyncTokens,
    pub notice: Option<FormNotice>,
    pub problems: Vec<DrawnProblem>,
    /// What is wrong with the settings.
    pub wrong: Vec<Problem>,
    /// The typed settings, in their order.
    pub fields: Vec<DrawnField>,
    pub preview: Option<PreviewView>,
    /// Why there is none, in English.
    pub preview_error: Option<String>,
    pub stale: Option<StaleNotice>,
}

/// An option of a choice.
struct ShownOption {
    value: String,
    text: Cow<'static, str>,
    is_chosen: bool,
}

impl SyncSettingsPage {
    fn to_directory(&self, id: &str) -> String {
        with_query(SYNC_SETTINGS, &[("directory", id)])
    }

    fn notice_kind(&self) -> &'static str {
        self.notice.map_or("good", FormNotice::kind)
    }

    fn notice_title(&self) -> Cow<'static, str> {
        self.notice.map_or("".into(), |notice| self.language.text(notice.key()))
    }

    fn notice_text(&self) -> Cow<'static, str> {
        self.notice.map_or("".into(), |notice| self.language.text(&format!("{}.what", notice.key())))
    }

    /// Reading is what to do first, as long as nothing can be run.
    fn read_weight(&self) -> &'static str {
        if self.view.can_run { "second" } else { "main" }
    }

    fn run_weight(&self) -> &'static str {
        if self.view.imported { "second" } else { "main" }
    }

    fn run_title(&self) -> Cow<'static, str> {
        self.language.text(if self.view.imported {
            "sync-settings.plan"
        } else {
            "sync-settings.run-initial"
        })
    }

    /// True where the next step is to run what was saved.
    fn runs_next(&self) -> bool {
        let is_saved = matches!(self.notice, Some(FormNotice::Saved | FormNotice::NothingToSave));
        is_saved && self.can_edit && self.view.can_run
    }

    /// The Team Shares to which a group is mapped.
    fn mapped(&self, group: &GroupOption) -> Vec<Cow<'static, str>> {
        let of_group = |(mapped, _): &&(String, String)| mapped.eq_ignore_ascii_case(&group.dn);
        let shares = self.view.draft.team_shares.iter().filter(of_group);
        let text = |(_, share): &(String, String)| match share.as_str() {
            "" => self.language.text("sync-settings.mapped-unnamed"),
            share => self.language.with("sync-settings.mapped", "share", share),
        };
        shares.map(text).collect()
    }

    /// What is wrong with a setting of the directory, or with the Team Shares.
    fn errors(&self, setting: &str) -> Vec<&str> {
        let place = match setting {
            "team_shares" => setting.to_owned(),
            key => format!("directories[{}].{key}", self.view.directory),
        };
        let of_place = self.wrong.iter().filter(|problem| problem.is_at(&place));
        of_place.map(|problem| problem.message.as_str()).collect()
    }

    fn field(&self, index: usize) -> &DrawnField {
        &self.fields[index]
    }

    /// The address of the action that shows the form again.
    fn draft(&self, what: &str, unit: &str) -> String {
        with_query(SYNC_DRAFT, &[("do", what), ("unit", unit)])
    }

    fn level(&self, row: &UnitView) -> usize {
        row.level.min(DEEPEST)
    }

    /// The base DN is always open.
    fn can_toggle(&self, row: &UnitView) -> bool {
        row.children > 0 && row.level > 0
    }

    fn toggle(&self, row: &UnitView) -> String {
        self.draft(if row.is_open { "close" } else { "open" }, &row.dn)
    }

    fn toggle_link(&self, row: &UnitView) -> String {
        let mut fields = vec![("directory", self.view.directory.as_str())];
        fields.extend(self.open.iter().filter(|dn| **dn != row.dn).map(|dn| ("open", dn.as_str())));
        if !row.is_open {
            fields.push(("open", &row.dn));
        }
        with_query(SYNC_SETTINGS, &fields)
    }

    fn toggle_label(&self, row: &UnitView) -> Cow<'static, str> {
        let key = if row.is_open { "sync-settings.close" } else { "sync-settings.open" };
        self.language.with(key, "name", row.name.as_str())
    }

    fn people(&self, row: &UnitView) -> Cow<'static, str> {
        let Some(people) = row.people else {
            let is_unknown = self.view.read_at.is_some();
            return if is_unknown { self.language.text("sync-settings.unknown") } else { "".into() };
        };
        match people.disabled {
            0 => self.language.with("sync-settings-people", "count", people.all),
            disabled => {
                let parts = [("count", people.all.into()), ("disabled", disabled.into())];
                self.language.with_all("sync-settings-people.disabled", parts)
            }
        }
    }

    fn unit_options(&self, row: &UnitView) -> Vec<ShownOption> {
        [
            (UnitChoice::Nothing, "", "sync-settings.nothing"),
            (UnitChoice::Subtree, "subtree", "sync-settings.subtree"),
            (UnitChoice::OneLevel, "one_level", "sync-settings.one-level"),
            (UnitChoice::Excluded, "exclude", "sync-settings.exclude"),
        ]
        .map(|(choice, word, key)| self.option(word, &row.dn, key, row.choice == choice))
        .into()
    }

    fn group_options(&self, group: &GroupOption) -> Vec<ShownOption> {
        let is = |choice| group.choice == choice;
        vec![
            self.option("", "", "sync-settings.nothing", is(GroupChoice::Nothing)),
            self.option("sync", &group.dn, "sync-settings.sync-members", is(GroupChoice::Synced)),
            self.option("exclude", &group.dn, "sync-settings.exclude-members", is(GroupChoice::Excluded)),
            self.option("share", &group.dn, "sync-settings.map", false),
        ]
    }

    /// What a typed name can be.
    fn dn_options(&self) -> Vec<ShownOption> {
        [
            ("subtree", "sync-settings.as-subtree"),
            ("one_level", "sync-settings.as-one-level"),
            ("exclude", "sync-settings.as-excluded"),
            ("sync", "sync-settings.as-group"),
            ("exclude_group", "sync-settings.as-excluded-group"),
            ("share", "sync-settings.map"),
        ]
        .map(|(word, key)| self.option(word, "", key, false))
        .into()
    }

    fn option(&self, word: &str, dn: &str, key: &'static str, is_chosen: bool) -> ShownOption {
        let value = match (word, dn) {
            ("", _) => String::new(),
            (word, "") => word.to_owned(),
            (word, dn) => format!("{word} {dn}"),
        };
        ShownOption { value, text: self.language.text(key), is_chosen }
    }

    fn often_options(&self) -> Vec<ShownOption> {
        let stored = &self.fields[1].value;
        [
            ("realtime", "sync-settings.realtime"),
            ("hourly", "sync-settings.hourly"),
            ("daily", "sync-settings.daily"),
        ]
        .map(|(word, key)| self.option(word, "", key, stored == word))
        .into()
    }

    fn found(&self) -> Option<Cow<'static, str>> {
        let found = self.view.groups.iter().filter(|group| group.choice == GroupChoice::Nothing).count();
        self.has_searched.then(|| self.language.with("sync-settings-found", "count", found))
    }

    /// The action that shows the next groups.
    fn more_groups(&self) -> Option<String> {
        let last = self.view.more_groups.as_ref()?;
        let fields = [("do", "search"), ("after_name", last.name.as_str()), ("after_dn", last.dn.as_str())];
        Some(with_query(SYNC_DRAFT, &fields))
    }

    /// "Lets 214 people in, suspends 3".
    fn summary(&self, preview: &PreviewView) -> Cow<'static, str> {
        preview_summary(self.language, preview)
    }

    fn counts(&self, preview: &PreviewView) -> Vec<Cow<'static, str>> {
        counts(self.language, &counted(&preview.counts))
    }

    fn kind(&self, kind: &PreviewKind) -> Cow<'static, str> {
        kind_title(self.language, kind.kind, kind.total)
    }

    fn table<'a>(&'a self, kind: &'a PreviewKind) -> ChangeTable<'a> {
        ChangeTable::planned(&self.frame, &kind.rows[..kind.rows.len().min(MOST_NAMED)])
    }

    /// How many of a kind come before those that are listed.
    fn skipped(&self, kind: &PreviewKind) -> u64 {
        let from = self.preview.as_ref().and_then(|preview| preview.from);
        from.filter(|from| from.kind == kind.kind).map_or(0, |from| from.skip)
    }

    /// True for a list that a page was asked for: it stays open.
    fn is_open(&self, kind: &PreviewKind) -> bool {
        let from = self.preview.as_ref().and_then(|preview| preview.from);
        from.is_some_and(|from| from.kind == kind.kind)
    }

    /// Which of a kind are listed.
    fn range(&self, kind: &PreviewKind) -> Cow<'static, str> {
        let (skipped, listed) = (self.skipped(kind), kind.rows.len().min(MOST_NAMED) as u64);
        let numbers = [
            ("first", (skipped + listed.min(1)).into()),
            ("last", (skipped + listed).into()),
            ("all", kind.total.into()),
        ];
        self.language.with_all("sync-preview.range", numbers)
    }

    /// The addresses of the page before and of the next one, each with the key of its text.
    fn pages(&self, kind: &PreviewKind) -> Vec<(String, &'static str)> {
        let (skipped, page) = (self.skipped(kind), MOST_NAMED as u64);
        let address = |skip: u64| {
            let (kind, skip) = (kind.kind.as_str(), skip.to_string());
            with_query(SYNC_DRAFT, &[("do", "preview"), ("kind", kind), ("skip", &skip)])
        };
        let before = (skipped > 0).then(|| (address(skipped.saturating_sub(page)), "sync-preview.before"));
        let next = (skipped + page < kind.total).then(|| (address(skipped + page), "sync-preview.next"));
        before.into_iter().chain(next).collect()
    }
}

/// How many a change lets in, and how many it suspends.
pub(in crate::web::admin) fn preview_summary(language: Language, preview: &PreviewView) -> Cow<'static, str> {
    let counts = &preview.counts;
    let gets_in = counts.created + counts.linked + counts.reactivated;
    language.with_all("sync-preview.summary", [("in", gets_in.into()), ("out", counts.suspended.into())])
}
