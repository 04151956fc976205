-- The processes that serve, and which sealing keys each holds: a rotation of the sealing key waits for them.
CREATE TABLE nodes (
    id TEXT NOT NULL,
    host TEXT NOT NULL,
    sealing_keys TEXT NOT NULL,
    noted_at INTEGER NOT NULL,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;
