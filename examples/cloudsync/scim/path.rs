//! What a path leads to (RFC 7644 section 3.10).

use scim_v2::filter::{PatchPath, ValFilter};

use super::attribute::{Attribute, named};
use super::error::ScimError;
use super::schema::{Found, Type};

/// The place of a value in a resource.
#[derive(Debug)]
pub enum Target {
    /// A whole extension.
    Extension {
        id: &'static str,
        attributes: &'static [Attribute],
    },
    Attribute(Place),
}

/// An attribute, which of its items, and what of them.
#[derive(Debug)]
pub struct Place {
    pub found: Found,
    pub filter: Option<ValFilter>,
    pub sub: Option<&'static Attribute>,
}

impl Target {
    /// Reads a path.
    pub fn parse(of: Type, text: &str) -> Result<Self, ScimError> {
        if let Some((id, attributes)) = of.extension(text) {
            return Ok(Self::Extension { id, attributes });
        }
        let unknown = || ScimError::path(format!("there is no attribute {text}"));
        let path = text.parse::<PatchPath>().map_err(|error| ScimError::path(format!("{text}: {error}")))?;
        let (attribute, filter, sub) = match path {
            PatchPath::Attr(path) => (path.clone(), None, path.sub_attr),
            PatchPath::Value(path) if path.attr.sub_attr.is_none() => {
                (path.attr, Some(path.filter), path.sub_attr)
            }
            PatchPath::Value(_) => return Err(unknown()),
        };
        let found = of.find(attribute.uri.as_deref(), &attribute.name).ok_or_else(unknown)?;
        let sub = match sub {
            Some(name) => Some(named(found.attribute.sub, &name).ok_or_else(unknown)?),
            None => None,
        };
        if filter.is_some() && !found.attribute.list {
            return Err(ScimError::path(format!("{text}: {} is no list", found.attribute.name)));
        }
        Ok(Self::Attribute(Place { found, filter, sub }))
    }
}

impl Place {
    /// The place of a whole attribute.
    pub fn whole(extension: Option<&'static str>, attribute: &'static Attribute) -> Self {
        Self { found: Found { extension, attribute }, filter: None, sub: None }
    }
}
