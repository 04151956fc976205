//! What the service says of itself (RFC 7643 sections 5, 6 and 7).

use serde_json::{Value, json};

use super::attribute::Attribute;
use super::query::MOST;
use super::schema::{SCHEMAS, Schema, Type};

/// What it can do.
pub fn service(base: &str) -> Value {
    let no = json!({"supported": false});
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": true}, "etag": {"supported": true}, "changePassword": no, "sort": no,
        "filter": {"supported": true, "maxResults": MOST},
        "bulk": {"supported": false, "maxOperations": 0, "maxPayloadSize": 0},
        "authenticationSchemes": [{"type": "oauthbearertoken", "name": "Bearer token", "primary": true,
            "description": "A token in the header Authorization", "specUri": "https://www.rfc-editor.org/info/rfc6750"}],
        "meta": {"resourceType": "ServiceProviderConfig", "location": format!("{base}/ServiceProviderConfig")},
    })
}

/// Its types of resources.
pub fn resource_types(base: &str) -> Vec<Value> {
    Type::ALL.into_iter().map(|of| resource_type(base, of)).collect()
}

fn resource_type(base: &str, of: Type) -> Value {
    let extensions = of.extensions().iter().map(|(id, _)| json!({"schema": id, "required": false}));
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": of.name(), "name": of.name(), "endpoint": of.endpoint(), "schema": of.schema(),
        "description": if of == Type::User { "People" } else { "Team Shares" },
        "schemaExtensions": extensions.collect::<Vec<_>>(),
        "meta": {"resourceType": "ResourceType", "location": format!("{base}/ResourceTypes/{}", of.name())},
    })
}

/// Its schemas.
pub fn schemas(base: &str) -> Vec<Value> {
    SCHEMAS.iter().map(|schema| listed(base, schema)).collect()
}

fn listed(base: &str, schema: &Schema) -> Value {
    json!({
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:Schema"],
        "id": schema.id, "name": schema.name, "description": schema.about,
        "attributes": schema.attributes.iter().map(Attribute::listed).collect::<Vec<_>>(),
        "meta": {"resourceType": "Schema", "location": format!("{base}/Schemas/{}", schema.id)},
    })
}
