//! The stand-in as a SCIM 2.0 service provider: what clients rely on, by HTTP.

use reqwest::Method;
use reqwest::header::{CONTENT_TYPE, ETAG, IF_MATCH, IF_NONE_MATCH, LOCATION, WWW_AUTHENTICATE};
use serde_json::{Value, json};

use crate::support::scim_target::{SCIM_JSON, ScimAnswer, ScimTarget};
use crate::support::stand_in::StandIn;

const USER: &str = "urn:ietf:params:scim:schemas:core:2.0:User";
const GROUP: &str = "urn:ietf:params:scim:schemas:core:2.0:Group";
const PATCH: &str = "urn:ietf:params:scim:api:messages:2.0:PatchOp";

fn person(name: &str) -> Value {
    json!({"schemas": [USER], "userName": name, "externalId": format!("id of {name}"), "active": true,
        "displayName": name.to_uppercase(), "emails": [{"type": "work", "value": format!("{name}@example.com")}]})
}

async fn create(target: &ScimTarget, path: &str, resource: &Value) -> Value {
    let answer = target.send(Method::POST, path, resource).await;
    assert_eq!(answer.status, 201, "{answer:?}");
    answer.body
}

async fn patch(target: &ScimTarget, path: &str, operations: Value) -> ScimAnswer {
    target.send(Method::PATCH, path, &json!({"schemas": [PATCH], "Operations": operations})).await
}

fn at(path: &str, resource: &Value) -> String {
    format!("{path}/{}", resource["id"].as_str().expect("an id"))
}

fn refused(answer: &ScimAnswer, status: u16, kind: Option<&str>) {
    assert_eq!(answer.status, status, "{answer:?}");
    assert_eq!(answer.header(CONTENT_TYPE).as_deref(), Some(SCIM_JSON), "{answer:?}");
    assert_eq!(answer.body["schemas"], json!(["urn:ietf:params:scim:api:messages:2.0:Error"]));
    assert_eq!(answer.body["status"], json!(status.to_string()), "a text");
    assert_eq!(answer.body["scimType"], json!(kind), "{answer:?}");
}

#[tokio::test]
async fn nobody_enters_without_the_token() {
    let stand_in = StandIn::start().await;
    for token in ["", "a-token", "a-token-of-the-tests!", "A-TOKEN-OF-THE-TESTS"] {
        for path in ["Users", "Groups/x", "ServiceProviderConfig", "nowhere"] {
            let answer = ScimTarget::new(&stand_in.target.base, token).get(path).await;
            refused(&answer, 401, None);
            assert!(answer.header(WWW_AUTHENTICATE).is_some_and(|header| header.starts_with("Bearer ")));
        }
    }
    let bare = reqwest::Client::new().get(format!("{}/Users", stand_in.target.base));
    refused(&ScimAnswer::of(bare.try_clone().expect("no body")).await, 401, None);
    refused(&ScimAnswer::of(bare.basic_auth("a", Some("b"))).await, 401, None);
    assert_eq!(stand_in.target.get("Users").await.status, 200);
}

#[tokio::test]
async fn people_come_change_and_go() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let created = target.send(Method::POST, "Users", &person("ada")).await;
    assert_eq!((created.status.as_u16(), created.header(CONTENT_TYPE).as_deref()), (201, Some(SCIM_JSON)));
    let ada = created.body.clone();
    assert_eq!(created.header(LOCATION).as_deref(), ada["meta"]["location"].as_str());
    assert_eq!(created.header(ETAG).as_deref(), ada["meta"]["version"].as_str());
    let path = at("Users", &ada);
    assert_eq!(ada["meta"]["location"], json!(format!("{}/{path}", target.base)));
    assert_eq!(target.get(&path).await.body, ada);

    for (clash, kind) in [
        (json!({"schemas": [USER], "userName": "ADA"}), "userName"),
        (json!({"schemas": [USER], "userName": "bob", "externalId": "id of ada"}), "externalId"),
    ] {
        let answer = target.send(Method::POST, "Users", &clash).await;
        refused(&answer, 409, Some("uniqueness"));
        assert!(answer.body["detail"].as_str().is_some_and(|detail| detail.contains(kind)), "{answer:?}");
    }
    let bob = create(target, "Users", &person("bob")).await;
    let taken =
        patch(target, &at("Users", &bob), json!([{"op": "replace", "path": "userName", "value": "Ada"}]))
            .await;
    refused(&taken, 409, Some("uniqueness"));

    let suspended = patch(target, &path, json!([{"op": "replace", "path": "active", "value": false}])).await;
    assert_eq!((suspended.status.as_u16(), &suspended.body["active"]), (200, &json!(false)));
    assert_ne!(suspended.body["meta"]["version"], ada["meta"]["version"]);
    let again = patch(target, &path, json!([{"op": "replace", "path": "active", "value": false}])).await;
    assert_eq!(again.body, suspended.body, "nothing has changed");

    let put =
        target.send(Method::PUT, &path, &json!({"schemas": [USER], "userName": "ada", "id": "x"})).await;
    assert_eq!((put.status.as_u16(), &put.body["id"]), (200, &ada["id"]));
    assert_eq!(
        (&put.body["emails"], &put.body["externalId"]),
        (&Value::Null, &Value::Null),
        "all is replaced"
    );
    create(target, "Users", &json!({"schemas": [USER], "userName": "eve", "externalId": "id of ada"})).await;

    assert_eq!(target.send(Method::DELETE, &path, &Value::Null).await.status, 204);
    for method in [Method::GET, Method::DELETE] {
        refused(&target.send(method, &path, &Value::Null).await, 404, None);
    }
    refused(&target.send(Method::PUT, &path, &person("ada")).await, 404, None);
    create(target, "Users", &json!({"schemas": [USER], "userName": "Ada"})).await;
}

#[tokio::test]
async fn a_change_over_an_old_version_is_refused() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let ada = create(target, "Users", &person("ada")).await;
    let (path, first) = (at("Users", &ada), ada["meta"]["version"].as_str().expect("a version"));
    let with = async |method: Method, tag: &str, body: &Value| {
        let request = target.request(method, &path).header(IF_MATCH, tag);
        ScimAnswer::of(request.header(CONTENT_TYPE, SCIM_JSON).body(body.to_string())).await
    };
    let put = json!({"schemas": [USER], "userName": "ada", "title": "Engineer"});
    assert_eq!(with(Method::PUT, first, &put).await.status, 200);
    let suspend =
        json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": false}]});
    refused(&with(Method::PUT, first, &put).await, 412, None);
    refused(&with(Method::PATCH, first, &suspend).await, 412, None);
    refused(&with(Method::DELETE, first, &Value::Null).await, 412, None);
    let seen = target.get(&path).await;
    assert_eq!((&seen.body["title"], &seen.body["active"]), (&json!("Engineer"), &Value::Null));
    let second = seen.header(ETAG).expect("a version");
    let unchanged = target.request(Method::GET, &path).header(IF_NONE_MATCH, &second);
    assert_eq!(ScimAnswer::of(unchanged).await.status, 304);
    assert_eq!(with(Method::PATCH, &format!("{first}, {second}"), &suspend).await.status, 200);
    assert_eq!(with(Method::DELETE, "*", &Value::Null).await.status, 204);
}

#[tokio::test]
async fn team_shares_have_people_who_are_there() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let (ada, bob) =
        (create(target, "Users", &person("ada")).await, create(target, "Users", &person("bob")).await);
    let group = json!({"schemas": [GROUP], "displayName": "Sales", "externalId": "s", "members": [{"value": ada["id"]}]});
    let sales = create(target, "Groups", &group).await;
    let path = at("Groups", &sales);
    assert_eq!(sales["members"][0]["$ref"], ada["meta"]["location"]);
    let seen = target.get(&at("Users", &ada)).await.body;
    assert_eq!((&seen["groups"][0]["value"], &seen["groups"][0]["display"]), (&sales["id"], &json!("Sales")));

    let nobody =
        json!([{"op": "add", "path": "members", "value": [{"value": bob["id"]}, {"value": "nobody"}]}]);
    refused(&patch(target, &path, nobody).await, 400, Some("invalidValue"));
    assert_eq!(target.get(&path).await.body, sales, "all or nothing");

    let both =
        json!([{"op": "add", "path": "members", "value": [{"value": bob["id"]}, {"value": ada["id"]}]}]);
    let answer = patch(target, &path, both).await;
    assert_eq!(answer.body["members"].as_array().map(Vec::len), Some(2), "{answer:?}");
    let gone = format!("members[value eq \"{}\"]", ada["id"].as_str().expect("an id"));
    let answer = patch(target, &path, json!([{"op": "remove", "path": gone}])).await;
    assert_eq!(answer.body["members"][0]["value"], bob["id"], "{answer:?}");

    let short = target.get(&format!("{path}?excludedAttributes=members")).await.body;
    assert_eq!((&short["displayName"], &short["members"]), (&json!("Sales"), &Value::Null));
    let only = target.get(&format!("{path}?attributes=members.value")).await.body;
    assert_eq!((&only["members"], &only["displayName"]), (&json!([{"value": bob["id"]}]), &Value::Null));

    assert_eq!(target.send(Method::DELETE, &at("Users", &bob), &Value::Null).await.status, 204);
    assert_eq!(target.get(&path).await.body["members"], Value::Null, "who is gone is no member");
    assert_eq!(
        create(target, "Groups", &json!({"schemas": [GROUP], "displayName": "Sales"})).await["members"],
        Value::Null
    );
}

#[tokio::test]
async fn searches_have_pages_and_filters() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    for name in ["ada", "bob", "eve"] {
        create(target, "Users", &person(name)).await;
    }
    create(target, "Groups", &json!({"schemas": [GROUP], "displayName": "Sales"})).await;
    let names = async |path: &str| -> Vec<String> {
        let answer = target.get(path).await;
        assert_eq!(answer.status, 200, "{path}: {answer:?}");
        let found = answer.body["Resources"].as_array().expect("a list").iter();
        found.map(|one| one["userName"].as_str().unwrap_or_default().to_owned()).collect()
    };
    assert_eq!(names("Users").await, ["ada", "bob", "eve"]);
    assert_eq!(names("Users?startIndex=2&count=1").await, ["bob"]);
    assert_eq!(names("Users?filter=externalId%20eq%20%22id%20of%20eve%22").await, ["eve"]);
    assert_eq!(names("Users?filter=userName%20eq%20%22BOB%22").await, ["bob"]);
    assert_eq!(
        names("Users?filter=userName%20sw%20%22a%22%20or%20emails.value%20co%20%22eve%40%22").await,
        ["ada", "eve"]
    );
    assert_eq!(names("Users?filter=title%20pr").await, [""; 0]);
    let page = target.get("Users?count=1").await.body;
    assert_eq!(
        (&page["totalResults"], &page["itemsPerPage"], &page["startIndex"]),
        (&json!(3), &json!(1), &json!(1))
    );
    refused(&target.get("Users?filter=userName%20is%20%22x%22").await, 400, Some("invalidFilter"));

    let search = json!({"schemas": ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
        "filter": "displayName sw \"S\" or displayName eq \"ada\"", "attributes": ["displayName"]});
    let all = target.send(Method::POST, ".search", &search).await;
    assert_eq!(all.body["totalResults"], 2, "{all:?}");
    let people = target.send(Method::POST, "Users/.search", &search).await;
    assert_eq!(
        (&people.body["totalResults"], &people.body["Resources"][0]["displayName"]),
        (&json!(1), &json!("ADA"))
    );
    assert_eq!(people.body["Resources"][0]["userName"], Value::Null, "not asked for");
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let send = async |path: &str, kind: &str, body: &str| {
        let request = target.request(Method::POST, path).header(CONTENT_TYPE, kind).body(body.to_owned());
        ScimAnswer::of(request).await
    };
    refused(&send("Users", SCIM_JSON, "{").await, 400, Some("invalidSyntax"));
    refused(&send("Users", SCIM_JSON, "[]").await, 400, Some("invalidSyntax"));
    refused(&send("Users", SCIM_JSON, "{\"userName\": \"ada\"}").await, 400, Some("invalidSyntax"));
    refused(&send("Users", "text/plain", "{}").await, 415, None);
    refused(
        &target.send(Method::POST, "Users", &json!({"schemas": [USER]})).await,
        400,
        Some("invalidValue"),
    );
    refused(
        &target.send(Method::POST, "Groups", &json!({"schemas": [GROUP]})).await,
        400,
        Some("invalidValue"),
    );
    refused(&target.get("Users/nobody").await, 404, None);
    refused(&target.get("nowhere").await, 404, None);
    refused(&target.send(Method::DELETE, "Users", &Value::Null).await, 405, None);
    refused(&target.send(Method::PUT, "Schemas", &Value::Null).await, 405, None);
    refused(&target.get("Schemas?filter=name%20pr").await, 403, None);
    let lower = "{\"SCHEMAS\": [\"URN:ietf:params:scim:schemas:core:2.0:user\"], \"USERNAME\": \"ada\"}";
    assert_eq!(send("Users", "application/json; charset=utf-8", lower).await.status, 201);
}

#[tokio::test]
async fn the_page_shows_what_has_arrived() {
    let stand_in = StandIn::start().await;
    let target = &stand_in.target;
    let ada = create(target, "Users", &person("ada")).await;
    create(target, "Users", &person("bob")).await;
    create(
        target,
        "Groups",
        &json!({"schemas": [GROUP], "displayName": "Sales", "members": [{"value": ada["id"]}]}),
    )
    .await;
    patch(target, &at("Users", &ada), json!([{"op": "replace", "path": "active", "value": false}])).await;
    let all = stand_in.scim.overview(10);
    assert_eq!((all.people, all.active, all.shares), (2, 1, 1));
    let newest = &all.accounts[0];
    assert_eq!(
        (newest.user_name.as_str(), newest.active, newest.email.as_str()),
        ("ada", false, "ada@example.com")
    );
    assert_eq!((&newest.team_shares, newest.external_id.as_str()), (&vec!["Sales".to_owned()], "id of ada"));
    assert_eq!(all.team_shares[0].members.iter().collect::<Vec<_>>(), ["ada"]);
    let few = stand_in.scim.overview(1);
    assert_eq!((few.people, few.accounts.len()), (2, 1));
}

#[tokio::test]
async fn each_kind_of_change_outlives_a_restart() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("state.json");
    // What is shown, without the addresses: those of the next server are others.
    let shown = async |target: &ScimTarget| {
        let users = target.get("Users?excludedAttributes=meta,groups").await;
        let groups = target.get("Groups?attributes=displayName,members.value").await;
        (users.body["Resources"].clone(), groups.body["Resources"].clone())
    };
    let mut stand_in = StandIn::start_with_state(file.clone()).await;
    let ada = create(&stand_in.target, "Users", &person("ada")).await;
    let bob = create(&stand_in.target, "Users", &person("bob")).await;
    let group = json!({"schemas": [GROUP], "displayName": "Sales", "members": [{"value": ada["id"]}, {"value": bob["id"]}]});
    create(&stand_in.target, "Groups", &group).await;
    let suspend =
        json!({"schemas": [PATCH], "Operations": [{"op": "replace", "path": "active", "value": false}]});
    let put = json!({"schemas": [USER], "userName": "ada", "title": "Engineer"});
    for (method, resource, body) in
        [(Method::PATCH, &ada, suspend), (Method::PUT, &ada, put), (Method::DELETE, &bob, Value::Null)]
    {
        let before = shown(&stand_in.target).await;
        let answer = stand_in.target.send(method.clone(), &at("Users", resource), &body).await;
        assert!(answer.status.is_success(), "{method}: {answer:?}");
        let after = shown(&stand_in.target).await;
        assert_ne!(after, before, "{method}");
        stand_in = StandIn::start_with_state(file.clone()).await;
        assert_eq!(shown(&stand_in.target).await, after, "{method}");
    }
}
