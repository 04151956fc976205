//! Freeze, resume and kill the processes of a server. `kill` only sends a signal, which takes effect a little
//! later; on a busy machine a "frozen" server responds a few times more. So each function waits for the
//! effect.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

/// Which processes.
pub enum Processes {
    One(String),
    Group(String),
}

impl Processes {
    /// Stops every thread.
    pub fn freeze(&self) {
        self.signal("-STOP");
        self.wait("frozen", |state| matches!(state, 'T' | 't' | 'Z' | 'X'));
    }

    /// Ends [`Processes::freeze`].
    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    /// kill -9.
    pub fn kill(&self) {
        self.signal("-KILL");
        self.wait("dead", |state| matches!(state, 'Z' | 'X'));
    }

    /// True if none runs any more; a zombie does not.
    pub fn are_gone(&self) -> bool {
        self.threads().into_iter().all(|state| matches!(state, 'Z' | 'X'))
    }

    fn signal(&self, name: &str) {
        let target = match self {
            Self::One(pid) => pid.clone(),
            Self::Group(group) => format!("-{group}"),
        };
        let sent = Command::new("kill").args([name, "--", &target]).status();
        assert!(sent.is_ok_and(|status| status.success()), "kill {name} {target}");
    }

    fn wait(&self, what: &str, so: impl Fn(char) -> bool) {
        let end = Instant::now() + Duration::from_secs(30);
        while !self.threads().into_iter().all(&so) {
            assert!(Instant::now() < end, "waited in vain: {what}");
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// The state of each thread (proc(5)); a process that is gone has none.
    fn threads(&self) -> Vec<char> {
        let folders = match self {
            Self::One(pid) => vec![PathBuf::from(format!("/proc/{pid}"))],
            Self::Group(group) => {
                let of_group = |folder: &PathBuf| stat(folder).is_some_and(|(_, its)| its == *group);
                entries("/proc".into()).filter(of_group).collect()
            }
        };
        let threads = folders.into_iter().flat_map(|folder| entries(folder.join("task")));
        threads.filter_map(|thread| stat(&thread)).map(|(state, _)| state).collect()
    }
}

fn entries(folder: PathBuf) -> impl Iterator<Item = PathBuf> {
    std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path())
}

/// State and process group: the first and the third field after the name, which is in brackets and may
/// contain anything.
fn stat(folder: &std::path::Path) -> Option<(char, String)> {
    let stat = std::fs::read_to_string(folder.join("stat")).ok()?;
    let mut fields = stat.rsplit_once(')')?.1.split_whitespace();
    let state = fields.next()?.chars().next()?;
    Some((state, fields.nth(1)?.to_owned()))
}
