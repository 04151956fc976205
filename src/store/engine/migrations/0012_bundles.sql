-- The support bundle that was written by itself, once a directory. Without a place it is being written, or was in vain.

CREATE TABLE bundles (
    directory TEXT NOT NULL,
    place TEXT,
    made_at INTEGER NOT NULL,
    PRIMARY KEY (directory)
) STRICT, WITHOUT ROWID;
