//! Look up the servers that a domain announces (SRV records, RFC 2782): one query in one datagram to this
//! machine's nameservers (RFC 1035 section 4). The product has no library for it, and nothing depends on the
//! response: it is shown to an administrator. It is parsed with limits, accepted only from the server that
//! was queried, and never repeated over TCP.

use std::net::{IpAddr, SocketAddr};

use rand::RngExt;
use tokio::net::UdpSocket;
use tokio::time::{Duration, timeout};

/// For each nameserver.
const PATIENCE: Duration = Duration::from_secs(2);
/// As in the C library's resolver: no more nameservers are queried.
const MOST_NAMESERVERS: usize = 3;
/// The response size that we announce (RFC 6891) and accept.
const LONGEST_ANSWER: usize = 1_232;
const LONGEST_NAME: usize = 253;
const SRV: u16 = 33;
const INTERNET: u16 = 1;

/// The host names of `_ldap._tcp.<domain>`, from the nameservers of `/etc/resolv.conf`; or why there is no
/// response.
pub async fn announced(domain: &str) -> Result<Vec<String>, String> {
    let text = tokio::fs::read_to_string("/etc/resolv.conf").await.map_err(|error| error.to_string())?;
    ask(&format!("_ldap._tcp.{domain}"), &nameservers(&text)).await
}

fn nameservers(resolv_conf: &str) -> Vec<SocketAddr> {
    let addresses = resolv_conf.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        words.next().filter(|word| *word == "nameserver")?;
        words.next()?.parse::<IpAddr>().ok()
    });
    addresses.take(MOST_NAMESERVERS).map(|address| SocketAddr::new(address, 53)).collect()
}

async fn ask(name: &str, nameservers: &[SocketAddr]) -> Result<Vec<String>, String> {
    let mut why = "no nameserver is configured on this machine".to_owned();
    for server in nameservers {
        match timeout(PATIENCE, ask_one(name, *server)).await {
            Ok(Ok(answer)) => return Ok(answer),
            Ok(Err(error)) => why = format!("{server}: {error}"),
            Err(_) => why = format!("{server}: no response in time"),
        }
    }
    Err(why)
}

async fn ask_one(name: &str, server: SocketAddr) -> Result<Vec<String>, String> {
    let as_text = |error: std::io::Error| error.to_string();
    let any: SocketAddr = if server.is_ipv4() { ([0; 4], 0).into() } else { ([0; 16], 0).into() };
    let socket = UdpSocket::bind(any).await.map_err(as_text)?;
    // connected: the kernel drops datagrams from others
    socket.connect(server).await.map_err(as_text)?;
    let id: u16 = rand::rng().random();
    let question = question(id, name).ok_or("the domain is no DNS name")?;
    socket.send(&question).await.map_err(as_text)?;
    let mut answer = [0; LONGEST_ANSWER];
    loop {
        let read = socket.recv(&mut answer).await.map_err(as_text)?;
        match read_answer(answer.get(..read).unwrap_or_default(), id) {
            SrvResponse::NotOurs => {}
            SrvResponse::Bad(why) => return Err(why.to_owned()),
            SrvResponse::Hosts(hosts) => return Ok(hosts),
        }
    }
}

/// Header, one question, and the announcement of more than 512 bytes (RFC 6891 section 6.1.2).
fn question(id: u16, name: &str) -> Option<Vec<u8>> {
    let mut bytes = id.to_be_bytes().to_vec();
    bytes.extend([1, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
    if name.len() > LONGEST_NAME {
        return None;
    }
    for label in name.split('.') {
        let length = u8::try_from(label.len()).ok().filter(|length| (1..=63).contains(length))?;
        bytes.push(length);
        bytes.extend(label.as_bytes());
    }
    bytes.push(0);
    bytes.extend(SRV.to_be_bytes());
    bytes.extend(INTERNET.to_be_bytes());
    bytes.extend([0, 0, 41]);
    bytes.extend(u16::try_from(LONGEST_ANSWER).unwrap_or(512).to_be_bytes());
    bytes.extend([0; 6]);
    Some(bytes)
}

#[derive(Debug, PartialEq, Eq)]
enum SrvResponse {
    /// Not a response to our query: ignored.
    NotOurs,
    Bad(&'static str),
    Hosts(Vec<String>),
}

fn read_answer(bytes: &[u8], id: u16) -> SrvResponse {
    const NO_SUCH_NAME: u8 = 3;
    let Some(([id_high, id_low, flags, code, questions @ ..], _)) = bytes.split_first_chunk::<8>() else {
        return SrvResponse::NotOurs;
    };
    if u16::from_be_bytes([*id_high, *id_low]) != id || flags & 0x80 == 0 {
        return SrvResponse::NotOurs;
    }
    if flags & 0x02 != 0 {
        return SrvResponse::Bad("the answer does not fit into a datagram");
    }
    let [q_high, q_low, a_high, a_low] = *questions;
    let (questions, answers) = (u16::from_be_bytes([q_high, q_low]), u16::from_be_bytes([a_high, a_low]));
    match code & 0x0f {
        0 => hosts(bytes, questions, answers)
            .map_or(SrvResponse::Bad("the response is not valid"), SrvResponse::Hosts),
        NO_SUCH_NAME => SrvResponse::Hosts(Vec::new()),
        _ => SrvResponse::Bad("the nameserver refuses to answer"),
    }
}

/// The targets of the SRV records. Each record takes at least eleven bytes, so the datagram limits their
/// number.
fn hosts(bytes: &[u8], questions: u16, answers: u16) -> Option<Vec<String>> {
    let mut at = 12;
    for _ in 0..questions {
        at = name(bytes, at)?.1.checked_add(4)?;
    }
    let mut hosts = Vec::new();
    for _ in 0..answers {
        let start = name(bytes, at)?.1;
        let kind = number(bytes, start)?;
        let data = start.checked_add(10)?;
        let length = usize::from(number(bytes, start.checked_add(8)?)?);
        if kind == SRV {
            let (host, _) = name(bytes, data.checked_add(6)?)?;
            // a single dot means that the service does not exist
            if !host.is_empty() && !hosts.contains(&host) {
                hosts.push(host);
            }
        }
        at = data.checked_add(length)?;
    }
    Some(hosts)
}

fn number(bytes: &[u8], at: usize) -> Option<u16> {
    let two = bytes.get(at..at.checked_add(2)?)?;
    Some(u16::from_be_bytes([*two.first()?, *two.last()?]))
}

/// A name, with the pointers of RFC 1035 section 4.1.4, and its end. Pointers must point backwards, so this
/// terminates.
fn name(bytes: &[u8], start: usize) -> Option<(String, usize)> {
    let (mut text, mut at, mut end, mut before) = (String::new(), start, None, start);
    loop {
        let length = *bytes.get(at)?;
        match length {
            0 => return Some((text, end.unwrap_or(at + 1))),
            1..=63 => {
                let label = bytes.get(at + 1..at + 1 + usize::from(length))?;
                if !label.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(byte)) {
                    return None;
                }
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(std::str::from_utf8(label).ok()?);
                at += 1 + usize::from(length);
            }
            0xc0.. => {
                end = end.or(Some(at + 2));
                let target = usize::from(number(bytes, at)? & 0x3fff);
                if target >= before {
                    return None;
                }
                (at, before) = (target, target);
            }
            _ => return None,
        }
        if text.len() > LONGEST_NAME {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A response with these targets; from the second on, names point to the question's.
    fn answer(id: u16, flags: [u8; 2], targets: &[&[u8]]) -> Vec<u8> {
        let question = question(id, "_ldap._tcp.x.y").expect("a name");
        let mut bytes = question[..question.len() - 11].to_vec();
        bytes[2..4].copy_from_slice(&flags);
        bytes[7] = u8::try_from(targets.len()).expect("few");
        bytes[11] = 0;
        for target in targets {
            bytes.extend([0xc0, 12, 0, 33, 0, 1, 0, 0, 0, 60, 0]);
            bytes.push(u8::try_from(target.len() + 6).expect("short"));
            bytes.extend([0, 0, 0, 100, 1, 133]);
            bytes.extend(*target);
        }
        bytes
    }

    /// `x.y` follows `_ldap` and `_tcp`.
    const DC1: &[u8] = b"\x03dc1\xc0\x17";

    #[test]
    fn targets_are_read_through_pointers() {
        let two = answer(7, [0x81, 0x80], &[DC1, b"\x03dc2\x01x\x01y\0", DC1, b"\0"]);
        assert_eq!(read_answer(&two, 7), SrvResponse::Hosts(vec!["dc1.x.y".into(), "dc2.x.y".into()]));
        assert_eq!(read_answer(&answer(7, [0x81, 0x83], &[]), 7), SrvResponse::Hosts(vec![]));
    }

    #[test]
    fn untrusted_or_invalid_responses_are_rejected() {
        assert_eq!(read_answer(&answer(8, [0x81, 0x80], &[DC1]), 7), SrvResponse::NotOurs);
        assert_eq!(read_answer(&answer(7, [0x01, 0x00], &[DC1]), 7), SrvResponse::NotOurs);
        assert!(matches!(read_answer(&answer(7, [0x83, 0x80], &[DC1]), 7), SrvResponse::Bad(_)));
        assert!(matches!(read_answer(&answer(7, [0x81, 0x85], &[]), 7), SrvResponse::Bad(_)));
        let round_and_round = answer(7, [0x81, 0x80], &[b"\xc0\x2f"]);
        assert!(matches!(read_answer(&round_and_round, 7), SrvResponse::Bad(_)));
        assert!(matches!(read_answer(&answer(7, [0x81, 0x80], &[b"\x02a\x1b\0"]), 7), SrvResponse::Bad(_)));
    }

    #[test]
    fn nameservers_are_those_of_the_machine() {
        let text = "# x\nsearch example.com\nnameserver 10.0.0.1\n nameserver ::1 # y\nnameserver\nnameserver fe80::1%eth0\n";
        let found: Vec<String> = nameservers(text).iter().map(ToString::to_string).collect();
        assert_eq!(found, ["10.0.0.1:53", "[::1]:53"]);
    }

    #[tokio::test]
    async fn a_nameserver_is_queried() {
        let server = UdpSocket::bind("127.0.0.1:0").await.expect("a port");
        let address = server.local_addr().expect("an address");
        let answering = async {
            let mut heard = [0; 512];
            let (_, from) = server.recv_from(&mut heard).await.expect("a question");
            let id = u16::from_be_bytes([heard[0], heard[1]]);
            for bytes in [answer(id.wrapping_add(1), [0x81, 0x80], &[]), answer(id, [0x81, 0x80], &[DC1])] {
                server.send_to(&bytes, from).await.expect("sent");
            }
        };
        let servers = [address];
        let (found, ()) = tokio::join!(ask("_ldap._tcp.x.y", &servers), answering);
        assert_eq!(found, Ok(vec!["dc1.x.y".to_owned()]));
        assert!(ask("_ldap._tcp.x.y", &[]).await.is_err());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic_or_hang(bytes in prop::collection::vec(any::<u8>(), 0..1_300)) {
            let _ = read_answer(&bytes, 7);
            let _ = hosts(&bytes, 1, 50);
        }

        #[test]
        fn a_damaged_response_does_not_panic(at in 0usize..80, byte: u8) {
            let mut bytes = answer(7, [0x81, 0x80], &[DC1, DC1]);
            if let Some(place) = bytes.get_mut(at) {
                *place = byte;
            }
            let _ = read_answer(&bytes, 7);
        }

        #[test]
        fn any_text_is_a_question_or_none(text in "\\PC*") {
            let _ = question(7, &text);
        }
    }
}
