//! What was proven in one pending login, step by step. A proof is made of a judgement or of a code that was spent, and of
//! nothing else; between two requests the whole travels in one sealed value, so that no two logins' proofs ever mix.

use serde::{Deserialize, Serialize};

use crate::domain::Millis;
use crate::domain::account::{Account, AccountId};
use crate::domain::entry::{DirectoryId, EntryId};
use crate::domain::evidence::{Generations, Method, is_outdated};
use crate::domain::factor::Enrolling;
use crate::domain::gates::{Mode, Passed, Renewal};

/// A password that the directory accepted in this pending login. Private fields: only [`PasswordProof::new`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PasswordProof {
    pub(super) account: AccountId,
    pub(super) generations: Generations,
    pub(super) set_at: Option<Millis>,
    pub(super) at: Millis,
    needs_new_password: Option<Renewal>,
}

impl PasswordProof {
    /// Made of a judgement in which a typed password was right; `None` for any other judgement.
    #[must_use]
    pub fn new(passed: &Passed, now: Millis) -> Option<Self> {
        (passed.mode() == Mode::Password).then(|| Self {
            account: passed.account().clone(),
            generations: passed.generations(),
            set_at: passed.password_set_at(),
            at: now,
            needs_new_password: passed.needs_new_password(),
        })
    }

    /// Whose.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// False once the account was suspended or reset since, or has had a newer password.
    #[must_use]
    pub fn holds(&self, account: &Account) -> bool {
        self.account == account.id
            && self.generations.account == account.generation
            && !is_outdated(self.set_at, self.at, account.password_changed_at)
    }

    /// Under which settings it was judged.
    #[must_use]
    pub fn settings_generation(&self) -> i64 {
        self.generations.settings
    }

    /// The same under the settings of today, by which its person has just been judged. `None` once the account was suspended
    /// or reset since, or has had a newer password.
    #[must_use]
    pub fn judged_again(&self, passed: &Passed) -> Option<Self> {
        let generations = passed.generations();
        let holds = *passed.account() == self.account
            && generations.account == self.generations.account
            && !is_outdated(self.set_at, self.at, passed.password_set_at());
        holds.then(|| Self { generations, ..self.clone() })
    }

    /// True once so much time has passed since the password was checked that the directory has to be asked again whether
    /// its owner may come in. A clock set back counts as well.
    #[must_use]
    pub fn is_older_than(&self, most: Millis, now: Millis) -> bool {
        !(0..most.max(1)).contains(&(now - self.at))
    }

    /// Why the password, right as it is, is good for nothing before it is changed.
    #[must_use]
    pub fn needs_new_password(&self) -> Option<Renewal> {
        self.needs_new_password
    }

    /// The same person after the directory took a new password, and said when.
    #[must_use]
    pub fn with_new_password(self, set_at: Option<Millis>, now: Millis) -> Self {
        Self { set_at, at: now, needs_new_password: None, ..self }
    }
}

/// A code that was accepted, and spent, in this pending login.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactorProof {
    account: AccountId,
    generation: i64,
    method: Method,
    opens: Option<String>,
}

impl FactorProof {
    /// The caller has just spent a code of this account. `None` for a method that is no factor.
    ///
    /// It is good for this generation of the account: what was proven before a reset proves nothing after it.
    #[must_use]
    pub fn new(account: &Account, method: Method) -> Option<Self> {
        let (id, generation) = (account.id.clone(), account.generation);
        method.is_second_factor().then_some(Self { account: id, generation, method, opens: None })
    }

    /// Asked for before any password, it opens one bind: `ticket` is spent with it.
    #[must_use]
    pub fn opening(self, ticket: String) -> Self {
        Self { opens: Some(ticket), ..self }
    }

    /// Whose.
    #[must_use]
    pub fn account(&self) -> &AccountId {
        &self.account
    }

    /// How.
    #[must_use]
    pub fn method(&self) -> Method {
        self.method
    }

    /// The ticket for one bind, if it was asked for before any password.
    #[must_use]
    pub fn opens(&self) -> Option<&str> {
        self.opens.as_deref()
    }
}

/// All that has happened in one pending login.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// The name as it was typed last.
    pub typed_name: String,
    /// The directory that was chosen for it, where it could be in several.
    pub directory: Option<DirectoryId>,
    /// The password.
    pub password: Option<PasswordProof>,
    /// The second factor.
    pub factor: Option<FactorProof>,
    /// The entry that the password was proven for.
    pub link: Option<(DirectoryId, EntryId)>,
    /// Whether the person is in a group of the policy, as the directory said beside the password.
    pub in_policy_group: bool,
    /// Names of the person's groups, for the claim; `None` when they were read in an earlier request: there may be
    /// hundreds, so they do not travel.
    pub groups: Option<Vec<String>>,
    /// The person has chosen to set up a factor later.
    pub put_off: bool,
    /// The person asked that this browser be remembered.
    pub remember: bool,
    /// Whose help-desk code was redeemed, so that a factor may be set up, and at which generation of the account.
    pub invited: Option<(AccountId, i64)>,
    /// The authenticator that is being set up, and whose it will be.
    pub enrolling: Option<(AccountId, Enrolling)>,
    /// Too many wrong passwords were tried with the typed name: a code is asked for before the next.
    pub factor_first: bool,
    /// Then: until when wrong passwords count, for the page that says so.
    pub again_at: Option<Millis>,
}

impl Progress {
    /// The second factor, if it is this account's and nothing has ended it since.
    #[must_use]
    pub fn factor_of(&self, account: &AccountId, generation: i64) -> Option<&FactorProof> {
        self.factor.as_ref().filter(|proof| proof.account == *account && proof.generation == generation)
    }

    /// The same after whoever changed the password in this very login raised the account's generation by it.
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

    /// A password was proven: what was said of another person before does not count.
    #[must_use]
    pub fn with_password(self, proof: PasswordProof) -> Self {
        let account = proof.account.clone();
        let ours = |other: &AccountId| *other == account;
        Self {
            factor: self.factor.filter(|proof| ours(&proof.account)),
            invited: self.invited.filter(|(account, _)| ours(account)),
            enrolling: self.enrolling.filter(|(account, _)| ours(account)),
            password: Some(proof),
            put_off: false,
            factor_first: false,
            ..self
        }
    }

    /// The form that is sealed.
    #[must_use]
    pub fn to_travel(&self) -> TravellingProgress {
        TravellingProgress {
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
            }),
            link: self.link.as_ref().map(|(directory, entry)| (directory.clone(), entry.to_string())),
            in_policy_group: self.in_policy_group,
            put_off: self.put_off,
            remember: self.remember,
            invited: self.invited.clone(),
            enrolling: self.enrolling.clone(),
            factor_first: self.factor_first,
            again_at: self.again_at,
        }
    }

    /// Brings it back. The caller has opened the sealed value that held it, which opens for its own login in its own
    /// browser alone.
    #[must_use]
    pub fn restore(travelled: TravellingProgress) -> Self {
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
            }),
            link: travelled.link.and_then(|(directory, entry)| {
                EntryId::from_entry_uuid(&entry).map(|entry| (directory, entry))
            }),
            in_policy_group: travelled.in_policy_group,
            groups: None,
            put_off: travelled.put_off,
            remember: travelled.remember,
            invited: travelled.invited,
            enrolling: travelled.enrolling,
            factor_first: travelled.factor_first,
            again_at: travelled.again_at,
        }
    }
}

/// [`Progress`] on its way through a sealed value.
#[derive(Serialize, Deserialize)]
pub struct TravellingProgress {
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
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde passes a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}
