//! The support bundle as a file that an admin downloads, as `support-bundle` writes it.

use crate::domain::audit::{Decision, Event};
use crate::flow::admin::session::CheckedAdmin;
use crate::flow::installation::context::PanelParts;
use crate::flow::installation::fault::Fault;
use crate::flow::limits::outbound;
use crate::flow::support::bundle::{bundle, text};

/// After how long somebody may try again whose bundle took too long.
const AGAIN: u32 = 60;

/// Records that an admin downloads the bundle, and makes it. It looks at all directories, so it counts as a test.
pub async fn support_bundle(parts: &PanelParts, admin: &CheckedAdmin) -> Result<String, Fault> {
    let (login, actor) = (&parts.login, &admin.actor);
    outbound::admit(&login.volatile, &actor.to_string(), login.now()).await?;
    let event = Event::new(login.now(), Decision::SupportBundleMade).by(actor);
    login.store.login().append(&event).await?;
    let made = outbound::run(bundle(&parts.operation, None, "requested in the panel")).await;
    made.map(|bundle| text(&bundle)).ok_or(Fault::Throttled { seconds: AGAIN })
}
