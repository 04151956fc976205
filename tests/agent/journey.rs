//! What works directly works through an agent, and only as long as the agent may stay.

use std::process::{Command, Stdio};

use cloudsync_idp::flow::agents::{self, AgentState};
use cloudsync_idp::flow::support::doctor;
use reqwest::StatusCode;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};

use super::process::Agent;
use super::{behind_agents, by_agent, connected, decided, invited, listed, signs_in};
use crate::admin::process::{Installation, free_port};
use crate::support::lab;
use crate::support::provider::{CLIENT, Provider, Setup, ad_settings, ldap_settings};
use crate::support::{desk, until};

#[tokio::test(flavor = "multi_thread")]
async fn people_are_synced_and_sign_in_through_an_agent() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let refused = provider.sync().await.expect_err("no agent is connected");
    assert!(format!("{refused:?}").contains("no agent"), "{refused:?}");
    let agent = Agent::connected(&provider, "hq", &[listed(lab)]).await;
    // The server was paused after the failures without an agent.
    until("a sync through the agent", async || provider.sync().await.is_ok()).await;
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    let wrong = signs_in(&provider, "bob", "not the password").await;
    assert!(wrong.parameter("code").is_none(), "{}", wrong.text());
    let tunnels = provider.parts.installation.tunnels().all();
    let stats = tunnels.first().expect("a tunnel").stats();
    assert!(stats.bytes_sent > 0 && stats.bytes_received > stats.bytes_sent, "{stats:?}");
    let log = agent.log();
    assert!(!log.contains(&lab.user_password) && !log.contains(&lab.service_password), "a password: {log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_domain_controller_is_reached_through_an_agent() {
    let lab = lab::ad();
    let provider = Provider::start(Setup::new(&by_agent(&ad_settings(lab)))).await;
    let _agent = Agent::connected(&provider, "hq", &[format!("{}:636", lab.addr)]).await;
    provider.sync().await.expect("a sync through the agent");
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert!(page.parameter("code").is_some(), "{}", page.text());
    let examined = doctor::examine(&provider.parts.operation(), None).await.expect("the doctor");
    let findings: Vec<_> = examined.iter().flat_map(|directory| &directory.findings).collect();
    let what =
        |check: &str| findings.iter().find(|finding| finding.check == check).map(|finding| &*finding.what);
    assert_eq!(what("agent"), Some("an agent is connected"), "{findings:?}");
    assert_eq!(what("port"), Some("an agent reaches the server"), "{findings:?}");
    assert_eq!(what("name"), None, "the agent resolves it");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_comes_back_with_its_own_key_and_a_code_is_good_once() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let code = invited(&provider, "hq").await.code;
    let mut agent = Agent::start(&provider.url, &[listed(lab)], Some(code.expose()));
    until("it is connected", async || connected(&provider) == ["hq"]).await;
    let key = std::fs::read(agent.key_file()).expect("a key");
    agent.restart();
    until("it is there again", async || decided(&provider, "agent_connected").await == 2).await;
    assert_eq!(std::fs::read(agent.key_file()).expect("a key"), key);
    let thief = Agent::start(&provider.url, &[listed(lab)], Some(code.expose()));
    thief.says("used already").await;
    assert_eq!((connected(&provider).len(), decided(&provider, "agent_enrolled").await), (1, 1));
    let directory = cloudsync_idp::domain::entry::DirectoryId("corp".to_owned());
    let again = agents::invite(&provider.parts.operation(), "hq", &directory, &desk()).await;
    assert!(matches!(again, Err(agents::AgentsError::Taken(_))), "{again:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_renews_itself() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let mut agent = Agent::connected(&provider, "hq", &[listed(lab)]).await;
    let mut key: serde_json::Value =
        serde_json::from_slice(&std::fs::read(agent.key_file()).expect("a key")).expect("JSON");
    key["made_at"] = 0.into();
    std::fs::write(agent.key_file(), key.to_string()).expect("an old key");
    agent.restart();
    until("the key is renewed", async || decided(&provider, "agent_key_renewed").await == 1).await;
    let is_new =
        async || std::fs::read(agent.key_file()).is_ok_and(|new| new != key.to_string().into_bytes());
    until("the agent keeps the new key", is_new).await;
    agent.restart();
    until("it is let in by the new key", async || decided(&provider, "agent_connected").await == 3).await;
    assert_eq!(decided(&provider, "agent_key_renewed").await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_revoked_agent_loses_its_tunnels_and_does_not_come_back() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let agent = Agent::connected(&provider, "hq", &[listed(lab)]).await;
    provider.sync().await.expect("a sync through the agent");
    let elsewhere = provider.another_process().await;
    agents::revoke(&elsewhere.operation(), "hq", &desk()).await.expect("revoked");
    assert_eq!(connected(&provider), ["hq"], "the other process does not have the tunnel");
    agents::end_revoked(&provider.parts.operation()).await.expect("the store");
    until("its tunnel has ended", async || connected(&provider).is_empty()).await;
    agent.says("an administrator has revoked this agent").await;
    assert!(connected(&provider).is_empty());
    let listed = agents::list(&provider.parts.operation()).await.expect("the list");
    assert_eq!(listed.iter().map(|one| one.state).collect::<Vec<_>>(), [AgentState::Revoked]);
    let page = signs_in(&provider, "alice", &lab.user_password).await;
    assert_eq!(page.status, StatusCode::SERVICE_UNAVAILABLE, "{}", page.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_on_the_agents_list_is_not_reached() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let _agent = Agent::connected(&provider, "hq", &["192.0.2.1:636".to_owned()]).await;
    let refused = provider.sync().await.expect_err("not on the list");
    assert!(format!("{refused:?}").contains("on its list"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_changed_list_is_an_event() {
    let lab = lab::ldap();
    let provider = behind_agents(lab).await;
    let mut agent = Agent::connected(&provider, "hq", &[listed(lab)]).await;
    let config = format!("provider = {:?}\nservers = [{:?}, \"192.0.2.1:636\"]\n", provider.url, listed(lab));
    std::fs::write(agent.folder.path().join("agent.toml"), config).expect("a file");
    agent.restart();
    until("the change is recorded", async || decided(&provider, "agent_targets_changed").await == 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_ldaps_goes_through_an_agent() {
    let lab = lab::ldap();
    let good = by_agent(&ldap_settings(&[lab]));
    let provider = Provider::start(Setup::new(&good)).await;
    let ca = good.lines().find(|line| line.starts_with("schema")).expect("a line");
    let start_tls = good.replace(ca, &format!("{ca}\nencryption = \"start_tls\""));
    let refused = provider
        .apply(&start_tls, cloudsync_idp::flow::settings::Mode::Merge)
        .await
        .expect_err("StartTLS through an agent");
    assert!(refused.to_string().contains("an agent carries LDAPS only"), "{refused}");
}

/// Two real nodes on one store, and a proxy that leads each connection to the next of them.
#[tokio::test(flavor = "multi_thread")]
async fn an_agent_has_a_connection_to_each_node() {
    let lab = lab::ldap();
    let installation = Installation::new();
    installation.apply(&format!("{CLIENT}{}", by_agent(&ldap_settings(&[lab]))));
    let first = installation.serve();
    let other_port = free_port();
    let mut second = Command::new(env!("CARGO_BIN_EXE_cloudsync-idp"))
        .env_clear()
        .env("CLOUDSYNC_IDP_LISTEN", format!("127.0.0.1:{other_port}"))
        .arg("--config")
        .arg(installation.path("idp.toml"))
        .arg("serve")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .expect("the binary is there");
    until("the second node is ready", async || TcpStream::connect(("127.0.0.1", other_port)).await.is_ok())
        .await;
    let proxy = balancer([installation.port, other_port]).await;
    let invited = installation.run(&["agents", "invite", "hq", "--directory", "corp", "--json"]);
    let invited: serde_json::Value = serde_json::from_str(&invited.out).expect("JSON");
    let config = format!(
        "provider = {:?}\nservers = [{:?}]\nproxy = \"http://127.0.0.1:{proxy}\"\n",
        first.url,
        listed(lab)
    );
    let agent = Agent::configured(&config, invited["code"].as_str());
    until("it is connected to both", async || {
        let listed = installation.run(&["agents", "list", "--json"]);
        let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
        listed[0]["connections"].as_array().is_some_and(|all| all.len() == 2)
    })
    .await;
    let revoked = installation.run(&["agents", "revoke", "hq"]);
    assert_eq!(revoked.status, Some(0), "{revoked:?}");
    until("both have ended", async || agent.log().matches("has ended").count() >= 2).await;
    let _ = second.kill();
    let _ = second.wait();
}

/// A proxy that leads each CONNECT to the next of these ports.
async fn balancer(ports: [u16; 2]) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let own = listener.local_addr().expect("an address").port();
    tokio::spawn(async move {
        for port in ports.into_iter().cycle() {
            let Ok((mut client, _)) = listener.accept().await else { return };
            tokio::spawn(async move {
                let mut head = Vec::new();
                while !head.ends_with(b"\r\n\r\n") {
                    head.push(client.read_u8().await.ok()?);
                }
                let mut node = TcpStream::connect(("127.0.0.1", port)).await.ok()?;
                client.write_all(b"HTTP/1.1 200 OK\r\n\r\n").await.ok()?;
                copy_bidirectional(&mut client, &mut node).await.ok()
            });
        }
    });
    own
}
