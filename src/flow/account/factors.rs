//! Second factors: proving one, setting one up, and what help desk and owner may do with them.
//!
//! Codes are spent in the store before anybody hears that they were right. How often somebody may try is not decided here,
//! nor who has to have a factor.

mod desk;
mod import;
mod own;
mod people;

use crate::domain::account::{Account, AccountId};
use crate::domain::audit::{Decision, Event};
use crate::domain::factor::{
    Enrolling, Factor, FactorId, FactorKind, TotpSecret, factor_name, is_totp, matching_step,
};
use crate::domain::recovery::{new_codes, normalise};
use crate::domain::secret::{Hashed, Sealed};
use crate::flow::installation::context::{Parts, Visit};
use crate::flow::installation::fault::Fault;
use crate::keys::{KeyError, Label, Sealer};
use crate::store::{AddOutcome, Adding};

pub use desk::{Invitation, invite, reset};
pub use import::{ImportError, Imported, Line, Options, import};
pub use own::{new_recovery_codes, remove, rename};
pub use people::{NameError, People};

/// What secrets of authenticators are sealed as.
const SEALED_AS: &str = "totp";
/// What a new authenticator is called until its owner says otherwise.
const FIRST_NAME: &str = "Authenticator";

/// What an account has of second factors.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standing {
    /// The authenticators, the oldest first.
    pub factors: Vec<Factor>,
    /// How many recovery codes are left.
    pub recovery_left: u32,
}

impl Standing {
    /// True when there is something that a second factor can be proven by.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        !self.factors.is_empty()
    }
}

/// How a second factor was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    /// By a code of an authenticator.
    Otp,
    /// By a recovery code; so many are left.
    Recovery { left: u32 },
}

/// What a typed code is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    /// It was right, and is spent now.
    Right(Means),
    /// It was right once, and was used already. To whom no password was proven this is the same as a wrong one: it tells
    /// that the account exists.
    AlreadyUsed,
    Wrong,
}

/// What an account has of second factors.
pub async fn standing(parts: &Parts, account: &AccountId) -> Result<Standing, Fault> {
    Ok(Standing {
        factors: parts.store.identity().factors(account).await?,
        recovery_left: parts.store.identity().recovery_codes_left(account).await?,
    })
}

/// Checks a typed code: of any authenticator of the account, or one of its recovery codes. Right codes are spent.
pub async fn check(parts: &Parts, visit: &Visit, account: &AccountId, typed: &str) -> Result<Checked, Fault> {
    if is_totp(typed) {
        return check_totp(parts, account, typed).await;
    }
    let Some(code) = normalise(typed) else { return Ok(Checked::Wrong) };
    let event = of(account, visit.event(parts.now(), Decision::RecoveryCodeUsed));
    let hash = recovery_hash(&parts.keys.sealer, account, &code);
    let left = parts.store.identity().use_recovery_code(account, &hash, &event).await?;
    Ok(left.map_or(Checked::Wrong, |left| Checked::Right(Means::Recovery { left })))
}

async fn check_totp(parts: &Parts, account: &AccountId, typed: &str) -> Result<Checked, Fault> {
    let now = parts.now();
    let mut checked = Checked::Wrong;
    for factor in parts.store.identity().factors(account).await? {
        let FactorKind::Totp(parameters) = factor.kind;
        let secret = parts.keys.sealer.open(SEALED_AS, &factor.id.0, &factor.secret)?;
        let secret = zeroize::Zeroizing::new(secret);
        let Some(step) = matching_step(&secret, &parameters, typed, now) else { continue };
        if parts.store.identity().use_totp(&factor.id, step, now).await? {
            return Ok(Checked::Right(Means::Otp));
        }
        checked = Checked::AlreadyUsed;
    }
    Ok(checked)
}

/// The secret of this factor under the sealing key in force; `None` where it is already.
pub fn resealed(sealer: &Sealer, factor: &FactorId, secret: &Sealed) -> Result<Option<Sealed>, KeyError> {
    sealer.reseal(SEALED_AS, &factor.0, secret)
}

/// Makes a secret for a new authenticator.
#[must_use]
pub fn begin_enrolment(parts: &Parts) -> Enrolling {
    Enrolling {
        secret: TotpSecret::new(&mut rand::rng()),
        parameters: parts.current().settings.second_factor.totp,
    }
}

/// How setting up an authenticator ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// It is there, and its first code is spent: the factor is proven. The new recovery codes, to be shown once; none where
    /// those that the person has stay in force.
    Done(Vec<String>),
    /// The code is wrong; nothing is stored.
    WrongCode,
    /// There is one already; nothing is stored.
    NotFirst,
    /// The account has changed since it was judged (it was reset, suspended); nothing is stored.
    Stale,
}

/// Stores an authenticator once a code has proven that its owner has it. The account is the one that was judged: its
/// generation is compared again, so that a set-up which began before a reset ends nowhere.
pub async fn finish_enrolment(
    parts: &Parts,
    visit: &Visit,
    account: &Account,
    (enrolling, name): (&Enrolling, &str),
    adding: Adding,
    code: &str,
) -> Result<Enrolled, Fault> {
    let now = parts.now();
    let Some(step) = matching_step(enrolling.secret.bytes(), &enrolling.parameters, code, now) else {
        return Ok(Enrolled::WrongCode);
    };
    let id = FactorId(parts.random_id());
    let factor = Factor {
        account: account.id.clone(),
        kind: FactorKind::Totp(enrolling.parameters),
        name: factor_name(name).unwrap_or_else(|| FIRST_NAME.to_owned()),
        secret: parts.keys.sealer.seal(SEALED_AS, &id.0, enrolling.secret.bytes()),
        last_step: Some(step),
        created_at: now,
        used_at: Some(now),
        id,
    };
    let (codes, hashes) = recovery_set(&parts.keys.sealer, &account.id);
    let event = of(&account.id, visit.event(now, Decision::FactorAdded));
    Ok(
        match parts.store.identity().add_factor(&factor, adding, account.generation, &hashes, &event).await? {
            AddOutcome::Added => Enrolled::Done(codes),
            AddOutcome::AddedBesideCodes => Enrolled::Done(Vec::new()),
            AddOutcome::NotFirst => Enrolled::NotFirst,
            AddOutcome::Stale => Enrolled::Stale,
        },
    )
}

/// Spends a code of the help desk. It lets a person set up a factor where policy wants that, or sign in once without one.
pub async fn redeem_invitation(
    parts: &Parts,
    visit: &Visit,
    account: &AccountId,
    typed: &str,
) -> Result<bool, Fault> {
    let Some(code) = normalise(typed) else { return Ok(false) };
    let event = of(account, visit.event(parts.now(), Decision::InvitationUsed));
    let hash = invitation_hash(&parts.keys.sealer, account, &code);
    Ok(parts.store.identity().use_invitation(account, &hash, &event).await?)
}

/// Ten codes, and what the store keeps of them.
fn recovery_set(sealer: &Sealer, account: &AccountId) -> (Vec<String>, Vec<Hashed>) {
    let codes = new_codes(&mut rand::rng());
    let hashes = codes.iter().map(|code| recovery_hash(sealer, account, code)).collect();
    (codes, hashes)
}

/// The account is in it, so that equal digests of two accounts tell nothing. No id has a NUL.
fn recovery_hash(sealer: &Sealer, account: &AccountId, code: &str) -> Hashed {
    sealer.hmac(Label::RecoveryCode, format!("{account}\0{code}").as_bytes())
}

fn invitation_hash(sealer: &Sealer, account: &AccountId, code: &str) -> Hashed {
    sealer.hmac(Label::Invitation, format!("{account}\0{code}").as_bytes())
}

fn of(account: &AccountId, event: Event) -> Event {
    Event { account_id: Some(account.0.clone()), ..event }
}

#[cfg(test)]
mod tests;
