//! `explain NAME --shares`: the groups that lead to each Team Share, as text and as JSON.

use serde_json::Value;

use super::process::Installation;
use crate::support::provider::CLIENT;
use crate::support::subtree::Subtree;

fn mapping(group: &str, team_share: &str) -> String {
    format!("[[team_shares]]\ndirectory = \"corp\"\ngroup = {group:?}\nteam_share = {team_share:?}\n")
}

#[test]
fn explain_shows_the_shortest_way_to_each_share_and_mismatches() {
    for subtree in [Subtree::ad(), Subtree::ldap()] {
        let (alice, other) = (subtree.person(), subtree.person());
        let inner = subtree.group(&[&alice.dn]);
        let middle = subtree.group(&[&inner]);
        let outer = subtree.group(&[&middle, &inner]);
        let finance = subtree.group(&[&other.dn]);
        let idp = Installation::new();
        let mapped = mapping(&outer, "Marketing") + &mapping(&middle, "Press") + &mapping(&finance, "Books");
        idp.apply(&format!("{CLIENT}{}{mapped}", subtree.settings(&subtree.unit, "")));
        assert_eq!(idp.run(&["sync"]).status, Some(0));
        let ran = idp.run(&["explain", &alice.account, "--shares"]);
        assert_eq!(ran.status, Some(0), "{ran:?}");
        let out = ran.out.to_lowercase();
        let (alice_dn, inner, middle, outer, finance) = (&alice.dn, &inner, &middle, &outer, &finance);
        let way = format!("  {alice_dn}\n    is in {inner}\n      is in {outer}\n").to_lowercase();
        assert!(out.contains(&way), "the shorter of two ways: {}", ran.out);
        assert!(out.contains(&format!("      is in {middle}\n").to_lowercase()), "{}", ran.out);
        assert!(
            out.contains(&format!("  books: {finance}: not a member of it\n").to_lowercase()),
            "{}",
            ran.out
        );

        let json = idp.run(&["explain", &alice.account, "--shares", "--json"]);
        let json: Value = serde_json::from_str(&json.out).expect("JSON");
        assert_eq!(json["in_scope"], true, "{json}");
        let names: Vec<&str> = json["team_shares"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|share| share["team_share"].as_str())
            .collect();
        assert_eq!(names, ["Marketing", "Press"]);
        assert_eq!(json["team_shares"][0]["chain"].as_array().map(Vec::len), Some(2), "{json}");
        assert_eq!(json["not_matched"][0]["team_share"], "Books");

        let nobody = idp.run(&["explain", "nobody-at-all", "--shares"]);
        assert_eq!((nobody.status, nobody.out.as_str()), (Some(1), ""));
        assert!(nobody.err.contains("no entry has this name"), "{}", nobody.err);
    }
}
