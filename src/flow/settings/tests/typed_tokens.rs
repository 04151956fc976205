//! The tokens of services, typed into a form.

use super::editing::{Lab, event, problems};
use super::sealer;
use crate::domain::secret::Plain;
use crate::domain::settings::{Provisioning, Settings};
use crate::flow::settings::{
    Edit, EditError, EditedSettings, ServiceSecret, TypedSecret, edit, service_tokens,
};

const ADDRESS: &str = "https://wiki.example.com/scim";

async fn changed(
    lab: &Lab,
    expected: i64,
    secrets: &[TypedSecret],
    change: impl FnOnce(&mut Settings) + Send,
) -> Result<EditedSettings, EditError> {
    edit(&lab.store, sealer(), &Edit { expected, fields: &[], secrets }, event(), change).await
}

fn add(settings: &mut Settings) {
    let (id, base_url) = ("wiki".to_owned(), ADDRESS.to_owned());
    settings.provisioning.push(Provisioning { id, base_url, ..Provisioning::default() });
}

fn typed(secret: ServiceSecret, token: &str) -> TypedSecret {
    TypedSecret::OfService("wiki".into(), secret, Plain::new(token))
}

async fn tokens(lab: &Lab) -> Vec<String> {
    let settings = lab.settings().await;
    let tokens = service_tokens(settings.service("wiki").expect("a service"), sealer());
    tokens.expect("sealed for it").iter().map(|token| token.expose().to_owned()).collect()
}

#[tokio::test]
async fn tokens_overlap_and_the_next_one_takes_the_place_of_the_current_one() {
    let lab = Lab::new().await;
    let missing = problems(changed(&lab, 1, &[], add).await);
    assert!(missing.iter().any(|one| one.starts_with("provisioning[wiki].token: is missing")), "{missing:?}");
    let saved = changed(&lab, 1, &[typed(ServiceSecret::Token, "first")], add).await.expect("saved");
    assert!(!format!("{:?}", saved.differences).contains("first"), "{:?}", saved.differences);
    assert_eq!(tokens(&lab).await, ["first"]);

    let promote = || [TypedSecret::PromoteToken("wiki".into())];
    let none = problems(changed(&lab, 2, &promote(), |_| ()).await);
    assert_eq!(none, ["provisioning[wiki].next_token: is missing: there is no next token"]);
    changed(&lab, 2, &[typed(ServiceSecret::NextToken, "second")], |_| ()).await.expect("saved");
    assert_eq!(tokens(&lab).await, ["first", "second"]);
    changed(&lab, 3, &promote(), |_| ()).await.expect("saved");
    assert_eq!(tokens(&lab).await, ["second"]);
    assert_eq!(lab.settings().await.provisioning[0].next_token, None);

    changed(&lab, 4, &[typed(ServiceSecret::NextToken, "third")], |_| ()).await.expect("saved");
    let forget = |settings: &mut Settings| settings.provisioning[0].next_token = None;
    changed(&lab, 5, &[], forget).await.expect("saved");
    assert_eq!(tokens(&lab).await, ["second"]);
}

/// Whoever can press "Save" without knowing the token can't have it sent to a service of their own.
#[tokio::test]
async fn a_stored_token_is_not_sent_to_another_address() {
    let lab = Lab::new().await;
    changed(&lab, 1, &[typed(ServiceSecret::Token, "first"), typed(ServiceSecret::NextToken, "second")], add)
        .await
        .expect("saved");
    let moved = |settings: &mut Settings| {
        settings.provisioning[0].base_url = "https://evil.example/scim".to_owned();
    };
    let again = [typed(ServiceSecret::Token, "first"), typed(ServiceSecret::NextToken, "second")];
    for given in [&[][..], &again[..1], &again[1..]] {
        let found = problems(changed(&lab, 2, given, moved).await);
        assert!(found.iter().any(|one| one.contains("was given for another address")), "{found:?}");
    }
    let promote = [TypedSecret::PromoteToken("wiki".into())];
    let found = problems(changed(&lab, 2, &promote, moved).await);
    assert!(found.iter().any(|one| one.contains("was given for another address")), "{found:?}");
    changed(&lab, 2, &again, moved).await.expect("saved");
}

#[tokio::test]
async fn what_is_no_token_is_refused_and_never_repeated() {
    let lab = Lab::new().await;
    for wrong in ["", " ", "two words", "n\u{e4}in", "line\nbreak", "a\0b"] {
        let found = problems(changed(&lab, 1, &[typed(ServiceSecret::Token, wrong)], add).await);
        assert!(
            found.iter().any(|one| one.starts_with("provisioning[wiki].token: ")),
            "{wrong:?}: {found:?}"
        );
        assert!(wrong.trim().is_empty() || !found.concat().contains(wrong), "{found:?}");
    }
    let unknown = [TypedSecret::OfService("other".into(), ServiceSecret::Token, Plain::new("abc"))];
    let found = problems(changed(&lab, 1, &unknown, |_| ()).await);
    assert_eq!(found, ["provisioning[other].token: does not exist any more"]);
}
