//! What an attribute is (RFC 7643 section 7).

use serde_json::{Value, json};

/// The type of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Text,
    Flag,
    Reference,
    Complex,
}

/// An attribute of a schema.
#[derive(Clone, Copy, Debug)]
pub struct Attribute {
    pub name: &'static str,
    pub about: &'static str,
    pub kind: Kind,
    pub list: bool,
    pub required: bool,
    pub case_exact: bool,
    pub mutability: &'static str,
    pub uniqueness: &'static str,
    /// The values that are meant, or the resource types that a reference leads to.
    pub values: &'static [&'static str],
    pub sub: &'static [Attribute],
}

const PLAIN: Attribute = Attribute {
    name: "",
    about: "",
    kind: Kind::Text,
    list: false,
    required: false,
    case_exact: false,
    mutability: "readWrite",
    uniqueness: "none",
    values: &[],
    sub: &[],
};

/// A text.
pub const fn text(name: &'static str, about: &'static str) -> Attribute {
    Attribute { name, about, ..PLAIN }
}

/// True or false.
pub const fn flag(name: &'static str, about: &'static str) -> Attribute {
    Attribute { name, about, kind: Kind::Flag, ..PLAIN }
}

/// The address of a resource of one of these types.
pub const fn reference(
    name: &'static str,
    about: &'static str,
    values: &'static [&'static str],
) -> Attribute {
    Attribute { name, about, kind: Kind::Reference, case_exact: true, values, ..PLAIN }
}

/// An attribute with sub-attributes.
pub const fn complex(name: &'static str, about: &'static str, sub: &'static [Attribute]) -> Attribute {
    Attribute { name, about, kind: Kind::Complex, sub, ..PLAIN }
}

impl Attribute {
    pub const fn list(self) -> Self {
        Self { list: true, ..self }
    }

    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    pub const fn unique(self) -> Self {
        Self { uniqueness: "server", ..self }
    }

    pub const fn exact(self) -> Self {
        Self { case_exact: true, ..self }
    }

    pub const fn read_only(self) -> Self {
        Self { mutability: "readOnly", ..self }
    }

    /// Never changed once it has a value.
    pub const fn immutable(self) -> Self {
        Self { mutability: "immutable", ..self }
    }

    pub const fn one_of(self, values: &'static [&'static str]) -> Self {
        Self { values, ..self }
    }

    /// The attribute as `/Schemas` lists it.
    pub fn listed(&self) -> Value {
        let kind = match self.kind {
            Kind::Text => "string",
            Kind::Flag => "boolean",
            Kind::Reference => "reference",
            Kind::Complex => "complex",
        };
        let mut listed = json!({
            "name": self.name, "description": self.about, "type": kind, "multiValued": self.list,
            "required": self.required, "mutability": self.mutability, "returned": "default",
        });
        if matches!(self.kind, Kind::Text | Kind::Reference) {
            listed["caseExact"] = json!(self.case_exact);
            listed["uniqueness"] = json!(self.uniqueness);
        }
        match self.kind {
            Kind::Complex => listed["subAttributes"] = self.sub.iter().map(Self::listed).collect(),
            Kind::Reference => listed["referenceTypes"] = json!(self.values),
            _ if !self.values.is_empty() => listed["canonicalValues"] = json!(self.values),
            _ => {}
        }
        listed
    }
}

/// The attribute of this name, in any case (RFC 7643 section 2.1).
pub fn named<'a>(all: &'a [Attribute], name: &str) -> Option<&'a Attribute> {
    all.iter().find(|attribute| attribute.name.eq_ignore_ascii_case(name))
}
