//! A proxy in front of a domain controller that returns only a few values of a list at once, as Windows does
//! with MaxValRange (MS-ADTS 3.1.1.3.1.3.3) and Samba does not.

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const TEXT: u8 = 0x04;
/// RFC 4511 section 4.5.2.
const ENTRY: u8 = 0x64;

/// Starts it; at most `most` values of each of these attributes come at once. Returns its port.
pub async fn of(host: &str, port: u16, attributes: &'static [&'static str], most: usize) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).await.expect("a free port");
    let own_port = listener.local_addr().expect("an address").port();
    let host = host.to_owned();
    tokio::spawn(async move {
        while let Ok((client, _)) = listener.accept().await {
            let Ok(server) = TcpStream::connect((host.as_str(), port)).await else { break };
            let (mut from_client, to_client) = client.into_split();
            let (from_server, mut to_server) = server.into_split();
            tokio::spawn(async move { tokio::io::copy(&mut from_client, &mut to_server).await });
            tokio::spawn(answers(from_server, to_client, attributes, most));
        }
    });
    own_port
}

async fn answers(
    mut from: OwnedReadHalf,
    mut to: OwnedWriteHalf,
    attributes: &'static [&'static str],
    most: usize,
) -> Option<()> {
    let (mut heard, mut buffer) = (Vec::new(), vec![0; 64 * 1024]);
    loop {
        let read = from.read(&mut buffer).await.ok().filter(|read| *read > 0)?;
        heard.extend_from_slice(&buffer[..read]);
        while let Some((_, message, length)) = element(&heard) {
            let passed = wrapped(SEQUENCE, &cut_message(message, attributes, most));
            to.write_all(&passed).await.ok()?;
            heard.drain(..length);
        }
    }
}

/// Tag, content and length of the first element; `None` while it is incomplete.
fn element(bytes: &[u8]) -> Option<(u8, &[u8], usize)> {
    let (tag, first) = (*bytes.first()?, *bytes.get(1)?);
    let long = if first < 0x80 { 0 } else { usize::from(first & 0x7f) };
    let digits = bytes.get(2..2 + long)?;
    let length = match long {
        0 => usize::from(first),
        _ => digits.iter().fold(0, |length, digit| length << 8 | usize::from(*digit)),
    };
    let end = 2 + long + length;
    Some((tag, bytes.get(2 + long..end)?, end))
}

fn elements(mut bytes: &[u8]) -> Vec<(u8, &[u8])> {
    let mut all = Vec::new();
    while let Some((tag, content, length)) = element(bytes) {
        all.push((tag, content));
        bytes = &bytes[length..];
    }
    all
}

fn wrapped(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = u32::try_from(content.len()).expect("a short message").to_be_bytes();
    [&[tag, 0x84], &length[..], content].concat()
}

fn cut_message(message: &[u8], attributes: &[&str], most: usize) -> Vec<u8> {
    let part = |(tag, content): (u8, &[u8])| match tag {
        ENTRY => wrapped(ENTRY, &cut_entry(content, attributes, most)),
        _ => wrapped(tag, content),
    };
    elements(message).into_iter().flat_map(part).collect()
}

fn cut_entry(entry: &[u8], attributes: &[&str], most: usize) -> Vec<u8> {
    let part = |(tag, content): (u8, &[u8])| match tag {
        SEQUENCE => {
            let lists = elements(content).into_iter().flat_map(|(_, list)| cut_list(list, attributes, most));
            wrapped(SEQUENCE, &lists.collect::<Vec<u8>>())
        }
        _ => wrapped(tag, content),
    };
    elements(entry).into_iter().flat_map(part).collect()
}

/// A list that is too long is returned under the name of its range, and its own name is empty.
fn cut_list(list: &[u8], attributes: &[&str], most: usize) -> Vec<u8> {
    let parts = elements(list);
    let ((_, name), (_, values)) = (parts[0], parts[1]);
    let name = std::str::from_utf8(name).expect("a name");
    let values = elements(values);
    let begins = attributes.iter().find_map(|known| begins(name, known).map(|from| (*known, from)));
    let whole = |name: &str, values: &[(u8, &[u8])]| {
        let values: Vec<u8> = values.iter().flat_map(|(tag, value)| wrapped(*tag, value)).collect();
        wrapped(SEQUENCE, &[wrapped(TEXT, name.as_bytes()), wrapped(SET, &values)].concat())
    };
    match begins {
        Some((known, from)) if values.len() > most => {
            let part = format!("{known};range={from}-{}", from + most - 1);
            [whole(known, &[]), whole(&part, &values[..most])].concat()
        }
        _ => whole(name, &values),
    }
}

/// The start of a list that goes to the end of the attribute.
fn begins(name: &str, attribute: &str) -> Option<usize> {
    match name.strip_prefix(attribute)? {
        "" => Some(0),
        rest => rest.strip_prefix(";range=")?.strip_suffix("-*")?.parse().ok(),
    }
}
