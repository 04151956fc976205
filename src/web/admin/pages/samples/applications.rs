//! Samples of applications.

use super::{AdminFrame, NOW, frame, named};
use crate::domain::admin::Role;
use crate::domain::client::{Client, ClientAuthMethod};
use crate::domain::{DAY, MINUTE};
use crate::web::admin::pages::{
    ApplicationNotice, ApplicationPage, ApplicationRow, ApplicationsPage, ShownApplication,
};
use crate::web::pages::HtmlPage;
use crate::web::pages::samples::{LONG, MARKUP, RIGHT_TO_LEFT, Sample};

pub(super) fn all() -> Vec<Sample> {
    let auditor = AdminFrame { role: Role::Auditor, ..frame() };
    let plain = one(frame(), &client("CloudSync"));
    let mut samples = vec![
        list("panel-applications", frame(), vec![client("CloudSync"), public("Phone")], ""),
        list("panel-applications-empty", frame(), Vec::new(), "old-app"),
        list("panel-applications-auditor", auditor.clone(), vec![client("CloudSync")], ""),
        application(
            "panel-application-added",
            ApplicationPage {
                secret: Some("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".into()),
                notice: Some(ApplicationNotice::Added),
                ..plain.clone()
            },
        ),
        application(
            "panel-application-two-secrets",
            ApplicationPage {
                old_until: Some(NOW + DAY),
                old_used_at: Some(NOW - 5 * MINUTE),
                notice: Some(ApplicationNotice::OldStillAccepted),
                ..plain.clone()
            },
        ),
        application(
            "panel-application-wrong",
            ApplicationPage { notice: Some(ApplicationNotice::WrongOverlap), ..plain.clone() },
        ),
        application(
            "panel-application-auditor",
            ApplicationPage { can_edit: false, ..one(auditor, &public("Phone")) },
        ),
    ];
    for (label, text) in [("long", LONG), ("rtl", RIGHT_TO_LEFT), ("markup", MARKUP)] {
        samples.push(list(
            &format!("hostile-{label}-panel-applications"),
            named(text),
            vec![client(text)],
            text,
        ));
        samples.push(application(
            &format!("hostile-{label}-panel-application"),
            ApplicationPage { issuer: text.into(), ..one(named(text), &client(text)) },
        ));
    }
    samples
}

fn client(text: &str) -> Client {
    Client {
        client_id: text.into(),
        client_name: text.into(),
        redirect_uris: vec!["https://cloudsync.example.com/callback".into(), text.into()],
        require_second_factor: true,
        ..Client::default()
    }
}

fn public(text: &str) -> Client {
    Client { token_endpoint_auth_method: Some(ClientAuthMethod::None), ..client(text) }
}

fn one(frame: AdminFrame, client: &Client) -> ApplicationPage {
    ApplicationPage {
        language: frame.language,
        frame,
        can_edit: true,
        issuer: "https://id.example.com".into(),
        shown: ShownApplication::of(client),
        generation: 7,
        old_until: None,
        old_used_at: None,
        secret: None,
        notice: None,
        tokens: ["a", "b", "c"].map(str::to_owned),
    }
}

fn list(name: &str, frame: AdminFrame, clients: Vec<Client>, removed: &str) -> Sample {
    let removed = removed.to_owned();
    Sample::new(name, "admin/applications.html", move |language| {
        ApplicationsPage {
            language,
            can_edit: frame.role == Role::Owner,
            frame: AdminFrame { language, ..frame.clone() },
            rows: clients.iter().map(|client| ApplicationRow::of(client, NOW)).collect(),
            removed: removed.clone(),
        }
        .html()
    })
}

fn application(name: &str, page: ApplicationPage) -> Sample {
    Sample::new(name, "admin/application.html", move |language| {
        let frame = AdminFrame { language, ..page.frame.clone() };
        ApplicationPage { language, frame, ..page.clone() }.html()
    })
}
