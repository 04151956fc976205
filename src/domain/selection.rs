//! Check that an object named in the scope can be selected, by its object classes.

use super::schema::Schema;

/// Group classes in directories other than Active Directory: those that list DNs (RFC 4519, RFC 2307bis, and
/// a draft), and those that list short names (RFC 2307).
pub const GROUP_CLASSES: [&str; 5] =
    ["groupOfNames", "groupOfUniqueNames", "groupOfMembers", "groupOfEntries", "posixGroup"];

/// Why an object can't be selected as a group or as an OU, and what to do; `None` if it can.
#[must_use]
pub fn mismatch(schema: Schema, wants_group: bool, classes: &[String]) -> Option<String> {
    let is =
        |known: &[&str]| classes.iter().any(|class| known.iter().any(|one| class.eq_ignore_ascii_case(one)));
    let is_group = match schema {
        Schema::ActiveDirectory => is(&["group"]),
        Schema::Rfc2307bis => is(&GROUP_CLASSES),
    };
    let shown: Vec<&str> = classes.iter().map(String::as_str).filter(|class| *class != "top").collect();
    let shown = shown.join(", ");
    match (wants_group, is_group) {
        (true, false) => Some(format!(
            "its class is {shown}, which is not a supported group class. Put a group of class {} under \
             groups, or an OU under organizational_units",
            supported(schema)
        )),
        (false, true) => Some(format!(
            "its class is {shown}, which is a group, not an OU. Put it under groups in [directories.scope]"
        )),
        _ => None,
    }
}

fn supported(schema: Schema) -> String {
    match schema {
        Schema::ActiveDirectory => "group".to_owned(),
        Schema::Rfc2307bis => {
            let (last, others) = GROUP_CLASSES.split_last().unwrap_or((&"", &[]));
            format!("{} or {last}", others.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_selected_object_must_have_a_supported_class() {
        let of = |schema, wants_group, classes: &[&str]| {
            let classes: Vec<String> = classes.iter().map(|class| (*class).to_owned()).collect();
            mismatch(schema, wants_group, &classes)
        };
        for class in GROUP_CLASSES {
            assert_eq!(of(Schema::Rfc2307bis, true, &["top", &class.to_uppercase()]), None);
            assert!(of(Schema::Rfc2307bis, false, &[class]).is_some_and(|why| why.contains("under groups")));
        }
        assert_eq!(of(Schema::ActiveDirectory, true, &["top", "group"]), None);
        assert_eq!(of(Schema::ActiveDirectory, false, &["top", "organizationalUnit"]), None);
        assert_eq!(of(Schema::Rfc2307bis, false, &["locality"]), None);
        let role = of(Schema::Rfc2307bis, true, &["top", "organizationalRole"]).expect("no group");
        assert!(
            role.starts_with("its class is organizationalRole,") && role.contains("posixGroup"),
            "{role}"
        );
        assert!(of(Schema::ActiveDirectory, true, &["organizationalUnit"]).is_some());
        assert!(of(Schema::ActiveDirectory, true, &["posixGroup"]).is_some());
    }
}
