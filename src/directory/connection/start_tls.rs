//! Perform StartTLS (RFC 4511 section 4.14) without the LDAP library: data before TLS is unauthenticated, so
//! it is read with a limit and kept from the library. Exactly one response is read from the socket: bytes
//! that an attacker adds after it are read as TLS and break the handshake.

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::directory::ber::{ENUMERATED, Header, INTEGER, Reader, SEQUENCE};
use crate::directory::error::LdapFault;

/// `LDAPMessage { messageID 1, ExtendedRequest { requestName 1.3.6.1.4.1.1466.20037 } }`.
const REQUEST: &[u8] = b"\x30\x1d\x02\x01\x01\x77\x18\x80\x161.3.6.1.4.1.1466.20037";
/// A genuine response has about twenty bytes, and rarely a diagnostic text.
const LONGEST_ANSWER: usize = 4_096;

/// Sends the request; afterwards the next byte to send is the client hello.
pub(crate) async fn request<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut S) -> Result<(), LdapFault> {
    stream.write_all(REQUEST).await.map_err(|error| LdapFault::StartTls(error.to_string()))?;
    let answer = read_message(stream).await?;
    match result_code(&answer) {
        Some(0) => Ok(()),
        Some(code) => Err(LdapFault::StartTls(format!("the server answered {code}"))),
        None => Err(LdapFault::StartTls("the server sent an unexpected response".to_owned())),
    }
}

async fn read_message<S: AsyncRead + Unpin>(stream: &mut S) -> Result<Vec<u8>, LdapFault> {
    let broken = |error: std::io::Error| LdapFault::StartTls(error.to_string());
    let fault = |text: &str| LdapFault::StartTls(text.to_owned());
    let mut message = Vec::new();
    let header = loop {
        message.push(stream.read_u8().await.map_err(broken)?);
        let header = Header::read(&message).map_err(|_| fault("the response is not LDAP"))?;
        if let Some(header) = header {
            break header;
        }
    };
    let length = usize::try_from(header.length).ok().filter(|length| *length <= LONGEST_ANSWER);
    message.resize(header.size + length.ok_or_else(|| fault("the response is too long"))?, 0);
    stream.read_exact(&mut message[header.size..]).await.map_err(broken)?;
    Ok(message)
}

/// `LDAPMessage { messageID, ExtendedResponse [APPLICATION 24] { resultCode ENUMERATED, ... } }`.
fn result_code(message: &[u8]) -> Option<u8> {
    const EXTENDED_RESPONSE: u8 = 0x78;
    let mut message = Reader::inside(SEQUENCE, message)?;
    message.take(INTEGER).filter(|id| *id == [1])?;
    let mut response = Reader::new(message.take(EXTENDED_RESPONSE)?);
    let [code] = response.take(ENUMERATED)? else { return None };
    Some(*code)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tokio::io::duplex;

    use super::*;

    const YES: &[u8] = b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00";

    async fn answered(with: &[u8]) -> (Result<(), LdapFault>, Vec<u8>) {
        let (mut ours, mut theirs) = duplex(64 * 1024);
        theirs.write_all(with).await.expect("room");
        drop(theirs.shutdown().await);
        let result = request(&mut ours).await;
        let mut rest = Vec::new();
        ours.read_to_end(&mut rest).await.expect("what follows");
        (result, rest)
    }

    #[tokio::test]
    async fn only_a_plain_success_continues() {
        assert_eq!(answered(YES).await.0, Ok(()));
        let refusals: [&[u8]; 5] = [
            b"\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x34\x04\x00\x04\x00",
            b"\x30\x0c\x02\x01\x02\x78\x07\x0a\x01\x00\x04\x00\x04\x00",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
            b"\x30\x84\xff\xff\xff\xff",
            b"",
        ];
        for refusal in refusals {
            assert!(matches!(answered(refusal).await.0, Err(LdapFault::StartTls(_))), "{refusal:x?}");
        }
    }

    #[tokio::test]
    async fn bytes_after_the_response_stay_in_the_socket() {
        let (result, rest) = answered(&[YES, b"injected"].concat()).await;
        assert_eq!((result, rest.as_slice()), (Ok(()), b"injected".as_slice()));
    }

    #[tokio::test]
    async fn the_request_is_what_the_rfc_says() {
        let tag = ldap3::asn1::parse_tag(REQUEST).expect("BER");
        assert!(tag.0.is_empty());
    }

    proptest! {
        #[test]
        fn no_bytes_make_the_reader_panic(bytes: Vec<u8>) {
            let _ = result_code(&bytes);
        }
    }
}
