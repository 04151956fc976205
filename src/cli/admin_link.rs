//! `cloudsync-idp admin link`: a link into the admin panel that needs no directory; and who runs a command.

use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use serde::Serialize;

use super::output;
use crate::domain::timestamp;
use crate::flow::admin::link::{self, BreakGlassLink};
use crate::flow::installation::context::LoginParts;

/// No name is longer.
const LONGEST: usize = 100;

/// A link as JSON.
#[derive(Serialize)]
struct LinkShape<'a> {
    url: &'a str,
    good_until: String,
}

/// Creates a link and prints it.
pub async fn run(parts: &LoginParts, json: bool) -> Result<u8> {
    let made = link::make(parts, &os_user()).await?;
    if json {
        output::json(&LinkShape { url: &made.url, good_until: timestamp(made.expires_at) })?;
        return Ok(0);
    }
    print(&made);
    Ok(0)
}

/// Creates a link at the start of the server if nobody could enter the panel otherwise. It goes to standard
/// output: the log is often sent elsewhere.
pub async fn print_if_needed(parts: &LoginParts) -> Result<()> {
    if link::is_needed(&parts.current().settings) {
        let made =
            link::make(parts, &os_user()).await.context("a link to the admin panel can't be created")?;
        outln!(
            "No group of a directory gives anybody a role in the admin panel (admin_groups). To enter it:"
        );
        print(&made);
    }
    Ok(())
}

fn print(made: &BreakGlassLink) {
    outln!("  {}", made.url);
    outln!("  good until: {}, once; earlier links that were not used are void", timestamp(made.expires_at));
    outln!("  Whoever opens it is an owner. It is recorded in the audit log.");
}

/// The user who runs this command, with the machine: behind sudo, the one who called it.
fn os_user() -> String {
    let called = std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty());
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let name = called.unwrap_or_else(own_name);
    plain(&format!("{name}@{}", host.trim()))
}

/// The owner of this process, by name if the machine knows one.
fn own_name() -> String {
    let Ok(owner) = std::fs::metadata("/proc/self").map(|own| own.uid()) else { return "unknown".to_owned() };
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    named(&users, owner).unwrap_or_else(|| format!("uid {owner}"))
}

fn named(users: &str, id: u32) -> Option<String> {
    let of = |line: &str| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)?.parse() == Ok(id)).then(|| name.to_owned())
    };
    users.lines().find_map(of)
}

/// Printable and short: it goes to the audit log and to pages.
fn plain(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_user_is_named_by_the_list_of_users() {
        let users =
            "root:x:0:0:root:/root:/bin/bash\nbroken\nidp:x:998:997::/var/lib/idp:/usr/sbin/nologin\n";
        assert_eq!(named(users, 998).as_deref(), Some("idp"));
        assert_eq!(named(users, 0).as_deref(), Some("root"));
        assert_eq!(named(users, 997), None);
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(plain("ro\u{1b}[31mot@h\n"), "ro[31mot@h");
        assert_eq!(plain(&"x".repeat(200)).len(), LONGEST);
    }
}
