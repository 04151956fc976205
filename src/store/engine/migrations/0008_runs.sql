-- What a run tells of itself, what the guard holds, what an administrator has planned, and which directories rest.

ALTER TABLE runs ADD COLUMN feed TEXT;
ALTER TABLE runs ADD COLUMN server TEXT;
ALTER TABLE runs ADD COLUMN cursor_from TEXT;
ALTER TABLE runs ADD COLUMN cursor_to TEXT;
-- Why everything was read.
ALTER TABLE runs ADD COLUMN reason TEXT;
-- How far a long run has come, as JSON.
ALTER TABLE runs ADD COLUMN progress TEXT;
-- What to do about the error.
ALTER TABLE runs ADD COLUMN advice TEXT;
-- How often the same error has come in a row.
ALTER TABLE runs ADD COLUMN times INTEGER NOT NULL DEFAULT 1;
-- 1 where an administrator has looked at what it does: it is not counted by the guard.
ALTER TABLE runs ADD COLUMN approved INTEGER NOT NULL DEFAULT 0;
-- Of an undo: which run it undoes, and the change that it has come to.
ALTER TABLE runs ADD COLUMN undoes INTEGER;
ALTER TABLE runs ADD COLUMN undone_to INTEGER;

CREATE INDEX runs_by_directory ON runs (directory, id);

ALTER TABLE changes ADD COLUMN directory TEXT;

UPDATE changes SET directory = (SELECT runs.directory FROM runs WHERE runs.id = changes.run) WHERE run IS NOT NULL;

UPDATE changes SET directory = (SELECT accounts.directory FROM accounts WHERE accounts.id = changes.account)
    WHERE directory IS NULL;

CREATE INDEX changes_by_run ON changes (run, id);
-- What the guard counts, few among the many.
CREATE INDEX changes_that_take ON changes (directory, at) WHERE kind IN ('suspended', 'share_left');

-- Names and mails that accounts had once, so that their history is found by them.
CREATE TABLE former_names (
    name_key TEXT NOT NULL,
    account TEXT NOT NULL,
    PRIMARY KEY (name_key, account)
) STRICT, WITHOUT ROWID;

CREATE INDEX former_names_by_account ON former_names (account);

-- What the guard has held; `what` says as JSON what would be taken.
CREATE TABLE held (
    directory TEXT NOT NULL,
    entry TEXT NOT NULL,
    account TEXT NOT NULL,
    login_name TEXT NOT NULL,
    what TEXT NOT NULL,
    since INTEGER NOT NULL,
    run INTEGER,
    PRIMARY KEY (directory, entry)
) STRICT, WITHOUT ROWID;

CREATE INDEX held_by_account ON held (account);

-- A plan without counts was never finished.
CREATE TABLE plans (
    id INTEGER PRIMARY KEY,
    directory TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    settings_generation INTEGER NOT NULL,
    mirror_version INTEGER NOT NULL,
    counts TEXT,
    applied_at INTEGER
) STRICT;

CREATE INDEX plans_by_time ON plans (made_at);

CREATE TABLE plan_rows (
    plan INTEGER NOT NULL,
    seq INTEGER NOT NULL,
    entry TEXT NOT NULL,
    account TEXT,
    login_name TEXT NOT NULL,
    kind TEXT NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    why TEXT,
    PRIMARY KEY (plan, seq)
) STRICT, WITHOUT ROWID;

-- Directories whose sync waits until an administrator resumes it.
CREATE TABLE paused (
    directory TEXT NOT NULL,
    why TEXT NOT NULL,
    since INTEGER NOT NULL,
    PRIMARY KEY (directory)
) STRICT, WITHOUT ROWID;
