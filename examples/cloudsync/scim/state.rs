//! What was delivered, in a file, so that it is still there after a restart.

use std::fs;
use std::io::{self, ErrorKind};
use std::path::PathBuf;

use axum::http::StatusCode;

use super::error::ScimError;
use super::store::{State, Store};
use super::table::Row;

/// The file.
#[derive(Debug)]
pub struct StateFile {
    path: PathBuf,
    /// Written first, then renamed: the file itself is never half written.
    new: PathBuf,
}

impl StateFile {
    pub fn new(path: PathBuf) -> Self {
        let mut new = path.clone().into_os_string();
        new.push(".new");
        Self { path, new: new.into() }
    }

    /// What the file has; `None` if there is no file yet.
    pub fn read(&self) -> io::Result<Option<State<Row>>> {
        let named = |kind, error: &dyn std::fmt::Display| {
            io::Error::new(kind, format!("{} can't be read: {error}", self.path.display()))
        };
        let bytes = match fs::read(&self.path) {
            Ok(bytes) => bytes,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(named(error.kind(), &error)),
        };
        let state = serde_json::from_slice(&bytes);
        state.map(Some).map_err(|error| named(ErrorKind::InvalidData, &error))
    }

    /// Writes everything that the store has.
    pub fn write(&self, store: &Store) -> Result<(), ScimError> {
        let written = serde_json::to_vec(&store.state())
            .map_err(io::Error::other)
            .and_then(|bytes| fs::write(&self.new, bytes))
            .and_then(|()| fs::rename(&self.new, &self.path));
        written.map_err(|error| {
            let detail = format!("{} can't be written: {error}", self.path.display());
            ScimError::new(StatusCode::INTERNAL_SERVER_ERROR, detail)
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};
    use tempfile::tempdir;

    use super::super::Scim;
    use super::super::normal::Object;
    use super::super::query::Query;
    use super::super::schema::Type;
    use super::super::store::Change;
    use super::*;

    fn started(path: PathBuf) -> Scim {
        Scim::new("http://localhost", "token").kept_in(path).unwrap()
    }

    fn create(scim: &Scim, of: Type, body: Value) -> String {
        let body = body.as_object().cloned().unwrap();
        let created = scim.write(|store| store.create(of, body, "2026-01-01T00:00:00Z")).unwrap();
        created["id"].as_str().unwrap().to_owned()
    }

    fn change(scim: &Scim, of: Type, id: &str, body: Value) {
        let change = Change::Replace(body.as_object().cloned().unwrap());
        scim.write(|store| store.change(of, id, change, None, "2026-01-02T00:00:00Z")).unwrap();
    }

    fn all(scim: &Scim) -> Vec<Vec<Object>> {
        let query = Query::of_address(None).unwrap();
        Type::ALL.into_iter().map(|of| scim.store().find(of, &query)).collect()
    }

    #[test]
    fn everything_is_there_after_a_restart() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("state.json");
        let scim = started(path.clone());
        assert!(all(&scim).iter().all(Vec::is_empty));
        let [ada, bob, eve] = ["ada", "bob", "eve"]
            .map(|name| create(&scim, Type::User, json!({"userName": name, "externalId": name})));
        let members = json!([{"value": ada}, {"value": bob}]);
        create(&scim, Type::Group, json!({"displayName": "Sales", "externalId": "s", "members": members}));
        change(&scim, Type::User, &ada, json!({"userName": "ada", "externalId": "ada", "active": false}));
        scim.write(|store| store.delete(Type::User, &bob, None, "2026-01-03T00:00:00Z")).unwrap();

        let again = started(path.clone());
        let [people, shares]: [Vec<Object>; 2] = all(&again).try_into().unwrap();
        assert_eq!(people.iter().map(|one| &one["userName"]).collect::<Vec<_>>(), ["ada", "eve"]);
        assert_eq!((&people[0]["id"], &people[0]["active"]), (&json!(ada), &json!(false)));
        assert_eq!(shares[0]["members"].as_array().unwrap().len(), 1, "bob is gone");
        assert_eq!(vec![people, shares], all(&scim), "dates, versions and ids too");
        assert_eq!(again.overview(9).accounts, scim.overview(9).accounts, "the newest change first");

        let taken = json!({"userName": "ADA"}).as_object().cloned().unwrap();
        let refused = again.write(|store| store.create(Type::User, taken, ""));
        assert_eq!(refused, Err(ScimError::uniqueness("userName")));
        change(&again, Type::User, &eve, json!({"userName": "eve", "title": "Engineer"}));
        assert_eq!(again.overview(1).accounts[0].user_name, "eve", "changes go on being counted");
        create(&again, Type::User, json!({"userName": "fay"}));
        assert_eq!(all(&started(path)), all(&again));
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the file");
    }

    #[test]
    fn a_refused_change_writes_nothing() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("state.json");
        let scim = started(path.clone());
        let refused = scim.write(|store| store.delete(Type::User, "nobody", None, ""));
        assert_eq!(refused, Err(ScimError::not_found("nobody")));
        assert!(!path.exists());
    }

    #[test]
    fn a_file_that_cannot_be_read_stays_as_it_is() {
        let folder = tempdir().unwrap();
        let path = folder.path().join("state.json");
        let row = json!({"id": "1", "created": "", "changed": "", "version": 1, "change": 1,
            "body": {"userName": "ada"}, "members": []});
        let mut other = row.clone();
        other["id"] = json!("2");
        let twice = json!({"changes": 2, "people": [row, other], "team_shares": []}).to_string();
        for text in ["", "{", "[]", r#"{"changes": 1}"#, twice.as_str()] {
            fs::write(&path, text).unwrap();
            assert!(Scim::new("http://localhost", "token").kept_in(path.clone()).is_err(), "{text}");
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert!(
            Scim::new("http://localhost", "token").kept_in(folder.path().to_owned()).is_err(),
            "a folder"
        );
    }

    #[test]
    fn a_change_that_cannot_be_kept_is_not_confirmed() {
        let folder = tempdir().unwrap();
        let scim = started(folder.path().join("missing").join("state.json"));
        let ada = json!({"userName": "ada"}).as_object().cloned().unwrap();
        let failed = scim.write(|store| store.create(Type::User, ada, "")).unwrap_err();
        assert_eq!(failed.status, StatusCode::INTERNAL_SERVER_ERROR);
    }
}
