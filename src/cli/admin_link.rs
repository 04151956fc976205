//! `cloudsync-idp admin link`: a link into the admin panel that needs no directory; and who runs a command.

use std::io::IsTerminal;
use std::os::unix::fs::MetadataExt;

use anyhow::{Context, Result};
use serde::Serialize;

use super::output;
use crate::domain::admin::Actor;
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

/// What to do about links.
#[derive(Debug, clap::Args)]
pub struct Arguments {
    /// Create none: end the sessions that links have opened, and make unused links invalid
    #[arg(long)]
    end: bool,
}

/// Creates a link and prints it, or ends what links have opened.
pub async fn run(parts: &LoginParts, arguments: &Arguments, json: bool) -> Result<u8> {
    if arguments.end {
        let ended = link::end_all(parts, &Actor::command(os_user())).await?;
        match json {
            true => output::json(&serde_json::json!({ "ended": ended }))?,
            false => outln!("{ended} sessions ended; no unused link is valid any more"),
        }
        return Ok(0);
    }
    let made = link::make(parts, &os_user()).await?;
    if json {
        output::json(&LinkShape { url: &made.url, good_until: timestamp(made.expires_at) })?;
        return Ok(0);
    }
    print(&made);
    Ok(0)
}

/// At the start of the server, if nobody could enter the panel otherwise: creates a link for the person at the
/// terminal. Without a terminal, standard output is collected and kept like a log, so only the command is
/// named.
pub async fn at_start(parts: &LoginParts) -> Result<()> {
    if parts.current().settings.names_owners() {
        return Ok(());
    }
    if !std::io::stdout().is_terminal() || link::is_waiting(parts).await? {
        tracing::info!(
            "no group gives anybody a role in the admin panel; to enter it, run: cloudsync-idp admin link"
        );
        return Ok(());
    }
    let made = link::make(parts, &os_user()).await.context("a link to the admin panel can't be created")?;
    outln!("No group of a directory gives anybody a role in the admin panel (admin_groups). To enter it:");
    print(&made);
    Ok(())
}

fn print(made: &BreakGlassLink) {
    outln!("  {}", made.url);
    outln!(
        "  good until: {}, once; earlier links, and sessions of used ones, end",
        timestamp(made.expires_at)
    );
    outln!("  Whoever opens it is an owner. It is recorded in the audit log.");
}

/// Who runs this command, as the system knows it: the owner of the process, and the user who has logged in, if
/// that is another one. What the environment says of sudo is only a hint.
pub(super) fn os_user() -> String {
    let host = std::fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let users = std::fs::read_to_string("/etc/passwd").unwrap_or_default();
    let owner = std::fs::metadata("/proc/self").map(|own| own.uid()).ok();
    let login = std::fs::read_to_string("/proc/self/loginuid").ok().and_then(|id| id.trim().parse().ok());
    let sudo = std::env::var("SUDO_USER").ok().filter(|name| !name.is_empty());
    plain(&described(&users, host.trim(), owner, login, sudo.as_deref()))
}

fn described(users: &str, host: &str, owner: Option<u32>, login: Option<u32>, sudo: Option<&str>) -> String {
    let name = |id: u32| named(users, id).unwrap_or_else(|| format!("uid {id}"));
    let mut text = format!("{}@{host}", owner.map_or_else(|| "unknown".to_owned(), name));
    let login = login.filter(|id| *id != NOBODY_LOGGED_IN && Some(*id) != owner);
    let hints = [login.map(|id| format!("login: {}", name(id))), sudo.map(|name| format!("sudo: {name}"))];
    let hints: Vec<String> = hints.into_iter().flatten().collect();
    if !hints.is_empty() {
        text += &format!(" ({})", hints.join(", "));
    }
    text
}

/// The login id of a process that nobody's login has started (audit(7)).
const NOBODY_LOGGED_IN: u32 = u32::MAX;

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
    fn the_owner_of_the_process_comes_first_and_the_environment_last() {
        let users = "root:x:0:0::/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n";
        for (owner, login, sudo, text) in [
            (Some(0), None, None, "root@idp"),
            (Some(0), Some(NOBODY_LOGGED_IN), None, "root@idp"),
            (Some(0), Some(0), None, "root@idp"),
            (Some(0), Some(1000), Some("bob"), "root@idp (login: alice, sudo: bob)"),
            (Some(1000), None, Some("root"), "alice@idp (sudo: root)"),
            (Some(7), None, None, "uid 7@idp"),
            (None, None, None, "unknown@idp"),
        ] {
            assert_eq!(described(users, "idp", owner, login, sudo), text);
        }
    }

    #[test]
    fn a_name_is_short_and_printable() {
        assert_eq!(plain("ro\u{1b}[31mot@h\n"), "ro[31mot@h");
        assert_eq!(plain(&"x".repeat(200)).len(), LONGEST);
    }
}
