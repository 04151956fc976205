//! The form of one directory: read from what was sent, kept while it is edited, and turned into a change.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use zeroize::Zeroizing;

use super::CONFIGURE;
use crate::domain::admin::Capability;
use crate::domain::entry::DirectoryId;
use crate::domain::schema::Schema;
use crate::domain::secret::Plain;
use crate::domain::settings::{Directory, Server, Settings, Via};
use crate::flow::admin::directory::DirectoryChange;
use crate::flow::admin::settings::SettingsChange;
use crate::flow::settings::{Problem, SettingField, SettingPath, SettingTexts};
use crate::flow::support::setup;
use crate::web::admin::fields::{Fields, VERSION};
use crate::web::admin::form::{FormField, FormGroup, SettingsForm};
use crate::web::admin::pages::{DrawnField, ServerRow, VIA_AGENT};
use crate::web::admin::settings_page::FieldView;
use crate::web::pages::Language;

/// The fields that are settings of their own; servers and password are read here.
pub(in crate::web::admin) static FORM: SettingsForm = SettingsForm {
    path: CONFIGURE,
    needs: Capability::ConfigureDirectory,
    title: "directory-configure",
    groups,
    related: &[],
    finds_groups: None,
};

/// The field with the id of the directory.
pub(super) const DIRECTORY: &str = "directory";
/// The field with the id of a draft whose password counts if none is typed.
pub(super) const TYPED: &str = "typed";
const HOST: &str = "host";
const PORT: &str = "port";
const TLS_NAME: &str = "tls_name";
const VIA: &str = "via";
const PASSWORD: &str = "password";
const BASE: &str = "base";
/// A file with the CA.
const UPLOAD: &str = "ca_upload";
/// More rows than anybody has servers.
const MOST_ROWS: usize = 32;

/// What was typed for one directory.
#[derive(Clone)]
pub(in crate::web::admin) struct TypedDirectory {
    pub id: DirectoryId,
    /// The generation that the page has shown.
    pub version: i64,
    pub fields: Vec<(SettingField, String)>,
    pub rows: Vec<ServerRow>,
    pub password: Option<Plain>,
    /// Base DNs to pick from.
    pub bases: Vec<String>,
}

impl TypedDirectory {
    /// A directory as it is stored, or as a domain proposes it.
    pub(in crate::web::admin) fn of(directory: &Directory, version: i64) -> Self {
        let settings = alone(directory.clone());
        let texts = SettingTexts::new(&settings);
        let fields =
            FORM.fields(&settings, "").into_iter().map(|one| (one.field.clone(), texts.of(&one.field)));
        Self {
            id: directory.id.clone(),
            version,
            fields: fields.collect(),
            rows: directory.servers.iter().map(ServerRow::from).collect(),
            password: None,
            bases: Vec::new(),
        }
    }

    /// What a form or a draft says. A field that was not sent stays as it is stored.
    pub(super) fn read(settings: &Settings, sent: &Fields) -> Self {
        let id = DirectoryId(sent.text(DIRECTORY).trim().to_owned());
        let SettingsChange { expected, fields, .. } = FORM.read(&only(settings, &id), sent);
        let password = Some(sent.text(PASSWORD)).filter(|typed| !typed.is_empty()).map(Plain::new);
        let bases = sent.all(BASE).map(str::to_owned).collect();
        let mut typed = Self { rows: rows(&id, sent), id, version: expected, fields, password, bases };
        let uploaded = STANDARD.decode(sent.text(UPLOAD)).unwrap_or_default();
        if !uploaded.is_empty() {
            typed.set("ca_pem", &setup::ca_pem(&uploaded));
        }
        typed
    }

    /// The same as [`Self::read`] reads it: for a draft, so with the password.
    pub(super) fn encoded(&self) -> Zeroizing<Vec<u8>> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.append_pair(DIRECTORY, &self.id.0).append_pair(VERSION, &self.version.to_string());
        for (field, text) in &self.fields {
            form.append_pair(&field.place().to_string(), text);
        }
        for row in &self.rows {
            form.append_pair(HOST, &row.host).append_pair(PORT, &row.port);
            form.append_pair(TLS_NAME, &row.tls_name).append_pair(VIA, &row.via);
        }
        for base in &self.bases {
            form.append_pair(BASE, base);
        }
        if let Some(password) = &self.password {
            form.append_pair(PASSWORD, password.expose());
        }
        Zeroizing::new(form.finish().into_bytes())
    }

    /// The fields as a script reads them and sends them back. The password is never among them: without one, the
    /// stored one stays.
    pub(super) fn shown(&self, settings: &Settings) -> Vec<FieldView> {
        let text = |key: &str| Language::English.text(key).into_owned();
        let field = |name: &str, label: &str, value: &str| FieldView {
            name: name.to_owned(),
            label: text(label),
            value: value.to_owned(),
        };
        let drawn = FORM.draw((Language::English, ""), &only(settings, &self.id), &self.fields, &[]);
        let drawn = drawn.groups.into_iter().flat_map(|group| group.fields);
        let mut fields = vec![field(DIRECTORY, "directories.id", &self.id.0)];
        fields.extend(drawn.map(|DrawnField { name, label, value, .. }| FieldView { name, label, value }));
        for row in &self.rows {
            fields.push(field(HOST, "directory-server.host", &row.host));
            fields.push(field(PORT, "directory-server.port", &row.port));
            fields.push(field(TLS_NAME, "directory-server.name", &row.tls_name));
            fields.push(field(VIA, "directory-server.via", &row.via));
        }
        fields
    }

    /// Sets a key of the directory.
    pub(super) fn set(&mut self, key: &'static str, text: &str) {
        let wanted = SettingField::of_entry("directories", &self.id.0, key);
        match self.fields.iter_mut().find(|(field, _)| *field == wanted) {
            Some((_, typed)) => text.clone_into(typed),
            None => self.fields.push((wanted, text.to_owned())),
        }
    }

    /// The change, without the rows that are empty; or what is wrong with the servers.
    pub(super) fn change(&self) -> Result<DirectoryChange, Vec<Problem>> {
        let (mut servers, mut problems) = (Vec::new(), Vec::new());
        for (index, row) in self.rows.iter().filter(|row| !row.is_blank()).enumerate() {
            match row.port.as_str() {
                "" => servers.push(server(row, None)),
                port => match port.parse() {
                    Ok(port) => servers.push(server(row, Some(port))),
                    Err(_) => problems.push(wrong_port(&self.id, index, port)),
                },
            }
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        let fields = self.fields.clone();
        let settings = SettingsChange { expected: self.version, fields, secrets: Vec::new() };
        Ok(DirectoryChange { id: self.id.clone(), settings, servers, password: self.password.clone() })
    }

    /// Removes the rows that are empty. Returns where this row is then.
    pub(super) fn tidy(&mut self, row: usize) -> usize {
        let before = self.rows.iter().take(row).filter(|row| row.is_blank()).count();
        self.rows.retain(|row| !row.is_blank());
        row.saturating_sub(before)
    }

    /// Adds, moves or removes a row.
    pub(super) fn edit_rows(&mut self, edit: &str, row: usize) {
        match edit {
            "add" if self.rows.len() < MOST_ROWS => self.rows.push(ServerRow::default()),
            "remove" if row < self.rows.len() => drop(self.rows.remove(row)),
            "up" if row > 0 && row < self.rows.len() => self.rows.swap(row, row - 1),
            "down" if row + 1 < self.rows.len() => self.rows.swap(row, row + 1),
            _ => {}
        }
    }
}

fn server(row: &ServerRow, port: Option<u16>) -> Server {
    let tls_name = Some(row.tls_name.clone()).filter(|name| !name.is_empty());
    let via = (row.via == VIA_AGENT).then_some(Via::Agent);
    Server { host: row.host.clone(), port, tls_name, via }
}

fn wrong_port(id: &DirectoryId, index: usize, typed: &str) -> Problem {
    let place = SettingPath::named("directories", &id.0).key("servers").item(index).key("port");
    let typed: String = typed.chars().take(20).collect();
    Problem { line: 0, place, message: format!("{typed:?} is not a port; use 636, 389 or leave it empty") }
}

/// The rows; or the list as the page that compares two versions sends it.
fn rows(id: &DirectoryId, sent: &Fields) -> Vec<ServerRow> {
    let compared = DirectoryChange::servers_field(id).place().to_string();
    if let Some(lines) = sent.last(&compared) {
        let servers = lines.lines().filter_map(|line| setup::server(line).ok());
        return servers.map(|server| ServerRow::from(&server)).collect();
    }
    let text = |text: Option<&str>| text.unwrap_or_default().trim().to_owned();
    let (mut ports, mut names, mut ways) = (sent.all(PORT), sent.all(TLS_NAME), sent.all(VIA));
    let row = |host: &str| ServerRow {
        host: text(Some(host)),
        port: text(ports.next()),
        tls_name: text(names.next()),
        via: text(ways.next()),
    };
    sent.all(HOST).take(MOST_ROWS).map(row).collect()
}

/// The word of a schema in the settings.
pub(super) const fn word(schema: Schema) -> &'static str {
    match schema {
        Schema::ActiveDirectory => "ActiveDirectory",
        Schema::Rfc2307bis => "Rfc2307bis",
    }
}

/// The settings with only this directory, as stored or new.
pub(in crate::web::admin) fn only(settings: &Settings, id: &DirectoryId) -> Settings {
    let new = || Directory { id: id.clone(), ..Directory::default() };
    alone(settings.directory(id).cloned().unwrap_or_else(new))
}

fn alone(directory: Directory) -> Settings {
    Settings { directories: vec![directory], ..Settings::default() }
}

const SCHEMAS: [(&str, &str); 2] =
    [("ActiveDirectory", "directory-schema.active-directory"), ("Rfc2307bis", "directory-schema.others")];

/// The first group is drawn with the servers, the last behind "Advanced".
fn groups(settings: &Settings, language: Language, _: &str) -> Vec<FormGroup> {
    let Some(directory) = settings.directories.first() else { return Vec::new() };
    let field = |key, label| FormField::of_directory(&directory.id.0, key, label);
    let group = |heading, fields| FormGroup { heading: language.text(heading).into_owned(), fields };
    vec![
        group("directory-servers", vec![field("encryption", "directory-encryption")]),
        group("directory-account-group", vec![field("service_account", "directory-account")]),
        group(
            "directory-what",
            vec![
                field("base_dn", "directory-base"),
                field("name", "directory-name"),
                field("schema", "directory-schema").choices(&SCHEMAS),
                field("netbios_name", "directory-netbios"),
            ],
        ),
        group("directory-ca-group", vec![field("ca_pem", "directory-ca")]),
        group(
            "directory-email-group",
            vec![
                field("email_attribute", "directory-email"),
                field("email_written_by_admins_only", "directory-email-admins"),
                field("email_domains", "directory-email-domains"),
            ],
        ),
        group(
            "directory-advanced",
            vec![
                field("connect_timeout_ms", "directory-connect"),
                field("operation_timeout_ms", "directory-operation"),
                field("search_connections", "directory-search"),
                field("bind_connections", "directory-bind"),
                field("assumed_lockout_threshold", "directory-lockout"),
                field("password_policy", "directory-policy"),
            ],
        ),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stored() -> Settings {
        let server = |host: &str, port| Server { host: host.into(), port, tls_name: None, via: None };
        let directory = Directory {
            id: DirectoryId("corp".into()),
            name: "Corp".into(),
            base_dn: "DC=corp".into(),
            servers: vec![server("dc1.corp", None), server("dc2.corp", Some(3269))],
            ca_pem: Some("PEM\nof two lines\n".into()),
            ..Directory::default()
        };
        alone(directory)
    }

    fn typed() -> TypedDirectory {
        TypedDirectory::of(&stored().directories[0], 7)
    }

    #[test]
    fn what_is_kept_is_read_back_with_its_password() {
        let before = TypedDirectory {
            password: Some(Plain::new("p&=%\u{e9}")),
            bases: vec!["DC=a".into(), "DC=b,DC=c".into()],
            ..typed()
        };
        let fields = Fields::parse(&before.encoded()).expect("fields");
        let after = TypedDirectory::read(&stored(), &fields);
        assert_eq!((&after.id, after.version, &after.fields), (&before.id, 7, &before.fields));
        assert_eq!((&after.rows, &after.bases), (&before.rows, &before.bases));
        assert_eq!(after.password.as_ref().map(Plain::expose), Some("p&=%\u{e9}"));
    }

    #[test]
    fn an_uploaded_ca_takes_the_place_of_the_one_in_the_field() {
        let form = |file: &[u8]| {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("directory", "corp").append_pair("directories[corp].ca_pem", "typed");
            form.append_pair("ca_upload", &STANDARD.encode(file));
            let typed =
                TypedDirectory::read(&stored(), &Fields::parse(form.finish().as_bytes()).expect("fields"));
            typed.change().expect("a change").connection(&stored()).ca_pem.expect("a CA")
        };
        assert_eq!(form(b""), "typed");
        assert!(form(b"\x30\x82").starts_with("-----BEGIN CERTIFICATE-----"));
    }

    #[test]
    fn rows_are_added_moved_and_removed_within_the_list() {
        let hosts = |edits: &[(&str, usize)]| {
            let mut typed = typed();
            edits.iter().for_each(|(edit, row)| typed.edit_rows(edit, *row));
            typed.rows.iter().map(|row| row.host.clone()).collect::<Vec<_>>().join(" ")
        };
        for (edits, expected) in [
            (&[("add", 0)][..], "dc1.corp dc2.corp "),
            (&[("up", 1)], "dc2.corp dc1.corp"),
            (&[("down", 0)], "dc2.corp dc1.corp"),
            (&[("remove", 0)], "dc2.corp"),
            (&[("up", 0), ("down", 1), ("remove", 2), ("up", 9), ("x", 0)], "dc1.corp dc2.corp"),
        ] {
            assert_eq!(hosts(edits), expected, "{edits:?}");
        }
        let mut many = typed();
        (0..99).for_each(|_| many.edit_rows("add", 0));
        assert_eq!(many.rows.len(), MOST_ROWS);
        assert_eq!(many.tidy(5), 2);
        assert_eq!(many.rows, typed().rows);
    }

    #[test]
    fn a_wrong_port_is_a_problem_of_its_row() {
        let mut typed = typed();
        typed.rows.insert(0, ServerRow::default());
        typed.rows[2].port = "ldaps".into();
        let problems = typed.change().err().expect("a problem");
        assert_eq!(problems[0].place.to_string(), "directories[corp].servers[1].port");
        typed.rows[2].port = "636".into();
        assert!(typed.change().is_ok_and(|change| change.servers.len() == 2));
    }
}
