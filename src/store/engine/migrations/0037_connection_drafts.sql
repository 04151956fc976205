-- What an admin has typed for the connection to a directory: sealed, for some minutes, with the report of its test.
CREATE TABLE connection_drafts (
    id TEXT NOT NULL,
    owner TEXT NOT NULL,
    content BLOB NOT NULL,
    report TEXT,
    reported_at INTEGER NOT NULL,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX connection_drafts_by_owner ON connection_drafts (owner);
