//! Who runs a command, for the audit log.

use std::os::unix::fs::MetadataExt;

use crate::domain::admin::Actor;

/// No name is longer.
const LONGEST: usize = 100;

/// The user of the server who runs this command.
pub(super) fn actor() -> Actor {
    Actor::command(os_user())
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
