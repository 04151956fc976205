//! A phone with an authenticator app: RFC 6238 implemented independently of the product.

use aws_lc_rs::hmac;

use super::browser::{Page, unescaped};

const BASE32: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

/// A phone with one account.
#[derive(Clone, Debug)]
pub struct Phone {
    secret: Vec<u8>,
    digits: u32,
    seconds: i64,
}

impl Phone {
    /// Scans the set-up page, using the link beside the QR code, which has the same content.
    pub fn scan(page: &Page) -> Self {
        let link = page.body.split("href=\"otpauth:").nth(1).and_then(|rest| rest.split('"').next());
        let link = link.unwrap_or_else(|| panic!("no key on {:?}", page.text()));
        Self::of(&format!("otpauth:{}", unescaped(link)))
    }

    /// Adds the account of an `otpauth` URI.
    pub fn of(uri: &str) -> Self {
        let uri = reqwest::Url::parse(uri).expect("an address");
        assert_eq!((uri.scheme(), uri.host_str()), ("otpauth", Some("totp")));
        let value =
            |name: &str| uri.query_pairs().find(|(key, _)| key == name).map(|(_, value)| value.into_owned());
        assert!(value("algorithm").is_none_or(|name| name == "SHA1"), "{uri}");
        let number =
            |name: &str, usual: u32| value(name).map_or(usual, |text| text.parse().expect("a number"));
        let secret = base32(&value("secret").expect("a secret"));
        Self { secret, digits: number("digits", 6), seconds: number("period", 30).into() }
    }

    /// The code at this time (milliseconds since the epoch).
    pub fn code(&self, now: i64) -> String {
        let key = hmac::Key::new(hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, &self.secret);
        let digest = hmac::sign(&key, &(now / 1000 / self.seconds).to_be_bytes());
        let digest = digest.as_ref();
        let start = usize::from(digest[digest.len() - 1] & 15);
        let four: [u8; 4] = digest[start..start + 4].try_into().expect("four bytes");
        let number = (u32::from_be_bytes(four) & 0x7fff_ffff) % 10_u32.pow(self.digits);
        format!("{number:0width$}", width = self.digits as usize)
    }

    /// A code of the right length that is wrong around this time.
    pub fn wrong_code(&self, now: i64) -> String {
        let near: Vec<String> = (-1..=1).map(|step| self.code(now + step * self.seconds * 1000)).collect();
        let mut codes = ["000000", "111111", "222222", "333333"].into_iter();
        codes.find(|code| !near.iter().any(|right| right == code)).expect("three can't take four").to_owned()
    }
}

/// RFC 4648 section 6, without padding.
fn base32(text: &str) -> Vec<u8> {
    let mut bytes = Vec::new();
    let (mut held, mut bits) = (0_u32, 0);
    for letter in text.bytes() {
        let value = BASE32.iter().position(|known| *known == letter).expect("base32");
        held = held << 5 | u32::try_from(value).expect("below 32");
        bits += 5;
        if bits >= 8 {
            bits -= 8;
            bytes.push(u8::try_from(held >> bits & 0xff).expect("a byte"));
        }
    }
    bytes
}
