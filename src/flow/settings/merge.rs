//! Merge a file into the stored settings: by key, named lists by name, rows added to existing ones.

use toml::{Table, Value};

use super::schema::{ROOT, SettingKey, ValueKind};

/// The stored table with the patch merged into it. Both have been read by the schema.
pub(super) fn merge(mut current: Table, patch: Table) -> Table {
    forget_secrets_of_public_clients(&mut current, &patch);
    lay_over(&mut current, patch, ROOT);
    current
}

fn lay_over(base: &mut Table, patch: Table, keys: &[SettingKey]) {
    for (name, value) in patch {
        let kind = keys.iter().find(|key| key.name == name).map(|key| key.kind);
        match (kind, base.get_mut(&name), value) {
            (Some(ValueKind::Table(keys)), Some(Value::Table(old)), Value::Table(new)) => {
                lay_over(old, new, keys)
            }
            (Some(ValueKind::Named(by, keys)), Some(Value::Array(old)), Value::Array(new)) => {
                lay_entries_over(old, new, by, keys);
            }
            (Some(ValueKind::Rows(_)), Some(Value::Array(old)), Value::Array(new)) => {
                // Those of the file first, so that a problem is reported by their place in the file.
                let kept: Vec<Value> = old.drain(..).filter(|row| !new.contains(row)).collect();
                old.extend(new.into_iter().chain(kept));
            }
            (_, _, value) => {
                base.insert(name, value);
            }
        }
    }
}

fn lay_entries_over(old: &mut Vec<Value>, new: Vec<Value>, by: &str, keys: &[SettingKey]) {
    for entry in new {
        let known = old.iter_mut().find(|known| known.get(by).is_some() && known.get(by) == entry.get(by));
        match (known, entry) {
            (Some(Value::Table(known)), Value::Table(entry)) => lay_over(known, entry, keys),
            (_, entry) => old.push(entry),
        }
    }
}

/// A client that becomes public loses its secret, since it could not keep one (RFC 6749 section 2.1).
pub(super) fn forget_secrets_of_public_clients(current: &mut Table, patch: &Table) {
    let public =
        |client: &Value| client.get("token_endpoint_auth_method").and_then(Value::as_str) == Some("none");
    let patched = patch.get("clients").and_then(Value::as_array).into_iter().flatten();
    let now_public: Vec<&Value> =
        patched.filter(|client| public(client)).filter_map(|client| client.get("client_id")).collect();
    let stored = current.get_mut("clients").and_then(Value::as_array_mut).into_iter().flatten();
    for client in stored.filter_map(Value::as_table_mut) {
        if client.get("client_id").is_some_and(|id| now_public.contains(&id)) {
            for secret in ["client_secret_hash", "client_secret_old_hash", "client_secret_old_until"] {
                client.remove(secret);
            }
        }
    }
}
