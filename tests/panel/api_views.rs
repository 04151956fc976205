//! What scripts read of the pages: the facts, in types that the description names.

use std::collections::BTreeMap;

use cloudsync_idp::domain::admin::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

use super::PanelStory;
use super::api::{API, Answer, clients};
use crate::support::until;

const SYNC_SETTINGS: &str = "/settings/active-directory/sync-settings";
const DIRECTORIES: &str = "/settings/integrations/active-directory";

/// The fields of a form as a script sends them back: one that is repeated is a list.
fn sent_back(form: &Value) -> Value {
    let mut fields: BTreeMap<&str, Vec<&Value>> = BTreeMap::new();
    for field in form["fields"].as_array().expect("fields") {
        fields.entry(field["name"].as_str().expect("a name")).or_default().push(&field["value"]);
    }
    json!(fields)
}

#[tokio::test]
async fn a_form_is_sent_back_as_it_was_read() {
    let story = PanelStory::new(&clients()).await;
    let token = story.script(Role::Owner).await;
    let before = story.settings().await;
    let send = async |path: &str, fields: &Value, etag: &str| {
        let request = story.api(Method::POST, path, &token).header("if-match", etag);
        Answer::of(request.json(fields)).await
    };
    for path in [SYNC_SETTINGS, &format!("{DIRECTORIES}/configure")] {
        let form = story.get(path, &token).await;
        assert_eq!(form.status, StatusCode::OK, "{form:?}");
        assert!(!form.body.to_string().contains("sealed"), "no secret: {form:?}");
        let unchanged = send(path, &sent_back(&form.body), &form.etag).await;
        assert_eq!(unchanged.status, StatusCode::OK, "{unchanged:?}");
        assert_eq!(story.settings().await, before, "{path}");
    }
    let form = story.get(SYNC_SETTINGS, &token).await;
    let mut fields = sent_back(&form.body);
    fields["directories[corp].sync.guard_people"] = json!(7);
    let saved = send(SYNC_SETTINGS, &fields, &form.etag).await;
    assert_eq!(saved.status, StatusCode::OK, "{saved:?}");
    let mut after = story.settings().await;
    assert_eq!(after.directories[0].sync.guard_people, 7);
    after.directories[0].sync.guard_people = before.directories[0].sync.guard_people;
    assert_eq!(after, before, "nothing else");
    send(SYNC_SETTINGS, &fields, &form.etag).await.assert_problem(StatusCode::PRECONDITION_FAILED);
}

#[tokio::test]
async fn the_questions_are_answered_to_scripts() {
    let story = PanelStory::new(&clients()).await;
    let (owner, desk) = (story.script(Role::Owner).await, story.script(Role::HelpDesk).await);
    let list = story.get(DIRECTORIES, &owner).await;
    assert_eq!(list.body["directories"][0]["id"], "corp", "{list:?}");
    assert!(!list.body.to_string().contains("password"), "{list:?}");

    let who = &story.bystander.account;
    let answer = story.get(&format!("/troubleshooting/user-cant-log-in?who={who}"), &desk).await;
    assert_eq!(answer.body["answer"]["live"]["answer"], "answered", "{answer:?}");
    assert_eq!(answer.body["answer"]["account"]["email"], story.bystander.mail.as_str(), "{answer:?}");
    assert!(!answer.body.to_string().contains("\"token\""), "no token of a form: {answer:?}");
    let people = story.get("/security/two-step-authentication/people", &desk).await;
    assert_eq!(people.body["people"].as_array().map(Vec::len), Some(5), "{people:?}");

    let trouble = "/troubleshooting/connection-test-fails";
    let named = story.get(trouble, &desk).await;
    assert_eq!(named.body["directories"].as_array().map(Vec::len), Some(1), "{named:?}");
    let begun = story.act(trouble, &owner, &json!({ "directory": "corp" })).await;
    let place = begun.body["location"].as_str().expect("a report").trim_start_matches(API).to_owned();
    let report = async || story.get(&place, &owner).await;
    until("the test is over", async || !report().await.body["end"].is_null()).await;
    let report = report().await;
    assert_eq!(report.body["end"], "passed", "{report:?}");
    assert_eq!(report.body["stages"].as_array().map(Vec::len), Some(8), "{report:?}");
    let other = story.script(Role::Owner).await;
    story.get(&place, &other).await.assert_problem(StatusCode::NOT_FOUND);
}
