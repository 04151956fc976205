//! What the form of Sync Settings sends, and what saving it would do. A choice is a word and the name of an OU or a group.

use std::collections::HashSet;

use super::access::Admin;
use super::fields::Fields;
use super::pages::preview_summary;
use super::permission::Confirm;
use super::readable::readable;
use super::settings_page::FieldView;
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Depth, SelectedUnit};
use crate::flow::admin::sync_settings::{
    ChosenAs, ContestedChoice, SyncDraft, SyncReview, TYPED, field, preview, review,
};
use crate::flow::installation::fault::Fault;
use crate::flow::settings::SettingDifference;
use crate::web::pages::Language;

/// The labels of the typed settings, in their order.
pub(super) const LABELS: [&str; 7] = [
    "sync-settings-filter",
    "sync-settings-frequency",
    "sync-settings-at",
    "sync-settings-zone",
    "sync-settings-guard-people",
    "sync-settings-guard-percent",
    "sync-settings-log-days",
];

/// What the page chooses without a field: each setting with the key of its label and its place on the page.
pub(super) const CHOSEN: [(&str, &str, &str); 5] = [
    ("scope.organizational_units", "sync-settings.units", "units"),
    ("scope.exclude_organizational_units", "sync-settings.excluded-units", "units"),
    ("scope.groups", "sync-settings.groups", "groups"),
    ("scope.exclude_groups", "sync-settings.excluded-groups", "groups"),
    ("team_shares", "sync-settings.shares", "shares"),
];

/// What the form says.
pub(super) fn draft_of(fields: &Fields) -> SyncDraft {
    let mut draft = SyncDraft::default();
    for value in fields.all("unit") {
        if let Some((word, dn)) = value.split_once(' ') {
            choose(&mut draft, word, dn);
        }
    }
    let dropped: HashSet<usize> = fields.all("share_drop").filter_map(|index| index.parse().ok()).collect();
    for (index, mapping) in fields.all("share_group").zip(fields.all("share_name")).enumerate() {
        if !dropped.contains(&index) {
            draft.team_shares.push((mapping.0.to_owned(), mapping.1.trim().to_owned()));
        }
    }
    // Each choice of a group has a field for the name of a Team Share beside it.
    let mut names = fields.all("group_share");
    for value in fields.all("group") {
        let name = names.next().unwrap_or_default().trim();
        match value.split_once(' ') {
            Some(("share", dn)) => draft.team_shares.push((dn.to_owned(), name.to_owned())),
            Some(("exclude", dn)) => choose(&mut draft, "exclude_group", dn),
            Some((word, dn)) => choose(&mut draft, word, dn),
            None => {}
        }
    }
    let typed = fields.text("dn").trim();
    if !typed.is_empty() {
        choose(&mut draft, fields.text("dn_as"), typed);
    }
    let id = DirectoryId(fields.text("directory").to_owned());
    let text = |key: &&'static str| fields.last(&place(&id, key)).unwrap_or_default().to_owned();
    draft.typed = TYPED.iter().map(text).collect();
    draft
}

/// Whom saving would let in, and what it changes; `None` if it cannot be saved as it is.
pub(super) async fn consequences(
    admin: &Admin<Confirm>,
    (directory, version): (&str, i64),
    draft: &SyncDraft,
) -> Result<Option<(Vec<String>, Vec<SettingDifference>)>, Fault> {
    let (language, panel) = (admin.request.context().language, &admin.request.web.panel);
    let SyncReview::Good(differences) = review(panel, (directory, version), draft).await? else {
        return Ok(None);
    };
    // Without what was read of the directory nothing can be counted.
    let counted = preview(panel, directory, draft).await.ok().flatten();
    let lines = counted.map(|preview| preview_summary(language, &preview).into_owned());
    Ok(Some((lines.into_iter().collect(), labelled(language, directory, differences))))
}

/// Changed settings with their labels in place of their keys.
pub(super) fn labelled(
    language: Language,
    directory: &str,
    differences: Vec<SettingDifference>,
) -> Vec<SettingDifference> {
    let own = format!("directories[{directory}].");
    let typed = TYPED.iter().zip(LABELS).map(|(key, label)| (*key, label));
    let labels: Vec<_> = CHOSEN.into_iter().map(|(key, label, _)| (key, label)).chain(typed).collect();
    let one = |difference: SettingDifference| {
        let difference = readable(language, difference);
        let key = difference.key.strip_prefix(&own).unwrap_or(&difference.key);
        let label = labels.iter().find(|(known, _)| *known == key);
        let key = label.map(|(_, label)| language.text(label).into_owned());
        SettingDifference { key: key.unwrap_or_else(|| difference.key.clone()), ..difference }
    };
    differences.into_iter().map(one).collect()
}

/// What both have changed, in words: what is stored now, and what the form says.
pub(super) fn contested(language: Language, choice: ContestedChoice) -> SettingDifference {
    let ContestedChoice { setting, name, theirs, mine } = choice;
    let labels = CHOSEN.into_iter().map(|(key, label, _)| (key, label)).chain(TYPED.into_iter().zip(LABELS));
    let label = labels.into_iter().find(|(known, _)| *known == setting);
    let label = label.map_or_else(|| setting.to_owned(), |(_, label)| language.text(label).into_owned());
    let key = if name.is_empty() { label } else { format!("{label}: {name}") };
    let [before, after] = [theirs, mine].map(|all| {
        let words: Vec<String> = all.into_iter().map(|one| chosen_as(language, setting, one)).collect();
        (!words.is_empty()).then(|| words.join(", "))
    });
    SettingDifference { key, before, after }
}

fn chosen_as(language: Language, setting: &str, choice: ChosenAs) -> String {
    let key = match choice {
        ChosenAs::Subtree => "sync-settings.subtree",
        ChosenAs::OneLevel => "sync-settings.one-level",
        ChosenAs::Included => "sync-settings.sync-members",
        ChosenAs::Excluded if setting == "scope.groups" => "sync-settings.exclude-members",
        ChosenAs::Excluded => "sync-settings.exclude",
        ChosenAs::Text(text) => return text,
    };
    language.text(key).into_owned()
}

/// The same fields for what is stored: [`draft_of`] reads them back.
pub(super) fn fields_of(directory: &str, draft: &SyncDraft, labels: [&str; 7]) -> Vec<FieldView> {
    let scope = &draft.scope;
    let units = scope.organizational_units.iter().map(|unit| match unit.depth {
        Depth::Subtree => format!("subtree {}", unit.dn),
        Depth::OneLevel => format!("one_level {}", unit.dn),
    });
    let units = units.chain(scope.exclude_organizational_units.iter().map(|dn| format!("exclude {dn}")));
    let groups = scope.groups.iter().map(|dn| format!("sync {dn}"));
    let groups = groups.chain(scope.exclude_groups.iter().map(|dn| format!("exclude {dn}")));
    let field = |name: &str, label: &str, value: String| {
        let label = Language::English.text(label).into_owned();
        FieldView { name: name.to_owned(), label, value }
    };
    let mut fields = vec![field("directory", "directories.id", directory.to_owned())];
    fields.extend(units.map(|unit| field("unit", "sync-settings.units", unit)));
    fields.extend(groups.map(|group| field("group", "sync-settings.groups", group)));
    for (group, share) in &draft.team_shares {
        fields.push(field("share_group", "sync-settings.shares", group.clone()));
        fields.push(field("share_name", "sync-settings.shares", share.clone()));
    }
    let id = DirectoryId(directory.to_owned());
    let typed = TYPED.iter().zip(labels).zip(&draft.typed);
    fields.extend(typed.map(|((key, label), text)| field(&place(&id, key), label, text.clone())));
    fields
}

fn place(id: &DirectoryId, key: &'static str) -> String {
    field(id, key).place().to_string()
}

fn choose(draft: &mut SyncDraft, word: &str, dn: &str) {
    let (scope, dn) = (&mut draft.scope, dn.to_owned());
    match word {
        "subtree" => scope.organizational_units.push(SelectedUnit { dn, depth: Depth::Subtree }),
        "one_level" => scope.organizational_units.push(SelectedUnit { dn, depth: Depth::OneLevel }),
        "exclude" => scope.exclude_organizational_units.push(dn),
        "sync" => scope.groups.push(dn),
        "exclude_group" => scope.exclude_groups.push(dn),
        "share" => draft.team_shares.push((dn, String::new())),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_says_what_is_chosen() {
        let form = "directory=corp&unit=subtree+OU%3Da%2CDC%3Dx&unit=&unit=one_level+OU%3Db&unit=exclude+OU%3Dc\
             &group=sync+CN%3D1&group_share=x&group=exclude+CN%3D2&group_share=&group=share+CN%3D3&group_share=+Ideas\
             &group=&group_share=y&group=share+CN%3D6\
             &share_group=CN%3D4&share_name=+Plans+&share_group=CN%3D5&share_name=Old&share_drop=1\
             &dn=OU%3Dd&dn_as=subtree&directories%5Bcorp%5D.sync.at=03%3A00&unit=junk&group=delete+CN%3D9";
        let draft = draft_of(&Fields::parse(form.as_bytes()).expect("fields"));
        let scope = &draft.scope;
        let units: Vec<_> =
            scope.organizational_units.iter().map(|unit| (unit.dn.as_str(), unit.depth)).collect();
        let expected = [("OU=a,DC=x", Depth::Subtree), ("OU=b", Depth::OneLevel), ("OU=d", Depth::Subtree)];
        assert_eq!(units, expected);
        assert_eq!(scope.exclude_organizational_units, ["OU=c"]);
        assert_eq!(
            (&scope.groups[..], &scope.exclude_groups[..]),
            (&["CN=1".to_owned()][..], &["CN=2".to_owned()][..])
        );
        let shares: Vec<_> =
            draft.team_shares.iter().map(|(group, share)| (group.as_str(), share.as_str())).collect();
        assert_eq!(shares, [("CN=4", "Plans"), ("CN=3", "Ideas"), ("CN=6", "")]);
        assert_eq!(draft.typed, ["", "", "03:00", "", "", "", ""]);

        let mut form = form_urlencoded::Serializer::new(String::new());
        for field in fields_of("corp", &draft, ["sync-settings"; 7]) {
            form.append_pair(&field.name, &field.value);
        }
        let again = draft_of(&Fields::parse(form.finish().as_bytes()).expect("fields"));
        assert_eq!(again, draft, "what a script reads can be sent back");
    }
}
