//! Long work that an admin has started: it goes on without the browser, on any node, and another node continues
//! it if its own stops.

use serde::{Deserialize, Serialize};

use super::{Capability, Role};
use crate::domain::entry::DirectoryId;
use crate::domain::{Millis, SECOND};

/// How often a node says that it still works on a task.
pub const TASK_BEAT: Millis = SECOND;
/// How long a node may be silent before another one continues its task.
pub const TASK_ABANDONED: Millis = 15 * SECOND;
/// How often a task is taken: one at which nodes die is given up.
pub const TASK_TAKEN: i64 = 4;

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$each:meta])* $variant:ident = $word:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        #[serde(rename_all = "snake_case")]
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
        ReadDirectory = "read_directory",
        Plan = "plan",
        ApplyPlan = "apply_plan",
        Sync = "sync",
        SyncPerson = "sync_person",
        /// Takes from held people what they would lose.
        ApproveHeld = "approve_held",
        Revert = "revert",
    }
}

/// How many tasks may wait or run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskRoom {
    /// Of one admin.
    pub own: i64,
    /// Of all.
    pub in_all: i64,
}

impl TaskKind {
    /// True if it is done within seconds: many of them may wait, and they come after everything else.
    #[must_use]
    pub const fn is_small(self) -> bool {
        matches!(self, Self::SyncPerson)
    }

    /// How many like it may wait or run: small ones and the others are counted apart, so that neither takes the
    /// room of the other.
    #[must_use]
    pub const fn room(self) -> TaskRoom {
        if self.is_small() { TaskRoom { own: 200, in_all: 1_000 } } else { TaskRoom { own: 20, in_all: 200 } }
    }
}

/// What a task is to do, with all that it needs to know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TaskOrder {
    ReadDirectory,
    Plan,
    ApplyPlan {
        plan: i64,
    },
    Sync,
    SyncPerson {
        /// The id of the account.
        account: String,
    },
    ApproveHeld {
        /// Who is held, as the admin has seen it.
        seen: Vec<String>,
    },
    Revert {
        run: i64,
    },
}

impl TaskOrder {
    /// The kind of task.
    #[must_use]
    pub const fn kind(&self) -> TaskKind {
        match self {
            Self::ReadDirectory => TaskKind::ReadDirectory,
            Self::Plan => TaskKind::Plan,
            Self::ApplyPlan { .. } => TaskKind::ApplyPlan,
            Self::Sync => TaskKind::Sync,
            Self::SyncPerson { .. } => TaskKind::SyncPerson,
            Self::ApproveHeld { .. } => TaskKind::ApproveHeld,
            Self::Revert { .. } => TaskKind::Revert,
        }
    }

    /// What is needed to order it.
    #[must_use]
    pub const fn capability(&self) -> Capability {
        match self {
            Self::ReadDirectory | Self::Plan | Self::Sync => Capability::RunSync,
            Self::SyncPerson { .. } => Capability::SyncPerson,
            Self::ApplyPlan { .. } | Self::ApproveHeld { .. } => Capability::DecideHeld,
            Self::Revert { .. } => Capability::RevertRun,
        }
    }

    /// What it is about, within the directory. Of one kind, directory and subject, one task at a time: a second
    /// order joins it.
    #[must_use]
    pub fn subject(&self) -> String {
        match self {
            Self::ReadDirectory | Self::Plan | Self::Sync => String::new(),
            Self::ApplyPlan { plan } => plan.to_string(),
            Self::SyncPerson { account } => account.clone(),
            Self::ApproveHeld { seen } => seen.join(" "),
            Self::Revert { run } => run.to_string(),
        }
    }
}

words! {
    /// How far a task is.
    TaskState {
        /// No node has begun it yet.
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
    pub directory: DirectoryId,
    /// [`TaskOrder`] as JSON.
    pub order: String,
    /// Who asked for it, as in the audit log.
    pub by: String,
    /// The role in which it was asked for.
    pub role: Option<Role>,
    /// How often a node has taken it.
    pub taken: i64,
    pub state: TaskState,
    /// True if somebody has asked to stop it.
    pub stop_asked: bool,
    /// The node that works on it.
    pub node: Option<String>,
    /// When that node was heard last.
    pub heartbeat: Option<Millis>,
    /// The run of the sync that it has begun; `None` while it waits for another one.
    pub run: Option<i64>,
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
            role: None,
            taken: 0,
            state,
            stop_asked: false,
            node: None,
            heartbeat,
            run: None,
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
        assert!(TaskKind::SyncPerson.is_small() && !TaskKind::Sync.is_small());
        assert_eq!(TaskKind::parse("apply_plan"), Some(TaskKind::ApplyPlan));
        assert_eq!(TaskState::parse("other"), None);
    }

    #[test]
    fn an_order_is_read_as_it_was_written_and_joins_one_about_the_same() {
        let person = |account: &str| TaskOrder::SyncPerson { account: account.into() };
        for (order, json) in [
            (TaskOrder::Sync, r#"{"kind":"sync"}"#),
            (TaskOrder::Revert { run: 7 }, r#"{"kind":"revert","run":7}"#),
            (person("a"), r#"{"kind":"sync_person","account":"a"}"#),
        ] {
            assert_eq!(serde_json::to_string(&order).expect("it is written"), json);
            assert_eq!(serde_json::from_str::<TaskOrder>(json).expect("it reads"), order);
        }
        assert_eq!(person("a").subject(), person("a").subject());
        assert_ne!(person("a").subject(), person("b").subject());
        assert_eq!(TaskOrder::Sync.subject(), "");
    }
}
