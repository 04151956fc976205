//! Proofs collected in one pending login. A proof is created only from a judgement or a used-up code. Between
//! two requests all of them are in one sealed value, so that proofs of different logins never mix.

use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::evidence::{Generations, Method, is_outdated};
use crate::domain::factor::Enrolling;
use crate::domain::gates::{JudgementMode, Passed, Renewal};

/// A password that the directory accepted in this pending login. Its fields are private: only
/// [`PasswordProof::new`] creates one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordProof {
    pub(super) account: AccountId,
    pub(super) generations: Generations,
    pub(super) set_at: Option<Millis>,
    pub(super) at: Millis,
    needs_new_password: Option<Renewal>,
}

impl PasswordProof {
    /// Created from a judgement with a correct typed password; `None` for any other judgement.
    #[must_use]
    pub fn new(passed: &Passed, now: Millis) -> Option<Self> {
        (passed.mode() == JudgementMode::Password).then(|| Self {
            account: passed.account().clone(),
            generations: passed.generations(),
            set_at: passed.password_set_at(),
            at: now,
            needs_new_password: passed.needs_new_password(),
        })
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// False if the account was suspended or reset since, or has a newer password.
    #[must_use]
    pub fn holds(&self, account: &Account) -> bool {
        self.account == account.id
            && self.generations.account == account.generation
            && !is_outdated(self.set_at, self.at, account.password_changed_at)
    }

    /// The generation of the settings at the judgement.
    #[must_use]
    pub fn settings_generation(&self) -> i64 {
        self.generations.settings
    }

    /// The same proof under the current settings, after its person was judged again. `None` if the account
    /// was suspended or reset since, or has a newer password.
    #[must_use]
    pub fn judged_again(&self, passed: &Passed) -> Option<Self> {
        let generations = passed.generations();
        let holds = *passed.account() == self.account
            && generations.account == self.generations.account
            && !is_outdated(self.set_at, self.at, passed.password_set_at());
        holds.then(|| Self { generations, ..self.clone() })
    }

    /// True if the password was checked so long ago that the directory must be asked again about its owner. A
    /// clock that was set back counts as well.
    #[must_use]
    pub fn is_older_than(&self, most: Millis, now: Millis) -> bool {
        !(0..most.max(1)).contains(&(now - self.at))
    }

    /// Why the correct password must be changed before it is used.
    #[must_use]
    pub fn needs_new_password(&self) -> Option<Renewal> {
        self.needs_new_password
    }

    /// The proof after the directory accepted a new password at `set_at`.
    #[must_use]
    pub fn with_new_password(self, set_at: Option<Millis>, now: Millis) -> Self {
        Self { set_at, at: now, needs_new_password: None, ..self }
    }
}

/// A code that was accepted and used up in this pending login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorProof {
    account: AccountId,
    generation: i64,
    method: Method,
    opens: Option<String>,
    /// When it was accepted; 0 if nobody noted it, so that it counts as old.
    at: Millis,
}

impl FactorProof {
    /// The caller has just used up a code of this account. `None` for a method that is not a factor.
    ///
    /// Valid for this generation of the account: a reset invalidates it.
    #[must_use]
    pub fn new(account: &Account, method: Method) -> Option<Self> {
        let (id, generation) = (account.id.clone(), account.generation);
        method.is_second_factor().then_some(Self { account: id, generation, method, opens: None, at: 0 })
    }

    /// Accepted at this time.
    #[must_use]
    pub fn accepted_at(self, at: Millis) -> Self {
        Self { at, ..self }
    }

    /// When it was accepted.
    #[must_use]
    pub fn at(&self) -> Millis {
        self.at
    }

    /// For a code that was requested before the password: it allows one bind and uses up `ticket`.
    #[must_use]
    pub fn opening(self, ticket: String) -> Self {
        Self { opens: Some(ticket), ..self }
    }

    /// The account.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// The method.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The ticket for one bind, if the code was requested before the password.
    #[must_use]
    pub fn opens(&self) -> Option<&str> {
        self.opens.as_deref()
    }
}

/// Everything that has happened in one pending login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The name as last typed.
    pub typed_name: String,
    /// The directory that the person chose, if several were possible.
    pub directory: Option<DirectoryId>,
    pub password: Option<PasswordProof>,
    pub factor: Option<FactorProof>,
    /// The entry that the password belongs to.
    pub link: Option<(DirectoryId, EntryId)>,
    /// Whether the person was in a group of the policy when the password was checked.
    pub in_policy_group: bool,
    /// The person's group names, for the claim; `None` if they were read in an earlier request: there may be
    /// hundreds, so they are not sealed.
    pub groups: Option<Vec<String>>,
    /// When the directory confirmed the account, beside the password. It is stored with the session.
    pub confirmed_at: Option<Millis>,
    /// The person chose to set up a factor later.
    pub put_off: bool,
    /// The person wants this browser to be remembered.
    pub remember: bool,
    /// The account whose help-desk code was redeemed, which allows setting up a factor, and its generation.
    pub invited: Option<(AccountId, i64)>,
    /// The authenticator that is being set up, and its future owner.
    pub enrolling: Option<(AccountId, Enrolling)>,
    /// Too many wrong passwords were tried with the typed name: a code is required before the next one.
    pub factor_first: bool,
    /// When those wrong passwords stop counting, for display.
    pub again_at: Option<Millis>,
}

impl Progress {
    /// The second factor, if it belongs to this account and is still valid.
    #[must_use]
    pub fn factor_of(&self, account: &AccountId, generation: i64) -> Option<&FactorProof> {
        self.factor.as_ref().filter(|proof| proof.account == *account && proof.generation == generation)
    }

    /// The progress after a password change in this login, which incremented the account's generation.
    #[must_use]
    pub fn with_new_password(self, set_at: Option<Millis>, generation: i64, now: Millis) -> Self {
        let Some(proof) = self.password else { return self };
        let factor = self.factor.map(|factor| {
            let holds = factor.account == proof.account && factor.generation == proof.generations.account;
            if holds { FactorProof { generation, ..factor } } else { factor }
        });
        let generations = Generations { account: generation, ..proof.generations };
        let password = PasswordProof { generations, ..proof.with_new_password(set_at, now) };
        Self { password: Some(password), factor, ..self }
    }

    /// The progress after a password was proven: proofs of a different person are dropped.
    #[must_use]
    pub fn with_password(self, proof: PasswordProof) -> Self {
        let account = proof.account.clone();
        let ours = |other: &AccountId| *other == account;
        Self {
            factor: self.factor.filter(|proof| ours(&proof.account)),
            invited: self.invited.filter(|(account, _)| ours(account)),
            enrolling: self.enrolling.filter(|(account, _)| ours(account)),
            password: Some(proof),
            confirmed_at: None,
            put_off: false,
            factor_first: false,
            ..self
        }
    }

    /// The form that is sealed.
    #[must_use]
    pub fn to_sealed(&self) -> SealedProgress {
        SealedProgress {
            typed_name: self.typed_name.clone(),
            directory: self.directory.clone(),
            password: self.password.as_ref().map(|proof| TravellingPassword {
                account: proof.account.clone(),
                account_generation: proof.generations.account,
                settings_generation: proof.generations.settings,
                set_at: proof.set_at,
                at: proof.at,
                needs_new_password: proof.needs_new_password,
            }),
            factor: self.factor.as_ref().map(|proof| TravellingFactor {
                account: proof.account.clone(),
                generation: proof.generation,
                method: proof.method,
                opens: proof.opens.clone(),
                at: proof.at,
            }),
            link: self.link.as_ref().map(|(directory, entry)| (directory.clone(), entry.to_string())),
            in_policy_group: self.in_policy_group,
            confirmed_at: self.confirmed_at,
            put_off: self.put_off,
            remember: self.remember,
            invited: self.invited.clone(),
            enrolling: self.enrolling.clone(),
            factor_first: self.factor_first,
            again_at: self.again_at,
        }
    }

    /// Reads it back. The caller has opened the sealed value, which opens only for its own login in its own
    /// browser.
    #[must_use]
    pub fn restore(travelled: SealedProgress) -> Self {
        Self {
            typed_name: travelled.typed_name,
            directory: travelled.directory,
            password: travelled.password.map(|proof| PasswordProof {
                account: proof.account,
                generations: Generations {
                    account: proof.account_generation,
                    settings: proof.settings_generation,
                },
                set_at: proof.set_at,
                at: proof.at,
                needs_new_password: proof.needs_new_password,
            }),
            factor: travelled.factor.map(|proof| FactorProof {
                account: proof.account,
                generation: proof.generation,
                method: proof.method,
                opens: proof.opens,
                at: proof.at,
            }),
            link: travelled.link.and_then(|(directory, entry)| {
                EntryId::from_entry_uuid(&entry).map(|entry| (directory, entry))
            }),
            in_policy_group: travelled.in_policy_group,
            groups: None,
            confirmed_at: travelled.confirmed_at,
            put_off: travelled.put_off,
            remember: travelled.remember,
            invited: travelled.invited,
            enrolling: travelled.enrolling,
            factor_first: travelled.factor_first,
            again_at: travelled.again_at,
        }
    }
}

/// [`Progress`] inside a sealed value.
#[derive(Serialize, Deserialize)]
pub struct SealedProgress {
    #[serde(default, skip_serializing_if = "String::is_empty")]
    typed_name: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    directory: Option<DirectoryId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    password: Option<TravellingPassword>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    factor: Option<TravellingFactor>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    link: Option<(DirectoryId, String)>,
    #[serde(default, skip_serializing_if = "is_false")]
    in_policy_group: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    confirmed_at: Option<Millis>,
    #[serde(default, skip_serializing_if = "is_false")]
    put_off: bool,
    #[serde(default, skip_serializing_if = "is_false")]
    remember: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    invited: Option<(AccountId, i64)>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    enrolling: Option<(AccountId, Enrolling)>,
    #[serde(default, skip_serializing_if = "is_false")]
    factor_first: bool,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    again_at: Option<Millis>,
}

#[derive(Serialize, Deserialize)]
struct TravellingPassword {
    account: AccountId,
    account_generation: i64,
    settings_generation: i64,
    set_at: Option<Millis>,
    at: Millis,
    needs_new_password: Option<Renewal>,
}

#[derive(Serialize, Deserialize)]
struct TravellingFactor {
    account: AccountId,
    generation: i64,
    method: Method,
    opens: Option<String>,
    #[serde(default)]
    at: Millis,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
