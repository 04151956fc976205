//! Secrets that were typed into a form: each goes into the settings in its stored form, beside the fields.

use toml::{Table, Value};

use super::field::{SettingField, entry_mut};
use super::report::{ProblemReport, SettingPath};
use super::sealing::hold_given;
use super::secrets::{hashed_client_secret, sendable, usable};
use super::tokens::{ServiceSecret, hold_service_secret};
use crate::domain::entry::DirectoryId;
use crate::domain::secret::Plain;
use crate::keys::Sealer;

/// The secret of a client before the current one.
const OLD_HASH: &str = "client_secret_old_hash";

/// A secret that was typed.
#[derive(Clone, Debug)]
pub enum TypedSecret {
    /// The password of a directory's service account.
    ServiceAccount(DirectoryId, Plain),
    /// The secret of the client with this id.
    Client(String, Plain),
    /// The same; the secret until now becomes the one before.
    NextOfClient(String, Plain),
    /// A secret of the service with this id.
    OfService(String, ServiceSecret, Plain),
    /// The next token of the service with this id takes the place of the current one.
    PromoteToken(String),
}

impl TypedSecret {
    /// What was typed for the secret of this key; `None` if no form sets it.
    #[must_use]
    pub fn of_field(field: &SettingField, typed: &str) -> Option<Self> {
        let ("provisioning", id, key) = field.in_entry()? else { return None };
        let secret = ServiceSecret::ALL.into_iter().find(|secret| secret.key() == key)?;
        Some(Self::OfService(id.to_owned(), secret, Plain::new(typed.trim())))
    }

    /// True if it was typed into the field of this name.
    #[must_use]
    pub fn is_of_field(&self, name: &str) -> bool {
        match self {
            Self::OfService(id, secret, _) => {
                SettingPath::named("provisioning", id).key(secret.key()).to_string() == name
            }
            _ => false,
        }
    }
}

/// A service authenticates in one way: the token that was typed replaces the client secret, and the client secret both
/// tokens. An empty field keeps what is stored, so a form could not change the way otherwise.
pub(super) fn forget_other_way(table: &mut Table, typed: &[TypedSecret]) {
    for secret in typed {
        let TypedSecret::OfService(id, typed, _) = secret else { continue };
        let others: &[ServiceSecret] = match typed {
            ServiceSecret::Token => &[ServiceSecret::ClientSecret],
            ServiceSecret::ClientSecret => &[ServiceSecret::Token, ServiceSecret::NextToken],
            ServiceSecret::NextToken => &[],
        };
        let Some(entry) = entry_mut(table, "provisioning", id) else { continue };
        for other in others {
            entry.remove(other.key());
        }
    }
}

/// Puts a secret into the settings.
pub(super) fn give(table: &mut Table, secret: &TypedSecret, sealer: &Sealer, report: &mut ProblemReport) {
    let usable = |plain| usable(plain).map_err(str::to_owned);
    let [token, next_token] = [ServiceSecret::Token, ServiceSecret::NextToken].map(ServiceSecret::key);
    let (list, id, typed, kept, held) = match secret {
        TypedSecret::ServiceAccount(id, plain) => {
            let key = "service_account_password";
            let held = usable(plain).map(|()| hold_given(sealer, id, plain));
            ("directories", id.0.as_str(), key, key, held)
        }
        TypedSecret::Client(id, plain) | TypedSecret::NextOfClient(id, plain) => {
            let held = usable(plain).and_then(|()| hashed_client_secret(sealer, id, plain));
            ("clients", id.as_str(), "client_secret", "client_secret_hash", held)
        }
        TypedSecret::OfService(id, secret, plain) => {
            let sent = usable(plain).and_then(|()| sendable(*secret, plain).map_err(str::to_owned));
            let held = sent.map(|()| hold_service_secret(sealer, *secret, id, plain));
            ("provisioning", id.as_str(), secret.key(), secret.key(), held)
        }
        TypedSecret::PromoteToken(id) => {
            let next = entry_mut(table, "provisioning", id).and_then(|entry| entry.remove(next_token));
            let held = next.as_ref().and_then(Value::as_str).map(str::to_owned);
            let held = held.ok_or_else(|| "is missing: there is no next token".to_owned());
            ("provisioning", id.as_str(), next_token, token, held)
        }
    };
    match (entry_mut(table, list, id), held) {
        (Some(entry), Ok(held)) => {
            let before = entry.insert(kept.to_owned(), Value::String(held));
            if let (TypedSecret::NextOfClient(..), Some(before)) = (secret, before) {
                entry.insert(OLD_HASH.to_owned(), before);
            }
        }
        (_, Err(advice)) => report.problem(&SettingPath::named(list, id).key(typed), advice),
        (None, Ok(_)) => report.problem(&SettingPath::named(list, id).key(typed), "does not exist any more"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_typed_secret_replaces_those_of_the_other_way_to_authenticate() {
        use ServiceSecret::{ClientSecret, NextToken, Token};
        let left = |typed: &[ServiceSecret]| {
            let text = "[[provisioning]]\nid = \"x\"\ntoken = \"a\"\nnext_token = \"b\"\noauth_client_secret = \"c\"\n\
                        [[provisioning]]\nid = \"y\"\ntoken = \"d\"\n";
            let mut table: Table = text.parse().expect("TOML");
            let secret = |one: &ServiceSecret| TypedSecret::OfService("x".into(), *one, Plain::new("t"));
            forget_other_way(&mut table, &typed.iter().map(secret).collect::<Vec<_>>());
            assert!(
                entry_mut(&mut table, "provisioning", "y").is_some_and(|other| other.contains_key("token"))
            );
            let entry = entry_mut(&mut table, "provisioning", "x").expect("an entry");
            ServiceSecret::ALL.into_iter().filter(|one| entry.contains_key(one.key())).collect::<Vec<_>>()
        };
        for (typed, expected) in [
            (&[][..], &[Token, NextToken, ClientSecret][..]),
            (&[NextToken][..], &[Token, NextToken, ClientSecret][..]),
            (&[Token][..], &[Token, NextToken][..]),
            (&[ClientSecret][..], &[ClientSecret][..]),
            (&[Token, ClientSecret][..], &[][..]),
        ] {
            assert_eq!(left(typed), expected, "{typed:?}");
        }
    }

    #[test]
    fn only_the_secrets_of_services_are_typed_beside_fields() {
        let of = |list, key| TypedSecret::of_field(&SettingField::of_entry(list, "x", key), " abc\n");
        for secret in ServiceSecret::ALL {
            let key = secret.key();
            let Some(TypedSecret::OfService(id, found, plain)) = of("provisioning", key) else {
                panic!("{key} is a secret")
            };
            assert_eq!((id.as_str(), found, plain.expose()), ("x", secret, "abc"));
            let typed = TypedSecret::OfService(id, found, plain);
            assert!(typed.is_of_field(&format!("provisioning[x].{key}")) && !typed.is_of_field(key));
        }
        for (list, key) in [("provisioning", "token_file"), ("provisioning", "id"), ("clients", "token")] {
            assert!(of(list, key).is_none(), "{list} {key}");
        }
        assert!(TypedSecret::of_field(&SettingField::new("provisioning", "token"), "x").is_none());
    }
}
