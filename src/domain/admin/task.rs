//! Long work that an admin has started: it goes on without the browser, on any node, and another node continues
//! it if its own stops.

use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, SECOND};

/// How often a node says that it still works on a task.
pub const TASK_BEAT: Millis = SECOND;
/// How long a node may be silent before another one continues its task.
pub const TASK_ABANDONED: Millis = 15 * SECOND;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum $name {
            $($(#[$each])* $variant,)*
        }

        impl $name {
            /// The value in the store.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $word,)*
                }
            }

            /// Parses the stored value.
            #[must_use]
            pub fn parse(word: &str) -> Option<Self> {
                [$(Self::$variant),*].into_iter().find(|one| one.as_str() == word)
            }
        }
    };
}

words! {
    /// What a task does.
    TaskKind {
        /// Fills the mirror, without scope and without judging anybody.
        Read = "read",
        Plan = "plan",
        ApplyPlan = "apply_plan",
        Sync = "sync",
        Revert = "revert",
        Export = "export",
    }
}

words! {
    /// How far a task is.
    TaskState {
        /// No node has taken it yet.
        Waiting = "waiting",
        Running = "running",
        Done = "done",
        Failed = "failed",
        /// An admin has stopped it.
        Stopped = "stopped",
    }
}

impl TaskState {
    /// True if nothing follows.
    #[must_use]
    pub fn is_over(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Stopped)
    }
}

/// A task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AdminTask {
    pub id: String,
    pub kind: TaskKind,
    /// Of one kind and directory, one task at a time.
    pub directory: DirectoryId,
    /// What it needs to know, as JSON.
    pub order: String,
    /// Who asked for it, as in the audit log.
    pub by: String,
    pub state: TaskState,
    /// True if somebody has asked to stop it.
    pub stop_asked: bool,
    /// The node that works on it.
    pub node: Option<String>,
    /// When that node was heard last.
    pub heartbeat: Option<Millis>,
    /// How far it is, as JSON.
    pub progress: Option<String>,
    /// What came out, as JSON.
    pub result: Option<String>,
    pub made_at: Millis,
    pub ended_at: Option<Millis>,
}

impl AdminTask {
    /// True if nobody works on it, so that a node may take it.
    #[must_use]
    pub fn is_free(&self, now: Millis) -> bool {
        !self.state.is_over() && self.heartbeat.is_none_or(|heard| now - heard >= TASK_ABANDONED)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_task_is_free_until_it_is_taken_and_when_its_node_is_silent() {
        let task = |state, heartbeat| AdminTask {
            id: "t".into(),
            kind: TaskKind::Sync,
            directory: DirectoryId("corp".into()),
            order: "{}".into(),
            by: "account a".into(),
            state,
            stop_asked: false,
            node: None,
            heartbeat,
            progress: None,
            result: None,
            made_at: 0,
            ended_at: None,
        };
        for (state, heartbeat, now, free) in [
            (TaskState::Waiting, None, 0, true),
            (TaskState::Running, Some(0), TASK_ABANDONED - 1, false),
            (TaskState::Running, Some(0), TASK_ABANDONED, true),
            (TaskState::Done, Some(0), TASK_ABANDONED, false),
            (TaskState::Stopped, None, 0, false),
        ] {
            assert_eq!(task(state, heartbeat).is_free(now), free, "{state:?} {heartbeat:?} {now}");
        }
        assert_eq!(TaskKind::parse("apply_plan"), Some(TaskKind::ApplyPlan));
        assert_eq!(TaskState::parse("other"), None);
    }
}
