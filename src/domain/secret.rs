//! Secret values: they print as `[redacted]`, and plain ones are wiped on drop.

use std::fmt;

use zeroize::{Zeroize, ZeroizeOnDrop};

/// A secret in clear text: a typed password, a client secret, a service account's password.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Plain(String);

impl Plain {
    /// Wraps a clear text secret.
    #[must_use]
    pub fn new(value: impl Into<String>) -> Self {
        Self(value.into())
    }

    /// The clear text, for the one place that must send or hash it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// True for an empty password and for one of NULs only: a server may treat either as an anonymous bind
    /// that "succeeds" (RFC 4513 section 5.1.2), so it must never be sent.
    #[must_use]
    pub fn is_blank(&self) -> bool {
        self.0.bytes().all(|byte| byte == 0)
    }
}

impl fmt::Debug for Plain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[redacted]")
    }
}

/// A keyed or plain digest of a secret (HMAC-SHA-256 or SHA-256, 32 bytes), stored in place of ids and
/// tokens.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Hashed(pub [u8; 32]);

impl fmt::Debug for Hashed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("[hashed]")
    }
}

/// Bytes that only the sealing key opens (AEAD), opaque to both stores.
#[derive(Clone, PartialEq, Eq)]
pub struct Sealed(pub Vec<u8>);

impl fmt::Debug for Sealed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[sealed, {} bytes]", self.0.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_or_nul_password_is_blank() {
        for blank in ["", "\0", "\0\0\0"] {
            assert!(Plain::new(blank).is_blank(), "{blank:?}");
        }
        for real in [" ", "a", "\0a"] {
            assert!(!Plain::new(real).is_blank(), "{real:?}");
        }
    }

    #[test]
    fn secrets_do_not_print() {
        assert_eq!(format!("{:?}", Plain::new("hunter2")), "[redacted]");
        assert_eq!(format!("{:?}", Hashed([7; 32])), "[hashed]");
        assert_eq!(format!("{:?}", Sealed(vec![1, 2, 3])), "[sealed, 3 bytes]");
    }
}
