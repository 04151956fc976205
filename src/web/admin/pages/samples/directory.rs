//! Samples of the pages of directories.

use super::frame;
use crate::domain::admin::Role;
use crate::domain::doctor::{Finding, Severity, Stage, StagedFinding};
use crate::domain::entry::DirectoryId;
use crate::domain::settings::{Directory, Encryption, SecretText, Server, Settings};
use crate::flow::admin::connection::{ConnectionReport, TestEnd};
use crate::flow::admin::directory::NamedDirectory;
use crate::flow::admin::look::ServerChain;
use crate::flow::settings::{Problem, SettingPath};
use crate::flow::support::setup::{Anchor, NextStep, SentCertificate};
use crate::web::admin::address::{CONFIGURE, CONNECTION_TROUBLE, DIRECTORIES, NEW_DIRECTORY};
use crate::web::admin::directory::configure::filled;
use crate::web::admin::directory::form::TypedDirectory;
use crate::web::admin::frame::AdminFrame;
use crate::web::admin::pages::{
    ConfigureNotice, ConfigurePage, ConnectionTestPage, ConnectionTestPart, ConnectionTroublePage,
    DirectoriesPage, DirectoryRow, FormNotice, NewDirectoryPage,
};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

/// All samples of the pages of directories.
pub(super) fn all() -> Vec<Sample> {
    let plain = settings("Example Corp");
    let corp = DirectoryId("corp".into());
    let mut samples = vec![
        list("panel-directories", &plain, Some(FormNotice::Saved)),
        list("panel-directories-unchanged", &plain, Some(FormNotice::NothingToSave)),
        trouble("panel-connection-trouble", &plain, Some("token")),
        trouble("panel-connection-trouble-help-desk", &Settings::default(), None),
        list("panel-directories-empty", &Settings::default(), None),
        new("panel-directory-new", ""),
        new("panel-directory-new-wrong", "not a domain"),
        form("panel-configure", &plain, &corp, |page| page),
        form("panel-configure-auditor", &plain, &corp, |page| ConfigurePage {
            can_save: false,
            notice: Some(ConfigureNotice::ReadOnly),
            frame: AdminFrame { role: Role::Auditor, ..page.frame },
            ..page
        }),
        form("panel-configure-new", &Settings::default(), &DirectoryId("fresh".into()), |page| {
            ConfigurePage {
                notice: Some(ConfigureNotice::Servers(0, vec!["dc1.evil.example".into()])),
                ..page
            }
        }),
        form("panel-configure-chain", &plain, &corp, |page| ConfigurePage {
            chain: Some(chain("CN=Example CA")),
            bases: vec!["DC=corp,DC=example,DC=com".into(), "DC=lab".into()],
            notice: Some(ConfigureNotice::Asked(2)),
            ..page
        }),
        wrong("panel-configure-wrong", &plain, "ldaps"),
        test("panel-test-running", report("CN=dc1", None)),
        test("panel-test-failed", report("CN=dc1", Some(TestEnd::Failed(Stage::Bind)))),
        test(
            "panel-test-passed",
            ConnectionReport { end: Some(TestEnd::Saved), ..ConnectionReport::default() },
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        let hostile = settings(text);
        let finding = Finding::new("srv", Severity::Error, text).seen(text).fix(text);
        samples.extend([
            list(&format!("hostile-{label}-panel-directories"), &hostile, None),
            wrong(&format!("hostile-{label}-panel-configure-wrong"), &hostile, text),
            form(&format!("hostile-{label}-panel-configure"), &hostile, &corp, move |page| ConfigurePage {
                chain: Some(chain(text)),
                bases: vec![text.into()],
                notice: Some(ConfigureNotice::NotFound(vec![finding.clone()])),
                ..page
            }),
            test(&format!("hostile-{label}-panel-test"), report(text, Some(TestEnd::NotMade(text.into())))),
        ]);
    }
    samples
}

fn settings(text: &str) -> Settings {
    let server = |host: &str, port, tls_name: Option<&str>| Server {
        host: host.into(),
        port,
        tls_name: tls_name.map(str::to_owned),
        via: None,
    };
    let directory = Directory {
        id: DirectoryId("corp".into()),
        name: text.into(),
        base_dn: "DC=corp,DC=example,DC=com".into(),
        service_account: text.into(),
        service_account_password: Some(SecretText("sealed".into())),
        servers: vec![server("dc1.corp.example.com", None, None), server("10.0.0.2", Some(636), Some(text))],
        ..Directory::default()
    };
    let local = Directory {
        id: DirectoryId("local".into()),
        name: "Laboratory".into(),
        encryption: Encryption::UnencryptedLoopbackOnly,
        ..directory.clone()
    };
    Settings { directories: vec![directory, local], ..Settings::default() }
}

fn list(name: &str, settings: &Settings, notice: Option<FormNotice>) -> Sample {
    let directories: Vec<DirectoryRow> = settings.directories.iter().map(DirectoryRow::from).collect();
    Sample::new(name, "admin/directories.html", move |language| {
        let frame = AdminFrame { language, path: DIRECTORIES.into(), ..frame() };
        let remove = frame.configures().then(|| "token".to_owned());
        DirectoriesPage { language, frame, directories: directories.clone(), notice, version: 3, remove }
            .html()
    })
}

fn trouble(name: &str, settings: &Settings, token: Option<&str>) -> Sample {
    let directories: Vec<NamedDirectory> = settings.directories.iter().map(NamedDirectory::from).collect();
    let token = token.map(str::to_owned);
    Sample::new(name, "admin/connection-trouble.html", move |language| {
        let frame = AdminFrame { language, path: CONNECTION_TROUBLE.into(), ..frame() };
        ConnectionTroublePage { language, frame, token: token.clone(), directories: directories.clone() }
            .html()
    })
}

fn new(name: &str, domain: &str) -> Sample {
    let domain = domain.to_owned();
    Sample::new(name, "admin/directory-new.html", move |language| {
        let frame = AdminFrame { language, path: NEW_DIRECTORY.into(), ..frame() };
        let wrong = (!domain.is_empty()).then(|| language.text("directory-new.no-domain").into_owned());
        NewDirectoryPage { language, frame, csrf: "token".into(), domain: domain.clone(), wrong }.html()
    })
}

fn form(
    name: &str,
    settings: &Settings,
    id: &DirectoryId,
    more: impl Fn(ConfigurePage) -> ConfigurePage + Send + Sync + 'static,
) -> Sample {
    drawn(name, settings, id, Vec::new(), more)
}

fn wrong(name: &str, settings: &Settings, typed: &str) -> Sample {
    let place = |key: &str| SettingPath::named("directories", "corp").key(key);
    let problem = |place, message: String| Problem { line: 0, place, message };
    let problems = vec![
        problem(place("servers").item(1).key("port"), format!("{typed:?} is not a port")),
        problem(place("base_dn"), format!("{typed:?} is not a DN")),
        problem(place("encryption"), "is not allowed".into()),
        problem(place("service_account_password"), "is missing".into()),
        problem(place("operation_timeout_ms"), "0 is not allowed".into()),
    ];
    drawn(name, settings, &DirectoryId("corp".into()), problems, |page| ConfigurePage {
        notice: Some(ConfigureNotice::Wrong),
        ..page
    })
}

fn drawn(
    name: &str,
    settings: &Settings,
    id: &DirectoryId,
    problems: Vec<Problem>,
    more: impl Fn(ConfigurePage) -> ConfigurePage + Send + Sync + 'static,
) -> Sample {
    let (settings, id) = (settings.clone(), id.clone());
    Sample::new(name, "admin/configure.html", move |language| {
        let frame = AdminFrame { language, path: CONFIGURE.into(), ..frame() };
        let new = || Directory { id: id.clone(), ..Directory::default() };
        let typed = TypedDirectory::of(&settings.directory(&id).cloned().unwrap_or_else(new), 7);
        let page = ConfigurePage {
            draft: Some("a".repeat(43)),
            ..ConfigurePage::new(language, frame, id.0.clone())
        };
        more(filled(page, &settings, &typed, &problems)).html()
    })
}

fn chain(text: &str) -> ServerChain {
    let certificate = |subject: &str| SentCertificate {
        subject: subject.into(),
        names: vec![text.into(), "dc1.corp.example.com".into()],
        issuer: text.into(),
        not_before: super::NOW,
        not_after: super::NOW,
        fingerprint: "AB:CD:".repeat(16),
    };
    let anchor = Anchor { subject: text.into(), fingerprint: "AB:CD:".repeat(16), pem: text.into() };
    ServerChain {
        server: "dc1.corp.example.com:636".into(),
        certificates: vec![certificate("CN=dc1.corp.example.com"), certificate(text)],
        next: NextStep::TrustCa(Some(anchor)),
        findings: Vec::new(),
    }
}

fn report(text: &str, end: Option<TestEnd>) -> ConnectionReport {
    let found = |stage, verdict| StagedFinding {
        stage,
        finding: Finding::new("x", verdict, text).at("dc1.corp.example.com:636").seen(text).fix(text),
    };
    let findings = [
        (Stage::Dns, Severity::Ok),
        (Stage::Tcp, Severity::Info),
        (Stage::Tls, Severity::Warning),
        (Stage::Tls, Severity::CantTell),
        (Stage::Bind, Severity::Error),
    ];
    let findings = findings.map(|(stage, verdict)| found(stage, verdict).into()).into();
    ConnectionReport { saves: true, findings, end }
}

fn test(name: &str, report: ConnectionReport) -> Sample {
    Sample::new(name, "admin/connection-test.html", move |language| {
        let frame = AdminFrame { language, path: CONFIGURE.into(), ..frame() };
        let (draft, token, report) = ("a".repeat(43), "token".to_owned(), report.clone());
        let part = ConnectionTestPart { language, draft, token, report, can_save: true };
        ConnectionTestPage { language, frame, refreshes: part.is_running(), part }.html()
    })
}
