//! Sessions of this client, in memory, limited in number.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};

use openidconnect::CsrfToken;

use super::provider::{Begun, SignedIn};

const MOST: usize = 1000;

/// The state of a browser.
#[derive(Clone, Default)]
pub enum Session {
    #[default]
    None,
    SigningIn(Begun),
    SignedIn(Box<SignedIn>),
    SigningOut(String),
}

#[derive(Default)]
pub struct Sessions(Mutex<Held>);

#[derive(Default)]
struct Held {
    by_id: HashMap<String, Session>,
    oldest_first: VecDeque<String>,
}

impl Sessions {
    /// Stores a session under a new random id.
    pub fn add(&self, session: Session) -> String {
        let id = CsrfToken::new_random_len(32).into_secret();
        let mut held = self.lock();
        if held.oldest_first.len() >= MOST
            && let Some(oldest) = held.oldest_first.pop_front()
        {
            held.by_id.remove(&oldest);
        }
        held.oldest_first.push_back(id.clone());
        held.by_id.insert(id.clone(), session);
        id
    }

    pub fn find(&self, id: &str) -> Session {
        self.lock().by_id.get(id).cloned().unwrap_or_default()
    }

    /// Changes an existing session; an ended one stays ended.
    pub fn put(&self, id: String, session: Session) {
        if let Some(place) = self.lock().by_id.get_mut(&id) {
            *place = session;
        }
    }

    pub fn remove(&self, id: &str) -> Session {
        let mut held = self.lock();
        held.oldest_first.retain(|other| other != id);
        held.by_id.remove(id).unwrap_or_default()
    }

    fn lock(&self) -> MutexGuard<'_, Held> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
