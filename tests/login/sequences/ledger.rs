//! What was really done, as the test saw it: nothing here is read back from the product.

use std::collections::BTreeSet;

use cloudsync_idp::clock::Clock;
use cloudsync_idp::domain::factor::{TotpParameters, TotpSecret, code_at};

/// One of the two people of a sequence.
pub type Who = usize;

/// A right password that was typed.
#[derive(Clone, Debug)]
pub struct PasswordFact {
    pub person: Who,
    /// By the provider's clock.
    pub at: i64,
    pub version: u32,
    /// How often the person had been reset or suspended by then.
    pub era: u32,
    /// Whether the right password had to be changed.
    pub must_change: bool,
    pub login: u32,
}

/// A right code that was typed, or an authenticator that was set up.
#[derive(Clone, Debug)]
pub struct FactorFact {
    pub person: Who,
    pub era: u32,
}

/// A browser that was remembered.
#[derive(Clone, Debug)]
pub struct RememberedFact {
    pub person: Who,
    pub era: u32,
    pub policy: u32,
    pub until: i64,
}

/// All that was proven on the way to one page, session, code or family.
#[derive(Clone, Debug, Default)]
pub struct Facts {
    pub password: Option<PasswordFact>,
    pub factors: Vec<FactorFact>,
    pub remembered: Option<RememberedFact>,
    pub put_off: bool,
    pub invited: Option<(Who, u32)>,
}

/// A person's phone and recovery codes.
#[derive(Clone, Debug)]
pub struct Phone {
    pub secret: TotpSecret,
    pub last_step: i64,
    pub recovery: Vec<String>,
    pub used: Vec<String>,
}

impl Phone {
    pub fn code(&self, step: i64) -> String {
        code_at(self.secret.bytes(), &TotpParameters::default(), step * 30_000).expect("a code")
    }
}

/// A person and the real state of their account.
#[derive(Clone, Debug)]
pub struct Person {
    pub name: String,
    pub dn: String,
    pub mail: String,
    pub in_group: bool,
    pub password: String,
    /// The number of the right password.
    pub version: u32,
    /// Between which seconds of the directory's clock each was set.
    pub set: Vec<(i64, i64)>,
    /// The number of the newest password that the product has seen.
    pub newest_seen: u32,
    pub must_change: bool,
    pub suspended: bool,
    pub era: u32,
    pub phone: Option<Phone>,
    pub invitations: BTreeSet<String>,
    pub wrong_passwords: u32,
    /// When something was first issued without a set-up that was due.
    pub due_since: Option<i64>,
}

impl Person {
    /// Whether the product knows that this password is not the newest. The directory's clock has seconds: if
    /// two passwords were set within one second, their order is unknown.
    pub fn is_outdated(&self, version: u32) -> bool {
        let set = |version: u32| usize::try_from(version).ok().and_then(|at| self.set.get(at)).copied();
        let (Some((_, older)), Some((newer, _))) = (set(version), set(self.newest_seen)) else {
            return false;
        };
        version < self.newest_seen && older < newer
    }

    /// Another password is right, set since `began`.
    pub fn is_given(&mut self, password: String, began: i64) {
        self.version += 1;
        self.set.push((began, directory_now()));
        self.password = password;
    }
}

/// The time in seconds, on the clock that the directory shares.
pub fn directory_now() -> i64 {
    Clock::System.now() / 1_000
}

/// What a client asks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ask {
    pub silent: bool,
    pub fresh: bool,
    pub max_age: Option<i64>,
    pub acr: Acr,
}

/// How the client requests an `acr`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Acr {
    #[default]
    Any,
    /// `acr_values`, two factors first.
    Voluntary,
    /// `acr_values`, one factor first.
    SingleFirst,
    /// The claims parameter, essential.
    Essential,
}

/// The policy in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    pub number: u32,
    pub required: &'static str,
    pub enrolment: &'static str,
    pub grace_days: i64,
    pub remember_days: i64,
}
