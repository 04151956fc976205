//! The account page: what people can see and change of their authenticators, recovery codes, sessions and
//! remembered browsers.
//!
//! Seeing it and ending sessions takes a session, since ending only takes access away. Changing a factor
//! takes a sign-in in the last minutes, with an existing factor: neither an unlocked screen nor a stolen
//! password is enough to add a thief's phone.

use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};

use crate::domain::audit::Decision;
use crate::domain::factor::{Enrolling, FactorId, Remembered};
use crate::domain::secret::{Hashed, Sealed};
use crate::domain::session::Session;
use crate::domain::{MINUTE, Millis};
use crate::flow::account::factors::{self, Enrolled, NewAuthenticator};
use crate::flow::account::owner::Owner;
use crate::flow::account::sign_out;
use crate::flow::installation::context::{LoginParts, Visit};
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::store::Adding;

const KIND: &str = "new-authenticator";
/// How long a set-up may take.
const OPEN_FOR: Millis = 15 * MINUTE;

/// What people see besides their factors.
#[derive(Clone, Debug)]
pub struct Places {
    pub sessions: Vec<Session>,
    /// Browsers in which no code is asked for.
    pub browsers: Vec<Remembered>,
    /// True if clients hold tokens of another session, even one that has ended.
    pub tokens_elsewhere: bool,
}

/// Where the owner is signed in or remembered. Expired sessions are left out.
pub async fn places(parts: &LoginParts, owner: &Owner) -> Result<Places, Fault> {
    let (current, now) = (parts.current(), parts.now());
    let account = &owner.account.id;
    let mut sessions = parts.store.login().sessions_of(account).await?;
    sessions.retain(|session| {
        session.is_alive(&current.settings.session, now)
            && session.evidence.account_generation == owner.account.generation
    });
    sessions.sort_by_key(|session| session.id_hash != owner.session.id_hash);
    let browsers = match current.settings.second_factor.remembered() {
        Some(_) => parts.store.login().remembered_browsers(account, current.policy_generation, now).await?,
        None => Vec::new(),
    };
    let others = parts.store.login().count_grants_of(account, Some(&owner.session), now).await?;
    Ok(Places { sessions, browsers, tokens_elsewhere: others > 0 })
}

/// An authenticator that is being added, sealed in the form of the page.
#[derive(Serialize, Deserialize)]
struct SealedSetUp {
    enrolling: Enrolling,
    expires_at: Millis,
}

/// Begins to add an authenticator: the content of the page, and the sealed value for its form. Nothing is
/// stored. `None` if it is not allowed.
pub fn begin(parts: &LoginParts, owner: &Owner) -> Option<(Enrolling, String)> {
    if !(owner.may.change && owner.may.add) {
        return None;
    }
    let enrolling = factors::begin_enrolment(parts);
    let set_up = SealedSetUp { enrolling: enrolling.clone(), expires_at: parts.now() + OPEN_FOR };
    let bytes = zeroize::Zeroizing::new(serde_json::to_vec(&set_up).ok()?);
    let Sealed(sealed) = parts.keys.sealer.seal(KIND, &session_key(owner), &bytes);
    Some((enrolling, BASE64_URL_SAFE_NO_PAD.encode(sealed)))
}

/// The result of adding an authenticator.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is stored. New recovery codes, to be shown once; empty if the existing ones stay valid.
    Done(Vec<String>),
    /// The code is wrong: the same secret is shown again.
    WrongCode(Enrolling),
    /// Nothing was changed: the page is too old or of another session, or the account has changed.
    Nothing,
}

/// Adds the authenticator of the form, once a code proves that its owner has it.
pub async fn add(
    parts: &LoginParts,
    visit: &Visit,
    owner: &Owner,
    sealed: &str,
    code: &str,
    name: &str,
) -> Result<Added, Fault> {
    let opened = open(parts, owner, sealed).filter(|_| owner.may.change && owner.may.add);
    let Some(enrolling) = opened else { return Ok(Added::Nothing) };
    let adding = if owner.standing.has_factor() { Adding::Another } else { Adding::First };
    let new = NewAuthenticator { enrolling: &enrolling, name, code };
    Ok(match factors::finish_enrolment(parts, visit, &owner.account, new, adding).await? {
        Enrolled::Done(codes) => Added::Done(codes),
        Enrolled::WrongCode => Added::WrongCode(enrolling),
        Enrolled::NotFirst | Enrolled::Stale => Added::Nothing,
    })
}

fn open(parts: &LoginParts, owner: &Owner, sealed: &str) -> Option<Enrolling> {
    let sealed = Sealed(BASE64_URL_SAFE_NO_PAD.decode(sealed).ok()?);
    let bytes = parts.keys.sealer.open(KIND, &session_key(owner), &sealed).ok()?;
    let set_up: SealedSetUp = serde_json::from_slice(&zeroize::Zeroizing::new(bytes)).ok()?;
    (parts.now() < set_up.expires_at).then_some(set_up.enrolling)
}

/// A secret opens only for the session in which it was shown.
fn session_key(owner: &Owner) -> String {
    hex::encode(owner.session.id_hash.0)
}

/// Renames an authenticator.
pub async fn rename(parts: &LoginParts, owner: &Owner, factor: &str, name: &str) -> Result<bool, Fault> {
    if !owner.may.change {
        return Ok(false);
    }
    factors::rename(parts, &owner.account.id, &FactorId(factor.to_owned()), name).await
}

/// Removes an authenticator.
pub async fn remove(parts: &LoginParts, visit: &Visit, owner: &Owner, factor: &str) -> Result<bool, Fault> {
    if !owner.may.change {
        return Ok(false);
    }
    let factor = FactorId(factor.to_owned());
    factors::remove(parts, visit, &owner.account.id, &factor, owner.may.remove_last).await
}

/// Replaces the recovery codes by ten new ones; `None` if that is not allowed.
pub async fn new_recovery_codes(
    parts: &LoginParts,
    visit: &Visit,
    owner: &Owner,
) -> Result<Option<Vec<String>>, Fault> {
    if !(owner.may.change && owner.standing.has_factor()) {
        return Ok(None);
    }
    factors::new_recovery_codes(parts, visit, &owner.account).await
}

/// Ends one of the owner's sessions, by its public name.
pub async fn end(parts: &LoginParts, visit: &Visit, owner: &Owner, sid: &str) -> Result<bool, Fault> {
    let sessions = parts.store.login().sessions_of(&owner.account.id).await?;
    let Some(session) = sessions.iter().find(|session| session.sid == sid) else { return Ok(false) };
    sign_out::sign_out(parts, visit, session, None).await?;
    Ok(true)
}

/// Ends all of the owner's sessions except this one, and the tokens that clients hold through any other:
/// those of an expired session are listed nowhere, and end here too.
pub async fn end_others(parts: &LoginParts, visit: &Visit, owner: &Owner) -> Result<(), Fault> {
    let event = visit.event(parts.now(), Decision::SessionsEnded).about(&owner.account.id, None);
    parts.store.identity().end_sessions_of(&owner.account.id, Some(&owner.session), &event).await?;
    Ok(())
}

/// Forgets one remembered browser, by the digest of its id.
pub async fn forget(parts: &LoginParts, owner: &Owner, browser: &str) -> Result<bool, Fault> {
    let mut hash = [0; 32];
    if hex::decode_to_slice(browser, &mut hash).is_err() {
        return Ok(false);
    }
    Ok(parts.store.login().forget_browser(&owner.session, &Hashed(hash), parts.now()).await?)
}

/// Forgets all remembered browsers.
pub async fn forget_all(parts: &LoginParts, owner: &Owner) -> Result<(), Fault> {
    parts.store.login().forget_browsers(&owner.session, parts.now()).await?;
    Ok(())
}

/// Signs a notice for this session, so that the page shows what its URL claims only if it happened.
#[must_use]
pub fn mark(parts: &LoginParts, owner: &Owner, word: &str) -> String {
    let signed = format!("{}.{word}", session_key(owner));
    hex::encode(&parts.keys.sealer.hmac(Label::AccountNotice, signed.as_bytes()).0[..16])
}
