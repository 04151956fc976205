-- Since when a person is active, or inactive, at a service.
ALTER TABLE deliveries ADD COLUMN active INTEGER;
ALTER TABLE deliveries ADD COLUMN active_since INTEGER;

-- What attempts have sent, one row for each attempt. There is no reference to the account: the deletion of an erased one stays.
CREATE TABLE delivery_log (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    target TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    action TEXT NOT NULL,
    attributes TEXT NOT NULL,
    joined INTEGER NOT NULL,
    departed INTEGER NOT NULL,
    ending TEXT NOT NULL,
    words TEXT
) STRICT;

CREATE INDEX delivery_log_at ON delivery_log (at);
CREATE INDEX delivery_log_target ON delivery_log (target, id);
CREATE INDEX delivery_log_subject ON delivery_log (kind, subject, id);

-- The list of a service while it is compared: what each resource says of itself is sealed, and all of it is removed at the end.
CREATE TABLE delivery_listed (
    target TEXT NOT NULL,
    run TEXT NOT NULL,
    kind TEXT NOT NULL,
    remote_id TEXT NOT NULL,
    at INTEGER NOT NULL,
    external_id TEXT,
    name TEXT,
    name_key TEXT,
    content BLOB NOT NULL,
    claimed INTEGER NOT NULL,
    PRIMARY KEY (target, run, kind, remote_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_listed_external ON delivery_listed (target, run, kind, external_id);
CREATE INDEX delivery_listed_name ON delivery_listed (target, run, kind, name_key);
CREATE INDEX delivery_listed_at ON delivery_listed (at);

-- Who differs, until the comparison is shown.
CREATE TABLE delivery_findings (
    target TEXT NOT NULL,
    run TEXT NOT NULL,
    finding TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    at INTEGER NOT NULL,
    name TEXT NOT NULL,
    remote_id TEXT,
    attributes TEXT NOT NULL,
    joining INTEGER NOT NULL,
    leaving INTEGER NOT NULL,
    words TEXT,
    wished INTEGER,
    learned TEXT,
    PRIMARY KEY (target, run, finding, kind, subject)
) STRICT, WITHOUT ROWID;

CREATE INDEX delivery_findings_at ON delivery_findings (at);

-- The newest comparison of each service, with its numbers or why it failed.
CREATE TABLE delivery_comparisons (
    target TEXT NOT NULL,
    begun_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    fixed INTEGER NOT NULL,
    numbers TEXT,
    failed TEXT,
    PRIMARY KEY (target)
) STRICT, WITHOUT ROWID;
