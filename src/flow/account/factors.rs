//! Second factors: check a code, set up an authenticator, and what the help desk and the owner can change.
//!
//! The store spends a code before anybody learns that it was right. Limits on attempts, and the policy that
//! demands a factor, are elsewhere.

mod desk;
mod import;
mod own;
mod people;

use crate::domain::account::{Account, AccountId};
use crate::domain::admin::Role;
use crate::domain::audit::Decision;
use crate::domain::factor::{
    Enrolling, Factor, FactorId, FactorKind, TotpSecret, factor_name, is_totp, matching_step,
};
use crate::domain::recovery::{new_codes, normalise};
use crate::domain::secret::{Hashed, Sealed};
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::flow::person::admin_role;
use crate::keys::{KeyError, Label, Sealer};
use crate::store::{AddOutcome, Adding, Issuer};

pub use desk::{Invitation, invite, reset};
pub use import::{AssignedLine, FactorImport, ImportError, ImportOptions, import};
pub use own::{new_recovery_codes, remove, rename};
pub use people::{NameError, account_named};

/// The kind under which secrets of authenticators are sealed.
const SEALED_AS: &str = "totp";
/// The name of a new authenticator until its owner changes it.
const FIRST_NAME: &str = "Authenticator";

/// The second factors of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AccountFactors {
    /// The authenticators, the oldest first.
    pub factors: Vec<Factor>,
    pub recovery_left: u32,
}

impl AccountFactors {
    /// True if the account can prove a second factor.
    #[must_use]
    pub fn has_factor(&self) -> bool {
        !self.factors.is_empty()
    }
}

/// How a second factor was proven.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Means {
    Otp,
    /// By a recovery code; so many are left.
    Recovery {
        left: u32,
    },
}

/// The result of checking a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Checked {
    Right(Means),
    /// The code was right but has been used before. Before a password was proven this must look like a wrong
    /// code: it reveals that the account exists.
    AlreadyUsed,
    Wrong,
}

/// The second factors of an account.
pub async fn account_factors(parts: &LoginParts, account: &AccountId) -> Result<AccountFactors, Fault> {
    Ok(AccountFactors {
        factors: parts.store.identity().factors(account).await?,
        recovery_left: parts.store.identity().recovery_codes_left(account).await?,
    })
}

/// Checks a code against every authenticator of the account and its recovery codes. A right code is spent.
pub async fn check(
    parts: &LoginParts,
    visit: &Visit,
    account: &AccountId,
    code: &str,
) -> Result<Checked, Fault> {
    if is_totp(code) {
        return check_totp(parts, account, code).await;
    }
    let Some(normalised) = normalise(code) else { return Ok(Checked::Wrong) };
    let event = visit.event(parts.now(), Decision::RecoveryCodeUsed).about(account, None);
    let hash = recovery_hash(&parts.keys.sealer, account, &normalised);
    let left = parts.store.identity().use_recovery_code(account, &hash, &event).await?;
    Ok(left.map_or(Checked::Wrong, |left| Checked::Right(Means::Recovery { left })))
}

async fn check_totp(parts: &LoginParts, account: &AccountId, code: &str) -> Result<Checked, Fault> {
    let now = parts.now();
    let mut checked = Checked::Wrong;
    for factor in parts.store.identity().factors(account).await? {
        let FactorKind::Totp(parameters) = factor.kind;
        let secret = parts.keys.sealer.open(SEALED_AS, &factor.id.0, &factor.secret)?;
        let secret = zeroize::Zeroizing::new(secret);
        let Some(step) = matching_step(&secret, &parameters, code, now) else { continue };
        if parts.store.identity().use_totp(&factor.id, step, now).await? {
            return Ok(Checked::Right(Means::Otp));
        }
        checked = Checked::AlreadyUsed;
    }
    Ok(checked)
}

/// The secret of this factor under the current sealing key; `None` if it is already.
pub fn resealed(sealer: &Sealer, factor: &FactorId, secret: &Sealed) -> Result<Option<Sealed>, KeyError> {
    sealer.reseal(SEALED_AS, &factor.0, secret)
}

/// Makes a secret for a new authenticator.
#[must_use]
pub fn begin_enrolment(parts: &LoginParts) -> Enrolling {
    Enrolling {
        secret: TotpSecret::new(&mut rand::rng()),
        parameters: parts.current().settings.second_factor.totp,
    }
}

/// The result of setting up an authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Enrolled {
    /// It is stored and its first code spent, so the factor is proven. The new recovery codes are to be shown
    /// once; empty if the existing ones stay valid.
    Done(Vec<String>),
    /// The code is wrong; nothing is stored.
    WrongCode,
    /// There is an authenticator already; nothing is stored.
    NotFirst,
    /// The account has changed since it was judged (reset, suspended); nothing is stored.
    Stale,
}

/// An authenticator to be stored.
#[derive(Clone, Copy)]
pub struct NewAuthenticator<'a> {
    pub enrolling: &'a Enrolling,
    /// The name that its owner gave it; may be empty.
    pub name: &'a str,
    /// The code that proves that its owner has it.
    pub code: &'a str,
}

/// Stores an authenticator after a code has proven that its owner has it. The account is the one that was
/// judged: its generation is compared again, so a set-up that began before a reset fails.
pub async fn finish_enrolment(
    parts: &LoginParts,
    visit: &Visit,
    account: &Account,
    new: NewAuthenticator<'_>,
    adding: Adding,
) -> Result<Enrolled, Fault> {
    let NewAuthenticator { enrolling, name, code } = new;
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
    let event = visit.event(now, Decision::FactorAdded).about(&account.id, None);
    Ok(
        match parts.store.identity().add_factor(&factor, adding, account.generation, &hashes, &event).await? {
            AddOutcome::Added => Enrolled::Done(codes),
            AddOutcome::AddedBesideCodes => Enrolled::Done(Vec::new()),
            AddOutcome::NotFirst => Enrolled::NotFirst,
            AddOutcome::Stale => Enrolled::Stale,
        },
    )
}

/// Spends a help-desk code: to set up a factor where policy demands one, or to sign in once without one. A code opens
/// nothing for a person on whom its issuer may not act by now: they may have become an admin since.
pub async fn redeem_invitation(
    parts: &LoginParts,
    visit: &Visit,
    account: &AccountId,
    code: &str,
) -> Result<bool, Fault> {
    let Some(normalised) = normalise(code) else { return Ok(false) };
    let event = visit.event(parts.now(), Decision::InvitationUsed).about(account, None);
    let hash = invitation_hash(&parts.keys.sealer, account, &normalised);
    let identity = parts.store.identity();
    let Some(issuer) = identity.invitation_issuer(account, &hash, parts.now()).await? else {
        return Ok(false);
    };
    Ok(may_open(parts, account, issuer).await? && identity.use_invitation(account, &hash, &event).await?)
}

async fn may_open(parts: &LoginParts, account: &AccountId, issuer: Issuer) -> Result<bool, Fault> {
    let issuer = match issuer {
        Issuer::CommandLine | Issuer::Admin(Some(Role::Owner)) => return Ok(true),
        Issuer::Admin(role) => role,
    };
    let Some(account) = parts.store.identity().account(account).await? else { return Ok(false) };
    let role = admin_role::highest(&parts.store, &parts.clock, &parts.current(), &account).await?;
    Ok(issuer.map_or(role.is_none(), |issuer| issuer.may_act_on(role)))
}

/// Ten codes, with the digests that the store keeps.
fn recovery_set(sealer: &Sealer, account: &AccountId) -> (Vec<String>, Vec<Hashed>) {
    let codes = new_codes(&mut rand::rng());
    let hashes = codes.iter().map(|code| recovery_hash(sealer, account, code)).collect();
    (codes, hashes)
}

/// The account is in the digest, so that equal digests of two accounts reveal nothing. No id contains a NUL.
fn recovery_hash(sealer: &Sealer, account: &AccountId, code: &str) -> Hashed {
    sealer.hmac(Label::RecoveryCode, format!("{account}\0{code}").as_bytes())
}

fn invitation_hash(sealer: &Sealer, account: &AccountId, code: &str) -> Hashed {
    sealer.hmac(Label::Invitation, format!("{account}\0{code}").as_bytes())
}

#[cfg(test)]
mod tests;
