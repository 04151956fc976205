-- The chain over the audit log. Events with a bucket are counted in place and have no link.
CREATE TABLE audit_chain (
    seq INTEGER NOT NULL,
    event INTEGER NOT NULL,
    kept_until INTEGER NOT NULL,
    digest BLOB NOT NULL,
    mac BLOB NOT NULL,
    PRIMARY KEY (seq)
) STRICT, WITHOUT ROWID;

CREATE UNIQUE INDEX audit_chain_by_event ON audit_chain (event);

-- 'first' is the last of the removed links, 'last' the newest one.
CREATE TABLE audit_chain_ends (
    name TEXT NOT NULL,
    seq INTEGER NOT NULL,
    mac BLOB NOT NULL,
    proof BLOB NOT NULL,
    PRIMARY KEY (name)
) STRICT, WITHOUT ROWID;

-- What a check of the chain has found; without `finished_at` it was asked for and has not been made.
CREATE TABLE audit_checks (
    asked_at INTEGER NOT NULL,
    finished_at INTEGER,
    events INTEGER,
    waiting INTEGER,
    problem TEXT,
    PRIMARY KEY (asked_at)
) STRICT, WITHOUT ROWID;

-- What the charts of the panel show, an hour each: counted events of the audit log, and measured values.
CREATE TABLE audit_hours (
    hour INTEGER NOT NULL,
    decision TEXT NOT NULL,
    cause TEXT NOT NULL,
    times INTEGER NOT NULL,
    PRIMARY KEY (hour, decision, cause)
) STRICT, WITHOUT ROWID;

CREATE TABLE measured_hours (
    hour INTEGER NOT NULL,
    measure TEXT NOT NULL,
    label TEXT NOT NULL,
    value INTEGER NOT NULL,
    PRIMARY KEY (hour, measure, label)
) STRICT, WITHOUT ROWID;
