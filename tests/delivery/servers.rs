//! The product's messages against service providers that others wrote.

use cloudsync_idp::domain::delivery::PatchForm;

use super::dialogue::{Dialogue, NO_QUIRKS, Quirks, a_person_comes_changes_and_goes, members_come_and_go};
use crate::support::lab;
use crate::support::scim_target::ScimTarget;
use crate::support::stand_in::StandIn;

/// A replacement without a path adds to its lists, and a text in its filters ends at an escaped quote.
const OF_SCIMMY: Quirks = Quirks { forms: &[PatchForm::WithPath], share_name: "Sales & more ü " };

async fn all_of(target: &ScimTarget, quirks: &Quirks) {
    let dialogue = Dialogue::begin(target, quirks).await;
    a_person_comes_changes_and_goes(&dialogue).await;
    members_come_and_go(&dialogue).await;
    let stranger = ScimTarget::new(&target.base, "another-token");
    assert_eq!(stranger.get("Users").await.status, 401);
}

#[tokio::test]
async fn the_stand_in_understands_us() {
    all_of(&StandIn::start().await.target, &NO_QUIRKS).await;
}

#[tokio::test]
async fn scim2_server_understands_us() {
    all_of(&lab::scim2_server().target(), &NO_QUIRKS).await;
}

#[tokio::test]
async fn scimmy_understands_us() {
    all_of(&lab::scimmy().target(), &OF_SCIMMY).await;
}
