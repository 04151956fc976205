//! Tests of the messages: each is read as it was written, and nothing else is read.

use proptest::prelude::*;

use super::*;

fn hello() -> Hello {
    Hello {
        protocol: PROTOCOL,
        version: "1.2.3".to_owned(),
        agent: "a1".to_owned(),
        keys: vec!["ab".repeat(32)],
        nodes: vec!["n1".to_owned()],
    }
}

fn signed() -> Signed {
    Signed { signature: "cd".repeat(64) }
}

fn proof() -> Proof {
    Proof {
        signed: signed(),
        targets: vec!["dc1.corp.example.com:636".to_owned(), "domain corp.example.com".to_owned()],
        enrolment: Some(Enrolment::new(&Plain::new("secret"), "ef".repeat(32))),
        next: Some(NextKey { public_key: "01".repeat(32), signed: signed() }),
    }
}

#[test]
fn messages_are_read_as_they_were_written() {
    for message in [FromAgent::Hello(hello()), FromAgent::Proof(proof())] {
        assert_eq!(FromAgent::parse(&message.to_bytes()), Ok(message));
    }
    let challenge =
        FromProvider::Challenge { nonce: "00".repeat(32), issuer: "https://x".to_owned(), key: None };
    let refused = FromProvider::Refused { why: RefusedBecause::Revoked };
    let nodes = vec!["n1".to_owned(), "n2".to_owned()];
    let here = FromProvider::Here { nodes: nodes.clone() };
    let welcome = FromProvider::Welcome { name: "hq".to_owned(), node: "n1".to_owned(), nodes };
    for message in [challenge, refused, here, welcome] {
        assert_eq!(FromProvider::parse(&message.to_bytes()), Ok(message));
    }
}

#[test]
fn a_wrong_field_is_named() {
    let table = [
        (FromAgent::Hello(Hello { version: "a\nb".to_owned(), ..hello() }), "version"),
        (FromAgent::Hello(Hello { version: "x".repeat(41), ..hello() }), "version"),
        (FromAgent::Hello(Hello { agent: String::new(), ..hello() }), "agent"),
        (FromAgent::Hello(Hello { keys: vec!["zz".repeat(32)], ..hello() }), "keys"),
        (FromAgent::Hello(Hello { keys: vec!["ab".repeat(32); 3], ..hello() }), "keys"),
        (FromAgent::Hello(Hello { nodes: vec!["n".to_owned(); 65], ..hello() }), "nodes"),
        (FromAgent::Proof(Proof { targets: vec!["ldap://x".to_owned()], ..proof() }), "targets"),
        (FromAgent::Proof(Proof { targets: vec!["a:1".to_owned(); 65], ..proof() }), "targets"),
        (FromAgent::Proof(Proof { signed: Signed { signature: "cd".to_owned() }, ..proof() }), "signature"),
        (
            FromAgent::Proof(Proof {
                next: Some(NextKey { public_key: "01".to_owned(), signed: signed() }),
                ..proof()
            }),
            "public_key",
        ),
    ];
    for (message, field) in table {
        assert_eq!(FromAgent::parse(&message.to_bytes()), Err(MessageError::Field(field)), "{message:?}");
    }
    assert_eq!(FromAgent::parse(b"GET / HTTP/1.1"), Err(MessageError::NotJson));
    assert_eq!(FromAgent::parse(&vec![b' '; LONGEST_MESSAGE + 1]), Err(MessageError::TooLong));
}

#[test]
fn a_later_version_may_add_fields() {
    let mut value = serde_json::to_value(FromAgent::Hello(hello())).expect("JSON");
    value["colour"] = "green".into();
    assert_eq!(FromAgent::parse(value.to_string().as_bytes()), Ok(FromAgent::Hello(hello())));
}

#[test]
fn the_code_is_not_printed() {
    assert!(!format!("{:?}", proof()).contains("secret"));
}

proptest! {
    #[test]
    fn no_bytes_make_the_readers_panic(bytes: Vec<u8>, text in "\\{\"message\":\"(hello|proof|challenge)\".{0,80}") {
        for input in [bytes.as_slice(), text.as_bytes()] {
            let _ = FromAgent::parse(input);
            let _ = FromProvider::parse(input);
        }
    }
}
