//! Samples of the pages of settings.

use super::frame;
use crate::domain::admin::{MergedField, Role};
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Directory, Settings};
use crate::flow::admin::clients::NewClient;
use crate::flow::admin::settings::{ComparedField, Consequence};
use crate::flow::admin::sync_settings::FoundGroup;
use crate::flow::settings::{Problem, SettingDifference, SettingField, SettingPath};
use crate::flow::sync::units::GroupView;
use crate::web::admin::Fields;
use crate::web::admin::form::SettingsForm;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    ConfirmPage, ConflictPage, FormNotice, GroupFinder, PreviewForm, PreviewProblems, SettingsPage,
};
use crate::web::admin::settings_page::offered;
use crate::web::admin::{applications, branding, roles, sso, two_step};
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};
use crate::web::pages::{HtmlPage, Language};

const OWNERS: &str = "CN=CloudSync Owners,OU=Groups,DC=corp,DC=example,DC=com";

/// All samples of forms of settings.
pub(super) fn all() -> Vec<Sample> {
    let plain = settings("Example Corp", OWNERS);
    let auditor = AdminFrame { role: Role::Auditor, ..frame() };
    let mut samples = vec![
        form("panel-administrators", &roles::FORM, plain.clone(), Some(FormNotice::Saved)),
        form(
            "panel-administrators-empty",
            &roles::FORM,
            Settings::default(),
            Some(FormNotice::NothingToSave),
        ),
        page(
            "panel-administrators-auditor",
            auditor,
            &roles::FORM,
            plain.clone(),
            (Some(FormNotice::ReadOnly), vec![]),
        ),
        form("panel-single-sign-on", &sso::FORM, plain.clone(), None),
        page(
            "panel-single-sign-on-wrong",
            frame(),
            &sso::FORM,
            plain,
            (Some(FormNotice::Wrong), problems("0")),
        ),
        form("panel-two-step", &two_step::FORM, settings("Example Corp", OWNERS), None),
        form("panel-branding", &branding::FORM, settings("Example Corp", OWNERS), None),
        Sample::new("panel-preview-problems", "admin/preview-problems.html", |language| {
            PreviewProblems { language, lines: vec![MARKUP.into(), "branding.logo: is neither".into()] }
                .html()
        }),
        new_application(),
        confirmed_action(),
        confirm("panel-confirm", "480", false),
        confirm("panel-confirm-open", "480", true),
        conflict("panel-conflict", "the desk"),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let hostile = settings(text, text);
        let wrong = (Some(FormNotice::Wrong), problems(text));
        let named = AdminFrame { name: text.into(), ..frame() };
        samples.extend([
            page(&format!("hostile-{label}-panel-administrators"), named, &roles::FORM, hostile, wrong),
            confirm(&format!("hostile-{label}-panel-confirm"), text, false),
            conflict(&format!("hostile-{label}-panel-conflict"), text),
        ]);
    }
    samples
}

fn settings(name: &str, group: &str) -> Settings {
    let directory = Directory {
        id: DirectoryId("corp".into()),
        name: name.into(),
        admin_groups: vec![group.into(), OWNERS.into()],
        ..Directory::default()
    };
    Settings { directories: vec![directory], ..Settings::default() }
}

/// One of a field of each form, one of another page.
fn problems(typed: &str) -> Vec<Problem> {
    let problem = |place, message: &str| Problem { line: 0, place, message: message.into() };
    vec![
        problem(
            SettingPath::section("session").key("idle_minutes"),
            &format!("{typed} is not allowed; use 1 to 10080"),
        ),
        problem(SettingPath::section("sso").key("enabled"), "must be true or false, not a text"),
        problem(
            SettingPath::named("directories", "corp").key("admin_groups").item(0),
            &format!("\"{typed}\" is not within base_dn"),
        ),
        problem(SettingPath::named("clients", typed), "`redirect_uris` is missing"),
    ]
}

fn form(name: &str, form: &'static SettingsForm, settings: Settings, notice: Option<FormNotice>) -> Sample {
    page(name, frame(), form, settings, (notice, vec![]))
}

fn page(
    name: &str,
    frame: AdminFrame,
    form: &'static SettingsForm,
    settings: Settings,
    (notice, problems): (Option<FormNotice>, Vec<Problem>),
) -> Sample {
    Sample::new(name, "admin/settings.html", move |language| {
        let drawn = form.draw((language, ""), &settings, &[], &problems);
        SettingsPage {
            language,
            frame: AdminFrame { language, path: form.path.into(), ..frame.clone() },
            title: language.text(form.title).into_owned(),
            lead: language.text(&format!("{}.what", form.title)).into_owned(),
            action: form.path.into(),
            csrf: "token".into(),
            version: 7,
            entry: String::new(),
            preview: (form.path == branding::FORM.path)
                .then(|| PreviewForm { action: branding::FORM.path, csrf: "other".into() }),
            test: None,
            finder: form
                .finds_groups
                .filter(|_| notice != Some(FormNotice::ReadOnly))
                .map(|action| finder(language, (form, &settings), action)),
            related: form.related(language),
            notice,
            problems: drawn.problems,
            groups: drawn.groups,
        }
        .html()
    })
}

/// The search for groups, with one found whose name is that of the directory.
fn finder(
    language: Language,
    (form, settings): (&SettingsForm, &Settings),
    action: &'static str,
) -> GroupFinder {
    let directory = settings.directories.first();
    let name = directory.map_or("sales", Directory::shown_name).to_owned();
    let found = FoundGroup {
        directory: directory.map_or_else(|| DirectoryId("corp".into()), |one| one.id.clone()),
        directory_name: name.clone(),
        group: GroupView { dn: format!("CN={name},OU=Groups,DC=corp,DC=example,DC=com"), name },
    };
    let found = offered(form, language, settings, vec![found], &Fields::default());
    GroupFinder { action, csrf: "find".into(), search: "sal".into(), found: Some(found) }
}

fn confirm(name: &str, before: &str, is_open: bool) -> Sample {
    let before = before.to_owned();
    Sample::new(name, "admin/confirm.html", move |language| {
        let difference = |key: &str, before: &str, after: Option<&str>| SettingDifference {
            key: key.into(),
            before: Some(before.into()),
            after: after.map(str::to_owned),
        };
        let differences = vec![
            difference("session.idle_minutes", &before, Some("60")),
            difference("sso.help_contact", &before, None),
            difference(&before, &before, Some(&before)),
        ];
        let count = differences.len() + 2;
        ConfirmPage {
            language,
            frame: AdminFrame { language, ..frame() },
            title: language.text(sso::FORM.title).into_owned(),
            action: sso::FORM.path.into(),
            csrf: "token".into(),
            draft: "a".repeat(43),
            back: sso::FORM.path.into(),
            changes: match is_open {
                true => Vec::new(),
                false => sso::FORM.changes((language, ""), &Settings::default(), differences),
            },
            count: if is_open { 0 } else { count },
            consequences: match is_open {
                true => Vec::new(),
                false => vec![
                    Consequence::NobodySignsIn,
                    Consequence::NoOwners,
                    Consequence::FewerOwners,
                    Consequence::SecondFactorAsked { before: 12, after: 120, without: 35 },
                    Consequence::WeakerFactor,
                ],
            },
            is_open,
            lines: Vec::new(),
            button: None,
        }
        .html()
    })
}

fn conflict(name: &str, text: &str) -> Sample {
    let text = text.to_owned();
    Sample::new(name, "admin/conflict.html", move |language| {
        let field = |key, seen: Option<&str>, theirs: &str, mine: &str, merged| ComparedField {
            field: SettingField::new("sso", key),
            seen: seen.map(str::to_owned),
            theirs: theirs.into(),
            mine: mine.into(),
            merged,
        };
        let compared = vec![
            field("help_contact", Some(""), &text, "extension 100", MergedField::Both),
            field("forgot_password_url", None, "https://a.example", &text, MergedField::Both),
            field("enabled", Some("yes"), "yes", "", MergedField::Mine),
            field("enabled", Some(&text), &text, "", MergedField::Theirs),
        ];
        ConflictPage {
            language,
            frame: AdminFrame { language, ..frame() },
            title: language.text(sso::FORM.title).into_owned(),
            action: sso::FORM.path.into(),
            csrf: "token".into(),
            version: 8,
            entry: "cloudsync".into(),
            back: sso::FORM.path.into(),
            saved: Some(format!("{text}, {text}")),
            fields: sso::FORM.conflicting((language, ""), &Settings::default(), compared),
            secret_again: true,
        }
        .html()
    })
}

fn new_application() -> Sample {
    Sample::new("panel-application-new", "admin/settings.html", |language| {
        let new = NewClient { expected: 7, id: "wiki".into(), is_public: true, fields: Vec::new() };
        let problem = Problem {
            line: 0,
            place: SettingPath::named("clients", "wiki").key("redirect_uris"),
            message: "is missing".into(),
        };
        let drawn = applications::drawn_new(language, &new, &[problem]);
        SettingsPage {
            language,
            frame: AdminFrame { language, ..frame() },
            title: language.text("application-new").into_owned(),
            lead: language.text("application-new.what").into_owned(),
            action: applications::FORM.path.into(),
            csrf: "token".into(),
            version: 7,
            entry: String::new(),
            preview: None,
            test: None,
            finder: None,
            related: Vec::new(),
            notice: Some(FormNotice::Stale),
            problems: drawn.problems,
            groups: drawn.groups,
        }
        .html()
    })
}

fn confirmed_action() -> Sample {
    Sample::new("panel-confirm-action", "admin/confirm.html", |language| {
        let parts = [("id", "CloudSync".into()), ("count", 1_240.into()), ("hours", 24.into())];
        ConfirmPage {
            language,
            frame: AdminFrame { language, ..frame() },
            title: language.text("application-remove").into_owned(),
            action: sso::FORM.path.into(),
            csrf: "token".into(),
            draft: "a".repeat(43),
            back: sso::FORM.path.into(),
            lines: vec![language.with_all("application-remove.what", parts).into_owned()],
            changes: Vec::new(),
            count: 0,
            consequences: Vec::new(),
            is_open: false,
            button: Some(language.text("application-remove").into_owned()),
        }
        .html()
    })
}
