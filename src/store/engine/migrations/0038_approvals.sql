-- What an admin can't do alone: requests to another owner. The order is sealed, and gone once it was decided.
CREATE TABLE approvals (
    id TEXT NOT NULL,
    kind TEXT,
    content BLOB,
    generation INTEGER NOT NULL,
    state TEXT NOT NULL,
    asked_by TEXT NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role TEXT NOT NULL,
    why TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    decided_by TEXT,
    decided_at INTEGER,
    reason TEXT,
    PRIMARY KEY (id)
) STRICT, WITHOUT ROWID;

CREATE INDEX approvals_by_account ON approvals (asked_by);
CREATE INDEX approvals_by_age ON approvals (made_at);
