//! The certificates of directory servers are seen every day, and a warning comes before they expire.

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::DAY;
use cloudsync_idp::domain::admin::Role;
use cloudsync_idp::domain::audit::{Decision, Event};
use cloudsync_idp::domain::entry::DirectoryId;
use cloudsync_idp::domain::expiry::SeenCertificate;
use cloudsync_idp::domain::secret::Plain;
use cloudsync_idp::flow::settings::{Mode, NewClientSecret, rotate_client_secret};
use cloudsync_idp::flow::support::certificates::{expiring, look};
use cloudsync_idp::flow::support::doctor::examine;
use cloudsync_idp::store::CertificateRow;

use super::PanelStory;
use crate::support::lab;
use crate::support::provider::{Provider, Setup, ldap_settings};
use crate::support::relay;

async fn rows(provider: &Provider) -> Vec<CertificateRow> {
    let corp = DirectoryId("corp".to_owned());
    provider.parts.store.settings().certificates(&corp).await.expect("the store")
}

#[tokio::test]
async fn certificates_are_seen_once_a_day_and_warned_about_before_their_end() {
    let ldap = lab::ldap();
    let clock = Clock::fixed(Clock::System.now());
    let settings = ldap_settings(&[ldap]);
    let provider = Provider::start(Setup { clock, ..Setup::new(&settings) }).await;
    let parts = provider.parts.operation();
    look(&parts).await.expect("the store");
    let seen = rows(&provider).await;
    let server = format!("{}:{}", ldap.addr, ldap.tls_port);
    let own = seen.iter().find(|row| row.server == server).expect("the server's own");
    assert!(seen.iter().any(|row| row.server == "ca_pem"), "{seen:?}");
    assert_eq!(own.seen_at, parts.now());

    provider.parts.clock.advance(DAY - 1);
    look(&parts).await.expect("the store");
    assert_eq!(rows(&provider).await, seen, "not again on the same day");
    provider.parts.clock.advance(1);
    look(&parts).await.expect("the store");
    let again = rows(&provider).await;
    assert!(again.iter().all(|row| row.seen_at == parts.now()) && again.len() == seen.len(), "{again:?}");

    provider.parts.clock.advance(own.certificate.not_after - parts.now() - 10 * DAY);
    let soon = expiring(&parts).await.expect("the store");
    let warned = soon.iter().find(|one| one.server == server).expect("a warning");
    assert_eq!((warned.directory.0.as_str(), warned.days_left), ("corp", 10));

    // The server moves to a port where nobody answers: what it sent before is forgotten with its name.
    let closed = relay::closed_port().await;
    let moved = settings.replace(&ldap.tls_port.to_string(), &closed.to_string());
    provider.apply(&moved, Mode::Merge).await.expect("settings");
    provider.parts.clock.advance(DAY);
    look(&parts).await.expect("the store");
    assert!(rows(&provider).await.iter().all(|row| row.server == "ca_pem"));
}

#[tokio::test]
async fn the_doctor_records_the_certificates_that_it_sees() {
    let ldap = lab::ldap();
    let provider = Provider::start(Setup::new(&ldap_settings(&[ldap]))).await;
    let parts = provider.parts.operation();
    assert!(rows(&provider).await.is_empty());
    examine(&parts, None).await.expect("the store");
    let seen = rows(&provider).await;
    let server = format!("{}:{}", ldap.addr, ldap.tls_port);
    assert!(
        [server.as_str(), "ca_pem"].iter().all(|name| seen.iter().any(|row| row.server == **name)),
        "{seen:?}"
    );
    look(&parts).await.expect("the store");
    let again = rows(&provider).await;
    let names = |rows: &[CertificateRow]| rows.iter().map(|row| row.server.clone()).collect::<Vec<_>>();
    assert_eq!(names(&again), names(&seen), "by the same names as the daily look");
}

#[tokio::test]
async fn the_overview_names_what_expires_to_those_who_can_act() {
    let story = PanelStory::new("").await;
    let (parts, now) = (&story.provider.parts, story.now());
    let seen = SeenCertificate { subject: "dc1.corp.example.com".to_owned(), not_after: now + 10 * DAY };
    let corp = DirectoryId("corp".to_owned());
    parts.store.settings().certificates_seen(&corp, "dc1:636", &[seen], now).await.expect("the store");
    let secret = Plain::new("a new secret of this client");
    let new = NewClientSecret { client_id: "cloudsync", secret: &secret, old_until: now + 2 * DAY };
    let event = Event::new(now, Decision::SettingsChanged);
    rotate_client_secret(&parts.store, &parts.keys.sealer, &new, event).await.expect("a new secret");
    parts.installation.refresh().await.expect("it is in force");
    let (certificate, old) =
        ("A certificate expires in 10 days", "The old secret of this application ends in");
    for (role, sees_secrets) in [(Role::Owner, true), (Role::Auditor, false)] {
        let text = story.inside(role).await.page.text();
        assert!(text.contains(certificate) && text.contains("dc1.corp.example.com"), "{role:?}: {text}");
        assert_eq!(text.contains(old), sees_secrets, "{role:?}: {text}");
    }
}
