//! Who may not come in: garbage, an unknown agent, the signature of another challenge, another key.

use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use cloudsync_idp::domain::agent::{
    Bound, Enrolment, EnrolmentCode, FromAgent, FromProvider, Hello, PROTOCOL, Proof, Purpose,
    RefusedBecause, Signed, nonce_of, signed_message,
};
use futures_util::{SinkExt, StreamExt};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::{behind_agents, connected, decided, invited};
use crate::support::lab;
use crate::support::provider::Provider;
use crate::support::until;

/// A connection at the door.
struct Door {
    socket: WebSocketStream<TcpStream>,
}

impl Door {
    async fn open(provider: &Provider) -> Self {
        let address = provider.url.trim_start_matches("http://");
        let stream = TcpStream::connect(address).await.expect("a connection");
        let asked = tokio_tungstenite::client_async(format!("ws://{address}/agent"), stream).await;
        Self { socket: asked.expect("a WebSocket").0 }
    }

    async fn send(&mut self, bytes: Vec<u8>) {
        self.socket.send(Message::Binary(bytes.into())).await.expect("sent");
    }

    async fn answer(&mut self) -> Option<FromProvider> {
        match self.socket.next().await {
            Some(Ok(Message::Binary(bytes))) => Some(FromProvider::parse(&bytes).expect("a message")),
            _ => None,
        }
    }

    /// Says hello; the nonce of the challenge.
    async fn challenged(&mut self, agent: &str, keys: Vec<String>) -> Result<[u8; 32], RefusedBecause> {
        let hello = Hello {
            protocol: PROTOCOL,
            version: "1.0.0".to_owned(),
            agent: agent.to_owned(),
            keys,
            nodes: Vec::new(),
        };
        self.send(FromAgent::Hello(hello).to_bytes()).await;
        match self.answer().await.expect("an answer") {
            FromProvider::Challenge { nonce, .. } => Ok(nonce_of(&nonce).expect("a nonce")),
            FromProvider::Refused { why } => Err(why),
            other => panic!("let in without a proof: {other:?}"),
        }
    }
}

/// A key as an agent has it.
struct Key(Ed25519KeyPair);

impl Key {
    fn new() -> Self {
        Self(Ed25519KeyPair::generate().expect("a key"))
    }

    fn public(&self) -> String {
        hex::encode(self.0.public_key().as_ref())
    }

    fn proof(&self, purpose: Purpose, issuer: &str, code: &EnrolmentCode, nonce: &[u8; 32]) -> Proof {
        let public = self.0.public_key().as_ref();
        let enrols = purpose == Purpose::Enrol;
        let new_key = enrols.then_some(public);
        let bound = Bound { issuer, agent: &code.agent, nonce, targets: &[], new_key };
        let signature = hex::encode(self.0.sign(&signed_message(purpose, &bound)).as_ref());
        let enrolment = enrols.then(|| Enrolment::new(&code.secret, self.public()));
        Proof { signed: Signed { signature }, targets: Vec::new(), enrolment, next: None }
    }
}

/// An enrolled agent whose key the test has.
async fn enrolled(provider: &Provider) -> (Key, EnrolmentCode) {
    let code = EnrolmentCode::parse(invited(provider, "liar").await.code.expose()).expect("a code");
    let (key, mut door) = (Key::new(), Door::open(provider).await);
    let nonce = door.challenged(&code.agent, Vec::new()).await.expect("a challenge");
    door.send(FromAgent::Proof(key.proof(Purpose::Enrol, &provider.url, &code, &nonce)).to_bytes()).await;
    assert!(matches!(door.answer().await, Some(FromProvider::Welcome { .. })));
    (key, code)
}

fn refused(answer: Option<FromProvider>) -> Option<RefusedBecause> {
    match answer {
        Some(FromProvider::Refused { why }) => Some(why),
        _ => None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn garbage_and_unknown_agents_are_refused() {
    let provider = behind_agents(lab::ldap()).await;
    for garbage in [b"".to_vec(), b"GET / HTTP/1.1\r\n\r\n".to_vec(), vec![0xff; 60_000]] {
        let mut door = Door::open(&provider).await;
        door.send(garbage).await;
        assert_eq!(refused(door.answer().await), Some(RefusedBecause::Malformed));
    }
    let mut door = Door::open(&provider).await;
    assert_eq!(door.challenged("nobody", Vec::new()).await, Err(RefusedBecause::Unknown));
    until("it is recorded", async || decided(&provider, "agent_refused").await > 0).await;
    assert!(connected(&provider).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signature_is_good_for_its_challenge_only() {
    let provider = behind_agents(lab::ldap()).await;
    let (key, code) = enrolled(&provider).await;
    let issuer = provider.url.as_str();
    let mut first = Door::open(&provider).await;
    let old = first.challenged(&code.agent, vec![key.public()]).await.expect("a challenge");
    for (purpose, issuer, replayed) in [
        (Purpose::Connect, issuer, true),
        (Purpose::Connect, "https://another.example", false),
        (Purpose::Renew, issuer, false),
    ] {
        let mut door = Door::open(&provider).await;
        let nonce = door.challenged(&code.agent, vec![key.public()]).await.expect("a challenge");
        let signed = key.proof(purpose, issuer, &code, if replayed { &old } else { &nonce });
        door.send(FromAgent::Proof(signed).to_bytes()).await;
        assert_eq!(
            refused(door.answer().await),
            Some(RefusedBecause::Key),
            "{purpose:?} {issuer} {replayed}"
        );
    }
    first.send(FromAgent::Proof(key.proof(Purpose::Connect, issuer, &code, &old)).to_bytes()).await;
    assert!(matches!(first.answer().await, Some(FromProvider::Welcome { .. })), "the right one is good");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_key_and_a_used_code_do_not_let_in() {
    let provider = behind_agents(lab::ldap()).await;
    let (key, code) = enrolled(&provider).await;
    let other = Key::new();
    let mut door = Door::open(&provider).await;
    assert_eq!(door.challenged(&code.agent, vec![other.public()]).await, Err(RefusedBecause::Key));
    let mut door = Door::open(&provider).await;
    assert_eq!(door.challenged(&code.agent, Vec::new()).await, Err(RefusedBecause::Code));
    let mut door = Door::open(&provider).await;
    let nonce = door.challenged(&code.agent, vec![key.public()]).await.expect("a challenge");
    door.send(FromAgent::Proof(other.proof(Purpose::Connect, &provider.url, &code, &nonce)).to_bytes()).await;
    assert_eq!(refused(door.answer().await), Some(RefusedBecause::Key));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_agent_that_says_nothing_more_is_dropped() {
    let provider = behind_agents(lab::ldap()).await;
    let (key, code) = enrolled(&provider).await;
    let mut door = Door::open(&provider).await;
    let nonce = door.challenged(&code.agent, vec![key.public()]).await.expect("a challenge");
    door.send(FromAgent::Proof(key.proof(Purpose::Connect, &provider.url, &code, &nonce)).to_bytes()).await;
    assert!(matches!(door.answer().await, Some(FromProvider::Welcome { .. })));
    // What follows is not HTTP/2.
    door.send(b"nonsense".repeat(100)).await;
    // The connection with which it has enrolled has ended too.
    until("both tunnels have ended", async || decided(&provider, "agent_gone").await == 2).await;
    assert!(connected(&provider).is_empty());
}
