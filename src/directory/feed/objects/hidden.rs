//! Check whether a group that seems empty only hides its members: without the permission to read the list,
//! the directory shows the group without it, as if it were empty (RFC 4511 section 4.5.2, MS-ADTS 3.1.1.4.4).

use crate::directory::connection::{Query, root_dse};
use crate::directory::error::DirectoryError;
use crate::directory::feed::objects::ldap::{LOGINS, MEMBERS, members};
use crate::directory::feed::server::{Pages, ServerLink};
use crate::directory::message::paging::whole;
use crate::directory::message::{Attributes, LdapFilter, code};
use crate::domain::dn::Dn;
use crate::domain::schema::Schema;

const WANTED: [&str; 4] = ["objectClass", MEMBERS[0], MEMBERS[1], LOGINS];
const SUBSCHEMA: &str = "subschemaSubentry";
/// RFC 4511 section 4.5.1.8.
const NOTHING: &[&str] = &["1.1"];

/// Checks the group itself, and the entries that name it as their group. The group was read before: if this
/// read differs, it changed meanwhile, and nothing is known.
pub(crate) async fn hides_members(link: &mut ServerLink, group: &Dn) -> Result<bool, DirectoryError> {
    let answer = link.ask(&Query::read(group.as_str(), &WANTED)).await?;
    if answer.result.rc != code::NO_SUCH_OBJECT {
        whole(&answer.result)?;
    }
    let object = answer.entries.first().ok_or_else(|| changed_meanwhile(group))?;
    if !members(object).is_empty() {
        return Err(changed_meanwhile(group));
    }
    // An empty name stands for "no member" in a class that must have one.
    if MEMBERS.iter().any(|list| object.all_with_options(list).next().is_some()) {
        return Ok(false);
    }
    let schema = link.directory.naming().schema;
    if schema == Schema::Rfc2307bis && requires_list(link, object).await? {
        return Ok(true);
    }
    has_members(link, group).await
}

fn changed_meanwhile(group: &Dn) -> DirectoryError {
    DirectoryError::Incomplete(format!("{group} changed while it was read"))
}

/// A group in OpenLDAP can't lose its list where its class requires one, as that of RFC 4519 section 3.5
/// does. 389-DS lets the last member leave.
async fn requires_list(link: &mut ServerLink, group: &Attributes) -> Result<bool, DirectoryError> {
    let dse = link.search(&root_dse(&["objectClass", SUBSCHEMA])).await?;
    let Some(dse) = dse.first() else { return Ok(false) };
    if !dse.texts("objectClass").any(|class| class.eq_ignore_ascii_case("OpenLDAProotDSE")) {
        return Ok(false);
    }
    let Some(subschema) = dse.names(SUBSCHEMA).pop() else { return Ok(true) };
    let schema = link.search(&Query::read(subschema.as_str(), &["objectClasses"])).await?;
    let definitions: Vec<&str> = schema.iter().flat_map(|schema| schema.texts("objectClasses")).collect();
    Ok(definitions.is_empty()
        || group
            .texts("objectClass")
            .any(|class| definitions.iter().any(|text| class_requires_list(text, class))))
}

/// Whether this defines the class (RFC 4512 section 4.1.1) and requires one of the lists.
fn class_requires_list(definition: &str, class: &str) -> bool {
    let named = definition.split(['(', ')', ' ', '$']).any(|word| {
        word.strip_prefix('\'')
            .and_then(|word| word.strip_suffix('\''))
            .is_some_and(|name| name.eq_ignore_ascii_case(class))
    });
    let Some((_, must)) = definition.split_once(" MUST ").filter(|_| named) else { return false };
    let must = must.trim_start();
    let names = match must.strip_prefix('(') {
        Some(list) => list.split(')').next(),
        None => must.split(' ').next(),
    };
    let mut names = names.unwrap_or_default().split('$').map(str::trim);
    names.any(|name| MEMBERS.iter().any(|list| name.eq_ignore_ascii_case(list)))
}

async fn has_members(link: &mut ServerLink, group: &Dn) -> Result<bool, DirectoryError> {
    let mut connection = link.take().await?;
    // With pages of one: Samba ignores size limits.
    let mut pages = Pages::new(&mut connection, LdapFilter::equals("memberOf", group.as_str()), NOTHING);
    while let Some(page) = pages.next(link, 1).await? {
        if !page.is_empty() {
            return Ok(true);
        }
    }
    link.give_back(connection);
    Ok(false)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_class_requires_a_list_or_not() {
        let names = "( 2.5.6.9 NAME 'groupOfNames' DESC 'RFC2256: a group of names (DNs)' SUP top STRUCTURAL \
             MUST ( member $ cn ) MAY ( businessCategory $ seeAlso ) )";
        assert!(class_requires_list(names, "GroupOfNames"));
        assert!(!class_requires_list(names, "groupOfUniqueNames"), "another class");
        let unique = "( 2.5.6.17 NAME ( 'groupOfUniqueNames' 'gun' ) MUST uniqueMember MAY cn )";
        assert!(class_requires_list(unique, "groupOfUniqueNames") && class_requires_list(unique, "gun"));
        let modest = "( 2.5.6.9 NAME 'groupOfNames' SUP top STRUCTURAL MUST cn MAY ( member $ owner ) )";
        assert!(!class_requires_list(modest, "groupOfNames"));
    }

    proptest! {
        #[test]
        fn no_definition_makes_the_reader_panic(text in "\\PC*", class in "[a-z]*") {
            let _ = class_requires_list(&text, &class);
            let _ = class_requires_list(&format!("'{class}' MUST {text}"), &class);
        }
    }
}
