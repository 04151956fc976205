//! Carry out a request of a script once, however often it is sent: the answer is kept for a day, sealed, since
//! it may contain what is shown once.

use crate::domain::secret::Hashed;
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::LoginParts;
use crate::flow::installation::fault::Fault;
use crate::keys::Label;
use crate::store::{KeyedOutcome, KeyedRequest};

/// What the answer is sealed as.
const SEALED_AS: &str = "admin_answer";

/// A request that is carried out now.
#[derive(Clone, Debug)]
pub struct KeyedCall {
    actor: String,
    key: String,
}

/// What to do with a request.
#[derive(Debug)]
pub enum KeyedStart {
    /// Carry it out.
    New(KeyedCall),
    /// It was answered before.
    Answered(Vec<u8>),
    /// It is being carried out. `abandoned`: for so long that its node has died.
    Running { abandoned: bool },
    /// Another request has this key.
    Other,
    /// This actor has too many keys.
    Full,
}

/// Begins a request with this key; `content` is its path and fields.
pub async fn begin(
    parts: &LoginParts,
    admin: &CheckedAdmin,
    key: &str,
    content: &[u8],
) -> Result<KeyedStart, Fault> {
    let (actor, request) = (admin.actor.to_string(), digest(parts, content));
    let keyed = KeyedRequest { actor: &actor, key, request: &request };
    Ok(match parts.store.admin().begin_keyed(keyed, parts.now()).await? {
        KeyedOutcome::New => KeyedStart::New(KeyedCall { actor, key: key.to_owned() }),
        KeyedOutcome::Answered(sealed) => {
            match parts.keys.sealer.open(SEALED_AS, &place(&actor, key), &sealed) {
                Ok(answer) => KeyedStart::Answered(answer),
                // Sealed by a key that is gone.
                Err(_) => KeyedStart::Running { abandoned: true },
            }
        }
        KeyedOutcome::Running { abandoned } => KeyedStart::Running { abandoned },
        KeyedOutcome::Other => KeyedStart::Other,
        KeyedOutcome::Full => KeyedStart::Full,
    })
}

/// Keeps the answer; without one the request may be sent again.
pub async fn end(parts: &LoginParts, call: &KeyedCall, answer: Option<&[u8]>) -> Result<(), Fault> {
    let KeyedCall { actor, key } = call;
    let sealed = answer.map(|answer| parts.keys.sealer.seal(SEALED_AS, &place(actor, key), answer));
    Ok(parts.store.admin().end_keyed(actor, key, sealed.as_ref()).await?)
}

/// It may contain passwords.
fn digest(parts: &LoginParts, content: &[u8]) -> Hashed {
    parts.keys.sealer.hmac(Label::AdminRequest, content)
}

fn place(actor: &str, key: &str) -> String {
    format!("{key} {actor}")
}
