-- What an admin has typed and not saved yet: sealed, for some minutes, of one owner. What is typed for the connection to a
-- directory has the report of its test. What was kept before has to be typed again.
DROP TABLE admin_drafts;

DROP TABLE connection_drafts;

CREATE TABLE admin_drafts (
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    path TEXT NOT NULL,
    content BLOB NOT NULL,
    report TEXT,
    reported_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX admin_drafts_by_owner ON admin_drafts (owner);
