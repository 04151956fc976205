//! Build search filters (RFC 4515) from values; the only place that escapes them. The only raw filter text is
//! the administrator's, and it must parse as one complete filter; what a person types is only ever used as a
//! value.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use ldap3::asn1::{ASNTag, PL, StructureTag};

/// A search filter. Attribute names are constants; values may be anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LdapFilter(String);

impl LdapFilter {
    pub(crate) fn equals(attribute: &'static str, value: &str) -> Self {
        Self::equals_bytes(attribute, value.as_bytes())
    }

    /// `(attribute=value)` for a binary value such as objectGUID.
    pub(crate) fn equals_bytes(attribute: &'static str, value: &[u8]) -> Self {
        let mut text = String::with_capacity(attribute.len() + value.len() + 3);
        text.push('(');
        text.push_str(attribute);
        text.push('=');
        escape_into(&mut text, value);
        text.push(')');
        Self(text)
    }

    pub(crate) fn present(attribute: &'static str) -> Self {
        Self(format!("({attribute}=*)"))
    }

    pub(crate) fn at_least(attribute: &'static str, number: i64) -> Self {
        Self(format!("({attribute}>={number})"))
    }

    /// True when all filters are.
    pub(crate) fn all(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::join('&', filters)
    }

    /// True when one filter is.
    pub(crate) fn any(filters: impl IntoIterator<Item = Self>) -> Self {
        Self::join('|', filters)
    }

    /// True when the filter is not.
    pub(crate) fn not(filter: &Self) -> Self {
        Self(format!("(!{})", filter.0))
    }

    fn join(operator: char, filters: impl IntoIterator<Item = Self>) -> Self {
        let mut text = format!("({operator}");
        filters.into_iter().for_each(|filter| text.push_str(&filter.0));
        text.push(')');
        Self(text)
    }

    /// The string form, for the LDAP library.
    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// The filter that an administrator adds to a sync scope.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtraFilter(LdapFilter);

/// Whether a change of a group can change which people match a filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GroupDependency {
    None,
    /// People who join or leave the group may match now, or no longer.
    Direct,
    /// So may everyone in a nested group that joins or leaves.
    Nested,
}

/// LDAP_MATCHING_RULE_TRANSITIVE_EVAL (MS-ADTS 3.1.1.3.4.4.3).
const IN_CHAIN: &str = "1.2.840.113556.1.4.1941";

/// The text is not an LDAP filter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an LDAP filter")]
pub struct NoFilter;

impl ExtraFilter {
    // RFC 4515 section 3: filter = LPAREN filtercomp RPAREN. The LDAP library accepts missing parentheses,
    // but then the text could not be embedded in another filter.
    /// Parses one complete filter in its string form.
    pub fn parse(text: &str) -> Result<Self, NoFilter> {
        let whole = text.starts_with('(') && text.ends_with(')') && ldap3::parse_filter(text).is_ok();
        whole.then(|| Self(LdapFilter(text.to_owned()))).ok_or(NoFilter)
    }

    /// The attributes that the filter uses, without options, in lower case.
    pub(crate) fn attributes(&self) -> BTreeSet<String> {
        let mut found = BTreeSet::new();
        if let Ok(filter) = ldap3::parse_filter(&self.0.0) {
            collect_attributes(filter.into_structure(), &mut found);
        }
        found
    }

    /// How the filter depends on a person's groups.
    pub(crate) fn group_dependency(&self) -> GroupDependency {
        if !self.attributes().contains("memberof") {
            GroupDependency::None
        } else if self.0.0.contains(IN_CHAIN) {
            GroupDependency::Nested
        } else {
            GroupDependency::Direct
        }
    }

    /// This filter and `filter` combined.
    pub(crate) fn and(&self, filter: LdapFilter) -> LdapFilter {
        LdapFilter::all([filter, self.0.clone()])
    }
}

// RFC 4511 section 4.5.1: and, or and not contain filters; present is a name; an extensible match has the
// name as [2]; the others begin with the name.
fn collect_attributes(filter: StructureTag, found: &mut BTreeSet<String>) {
    let mut add = |name: Vec<u8>| {
        let name = String::from_utf8_lossy(&name).to_ascii_lowercase();
        found.insert(name.split(';').next().unwrap_or_default().to_owned());
    };
    match (filter.id, filter.payload) {
        (7, PL::P(name)) => add(name),
        (0..=2, PL::C(parts)) => parts.into_iter().for_each(|part| collect_attributes(part, found)),
        (9, PL::C(parts)) => {
            let named = parts.into_iter().find(|part| part.id == 2);
            named.and_then(StructureTag::expect_primitive).into_iter().for_each(add);
        }
        (_, PL::C(parts)) => {
            parts.into_iter().next().and_then(StructureTag::expect_primitive).into_iter().for_each(add);
        }
        (_, PL::P(_)) => {}
    }
}

/// RFC 4515 section 3 requires it for NUL, `(`, `)`, `*` and `\`, and allows it for every byte: every byte
/// that is not known to be harmless is written as `\xx`.
fn escape_into(text: &mut String, value: &[u8]) {
    for byte in value {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_' | b'@' => {
                text.push(char::from(*byte))
            }
            other => {
                let _ = write!(text, "\\{other:02x}");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// The only equality of a filter as the LDAP library will encode it: context tag 3 of two octet strings.
    fn single_equality(filter: &LdapFilter) -> Option<(Vec<u8>, Vec<u8>)> {
        let StructureTag { id: 3, payload: PL::C(parts), .. } =
            ldap3::parse_filter(filter.as_str()).ok()?.into_structure()
        else {
            return None;
        };
        match <[StructureTag; 2]>::try_from(parts).ok()? {
            [StructureTag { payload: PL::P(attribute), .. }, StructureTag { payload: PL::P(value), .. }] => {
                Some((attribute, value))
            }
            _ => None,
        }
    }

    #[test]
    fn filter_syntax_in_a_value_is_escaped() {
        let table = [
            ("alice", "(uid=alice)"),
            ("*", "(uid=\\2a)"),
            ("a)(uid=*", "(uid=a\\29\\28uid\\3d\\2a)"),
            ("zo\u{eb}\\\0", "(uid=zo\\c3\\ab\\5c\\00)"),
        ];
        for (value, expected) in table {
            assert_eq!(LdapFilter::equals("uid", value).as_str(), expected);
        }
    }

    #[test]
    fn filters_nest() {
        let both = LdapFilter::all([
            LdapFilter::present("cn"),
            LdapFilter::any([LdapFilter::equals("uid", "a"), LdapFilter::equals("mail", "b")]),
        ]);
        assert_eq!(both.as_str(), "(&(cn=*)(|(uid=a)(mail=b)))");
        assert!(ldap3::parse_filter(both.as_str()).is_ok());
    }

    #[test]
    fn the_attributes_of_a_filter_are_known() {
        let table = [
            ("(mail=*)", vec!["mail"]),
            (
                "(&(Department=IT)(!(|(title=x*y)(employeeNumber>=7))))",
                vec!["department", "employeenumber", "title"],
            ),
            ("(userAccountControl:1.2.840.113556.1.4.803:=2)", vec!["useraccountcontrol"]),
            ("(cn;lang-en~=a)", vec!["cn"]),
            ("(:dn:2.5.13.5:=a)", vec![]),
        ];
        for (text, expected) in table {
            let found = ExtraFilter::parse(text).expect(text).attributes();
            assert_eq!(found.iter().map(String::as_str).collect::<Vec<_>>(), expected, "{text}");
        }
    }

    #[test]
    fn filters_by_group_are_known() {
        let looks = |text: &str| ExtraFilter::parse(text).expect(text).group_dependency();
        assert_eq!(looks("(mail=memberOf)"), GroupDependency::None);
        assert_eq!(looks("(!(MemberOf=CN=g,DC=x))"), GroupDependency::Direct);
        assert_eq!(looks("(memberOf:1.2.840.113556.1.4.1941:=CN=g,DC=x)"), GroupDependency::Nested);
    }

    #[test]
    fn an_extra_filter_is_one_whole_filter() {
        for right in [
            "(employeeType=internal)",
            "(!(employeeType=external))",
            "(&(a=b)(|(c=d)(e=*f*)))",
            "(a:1.2.840.113556.1.4.803:=2)",
        ] {
            let both = ExtraFilter::parse(right).expect(right).and(LdapFilter::present("cn"));
            assert_eq!(both.as_str(), format!("(&(cn=*){right})"));
            assert!(ldap3::parse_filter(both.as_str()).is_ok());
        }
        for wrong in [
            "",
            "employeeType=internal",
            "(a=b)(c=d)",
            "(a=b",
            "a=b)",
            "(a=b))((c=d)",
            "()",
            "(&)x",
            "(a=b) ",
            "(a=\\zz)",
        ] {
            assert_eq!(ExtraFilter::parse(wrong), Err(NoFilter), "{wrong}");
        }
    }

    proptest! {
        /// An accepted filter ends where its text ends: it can't cancel a condition beside it.
        #[test]
        fn no_extra_filter_reaches_beyond_itself(text in "[(][()&|!a-c=*\\\\ ]{0,24}[)]") {
            if let Ok(extra) = ExtraFilter::parse(&text) {
                let _ = extra.attributes();
                let both = ldap3::parse_filter(extra.and(LdapFilter::equals("uid", "x")).as_str()).expect("a filter");
                let StructureTag { id: 0, payload: PL::C(parts), .. } = both.into_structure() else {
                    panic!("not both: {text}");
                };
                prop_assert_eq!(parts.len(), 2);
            }
        }

        #[test]
        fn any_text_is_exactly_one_equality_on_that_value(value in any::<String>()) {
            let parsed = single_equality(&LdapFilter::equals("sAMAccountName", &value));
            prop_assert_eq!(parsed, Some((b"sAMAccountName".to_vec(), value.into_bytes())));
        }

        #[test]
        fn any_bytes_are_exactly_one_equality_on_that_value(value: Vec<u8>) {
            let parsed = single_equality(&LdapFilter::equals_bytes("objectGUID", &value));
            prop_assert_eq!(parsed, Some((b"objectGUID".to_vec(), value)));
        }
    }
}
